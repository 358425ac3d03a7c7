import ClipModel
import Dispatch

extension Timestamp {
    private static let ticksPerSecond: Int64 = 10_000_000

    func advanced(by duration: Duration) -> Timestamp {
        let (whole, attoseconds) = duration.components
        let sum = Int64(ticks) + attoseconds / 100_000_000_000
        let carry = sum >= Self.ticksPerSecond ? 1 : sum < 0 ? -1 : 0
        let (part, _) = seconds.addingReportingOverflow(whole)
        return Timestamp(seconds: part &+ Int64(carry), ticks: Int32(sum - Int64(carry) * Self.ticksPerSecond))
    }

    func duration(to other: Timestamp) -> Duration {
        .seconds(other.seconds - seconds) + .nanoseconds(Int64(other.ticks - ticks) * 100)
    }
}

extension Duration {
    var dispatchInterval: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return .nanoseconds(overflow ? .max / 2 : Int(whole) + Int(attoseconds / 1_000_000_000))
    }

    /// At least as many whole seconds.
    var wholeSeconds: Int64 {
        let (seconds, attoseconds) = components
        return attoseconds > 0 ? seconds + 1 : seconds
    }
}
