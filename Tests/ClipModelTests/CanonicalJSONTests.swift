import Foundation
import Testing

@testable import ClipModel

/// The one way in which JSON is written.
@Suite struct CanonicalJSONTests {
    @Test(arguments: [0, 1, 2, 499, 500, 501, 1_203])
    func `a document in pieces has the same bytes as one that is encoded at once`(count: Int) throws {
        let entries = (0..<count).map { number in
            var entry = BatchReport.Entry(
                clip: "a/\(number)\n  \"clips\" : [\n", file: "../\(number).mp4", state: .failed)
            if number % 3 == 0 { entry.reason = "It is \"cut\".\n\n  ]" }
            if number % 2 == 0 { entry.checks = [] }
            return entry
        }
        let report = BatchReport(
            pipeline: "\n  \"clips\" : [\n", clips: entries, missing: [.init(path: "x/*.mp4", reason: "none")])
        var frame = report
        frame.clips = []
        var pieces: [Data] = []
        try CanonicalJSON.document(frame, filling: "clips", with: report.clips) { pieces.append($0) }
        #expect(try Data(pieces.joined()) == CanonicalJSON.document(report))
        #expect(try JSONDecoder().decode(BatchReport.self, from: Data(pieces.joined())) == report)
    }

    @Test func `elements that have no place are not left out without a word`() {
        #expect(throws: EncodingError.self) {
            try CanonicalJSON.document(["a": 1], filling: "clips", with: [1, 2]) { _ in }
        }
    }
}
