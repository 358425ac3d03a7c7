import FoundationEssentials
import SystemIO

/// What the server shows to clients that connect by TLS; both in PEM.
struct ServerCertificate: Sendable {
    let certificate: String
    let key: String

    /// What the settings say; one that is to be generated is kept in the data folder, so that clients need to be told
    /// of it once only.
    init?(
        _ settings: LocalService.TLS?, host: String, folders: Folders
    ) throws(LocalServiceError) {
        switch settings {
        case nil:
            return nil
        case .files(let certificate, let key)?:
            try self.init(certificate: certificate, key: key)
        case .generated?:
            // The key comes last: a certificate without one is made again.
            if (try? FileIdentity(of: folders.certificateKey)) == nil {
                try Self.generate(for: host, folders)
            }
            try self.init(certificate: folders.certificate, key: folders.certificateKey)
        }
    }

    private init(certificate: String, key: String) throws(LocalServiceError) {
        let texts = try LocalServiceError.wrapping { (try Self.read(certificate), try Self.read(key)) }
        do throws(CertificateError) {
            try CertificatePair.check(certificate: texts.0, key: texts.1)
        } catch {
            throw .badCertificate(path: certificate, reason: error.description)
        }
        self.certificate = String(decoding: texts.0, as: UTF8.self)
        self.key = String(decoding: texts.1, as: UTF8.self)
    }

    private static func generate(for host: String, _ folders: Folders) throws(LocalServiceError) {
        var addresses: [SelfSignedCertificate.Address] = [.name("localhost"), .ip("127.0.0.1"), .ip("::1")]
        let isUnspecified = host == "0.0.0.0" || host == "::"
        if SocketAddress(host: host, port: 0)?.isLoopback == false, !isUnspecified { addresses.append(.ip(host)) }
        try LocalServiceError.wrapping {
            let made = try SelfSignedCertificate(for: addresses, days: 3_650)
            try DurableFile.write(made.certificate, to: folders.certificate)
            try DurableFile.write(made.key, to: folders.certificateKey, access: .owner)
        }
    }

    private static func read(_ path: String) throws(FileError) -> Data {
        Data(try OpenFile(path).contents(atMost: 1 << 20))
    }
}
