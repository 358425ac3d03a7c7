import CLinux
public import FoundationEssentials
import Glibc

/// A command line that a person configured, run by `/bin/sh -c`.
public enum ShellCommand {
    /// Runs `line` to its end and gives what it printed; its standard error is ours. Blocks the calling thread.
    ///
    /// - Parameters:
    ///   - input: What it finds on its standard input.
    ///   - environment: Variables beside those of this process.
    ///   - limit: Seconds after which it is killed.
    ///   - mostBytes: More output than this is a failure.
    public static func output(
        of line: String, input: Data = Data(), environment: [String: String] = [:], limit: Int = 60,
        mostBytes: Int = 1 << 20
    ) throws(ShellCommandError) -> Data {
        var ends: [Int32] = [0, 0]
        guard clinux_pipe(&ends) == 0 else { throw .notStarted(code: errno) }
        let (reading, writing) = (ends[0], ends[1])
        defer { close(reading) }
        let child = try spawn(line, input: input, environment: environment, output: writing)
        var collected = Data()
        let isComplete = collect(reading, into: &collected, limit: limit, mostBytes: mostBytes)
        if !isComplete { kill(child, SIGKILL) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1, errno == EINTR {}
        guard isComplete else { throw collected.count > mostBytes ? .tooMuchOutput : .tooSlow(seconds: limit) }
        guard status == 0 else { throw .failed(status: (status >> 8) & 0xff, signal: status & 0x7f) }
        return collected
    }

    /// Closes `output` in this process.
    private static func spawn(
        _ line: String, input: Data, environment: [String: String], output: Int32
    ) throws(ShellCommandError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            close(output)
        }
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        let source = try file(with: input)
        defer { close(source) }
        posix_spawn_file_actions_adddup2(&actions, source, STDIN_FILENO)
        let words = ["/bin/sh", "-c", line]
        var arguments = words.map { strdup($0) } + [nil]
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var variables = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, "/bin/sh", &actions, nil, &arguments, &variables)
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

    /// False if the time ran out or there was too much.
    private static func collect(_ reading: Int32, into data: inout Data, limit: Int, mostBytes: Int) -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(limit)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let rest = clock.now.duration(to: end)
            guard rest > .zero else { return false }
            var wanted = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
            guard poll(&wanted, 1, Int32(clamping: rest.components.seconds * 1000 + 1)) > 0 else { continue }
            let count = read(reading, &buffer, buffer.count)
            if count == 0 { return true }
            if count > 0 { data.append(contentsOf: buffer[..<count]) }
            guard data.count <= mostBytes else { return false }
        }
    }
}

/// Why a command gave nothing.
public enum ShellCommandError: Error, Hashable, Sendable, CustomStringConvertible {
    case notStarted(code: Int32)
    case failed(status: Int32, signal: Int32)
    case tooSlow(seconds: Int)
    case tooMuchOutput

    public var description: String {
        switch self {
        case .notStarted(let code): "could not be started (error \(code))"
        case .failed(let status, signal: 0): "ended with exit code \(status)"
        case .failed(_, let signal): "was ended by signal \(signal)"
        case .tooSlow(let seconds): "did not end within \(seconds) s"
        case .tooMuchOutput: "printed too much"
        }
    }
}
