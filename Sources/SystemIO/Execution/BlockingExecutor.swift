import Dispatch

/// Runs an actor whose work blocks (a database, a file) on a queue of its own, off Swift's cooperative thread pool.
public final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    public init(_ label: String) {
        queue = DispatchQueue(label: "clipship.\(label)")
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        queue.async { job.runSynchronously(on: executor) }
    }
}
