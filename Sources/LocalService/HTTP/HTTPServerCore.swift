import Dispatch
import Synchronization

/// What the server's threads share.
final class HTTPServerCore: Sendable {
    let handler: any HTTPHandler
    private let draining = Atomic(false)
    private let exchanges = DispatchGroup()
    private let lateWork = DispatchGroup()
    private let workers = DispatchQueue(label: "clipship.service.late", attributes: .concurrent)

    init(handler: any HTTPHandler) {
        self.handler = handler
    }

    /// The server takes no new connections and closes those that it has after their answer.
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    func startDraining() {
        draining.store(true, ordering: .relaxed)
    }

    func exchangeBegan() {
        exchanges.enter()
    }

    func exchangeEnded() {
        exchanges.leave()
    }

    /// Runs `work` on a thread of its own and lets the connection go on with its answer.
    func perform(
        _ work: @escaping @Sendable () -> HTTPResponse, resuming connection: SuspendedConnection,
        with late: LateAnswer
    ) {
        workers.async(group: lateWork) {
            let response = work()
            late.response.withLock { $0 = response }
            connection.resume()
        }
    }

    /// Waits until no request is under way, but not longer than `patience`; then for work that can't be
    /// broken off.
    func waitForExchanges(_ patience: Duration) {
        let (seconds, attoseconds) = patience.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        _ = exchanges.wait(timeout: .now() + .nanoseconds(nanoseconds))
        lateWork.wait()
    }
}
