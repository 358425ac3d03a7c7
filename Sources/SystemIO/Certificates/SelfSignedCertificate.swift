public import FoundationEssentials

import CCrypto

/// A certificate that nobody else has signed, and its key, for a server on this machine (`X509_sign`).
public struct SelfSignedCertificate: Sendable {
    /// PEM.
    public let certificate: Data
    /// PEM, without a password.
    public let key: Data

    /// Makes a key on P-256 and a certificate for it.
    ///
    /// - Parameters:
    ///   - addresses: what the server is reached by: IP addresses and names; at least one.
    ///   - days: how long it is good, from yesterday on, for clocks are not all the same.
    /// - Throws: `CertificateError` where OpenSSL can't, or an address is not one.
    public init(for addresses: [Address], days: Int) throws(CertificateError) {
        let key = try PrivateKey()
        let certificate = try Certificate()
        try certificate.fill(addresses, days: days, key)
        self.certificate = try PEM.text { PEM_write_bio_X509($0, certificate.pointer) }
        self.key = try PEM.text { PEM_write_bio_PrivateKey($0, key.pointer, nil, nil, 0, nil, nil) }
    }

    public enum Address: Hashable, Sendable {
        case ip(String)
        case name(String)

        fileprivate var text: String {
            switch self {
            case .ip(let text): "IP:\(text)"
            case .name(let text): "DNS:\(text)"
            }
        }
    }
}

/// OpenSSL refused to make or read a certificate.
public struct CertificateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What could not be done, in words.
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// For a function that answers 1 when all is well.
    static func check(_ what: String, _ code: Int32) throws(CertificateError) {
        guard code > 0 else { throw CertificateError("OpenSSL can't \(what)") }
    }
}

/// Owns an `EVP_PKEY`.
private struct PrivateKey: ~Copyable {
    let pointer: OpaquePointer

    init() throws(CertificateError) {
        guard let pointer = ccrypto_ec_key("P-256") else { throw CertificateError("OpenSSL can't make a key") }
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }
}

/// Owns an `X509`.
private struct Certificate: ~Copyable {
    let pointer: OpaquePointer

    init() throws(CertificateError) {
        guard let pointer = X509_new() else { throw CertificateError("OpenSSL can't make a certificate") }
        self.pointer = pointer
    }

    deinit { X509_free(pointer) }

    func fill(
        _ addresses: [SelfSignedCertificate.Address], days: Int, _ key: borrowing PrivateKey
    ) throws(CertificateError) {
        let day = 86_400
        let serial = UInt64.random(in: 1 ... .max >> 1)
        try CertificateError.check("set the version", X509_set_version(pointer, 2))
        try CertificateError.check(
            "set the serial number", ASN1_INTEGER_set_uint64(X509_get_serialNumber(pointer), serial))
        guard X509_gmtime_adj(X509_getm_notBefore(pointer), -day) != nil,
            X509_gmtime_adj(X509_getm_notAfter(pointer), days * day) != nil
        else { throw CertificateError("OpenSSL can't set the days that a certificate is good") }
        try CertificateError.check("set the key", X509_set_pubkey(pointer, key.pointer))
        let name = X509_get_subject_name(pointer)
        let subject = Array("clipship local service".utf8)
        try CertificateError.check(
            "set the name",
            X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, subject, Int32(subject.count), -1, 0))
        try CertificateError.check("set the issuer", X509_set_issuer_name(pointer, name))
        try add(NID_basic_constraints, "critical,CA:FALSE")
        try add(NID_key_usage, "critical,digitalSignature")
        try add(NID_ext_key_usage, "serverAuth")
        try add(NID_subject_alt_name, addresses.map(\.text).joined(separator: ","))
        try CertificateError.check("sign", X509_sign(pointer, key.pointer, EVP_sha256()))
    }

    /// `X509V3_EXT_conf_nid`
    private func add(_ kind: Int32, _ value: String) throws(CertificateError) {
        guard let added = X509V3_EXT_conf_nid(nil, nil, kind, value) else {
            throw CertificateError("OpenSSL does not take \"\(value)\" for a certificate")
        }
        defer { X509_EXTENSION_free(added) }
        try CertificateError.check("extend the certificate", X509_add_ext(pointer, added, -1))
    }
}

private enum PEM {
    /// What `write` writes to a BIO in memory.
    static func text(_ write: (OpaquePointer) -> Int32) throws(CertificateError) -> Data {
        guard let bio = BIO_new(BIO_s_mem()) else { throw CertificateError("OpenSSL has no memory") }
        defer { BIO_free(bio) }
        try CertificateError.check("write PEM", write(bio))
        var bytes: UnsafeMutablePointer<CChar>?
        let count = ccrypto_bio_data(bio, &bytes)
        guard let bytes, count > 0 else { throw CertificateError("OpenSSL can't write PEM") }
        return Data(bytes: bytes, count: count)
    }
}
