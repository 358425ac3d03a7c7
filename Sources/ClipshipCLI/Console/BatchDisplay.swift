import SystemIO
import ClipModel
import FoundationEssentials
import Pipeline
import XboxServices

/// Shows a run as it goes: lines that are drawn anew on a terminal, plain lines in a pipe, JSON objects if asked for.
final class BatchDisplay: BatchObserver, RequestObserver {
    private let console: Console
    private let state: Guarded<ProgressState>

    init(_ console: Console, clipCount: Int) {
        self.console = console
        state = Guarded(ProgressState(clipCount: clipCount))
    }

    func observe(_ event: BatchEvent) {
        let now = ContinuousClock.now
        state.withLock { $0.apply(event, at: now) }
        switch event {
        case .stage(let clip, let stage):
            if console.logsJSON {
                console.log("stage", ["clip": clip, "stage": stage.rawValue])
            } else if console.level == .verbose {
                console.note("\(clip): \(stage.rawValue)")
            }
        case .progress(let clip, let acknowledged, let size):
            if console.logsJSON {
                let facts = [
                    "clip": clip, "acknowledgedBytes": String(acknowledged.bytes), "bytes": String(size.bytes),
                ]
                console.log("progress", facts)
            } else if console.level == .verbose {
                console.note("\(clip): \(acknowledged) of \(size) acknowledged")
            }
        case .finished(let entry, let isUnchanged):
            finished(entry, isUnchanged: isUnchanged)
        case .warning(let clip, let text):
            if console.logsJSON {
                console.log("warning", ["message": text].merging(clip.map { ["clip": $0] } ?? [:]) { $1 })
            } else if console.level != .quiet {
                console.note("\(clip.map { "\($0): " } ?? "")warning: \(text)")
            }
        }
    }

    /// Unchanged clips are left to the table: there may be thousands.
    private func finished(_ entry: BatchReport.Entry, isUnchanged: Bool) {
        if isUnchanged, console.level != .verbose, !console.logsJSON { return }
        if console.logsJSON {
            var facts = ["clip": entry.clip, "state": entry.state.rawValue, "file": entry.file]
            facts["gameClipId"] = entry.gameClipId
            facts["reason"] = entry.reason
            console.log("finished", facts)
        } else if console.level != .quiet, console.progressColumns == nil || console.level == .verbose {
            let id = entry.gameClipId.map { " (\($0))" } ?? ""
            console.note("\(entry.clip): \(entry.state.rawValue)\(id)\(entry.reason.map { ": \($0)" } ?? "")")
        }
    }

    /// Requests are shown by `--verbose`, without token, query and body.
    func attemptEnded(_ attempt: RequestAttempt) {
        guard console.level == .verbose || console.logsJSON else { return }
        let outcome =
            switch attempt.outcome {
            case .succeeded(let status): "\(status)"
            case .failed(let failure): "\(failure.kind)"
            }
        let milliseconds = attempt.duration / .milliseconds(1)
        if console.logsJSON {
            var facts = [
                "call": attempt.call, "method": attempt.method, "url": attempt.url, "attempt": String(attempt.number),
                "outcome": outcome, "milliseconds": String(Int(milliseconds)),
            ]
            facts["nextAttemptInSeconds"] = attempt.nextWait.map { String($0 / .seconds(1)) }
            console.log("request", facts)
        } else {
            let wait = attempt.nextWait.map { "; again in \($0)" } ?? ""
            console.note("\(attempt.method) \(attempt.url): \(outcome) in \(Int(milliseconds)) ms\(wait)")
        }
    }

    /// Runs `body` while the display is drawn ten times a second, if there is a terminal to draw on.
    func whileDrawing<Value: Sendable, Failure: Error>(
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        guard let columns = console.progressColumns else { return try await body() }
        let drawing = Task {
            while !Task.isCancelled {
                let lines = state.withLock { $0.lines(columns: columns, at: .now) }
                console.showTransient(lines)
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
        func end() async {
            drawing.cancel()
            await drawing.value
            console.showTransient([])
        }
        do throws(Failure) {
            let value = try await body()
            await end()
            return value
        } catch {
            await end()
            throw error
        }
    }
}
