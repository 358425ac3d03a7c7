import CLinux
import Glibc

/// Owns a child process: it is killed and reaped when this goes.
public struct ChildProcess: ~Copyable, Sendable {
    public let id: Int32

    /// How a child ended.
    public enum Ending: Hashable, Sendable {
        case exited(code: Int32)
        case signalled(Int32)

        /// As `waitpid` tells it.
        public init(status: Int32) {
            let signal = status & 0x7f
            self = signal == 0 ? .exited(code: (status >> 8) & 0xff) : .signalled(signal)
        }
    }

    /// Starts a program that has `descriptor` as its descriptor 3 and nothing else of ours (`posix_spawn`): standard
    /// input and output are `/dev/null`, every other descriptor is closed, and it is a process group of its own
    /// where that is allowed, so that the terminal's Ctrl-C does not reach it.
    ///
    /// - Parameters:
    ///   - environment: All that it has.
    ///   - sharesErrors: Its standard error is ours, not `/dev/null`.
    public init(
        _ executable: String, arguments: [String], environment: [String: String], descriptor: Int32,
        sharesErrors: Bool = false
    ) throws(FileError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, descriptor, Self.descriptor)
        let silent = [STDIN_FILENO, STDOUT_FILENO] + (sharesErrors ? [] : [STDERR_FILENO])
        for standard in silent { posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0) }
        clinux_spawn_closes_from(&actions, Self.descriptor + 1)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setpgroup(&attributes, 0)

        var words = arguments.map { Path.withBytes($0) { strdup($0) } } + [nil]
        var variables = environment.map { Path.withBytes("\($0.key)=\($0.value)") { strdup($0) } } + [nil]
        defer { for text in words + variables { free(text) } }
        var child: pid_t = 0
        var code: Int32 = 0
        for flags in [POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK, POSIX_SPAWN_SETSIGMASK] {
            posix_spawnattr_setflags(&attributes, Int16(flags))
            code = posix_spawn(&child, executable, &actions, &attributes, &words, &variables)
            // Where `setpgid` is not allowed it stays in our group, and has to ignore the terminal's signals itself.
            guard code == EPERM || code == ENOSYS else { break }
        }
        guard code == 0 else { throw FileError(operation: "start", path: executable, code: code) }
        id = child
    }

    /// Where a child finds the descriptor that it was given.
    public static let descriptor: Int32 = 3

    /// Kills it if it is still there, and waits until it is gone (`kill` with `SIGKILL`, `waitpid`). The signal that it
    /// is about to end from stays the one that is told.
    public consuming func end() -> Ending {
        let ending = Self.reap(id)
        discard self
        return ending
    }

    deinit {
        _ = Self.reap(id)
    }

    private static func reap(_ id: Int32) -> Ending {
        Blocking.note("wait for process \(id)")
        kill(id, SIGKILL)
        var status: Int32 = 0
        while waitpid(id, &status, 0) == -1, errno == EINTR {}
        return Ending(status: status)
    }
}
