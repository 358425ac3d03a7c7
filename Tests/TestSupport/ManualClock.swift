import Foundation

/// A clock whose time a test moves.
///
/// `@unchecked Sendable`: the state is touched in `withState` only, behind a lock that the thread sanitizer knows.
public final class ManualClock: Clock, @unchecked Sendable {
    public struct Instant: InstantProtocol {
        /// Since the clock was made.
        public var offset: Duration

        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        public static func < (a: Instant, b: Instant) -> Bool { a.offset < b.offset }
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleeps: [Duration] = []
        var lastID = 0
        var sleepers: [Int: (until: Instant, continuation: CheckedContinuation<Bool, Never>)] = [:]
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let lock = NSLock()
    private var state = State()
    private let movesByItself: Bool

    /// - Parameter movesByItself: Whoever sleeps moves the clock to the end of the sleep and goes on at once.
    ///   Else `advance` ends sleeps.
    public init(movesByItself: Bool) {
        self.movesByItself = movesByItself
    }

    public var now: Instant { withState { $0.now } }
    public var minimumResolution: Duration { .nanoseconds(1) }

    /// How long each sleep was to be, in the order in which they began.
    public var sleeps: [Duration] { withState { $0.sleeps } }

    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        let id = withState { state in
            state.sleeps.append(state.now.duration(to: deadline))
            if movesByItself { state.now = max(state.now, deadline) }
            state.lastID += 1
            return state.lastID
        }
        if movesByItself {
            await Task.yield()
            return try Task.checkCancellation()
        }
        let isWoken = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enter(id, until: deadline, continuation)
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
        if !isWoken { throw CancellationError() }
    }

    /// Moves the time and ends the sleeps that are over.
    public func advance(by duration: Duration) {
        let woken = withState { state in
            state.now = state.now.advanced(by: duration)
            let over = state.sleepers.filter { $0.value.until <= state.now }
            for id in over.keys { state.sleepers[id] = nil }
            return over.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume(returning: true) }
    }

    /// Returns when at least `count` tasks sleep.
    public func sleepers(_ count: Int) async {
        await withCheckedContinuation { watcher in
            let isThere = withState { state in
                if state.sleepers.count < count { state.watchers.append((count, watcher)) }
                return state.sleepers.count >= count
            }
            if isThere { watcher.resume() }
        }
    }

    private func withState<Result>(_ body: (inout State) -> Result) -> Result {
        lock.withLock { body(&state) }
    }

    private func enter(_ id: Int, until deadline: Instant, _ continuation: CheckedContinuation<Bool, Never>) {
        let (isOver, watchers) = withState { state in
            if deadline <= state.now { return (true, [CheckedContinuation<Void, Never>]()) }
            state.sleepers[id] = (deadline, continuation)
            let count = state.sleepers.count
            let satisfied = state.watchers.filter { $0.count <= count }.map(\.continuation)
            state.watchers.removeAll { $0.count <= count }
            return (false, satisfied)
        }
        if isOver { continuation.resume(returning: true) }
        for watcher in watchers { watcher.resume() }
    }

    private func cancel(_ id: Int) {
        withState { $0.sleepers.removeValue(forKey: id)?.continuation }?.resume(returning: false)
    }
}
