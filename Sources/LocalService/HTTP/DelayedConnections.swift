import Synchronization
import SystemIO
import Dispatch

/// A connection that is suspended for a while.
final class DelayedConnection: Sendable {
    private let lost = Atomic(false)

    /// The client went away meanwhile.
    var isLost: Bool { lost.load(ordering: .acquiring) }

    fileprivate func lose() {
        lost.store(true, ordering: .releasing)
    }
}

/// The connections that wait for a time to pass; no thread waits with them.
final class DelayedConnections: Sendable {
    /// How often it is looked whether clients are still there: a suspended connection is not watched by the server.
    private static let watchInterval = DispatchTimeInterval.milliseconds(50)

    private let clock: any ServiceClock
    private let queue = DispatchQueue(label: "clipship.service.holds")
    private let state = Locked(State())

    private struct State {
        var isOpen = true
        var isWatching = false
        var last = 0
        var held: [Int: (connection: SuspendedConnection, hold: DelayedConnection)] = [:]
    }

    init(clock: any ServiceClock) {
        self.clock = clock
    }

    /// Suspends a connection until `delay` has passed, the client is gone, or the service stops.
    func hold(_ connection: Connection, _ hold: DelayedConnection, for delay: Duration) {
        let suspended = connection.suspend()
        let number: Int? = state.withLock { state in
            guard state.isOpen else { return nil }
            state.last += 1
            state.held[state.last] = (suspended, hold)
            if !state.isWatching {
                state.isWatching = true
                scheduleWatch()
            }
            return state.last
        }
        guard let number else { return suspended.resume() }
        clock.schedule(after: delay, on: queue) { [weak self] in self?.release(number) }
    }

    /// Lets all connections go on, and holds none from now on.
    func close() {
        let held = state.withLock { state in
            state.isOpen = false
            defer { state.held = [:] }
            return Array(state.held.values)
        }
        for (connection, _) in held { connection.resume() }
    }

    private func release(_ number: Int) {
        state.withLock { $0.held.removeValue(forKey: number) }?.connection.resume(at: clock.now)
    }

    private func scheduleWatch() {
        queue.asyncAfter(deadline: .now() + Self.watchInterval) { [weak self] in self?.watch() }
    }

    private func watch() {
        // Under the lock nobody resumes a connection, so that its descriptor is still its own.
        let lost = state.withLock { state in
            let lost = state.held.filter(\.value.connection.isLost)
            for number in lost.keys { state.held[number] = nil }
            state.isWatching = !state.held.isEmpty
            if state.isWatching { scheduleWatch() }
            return lost.values.map(\.self)
        }
        for (connection, hold) in lost {
            hold.lose()
            connection.resume()
        }
    }
}
