import Foundation
import TestSupport
import Testing

@testable import Pipeline

@Suite struct DiscoveryTests {
    private func withFiles(_ paths: [String], _ body: (String) throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            for path in paths {
                let file = folder.appending(path: path)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data().write(to: file)
            }
            try body(folder.path)
        }
    }

    @Test(arguments: [
        ("*.mp4", ["a.mp4", "b.mp4"]), ("**/*.mp4", ["a.mp4", "b.mp4", "s/c.mp4", "s/t/d.mp4"]),
        ("s/c.mp4", ["s/c.mp4"]),
        ("[b-z].mp4", ["b.mp4"]), ("*/?.mp4", ["s/c.mp4"]), ("nothing/*.mp4", []), (".*.mp4", [".h.mp4"]),
    ])
    func `a pattern finds its files`(pattern: String, expected: [String]) async throws {
        try await withFiles(["a.mp4", "b.mp4", ".h.mp4", "c.txt", "s/c.mp4", "s/t/d.mp4", ".x/e.mp4"]) { folder in
            let found = Glob.files(matching: "\(folder)/\(pattern)").map { String($0.dropFirst(folder.count + 1)) }
            #expect(found.sorted() == expected)
        }
    }

    @Test func `an escaped path matches itself alone`() async throws {
        try await withFiles(["[1] what?.mp4", "1.mp4"]) { folder in
            let path = "\(folder)/[1] what?.mp4"
            #expect(Glob.files(matching: Glob.escaping(path)) == [path])
        }
    }

    @Test(arguments: [
        ("boss-fight.mp4", "boss-fight"), ("2026/Boss Fight (1).mp4", "2026-Boss_Fight_(1)"), ("a/../b.mp4", "a-..-b"),
        (".hidden.mp4", "hidden"), ("日本.mp4", "日本"), ("a'b\"c\nd.mp4", "a_b_c_d"), ("...mp4", "_"),
    ])
    func `a name is made safe`(path: String, expected: String) {
        #expect(ClipFile.safeName(of: path) == expected)
    }

    @Test func `clips are sorted, unique, and named alike wherever the pipeline lies`() {
        func names(_ root: String) -> [ClipFile] {
            let paths = ["\(root)/in/b c.mp4", "\(root)/in/b_c.mp4", "\(root)/in/a.mp4", "\(root)/in/a.mp4"]
            return ClipFile.named(paths.map { ($0, "\(root)/in") }, root: root)
        }
        let clips = names("/one")
        #expect(clips.count == 3)
        #expect(clips[0].name == "a")
        #expect(Set(clips.map(\.name)).count == 3)
        #expect(clips.dropFirst().allSatisfy { $0.name.hasPrefix("b_c~") })
        #expect(names("/two/three").map(\.name) == clips.map(\.name))
    }
}
