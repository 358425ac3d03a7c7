import Dispatch
import Glibc

/// Threads for tasks that may block (`withTaskExecutorPreference`, `Task(executorPreference:)`): they have what Swift's
/// cooperative pool lacks, more threads than cores.
public final class BlockingThreads: TaskExecutor {
    private struct State {
        /// Serial ones, for each of which the system has a thread while there is work; concurrent queues get no more
        /// threads than there are cores, together and with Swift's tasks.
        var idle: [DispatchQueue]
        var waiting: [UnownedJob] = []
        var served = 0
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
        queue?.async { self.run(job, on: queue) }
    }

    /// Runs a job, and what waits, until nothing does.
    private func run(_ first: UnownedJob, on queue: DispatchQueue?) {
        Blocking.nameThread("clipship-task")
        var next: UnownedJob? = first
        while let job = next {
            job.runSynchronously(on: asUnownedTaskExecutor())
            next = state.withLock { state in
                guard state.served < state.waiting.count else {
                    if let queue { state.idle.append(queue) }
                    return nil
                }
                defer {
                    state.served += 1
                    // Served entries are dropped in bulk, so that a long line costs no shifting at each step.
                    if state.served == state.waiting.count || state.served > 1024 {
                        state.waiting.removeFirst(state.served)
                        state.served = 0
                    }
                }
                return state.waiting[state.served]
            }
        }
    }
}
