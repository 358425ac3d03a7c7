import CLinux
public import FoundationEssentials
import Glibc

/// A command line that a person configured, run by `/bin/sh -c`.
public enum ShellCommand {
    /// Runs `line` to its end and gives what it printed; its standard error and its terminal are ours, so that it may
    /// ask there, and Ctrl-C reaches it. It is killed, with all that it has started, when the task is cancelled.
    ///
    /// - Parameters:
    ///   - folder: Where it is run; nil for where this program is.
    ///   - input: What it finds on its standard input.
    ///   - environment: Variables beside those of this process.
    ///   - hidden: Variables of this process that it must not see.
    ///   - limit: Seconds after which it is killed.
    ///   - mostBytes: More output than this is a failure.
    public static func output(
        of line: String, in folder: String? = nil, input: Data = Data(), environment: [String: String] = [:],
        hiding hidden: Set<String> = [],
        limit: Int = 60, mostBytes: Int = 1 << 20
    ) async throws(ShellCommandError) -> Data {
        let variables = ProcessInfo.processInfo.environment.filter { !hidden.contains($0.key) }
            .merging(environment) { $1 }
        let isCancelled = Locked(false)
        let result = await withTaskCancellationHandler {
            await BlockingPool("command", width: 1).result { () throws(ShellCommandError) in
                try run(line, in: folder, input: input, environment: variables, limit: limit, mostBytes: mostBytes) {
                    isCancelled.withLock { $0 }
                }
            }
        } onCancel: {
            isCancelled.withLock { $0 = true }
        }
        return try result.get()
    }

    /// Blocks the calling thread.
    private static func run(
        _ line: String, in folder: String?, input: Data, environment: [String: String], limit: Int, mostBytes: Int,
        isCancelled: () -> Bool
    ) throws(ShellCommandError) -> Data {
        Blocking.note("run \(line)")
        var ends: [Int32] = [0, 0]
        guard clinux_pipe(&ends) == 0 else { throw .notStarted(code: errno) }
        let (reading, writing) = (ends[0], ends[1])
        defer { close(reading) }
        let child = try spawn(line, in: folder, input: input, environment: environment, output: writing)
        let end = ContinuousClock.now + .seconds(limit)
        func check() throws(ShellCommandError) {
            if isCancelled() { throw .cancelled }
            if ContinuousClock.now >= end { throw .tooSlow(seconds: limit) }
        }
        var status: Int32 = 0
        do throws(ShellCommandError) {
            let collected = try collect(reading, mostBytes: mostBytes, check)
            // It may have closed its standard output and be at work still.
            while true {
                let found = waitpid(child, &status, WNOHANG)
                if found == child { break }
                guard found == 0 || errno == EINTR else { throw .endingUnknown(code: errno) }
                try check()
                usleep(10_000)
            }
            guard status == 0 else { throw .failed(status: (status >> 8) & 0xff, signal: status & 0x7f) }
            return collected
        } catch {
            switch error {
            case .failed, .endingUnknown: break
            default:
                guard ProcessTree.kill(child) else { break }
                while waitpid(child, &status, 0) == -1, errno == EINTR {}
            }
            throw error
        }
    }

    /// Closes `output` in this process.
    private static func spawn(
        _ line: String, in folder: String?, input: Data, environment: [String: String], output: Int32
    ) throws(ShellCommandError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            close(output)
        }
        if let folder { clinux_spawn_changes_folder(&actions, folder) }
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        let source = try file(with: input)
        defer { close(source) }
        posix_spawn_file_actions_adddup2(&actions, source, STDIN_FILENO)
        // Libraries open some without `O_CLOEXEC`, such as connections to the service.
        clinux_spawn_closes_from(&actions, STDERR_FILENO + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What this process ignores the command would, too.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let words = ["/bin/sh", "-c", line]
        var arguments = words.map { Path.withBytes($0) { strdup($0) } } + [nil]
        var variables = environment.map { Path.withBytes("\($0.key)=\($0.value)") { strdup($0) } } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, "/bin/sh", &actions, &attributes, &arguments, &variables)
        guard code == 0 else { throw .notStarted(code: code) }
        return child
    }

    /// A nameless file, from its start; unlike a pipe it takes everything at once (`memfd_create`).
    private static func file(with input: Data) throws(ShellCommandError) -> Int32 {
        let descriptor = clinux_nameless_file()
        guard descriptor != -1 else { throw .notStarted(code: errno) }
        let isWritten = input.withUnsafeBytes { bytes in
            pwrite(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count
        }
        guard isWritten else {
            close(descriptor)
            throw .notStarted(code: ENOSPC)
        }
        return descriptor
    }

    /// Everything up to the end of the output; `check` is asked several times a second whether to go on.
    private static func collect(
        _ reading: Int32, mostBytes: Int, _ check: () throws(ShellCommandError) -> Void
    ) throws(ShellCommandError) -> Data {
        var data = Data()
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            try check()
            var wanted = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
            guard poll(&wanted, 1, 200) > 0 else { continue }
            let count = read(reading, &buffer, buffer.count)
            if count == 0 { return data }
            if count > 0 { data.append(contentsOf: buffer[..<count]) }
            guard data.count <= mostBytes else { throw .tooMuchOutput }
        }
    }
}

/// Why a command gave nothing.
public enum ShellCommandError: Error, Hashable, Sendable, CustomStringConvertible {
    case notStarted(code: Int32)
    case failed(status: Int32, signal: Int32)
    /// It is gone, and the system does not tell whether it did what it should (`waitpid`).
    case endingUnknown(code: Int32)
    case tooSlow(seconds: Int)
    case tooMuchOutput
    /// The task was.
    case cancelled

    /// It was stopped with the program: Ctrl-C on a terminal goes to both, and may reach the command first.
    public var isInterruption: Bool {
        switch self {
        case .cancelled, .failed(_, signal: SIGINT), .failed(status: 128 + SIGINT, _): true
        default: false
        }
    }

    public var description: String {
        switch self {
        case .notStarted(let code): "could not be started: \(Errno(code))"
        case .failed(let status, signal: 0): "ended with exit code \(status)"
        case .failed(_, let signal): "was ended by signal \(signal)"
        case .endingUnknown(let code): "ended, but not even the system knows how: \(Errno(code))"
        case .tooSlow(let seconds): "did not end within \(seconds) s"
        case .tooMuchOutput: "printed too much"
        case .cancelled: "was ended because the program was told to stop"
        }
    }
}
