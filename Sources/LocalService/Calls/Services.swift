import ClipModel

/// All services behind one port: finds the call that a request is, and hands it to its service.
struct Services: Sendable {
    let configuration: LocalService.Configuration
    let tokens: Tokens
    let gameClips: GameClipsService
    let statistics: StatisticsService
    let compute: ComputeService

    var faults: Faults { gameClips.faults }

    init(
        _ configuration: LocalService.Configuration, folders: Folders, tokens: Tokens, inspector: any ClipInspector
    ) throws(LocalServiceError) {
        self.configuration = configuration
        self.tokens = tokens
        let faults = Faults(configuration)
        let records = try ClipRecords(path: folders.database)
        let servers = try Servers(configuration.servers, database: records.database)
        gameClips = GameClipsService(
            configuration, folders: folders, tokens: tokens, faults: faults, records: records, inspector: inspector)
        statistics = StatisticsService(configuration)
        compute = ComputeService(configuration: configuration, servers: servers)
    }

    /// Answers at once, or says who takes the body.
    func begin(_ request: IncomingRequest) -> Reception {
        guard let resource = request.route.resource else {
            let style = request.route.errorStyle
            return .answer(.refusal(.notFound("there is nothing at this path"), style: style).decorated(style))
        }
        let service = service(of: resource)
        return service.answering(resource.errorStyle) {
            guard resource.methods.contains(request.method) else {
                throw Refusal.notAllowed(request.method, resource.methods)
            }
            if request.hasBody { try checkCoding(of: request) }
            return try service.receive(request, resource)
        }
    }

    /// Refuses a body that was compressed on its way: none of the services says that it undoes that, and what is stored
    /// is what came.
    private func checkCoding(of request: IncomingRequest) throws(Refusal) {
        let codings = (request.headers["content-encoding"] ?? []).flatMap { $0.lowercased().split(separator: ",") }
        guard codings.allSatisfy({ $0.filter { $0 != " " } == "identity" }) else {
            var refusal = Refusal(415, "a body with Content-Encoding is not taken; send it as it is")
            refusal.headers = [.init(name: "Accept-Encoding", value: "identity")]
            throw refusal
        }
    }

    private func service(of resource: Resource) -> any XboxService {
        switch resource.errorStyle {
        case .metadata, .transfer: gameClips
        case .statistics: statistics
        case .compute: compute
        }
    }
}
