import SystemIO
public import ClipModel
public import Dispatch
import FoundationEssentials

/// A clock that can be moved ahead: it runs with the system's, or stands still between moves.
public final class MovableClock: ServiceClock {
    private let origin = ContinuousClock.now
    private let standing: Timestamp?
    private let state = Guarded(State())
    private let moving = DispatchQueue(label: "clipship.service.clock")

    private struct State {
        /// How far it was moved in all.
        var moved = Duration.zero
        var timers: [Int: Timer] = [:]
        var lastTimer = 0
        var latest = Timestamp(seconds: .min)
    }

    private struct Timer {
        /// Since the clock was made.
        var due: Duration
        var queue: DispatchQueue
        var work: @Sendable () -> Void
    }

    /// Runs with the system's clock.
    public init() {
        standing = nil
    }

    /// Stands at a time until it is moved.
    public init(standingAt time: Timestamp) {
        standing = time
    }

    public var now: Timestamp {
        state.withLock { state in
            // The system's clock may be set back; the service's time goes on from where it was.
            state.latest = max(state.latest, (standing ?? Timestamp(Date())).advanced(by: state.moved))
            return state.latest
        }
    }

    public func schedule(after delay: Duration, on queue: DispatchQueue, _ work: @escaping @Sendable () -> Void) {
        guard delay > .zero else { return queue.async(execute: work) }
        let timer = state.withLock { state in
            state.lastTimer += 1
            state.timers[state.lastTimer] = Timer(due: elapsed(state.moved) + delay, queue: queue, work: work)
            return state.lastTimer
        }
        arm(timer, on: queue, after: delay)
    }

    /// Moves the clock ahead, and runs what comes due on the way, in order; each at its own time, so that work which
    /// plans more work leads to the same as if time had passed. Blocks until that is done.
    ///
    /// Not to be called from scheduled work.
    public func advanceAndWait(by duration: Duration) {
        guard duration > .zero else { return }
        moving.sync {
            let goal = state.withLock { $0.moved + duration }
            while let timer = takeTimer(before: goal) { timer.queue.sync(execute: timer.work) }
            let rest = state.withLock { state in
                state.moved = goal
                return state.timers.mapValues { ($0.queue, $0.due - elapsed(goal)) }
            }
            for (timer, (queue, delay)) in rest { arm(timer, on: queue, after: delay) }
        }
    }

    /// The same, without holding the caller's thread.
    public func advance(by duration: Duration) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                self.advanceAndWait(by: duration)
                continuation.resume()
            }
        }
    }

    private func elapsed(_ moved: Duration) -> Duration {
        (standing == nil ? ContinuousClock.now - origin : .zero) + moved
    }

    /// The next timer that comes due until the clock is moved to `goal`; the clock then shows its time.
    private func takeTimer(before goal: Duration) -> Timer? {
        state.withLock { state in
            guard let (id, timer) = state.timers.min(by: { ($0.value.due, $0.key) < ($1.value.due, $1.key) }),
                timer.due <= elapsed(goal)
            else { return nil }
            state.moved += max(.zero, timer.due - elapsed(state.moved))
            state.timers[id] = nil
            return timer
        }
    }

    /// Has a timer fire in real time, unless a move has taken it before.
    private func arm(_ id: Int, on queue: DispatchQueue, after delay: Duration) {
        guard standing == nil else { return }
        queue.asyncAfter(deadline: .now() + delay.dispatchInterval) { [weak self] in
            self?.state.withLock { $0.timers.removeValue(forKey: id) }?.work()
        }
    }
}
