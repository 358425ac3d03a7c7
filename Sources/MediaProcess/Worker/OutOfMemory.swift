import CLinux
import Glibc
import MediaWorker

/// Tells a process that ran out of memory from one that crashed: Swift and C++ end a program that gets no memory the
/// same way as one that has a fault.
enum OutOfMemory {
    /// From now on, a crash while memory is short ends the process with `WorkerExit.outOfMemory`; any other ends it as before
    /// (`sigaction` with `SA_RESETHAND`).
    static func watch() {
        guard clinux_is_sanitized() == 0 else { return }
        var action = sigaction()
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
        action.__sigaction_handler.sa_handler = { _ in
            // Only what may be called in a handler. The signal comes again when this returns, now without a handler.
            let wanted = OutOfMemory.reserve
            let memory = mmap(nil, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            if memory == MAP_FAILED { _exit(WorkerExit.outOfMemory) }
            munmap(memory, wanted)
        }
        for signal in [SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE] { sigaction(signal, &action, nil) }
    }

    /// Bytes: memory is short when there are not so many left.
    private static let reserve = 64 << 20
}
