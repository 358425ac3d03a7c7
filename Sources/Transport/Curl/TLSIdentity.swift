/// Whose certificates are believed, in place of the authorities of the system.
public struct TrustedAuthorities: Hashable, Sendable {
    /// A PEM file with any number of certificates (`CURLOPT_CAINFO`).
    public var file: String?
    /// A folder of certificates under the names that `openssl rehash` gives, or several with colons between them
    /// (`CURLOPT_CAPATH`).
    public var folder: String?

    /// At least one of them is to be given, or nobody is believed.
    public init(file: String? = nil, folder: String? = nil) {
        self.file = file
        self.folder = folder
    }

    /// The authorities that the environment names, by the variables that curl goes by: `CURL_CA_BUNDLE` before
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR`, which count together; nil if it names none. An empty variable is none.
    public init?(environment: [String: String]) {
        let value = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let bundle = value("CURL_CA_BUNDLE") {
            self.init(file: bundle)
        } else {
            self.init(file: value("SSL_CERT_FILE"), folder: value("SSL_CERT_DIR"))
            if file == nil && folder == nil { return nil }
        }
    }
}

/// What this program shows of itself to a service that asks for a certificate.
public struct ClientCertificate: Hashable, Sendable {
    /// A PEM file (`CURLOPT_SSLCERT`).
    public var file: String
    /// A PEM file with its key, without a password (`CURLOPT_SSLKEY`).
    public var key: String

    /// The files are read when a connection is made.
    public init(file: String, key: String) {
        self.file = file
        self.key = key
    }
}
