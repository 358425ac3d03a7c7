import SystemIO
import FoundationEssentials
import Transport

/// The top layer: turns answers into values or failures, and tries again what may be tried again.
struct RetryingCaller<Next: ServiceCaller>: Sendable {
    let next: Next
    let policy: BackOff.Policy
    let clock: Stopwatch
    let wallClock: @Sendable () -> Date
    let random: RandomSource
    let observer: (any RequestObserver)?

    /// Makes a call until it succeeds, fails for good or the window is over.
    ///
    /// - Throws: the last `ServiceFailure`; its recovery is `.retry` if only time ran out.
    func value<Value>(
        of call: ServiceCall, reading read: (HTTPResponse) throws(ServiceFailure) -> Value
    ) async throws(ServiceFailure) -> Value {
        var backOff = BackOff(policy, at: clock.now)
        var number = 0
        while true {
            number += 1
            if let window = call.window { backOff.noteProgress(at: window.lastProgress) }
            let start = clock.now
            var failure: ServiceFailure
            do {
                let response = try await attempt(call, backOff)
                let value = try read(response)
                call.window?.noteProgress(at: clock.now)
                report(call, number, .succeeded(status: response.status), since: start, nextWait: nil, backOff)
                return value
            } catch {
                failure = error
            }
            failure.attempts = number
            if let window = call.window { backOff.noteProgress(at: window.lastProgress) }
            let wait = wait(after: failure, &backOff)
            report(call, number, .failed(failure), since: start, nextWait: wait, backOff)
            guard let wait else { throw failure }
            do { try await clock.sleep(wait) } catch {
                failure.kind = .cancelled
                throw failure
            }
        }
    }

    private func attempt(_ call: ServiceCall, _ backOff: BackOff) async throws(ServiceFailure) -> HTTPResponse {
        var call = call
        call.latestStart = backOff.latestStart
        call.prepare?(&call.request)
        let response = try await next.answer(to: call)
        guard call.successes.contains(response.status) else {
            if [429, 503].contains(response.status) { call.refused?() }
            let pause = RetryAfter.pause(response.head, now: wallClock())
            throw ServiceFailure(
                call, .status(response.status, ServiceMessage(response.body)),
                RetryDecision.recovery(call, status: response.status, retryAfter: pause))
        }
        return response
    }

    private func wait(after failure: ServiceFailure, _ backOff: inout BackOff) -> Duration? {
        switch failure.kind {
        case .cancelled, .paused: return nil
        // No room: there is none before somebody has made some.
        case .status(507, _): return nil
        case .transport(let error):
            if case .closed = error.kind { return nil }
        default: break
        }
        guard case .retry(let pause) = failure.recovery else { return nil }
        return random.use { backOff.wait(at: clock.now, pause: pause, using: &$0) }
    }

    private func report(
        _ call: ServiceCall, _ number: Int, _ outcome: RequestAttempt.Outcome, since start: Duration,
        nextWait: Duration?, _ backOff: BackOff
    ) {
        let now = clock.now
        observer?.attemptEnded(
            RequestAttempt(
                call: call.name, service: call.service, method: call.request.method.rawValue,
                url: call.request.url.withoutQuery, number: number, outcome: outcome,
                duration: now - start, nextWait: nextWait, timeLeft: backOff.latestStart - now))
    }
}

/// A random number generator that several tasks share.
final class RandomSource: Sendable {
    private let generator: Locked<any RandomNumberGenerator & Sendable>

    init(_ generator: any RandomNumberGenerator & Sendable) {
        self.generator = Locked(generator)
    }

    func use<Result>(_ body: (inout AnyGenerator) -> Result) -> Result {
        generator.withLock { generator in
            var wrapped = AnyGenerator(base: generator)
            defer { generator = wrapped.base }
            return body(&wrapped)
        }
    }
}

struct AnyGenerator: RandomNumberGenerator {
    var base: any RandomNumberGenerator & Sendable

    mutating func next() -> UInt64 { base.next() }
}
