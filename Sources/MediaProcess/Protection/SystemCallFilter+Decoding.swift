import Glibc
import SystemIO

extension SystemCallFilter {
    /// Puts the process under the filter for decoding: it can read what it was given, answer, and use memory and
    /// threads. It can open, start or connect to nothing.
    static func allowOnlyDecoding() throws(Failure) {
        let filter = try SystemCallFilter()
        for name in harmless { try filter.add(.allow, name) }
        for name in probes { try filter.add(.refuse(EACCES), name) }
        for name in optional { try filter.add(.refuse(ENOSYS), name) }
        try filter.addConversation()
        try filter.addMemory()
        try filter.addThreads()
        try filter.load()
    }

    /// Reading what is open, time, waiting, ending: nothing that reaches beyond the process.
    private static let harmless = [
        "read", "pread64", "readv", "preadv", "lseek", "_llseek", "fstat", "fstat64", "close",
        "munmap", "mremap", "brk", "madvise",
        "futex", "futex_time64", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity", "restart_syscall",
        "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
        "clock_gettime", "clock_gettime64", "clock_getres", "gettimeofday", "clock_nanosleep",
        "clock_nanosleep_time64", "nanosleep", "poll", "ppoll", "ppoll_time64",
        "getpid", "gettid", "getrandom", "sysinfo", "uname", "exit", "exit_group",
    ]

    /// What libraries ask for and do well without: an answer is better than an end, and it is the same as that of a
    /// system without files.
    private static let probes = [
        "open", "openat", "openat2", "access", "faccessat", "faccessat2", "stat", "lstat", "newfstatat",
        "fstatat64", "statx", "readlink",
        "readlinkat", "getcwd", "ioctl", "fcntl", "prctl", "getrusage", "sched_setscheduler", "sched_setaffinity",
    ]

    /// What the C library has an older way for.
    private static let optional = ["clone3", "membarrier", "set_mempolicy", "get_mempolicy", "futex_waitv"]

    /// The socket to the program, and the text of a crash.
    private func addConversation() throws(Failure) {
        let socket = UInt64(ChildProcess.descriptor)
        for name in ["recvmsg", "sendmsg"] { try add(.allow, name, [.argument(0, is: socket)]) }
        // To whom the socket is connected, not to an address.
        try add(.allow, "recvfrom", [.argument(0, is: socket)])
        try add(.allow, "sendto", [.argument(0, is: socket), .argument(4, is: 0)])
        for name in ["write", "writev"] { try add(.allow, name, [.argument(0, is: UInt64(STDERR_FILENO))]) }
    }

    /// Memory of its own, never as code.
    private func addMemory() throws(Failure) {
        let notCode = Condition.argument(2, masked: UInt64(PROT_EXEC), is: 0)
        let ofNoFile = Condition.argument(3, masked: UInt64(MAP_ANONYMOUS), is: UInt64(MAP_ANONYMOUS))
        for name in ["mmap", "mmap2"] { try add(.allow, name, [notCode, ofNoFile]) }
        try add(.allow, "mprotect", [notCode])
    }

    /// Threads, but no processes; signals to itself only.
    private func addThreads() throws(Failure) {
        // CLONE_VM, _FS, _FILES, _SIGHAND, _THREAD and _SYSVSEM must be; no new namespace and no CLONE_VFORK may be.
        let shared: UInt64 = 0x0005_0f00
        let separate: UInt64 = 0x7e02_4080
        try add(.allow, "clone", [.argument(0, masked: shared | separate, is: shared)])
        let own = UInt64(getpid())
        try add(.allow, "tgkill", [.argument(0, is: own)])
        // Its own limits, to be read.
        try add(.allow, "prlimit64", [.argument(0, is: 0), .argument(2, is: 0)])
        for name in ["getrlimit", "ugetrlimit"] { try add(.allow, name) }
    }
}
