import ClipModel
import FoundationEssentials
import Pipeline
import SystemIO
import XboxServices

/// Shows a run as it goes: lines that are drawn again on a terminal, plain lines in a pipe, JSON objects if asked for.
final class BatchDisplay: BatchObserver, RequestObserver {
    private let console: Console
    private let state: Locked<ProgressState>
    /// Why clips did not go on that were told of already.
    private let told = Locked<Set<String>>([])

    /// How often a line says how far the run is where there is no terminal; nil for never.
    private let interval: Duration?
    static let usualInterval = Duration.seconds(30)

    init(_ console: Console, clipCount: Int, interval: Duration?) {
        self.console = console
        self.interval = interval
        state = Locked(ProgressState(clipCount: clipCount, at: .now))
    }

    /// Is told of everything, too; nil until it is there.
    let hooks = Locked<RunHooks?>(nil)

    func observe(_ event: BatchEvent) {
        hooks.withLock { $0 }?.observe(event)
        let now = ContinuousClock.now
        state.withLock { $0.apply(event, at: now) }
        switch event {
        case .stage(let clip, let stage):
            if console.logsJSON {
                console.log("stage", ["clip": .string(clip), "stage": .string(stage.rawValue)])
            } else if console.level == .verbose {
                console.note("\(clip): \(stage.rawValue)")
            }
        case .progress(let clip, let acknowledged, let size):
            if console.logsJSON {
                console.log(
                    "progress",
                    [
                        "clip": .string(clip), "acknowledgedBytes": .integer(acknowledged.bytes),
                        "bytes": .integer(size.bytes),
                    ])
            } else if console.level == .verbose {
                console.note("\(clip): \(acknowledged) of \(size) acknowledged")
            }
        case .finished(let entry, let failure, let isUnchanged):
            finished(entry, failure, isUnchanged: isUnchanged)
        case .notice(let text):
            console.info(text)
        case .planned, .sent:
            break
        case .warning(let clip, let text):
            if console.logsJSON {
                var facts = ["message": JSONValue.string(text)]
                facts["clip"] = clip.map(JSONValue.string)
                console.log("warning", facts)
            } else if console.level != .quiet {
                console.note("\(clip.map { "\($0): " } ?? "")\(console.errorColour.yellow("warning:")) \(text)")
            }
        }
    }

    /// Unchanged clips are left to the table: there may be thousands.
    private func finished(_ entry: BatchReport.Entry, _ failure: ClipFailure?, isUnchanged: Bool) {
        if isUnchanged, console.level != .verbose, !console.logsJSON { return }
        if console.logsJSON {
            var facts: [String: JSONValue] = [
                "clip": .string(entry.clip), "state": .string(entry.state.rawValue), "file": .string(entry.file),
                "unchanged": .boolean(isUnchanged),
            ]
            facts["gameClipId"] = entry.gameClipId.map(JSONValue.string)
            facts["reason"] = entry.reason.map(JSONValue.string)
            console.log("finished", facts)
        } else if console.level != .quiet, !console.showsProgress || console.level == .verbose {
            // The end of the run says how many those are.
            if failure?.kind == .interrupted { return }
            let id = entry.gameClipId.map { " (\($0))" } ?? ""
            let state = entry.state.painted(entry.state.rawValue, entry.reason == nil, console.errorColour)
            // What clips have in common is said with the first of them, and at the end.
            let cause = entry.state == .skipped ? nil : failure.flatMap(CommonCauses.sentence)
            let isNew = cause.map { cause in told.withLock { $0.insert(cause).inserted } } ?? true
            console.note("\(entry.clip): \(state)\(id)\(isNew ? entry.reason.map { ": \($0)" } ?? "" : "")")
        }
    }

    /// Says how far the run is.
    func tellProgress() {
        let overview = state.withLock { $0.overview(at: .now) }
        if console.logsJSON {
            console.log("run-progress", overview.facts)
        } else {
            console.note(overview.sentence(at: Date()))
        }
    }

    func attemptEnded(_ attempt: RequestAttempt) {
        console.show(attempt)
    }

    /// Runs `body` while the display is drawn, if there is a terminal to draw on; else a line comes now and then.
    func whileDrawing<Value: Sendable, Failure: Error>(
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let telling = Task(executorPreference: Blocking.threads) { [self] in
            guard !console.showsProgress, console.level != .quiet, let interval else { return }
            // Only a cancelled sleep ends early.
            while (try? await Task.sleep(for: interval)) != nil { tellProgress() }
        }
        defer { telling.cancel() }
        return try await console.whileDrawing { terminal in
            self.state.withLock { $0.lines(on: terminal, self.console.errorColour, at: .now) }
        } during: { () async throws(Failure) in
            try await body()
        }
    }
}

extension BatchReport.State {
    /// In the colour of what it means.
    func painted(_ text: String, _ isAsWanted: Bool, _ colour: Colour) -> String {
        switch self {
        case .failed: colour.red(text)
        case .published, .uploaded, .ready: isAsWanted ? colour.green(text) : colour.yellow(text)
        case .skipped: colour.yellow(text)
        }
    }
}

extension Flag {
    static let stats = Flag(
        name: "--stats", value: "TIME",
        help: "in a pipe, say so often how far the run is (default: 30s; 0 for never); SIGUSR1 has it said at once")
}

extension Arguments {
    /// `--stats`; nil for never.
    func progressInterval() throws(UsageError) -> Duration? {
        let time = try value(.stats, "\(DurationText.expected), or 0") { $0 == "0" ? .zero : DurationText.parse($0) }
        return time.map { $0 > .zero ? $0 : nil } ?? BatchDisplay.usualInterval
    }
}
