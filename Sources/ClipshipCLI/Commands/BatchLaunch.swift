import ClipModel
import Pipeline
import SystemIO

/// What every command that takes a batch of clips somewhere has in common: the service, the signals, the display, and
/// the table at the end.
enum BatchLaunch {
    /// Runs `body` with the services, nil if nobody needs any, for at most `maxDuration`.
    static func run(
        using service: ServiceOptions?, output: OutputFolder, clipCount: Int, maxDuration: Duration?,
        _ console: Console,
        _ body: @escaping @Sendable (ServiceTarget?, StopSignal, BatchDisplay) async throws(RunError) -> BatchOutcome
    ) async throws -> ExitCode {
        let stopping = Stopping.listening(console)
        if let maxDuration { stopping.stop(after: maxDuration) }
        var connection: ServiceConnection?
        if let service {
            connection = try await ServiceConnection.open(service, output: output, console: console)
        }
        let display = BatchDisplay(console, clipCount: clipCount)
        let target = connection?.target
        let work = Task { () async -> Result<BatchOutcome, RunError> in
            do throws(RunError) {
                return .success(try await body(target, stopping.signal, display))
            } catch {
                return .failure(error)
            }
        }
        stopping.whenPatienceEnds { work.cancel() }
        let result = await display.whileDrawing { await work.value }
        await connection?.close()
        if case .failure(.stopped(let failure)) = result, failure.kind == .interrupted, let reason = stopping.reason {
            return reason.exitCode
        }
        let outcome = try result.get()
        report(outcome, output: output, console)
        return ExitCode(outcome, stoppedBy: stopping.reason)
    }

    /// The table on standard output, the summary and where things are on standard error; with `--quiet` only what
    /// failed.
    private static func report(_ outcome: BatchOutcome, output: OutputFolder, _ console: Console) {
        guard console.level != .quiet else {
            for row in outcome.rows {
                if let failure = row.failure { console.error("\(row.entry.clip): \(failure)") }
            }
            return
        }
        console.print(outcome.table(console.colour))
        console.info("\(outcome.summary); output in \(Path.shown(output.path))")
    }
}

extension Flag {
    static let maxDuration = Flag(
        name: "--max-duration", value: "TIME", help: "stop after this time, such as 90s, 30m or 2h; run again to go on")
    static let refreshStatistics = Flag(
        name: "--refresh-statistics", help: "ask for statistics anew, although an earlier run has kept them")
    static let recreate = Flag(
        name: "--recreate", help: "begin anew with uploads that the service has ended for good")
}

extension Arguments {
    /// `--max-duration`.
    func maxDuration() throws(UsageError) -> Duration? {
        try value(.maxDuration, "a time such as 90s, 30m or 2h") { text in
            let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600]
            guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
                (1...1_000_000).contains(count)
            else { return nil }
            return .seconds(count * unit)
        }
    }
}
