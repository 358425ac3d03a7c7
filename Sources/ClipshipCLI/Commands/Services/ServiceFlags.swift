import ClipModel
import Pipeline
import SystemIO

/// How every command that calls a service is told where it is and who calls.
extension Flag {
    static let service = Flag(name: "--service", value: "URL", help: "base URL of the service, or local (default)")
    static let allowHost = Flag(
        name: "--allow-host", value: "HOST", help: "the service may also send clips to this host", isRepeatable: true)
    static let tokenEnv = Flag(name: "--token-env", value: "NAME", help: "the token is in this environment variable")
    static let tokenFile = Flag(
        name: "--token-file", value: "FILE", help: "the token is in this file, which only its owner may read")
    static let tokenCommand = Flag(name: "--token-command", value: "LINE", help: "this command prints the token")
    static let authorities = Flag(
        name: "--ca", value: "FILE", help: "trust the authorities in this PEM file or folder, in place of the system's")
    static let clientCertificate = Flag(
        name: "--client-cert", value: "FILE", help: "a certificate to show to the service, in PEM")
    static let clientKey = Flag(
        name: "--client-key", value: "FILE", help: "the key of --client-cert (default: in the same file)")
    static let retryFor = Flag(
        name: "--retry-for", value: "TIME",
        help: "how long a service that does not answer is tried again (default: 20s for single calls, else 15m)")
    static let localOutput = Flag(
        name: "--output", value: "DIR",
        help: "the output folder with the local service (for --service local) and the journal")

    static let localStatistics = Flag(
        name: "--local-statistics", value: "FILE", help: "what the local service answers from")

    /// Of the commands that make single calls.
    static let serviceFlags = [service, localOutput, tokenEnv, tokenFile, tokenCommand, retryFor] + tlsFlags

    /// Of all commands that reach a service over the network.
    static let tlsFlags = [authorities, clientCertificate, clientKey]
}

extension Arguments {
    /// `--retry-for`.
    func retryTime() throws(UsageError) -> Duration? {
        try value(.retryFor, DurationText.expected, DurationText.parse)
    }

    /// The service and the place of the token. For statistics and game server management the token comes with the
    /// caller's user hash: `XBL3.0 x=<userhash>;<token>`.
    func serviceOptions() throws(UsageError) -> ServiceOptions {
        let places = [
            string(.tokenEnv).map(TokenLocation.environment),
            string(.tokenFile).map { TokenLocation.file(Path.absolute($0)) },
            string(.tokenCommand).map { TokenLocation.command($0, folder: Path.absolute(".")) },
        ].compactMap(\.self)
        let url = string(.service) ?? "local"
        if url == "local" {
            var options = LocalServiceOptions()
            options.statistics = string(.localStatistics)
            return .embedded(options)
        }
        guard url.contains("://") else {
            throw UsageError(
                "--service: expected a URL such as https://host.example, or local, found \"\(url)\"", command: spec.name
            )
        }
        guard let place = places.first, places.count == 1 else {
            throw UsageError("a service needs one of --token-env, --token-file and --token-command", command: spec.name)
        }
        // A command that makes single calls talks to one service: the one at this address.
        let remote = RemoteService(
            metadata: url, stats: url, compute: url, allowHosts: strings(.allowHost), token: place)
        return .remote(trusting(remote))
    }

    /// A service with the certificates that flags name in place of its own.
    func trusting(_ remote: RemoteService) -> RemoteService {
        var remote = remote
        if let path = string(.authorities) { remote.certificates = Path.absolute(path) }
        if let path = string(.clientCertificate) {
            remote.clientCertificate = ClientCertificateFiles(
                file: Path.absolute(path), key: Path.absolute(string(.clientKey) ?? path))
        }
        return remote
    }
}
