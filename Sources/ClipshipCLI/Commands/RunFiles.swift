import ClipModel
import FoundationEssentials
import Pipeline
import SystemIO

/// What a run writes for build farms, beside its output folder: `--junit`, `--metrics`; and what it tells GitHub.
struct RunFiles: Sendable {
    /// Nil while it is not known.
    var pipeline: String?
    /// What the pipeline is called where nothing else says so.
    var fallback: String
    var junit: String?
    var metrics: String?

    /// Whether something has to be written after each run, also after one that changes nothing.
    var isAsked: Bool { junit != nil || metrics != nil }

    /// Writes the files.
    ///
    /// - Parameter outcome: Nil where the run could not begin with its clips: no test case ran.
    /// - Returns: The code to exit with: results that could not be written are no success.
    func write(_ outcome: BatchOutcome?, _ code: ExitCode, _ console: Console) -> ExitCode {
        var files: [(path: String, Data)] = []
        if let junit, let outcome { files.append((junit, JUnitReport(outcome).document)) }
        if let metrics {
            let earlier = Self.contents(of: metrics)
            // A file with a mistake in it does not say its name, and whoever watches the numbers knows the earlier one.
            let run = RunMetrics(
                pipeline: pipeline ?? RunMetrics.pipeline(of: earlier) ?? fallback, exitCode: code.rawValue,
                outcome: outcome, ended: Timestamp(Date()))
            files.append((metrics, run.document(replacing: earlier)))
        }
        var code = code
        for (path, data) in files {
            do throws(FileError) {
                try DurableFile.write(data, to: path)
            } catch {
                console.error("\(error)")
                if code == .success { code = .temporary }
            }
        }
        return code
    }

    /// Does `body`; where it fails before its clips are under way, the numbers say so, too.
    ///
    /// - Parameter body: May say under which name the run is known, once it knows.
    static func keeping(
        _ files: RunFiles, _ console: Console, _ body: (inout RunFiles) async throws -> ExitCode
    ) async throws -> ExitCode {
        var files = files
        do {
            return try await body(&files)
        } catch {
            _ = files.write(nil, Failure(error).code, console)
            throw error
        }
    }

    /// Nil where there is no such file, or none that can be read: the last success is not known then.
    private static func contents(of path: String) -> Data? {
        // As above.
        (try? OpenFile(path).contents(atMost: 1 << 20)).map { Data($0) }
    }

    /// Has GitHub show each clip that is not where it should be beside the job, where this is one of its jobs.
    static func annotate(_ outcome: BatchOutcome, _ console: Console) {
        guard ProcessInfo.processInfo.environment["GITHUB_ACTIONS"] == "true", !console.logsJSON else { return }
        let causes = outcome.commonCauses
        func tell(_ kind: String, _ title: String, _ reason: String) {
            console.note(
                "::\(kind) title=\(escaped(title, alsoProperties: true))::" + escaped(reason, alsoProperties: false))
        }
        for row in outcome.rows {
            guard let failure = row.failure, !causes.contains(failure) else { continue }
            tell(row.entry.state == .failed ? "error" : "warning", row.entry.clip, failure.reason)
        }
        for (sentence, clips) in causes.causes {
            tell("warning", "\(clips) clip\(clips == 1 ? "" : "s")", sentence)
        }
    }

    private static func escaped(_ text: String, alsoProperties: Bool) -> String {
        let message = text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
        return alsoProperties ? message.replacing(":", with: "%3A").replacing(",", with: "%2C") : message
    }
}

extension Flag {
    static let junit = Flag(
        name: "--junit", value: "FILE", help: "write the clips there as test cases, for what reads JUnit's XML")
    static let metrics = Flag(
        name: "--metrics", value: "FILE", help: "write the run's numbers there in Prometheus's text format")
}

extension Arguments {
    func runFiles(of pipeline: String) -> RunFiles {
        RunFiles(
            fallback: pipeline, junit: string(.junit).map(Path.absolute), metrics: string(.metrics).map(Path.absolute))
    }
}
