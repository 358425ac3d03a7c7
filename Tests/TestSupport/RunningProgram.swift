import SystemIO
public import Foundation

/// A program that runs beside a test: what it prints can be awaited, and it can be told things and stopped.
public final class RunningProgram: Sendable {
    /// What has come from the program up to now.
    public struct Printed: Sendable {
        public var output = Data()
        public var errors = Data()
        /// Its exit code, or 128 and the number of the signal that ended it; nil while it runs.
        public var status: Int32?

        /// The whole lines of standard output.
        public var outputLines: [String] { Self.lines(output) }
        /// The whole lines of standard error.
        public var errorLines: [String] { Self.lines(errors) }

        private static func lines(_ data: Data) -> [String] {
            // A terminal ends lines with both, which are one character to Swift.
            let text = String(decoding: data, as: UTF8.self).replacing("\r\n", with: "\n")
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            return lines.dropLast().map(String.init)
        }
    }

    private struct State {
        var printed = Printed()
        var openPipes = 2
        var next = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let process: Locked<Process>
    private let input: FileHandle
    private let state = Locked(State())
    /// The process id.
    public let id: Int32
    private let name: String

    /// Starts a program at an absolute path.
    public init(
        _ program: String, _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:]
    ) throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = folder }
        let (output, errors, input) = (privatePipe(), privatePipe(), privatePipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = input
        try start(process)
        id = process.processIdentifier
        name = ([program] + arguments).joined(separator: " ")
        self.input = input.fileHandleForWriting
        self.process = Locked(process)
        follow(output.fileHandleForReading) { $0.output.append($1) }
        follow(errors.fileHandleForReading) { $0.errors.append($1) }
    }

    deinit {
        if state.withLock({ $0.printed.status }) == nil { kill(id, SIGKILL) }
    }

    /// What has come up to now.
    public var printed: Printed { state.withLock { $0.printed } }

    /// Sends a signal such as `SIGINT`.
    public func signal(_ number: Int32) {
        // The number could belong to another process once this one is over and waited for.
        if state.withLock({ $0.printed.status }) == nil { kill(id, number) }
    }

    /// Writes a line to the program's standard input.
    public func tell(_ line: String) throws {
        try input.write(contentsOf: Data((line + "\n").utf8))
    }

    /// The first value that `find` sees in what the program has printed.
    ///
    /// - Throws: `NeverPrinted` when the limit has passed, or the program is over without it.
    public func printed<Value>(
        within limit: Duration = .seconds(60), _ find: (Printed) -> Value?
    ) async throws -> Value {
        let end = ContinuousClock.now + limit
        let alarm = Task { [weak self] in
            try await Task.sleep(until: end, clock: .continuous)
            self?.wakeUp()
        }
        defer { alarm.cancel() }
        while true {
            let seen = printed
            if let value = find(seen) { return value }
            guard seen.status == nil, ContinuousClock.now < end else {
                throw NeverPrinted(program: name, printed: seen)
            }
            await change(from: seen)
        }
    }

    /// Waits for the program's end.
    public func end(within limit: Duration = .seconds(60)) async throws -> ProgramResult {
        let status = try await printed(within: limit) { $0.status }
        let printed = printed
        return ProgramResult(status: status, output: printed.output, errors: printed.errors)
    }

    private func change(from seen: Printed) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard state.printed.output.count == seen.output.count, state.printed.errors.count == seen.errors.count,
                    state.printed.status == seen.status
                else { return true }
                state.next += 1
                state.waiters[state.next] = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func wakeUp() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Reads one of the program's pipes on a thread of its own; the last one to end waits for the program.
    private func follow(_ pipe: FileHandle, _ keep: @escaping @Sendable (inout Printed, Data) -> Void) {
        Thread.detachNewThread { [weak self] in
            while true {
                let data = pipe.availableData
                guard let self else { return }
                if data.isEmpty { break }
                state.withLock { keep(&$0.printed, data) }
                wakeUp()
            }
            self?.pipeEnded()
        }
    }

    private func pipeEnded() {
        let isLast = state.withLock { state in
            state.openPipes -= 1
            return state.openPipes == 0
        }
        guard isLast else { return }
        let status = process.withLock { process in
            process.waitUntilExit()
            return process.terminationReason == .uncaughtSignal
                ? 128 + process.terminationStatus : process.terminationStatus
        }
        state.withLock { $0.printed.status = status }
        wakeUp()
    }
}

/// A program did not print, in time, what a test waits for.
public struct NeverPrinted: Error, CustomStringConvertible {
    public var program: String
    public var printed: RunningProgram.Printed

    public var description: String {
        let output = String(decoding: printed.output, as: UTF8.self)
        let errors = String(decoding: printed.errors, as: UTF8.self)
        let status = printed.status.map(String.init) ?? "still running"
        return "\(program) (\(status)) never printed what was awaited\n--- output\n\(output)--- errors\n\(errors)"
    }
}

/// Runs `body` beside a program, which is killed afterwards if it still runs.
@discardableResult
public func withProgram<Result>(
    _ program: String, _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:],
    isolation: isolated (any Actor)? = #isolation, _ body: (RunningProgram) async throws -> Result
) async throws -> Result {
    let running = try RunningProgram(program, arguments, in: folder, environment: environment)
    defer { running.signal(SIGKILL) }
    return try await body(running)
}
