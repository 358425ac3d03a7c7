public import ClipModel
public import Dispatch

/// The local service's time: dates, expiry, windows, and everything that happens after a while.
public protocol ServiceClock: Sendable {
    /// Never goes back.
    var now: Timestamp { get }

    /// Runs `work` on `queue` once `delay` has passed on this clock; without a delay at once.
    func schedule(after delay: Duration, on queue: DispatchQueue, _ work: @escaping @Sendable () -> Void)
}
