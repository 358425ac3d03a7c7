import ClipModel
import FoundationEssentials

extension ControlService {
    /// `GET /_control/servers`: instances, and every request for one.
    func serverList() throws(Refusal) -> OutgoingResponse {
        try withPool { pool in
            .json(
                ServerList(
                    capacity: pool.settings.capacity, running: pool.running, queued: pool.queued,
                    allocations: pool.allocations.map(ServerList.Allocation.init)))
        }
    }

    /// `POST /_control/servers`: another capacity, the end of a session's instance, or of its waiting.
    func changeServers(_ body: Data) throws(Refusal) -> OutgoingResponse {
        var reader = try MemberReader(body)
        let capacity = reader.integer(Key.capacity, as: Int.self)
        let release = reader.string(Key.release)
        let abort = reader.string(Key.abort)
        if let capacity, capacity < 0 { reader.reject("capacity is negative") }
        if reader.names.count != 1 || reader.names.allSatisfy({ Key(stringValue: $0) == nil }) {
            reader.reject("expected one of capacity (a number), release and abort (a sessionId)")
        }
        try reader.check()
        let isDone = try withPool { [now = clock.now] pool in
            if let capacity {
                pool.settings.capacity = capacity
                pool.settle(at: now)
            }
            return (release.map { pool.release(session: $0, at: now) } ?? true)
                && (abort.map { pool.abort(session: $0, at: now) } ?? true)
        }
        guard isDone else { throw .notFound("the session has no instance that runs, or does not wait for one") }
        return try serverList()
    }

    private enum Key: String, CodingKey {
        case capacity, release, abort
    }

    private func withPool<Value: Sendable>(_ body: (inout ServerPool) -> Value) throws(Refusal) -> Value {
        do {
            return try servers.withPool(at: clock.now, body)
        } catch {
            throw Refusal(error)
        }
    }
}

private struct ServerList: Encodable {
    var capacity: Int?
    var running: Int
    var queued: Int
    var allocations: [Allocation]

    struct Allocation: Encodable {
        var number: Int64
        var titleId: String
        var sessionId: String
        var state: FulfillmentState
        var requested: Timestamp
        var fulfilled: Timestamp?
        var ended: Timestamp?

        init(_ allocation: ServerPool.Allocation) {
            number = allocation.number
            titleId = allocation.titleId
            sessionId = allocation.sessionId
            state = allocation.state
            requested = allocation.requested
            fulfilled = allocation.fulfilled
            ended = allocation.ended
        }
    }
}
