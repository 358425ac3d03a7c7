import Dispatch
import Synchronization

/// What the server's threads share.
final class HTTPServerCore: Sendable {
    let handler: any HTTPHandler
    let clock: any ServiceClock
    /// Seconds without a byte moved until a connection is closed.
    let idleTimeout: Int
    /// Connections that wait for a time to pass.
    let holds: DelayedConnections
    let connections: Connections
    /// Without TLS.
    let isPlain: Bool
    private let draining = Atomic(false)
    private let exchanges = DispatchGroup()
    private let lateWork = DispatchGroup()

    /// - Parameter mostConnections: From so many on those that are idle make room for others.
    init(handler: any HTTPHandler, clock: any ServiceClock, idleTimeout: Int, mostConnections: Int, isPlain: Bool) {
        self.handler = handler
        self.clock = clock
        self.idleTimeout = idleTimeout
        self.isPlain = isPlain
        holds = DelayedConnections(clock: clock)
        connections = Connections(clock: clock, timeout: idleTimeout, most: mostConnections, isPlain: isPlain)
    }

    /// The server takes no new connections and closes those that it has after their answer.
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    func startDraining() {
        draining.store(true, ordering: .relaxed)
        holds.close()
    }

    func exchangeBegan() {
        exchanges.enter()
    }

    func exchangeEnded() {
        exchanges.leave()
    }

    /// Runs `work` on another thread and lets the connection go on with its answer.
    func perform(
        _ work: @escaping @Sendable () -> OutgoingResponse, resuming connection: SuspendedConnection,
        with late: LateAnswer
    ) {
        // A queue of its own has a thread of its own; concurrent ones share few with all others.
        DispatchQueue(label: "clipship.service.late").async(group: lateWork) {
            let response = work()
            late.response.withLock { $0 = response }
            connection.resume(at: self.clock.now)
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
