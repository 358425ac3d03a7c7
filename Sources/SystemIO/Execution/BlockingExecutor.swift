import Dispatch

/// Runs an actor whose work blocks (a database, a file) on a queue of its own, off Swift's cooperative thread pool.
public final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue
    private let name: String

    public init(_ label: String) {
        queue = DispatchQueue(label: "clipship.\(label)")
        queue.setSpecific(key: Blocking.mayBlock, value: ())
        name = label
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        queue.async { [name] in
            Blocking.nameThread(name)
            job.runSynchronously(on: executor)
        }
    }
}
