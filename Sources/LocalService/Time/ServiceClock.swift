public import ClipModel
public import Dispatch

/// The local service's time: dates, expiry, windows, and everything that happens after a while.
public protocol ServiceClock: Sendable {
    /// Never goes back.
    var now: Timestamp { get }

    /// Runs `work` on `queue` once `delay` has passed on this clock; without a delay at once.
    func schedule(after delay: Duration, on queue: DispatchQueue, _ work: @escaping @Sendable () -> Void)

    /// The same for work that comes again and again, and only looks at how things are by then: a clock that is moved
    /// past many such times runs it once, where the move ends.
    func scheduleWatch(after delay: Duration, on queue: DispatchQueue, _ work: @escaping @Sendable () -> Void)
}

extension ServiceClock {
    public func scheduleWatch(after delay: Duration, on queue: DispatchQueue, _ work: @escaping @Sendable () -> Void) {
        schedule(after: delay, on: queue, work)
    }
}
