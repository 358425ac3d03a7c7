import ClipModel
import ConfigFiles
import FoundationEssentials
import Support

/// The calls under `/_control` by which another program's tests move the clock, ask the request log and replace the
/// fault plan.
///
/// They need no token, so the service listens on this machine only when they are there; and nothing that a browser
/// would send for a page from elsewhere is taken.
struct ControlService: Middleware {
    let clock: any ServiceClock
    let log: RequestLog
    let gameClips: GameClipsService
    let servers: Servers

    func around(_ request: IncomingRequest, _ next: (IncomingRequest) -> Handling) -> Handling {
        request.route == .control ? Handling { begin(request) } : next(request)
    }

    private func begin(_ request: IncomingRequest) -> Reception {
        do throws(Refusal) {
            guard LocalCaller.isLocal(request) else {
                throw .forbidden("the control calls are for this machine only")
            }
            switch (request.method, request.target.segments.dropFirst().joined(separator: "/")) {
            case ("GET", "clock"): return .answer(time)
            case ("POST", "clock"): return try receive(request) { (body) throws(Refusal) in try moveClock(body) }
            case ("GET", "requests"): return .answer(try requests(request.target))
            case ("GET", "faults"): return .answer(counts)
            case ("POST", "faults"): return try receive(request) { (body) throws(Refusal) in try replacePlan(body) }
            case ("GET", "servers"): return .answer(try serverList())
            case ("POST", "servers"): return try receive(request) { (body) throws(Refusal) in try changeServers(body) }
            case ("POST", "clips"): return try receive(request) { (body) throws(Refusal) in try changeClip(body) }
            case (_, "clips"): throw .notAllowed(request.method, ["POST"])
            case (_, "clock"), (_, "faults"), (_, "servers"): throw .notAllowed(request.method, ["GET", "POST"])
            case (_, "requests"): throw .notAllowed(request.method, ["GET"])
            default: throw .notFound("there is no such control call")
            }
        } catch {
            return .answer(.refusal(error, style: .metadata))
        }
    }

    private var faults: Faults { gameClips.faults }

    private func receive(
        _ request: IncomingRequest, _ handle: @escaping @Sendable (Data) throws(Refusal) -> OutgoingResponse
    ) throws(Refusal) -> Reception {
        let type = request.header("Content-Type").map { $0.prefix { $0 != ";" }.lowercased() }
        guard let type, ["application/json", "application/yaml"].contains(type) else {
            throw Refusal(415, "Content-Type must be application/json or application/yaml")
        }
        return .body(
            ControlReceiver { body in
                do throws(Refusal) {
                    return try handle(body)
                } catch {
                    return .refusal(error, style: .metadata)
                }
            })
    }

    private var time: OutgoingResponse { .json(["now": clock.now.description]) }

    private func moveClock(_ body: Data) throws(Refusal) -> OutgoingResponse {
        // Whatever is wrong, the answer says what was expected.
        guard let members = try? StrictJSON.decode([String: String].self, from: body), members.count == 1,
            let duration = members["advance"].flatMap(DurationText.parse)
        else { throw .badBody("expected {\"advance\": \"30s\"}, with \(DurationText.expected)") }
        guard let clock = clock as? MovableClock else {
            throw Refusal(409, "the service runs on a clock that can't be moved")
        }
        clock.advanceAndWait(by: duration)
        return time
    }

    private func replacePlan(_ body: Data) throws(Refusal) -> OutgoingResponse {
        do throws(ConfigurationError) {
            faults.replace(try FaultPlan(parsing: Array(body), name: "plan"))
        } catch {
            throw .badBody(error.description)
        }
        return counts
    }

    private var counts: OutgoingResponse {
        struct Rule: Encodable {
            var name: String
            var calls: Int
            var applied: Int
        }
        return .json(["rules": faults.counts.map { Rule(name: $0.name, calls: $0.calls, applied: $0.applied) }])
    }

    private func requests(_ target: RequestTarget) throws(Refusal) -> OutgoingResponse {
        .json(["requests": log.requests(try RequestQuery(target))])
    }
}

/// Collects a body; what is done with it may take a while.
private final class ControlReceiver: BodyReceiver {
    private var data = Data()
    private let handle: @Sendable (Data) -> OutgoingResponse

    init(_ handle: @escaping @Sendable (Data) -> OutgoingResponse) {
        self.handle = handle
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> OutgoingResponse? {
        guard data.count + bytes.count <= ServiceLimits.largestBody else {
            return .refusal(.badBody("the body is too large"), style: .metadata)
        }
        data.append(contentsOf: bytes)
        return nil
    }

    func finish() -> Completion {
        .later { [handle, data] in handle(data) }
    }
}

extension RequestQuery {
    fileprivate init(_ target: RequestTarget) throws(Refusal) {
        self.init()
        for parameter in target.query {
            let text = parameter.value
            switch parameter.name {
            case "clip": clip = text
            case "method": method = text
            case "fault": fault = text
            case "session": session = text
            case "route": route = try Self.value(parameter) { ServiceRoute(rawValue: $0) }
            case "block": block = try Self.value(parameter) { Int64($0) }
            case "status": status = try Self.value(parameter) { Int($0) }
            case "after": after = try Self.value(parameter) { Int($0) }
            case "faulty": faulty = try Self.value(parameter) { Bool($0) }
            case "stored": stored = try Self.value(parameter) { Bool($0) }
            default: throw .badRequest("\"\(parameter.name.prefix(40))\" is not known here")
            }
        }
    }

    private static func value<Value>(
        _ parameter: RequestTarget.Parameter, _ convert: (String) -> Value?
    ) throws(Refusal) -> Value {
        guard let value = convert(parameter.value) else {
            throw .badRequest("\(parameter.name): \"\(parameter.value.prefix(40))\" is not understood")
        }
        return value
    }
}
