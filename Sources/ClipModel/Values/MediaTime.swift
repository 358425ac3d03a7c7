/// A time on a stream's presentation time line, exact: `value / timescale` seconds.
public struct MediaTime: Hashable, Sendable {
    public var value: Int64
    /// Units a second; always positive.
    public var timescale: Int64

    /// `timescale` below 1 is taken as 1.
    public init(value: Int64, timescale: Int64) {
        self.value = value
        self.timescale = max(1, timescale)
    }

    public static let zero = MediaTime(value: 0, timescale: 1)

    /// Seconds, rounded to the nearest microsecond so that it prints short and alike everywhere.
    public var seconds: Double {
        (Double(value) / Double(timescale) * 1_000_000).rounded() / 1_000_000
    }

    /// Milliseconds, rounded to the nearest microsecond.
    public var milliseconds: Double {
        (Double(value) / Double(timescale) * 1_000_000).rounded() / 1_000
    }
}

extension MediaTime: Comparable {
    public static func < (a: Self, b: Self) -> Bool {
        let left = a.value.multipliedFullWidth(by: b.timescale)
        let right = b.value.multipliedFullWidth(by: a.timescale)
        return (left.high, left.low) < (right.high, right.low)
    }

    public static func == (a: Self, b: Self) -> Bool {
        !(a < b) && !(b < a)
    }

    public func hash(into hasher: inout Hasher) {
        let divisor = Self.greatestCommonDivisor(value.magnitude, timescale.magnitude)
        hasher.combine(value < 0)
        hasher.combine(value.magnitude / divisor)
        hasher.combine(timescale.magnitude / divisor)
    }

    private static func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return max(a, 1)
    }
}
