import Dispatch

/// Threads for work that blocks or computes for long: at most `width` pieces at once, the others wait in line, off
/// Swift's cooperative thread pool.
public final class BlockingPool: Sendable {
    public let width: Int
    private let queue: DispatchQueue
    private let slots: Slots

    /// `width` below 1 is taken as 1.
    public init(_ label: String, width: Int) {
        self.width = max(1, width)
        queue = DispatchQueue(label: "clipship.\(label)", attributes: .concurrent)
        slots = Slots(width)
    }

    /// Runs `work` on one of the pool's threads.
    public func run<Value: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await result(work).get()
    }

    /// Runs `work` on one of the pool's threads; a failure is a value.
    public func result<Value: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async -> Result<Value, Failure> {
        await slots.withSlot {
            await withCheckedContinuation { continuation in
                queue.async {
                    continuation.resume(returning: Result { () throws(Failure) in try work() })
                }
            }
        }
    }
}
