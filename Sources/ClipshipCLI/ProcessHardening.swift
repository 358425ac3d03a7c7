import CLinux
import Glibc

/// Keeps the memory of a process that has a token to itself.
enum ProcessHardening {
    /// No core dump is written (`setrlimit`).
    static func leaveNoCoreDump() {
        var nothing = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &nothing)
    }

    /// Nor is one piped to a collector, which would not mind the limit, and no other process of the user can look in
    /// (`PR_SET_DUMPABLE`). Only where there is a token, for it also keeps out `strace` and debuggers.
    static func hideMemory() {
        _ = clinux_not_dumpable()
    }
}
