import Pipeline
import SystemIO
import XboxServices

/// What commands that make single calls to a service have in common: where it is, the token, Ctrl-C.
enum ServiceCalls {
    /// Somebody waits for a single call, so it gives up early: the services' own guidance.
    static let usualRetryTime = Duration.seconds(20)

    /// Runs `body` with a session; the first signal cancels it.
    static func run(
        _ arguments: Arguments, _ console: Console,
        _ body: @escaping @Sendable (ServiceSession) async throws -> ExitCode
    ) async throws -> ExitCode {
        try await run(arguments, console) { session, _ in try await body(session) }
    }

    /// The same, for those that need to know which services it is.
    static func run(
        _ arguments: Arguments, _ console: Console,
        _ body: @escaping @Sendable (ServiceSession, ServiceTarget) async throws -> ExitCode
    ) async throws -> ExitCode {
        let output = try output(of: arguments, try arguments.serviceOptions())
        return try await run(arguments, output, console, body)
    }

    /// The same, with the services of an output folder.
    static func run(
        _ arguments: Arguments, _ output: OutputFolder, _ console: Console,
        _ body: @escaping @Sendable (ServiceSession, ServiceTarget) async throws -> ExitCode
    ) async throws -> ExitCode {
        let options = try arguments.serviceOptions()
        let stopping = SignalHandler.listening(console)
        ProcessHardening.hideMemory()
        let retryTime = try arguments.retryTime() ?? usualRetryTime
        let connection = try await ServiceConnection.open(options, output: output, console: console)
            .trying(for: retryTime)
        let link = try ServiceLink(
            to: connection.target, stop: stopping.signal, requests: RequestDisplay(console: console))
        let work = Task(executorPreference: Blocking.threads) { try await body(link.session, connection.target) }
        let watch = Task(executorPreference: Blocking.threads) {
            await stopping.signal.wait()
            work.cancel()
        }
        let result = await work.result
        watch.cancel()
        await link.close()
        await connection.close()
        do {
            return try result.get()
        } catch {
            if let reason = stopping.reason { return reason.exitCode }
            throw error
        }
    }

    /// The folder of the local service, which must be there.
    private static func output(of arguments: Arguments, _ options: ServiceOptions) throws -> OutputFolder {
        guard case .embedded = options else { return OutputFolder(".") }
        guard let path = arguments.string(.localOutput) else {
            throw UsageError(
                "give --service URL, or --output DIR for the local service of an output folder",
                command: arguments.spec.name)
        }
        let output = OutputFolder(path)
        do throws(FileError) {
            _ = try FileIdentity(of: output.localService)
        } catch {
            guard error.isNotFound else { throw error }
            throw Failure("\(path) has no local service: there is no folder local-service in it", .usage)
        }
        return output
    }
}
