import Foundation
import TestSupport
import Testing

/// Files that somebody else made, and that would fill the memory or never end: each is refused with one sentence, and the
/// program never has more than 100 MB.
@Suite(.fewAtOnce, .timeLimit(.minutes(5)), .enabled(if: Sanitizer.isOff, "a sanitizer needs more of everything"))
struct HostileFileTests {
    /// Bytes.
    private static let mostMemory = 100_000_000

    private func measured(_ words: [String], in folder: URL) async throws -> (result: ProgramResult, peak: Int) {
        try await TestSupport.measured(Clipship.path, words, in: folder)
    }

    /// 10 GB with nothing in them, or something that does not end.
    enum Kind: CaseIterable, Sendable {
        case sparse, device, pipe, folder

        func put(at file: URL) throws {
            try? FileManager.default.removeItem(at: file)
            switch self {
            case .sparse:
                try Data().write(to: file)
                try #require(truncate(file.path, 10_000_000_000) == 0)
            case .device:
                try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "/dev/zero")
            case .pipe: try #require(mkfifo(file.path, 0o600) == 0)
            case .folder: try FileManager.default.createDirectory(at: file, withIntermediateDirectories: true)
            }
        }
    }

    /// Files that are read, by their paths, and a command that reads each.
    private static let readers: [(file: String, words: [String])] = [
        ("pipeline.yaml", ["run", "pipeline.yaml"]), ("session.yaml", ["run", "pipeline.yaml"]),
        ("clips/instant-replay.yaml", ["run", "pipeline.yaml", "--dry-run"]),
        ("out/manifests/instant-replay.json", ["verify", "out/manifests/instant-replay.json"]),
        ("out/manifests/instant-replay.json", ["submit", "out/manifests/instant-replay.json"]),
        ("out/thumbnails/instant-replay.small.jpg", ["verify", "out/manifests/instant-replay.json"]),
        ("clips/instant-replay.mp4", ["verify", "out/manifests/instant-replay.json"]),
        ("clips/instant-replay.mp4", ["probe", "clips/instant-replay.mp4"]),
        ("clips/instant-replay.mp4", ["submit", "out/manifests/instant-replay.json"]),
        ("out/batch.json", ["report", "out"]), ("out/journal.db", ["status", "out"]),
        ("out/journal.db", ["run", "pipeline.yaml"]),
        ("tokens.json", ["serve", "--data", "data", "--tokens", "tokens.json"]),
        ("faults.yaml", ["serve", "--data", "data", "--faults", "faults.yaml"]),
        ("stats.yaml", ["serve", "--data", "data", "--stats", "stats.yaml"]),
        ("title.json", ["clip", "update", "x", "--scid", Workbench.scid, "--title-data-file", "title.json"]),
    ]

    @Test(arguments: Kind.allCases)
    func `what is endless or no file is refused with a sentence that names it`(kind: Kind) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 0)
            // Who opens a file refuses what is none; only how much is read differs from reader to reader.
            for (name, words) in kind == .sparse ? Self.readers : Array(Self.readers.prefix(7)) {
                let file = bench.folder.appending(path: name)
                let kept = bench.folder.appending(path: "kept")
                let isThere = FileManager.default.fileExists(atPath: file.path)
                if isThere { try FileManager.default.moveItem(at: file, to: kept) }
                try kind.put(at: file)
                let (result, peak) = try await measured(words, in: bench.folder)
                let what = "\(words.joined(separator: " ")) with \(kind) \(name)"
                #expect(
                    (1...2).contains(result.status) || result.status == 75,
                    "\(what): \(result.status)\n\(result.errorText)")
                let said = result.outputText + result.errorText
                let stem = file.deletingPathExtension().lastPathComponent
                #expect(said.contains(stem) || said.contains("thumbnail"), "\(what)\n\(said)")
                #expect(peak < Self.mostMemory, "\(what): \(peak) bytes")
                try FileManager.default.removeItem(at: file)
                if isThere { try FileManager.default.moveItem(at: kept, to: file) }
            }
        }
    }

    @Test func `files of our own that are no such thing are made again`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run(), exits: 0)
            for name in [
                "unchanged.seal", "timings.json", "report.html", "manifests/instant-replay.json", "batch.json",
            ] {
                try Kind.sparse.put(at: bench.output.folder.appending(path: name))
                let (result, peak) = try await measured(["run", "pipeline.yaml"], in: bench.folder)
                expect(result, exits: 0)
                #expect(peak < Self.mostMemory, "\(name): \(peak) bytes")
            }
            #expect(try bench.output.batch.states == ["instant-replay": "published"])
            #expect(try await bench.output.schemaMistakes() == [])
        }
    }

    @Test func `each test that the document of limits names is there`() throws {
        let text = try String(contentsOf: Places.root.appending(path: "docs/limits.md"), encoding: .utf8)
        let names = Set(text.matches(of: /`([^`]+)`/).map { String($0.1) }).filter {
            $0.split(separator: " ").count > 3
        }
        #expect(names.count > 25)
        let tests = Places.root.appending(path: "Tests")
        var missing = names
        for name in try FileManager.default.subpathsOfDirectory(atPath: tests.path) where name.hasSuffix(".swift") {
            let source = try String(contentsOf: tests.appending(path: name), encoding: .utf8)
            missing = missing.filter { !source.contains("func `\($0)`") }
        }
        #expect(missing.isEmpty)
    }

    /// Texts that are as long as they may be, and have as many values as fit.
    @Test func `a text with millions of values is refused before memory is taken for them`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 0)
            let manifest = bench.output.manifest("instant-replay")
            let head = #"{"format": "clipship-manifest/1", "more": ["#
            for piece in ["[],", "{},", "[[[["] {
                let count = (15 << 20) / piece.utf8.count
                try Data((head + String(repeating: piece, count: count) + "0]}").utf8).write(to: manifest)
                let (result, peak) = try await measured(["verify", manifest.path], in: bench.folder)
                expect(result, exits: 2)
                #expect(result.errorText.contains("is no manifest: more than 250000 values"), "\(result.errorText)")
                #expect(peak < Self.mostMemory, "\(piece): \(peak) bytes")
            }
            for piece in ["- []\n", "? a\n"] {
                let text = String(repeating: piece, count: 3_900_000 / piece.utf8.count)
                try Data(text.utf8).write(to: bench.pipeline)
                let (result, peak) = try await measured(["run", bench.pipeline.path], in: bench.folder)
                expect(result, exits: 2)
                #expect(peak < Self.mostMemory, "\(piece): \(peak) bytes")
            }
        }
    }
}
