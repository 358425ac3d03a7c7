import ClipModel
import Foundation
import TestSupport
import Testing

/// Point 5 of the main job.
@Suite(.fewAtOnce) struct BadClipTests {
    private static let bad = ["cut", "empty", "headless", "sound", "text"]

    /// A good clip among bad ones.
    private func fill(_ bench: Workbench) async throws {
        let good = try Data(contentsOf: Places.samples.appending(path: "instant-replay.mp4"))
        try bench.add("good.mp4", bytes: good)
        try bench.add("text.mp4", bytes: Data("this is not a video\n".utf8))
        try bench.add("empty.mp4", bytes: Data())
        try bench.add("cut.mp4", bytes: good.prefix(good.count / 2))
        try bench.add("headless.mp4", bytes: good.prefix(40))
        let sound = bench.clips.appending(path: "sound.mp4")
        try await TestSupport.run(
            "ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", sound.path]
        ).expectSuccess()
        try bench.age(sound)
    }

    @Test func `a good clip among bad ones is published, and each bad one has its sentence`() async throws {
        try await Workbench.with([]) { bench in
            try await fill(bench)
            try bench.writePipeline()
            let first = try await bench.run()
            expect(first, exits: 1)
            let batch = try bench.output.batch
            #expect(batch.totals == ["published": 1, "uploaded": 0, "ready": 0, "skipped": 0, "failed": 5])
            #expect(batch["good"]?.state == "published")
            for clip in Self.bad {
                let entry = try #require(batch[clip])
                let reason = try #require(entry.reason)
                #expect(entry.state == "failed" && entry.manifest == nil && entry.gameClipId == nil)
                #expect(reason.hasSuffix(".") && !reason.dropLast().contains(". "), "one sentence: \(reason)")
                #expect(first.table[clip] == [clip, "-", "-", "-", "failed", reason])
            }
            let words = ["cut": "truncated", "empty": "empty", "sound": "no video", "text": "not an MP4"]
            for (clip, word) in words { #expect(batch[clip]?.reason?.contains(word) == true, "\(clip)") }
            #expect(try bench.output.manifests().keys.sorted() == ["good"])
            #expect(try await bench.output.schemaMistakes() == [])

            let report = try bench.output.batchFile
            let second = try await bench.run("--log-format", "json")
            expect(second, exits: 1)
            #expect(second.outputText == first.outputText)
            #expect(try bench.output.batchFile == report)
            let events = try second.errorLines.map {
                try JSONDecoder().decode([String: JSONValue].self, from: Data($0.utf8))
            }
            #expect(!events.contains { $0["event"] == "stage" || $0["event"] == "request" }, "nothing is tried again")
            #expect(
                events.contains { $0["message"]?.text?.contains("nothing has changed, so nothing was done") == true })

            // The runs after the first that has nothing to do take the short way, and say the same.
            for _ in 1...2 {
                let later = try await bench.run()
                expect(later, exits: 1)
                #expect(later.outputText == first.outputText)
                #expect(later.errorText.contains("5 failed; nothing has changed, so nothing was done; output in out"))
            }
            let quiet = try await bench.run("--quiet")
            expect(quiet, exits: 1)
            #expect(quiet.outputText == first.outputText && quiet.errorLines.count == 5)
            let again = try await bench.run("--quiet")
            #expect(again.errorText == quiet.errorText)
        }
    }

    @Test func `what is no file is told so without a path that differs elsewhere`()
        async throws
    {
        try await Workbench.with([]) { bench in
            let script =
                "mkfifo pipe.mp4; mkdir folder.mp4; ln -s /dev/zero endless.mp4; : > $(printf 'latin\\374.mp4')"
            try await TestSupport.run("sh", ["-c", script], in: bench.clips).expectSuccess()
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 1)
            let batch = try bench.output.batch
            let reasons = batch.clips.map { $0.reason ?? "" }
            #expect(
                reasons == [
                    "can't read endless.mp4: it is not a regular file", "can't read folder.mp4: Is a directory",
                    "The file is empty.",
                    "can't read pipe.mp4: it is not a regular file",
                ])
        }
    }

    @Test func `a clip that is still being written is left out, and running again goes on`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            let growing = bench.clips.appending(path: "growing.mp4").path
            // A byte each tenth of a second, from a shell that ends with the test.
            let script = "while :; do printf x >> '\(growing)'; sleep 0.1; done"
            try await withProgram("/bin/sh", ["-c", script]) { _ in
                while !FileManager.default.fileExists(atPath: growing) { await Task.yield() }
                let result = try await bench.run("--no-submit")
                expect(result, exits: 75)
                #expect(result.table["growing"]?[4] == "skipped")
            }
            #expect(try bench.output.batch.states == ["growing": "skipped", "instant-replay": "ready"])
        }
    }

    @Test func `a clip that could not be written is tried again, for it is not to blame`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            let obstacle = bench.output.thumbnail("instant-replay", "large")
            try FileManager.default.createDirectory(at: obstacle, withIntermediateDirectories: true)
            let first = try await bench.run("--no-submit")
            expect(first, exits: 1)
            #expect(first.outputText.contains("instant-replay.large.jpg: Is a directory"))
            try FileManager.default.removeItem(at: obstacle)
            expect(try await bench.run("--no-submit"), exits: 0)
        }
    }

    @Test func `a bad clip that was mended is tried again, the others are left alone`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.add("late.mp4", bytes: Data("not yet".utf8))
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 1)
            try bench.add("late.mp4", bytes: Data(contentsOf: Places.samples.appending(path: "instant-replay.mp4")))
            let second = try await bench.run("--no-submit", "--verbose")
            expect(second, exits: 0)
            #expect(try bench.output.batch.states == ["instant-replay": "ready", "late": "ready"])
            #expect(second.errorText.contains("late: measuring"))
            #expect(!second.errorText.contains("instant-replay: measuring"))
        }
    }
}
