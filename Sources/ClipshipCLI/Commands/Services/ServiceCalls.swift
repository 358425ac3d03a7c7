import Pipeline
import SystemIO
import XboxServices

/// What commands that make single calls to a service have in common: where it is, the token, Ctrl-C.
enum ServiceCalls {
    /// Runs `body` with a session; the first signal cancels it.
    static func run(
        _ arguments: Arguments, _ console: Console,
        _ body: @escaping @Sendable (ServiceSession) async throws -> ExitCode
    ) async throws -> ExitCode {
        let output = try output(of: arguments, try arguments.serviceOptions())
        return try await run(arguments, output, console) { session, _ in try await body(session) }
    }

    /// The same, with the services of an output folder.
    static func run(
        _ arguments: Arguments, _ output: OutputFolder, _ console: Console,
        _ body: @escaping @Sendable (ServiceSession, ServiceTarget) async throws -> ExitCode
    ) async throws -> ExitCode {
        let options = try arguments.serviceOptions()
        let stopping = Stopping.listening(console)
        Secrecy.hideMemory()
        let connection = try await ServiceConnection.open(options, output: output, console: console)
        let link = try ServiceLink(
            to: connection.target, stop: stopping.signal, requests: RequestDisplay(console: console))
        let work = Task { try await body(link.session, connection.target) }
        let watch = Task {
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
        guard (try? FileIdentity(of: output.localService)) != nil else {
            throw Failure("\(path) has no local service: there is no folder local-service in it", .usage)
        }
        return output
    }
}
