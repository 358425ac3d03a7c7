import SystemIO

/// Says that nothing new is to be started: the user pressed Ctrl-C, or the time is up.
public final class StopSignal: Sendable {
    private struct State {
        var isRaised = false
        var sleepers: [Int: CheckedContinuation<Void, Never>] = [:]
        var next = 0
    }

    private let state = Locked(State())

    public init() {}

    /// Seconds that what is in flight may go on once it is raised.
    public static let secondsToEnd = 10

    public var isRaised: Bool { state.withLock { $0.isRaised } }

    /// From any thread.
    public func raise() {
        let sleepers = state.withLock { state in
            state.isRaised = true
            defer { state.sleepers = [:] }
            return state.sleepers
        }
        for sleeper in sleepers.values { sleeper.resume() }
    }

    /// Returns when the signal is raised, or the task is cancelled.
    public func wait() async {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard !state.isRaised, !Task.isCancelled else { return true }
                    state.sleepers[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?.resume()
        }
    }

    /// Waits for `duration`, or less if the signal is raised.
    public func sleep(for duration: Duration, clock: any Clock<Duration>) async {
        await withTaskGroup { group in
            group.addTask { try? await clock.sleep(for: duration) }
            group.addTask { await self.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
