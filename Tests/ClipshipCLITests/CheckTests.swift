import ClipModel
import Foundation
import TestSupport
import Testing

/// The `checks` section, and what only the clip can say in captions.
@Suite(.fewAtOnce) struct CheckTests {
    private func thumbnailTimes(_ bench: Workbench) throws -> [Date] {
        try ["large", "small"].map { size in
            let file = bench.output.folder.appending(path: "thumbnails/hallway-720p.\(size).jpg")
            return try #require(
                try FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate] as? Date)
        }
    }

    private func manifest(_ bench: Workbench) throws -> Manifest {
        try JSONDecoder().decode(
            Manifest.self, from: Data(contentsOf: bench.output.manifest("hallway-720p")))
    }

    @Test func `a check that only warns is in manifest, batch and on the screen, in a second run too`() async throws {
        try await Workbench.with(["hallway-720p"]) { bench in
            try bench.writePipeline(
                more: "checks:\n  warn: {minWidth: 1920, codec: h264, frameRate: {min: 30, constant: true}}")
            let run = try await bench.run("--no-submit")
            expect(run, exits: 0)
            let sentence = "check minWidth: 1280 pixels, at least 1920 are wanted"
            #expect(run.errorText.contains(sentence))
            let manifest = try manifest(bench)
            #expect(manifest.warnings == [sentence])
            #expect(
                manifest.checks == [
                    CheckResult("codec", .warn, reason: nil),
                    CheckResult("minWidth", .warn, reason: "1280 pixels, at least 1920 are wanted"),
                    CheckResult("frameRate.min", .warn, reason: nil),
                    CheckResult("frameRate.constant", .warn, reason: nil),
                ])
            let batch = try bench.output.batchFile
            let checks = try JSONDecoder().decode(BatchReport.self, from: batch).clips.first?.checks
            #expect(checks?.map(\.check) == ["minWidth"])
            let mistakes = try await mistakes(in: [
                SchemaQuestion(.manifest, Data(contentsOf: bench.output.manifest("hallway-720p"))),
                SchemaQuestion(.batch, batch),
            ])
            #expect(mistakes == [[], []])
            expect(try await bench.run("--no-submit"), exits: 0)
            #expect(try bench.output.batchFile == batch)
        }
    }

    @Test func `another check is noticed and leaves the thumbnails alone`() async throws {
        try await Workbench.with(["hallway-720p"]) { bench in
            try bench.writePipeline(more: "checks: {warn: {minWidth: 1920}}")
            expect(try await bench.run("--no-submit"), exits: 0)
            let before = try (manifest(bench), thumbnailTimes(bench))
            try bench.change("minWidth: 1920", to: "duration: {max: 5s}, blackLongerThan: 1s")
            expect(try await bench.run("--no-submit"), exits: 0)
            var after = try manifest(bench)
            #expect(after.warnings == ["check duration.max: 10 s, at most 5 s is wanted"])
            #expect(after.checks?.map(\.check) == ["duration.max", "blackLongerThan"])
            #expect(try thumbnailTimes(bench) == before.1)
            (after.checks, after.warnings) = (before.0.checks, before.0.warnings)
            #expect(after == before.0)
            try bench.change("checks: {warn: {duration: {max: 5s}, blackLongerThan: 1s}}", to: "")
            expect(try await bench.run("--no-submit"), exits: 0)
            #expect(try manifest(bench).checks == nil && manifest(bench).warnings == [])
            #expect(try thumbnailTimes(bench) == before.1)
        }
    }

    @Test func `a check that fails the clip says all that is wrong, and no more once it is met`() async throws {
        try await Workbench.with(["hallway-720p"]) { bench in
            try bench.writePipeline(
                more: "checks: {fail: {codec: [av1, hevc], audio: forbidden, hdr: required, truncated: forbidden}}")
            for _ in 0..<2 {
                let run = try await bench.run("--no-submit")
                expect(run, exits: 1)
                let reason =
                    "check codec: the video is h264, not av1 or hevc; check audio: there is audio; "
                    + "check hdr: it is not HDR"
                #expect(try bench.output.batch["hallway-720p"]?.reason == reason)
                #expect(run.outputText.contains(reason) || run.errorText.contains(reason))
            }
            try bench.change("{codec: [av1, hevc], audio: forbidden, hdr: required, ", to: "{")
            expect(try await bench.run("--no-submit"), exits: 0)
            #expect(try manifest(bench).checks == [CheckResult("truncated", .fail, reason: nil)])
        }
    }

    @Test func `what is wrong in the section is said with its place`() async throws {
        try await Workbench.with(["hallway-720p"]) { bench in
            try bench.writePipeline(
                more: "checks:\n  warn: {minWidth: 0}\n  fail: {frameRate: {min: 60, max: 30}, audio: yes}")
            let run = try await bench.run("--no-submit")
            expect(run, exits: 2)
            for part in [
                "expected a whole number from 1 to 65536", "\"min\" is larger than \"max\"", "required or forbidden",
            ] {
                #expect(run.errorText.contains(part), "\(part)")
            }
        }
    }

    @Test func `captions and title data have what the clip says`() async throws {
        try await Workbench.with(["hallway-720p"]) { bench in
            try bench.writePipeline()
            try bench.change(
                "{session.title}: {clip.name}",
                to:
                    "{media.title|No \\\"title\\\"}, {media.codec} {media.width}x{media.height} at {media.frameRate}, {media.duration} s"
            )
            try bench.change(
                "thumbnails:",
                to: "  titleData: {kind: \"{media.title|A \\\"B\\\"}\", n: \"{media.chapter[1]|-}\"}\nthumbnails:")
            expect(try await bench.run("--no-submit"), exits: 0)
            let request = try manifest(bench).request
            #expect(request.userCaption == "No \"title\", h264 1280x720 at 30, 10 s")
            #expect(request.titleData == #"{"kind":"A \"B\"","n":"-"}"#)
        }
    }

    @Test(arguments: [
        ("{media.title}", 1, "userCaption: the clip has nothing for {media.title}; {media.title|TEXT} says"),
        ("{media.chapter[2]}", 1, "userCaption: the clip has nothing for {media.chapter[2]}"),
        ("{media.titel}", 2, "unknown placeholder {media.titel}; did you mean {media.title}?"),
        ("{media.chapter[0]}", 2, "chapters are counted from 1"),
    ])
    func `what a clip can't say is one sentence`(caption: String, code: Int32, sentence: String) async throws {
        try await Workbench.with(["hallway-720p"]) { bench in
            try bench.writePipeline()
            try bench.change("{session.title}: {clip.name}", to: caption)
            let run = try await bench.run("--no-submit")
            expect(run, exits: code)
            #expect((run.errorText + run.outputText).contains(sentence), "\(run.errorText)\(run.outputText)")
        }
    }
}
