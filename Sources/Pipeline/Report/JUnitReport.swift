public import FoundationEssentials
import Support

/// The clips of a run as test cases, for programs that read JUnit's XML.
public struct JUnitReport: Sendable {
    private let outcome: BatchOutcome

    public init(_ outcome: BatchOutcome) {
        self.outcome = outcome
    }

    /// A clip that failed for good is a failure; one that was left out is skipped; one that a run could not take as far
    /// as it was to is an error, which running again may mend.
    public var document: Data {
        let times = Dictionary(
            outcome.timings.clips.map { ($0.clip, $0.stages.reduce(0) { $0 + Double($1.milliseconds) / 1_000 }) },
            uniquingKeysWith: +)
        let name = Self.escaped(outcome.report.pipeline)
        let kinds = outcome.rows.map(Self.kind)
        let count = { (kind: String) in kinds.count { $0 == kind } }
        let whole = outcome.timings.ended.date.timeIntervalSince(outcome.timings.began.date)
        let counts =
            "tests=\"\(kinds.count)\" failures=\"\(count("failure"))\" errors=\"\(count("error"))\" "
            + "skipped=\"\(count("skipped"))\" time=\"\(Self.seconds(whole))\""
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"clipship\" \(counts)>\n"
        let began = outcome.timings.began.description.prefix(19)
        text += "<testsuite name=\"\(name)\" \(counts) timestamp=\"\(began)\">\n"
        for (row, kind) in zip(outcome.rows, kinds) {
            text += "<testcase classname=\"\(name)\" name=\"\(Self.escaped(row.entry.clip))\" "
            text += "file=\"\(Self.escaped(row.entry.file))\" time=\"\(Self.seconds(times[row.entry.clip] ?? 0))\""
            guard let kind else {
                text += "/>\n"
                continue
            }
            let reason = Self.escaped(row.failure?.reason ?? row.entry.reason ?? "")
            text += ">\n<\(kind) message=\"\(reason)\"/>\n</testcase>\n"
        }
        return Data((text + "</testsuite>\n</testsuites>\n").utf8)
    }

    /// The element that says why a clip is not where it should be; nil if it is.
    private static func kind(of row: BatchOutcome.Row) -> String? {
        switch row.entry.state {
        case .failed: "failure"
        case .skipped: "skipped"
        case .published, .uploaded, .ready: row.failure == nil ? nil : "error"
        }
    }

    /// To the millisecond, without what a binary fraction leaves.
    static func seconds(_ seconds: Double) -> String {
        let milliseconds = Int64((min(max(seconds, 0), 1e12) * 1_000).rounded())
        let rest = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }

    /// A reader of XML makes a space of a line feed or a tab that an attribute has as it is.
    private static func escaped(_ text: String) -> String {
        Markup.escaped(text).replacing("\n", with: "&#10;").replacing("\t", with: "&#9;")
    }
}
