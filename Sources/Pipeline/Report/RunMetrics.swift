public import ClipModel
public import FoundationEssentials

/// The numbers of a run in Prometheus's text format, for a file that a node exporter reads.
public struct RunMetrics: Sendable {
    private let pipeline: String
    private let exitCode: Int32
    private let outcome: BatchOutcome?
    private let ended: Timestamp

    /// - Parameter outcome: Nil where the run could not begin with its clips.
    public init(pipeline: String, exitCode: Int32, outcome: BatchOutcome?, ended: Timestamp) {
        self.pipeline = pipeline
        self.exitCode = exitCode
        self.outcome = outcome
        self.ended = ended
    }

    /// The file's new contents.
    ///
    /// - Parameter earlier: The file as it is, which knows when the last success was; nil where there is none.
    public func document(replacing earlier: Data?) -> Data {
        let label = "pipeline=\"\(Self.escaped(pipeline))\""
        var text = ""
        func add(_ name: String, _ help: String, _ samples: [(labels: String, value: String)]) {
            guard !samples.isEmpty else { return }
            text += "# HELP clipship_\(name) \(help)\n# TYPE clipship_\(name) gauge\n"
            for sample in samples {
                text += "clipship_\(name){\(label)\(sample.labels)} \(sample.value)\n"
            }
        }
        add("last_run_timestamp_seconds", "When the last run ended.", [("", "\(ended.seconds)")])
        let success = "last_success_timestamp_seconds"
        let last = exitCode == 0 ? "\(ended.seconds)" : Self.value(of: "clipship_\(success){\(label)} ", in: earlier)
        add(success, "When the last run ended with exit code 0.", last.map { [("", $0)] } ?? [])
        add("last_run_exit_code", "The exit code of the last run.", [("", "\(exitCode)")])
        guard let outcome else { return Data(text.utf8) }
        let timings = outcome.timings
        let seconds = timings.ended.date.timeIntervalSince(timings.began.date)
        add("last_run_duration_seconds", "How long the last run took.", [("", JUnitReport.seconds(seconds))])
        add(
            "clips", "Clips of the last run by state.",
            BatchReport.State.allCases.map {
                (",state=\"\($0.rawValue)\"", "\(outcome.report.totals[$0.rawValue] ?? 0)")
            })
        add(
            "last_run_acknowledged_bytes", "Bytes that the service acknowledged in the last run.",
            [("", "\(timings.upload.bytes.reduce(0, &+))")])
        add(
            "last_run_stage_seconds", "Seconds that all clips of the last run together spent in a stage.",
            timings.secondsByStage.sorted { $0.key < $1.key }
                .map { (",stage=\"\(Self.escaped($0.key))\"", JUnitReport.seconds($0.value)) })
        add("last_run_requests", "Attempts at requests in the last run.", [("", "\(timings.requests)")])
        add("last_run_retries", "Attempts in the last run that were not the first.", [("", "\(timings.retries)")])
        return Data(text.utf8)
    }

    /// Which pipeline an earlier file is of; nil where it does not say.
    public static func pipeline(of earlier: Data?) -> String? {
        guard let earlier,
            let name = String(decoding: earlier, as: UTF8.self)
                .firstMatch(of: /clipship_last_run_timestamp_seconds\{pipeline="((?:[^"\\]|\\.)*)"\}/)
        else { return nil }
        var (text, isEscaped) = ("", false)
        for character in name.1 {
            if isEscaped {
                text.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                text.append(character)
            }
        }
        return text
    }

    /// A whole number that an earlier file has for a sample; nil where it has none.
    private static func value(of sample: String, in earlier: Data?) -> String? {
        guard let earlier else { return nil }
        let lines = String(decoding: earlier, as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix(sample) }.flatMap { Int64($0.dropFirst(sample.count)) }.map(String.init)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
