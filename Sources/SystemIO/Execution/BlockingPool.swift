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
        let result: Result<Value, Failure> = await slots.withSlot {
            await withCheckedContinuation { continuation in
                queue.async {
                    do throws(Failure) {
                        continuation.resume(returning: .success(try work()))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            }
        }
        return try result.get()
    }
}
