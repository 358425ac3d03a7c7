import ClipModel
import FoundationEssentials

/// Game server management: asking for a server instance, and what became of that.
struct ComputeService: XboxService {
    let configuration: LocalService.Configuration
    let servers: Servers

    func receive(_ request: IncomingRequest, _ resource: Resource) throws -> Reception {
        switch resource {
        case .clusters(let titleId):
            return try requestServer(titleId, request)
        case .allocationStatus(let titleId, let sessionId):
            return .answer(try status(titleId, sessionId, request))
        default:
            throw Refusal.notFound("this is no call of game server management")
        }
    }

    /// `POST /titles/{titleId}/clusters`: not idempotent, each one is an allocation.
    private func requestServer(_ titleId: String, _ request: IncomingRequest) throws -> Reception {
        try check(request, titleId)
        guard request.contentLength != nil else {
            throw Refusal(411, "Content-Length is missing")
        }
        guard request.header("Content-Type") != nil else {
            throw Refusal.badRequest("Content-Type is missing; expected application/json")
        }
        return try withBody(of: request, .compute) { body in
            let (session, abortIfQueued) = try Self.read(body)
            let now = configuration.clock.now
            let allocation = try servers.withPool(at: now) { pool in
                pool.request(title: titleId, session: session, abortIfQueued: abortIfQueued, at: now)
            }
            configuration.report(.server(session: session, state: allocation.state))
            let (seconds, attoseconds) = configuration.servers.pollInterval.components
            var response = OutgoingResponse.json(
                ClusterResponse(
                    pollIntervalMilliseconds: seconds * 1_000 + attoseconds / 1_000_000_000_000_000,
                    fulfillmentState: allocation.state))
            response.session = session
            return response.decorated(.compute)
        }
    }

    /// `GET /titles/{titleId}/sessions/{sessionId}/allocationStatus`
    private func status(_ titleId: String, _ sessionId: String, _ request: IncomingRequest) throws -> OutgoingResponse {
        try check(request, titleId)
        let allocation = try servers.withPool(at: configuration.clock.now) { pool in
            pool.allocation(title: titleId, session: sessionId)
        }
        guard let allocation else { throw Refusal.notFound("there is no such title or session") }
        var response = OutgoingResponse.json(AllocationStatus(allocation, host: host))
        response.session = allocation.sessionId
        return response.decorated(.compute)
    }

    /// Where instances are reached; an address that stands for all of this machine's is none to connect to.
    private var host: String {
        ["0.0.0.0", "::"].contains(configuration.host) ? "127.0.0.1" : configuration.host
    }

    /// What both calls need: the headers that the reference requires, a token, and a title that is the caller's.
    private func check(_ request: IncomingRequest, _ titleId: String) throws(Refusal) {
        let claims = try request.claims()
        guard let version = request.header("x-xbl-contract-version") else {
            throw .badRequest("x-xbl-contract-version is missing; expected 1")
        }
        guard version == "1" else { throw Refusal(406, "x-xbl-contract-version must be 1") }
        guard request.header("User-Agent") != nil else { throw .badRequest("User-Agent is missing") }
        guard UInt32(titleId) != nil else { throw .notFound("there is no such title or session") }
        guard claims.allowsServers(ofTitle: titleId) else {
            throw .forbidden("the caller may not ask for servers of title \(titleId)")
        }
    }

    private static func read(_ body: Data) throws(Refusal) -> (session: String, abortIfQueued: Bool) {
        typealias Key = ClusterRequest.CodingKeys
        var reader = try MemberReader(body)
        let session = reader.required(Key.sessionId, reader.string(Key.sessionId))
        if let session, !SessionName.isValid(session) { reader.reject("sessionId must be \(SessionName.form)") }
        let abortIfQueued = reader.boolOrText(Key.abortIfQueued) ?? false
        try reader.check()
        return (session ?? "", abortIfQueued)
    }
}

extension MemberReader {
    /// A boolean, also as text: the reference has it as `"true"`.
    fileprivate mutating func boolOrText(_ name: some CodingKey) -> Bool? {
        guard let value = member(name) else { return nil }
        if value.bool == nil { reject("\(name.stringValue) must be true or false, or one of them as a string") }
        return value.bool
    }
}

/// The answer about an allocation. Of the members that the reference lists, `description` and `clusterId` are always
/// empty, `ticketId` is `sessionId` again and `gameHostId` is `sessionHostId` again.
private struct AllocationStatus: Encodable {
    var hostName = ""
    var portMappings: [PortMapping] = []
    var status: FulfillmentState
    var region = ""
    var secureContext = ""
    var sessionId: String
    var sessionHostId = ""
    var description = ""
    var clusterId = ""
    var ticketId: String
    var gameHostId = ""

    struct PortMapping: Encodable {
        var name: String
        var ports: Ports

        struct Ports: Encodable {
            // `internal` is a word of the language.
            var inner: Int
            var outer: Int

            enum CodingKeys: String, CodingKey {
                case inner = "internal"
                case outer = "external"
            }
        }

        enum CodingKeys: String, CodingKey {
            case name = "Key"
            case ports = "Value"
        }
    }

    init(_ allocation: ServerPool.Allocation, host: String) {
        status = allocation.state
        sessionId = allocation.sessionId
        ticketId = allocation.sessionId
        guard allocation.isRunning else { return }
        hostName = host
        region = "Local"
        sessionHostId = "\(allocation.hostId).local_0"
        gameHostId = sessionHostId
        secureContext = Data(allocation.hostId.utf8).base64EncodedString()
        // Two ports for each instance; there are no real ones behind them.
        let external = 30_000 + 2 * Int(allocation.number % 10_000)
        portMappings = [
            PortMapping(name: "GameUDP", ports: .init(inner: 10_100, outer: external)),
            PortMapping(name: "ControlTCP", ports: .init(inner: 10_101, outer: external + 1)),
        ]
    }
}
