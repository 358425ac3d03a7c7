import SystemIO
import Transport

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
