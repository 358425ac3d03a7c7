import CLinux
import Dispatch
import Glibc
import Synchronization

/// Work that holds its thread up: for a disk, a database, another process. Swift's cooperative pool has a thread for each
/// core and no more, so none of it may be there.
public enum Blocking {
    /// What the program runs on: its tasks may block.
    public static let threads = BlockingThreads()

    /// Runs `body` on a thread of its own, which has this name as far as the system shows it (15 bytes).
    public static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "clipship.\(name)").async {
            nameThread(name)
            body()
        }
    }

    /// Holds this thread up until a task has ended. Never to be called where a task runs, which may be the thread that the
    /// other one waits for.
    public static func wait<Value: Sendable, Failure: Error>(
        for work: @escaping @Sendable () async throws(Failure) -> Value
    ) throws(Failure) -> Value {
        precondition(withUnsafeCurrentTask { $0 == nil }, "a task must not wait by holding its thread up")
        let result = Locked<Result<Value, Failure>?>(nil)
        let done = DispatchSemaphore(value: 0)
        Task(executorPreference: threads) {
            let outcome: Result<Value, Failure>
            do throws(Failure) { outcome = .success(try await work()) } catch { outcome = .failure(error) }
            result.withLock { $0 = outcome }
            done.signal()
        }
        while true {
            done.wait()
            if let result = result.withLock({ $0 }) { return try result.get() }
        }
    }

    /// The name of this thread, for whoever looks at the process from outside (`pthread_setname_np`).
    static func nameThread(_ name: String) { clinux_name_thread(name) }
}

// MARK: - Where it must not be

extension Blocking {
    private static let isWatched = Atomic(false)

    /// From now on a call that blocks ends a debug build when it is made on Swift's cooperative pool. Release builds look
    /// at nothing.
    public static func watch() { isWatched.store(true, ordering: .relaxed) }

    /// The process ends, and nothing else waits for this thread.
    static func endWatch() { isWatched.store(false, ordering: .relaxed) }

    /// To be said before a call that may block.
    @inlinable
    public static func note(_ operation: @autoclosure () -> String) {
        #if DEBUG
        trap(operation())
        #endif
    }

    @usableFromInline
    static func trap(_ operation: String) {
        guard isWatched.load(ordering: .relaxed), withUnsafeCurrentTask(body: { $0 != nil }),
            DispatchQueue.getSpecific(key: mayBlock) == nil
        else { return }
        var text = "clipship: a call that blocks is made on Swift's cooperative pool: \(operation)\n"
        text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
        abort()
    }

    /// Set for queues that run tasks which may block.
    static let mayBlock = DispatchSpecificKey<Void>()
}
