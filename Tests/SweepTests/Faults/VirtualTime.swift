import ClipModel
import Dispatch
import Foundation
import LocalService
import SystemIO
import TestSupport
import XboxServices

/// The service's side of virtual time. What it holds back it holds back in real time, for so are the limits of whoever
/// waits for it; the virtual one stands still meanwhile.
struct ServiceTime: ServiceClock {
    let clock: MovableClock

    var now: Timestamp { clock.now }

    func schedule(after delay: Duration, on queue: DispatchQueue, _ work: @escaping @Sendable () -> Void) {
        guard queue.label == "clipship.service.holds" else { return clock.schedule(after: delay, on: queue, work) }
        queue.asyncAfter(deadline: .now() + delay / .seconds(1), execute: work)
    }

    func scheduleWatch(after delay: Duration, on queue: DispatchQueue, _ work: @escaping @Sendable () -> Void) {
        clock.scheduleWatch(after: delay, on: queue, work)
    }
}

/// One time for client and service, which stands still while a request is under way or its answer is not digested, and
/// otherwise jumps to the end of the shortest sleep: back-off, `Retry-After` and rate windows of hours take no time, and
/// each instant in the service's log is exact.
final class VirtualTime: Clock {
    typealias Instant = ManualClock.Instant

    /// The service's.
    let service = MovableClock(standingAt: Timestamp(seconds: 1_770_000_000))
    private let manual = ManualClock(movesByItself: false)
    private let state = Locked(State())
    /// Held while the time moves, so that no request comes to the service at another time than the client's.
    private let moves = Locked(0)
    private let queue = DispatchQueue(label: "virtual time")

    private struct State {
        /// Tasks with a request, by a number of theirs.
        var busy: Set<Int> = []
        var lastSleep = 0
        var sleeps: [Int: Instant] = [:]
    }

    var now: Instant { manual.now }
    var minimumResolution: Duration { manual.minimumResolution }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        // The service's time has no finer parts.
        let rounded = Duration.microseconds(Int64((deadline.offset / .microseconds(1)).rounded(.up)))
        let deadline = deadline.advanced(by: rounded - deadline.offset)
        let id = state.withLock { state in
            state.lastSleep += 1
            state.sleeps[state.lastSleep] = deadline
            return state.lastSleep
        }
        look()
        defer {
            state.withLock { $0.sleeps[id] = nil }
            look()
        }
        try await manual.sleep(until: deadline, tolerance: tolerance)
    }

    /// To be called by the task that makes the request.
    func requestBegins() {
        let task = Self.currentTask
        moves.withLock { _ in state.withLock { _ = $0.busy.insert(task) } }
    }

    /// The same task knows what came of it, and has told whom it concerns.
    func requestIsDigested() {
        let task = Self.currentTask
        state.withLock { _ = $0.busy.remove(task) }
        look()
    }

    static var currentTask: Int { withUnsafeCurrentTask { $0?.hashValue ?? 0 } }

    /// Lets whoever can go on do so, then moves the time.
    private func look() {
        Task { [self] in
            for _ in 0..<30 { await Task.yield() }
            queue.async { [self] in move() }
        }
    }

    /// - Parameter looked: Who slept, when a long move was looked at the first time.
    private func move(lookedAt looked: [Int: Instant]? = nil) {
        moves.withLock { count in
            let (isBusy, sleeps) = state.withLock { ($0.busy.isEmpty == false, $0.sleeps) }
            guard !isBusy, let next = sleeps.values.min(), next > manual.now else { return }
            let duration = manual.now.duration(to: next)
            // Whoever is between two requests, and waits for a file or the journal, is not to find that hours have passed.
            if duration >= Self.long, looked != sleeps {
                queue.asyncAfter(deadline: .now() + .milliseconds(50)) { [self] in move(lookedAt: sleeps) }
                return
            }
            service.advanceAndWait(by: duration)
            manual.advance(by: duration)
            count += 1
        }
    }

    private static let long = Duration.seconds(20)
}

extension VirtualTime: RequestObserver {
    func attemptEnded(_ attempt: RequestAttempt) { requestIsDigested() }
}
