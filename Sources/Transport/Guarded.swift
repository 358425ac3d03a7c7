import Glibc

/// A value behind a `pthread_mutex_t`.
///
/// It is what `Mutex` of the standard library is, but the thread sanitizer sees its locking. On Linux a
/// contended `Mutex` is handed over by the kernel (`FUTEX_UNLOCK_PI`), which the sanitizer does not see, so
/// that it reports races where there are none; whatever several threads really fight for is therefore behind
/// one of these.
///
/// `@unchecked Sendable`: `value` is private and touched only between lock and unlock of `mutex`, which has
/// an address of its own for the life of the object; a `Value` is `Sendable`, so what gets out can't race
/// either.
package final class Guarded<Value: Sendable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    /// Starts with a value.
    package init(_ value: Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deinitialize(count: 1)
        mutex.deallocate()
    }

    /// Lends the value to `body`, to one thread at a time (`pthread_mutex_lock`).
    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
