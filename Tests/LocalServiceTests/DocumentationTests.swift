import Foundation
import TestSupport
import Testing

@Suite struct DocumentationTests {
    private static let guide = Places.root.appending(path: "docs/local-service.md")

    /// The fenced blocks of one language below a heading.
    private func blocks(of language: String, below heading: String) throws -> [String] {
        let text = try String(contentsOf: Self.guide, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n### \(heading)\n").dropFirst().first)
        let body = section.components(separatedBy: "\n## ").first ?? ""
        return body.components(separatedBy: "```\(language)\n").dropFirst()
            .compactMap { $0.components(separatedBy: "\n```").first }
    }

    @Test(arguments: [("sh", "/bin/sh", ["-eu"]), ("python", "/usr/bin/python3", [])])
    func `the examples for tests of other programs work as they stand`(
        language: String, interpreter: String, options: [String]
    ) async throws {
        let examples = try blocks(of: language, below: "In tests of other programs")
        try #require(examples.count == 1)
        try await withTemporaryFolder { folder in
            let (clip, script) = (folder.appending(path: "clip.mp4"), folder.appending(path: "example"))
            try FileManager.default.copyItem(at: Places.samples.appending(path: "instant-replay.mp4"), to: clip)
            try Data(examples[0].utf8).write(to: script)
            let programs = URL(filePath: Places.clipship).deletingLastPathComponent().path
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            let result = try await run(
                interpreter, options + [script.path], in: folder, environment: ["PATH": "\(programs):\(path)"])
            #expect(result.status == 0, "\(result.outputText)\n\(result.errorText)")
        }
    }
}

@Suite struct ProtocolListTests {
    /// The names in the last cell of each row.
    private func names(in text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| ---") && $0 != "| row | test |" }
            .flatMap { row -> [String] in
                let cell = row.components(separatedBy: " | ").last ?? ""
                return cell.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            }
    }

    @Test func `every test that docs/protocol-tests.md names is there`() throws {
        let list = try String(contentsOf: Places.root.appending(path: "docs/protocol-tests.md"), encoding: .utf8)
        let rows = list.split(separator: "\n").filter { $0.hasPrefix("| ") }.count
        let named = names(in: list)
        #expect(named.count > 80 && rows > 80)
        let folder = Places.root.appending(path: "Tests/LocalServiceTests")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects as? [URL]
        let sources = try (files ?? []).filter { $0.pathExtension == "swift" }.map {
            try String(contentsOf: $0, encoding: .utf8)
        }
        for name in Set(named) {
            #expect(sources.contains { $0.contains("`\(name)`(") }, "no test is called \"\(name)\"")
        }
    }
}
