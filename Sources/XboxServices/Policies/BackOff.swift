import SystemIO
import Transport

/// When to try again: full jitter under a ceiling that doubles, until a window has passed without progress.
///
/// Times are durations from any common origin; there is no clock and no I/O in it.
public struct BackOff: Sendable {
    /// The figures.
    public struct Policy: Hashable, Sendable {
        /// The ceiling of the first wait.
        public var first = Duration.seconds(2)
        /// The highest ceiling.
        public var longest = Duration.seconds(60)
        /// For trying, counted from the start or from the last progress.
        public var window = Duration.seconds(15 * 60)
        /// What an attempt needs at least: none is made with less than this left of the window.
        public var leastTime = Duration.seconds(5)

        /// 2 s doubling to 60 s, for 15 min.
        public init() {}
    }

    private let policy: Policy
    private var steps = 0
    private var lastProgress: Duration

    /// Starts the window.
    public init(_ policy: Policy = Policy(), at now: Duration) {
        self.policy = policy
        lastProgress = now
    }

    /// Notes progress, which starts the window and the doubling again. A time that is not later than the last
    /// is ignored.
    public mutating func noteProgress(at time: Duration) {
        guard time > lastProgress else { return }
        lastProgress = time
        steps = 0
    }

    /// When an attempt may start at the latest.
    public var latestStart: Duration {
        lastProgress + policy.window - policy.leastTime
    }

    /// How long to wait before the next attempt, at least `pause`; nil to give up.
    public mutating func wait(
        at now: Duration, pause: Duration? = nil, using generator: inout some RandomNumberGenerator
    ) -> Duration? {
        let left = latestStart - now
        guard left > .zero, left >= pause ?? .zero else { return nil }
        let jittered = ceiling * Double.random(in: 0...1, using: &generator)
        steps += 1
        return max(min(jittered, left), pause ?? .zero)
    }

    /// The longest that the next wait can be, without a pause that the service asks for.
    public var ceiling: Duration {
        var ceiling = policy.first
        for _ in 0..<steps where ceiling < policy.longest { ceiling = ceiling * 2 }
        return min(ceiling, policy.longest)
    }
}

/// Several calls that count as one effort, such as the blocks of one clip: when one of them succeeds, all
/// have made progress, and their windows for trying start again.
public final class RetryWindow: Sendable {
    private let last = Locked<Duration>(.zero)

    /// Without progress so far.
    public init() {}

    func noteProgress(at time: Duration) {
        last.withLock { $0 = max($0, time) }
    }

    var lastProgress: Duration {
        last.withLock { $0 }
    }
}
