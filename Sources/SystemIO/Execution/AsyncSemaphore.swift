/// A counting semaphore for tasks: a number of permits that they take and give back; who finds none waits, first come,
/// first served.
public final class AsyncSemaphore: Sendable {
    private struct State {
        var free: Int
        var waiting = WaitingLine<CheckedContinuation<Void, Never>>()
    }

    private let state: Locked<State>

    /// `permits` below 1 is taken as 1.
    public init(_ permits: Int) {
        state = Locked(State(free: max(1, permits)))
    }

    /// Runs `body` while it holds a permit.
    public func withPermit<Value, Failure: Error>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        await wait()
        defer { signal() }
        return try await body()
    }

    /// A permit to be held beyond one call.
    public func acquire() async -> Permit {
        await wait()
        return Permit(self)
    }

    /// A permit that somebody holds until they release it, or nobody has it any more.
    public final class Permit: Sendable {
        private let semaphore: Locked<AsyncSemaphore?>

        fileprivate init(_ semaphore: AsyncSemaphore) {
            self.semaphore = Locked(semaphore)
        }

        deinit {
            release()
        }

        /// Only the first call has an effect.
        public func release() {
            semaphore.withLock { $0.take() }?.signal()
        }
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let hasPermit = state.withLock { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if hasPermit { continuation.resume() }
        }
    }

    private func signal() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            let next = state.waiting.popFirst()
            if next == nil { state.free += 1 }
            return next
        }
        next?.resume()
    }
}
