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
                "manifest", "clips", "--session", "session.yaml", "--output", "out", "--offset", "0",
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

    @Test(arguments: ["update", "warn"])
    func `a caption that changes after the clip was published is changed there, or worth a warning`(
        whenChanged: String
    ) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try bench.writePipeline(
                    service: "{metadata: \"\(service.address)\", token: {file: token}}",
                    more: "submit: {whenChanged: \(whenChanged)}")
                expect(try await bench.run(), exits: 0)
                let id = try #require(try bench.output.batch["instant-replay"]?.gameClipId)
                let before = try await service.clip(id).userCaption
                try bench.change("{clip.name}", to: "again")
                let second = try await bench.run()
                expect(second, exits: 0)
                let isWarned = second.errorText.contains(
                    "instant-replay: warning: its options changed after it was submitted")
                #expect(isWarned == (whenChanged == "warn"))
                #expect(try bench.output.batch["instant-replay"]?.gameClipId == id)
                let after = try await service.clip(id).userCaption
                #expect(after != nil && (after == before) == (whenChanged == "warn"), "\(after ?? "none")")
                if whenChanged == "update" { #expect(try await !bench.run().errorText.contains("warning")) }
            }
        }
    }

    @Test(arguments: [
        ("\"visibility\" : \"Default\"", "\"visibility\" : \"Public\""), ("workbench", "elsewhere"),
        ("-000000000070\"", "-000000000071\""),
    ])
    func `a manifest that somebody has changed since it was made is made again, and nothing of that is sent`(
        text: String, other: String
    ) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            try bench.change("{session.title}: {clip.name}", to: "workbench")
            expect(try await bench.run("--no-submit"), exits: 0)
            let path = bench.output.manifest("instant-replay")
            let before = try Data(contentsOf: path)
            let changed = String(decoding: before, as: UTF8.self).replacing(text, with: other)
            #expect(Data(changed.utf8) != before)
            try Data(changed.utf8).write(to: path)
            let run = try await bench.run()
            expect(run, exits: 0)
            #expect(run.errorText.contains("instant-replay: warning: its manifest was changed after clipship wrote it"))
            #expect(try Data(contentsOf: path) == before)
            let request = try await TestSupport.run(
                "sqlite3",
                [bench.output.localService.appending(path: "service.db").path, "SELECT scid, request FROM clips"])
            #expect(
                request.outputText.contains("workbench") && request.outputText.contains("\"visibility\":\"Default\""))
            #expect(request.outputText.contains("-000000000070|"))
        }
    }

    @Test func `what can't be changed any more is worth a warning`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run(), exits: 0)
            try bench.change("request:", to: "request:\n  savedByUser: true")
            let second = try await bench.run()
            expect(second, exits: 0)
            #expect(
                second.errorText.contains("instant-replay: warning: its options changed after it was submitted"))
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
