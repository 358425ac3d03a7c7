import Foundation
import SystemIO
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
            let found = Glob.matches("\(folder)/\(pattern)").files.map { String($0.dropFirst(folder.count + 1)) }
            #expect(found.sorted() == expected)
        }
    }

    @Test func `a pattern that matches nothing is a problem beside others that match`() async throws {
        try await withFiles(["a.mp4"]) { folder in
            let found = Discovery([
                "\(folder)/*.mp4", "\(folder)/b.mp4", "\(folder)/*.MP4", "\(folder)/none/*.mp4", "\(folder)/a.mp4",
            ])
            #expect(found.files.map(\.path) == ["\(folder)/a.mp4"])
            #expect(
                found.problems.map { $0.path.dropFirst(folder.count + 1) } == ["b.mp4", "*.MP4", "none/*.mp4"])
            #expect(
                found.problems.map(\.reason) == [
                    "no file matches it",
                    "no file matches it; one file does but for upper and lower case, such as a.mp4",
                    "there is no folder \(folder)/none",
                ])
        }
    }

    @Test func `names that are equal to Unicode and not to the file system are two clips`() async throws {
        try await withFiles(["caf\u{e9}.mp4", "cafe\u{301}.mp4"]) { folder in
            let found = Discovery(["\(folder)/*.mp4"])
            #expect(found.files.count == 2)
            let clips = try ClipFile.named(found.files, root: folder)
            #expect(Set(clips.map { Array($0.name.utf8) }).count == 2)
            #expect(Set(clips.map(\.name)).count == 2, "not to Unicode either")
        }
    }

    @Test func `a file keeps its name, whatever others come or go`() throws {
        let (one, two) = ((path: "/r/m1/take.mp4", base: "/r/m1"), (path: "/r/m2/take.mp4", base: "/r/m2"))
        func names(_ found: [(path: String, base: String)], _ known: [String: String] = [:]) throws -> [String: String]
        {
            let clips = try ClipFile.named(found, root: "/r", known: known)
            return Dictionary(uniqueKeysWithValues: clips.map { ($0.path, $0.name) })
        }
        let alone = try names([one])
        #expect(alone == ["/r/m1/take.mp4": "take"])
        let both = try names([one, two])
        #expect(Set(both.values).count == 2 && both.values.allSatisfy { $0.hasPrefix("take~") })
        // The disk of the other one is away.
        #expect(try names([one], both)["/r/m1/take.mp4"] == both["/r/m1/take.mp4"])
        // It comes when the first one is known by the short name.
        let later = try names([one, two], alone)
        #expect(later == ["/r/m1/take.mp4": "take", "/r/m2/take.mp4": both["/r/m2/take.mp4"]])
        #expect(try names([one, two], later) == later)
        #expect(try names([two], later) == ["/r/m2/take.mp4": both["/r/m2/take.mp4"]])
        // A name that it would not be given now is none.
        #expect(try names([one], ["/r/m1/take.mp4": "m1-take"]) == alone)
    }

    @Test func `names that are not UTF-8 are found and opened as they are, and no two have one text`() async throws {
        try await withFiles(["a.mp4"]) { folder in
            // Bytes of Latin-1, an accent after the slash, and the characters that stand for bytes.
            let names: [[UInt8]] = [
                Array("M".utf8) + [0xE4] + Array("rz".utf8), Array("\u{301}x".utf8), Array("\u{10FEE4}".utf8), [0xFF],
                [0xC3], [0xF4, 0x8F],
            ]
            for name in names {
                let bytes = Array("\(folder)/".utf8) + name
                try #require(mkdir(bytes.map { CChar(bitPattern: $0) } + [0], 0o755) == 0)
                #expect(Path.bytes(Path.text(name)) == name)
                try Data("x".utf8).write(to: URL(filePath: "\(folder)/a.mp4"))
                let made = creat((bytes + Array("/b.mp4".utf8)).map { CChar(bitPattern: $0) } + [0], 0o644)
                try #require(made >= 0)
                close(made)
            }
            let found = Discovery(["\(folder)/**/*.mp4"])
            #expect(found.problems.isEmpty)
            #expect(Set(found.files.map(\.path)).count == 1 + names.count)
            for file in found.files { _ = try OpenFile(file.path) }
            let clips = try ClipFile.named(found.files, root: folder)
            #expect(Set(clips.map(\.name)).count == 1 + names.count)
        }
    }

    @Test func `lost and found is no problem`() async throws {
        try await withFiles(["a.mp4"]) { folder in
            let found = Discovery(["\(folder)/lost+found/*.mp4", "\(folder)/*.mp4"])
            #expect(found.files.map(\.path) == ["\(folder)/a.mp4"])
        }
    }

    @Test func `a link that leads nowhere is found, for whoever opens it to say so`() async throws {
        try await withFiles(["a.mp4"]) { folder in
            symlink("gone", "\(folder)/link.mp4")
            #expect(Discovery(["\(folder)/link.mp4"]).files.map(\.path) == ["\(folder)/link.mp4"])
        }
    }

    @Test(arguments: [
        String(repeating: "👨‍👩‍👧‍👦", count: 60), String(repeating: "x", count: 300), String(repeating: "é", count: 120),
    ])
    func `a name leaves room for every ending within 255 bytes`(stem: String) throws {
        let name = try ClipFile.safeName(of: "\(stem).mp4")
        #expect("\(name)~01234567.large.jpg".utf8.count <= 255 - 20)
        #expect(try name != ClipFile.safeName(of: "\(stem)y.mp4"))
    }

    @Test func `an escaped path matches itself alone`() async throws {
        try await withFiles(["[1] what?.mp4", "1.mp4"]) { folder in
            let path = "\(folder)/[1] what?.mp4"
            #expect(Glob.matches(Glob.escaping(path)).files == [path])
        }
    }

    @Test(arguments: [
        ("boss-fight.mp4", "boss-fight"), ("2026/Boss Fight (1).mp4", "2026-Boss_Fight_(1)"), ("a/../b.mp4", "a-..-b"),
        (".hidden.mp4", "hidden"), ("日本.mp4", "日本"), ("a'b\"c\nd.mp4", "a_b_c_d"), ("...mp4", "_"),
    ])
    func `a name is made safe`(path: String, expected: String) throws {
        #expect(try ClipFile.safeName(of: path) == expected)
    }

    @Test func `clips are sorted, unique, and named alike wherever the pipeline lies`() throws {
        func names(_ root: String) throws -> [ClipFile] {
            let paths = ["\(root)/in/b c.mp4", "\(root)/in/b_c.mp4", "\(root)/in/a.mp4"]
            return try ClipFile.named(paths.map { ($0, "\(root)/in") }, root: root)
        }
        let clips = try names("/one")
        #expect(clips.count == 3)
        #expect(clips[0].name == "a")
        #expect(Set(clips.map(\.name)).count == 3)
        #expect(clips.dropFirst().allSatisfy { $0.name.hasPrefix("b_c~") })
        #expect(try names("/two/three").map(\.name) == clips.map(\.name))
    }
}
