import FoundationEssentials

/// What stands behind the server: called on the server's threads, which it may hold for as long as a small
/// write to disk takes.
///
/// What takes longer goes into `Completion.later`.
protocol HTTPHandler: Sendable {
    /// Called when a request's head is there: how it is handled.
    func handle(_ request: IncomingRequest) -> Handling
}

/// How one request is handled.
struct Handling {
    /// What is to go wrong with it.
    var fault: Fault?
    /// Carries it out: answers at once, or says who takes the body. Not called where a fault keeps the request from
    /// its effect.
    var begin: () -> Reception
    /// Told of how it goes on.
    var observe: (ExchangeEvent, ExchangeRecord) -> Void = { _, _ in }
}

/// What happens to a request after its head.
enum ExchangeEvent {
    /// It is held back: it was carried out, or read in part, and does not end yet.
    case held
    /// It is known how it ends; the client is about to see it.
    case answering
    /// It has ended, in whichever way.
    case ended
}

/// What requests pass on their way to the calls, and answers on their way back.
protocol Middleware: Sendable {
    /// Handles a request itself, or has the rest handle it, with something before, behind or around that.
    func around(_ request: IncomingRequest, _ next: (IncomingRequest) -> Handling) -> Handling
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
