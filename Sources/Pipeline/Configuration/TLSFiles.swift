import FoundationEssentials
import SystemIO
import Transport

/// What a TLS connection to the services of a run needs from files.
struct TLSFiles: Sendable {
    /// Nil for the system's.
    var authorities: TrustedAuthorities?
    var clientCertificate: ClientCertificate?

    /// The system's authorities, and no certificate of our own.
    init() {}

    /// What the options name, before what the environment names.
    ///
    /// - Throws: `FileError` for a file that the options name and that can't be examined.
    init(_ options: RemoteService) throws(FileError) {
        if let path = options.certificates {
            let isFolder = try FileIdentity(of: path).kind == .folder
            authorities = isFolder ? TrustedAuthorities(folder: path) : TrustedAuthorities(file: path)
        } else {
            authorities = TrustedAuthorities(environment: ProcessInfo.processInfo.environment)
        }
        if let files = options.clientCertificate {
            for path in [files.file, files.key] { _ = try FileIdentity(of: path) }
            clientCertificate = ClientCertificate(file: files.file, key: files.key)
        }
    }
}
