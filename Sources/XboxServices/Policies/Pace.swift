/// How many requests a service takes: the two windows of its limit.
public struct RateLimits: Hashable, Sendable {
    /// Requests in any 15 s.
    public var burst: Int
    /// Requests in any 300 s.
    public var sustain: Int

    /// Both are taken as at least 1.
    public init(burst: Int, sustain: Int) {
        self.burst = burst
        self.sustain = sustain
    }

    /// What is published for reading statistics.
    public static let published = RateLimits(burst: 100, sustain: 300)

    /// Reads `100/300`: requests in 15 s and in 300 s, both at least 1; nil for anything else.
    public init?(parsing text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let burst = parts[0], let sustain = parts[1], burst > 0, sustain > 0 else {
            return nil
        }
        self.init(burst: burst, sustain: sustain)
    }

    static let burstWindow = Duration.seconds(15)
    static let sustainWindow = Duration.seconds(300)
}

/// Decides when the next request to one service may start: not before a pause that the service asked for is
/// over, and not so that a limit could be exceeded. A value without clock or I/O; times are durations from a
/// common origin.
///
/// A request counts from its start until a whole window after its answer. The service counts it at some
/// moment between the two, so however long requests are under way, and wherever the service's windows begin,
/// it never sees more in a window than the limit.
struct Pace: Sendable {
    private let limits: RateLimits?
    private var closedUntil: Duration = .zero
    private var entries: [Entry] = []
    private var lastTicket = 0

    private struct Entry {
        var ticket: Int
        /// Nil while it is under way.
        var answeredAt: Duration?
    }

    enum Admission: Equatable {
        /// Start, and call `answered` with the ticket.
        case go(ticket: Int)
        /// Ask again when this has passed, for the sake of our own limits.
        case wait(Duration)
        /// Ask again when this has passed, since the service asked for a pause.
        case pause(Duration)
    }

    init(_ limits: RateLimits?) {
        self.limits = limits
    }

    /// Counts a request if it may start at once. O(requests in the longer window).
    mutating func admit(at now: Duration) -> Admission {
        entries.removeAll { $0.answeredAt.map { $0 + RateLimits.sustainWindow <= now } ?? false }
        if closedUntil > now { return .pause(closedUntil - now) }
        let wait = waitForLimits(at: now)
        guard wait <= .zero else { return .wait(wait) }
        lastTicket += 1
        if limits != nil { entries.append(Entry(ticket: lastTicket, answeredAt: nil)) }
        return .go(ticket: lastTicket)
    }

    /// The request has its answer, or will never have one.
    mutating func answered(_ ticket: Int, at now: Duration) {
        guard let index = entries.firstIndex(where: { $0.ticket == ticket }) else { return }
        entries[index].answeredAt = now
    }

    /// Nothing starts before `time`.
    mutating func close(until time: Duration) {
        closedUntil = max(closedUntil, time)
    }

    private func waitForLimits(at now: Duration) -> Duration {
        guard let limits else { return .zero }
        return max(
            wait(limits.burst, in: RateLimits.burstWindow, at: now),
            wait(limits.sustain, in: RateLimits.sustainWindow, at: now))
    }

    /// How long until fewer than `limit` requests count in the window. One under way will count for at least
    /// a window from now on.
    private func wait(_ limit: Int, in window: Duration, at now: Duration) -> Duration {
        let ends = entries.map { ($0.answeredAt ?? now) + window }.filter { $0 > now }.sorted()
        let excess = ends.count - max(limit, 1)
        return excess < 0 ? .zero : ends[excess] - now
    }
}
