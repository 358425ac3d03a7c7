/// Which hosts do not answer, so that it is told once when one stops and once when it is back. A value without clock or
/// I/O; times are durations from a common origin.
struct Outages: Sendable {
    /// What is worth a line.
    enum Change: Hashable, Sendable {
        case began
        /// With the time from the first attempt that failed.
        case ended(after: Duration)
    }

    private struct Host {
        var failures = 0
        /// When the first of them was.
        var since = Duration.zero
        var isTold = false
        var wasEverTold = false
    }

    private var hosts: [String: Host] = [:]

    /// Failures in a row after which a host has stopped again. The first time one is enough; later, a host that fails now
    /// and then is no news.
    private static let isNews = 3

    /// An attempt failed, and there will be another.
    mutating func failed(_ host: String, at now: Duration) -> Change? {
        var state = hosts[host] ?? Host()
        defer { hosts[host] = state }
        if state.failures == 0 { state.since = now }
        state.failures += 1
        guard !state.isTold, !state.wasEverTold || state.failures >= Self.isNews else { return nil }
        state.isTold = true
        state.wasEverTold = true
        return .began
    }

    /// An attempt had an answer.
    mutating func answered(_ host: String, at now: Duration) -> Change? {
        guard var state = hosts[host], state.failures > 0 else { return nil }
        defer { hosts[host] = state }
        state.failures = 0
        guard state.isTold else { return nil }
        state.isTold = false
        return .ended(after: now - state.since)
    }
}
