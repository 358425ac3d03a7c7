import SystemIO
import Transport

/// Performs what `Pace` decides, for every caller of one service.
final class Pacer: Sendable {
    private let pace: Locked<Pace>
    private let clock: Stopwatch

    init(_ limits: RateLimits?, clock: Stopwatch) {
        pace = Locked(Pace(limits))
        self.clock = clock
    }

    enum Refusal: Error {
        /// The pause that the service asked for lasts beyond the latest start.
        case tooLong(Duration)
        case cancelled
    }

    /// Waits until a request may start, and counts it.
    func admit(latestStart: Duration?) async throws(Refusal) -> Int {
        while true {
            let now = clock.now
            switch pace.withLock({ $0.admit(at: now) }) {
            case .go(let ticket): return ticket
            case .wait(let duration):
                do { try await clock.sleep(duration) } catch { throw .cancelled }
            case .pause(let duration):
                if let latestStart, now + duration > latestStart { throw .tooLong(duration) }
                do { try await clock.sleep(duration) } catch { throw .cancelled }
            }
        }
    }

    func answered(_ ticket: Int) {
        let now = clock.now
        pace.withLock { $0.answered(ticket, at: now) }
    }

    /// Nobody starts a request before `duration` has passed.
    func pause(_ duration: Duration) {
        let end = clock.now + duration
        pace.withLock { $0.close(until: end) }
    }
}
