import ClipModel
import Foundation
import SystemIO
import TestSupport
import Testing

@testable import Pipeline

@Suite struct ReportPageTests {
    @Test(arguments: [
        ("plain", "plain"), ("<b>&amp;", "&lt;b&gt;&amp;amp;"), ("\"'", "&quot;&#39;"),
        ("a\u{0}b\u{1b}", "a\u{FFFD}b\u{FFFD}"),
        ("日本 🎮", "日本 🎮"),
    ])
    func `what comes from outside is no markup`(text: String, expected: String) {
        let html: HTML = "<p title=\"\(text)\">\(text)</p>"
        #expect(html.text == "<p title=\"\(expected)\">\(expected)</p>")
    }

    private static let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'"

    private func report(_ count: Int = 2, missing: [BatchReport.Missing] = []) -> BatchReport {
        let clips = (0..<count).map { index in
            var entry = BatchReport.Entry(clip: "clip-\(index)", file: "../\(Self.hostile).mp4", state: .failed)
            entry.reason = Self.hostile
            return entry
        }
        return BatchReport(pipeline: Self.hostile, clips: clips, missing: missing)
    }

    private func page(_ report: BatchReport, in folder: URL, times: String? = nil) throws -> String {
        let output = OutputFolder(folder.path)
        try ReportPage(report, in: output).write(times: times)
        return try String(contentsOfFile: output.page, encoding: .utf8)
    }

    @Test func `a page needs nothing from elsewhere, and runs nothing but its own script`() async throws {
        try await withTemporaryFolder { folder in
            let missing = [BatchReport.Missing(path: Self.hostile, reason: Self.hostile)]
            let page = try page(report(missing: missing), in: folder).replacing("&#39;", with: "'")
            #expect(page.components(separatedBy: "<script>").count == 2)
            #expect(!page.contains("<img src=x") && !page.contains("http:") && !page.contains("https:"))
            #expect(page.contains("default-src 'none'; img-src data: file: 'self'; style-src 'sha256-"))
            // The hashes, by another program.
            for name in ["style", "script"] {
                let whole = try #require(
                    page.components(separatedBy: "<\(name)>").last?.components(separatedBy: "</\(name)>").first)
                let hash = try await run(
                    "sh", ["-c", "openssl dgst -sha256 -binary | base64"], input: Data(whole.utf8))
                let sum = hash.outputText.trimmingCharacters(in: .whitespacesAndNewlines)
                #expect(page.contains("\(name)-src 'sha256-\(sum)'"))
            }
        }
    }

    @Test func `equal batches give equal bytes, but for the part about times, which is kept`() async throws {
        try await withTemporaryFolder { folder in
            let first = try page(report(), in: folder, times: "<p>a moment</p>")
            #expect(first.contains("<!-- times --><p>a moment</p><!-- end of times -->"))
            #expect(try page(report(), in: folder) == first)
            let other = try page(report(), in: folder, times: "")
            #expect(other == first.replacing("<p>a moment</p>", with: ""))
        }
    }
}
