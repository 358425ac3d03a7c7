import SystemIO

/// Does something once, when as many things are done as there were to do.
final class CountDownLatch: Sendable {
    private let left: Locked<Int>
    private let action: @Sendable () async -> Void

    /// - Parameter count: With 0, the action is never done.
    init(_ count: Int, _ action: @escaping @Sendable () async -> Void) {
        left = Locked(count)
        self.action = action
    }

    /// One more is done. Nobody waits for the action.
    func count() {
        let isLast = left.withLock { left in
            left -= 1
            return left == 0
        }
        if isLast { Task(executorPreference: Blocking.threads) { await self.action() } }
    }
}
