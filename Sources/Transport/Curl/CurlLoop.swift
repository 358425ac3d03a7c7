import SystemIO
import CCurl
import Glibc

/// A request that waits for its answer.
struct Job: Sendable {
    var ticket: UInt64
    var request: HTTPRequest
    var continuation: CheckedContinuation<Result<HTTPResponse, TransportError>, Never>

    /// Fails it before anything was sent.
    func fail(_ kind: TransportError.Kind, _ detail: String = "") {
        let url = request.url.withoutQuery
        continuation.resume(
            returning: .failure(TransportError(kind, url: url, mayHaveBeenSent: false, detail: detail)))
    }
}

/// The mailbox of the transport's thread: what others may touch.
final class CurlLoop: Sendable {
    private let inbox = Locked(Inbox())

    private struct Inbox: Sendable {
        var commands: [Command] = []
        var lastTicket: UInt64 = 0
        var isClosed = false
        var hasEnded = false
        var endWaiters: [CheckedContinuation<Void, Never>] = []
        /// Whoever has to be woken up, while there is somebody.
        var sleeper: Sleeper?
    }

    /// A multi handle as other threads may see it.
    ///
    /// `@unchecked Sendable`: `curl_multi_wakeup` is the one function of a multi handle that any thread may
    /// call. The handle is not freed meanwhile, since it is called with the inbox locked, and the thread that
    /// owns the handle takes it out of the inbox before it frees it.
    private struct Sleeper: @unchecked Sendable {
        let multi: UnsafeMutableRawPointer

        func wake() {
            _ = curl_multi_wakeup(multi)
        }
    }

    enum Command: Sendable {
        case start(Job)
        case cancel(UInt64)
    }

    /// Starts the thread, which keeps the loop alive until it ends.
    static func start(_ configuration: CurlConfiguration) throws(TransportError) -> CurlLoop {
        let loop = CurlLoop()
        guard libraryIsReady, spawn({ CurlThread(loop, configuration).run() }) else {
            throw TransportError(
                .other(code: Int(CURLE_FAILED_INIT.rawValue)), url: "", mayHaveBeenSent: false,
                detail: "no thread for transfers could be started")
        }
        return loop
    }

    func newTicket() -> UInt64 {
        inbox.withLock { inbox in
            inbox.lastTicket += 1
            return inbox.lastTicket
        }
    }

    func start(_ job: Job) {
        let isTaken = inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            inbox.commands.append(.start(job))
            inbox.sleeper?.wake()
            return true
        }
        if !isTaken { job.fail(.closed) }
    }

    func cancel(_ ticket: UInt64) {
        inbox.withLock { inbox in
            guard !inbox.isClosed else { return }
            inbox.commands.append(.cancel(ticket))
            inbox.sleeper?.wake()
        }
    }

    func close() {
        inbox.withLock { inbox in
            inbox.isClosed = true
            inbox.sleeper?.wake()
        }
    }

    /// Returns when the thread has ended.
    func ended() async {
        await withCheckedContinuation { waiter in
            let hasEnded = inbox.withLock { inbox in
                if !inbox.hasEnded { inbox.endWaiters.append(waiter) }
                return inbox.hasEnded
            }
            if hasEnded { waiter.resume() }
        }
    }

    // For the thread.

    /// What has arrived since the last time, and whether to go on.
    func takeCommands() -> (commands: [Command], isClosed: Bool) {
        inbox.withLock { inbox in
            defer { inbox.commands = [] }
            return (inbox.commands, inbox.isClosed)
        }
    }

    /// Whom to wake up from now on; nil before the handle is freed.
    func setSleeper(_ multi: UnsafeMutableRawPointer?) {
        let sleeper = multi.map { Sleeper(multi: $0) }
        inbox.withLock { $0.sleeper = sleeper }
    }

    /// The thread's last word.
    func noteEnd() {
        let (commands, waiters) = inbox.withLock { inbox in
            inbox.isClosed = true
            inbox.hasEnded = true
            defer { (inbox.commands, inbox.endWaiters) = ([], []) }
            return (inbox.commands, inbox.endWaiters)
        }
        for case .start(let job) in commands { job.fail(.closed) }
        for waiter in waiters { waiter.resume() }
    }

    /// `curl_global_init`, once in a process.
    private static let libraryIsReady = curl_global_init(ccurl_global_everything()) == CURLE_OK
}

/// Runs `body` on a new thread that takes no signals: they are for the program's own handlers, and a
/// `SIGPIPE` of a TLS connection must not end it.
private func spawn(_ body: @escaping @Sendable () -> Void) -> Bool {
    final class Start: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var (all, before) = (sigset_t(), sigset_t())
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let start = Unmanaged.passRetained(Start(body))
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { context in
            if let context {
                Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body()
            }
            return nil
        }, start.toOpaque())
    guard code == 0 else {
        start.release()
        return false
    }
    pthread_detach(thread)
    return true
}
