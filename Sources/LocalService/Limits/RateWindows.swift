import ClipModel

/// The requests of one user with one title to one service, in both windows.
///
/// A pure value. Windows slide: no 15 s, wherever they begin, have more than `burst` requests that were let through,
/// and no 300 s more than `sustain` requests of any kind.
struct RateWindows: Sendable {
    static let burstPeriod = Duration.seconds(15)
    static let sustainPeriod = Duration.seconds(300)
    /// Of a caller that never stops, the oldest are forgotten.
    private static let most = 100_000

    private var requests: [(time: Timestamp, isDropped: Bool)] = []

    /// Why a request is dropped.
    struct Excess: Hashable, Sendable {
        var currentRequests: Int
        var maxRequests: Int
        var period: Duration
        /// When a request would be let through, if none comes before.
        var retryAfter: Duration
    }

    /// Nothing is in either window.
    func isEmpty(at now: Timestamp) -> Bool {
        requests.last.map { $0.time.duration(to: now) >= Self.sustainPeriod } ?? true
    }

    /// Counts a request; it is dropped where a window is full.
    mutating func count(at now: Timestamp, _ limit: RateLimit) -> Excess? {
        let old = requests.prefix { $0.time.duration(to: now) >= Self.sustainPeriod }.count
        requests.removeFirst(max(old, requests.count - Self.most))
        let recent = requests.suffix(from: burstStart(now))
        let accepted = recent.filter { !$0.isDropped }.map(\.time)
        let excess =
            Self.excess(requests.map(\.time), current: requests.count, limit.sustain, Self.sustainPeriod, now)
            ?? Self.excess(accepted, current: recent.count, limit.burst, Self.burstPeriod, now)
        requests.append((now, excess != nil))
        return excess
    }

    private func burstStart(_ now: Timestamp) -> Int {
        requests.firstIndex { $0.time.duration(to: now) < Self.burstPeriod } ?? requests.endIndex
    }

    private static func excess(
        _ counted: [Timestamp], current: Int, _ limit: Int, _ period: Duration, _ now: Timestamp
    ) -> Excess? {
        guard counted.count >= limit else { return nil }
        // A dropped request is counted in the sustain window, so one more has to leave it.
        let isSustain = period == sustainPeriod
        let leaving = counted.count - limit + (isSustain ? 1 : 0)
        let wait = leaving < counted.count ? now.duration(to: counted[leaving].advanced(by: period)) : period
        return Excess(currentRequests: current + 1, maxRequests: limit, period: period, retryAfter: wait)
    }
}
