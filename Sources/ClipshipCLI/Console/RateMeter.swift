import ClipModel

/// Bytes a second over the last seconds. A value; times are those of its caller.
struct RateMeter {
    /// How far it looks back: enough for blocks that arrive by turns, little enough that a line that stands is seen.
    private static let window = Duration.seconds(10)

    private var steps: [(at: ContinuousClock.Instant, bytes: Int64)] = []
    private var began: ContinuousClock.Instant?

    /// From now on bytes may come.
    mutating func start(at now: ContinuousClock.Instant) {
        if began == nil { began = now }
    }

    mutating func add(_ bytes: Int64, at now: ContinuousClock.Instant) {
        start(at: now)
        forget(before: now)
        // Ten steps a second are as exact as anybody can read.
        if let last = steps.last, last.at.duration(to: now) < .milliseconds(100) {
            steps[steps.count - 1].bytes += bytes
        } else {
            steps.append((now, bytes))
        }
    }

    /// Nil where nothing came in that time.
    func rate(at now: ContinuousClock.Instant) -> ByteCount? {
        guard let began else { return nil }
        let bytes = steps.lazy.filter { $0.at.duration(to: now) <= Self.window }.reduce(0) { $0 + $1.bytes }
        let time = max(.seconds(1), min(Self.window, began.duration(to: now)))
        let rate = Double(bytes) / (time / .seconds(1))
        return rate >= 1 ? ByteCount(Int64(rate)) : nil
    }

    private mutating func forget(before now: ContinuousClock.Instant) {
        if let first = steps.first, first.at.duration(to: now) > Self.window * 2 {
            steps.removeAll { $0.at.duration(to: now) > Self.window }
        }
    }
}
