import Foundation
import TestSupport
import Testing

/// Point 7 of the main job: manifests here, submission there.
@Suite(.fewAtOnce) struct TwoStepsTests {
    private let clips = ["boss-fight", "instant-replay", "lobby-vfr"]

    /// `clipship manifest` with what `Workbench.writePipeline` says.
    private func makeManifests(_ bench: Workbench) async throws {
        let result = try await clipship(
            [
                "manifest", "clips", "--session", "session.yaml", "--output", "out", "--offset", "20000",
                "--caption", "{session.title}: {clip.name}",
            ], in: bench.folder)
        expect(result, exits: 0)
        #expect(clips.allSatisfy { result.table[$0]?.last == "ready" })
    }

    @Test func `manifest and then submit, on a copy in another place, do the same as run`() async throws {
        try await Workbench.with(clips) { there in
            try await makeManifests(there)
            let made = try there.output.manifests()
            #expect(made.keys.sorted() == clips)
            try await Workbench.with(clips) { bench in
                try bench.writePipeline()
                expect(try await bench.run(), exits: 0)
                #expect(try bench.output.manifests() == made)
            }
            try await withTemporaryFolder { folder in
                let here = Workbench(folder: folder.appending(path: "quite/another/place"))
                try FileManager.default.createDirectory(
                    at: here.folder.deletingLastPathComponent(), withIntermediateDirectories: true)
                try FileManager.default.moveItem(at: there.folder, to: here.folder)
                let files = made.keys.map { here.output.manifest($0).path }.sorted()
                let result = try await clipship(["submit"] + files)
                expect(result, exits: 0)
                #expect(clips.allSatisfy { result.table[$0]?[4] == "published" })
                #expect(Set(try here.output.batch.states.values) == ["published"])
                #expect(try await here.output.schemaMistakes() == [])
                expect(try await clipship(["verify"] + files), exits: 0)
            }
        }
    }

    @Test func `submit finds the clips in another folder with --clips`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 0)
            let moved = bench.folder.appending(path: "archive")
            try FileManager.default.moveItem(at: bench.clips, to: moved)
            let manifest = bench.output.manifest("instant-replay").path
            let without = try await clipship(["submit", manifest], in: bench.folder)
            expect(without, exits: 1)
            #expect(without.outputText.contains("No such file"))
            expect(try await clipship(["verify", manifest, "--clips", "archive"], in: bench.folder), exits: 0)
            expect(try await clipship(["submit", manifest, "--clips", "archive"], in: bench.folder), exits: 0)
        }
    }

    @Test func `submit and --only leave what batch json says of other clips`() async throws {
        try await Workbench.with(["instant-replay", "lobby-vfr"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 0)
            expect(try await clipship(["submit", bench.output.manifest("lobby-vfr").path]), exits: 0)
            #expect(try bench.output.batch.states == ["instant-replay": "ready", "lobby-vfr": "published"])
            #expect(try bench.output.batch.totals["published"] == 1)
            expect(try await bench.run("--only", "instant-replay"), exits: 0)
            #expect(try bench.output.batch.clips.map(\.clip) == ["instant-replay", "lobby-vfr"])
            #expect(Set(try bench.output.batch.states.values) == ["published"])
            #expect(try await bench.output.schemaMistakes() == [])
            // A whole run knows of every clip.
            try FileManager.default.removeItem(at: bench.clips.appending(path: "lobby-vfr.mp4"))
            expect(try await bench.run(), exits: 0)
            #expect(try bench.output.batch.clips.map(\.clip) == ["instant-replay"])
        }
    }

    @Test func `options that change after a clip was published are worth a warning`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run(), exits: 0)
            let id = try bench.output.batch["instant-replay"]?.gameClipId
            try Data(
                String(contentsOf: bench.pipeline, encoding: .utf8).replacing("{clip.name}", with: "again").utf8
            ).write(to: bench.pipeline)
            let second = try await bench.run()
            expect(second, exits: 0)
            #expect(
                second.errorText.contains("instant-replay: warning: its options changed after it was submitted"))
            #expect(try bench.output.batch["instant-replay"]?.gameClipId == id)
            #expect(try await !bench.run().errorText.contains("warning"))
        }
    }

    @Test func `one changed byte is noticed by verify, and submit sends nothing; both name the block`() async throws {
        try await Workbench.with(["boss-fight"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 0)
            let manifest = bench.output.manifest("boss-fight").path
            let good = try await clipship(["verify", manifest])
            expect(good, exits: 0)
            #expect(good.outputText == "\(manifest): matches\n")

            let file = bench.clips.appending(path: "boss-fight.mp4")
            var bytes = try Data(contentsOf: file)
            bytes[4_500_000] ^= 1
            try bytes.write(to: file)
            try bench.age(file)

            let verified = try await clipship(["verify", manifest], in: bench.folder)
            expect(verified, exits: 1)
            #expect(verified.outputLines.count == 1)
            #expect(verified.outputText.contains("block 2 of clips/boss-fight.mp4 (bytes 4000000 to 5999999)"))

            let submitted = try await clipship(["submit", manifest], in: bench.folder)
            expect(submitted, exits: 1)
            let entry = try #require(try bench.output.batch["boss-fight"])
            #expect(entry.state == "failed" && entry.reason?.contains("block 2 ") == true, "\(entry)")
            try await Service.with(bench.output.localService) { service in
                let left = try await service.list()
                #expect(left.map(\.state) == [], "no id is left behind")
            }
        }
    }

    @Test func `a clip of another length than its manifest says is never offered to the service`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 0)
            let file = bench.clips.appending(path: "instant-replay.mp4")
            try (Data(contentsOf: file) + Data([0])).write(to: file)
            let manifest = bench.output.manifest("instant-replay").path
            let submitted = try await clipship(["submit", manifest, "--verbose"])
            expect(submitted, exits: 1)
            #expect(submitted.outputText.contains("300564 bytes"))
            #expect(!submitted.errorText.contains("POST"))
        }
    }

    @Test func `manifests of two runs from different folders are byte-identical`() async throws {
        try await Workbench.with(clips) { bench in
            try bench.writePipeline(more: "blocks: {size: 300kB}")
            expect(try await bench.run("--no-submit"), exits: 0)
            try await withTemporaryFolder { folder in
                let other = Workbench(folder: folder.appending(path: "deeper/down/with a space and an ü"))
                try FileManager.default.createDirectory(
                    at: other.folder.deletingLastPathComponent(), withIntermediateDirectories: true)
                try await run("cp", ["-a", bench.folder.path, other.folder.path]).expectSuccess()
                try FileManager.default.removeItem(at: other.output.folder)
                expect(try await clipship(["run", other.pipeline.path, "--no-submit", "--jobs", "1"]), exits: 0)
                #expect(try other.output.manifests() == bench.output.manifests())
                #expect(try other.output.batchFile == bench.output.batchFile)
            }
        }
    }
}
