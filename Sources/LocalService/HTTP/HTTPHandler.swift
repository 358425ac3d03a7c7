import FoundationEssentials

/// What stands behind the server: called on the server's threads, which it may hold for as long as a small
/// write to disk takes.
///
/// What takes longer goes into `Completion.later`.
protocol HTTPHandler: Sendable {
    /// Called when a request's head is there, before anything else.
    func admit(_ request: IncomingRequest) -> Admission

    /// Answers at once, or says who takes the body; not called for a request that a fault keeps from its effect.
    func begin(_ request: IncomingRequest) -> Reception

    /// Called when a request is held back: it was carried out, or read in part, and does not end yet.
    func holding(_ record: ExchangeRecord)

    /// Called when it is known how a request ends, just before the client gets to see it.
    func answering(_ record: ExchangeRecord)

    /// Called when a request has ended, in whichever way.
    func ended(_ record: ExchangeRecord)
}

/// What is decided of a request before it is carried out.
struct Admission: Sendable {
    /// The request's number in the log; nil for one that isn't logged.
    var number: Int?
    /// What is to go wrong with it.
    var fault: Fault?
}

/// What to do with a request whose head is known.
enum Reception {
    /// The body, if there is one, does not matter.
    case answer(OutgoingResponse)
    case body(any BodyReceiver)
}

/// Takes the body of one request, on one thread at a time.
///
/// Let go of without `finish`, it keeps nothing of the body.
protocol BodyReceiver: AnyObject {
    /// Takes the next piece. An answer that comes back refuses the request: the rest of the body is not
    /// wanted.
    func receive(_ bytes: UnsafeRawBufferPointer) -> OutgoingResponse?

    /// The body is complete.
    func finish() -> Completion
}

/// How a request that has been read ends.
enum Completion {
    case now(OutgoingResponse)
    /// The work takes longer, so that it runs on another thread while the connection waits.
    case later(@Sendable () -> OutgoingResponse)
}

/// What is known of a request that has ended.
struct ExchangeRecord: Sendable {
    /// Nil if the target was malformed.
    var request: IncomingRequest?
    /// The request's number in the log; nil for one that isn't logged.
    var number: Int?
    /// What went wrong with it on purpose.
    var fault: Fault?
    /// The handler's answer, whatever became of it; nil if the request was not carried out.
    var outcome: OutgoingResponse?
    /// Nil if the connection was lost before an answer.
    var status: Int?
    /// `Retry-After`, as it was sent.
    var retryAfter: String?
    var bytesReceived: Int64 = 0
    var bytesSent: Int64 = 0
    /// The answer went out whole.
    var isComplete = false
    var duration: Duration = .zero
}

/// Collects a small body in memory.
final class DataReceiver: BodyReceiver {
    private var data = Data()
    private let limit: Int
    private let tooLarge: OutgoingResponse
    private let handle: (Data) -> OutgoingResponse

    init(limit: Int, tooLarge: OutgoingResponse, _ handle: @escaping (Data) -> OutgoingResponse) {
        self.limit = limit
        self.tooLarge = tooLarge
        self.handle = handle
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> OutgoingResponse? {
        guard data.count + bytes.count <= limit else { return tooLarge }
        data.append(contentsOf: bytes)
        return nil
    }

    func finish() -> Completion {
        .now(handle(data))
    }
}
