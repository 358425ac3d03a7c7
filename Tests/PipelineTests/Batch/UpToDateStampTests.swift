import ClipModel
import Foundation
import TestSupport
import Testing
import XboxServices

@testable import MediaWorker
@testable import Pipeline

/// What a seal takes for a change.
@Suite struct UpToDateStampTests {
    private static let words = UpToDateStamp.Words(
        output: "CLIP  STATE\na     ready\n", messages: ["1 ready", "two\nlines"], exitCode: 1)

    /// A folder with clips and the output of a run over them.
    private struct Bench {
        let folder: URL
        var pipeline: PipelineFile

        init(_ folder: URL) throws {
            self.folder = folder
            for name in ["clips/day", "out/manifests", "out/thumbnails"] {
                try FileManager.default.createDirectory(
                    at: folder.appending(path: name), withIntermediateDirectories: true)
            }
            for name in [
                "clips/a.mp4", "clips/day/b.mp4", "clips/a.yaml", "out/batch.json", "out/journal.db", "out/report.html",
                "out/manifests/a.json", "out/thumbnails/a.large.jpg",
            ] {
                try Data(name.utf8).write(to: folder.appending(path: name))
            }
            pipeline = PipelineFile(
                name: "test", session: Session(scid: "00000000-0000-0012-0023-000000000070"),
                clips: ["\(folder.path)/clips/**/*.mp4"], output: folder.appending(path: "out").path)
        }

        func seal(only: [String] = [], root: String = "/", style: String = "plain") throws -> UpToDateStamp {
            try #require(UpToDateStamp(pipeline, only: only, root: root, style: style))
        }

        func write(_ name: String, _ text: String = "new") throws {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }

        func remove(_ name: String) throws {
            try FileManager.default.removeItem(at: folder.appending(path: name))
        }
    }

    private func withBench(_ body: (inout Bench) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            var bench = try Bench(folder)
            try bench.seal().keep(Self.words)
            try await body(&bench)
        }
    }

    @Test func `an unchanged batch says what it said, with each message on a line`() async throws {
        try await withBench { bench in
            for _ in 1...2 {
                let words = try #require(try bench.seal().words())
                #expect(words.output == Self.words.output)
                #expect(words.messages == ["1 ready", "two lines"])
                #expect(words.exitCode == 1)
            }
        }
    }

    @Test func `rates and days are written in the same order in each process`() throws {
        var remote = RemoteService(metadata: "https://localhost", token: .environment("TOKEN"))
        for service in [.compute, .transfer, .statistics, .metadata] as [Service] {
            remote.rates[service] = RateLimits.published
        }
        let json = String(decoding: try CanonicalJSON.line(remote), as: UTF8.self)
        let places = Service.allCases.map { json.firstRange(of: "\"\($0)\"")?.lowerBound }
        #expect(!places.contains(nil) && places.compactMap { $0 } == places.compactMap { $0 }.sorted())
        let rule = try CanonicalJSON.line(Bandwidth.Rule(days: [1, 5]))
        #expect(String(decoding: rule, as: UTF8.self) == #"{"days":[1,5],"from":0,"to":1440}"#)
    }

    @Test func `amounts that look alike in a table are told apart`() async throws {
        try await withBench { bench in
            bench.pipeline.blocks.size = ByteCount(1_960_000)
            #expect(bench.pipeline.blocks.size.description == BlockPlan.largestBlock.description)
            let seal = try bench.seal()
            #expect(seal.words() == nil)
        }
    }

    @Test func `another media program or library is looked for, and breaks the seal`() async throws {
        try await withBench { bench in
            let other = MediaInstallation(program: "/else/where", loaderCache: "/none", libraryPath: "")
            let seal = try #require(UpToDateStamp(bench.pipeline, only: [], root: "/", style: "plain", media: other))
            #expect(seal.words() == nil)
        }
    }

    @Test func `where a text stands in the pipeline file changes nothing`() async throws {
        try await withBench { bench in
            var template = try Template(parsing: "{clip.name}")
            bench.pipeline.request.userCaption = template
            try bench.seal().keep(Self.words)
            template.place = .init(file: "pipeline.yaml", mark: .start)
            bench.pipeline.request.userCaption = template
            let moved = try bench.seal()
            #expect(moved.words()?.output == Self.words.output)
            bench.pipeline.request.userCaption = Template(literal: "{clip.name}")
            let literal = try bench.seal()
            #expect(literal.words() == nil)
        }
    }

    @Test func `every change of an input or of what was made breaks the seal`() async throws {
        let changes: [(String, (inout Bench) throws -> Void)] = [
            ("a clip's bytes", { try $0.write("clips/a.mp4") }),
            ("a clip's bytes, as many as before", { try $0.write("clips/a.mp4", "CLIPS/A.MP4") }),
            ("a clip more", { try $0.write("clips/day/c.mp4") }),
            ("a clip less", { try $0.remove("clips/day/b.mp4") }),
            (
                "a clip's name",
                {
                    try FileManager.default.moveItem(
                        at: $0.folder.appending(path: "clips/a.mp4"), to: $0.folder.appending(path: "clips/z.mp4"))
                }
            ),
            ("a sidecar's bytes", { try $0.write("clips/a.yaml") }),
            ("a sidecar more", { try $0.write("clips/day/b.json") }),
            ("a sidecar less", { try $0.remove("clips/a.yaml") }),
            ("the report", { try $0.write("out/batch.json") }),
            ("the report is gone", { try $0.remove("out/batch.json") }),
            ("the page is gone", { try $0.remove("out/report.html") }),
            ("a manifest's bytes, as many as before", { try $0.write("out/manifests/a.json", "OUT/manifests/a.json") }),
            ("a thumbnail's bytes", { try $0.write("out/thumbnails/a.large.jpg") }),
            ("a manifest that is gone", { try $0.remove("out/manifests/a.json") }),
            ("a manifest more or less", { try $0.write("out/manifests/x.json") }),
            ("a thumbnail more or less", { try $0.write("out/thumbnails/x.small.jpg") }),
            ("the journal is gone", { try $0.remove("out/journal.db") }),
            ("an option", { $0.pipeline.thumbnails.quality = 71 }),
            ("where it goes", { $0.pipeline.submit.waitFor = .nothing }),
            ("another run began", { UpToDateStamp.breakSeal(of: OutputFolder($0.pipeline.output)) }),
            ("half a seal", { try $0.write("out/unchanged.seal", "clipship-seal/1\n") }),
            ("no seal", { try $0.write("out/unchanged.seal", "\u{0}\n\n\n99999\n") }),
        ]
        for (name, change) in changes {
            try await withBench { bench in
                try change(&bench)
                let words = try bench.seal().words()
                #expect(words == nil, "\(name)")
            }
        }
    }

    @Test func `another selection, folder or style has no seal yet`() async throws {
        try await withBench { bench in
            let others = [
                try bench.seal(only: ["a"]), try bench.seal(root: "/tmp"), try bench.seal(style: "coloured"),
            ]
            #expect(others.allSatisfy { $0.words() == nil })
            let same = try bench.seal()
            #expect(same.words() != nil)
        }
    }

    @Test func `a file that changes while a run is at work is looked at by the next one`() async throws {
        try await withBench { bench in
            let seal = try bench.seal()
            try bench.write("clips/a.mp4")
            seal.keep(Self.words)
            let next = try bench.seal()
            #expect(next.words() == nil)
        }
    }

    @Test func `starting over with ended uploads, and blocks as files, are never taken for unchanged`() async throws {
        try await withBench { bench in
            bench.pipeline.submit.recreates = true
            #expect(UpToDateStamp(bench.pipeline, only: [], root: "/", style: "plain") == nil)
            bench.pipeline.submit.recreates = false
            bench.pipeline.retriesRefusals = true
            #expect(UpToDateStamp(bench.pipeline, only: [], root: "/", style: "plain") == nil)
            bench.pipeline.retriesRefusals = false
            bench.pipeline.blocks.write = true
            #expect(UpToDateStamp(bench.pipeline, only: [], root: "/", style: "plain") == nil)
        }
    }
}
