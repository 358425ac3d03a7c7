import SystemIO
import CMicroHTTPD

/// One request and what becomes of it.
///
/// Used only by the server thread that its connection belongs to.
final class Exchange {
    /// A refused body is read up to here, so that the client gets to read the answer; beyond, the connection
    /// closes.
    static let largestDiscard: Int64 = 8 << 20

    private let rawTarget: String
    private let core: HTTPServerCore
    private let start = ContinuousClock.now
    private var phase = Phase.head
    private var record = ExchangeRecord()

    private enum Phase {
        case head
        case receiving(any BodyReceiver)
        case discarding(HTTPResponse)
        case waiting(LateAnswer)
        case answered
    }

    init(rawTarget: String, core: HTTPServerCore) {
        self.rawTarget = rawTarget
        self.core = core
    }

    /// The server's call for the head, for each piece of the body, and for its end; false closes the
    /// connection.
    ///
    /// - Returns: whether to go on with the connection.
    func proceed(_ connection: OpaquePointer, method: String, body: UnsafeRawBufferPointer) -> Bool {
        record.bytesReceived += Int64(body.count)
        switch phase {
        case .head:
            return begin(connection, method: method)
        case .receiving(let receiver) where !body.isEmpty:
            if let refusal = receiver.receive(body) { phase = .discarding(refusal) }
            return true
        case .receiving(let receiver):
            return conclude(receiver.finish(), connection)
        case .discarding where !body.isEmpty:
            return record.bytesReceived <= Self.largestDiscard
        case .discarding(let response):
            return answer(response, connection)
        case .waiting(let late):
            return late.response.withLock({ $0 }).map { answer($0, connection) } ?? true
        case .answered:
            return true
        }
    }

    /// The server's last word on this request.
    func end(isComplete: Bool) {
        phase = .answered
        record.isComplete = isComplete
        record.duration = ContinuousClock.now - start
        core.handler.ended(record)
    }

    private func begin(_ connection: OpaquePointer, method: String) -> Bool {
        guard let target = RequestTarget(parsing: rawTarget) else {
            phase = .discarding(HTTPResponse(status: 400))
            return true
        }
        let request = HTTPRequest(method: method, target: target, headers: requestHeaders(of: connection))
        record.request = request
        switch core.handler.begin(request) {
        case .body(let receiver):
            phase = .receiving(receiver)
        case .answer(let response):
            if request.waitsBeforeBody || (request.contentLength ?? 0) > Self.largestDiscard {
                return answer(response, connection)
            }
            phase = .discarding(response)
        }
        return true
    }

    private func conclude(_ completion: Completion, _ connection: OpaquePointer) -> Bool {
        switch completion {
        case .now(let response):
            return answer(response, connection)
        case .later(let work):
            let late = LateAnswer()
            phase = .waiting(late)
            MHD_suspend_connection(connection)
            core.perform(work, resuming: SuspendedConnection(pointer: connection), with: late)
            return true
        }
    }

    private func answer(_ response: HTTPResponse, _ connection: OpaquePointer) -> Bool {
        phase = .answered
        var response = response
        if core.isDraining { response.set("Connection", "close") }
        guard let queued = MHDResponse(response), queued.queue(on: connection) else { return false }
        record.status = response.status
        if record.request?.method != "HEAD" { record.bytesSent = response.body.size }
        return true
    }
}

/// Where the answer appears that a suspended connection waits for.
final class LateAnswer: Sendable {
    let response = Guarded<HTTPResponse?>(nil)
}

/// A connection that the server leaves alone until it is resumed.
///
/// Unchecked: the pointer stays valid while the connection is suspended, `MHD_resume_connection` may be
/// called on any thread, and `resume` is the only thing that can be done with it.
struct SuspendedConnection: @unchecked Sendable {
    fileprivate let pointer: OpaquePointer

    func resume() {
        MHD_resume_connection(pointer)
    }
}

/// All headers of a request (`MHD_get_connection_values`), by lower-case name.
private func requestHeaders(of connection: OpaquePointer) -> [String: [String]] {
    var headers: [String: [String]] = [:]
    withUnsafeMutablePointer(to: &headers) { headers in
        _ = MHD_get_connection_values(
            connection, .HEADER_KIND,
            { context, _, name, value in
                guard let context, let name else { return .YES }
                context.assumingMemoryBound(to: [String: [String]].self)
                    .pointee[String(cString: name).lowercased(), default: []]
                    .append(value.map { String(cString: $0) } ?? "")
                return .YES
            }, headers)
    }
    return headers
}
