/// How much may be under way at once towards somebody who may say that it is too much: half as much then, and one more after
/// as many successes as there may be. That is additive increase and multiplicative decrease, as in RFC 5681.
public struct AdaptiveLimit: Hashable, Sendable {
    /// The most that it ever is.
    public let most: Int
    /// What it is now: 1 to `most`.
    public private(set) var current: Int
    private var successes = 0
    /// Answers that are still to come to what went out before the limit was lowered; they say nothing about the new one.
    private var earlier = 0

    /// `most` below 1 is taken as 1.
    public init(_ most: Int) {
        self.most = max(1, most)
        current = self.most
    }

    /// Something was taken.
    public mutating func noteSuccess() {
        if earlier > 0 { earlier -= 1 }
        guard current < most else { return }
        successes += 1
        guard successes >= current else { return }
        current += 1
        successes = 0
    }

    /// Something was refused because it was too much.
    ///
    /// - Parameter underWay: How much was, this one included.
    public mutating func noteRefusal(underWay: Int) {
        guard earlier == 0 else {
            earlier -= 1
            return
        }
        earlier = max(0, underWay - 1)
        current = max(1, min(current, underWay) / 2)
        successes = 0
    }
}
