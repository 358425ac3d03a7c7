/// Decides when a transfer has waited too long; fed with what moved, asked for the time of its next decision.
///
/// Times are durations from any common origin. Connecting is not watched here: libcurl limits it itself.
struct StallWatch {
    /// How long without a byte either way, while there is something to send or an answer has begun.
    let idleLimit: Duration
    /// How long without the start of an answer once everything is sent.
    let answerLimit: Duration
    /// How long from the first byte of an answer to its last, or to the next `leastBytes` of it; nil for no limit.
    let wholeAnswerLimit: Duration?
    /// Bytes of an answer after which the time begins again; nil where all of it has to be there by then.
    let leastBytes: Int64?
    private let bodyBytes: Int64
    private var sent: Int64 = 0
    private var received: Int64 = 0
    private var phase = Phase.connecting
    private var lastChange: Duration = .zero
    private var answerStart: Duration = .zero
    private var bytesAtStart: Int64 = 0

    private enum Phase {
        case connecting, sending, awaitingAnswer, receiving
    }

    init(
        idleLimit: Duration, answerLimit: Duration, wholeAnswerLimit: Duration? = nil, leastBytes: Int64? = nil,
        bodyBytes: Int64
    ) {
        self.wholeAnswerLimit = wholeAnswerLimit
        self.leastBytes = leastBytes
        self.idleLimit = idleLimit
        self.answerLimit = answerLimit
        self.bodyBytes = bodyBytes
    }

    /// The connection is there, the request starts; also when it starts again on another connection.
    mutating func requestStarts(at now: Duration) {
        (sent, received) = (0, 0)
        move(to: bodyBytes > 0 ? .sending : .awaitingAnswer, at: now)
    }

    /// How far the transfer is: bytes of the body sent, bytes of the final answer received, its head
    /// included.
    mutating func observe(sent: Int64, received: Int64, at now: Duration) {
        guard phase != .connecting, (sent, received) != (self.sent, self.received) else { return }
        (self.sent, self.received) = (sent, received)
        if received > 0 {
            if phase != .receiving { (answerStart, bytesAtStart) = (now, 0) }
            if let leastBytes, received - bytesAtStart >= leastBytes { (answerStart, bytesAtStart) = (now, received) }
            move(to: .receiving, at: now)
        } else {
            move(to: sent >= bodyBytes ? .awaitingAnswer : .sending, at: now)
        }
    }

    /// When the limit that counts now is reached; nil while connecting.
    var deadline: Duration? {
        limit?.end
    }

    /// The limit that has been reached, if any.
    func expired(at now: Duration) -> TransportError.TimeLimit? {
        guard let deadline, let limit, now >= deadline else { return nil }
        return limit.kind
    }

    private var limit: (kind: TransportError.TimeLimit, end: Duration)? {
        let idle = (TransportError.TimeLimit.idle, lastChange + idleLimit)
        return switch phase {
        case .connecting: nil
        case .sending: idle
        case .awaitingAnswer: (.answer, lastChange + answerLimit)
        case .receiving:
            if let wholeAnswerLimit, answerStart + wholeAnswerLimit < idle.1 {
                (.wholeAnswer, answerStart + wholeAnswerLimit)
            } else {
                idle
            }
        }
    }

    private mutating func move(to phase: Phase, at now: Duration) {
        self.phase = phase
        lastChange = now
    }
}
