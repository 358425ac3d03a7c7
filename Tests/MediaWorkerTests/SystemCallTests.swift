import ClipModel
import Foundation
import MediaWorker
import SystemIO
import TestSupport
import Testing

/// Every system call that there is, tried in a worker after its lock-down: only those of the table in
/// docs/media-worker.md answer.
@Suite(
    .enabled(if: Sanitizer.isOff, "\(Sanitizer.liftsTheFilter)"),
    .enabled(if: !SystemCalls.numbers.isEmpty, "there is no list of this machine's system calls"))
struct SystemCallTests {
    /// What becomes of a call.
    enum Outcome: Hashable, Sendable {
        /// The kernel looked at it.
        case answered
        case refused(Int32)
        /// The process was ended.
        case ended
    }

    /// With any arguments. What needs others to be allowed is in `conditions`.
    private static let answered: Set = [
        "read", "pread64", "readv", "preadv", "lseek", "fstat", "close", "munmap", "mremap", "brk", "madvise",
        "set_robust_list", "rseq", "sched_yield", "sched_getaffinity", "restart_syscall", "rt_sigaction",
        "rt_sigprocmask", "sigaltstack", "clock_gettime", "clock_getres", "gettimeofday", "clock_nanosleep",
        "nanosleep",
        "poll", "ppoll", "getpid", "gettid", "getrandom", "sysinfo", "uname", "exit_group", "getrlimit",
    ]

    private static let refused: [String: Int32] = {
        let paths = [
            "open", "openat", "openat2", "access", "faccessat", "faccessat2", "stat", "lstat", "newfstatat", "statx",
            "readlink", "readlinkat", "getcwd", "ioctl", "fcntl", "prctl", "getrusage", "sched_setscheduler",
            "sched_setaffinity",
        ]
        let newer = ["clone3", "membarrier", "set_mempolicy", "get_mempolicy", "futex_waitv"]
        return Dictionary(uniqueKeysWithValues: paths.map { ($0, EACCES) } + newer.map { ($0, ENOSYS) })
    }()

    /// End the thread, or return from a signal or a probe that there is none of; one is below. Linux lets `uprobe` and
    /// `uretprobe` past every filter: outside of a probe they only end in an error.
    private static let left: Set = ["rt_sigreturn", "uprobe", "uretprobe", "exit", "futex"]

    @Test(.timeLimit(.minutes(5))) func `only calls of the table answer, and what is not in it ends the process`()
        async throws
    {
        let calls = SystemCalls.numbers.filter { !Self.left.contains($0.key) }.sorted { $0.value < $1.value }
        #expect(calls.count > 300)
        try await withWorkers { pool, folder in
            for (name, number) in calls {
                let outcome = try await outcome(of: number, [-1, -1, -1, -1, -1, -1], pool, folder)
                let expected: Outcome =
                    Self.answered.contains(name) ? .answered : Self.refused[name].map { .refused($0) } ?? .ended
                #expect(outcome == expected, "\(name)")
            }
        }
    }

    /// Calls that are allowed for some arguments.
    private static let conditions: [(name: String, arguments: [Int], outcome: Outcome)] = [
        // To wake nobody.
        ("futex", [0, 1, 0, 0, 0, 0], .answered),
        ("write", [2, 0, 0, 0, 0, 0], .answered), ("write", [1, 0, 0, 0, 0, 0], .ended),
        ("write", [3, 0, 0, 0, 0, 0], .ended), ("writev", [0, 0, 0, 0, 0, 0], .ended),
        ("recvmsg", [3, -1, 0x40, 0, 0, 0], .answered), ("recvmsg", [0, -1, 0x40, 0, 0, 0], .ended),
        ("sendmsg", [3, -1, 0, 0, 0, 0], .answered), ("sendmsg", [2, -1, 0, 0, 0, 0], .ended),
        ("recvfrom", [3, -1, 1, 0x40, 0, 0], .answered), ("recvfrom", [1, -1, 1, 0x40, 0, 0], .ended),
        // To an address, which the socket is not connected to.
        ("sendto", [3, -1, 1, 0x40, 0, 0], .answered), ("sendto", [3, -1, 1, 0x40, 4096, 16], .ended),
        ("sendto", [0, -1, 1, 0x40, 0, 0], .ended),
        // Without a file and without code.
        ("mmap", [0, 4096, 3, 0x22, -1, 0], .answered), ("mmap", [0, 4096, 7, 0x22, -1, 0], .ended),
        ("mmap", [0, 4096, 1, 0x02, 3, 0], .ended), ("mprotect", [0, 4096, 1, 0, 0, 0], .answered),
        ("mprotect", [0, 4096, 5, 0, 0, 0], .ended), ("pkey_mprotect", [0, 4096, 1, 0, 0, 0], .ended),
        // A process, a thread in another namespace, a signal to another process.
        ("clone", [0x11, 0, 0, 0, 0, 0], .ended), ("clone", [0x1005_0f00, 0, 0, 0, 0, 0], .ended),
        ("tgkill", [1, 1, 0, 0, 0, 0], .ended),
        // Its own limits, to be read.
        ("prlimit64", [0, 7, 0, 0, 0, 0], .answered), ("prlimit64", [1, 7, 0, 0, 0, 0], .ended),
        ("prlimit64", [0, 7, 4096, 0, 0, 0], .ended),
    ]

    @Test(.timeLimit(.minutes(5))) func `calls that are allowed for some arguments end the process with others`()
        async throws
    {
        try await withWorkers { pool, folder in
            for (name, arguments, expected) in Self.conditions {
                guard let number = SystemCalls.numbers[name] else { continue }
                let outcome = try await outcome(of: number, arguments, pool, folder)
                #expect(outcome == expected, "\(name) \(arguments)")
            }
        }
    }

    private func withWorkers(_ body: (MediaWorkerPool, URL) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try await withPool(forkServer: .misbehaving) { pool in try await body(pool, folder) }
        }
    }

    private func outcome(
        of number: Int, _ arguments: [Int], _ pool: MediaWorkerPool, _ folder: URL
    ) async throws -> Outcome {
        let file = folder.appending(path: "call.mp4")
        let words = ([number] + arguments).map { "\($0)" }.joined(separator: ":")
        try Data("misbehave call:\(words)\n".utf8).write(to: file)
        let error = try #require(await refusal(of: try OpenFile(file.path), by: pool))
        if error.message.contains("signal \(SIGSYS)") { return .ended }
        for code in [EACCES, ENOSYS] where error.message.contains("exit code \(code))") { return .refused(code) }
        #expect(error.message.contains("exit code"), "\(error)")
        return .answered
    }
}

/// The system calls of this machine, as the kernel's headers number them.
enum SystemCalls {
    static let numbers: [String: Int] = {
        #if arch(x86_64)
        let headers = ["/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"]
        #else
        let headers: [String] = []
        #endif
        // Where there is none the tests are left out, and say so.
        guard let text = headers.lazy.compactMap({ try? String(contentsOfFile: $0, encoding: .utf8) }).first else {
            return [:]
        }
        var numbers: [String: Int] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("#define __NR_") {
            let words = line.dropFirst("#define __NR_".count).split(separator: " ")
            if words.count == 2, let number = Int(words[1]) { numbers[String(words[0])] = number }
        }
        return numbers
    }()
}
