import Glibc

/// A value behind a `pthread_mutex_t`.
///
/// It is what `Mutex` of the standard library is, but the thread sanitizer sees its locking: on Linux a contended
/// `Mutex` is handed over by the kernel (`FUTEX_UNLOCK_PI`) out of the sanitizer's sight, which then reports races where
/// there are none.
///
/// `@unchecked Sendable`: `value` is private and touched only between lock and unlock of `mutex`, which has an address
/// of its own for the life of the object; `sending` keeps what goes in and comes out apart from what stays.
public final class Locked<Value: ~Copyable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    /// Starts with a value.
    public init(_ value: consuming sending Value) {
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
    public func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
