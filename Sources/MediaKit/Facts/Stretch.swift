import ClipModel

/// Follows a property of frames or samples through time, and keeps the first stretch that lasts longer than a limit.
struct StretchWatch {
    /// Seconds.
    private let limit: Double
    private var start: Double?
    private(set) var found: FoundStretches.Stretch?

    init(longerThan limit: Double) {
        self.limit = limit
    }

    /// From `time` on it is so, or not.
    mutating func note(_ isSo: Bool, at time: Double) {
        guard found == nil else { return }
        if isSo {
            start = start ?? time
        } else {
            end(at: time)
        }
    }

    /// It was so up to `time`, if it was.
    mutating func end(at time: Double) {
        // Times are sums of fractions: what differs by less than a microsecond is the same.
        if found == nil, let start, time - start > limit + 1e-6 { found = .init(start: start, end: time) }
        start = nil
    }
}
