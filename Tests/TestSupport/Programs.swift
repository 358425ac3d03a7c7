import SystemIO
public import Foundation

/// What a program printed and how it ended.
public struct ProgramResult: Sendable {
    /// The exit code, or 128 and the number of the signal that ended it.
    public var status: Int32
    public var output: Data
    public var errors: Data

    public var outputText: String { String(decoding: output, as: UTF8.self) }
    public var errorText: String { String(decoding: errors, as: UTF8.self) }

    /// Throws what the program said unless it ended with 0.
    public func expectSuccess() throws {
        guard status == 0 else { throw ProgramFailure(status: status, errors: errorText) }
    }
}

/// A program that a test relies on failed.
public struct ProgramFailure: Error {
    public var status: Int32
    public var errors: String
}

/// Runs a program found in PATH (or at an absolute path) to its end, off the cooperative thread pool.
public func run(
    _ program: String, _ arguments: [String], in folder: URL? = nil, input: Data? = nil,
    environment: [String: String] = [:]
) async throws -> ProgramResult {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(
                with: Result { try runBlocking(program, arguments, in: folder, input: input, environment: environment) }
            )
        }
    }
}

/// Compiles a small library of `Tests/Programs` that stands between a program and the system, for `LD_PRELOAD`.
///
/// - Parameters:
///   - name: That of its source, without `.c`.
///   - libraries: What it is linked with, as `cc` is told.
/// - Returns: Where it is.
public func compileLibrary(_ name: String, in folder: URL, linking libraries: [String] = []) async throws -> String {
    let library = folder.appending(path: "\(name).so").path
    let source = Places.root.appending(path: "Tests/Programs/\(name).c").path
    try await run("cc", ["-shared", "-fPIC", "-o", library, source] + libraries).expectSuccess()
    return library
}

/// Starts a process.
///
/// One at a time: Foundation learns of a process's end by a socket that another one, started at the same moment, would
/// inherit, so that the end is not noticed before that one has ended too.
public func start(_ process: Process) throws {
    try started.withLock { count in
        try process.run()
        count += 1
    }
}

/// A pipe of which a process that is started has only what is given to it; what else inherited an end would keep whoever
/// reads to the end waiting for it.
public func privatePipe() -> Pipe {
    started.withLock { _ in
        let pipe = Pipe()
        for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
            _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        return pipe
    }
}

/// Whether there is such a process that is not over (`/proc/<id>/stat`).
public func isRunning(_ id: Int32) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else { return false }
    let state = stat.split(separator: ")").last?.split(separator: " ").first
    return state != "Z" && state != "X"
}

/// How many were started; an empty value would have no address of its own for the thread sanitizer to tell apart.
private let started = Locked(0)

private func runBlocking(
    _ program: String, _ arguments: [String], in folder: URL?, input: Data?, environment: [String: String]
) throws -> ProgramResult {
    let process = Process()
    process.executableURL = URL(filePath: program.hasPrefix("/") ? program : "/usr/bin/env")
    process.arguments = (program.hasPrefix("/") ? [] : [program]) + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = folder }
    let (output, errors, stdin) = (privatePipe(), privatePipe(), privatePipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = stdin
    let errorBytes = Locked(Data())
    let errorsRead = DispatchSemaphore(value: 0)
    try start(process)
    Thread.detachNewThread {
        let bytes = errors.fileHandleForReading.readDataToEndOfFile()
        errorBytes.withLock { $0 = bytes }
        errorsRead.signal()
    }
    if let input {
        Thread.detachNewThread {
            try? stdin.fileHandleForWriting.write(contentsOf: input)
            try? stdin.fileHandleForWriting.close()
        }
    } else {
        try stdin.fileHandleForWriting.close()
    }
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    errorsRead.wait()
    process.waitUntilExit()
    let signal: Int32 = process.terminationReason == .uncaughtSignal ? 128 : 0
    return ProgramResult(
        status: signal + process.terminationStatus, output: bytes, errors: errorBytes.withLock { $0 })
}
