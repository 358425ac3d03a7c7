import Dispatch

/// Threads for work that blocks or computes for long: at most `width` pieces at once, the others wait in line, off
/// Swift's cooperative thread pool.
public final class BlockingPool: Sendable {
    public let width: Int
    private let label: String
    private let permits: AsyncSemaphore
    /// Serial ones, for each of which the system has a thread however many are held up; concurrent queues get no more
    /// threads than there are cores, together and with Swift's tasks.
    private let idle: Locked<[DispatchQueue]>

    /// `width` below 1 is taken as 1.
    public init(_ label: String, width: Int) {
        self.width = max(1, width)
        self.label = label
        permits = AsyncSemaphore(width)
        idle = Locked((0..<max(1, width)).map { DispatchQueue(label: "clipship.\(label)-\($0)") })
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
        await permits.withPermit {
            // There is one for each permit.
            guard let queue = idle.withLock({ $0.popLast() }) else {
                return Result { () throws(Failure) in try work() }
            }
            defer { idle.withLock { $0.append(queue) } }
            return await withCheckedContinuation { continuation in
                queue.async { [label] in
                    Blocking.nameThread(label)
                    continuation.resume(returning: Result { () throws(Failure) in try work() })
                }
            }
        }
    }
}
