public import ClipModel
public import Dispatch
import FoundationEssentials
import SystemIO

/// A clock that can be moved ahead: it runs with the system's, or stands still between moves.
public final class MovableClock: ServiceClock {
    private let origin = ContinuousClock.now
    private let standing: Timestamp?
    private let state = Locked(State())
    private let moving = DispatchQueue(label: "clipship.service.clock")

    private struct State {
        /// How far it was moved in all.
        var moved = Duration.zero
        var timers: [Int: Timer] = [:]
        var lastTimer = 0
        var latest = Timestamp(seconds: .min)
        /// Timers need not fire by themselves: the move takes them, or sees to them when it ends.
        var isMoving = false
    }

    private struct Timer {
        /// Since the clock was made.
        var due: Duration
        /// Work for the end of a move.
        var isWatch: Bool
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
        add(after: delay, on: queue, isWatch: false, work)
    }

    public func scheduleWatch(after delay: Duration, on queue: DispatchQueue, _ work: @escaping @Sendable () -> Void) {
        add(after: delay, on: queue, isWatch: true, work)
    }

    private func add(
        after delay: Duration, on queue: DispatchQueue, isWatch: Bool, _ work: @escaping @Sendable () -> Void
    ) {
        guard delay > .zero else { return queue.async(execute: work) }
        let timer: Int? = state.withLock { state in
            state.lastTimer += 1
            let due = elapsed(state.moved) + delay
            state.timers[state.lastTimer] = Timer(due: due, isWatch: isWatch, queue: queue, work: work)
            return state.isMoving ? nil : state.lastTimer
        }
        if let timer { arm(timer, on: queue, after: delay) }
    }

    /// Moves the clock ahead, and runs what comes due on the way, in order; each at its own time, so that work which
    /// plans more work leads to the same as if time had passed. What was scheduled by `scheduleWatch` runs at the end.
    /// Blocks until that is done.
    ///
    /// Not to be called from scheduled work.
    public func advanceAndWait(by duration: Duration) {
        guard duration > .zero else { return }
        moving.sync {
            let goal = state.withLock { state in
                state.isMoving = true
                return state.moved + duration
            }
            while let timer = takeTimer(before: goal) { timer.queue.sync(execute: timer.work) }
            let rest = state.withLock { state in
                state.moved = goal
                state.isMoving = false
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
            let end = elapsed(goal)
            // A watch that would come due on the way does so at the end of it.
            let due = { (timer: Timer) in timer.isWatch ? max(timer.due, end) : timer.due }
            guard let (id, timer) = state.timers.min(by: { (due($0.value), $0.key) < (due($1.value), $1.key) }),
                due(timer) <= end
            else { return nil }
            state.moved += max(.zero, due(timer) - elapsed(state.moved))
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

/// The local service's time: dates, expiry, windows, and everything that happens after a while.
public protocol ServiceClock: Sendable {
    /// Never goes back.
    var now: Timestamp { get }

    /// Runs `work` on `queue` once `delay` has passed on this clock; without a delay at once.
    func schedule(after delay: Duration, on queue: DispatchQueue, _ work: @escaping @Sendable () -> Void)

    /// The same for work that comes again and again, and only looks at how things are by then: a clock that is moved
    /// past many such times runs it once, where the move ends.
    func scheduleWatch(after delay: Duration, on queue: DispatchQueue, _ work: @escaping @Sendable () -> Void)
}

extension ServiceClock {
    public func scheduleWatch(after delay: Duration, on queue: DispatchQueue, _ work: @escaping @Sendable () -> Void) {
        schedule(after: delay, on: queue, work)
    }
}
