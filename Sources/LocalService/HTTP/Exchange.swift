import Synchronization
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
    /// There is more in the request line than `rawTarget` shows.
    private let hidesBytes: Bool
    private let core: HTTPServerCore
    private let start = ContinuousClock.now
    private var phase = Phase.head
    private var record = ExchangeRecord()
    /// Nil for what is refused for its form.
    private var handling: Handling?
    /// Of the connection, from the answer on: libmicrohttpd sends it without telling us of every piece.
    private var sending: ConnectionActivity?
    /// Of the connection, while a body is expected.
    private var receiving: ConnectionActivity?

    private enum Phase {
        case head
        case receiving(any BodyReceiver)
        /// The body is read and forgotten; nil where nobody is to answer.
        case discarding(OutgoingResponse?)
        case waiting(LateAnswer)
        /// Suspended, and then this is how it ends.
        case held(DelayedConnection, then: Ending)
        case answered
    }

    init(rawTarget: String, hidesBytes: Bool, core: HTTPServerCore) {
        self.rawTarget = rawTarget
        self.hidesBytes = hidesBytes
        self.core = core
    }

    /// The server's call for the head, for each piece of the body, and for its end; false closes the
    /// connection.
    ///
    /// - Returns: whether to go on with the connection.
    func proceed(_ connection: Connection, method: String, body: UnsafeRawBufferPointer) -> Bool {
        connection.activity?.move(at: core.clock.now)
        record.bytesReceived += Int64(body.count)
        switch phase {
        case .head:
            return begin(connection, method: method)
        case .receiving(let receiver) where !body.isEmpty:
            if let refusal = receiver.receive(body) { phase = .discarding(refusal) }
            return paced(body.count, connection)
        case .receiving(let receiver):
            receiving?.isReceiving.store(false, ordering: .relaxed)
            return conclude(receiver.finish(), connection)
        case .discarding where !body.isEmpty:
            if let ending = record.fault?.ending(after: record) { return finish(ending, connection) }
            return record.bytesReceived <= Self.largestDiscard && paced(body.count, connection)
        case .discarding(let response):
            return finish(response, connection)
        case .waiting(let late):
            return late.response.withLock({ $0 }).map { finish($0, connection) } ?? true
        case .held(let hold, let ending):
            return perform(hold.isLost ? .close : ending, connection)
        case .answered:
            return true
        }
    }

    /// The server's last word on this request.
    func end(isComplete: Bool) {
        phase = .answered
        receiving?.isReceiving.store(false, ordering: .relaxed)
        if record.status == nil, receiving?.hasTimedOut.load(ordering: .relaxed) == true { record.status = 408 }
        sending?.move(at: core.clock.now)
        sending?.isHeld.store(false, ordering: .relaxed)
        record.isComplete = isComplete
        record.duration = ContinuousClock.now - start
        handling?.observe(.ended, record)
    }

    private func begin(_ connection: Connection, method: String) -> Bool {
        let header = connection.requestHeader()
        if let refusal = RequestFraming.refusal(
            target: rawTarget, fields: header.fields, hidesBytes: hidesBytes || header.hidesBytes)
        {
            // Answered before the body, of which nobody knows where it ends: the server reads nothing more.
            let style = ErrorStyle(ofPath: rawTarget)
            return answer(
                .refusal(refusal, style: style).decorated(style).setting("Connection", "close"), connection)
        }
        guard let target = RequestTarget(parsing: rawTarget) else {
            let style = ErrorStyle(ofPath: rawTarget)
            phase = .discarding(.refusal(.badRequest("the path can't be read"), style: style).decorated(style))
            return true
        }
        let request = IncomingRequest(method: method, target: target, fields: header.fields)
        // Before the log shows the request: whoever sees it there and moves the clock is to find a body that is awaited.
        receiving = connection.activity
        receiving?.isReceiving.store(true, ordering: .relaxed)
        defer {
            if case .receiving = phase {
            } else {
                receiving?.isReceiving.store(false, ordering: .relaxed)
                receiving = nil
            }
        }
        let handling = core.handler.handle(request)
        self.handling = handling
        record.request = request
        record.fault = handling.fault
        if let fault = record.fault {
            if fault.readsSlowly { connection.shrinkReceiveBuffer() }
            if fault.act?.hasEffect == false {
                phase = .discarding(nil)
                // A client that waits for `100 Continue` gets what there is to say instead.
                if request.waitsBeforeBody, case .answer? = fault.act, fault.delay == .zero {
                    return finish(nil, connection)
                }
                return true
            }
        }
        switch handling.begin() {
        case .body(let receiver):
            phase = .receiving(receiver)
        case .answer(let response):
            if request.waitsBeforeBody || (request.contentLength ?? 0) > Self.largestDiscard,
                record.fault?.delay ?? .zero == .zero
            {
                return finish(response, connection)
            }
            phase = .discarding(response)
        }
        return true
    }

    private func conclude(_ completion: Completion, _ connection: Connection) -> Bool {
        switch completion {
        case .now(let response):
            return finish(response, connection)
        case .later(let work):
            let late = LateAnswer()
            phase = .waiting(late)
            core.perform(work, resuming: connection.suspend(), with: late)
            return true
        }
    }
}

extension Exchange {
    /// The handler is done with the request: `response` is its answer, nil where it was not asked.
    private func finish(_ response: OutgoingResponse?, _ connection: Connection) -> Bool {
        let response = record.request.flatMap { request in response?.coded(for: request) } ?? response
        record.outcome = response
        guard let fault = record.fault else {
            return response.map { answer($0, connection) } ?? false
        }
        let style = record.request?.route.errorStyle ?? ErrorStyle(ofPath: rawTarget)
        return finish(fault.ending(with: response, target: rawTarget, style: style, now: core.clock.now), connection)
    }

    /// Ends the request, after the fault's delay if there is one.
    private func finish(_ ending: Ending, _ connection: Connection) -> Bool {
        let delay: Duration? = ending == .stall ? .seconds(core.idleTimeout) : record.fault?.delay
        guard let delay, delay > .zero else { return perform(ending, connection) }
        let hold = DelayedConnection()
        phase = .held(hold, then: ending)
        core.holds.hold(connection, hold, for: delay)
        handling?.observe(.held, record)
        return true
    }

    private func perform(_ ending: Ending, _ connection: Connection) -> Bool {
        switch ending {
        case .answer(let response):
            return answer(response, connection)
        case .truncatedAnswer(let response):
            guard response.sentSize > 0 else {
                // Below TLS nothing can be sent beside the server.
                guard core.isPlain else { return perform(.close, connection) }
                note(response)
                connection.sendRaw("HTTP/1.1 \(response.status)")
                return false
            }
            return answer(response, connection, bodyBreaksOffAt: response.body.size / 2)
        case .close, .stall:
            handling?.observe(.answering, record)
            return false
        case .reset:
            handling?.observe(.answering, record)
            connection.reset()
            return false
        }
    }

    private func answer(_ response: OutgoingResponse, _ connection: Connection, bodyBreaksOffAt end: Int64? = nil)
        -> Bool
    {
        phase = .answered
        var response = response
        if core.isDraining { response.set("Connection", "close") }
        guard let queued = MHDResponse(response, bodyBreaksOffAt: end) else { return false }
        note(response)
        if record.request?.method != "HEAD" { record.bytesSent = end ?? response.sentSize }
        sending = connection.activity
        sending?.isHeld.store(true, ordering: .relaxed)
        return queued.queue(on: connection.pointer)
    }

    private func note(_ response: OutgoingResponse) {
        record.status = response.status
        record.retryAfter = response.header("Retry-After")
        handling?.observe(.answering, record)
    }

    /// Waits as long as the fault's pace has it for `count` bytes.
    private func paced(_ count: Int, _ connection: Connection) -> Bool {
        guard let throttle = record.fault?.throttle else { return true }
        core.holds.hold(connection, DelayedConnection(), for: .seconds(Double(count) / Double(throttle)))
        return true
    }
}

/// Where the answer appears that a suspended connection waits for.
final class LateAnswer: Sendable {
    let response = Locked<OutgoingResponse?>(nil)
}
