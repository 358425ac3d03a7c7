import Foundation
import TestSupport
import Testing

/// `docs/troubleshooting.md` has the messages as the program says them.
@Suite struct TroubleshootingTests {
    /// What the C library says, and what is put together from pieces.
    private static let others = ["No space left on device", "2 errors, nothing was done:"]

    @Test func `each message of the page is one of the program's`() throws {
        let enumerator = try #require(
            FileManager.default.enumerator(atPath: Places.root.appending(path: "Sources").path))
        var sources = ""
        for case let name as String in enumerator where name.hasSuffix(".swift") {
            sources += try String(contentsOf: Places.root.appending(path: "Sources/\(name)"), encoding: .utf8)
        }
        // Sentences that are written on several lines.
        sources = sources.replacing(/"\s*\+ "/, with: "").replacing(/\\\n\s*/, with: "")
        let page = try String(contentsOf: Places.root.appending(path: "docs/troubleshooting.md"), encoding: .utf8)
        let messages = page.matches(of: /(?m)^\| `([^`]+)`/).map { String($0.1) }
        #expect(messages.count > 30)
        for message in messages where !Self.others.contains(message) {
            // Between what differs from case to case.
            let parts = message.split(
                separator: /\.\.\.|\b[A-Z]\b|\b(?:OUT|CLIP|ID)\b|[0-9]+|"[xy]"|[:;()]|hooks\.\w+|--\w+/
            )
            .map { $0.trimmingCharacters(in: .whitespaces) }
            let found = parts.filter { $0.count >= 10 && sources.contains($0) }
            #expect(!found.isEmpty, "\(message)")
        }
    }
}
