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
    static let localOutput = Flag(
        name: "--output", value: "DIR", help: "the output folder whose local service is meant by --service local")

    static let localStatistics = Flag(
        name: "--local-statistics", value: "FILE", help: "what the local service answers from")

    /// Of the commands that make single calls.
    static let serviceFlags = [service, localOutput, tokenEnv, tokenFile, tokenCommand]
}

extension Arguments {
    /// The service and the place of the token. For statistics and game server management the token comes with the
    /// caller's user hash: `XBL3.0 x=<userhash>;<token>`.
    func serviceOptions() throws(UsageError) -> ServiceOptions {
        let places = [
            string(.tokenEnv).map(TokenPlace.environment),
            string(.tokenFile).map { TokenPlace.file(Path.absolute($0)) },
            string(.tokenCommand).map(TokenPlace.command),
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
        return .remote(
            RemoteService(metadata: url, stats: url, compute: url, allowHosts: strings(.allowHost), token: place))
    }
}
