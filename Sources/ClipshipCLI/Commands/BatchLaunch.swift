import ClipModel
import Pipeline
import SystemIO

/// What every command that takes a batch of clips somewhere has in common: the service, the signals, the display, and
/// the table at the end.
enum BatchLaunch {
    /// Runs `body` with the services, nil if nobody needs any, for at most `maxDuration`.
    ///
    /// - Parameters:
    ///   - pipeline: Whose hooks are run; nil for none.
    ///   - stopping: Nil to listen for signals from now on.
    ///   - ended: Is told how the clips ended.
    static func run(
        using service: ServiceOptions?, output: OutputFolder, clipCount: Int, maxDuration: Duration?,
        retryTime: Duration? = nil, interval: Duration?, seal: UpToDateStamp? = nil, files: RunFiles? = nil,
        hooksOf pipeline: PipelineFile? = nil, stopping given: SignalHandler? = nil, _ console: Console,
        ended: (@Sendable (BatchOutcome) -> Void)? = nil,
        _ body: @escaping @Sendable (ServiceTarget?, StopSignal, BatchDisplay) async throws(RunError) -> BatchOutcome
    ) async throws -> ExitCode {
        console.event("run-started", ["clips": .integer(Int64(clipCount)), "output": .string(Path.shown(output.path))])
        let stopping = given ?? SignalHandler.listening(console)
        if let maxDuration { stopping.stop(after: maxDuration) }
        let folder = Path.shown(output.path)
        stopping.whenCutOff(
            "Stopped before the end: batch.json is not written. clipship status \(folder) says how far each clip is; run the "
                + "same command again to go on")
        let display = BatchDisplay(console, clipCount: clipCount, interval: interval)
        stopping.whenAsked { display.tellProgress() }
        let hooks = pipeline.flatMap { RunHooks(of: $0, stop: stopping.signal, observer: display) }
        display.hooks.withLock { $0 = hooks }
        do {
            return try await run(
                using: service, output: output, retryTime: retryTime, seal: seal, files: files, hooks: hooks,
                stopping: stopping, display, console, ended, body)
        } catch {
            await tell(hooks, of: error)
            throw error
        }
    }

    /// Has `hooks.onFailure` told of a run that ended before its clips were known.
    static func tell(hooksOf pipeline: PipelineFile, of error: any Error, _ console: Console) async {
        let display = BatchDisplay(console, clipCount: 0, interval: nil)
        await tell(RunHooks(of: pipeline, stop: StopSignal(), observer: display), of: error)
    }

    private static func tell(_ hooks: RunHooks?, of error: any Error) async {
        let failure = Failure(error)
        // What it says is said by its warnings.
        _ = await hooks?.end(nil, exitCode: failure.code.rawValue, reason: failure.text)
    }

    private static func run(
        using service: ServiceOptions?, output: OutputFolder, retryTime: Duration?, seal: UpToDateStamp?,
        files: RunFiles?, hooks: RunHooks?, stopping: SignalHandler, _ display: BatchDisplay, _ console: Console,
        _ ended: (@Sendable (BatchOutcome) -> Void)?,
        _ body: @escaping @Sendable (ServiceTarget?, StopSignal, BatchDisplay) async throws(RunError) -> BatchOutcome
    ) async throws -> ExitCode {
        var connection: ServiceConnection?
        if let service {
            ProcessHardening.hideMemory()
            connection = try await ServiceConnection.open(service, output: output, console: console)
                .trying(for: retryTime)
        }
        let target = connection?.target
        let work = Task(executorPreference: Blocking.threads) { () async -> Result<BatchOutcome, RunError> in
            do throws(RunError) {
                return .success(try await body(target, stopping.signal, display))
            } catch {
                return .failure(error)
            }
        }
        stopping.whenPatienceEnds {
            work.cancel()
            hooks?.cancel()
        }
        let result = await display.whileDrawing { await work.value }
        await connection?.close()
        if case .failure(.stopped(let failure)) = result, failure.kind == .interrupted, let reason = stopping.reason {
            return files?.write(nil, reason.exitCode, console) ?? reason.exitCode
        }
        let outcome = try result.get()
        ended?(outcome)
        var code = ExitCode(outcome, stoppedBy: stopping.reason)
        let areHooksDone = await hooks?.end(outcome, exitCode: code.rawValue) ?? true
        if !areHooksDone, code == .success { code = .temporary }
        say(words(of: outcome, code, output: output, console), console)
        if let error = outcome.unwritten {
            console.error("\(error); the journal has what was done, and the next run writes it")
        }
        RunFiles.annotate(outcome, console)
        console.event("run-ended", facts(of: outcome, code))
        if outcome.isFinal, areHooksDone {
            seal?.keep(words(of: outcome.unchanged, code, output: output, console))
        }
        return files?.write(outcome, code, console) ?? code
    }

    /// What a log says at the end of a run.
    private static func facts(of outcome: BatchOutcome, _ code: ExitCode) -> [String: JSONValue] {
        let timings = outcome.timings
        let milliseconds = timings.ended.date.timeIntervalSince(timings.began.date) * 1_000
        return [
            "exitCode": .integer(Int64(code.rawValue)), "clips": .integer(Int64(outcome.rows.count)),
            "totals": .object(outcome.report.totals.mapValues { .integer(Int64($0)) }),
            "unchanged": .integer(Int64(outcome.rows.count(where: \.isUnchanged))),
            "bytes": .integer(outcome.rows.reduce(0) { $0 + ($1.summary?.size.bytes ?? 0) }),
            "acknowledgedBytes": .integer(timings.upload.bytes.reduce(0, &+)),
            "requests": .integer(Int64(timings.requests)), "retries": .integer(Int64(timings.retries)),
            "milliseconds": .integer(Int64(min(max(milliseconds, 0), 1e15))),
        ]
    }

    /// Prints the table, or the document, on standard output, the summary and where things are on standard error; with
    /// `--quiet` only what failed.
    static func say(_ words: UpToDateStamp.Words, _ console: Console) {
        if !words.output.isEmpty { console.print(words.output) }
        words.messages.forEach(console.level == .quiet ? console.error : console.info)
    }

    /// One document like `batch.json`, of the clips of this run, or a table.
    private static func result(_ outcome: BatchOutcome, _ console: Console) -> String {
        guard console.resultsAreJSON, let document = try? CanonicalJSON.document(outcome.report) else {
            return outcome.table(console.colour, showsAll: console.level == .verbose)
        }
        return String(decoding: document.dropLast(), as: UTF8.self)
    }

    private static func words(
        of outcome: BatchOutcome, _ code: ExitCode, output: OutputFolder, _ console: Console
    ) -> UpToDateStamp.Words {
        let missing = outcome.missing.all.map(\.sentence)
        guard console.level != .quiet else {
            let causes = outcome.commonCauses
            let failures = outcome.rows.compactMap { row in
                row.failure.flatMap {
                    $0.kind == .interrupted || causes.contains($0) ? nil : "\(row.entry.clip): \($0)"
                }
            }
            return UpToDateStamp.Words(
                output: result(outcome, console),
                messages: failures + missing + outcome.obstacles + [outcome.interruption].compactMap(\.self),
                exitCode: code.rawValue)
        }
        let summary = [outcome.summary, outcome.traffic, "output in \(Path.shown(output.path))"]
        return UpToDateStamp.Words(
            output: result(outcome, console),
            messages: missing + outcome.obstacles
                + [outcome.interruption, summary.compactMap(\.self).joined(separator: "; ")]
                .compactMap(\.self), exitCode: code.rawValue)
    }
}

extension BatchReport.Missing {
    /// For people.
    var sentence: String { "missing: \(Path.shown(path)): \(reason)" }
}

extension Console {
    /// Before a run that may take long: what it will not look at.
    func warn(of missing: MissingFiles) {
        for one in missing.all { warning(one.sentence) }
    }
}

extension UpToDateStamp {
    /// Nil where every clip is to be told of as it passes.
    init?(_ pipeline: PipelineFile, only: [String], root: String, for console: Console) {
        guard console.level != .verbose, !console.logsJSON else { return nil }
        let style = "\(Version.current) \(console.level) \(console.colour) \(console.resultsAreJSON)"
        self.init(pipeline, only: only, root: root, style: style)
    }
}

extension Flag {
    static let maxDuration = Flag(
        name: "--max-duration", value: "TIME", help: "stop after this time, such as 90s, 30m or 2h; run again to go on")
    static let refreshStatistics = Flag(
        name: "--refresh-statistics", help: "ask for statistics again, even if an earlier run kept them")
    static let retryFailed = Flag(
        name: "--retry-failed", help: "look again at clips that an earlier run refused, whatever the reason")
    static let recreate = Flag(
        name: "--recreate",
        help: "upload again what the service has ended for good, and what is known to be gone from it")
    static let checkPublished = Flag(
        name: "--check-published", help: "ask the service whether it still has what was published, too")
    static let republish = Flag(
        name: "--republish", help: "--check-published and --recreate in one run: ask, and upload again what is gone")
}

extension Arguments {
    /// What one run is to do beyond its pipeline.
    func setRunOptions(of options: inout SubmitOptions) {
        options.recreates = isSet(.recreate) || isSet(.republish)
        options.checksPublished = isSet(.checkPublished) || isSet(.republish)
    }

    /// `--max-duration`.
    func maxDuration() throws(UsageError) -> Duration? {
        try value(.maxDuration, DurationText.expected) { text in
            DurationText.parse(text).flatMap { $0 > .zero ? $0 : nil }
        }
    }
}
