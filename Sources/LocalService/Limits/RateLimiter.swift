import SystemIO
import ClipModel

/// Counts the requests of all users.
final class RateLimiter: Sendable {
    /// Whose requests are counted together.
    struct Caller: Hashable, Sendable {
        var service: RateLimit.Service
        var xuid: String
        var titleId: String
    }

    private let windows = Locked<[Caller: RateWindows]>([:])

    /// Counts a request; why it is dropped, if it is.
    func count(_ caller: Caller, at now: Timestamp, _ limit: RateLimit) -> RateWindows.Excess? {
        windows.withLock { windows in
            if windows.count > 1_000 { windows = windows.filter { !$0.value.isEmpty(at: now) } }
            return windows[caller, default: RateWindows()].count(at: now, limit)
        }
    }
}

extension OutgoingResponse {
    /// 429 with what the services say about it.
    static func dropped(_ excess: RateWindows.Excess, _ style: ErrorStyle) -> Self {
        var response = json(
            RateLimitExceeded(
                currentRequests: excess.currentRequests, maxRequests: excess.maxRequests,
                periodInSeconds: Int(excess.period.wholeSeconds)), status: 429)
        response.set("Retry-After", "\(max(1, excess.retryAfter.wholeSeconds))")
        return response.decorated(style)
    }
}
