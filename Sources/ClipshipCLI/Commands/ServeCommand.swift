import ClipModel
import LocalService
import MediaWorker
import SystemIO

/// `clipship serve`: the local service by itself.
enum ServeCommand: Command {
    static let port = Flag(name: "--port", value: "N", help: "listen on this port (default: a free one)")
    static let host = Flag(name: "--host", value: "ADDRESS", help: "listen on this address (default: 127.0.0.1)")
    static let data = Flag(
        name: "--data", value: "DIR", help: "keep clips and records here (default: clipship-service)")
    static let ephemeral = Flag(
        name: "--ephemeral", help: "keep everything in a private temporary folder that is removed at the end")
    static let tls = Flag(
        name: "--tls", help: "serve https with a certificate of its own, certificate.pem in the data folder")
    static let tlsCertificate = Flag(
        name: "--tls-certificate", value: "FILE", help: "serve https with this certificate (PEM); needs --tls-key")
    static let tlsKey = Flag(name: "--tls-key", value: "FILE", help: "the certificate's key (PEM, no password)")
    static let tokens = Flag(name: "--tokens", value: "FILE", help: "JSON file of tokens and their claims")
    static let quota = Flag(
        name: "--quota", value: "SIZE", help: "the most that one user's clips may take, such as 500MB")
    static let thumbnailURIs = Flag(
        name: "--thumbnail-uris", value: "WHEN", help: "upload (default; only when the source is Upload) or always")
    static let uploadIds = Flag(
        name: "--upload-ids", value: "WHERE",
        help: "uploadId is the clip's id (default: id), or a text in the query of uploadUri (query)")
    static let delay = Flag(name: "--delay", value: "MS", help: "how long a clip stays in each state (default: 100)")
    static let faults = Flag(
        name: "--faults", value: "PLAN", help: "make calls fail as this YAML file says (docs/local-service.md)")
    static let rate = Flag(
        name: "--rate", value: "SERVICE=N/N",
        help:
            "requests of a user and title in 15 s and in 300 s, such as metadata=30/300 (default: statistics=100/300)",
        isRepeatable: true)
    static let uriLifetime = Flag(
        name: "--uri-lifetime", value: "TIME", help: "how long upload and download URIs are good, such as 10m")
    static let refreshTime = Flag(
        name: "--refresh-time", value: "TIME", help: "how long a refresh of expired URIs takes (default: 35s)")
    static let tokenLifetime = Flag(
        name: "--token-lifetime", value: "TIME", help: "how long a token is good after its first use")
    static let control = Flag(
        name: "--control", help: "serve /_control to tests of other programs: clock, request log, fault plan")

    static let noPage = Flag(
        name: "--no-page", help: "no page at / (on a loopback address, anybody on this machine may look at it)")
    static let stats = Flag(
        name: "--stats", value: "FILE", help: "YAML or JSON file of users' statistics (docs/local-service.md)")
    static let servers = Flag(
        name: "--servers", value: "N", help: "how many server instances run at once (default: as many as asked for)")
    static let serverLifetime = Flag(
        name: "--server-lifetime", value: "TIME", help: "how long an instance runs before it is free again")
    static let queueTime = Flag(
        name: "--queue-time", value: "TIME", help: "how long a request for an instance waits at most")
    static let queueEnd = Flag(
        name: "--queue-end", value: "STATE", help: "what becomes of it then: fulfilled (default) or aborted")

    static let spec = CommandSpec(
        name: "serve", summary: "Run the local service by itself, until Ctrl-C.", operands: "", operandCount: 0...0,
        flags: [
            port, host, data, ephemeral, tls, tlsCertificate, tlsKey, tokens, quota, thumbnailURIs, uploadIds, delay,
            faults, rate, uriLifetime, refreshTime, tokenLifetime, control, noPage, stats, servers, serverLifetime,
            queueTime, queueEnd,
        ],
        example: "clipship serve --port 8080 --data service")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let temporary = try temporaryFolder(arguments)
        let folder = temporary?.path ?? Path.absolute(arguments.string(data) ?? "clipship-service")
        var configuration = LocalService.Configuration(dataFolder: folder)
        configuration.port = UInt16(try arguments.integer(port, in: 0...65_535) ?? 0)
        configuration.host = arguments.string(host) ?? configuration.host
        configuration.tokensFile = arguments.string(tokens)
        configuration.quota = try arguments.value(quota, "an amount such as 500MB") { ByteCount(parsing: $0)?.bytes }
        configuration.thumbnailURIs =
            try arguments.choice(thumbnailURIs, [("upload", .uploadOnly), ("always", .always)]) ?? .uploadOnly
        configuration.uploadIds =
            try arguments.choice(uploadIds, [("id", .gameClipId), ("query", .inQuery)]) ?? .gameClipId
        if let delay = try arguments.integer(delay, in: 0...3_600_000) {
            configuration.delays = .init(each: .milliseconds(delay))
        }
        try readConditions(arguments, into: &configuration)
        if let file = arguments.string(stats) { configuration.statistics = try StatisticsTable(reading: file) }
        configuration.servers = try serverSettings(arguments)
        configuration.tls = try encryption(arguments)
        let media = MediaWorkerPool(width: 2, console)
        configuration.media = media
        configuration.report = { report($0, console) }

        ProcessHardening.hideMemory()
        try Folder.make(folder, access: .owner)
        let stopping = SignalHandler.listening(console)
        let service = try LocalService(configuration)
        let address = try service.start()
        console.print("listening on \(address.baseURL)")
        console.info("token: in \(arguments.string(tokens) ?? "\(Path.shown(folder))/tokens.json")")
        if service.hasPage { console.info("page to look at: \(address.baseURL)/") }
        if configuration.tls == .generated {
            console.info("certificate that clients have to trust: \(Path.shown(service.certificateFile))")
        }
        ServiceManager.tell("READY=1\nSTATUS=listening on \(address.baseURL)")
        await stopping.signal.wait()
        ServiceManager.tell("STOPPING=1")
        await service.stop()
        await media.close()
        try temporary?.remove()
        return .success
    }

    private static func temporaryFolder(_ arguments: Arguments) throws -> TemporaryFolder? {
        guard arguments.isSet(ephemeral) else { return nil }
        guard !arguments.isSet(data) else {
            throw UsageError("--ephemeral keeps nothing, so it does not go with --data", command: spec.name)
        }
        return try TemporaryFolder(prefix: "clipship-service")
    }

    private static func encryption(_ arguments: Arguments) throws -> LocalService.TLS? {
        switch (arguments.string(tlsCertificate), arguments.string(tlsKey)) {
        case (let certificate?, let key?): return .files(certificate: certificate, key: key)
        case (nil, nil): return arguments.isSet(tls) ? .generated : nil
        default: throw UsageError("--tls-certificate and --tls-key go together", command: spec.name)
        }
    }

    /// What makes clients' lives hard.
    private static func readConditions(
        _ arguments: Arguments, into configuration: inout LocalService.Configuration
    ) throws {
        if let plan = arguments.string(faults) { configuration.faults = try FaultPlan(reading: plan) }
        for text in arguments.strings(rate) {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let service = RateLimit.Service(rawValue: parts[0]),
                let limit = RateLimit(parsing: parts[1])
            else {
                let services = RateLimit.Service.allCases.map(\.rawValue).joined(separator: " or ")
                throw UsageError(
                    "--rate: expected \(services), =, and \(RateLimit.expected), found \"\(text)\"", command: spec.name)
            }
            configuration.rates[service] = limit
        }
        configuration.uriLifetime = try arguments.value(uriLifetime, DurationText.expected, DurationText.parse)
        configuration.refreshTime =
            try arguments.value(refreshTime, DurationText.expected, DurationText.parse) ?? configuration.refreshTime
        configuration.tokenLifetime = try arguments.value(tokenLifetime, DurationText.expected, DurationText.parse)
        configuration.control = arguments.isSet(control)
        configuration.page = !arguments.isSet(noPage)
    }

    private static func serverSettings(_ arguments: Arguments) throws -> ServerSettings {
        var settings = ServerSettings()
        settings.capacity = try arguments.integer(servers, in: 0...1_000_000).map(Int.init)
        settings.lifetime = try arguments.value(serverLifetime, DurationText.expected, DurationText.parse)
        settings.queueTime = try arguments.value(queueTime, DurationText.expected, DurationText.parse)
        settings.queueEnd =
            try arguments.choice(queueEnd, ServerSettings.QueueEnd.allCases.map { ($0.rawValue, $0) }) ?? .fulfilled
        return settings
    }

    private static func report(_ event: LocalServiceEvent, _ console: Console) {
        switch event {
        case .request(let request):
            guard console.level == .verbose || console.logsJSON else { return }
            let status = request.status.map(String.init) ?? "no answer"
            let milliseconds = Int(request.duration / .milliseconds(1))
            if console.logsJSON {
                var facts: [String: JSONValue] = [
                    "method": .string(request.method), "path": .string(request.path),
                    "milliseconds": .integer(Int64(milliseconds)),
                    "bytesReceived": .integer(Int64(request.bytesReceived)),
                    "bytesSent": .integer(Int64(request.bytesSent)),
                ]
                facts["status"] = request.status.map { .integer(Int64($0)) }
                facts["blockNum"] = request.blockNumber.map(JSONValue.string)
                console.log("request", facts)
            } else {
                let block = request.blockNumber.map { " block \($0)" } ?? ""
                console.note("\(request.method) \(request.path)\(block): \(status) in \(milliseconds) ms")
            }
        case .clip(let id, let state, let reason):
            if console.logsJSON {
                var facts: [String: JSONValue] = ["gameClipId": .string(id), "state": .string(state.rawValue)]
                facts["reason"] = reason.map(JSONValue.string)
                console.log("clip", facts)
            } else {
                console.info("clip \(id): \(state)\(reason.map { ": \($0)" } ?? "")")
            }
        case .server(let session, let state):
            if console.logsJSON {
                console.log("server", ["sessionId": .string(session), "state": .string(state.rawValue)])
            } else {
                console.info("server for \(session): \(state)")
            }
        case .problem(let text):
            console.error(text)
        }
    }
}
