import Dispatch
import Glibc

/// Threads for tasks that may block (`withTaskExecutorPreference`, `Task(executorPreference:)`): they have what Swift's
/// cooperative pool lacks, more threads than cores.
public final class BlockingThreads: TaskExecutor {
    private struct State {
        /// Serial ones, for each of which the system has a thread while there is work; concurrent queues get no more
        /// threads than there are cores, together and with Swift's tasks.
        var idle: [DispatchQueue]
        var waiting = WaitingLine<UnownedJob>()
    }

    private let state: Locked<State>

    /// Starts no thread yet.
    init(count: Int = 16) {
        state = Locked(
            State(
                idle: (0..<count).map {
                    let queue = DispatchQueue(label: "clipship.task-\($0)")
                    queue.setSpecific(key: Blocking.mayBlock, value: ())
                    return queue
                }))
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let queue = state.withLock { state -> DispatchQueue? in
            if let queue = state.idle.popLast() { return queue }
            state.waiting.append(job)
            return nil
        }
        if let queue { queue.async { self.run(job, on: queue) } }
    }

    /// Runs a job, and what waits, until nothing does.
    private func run(_ first: UnownedJob, on queue: DispatchQueue) {
        Blocking.nameThread("clipship-task")
        var next: UnownedJob? = first
        while let job = next {
            job.runSynchronously(on: asUnownedTaskExecutor())
            next = state.withLock { state in
                let next = state.waiting.popFirst()
                if next == nil { state.idle.append(queue) }
                return next
            }
        }
    }
}
