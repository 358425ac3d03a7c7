import SystemIO
import ClipModel
import FoundationEssentials
import Pipeline
import XboxServices

/// Shows a run as it goes: lines that are drawn again on a terminal, plain lines in a pipe, JSON objects if asked for.
final class BatchDisplay: BatchObserver, RequestObserver {
    private let console: Console
    private let state: Locked<ProgressState>

    init(_ console: Console, clipCount: Int) {
        self.console = console
        state = Locked(ProgressState(clipCount: clipCount))
    }

    func observe(_ event: BatchEvent) {
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
        case .finished(let entry, let isUnchanged):
            finished(entry, isUnchanged: isUnchanged)
        case .notice(let text):
            console.info(text)
        case .warning(let clip, let text):
            if console.logsJSON {
                var facts = ["message": JSONValue.string(text)]
                facts["clip"] = clip.map(JSONValue.string)
                console.log("warning", facts)
            } else if console.level != .quiet {
                console.note("\(clip.map { "\($0): " } ?? "")warning: \(text)")
            }
        }
    }

    /// Unchanged clips are left to the table: there may be thousands.
    private func finished(_ entry: BatchReport.Entry, isUnchanged: Bool) {
        if isUnchanged, console.level != .verbose, !console.logsJSON { return }
        if console.logsJSON {
            var facts: [String: JSONValue] = [
                "clip": .string(entry.clip), "state": .string(entry.state.rawValue), "file": .string(entry.file),
                "unchanged": .boolean(isUnchanged),
            ]
            facts["gameClipId"] = entry.gameClipId.map(JSONValue.string)
            facts["reason"] = entry.reason.map(JSONValue.string)
            console.log("finished", facts)
        } else if console.level != .quiet, console.progressColumns == nil || console.level == .verbose {
            let id = entry.gameClipId.map { " (\($0))" } ?? ""
            console.note("\(entry.clip): \(entry.state.rawValue)\(id)\(entry.reason.map { ": \($0)" } ?? "")")
        }
    }

    func attemptEnded(_ attempt: RequestAttempt) {
        console.show(attempt)
    }

    /// Runs `body` while the display is drawn, if there is a terminal to draw on.
    func whileDrawing<Value: Sendable, Failure: Error>(
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await console.whileDrawing { columns in
            self.state.withLock { $0.lines(columns: columns, at: .now) }
        } during: { () async throws(Failure) in
            try await body()
        }
    }
}
