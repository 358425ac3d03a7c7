import ClipModel
import Foundation
import TestSupport
import Testing

/// `clipship sheet`, `thumbnails.sheet`, and offsets that are not milliseconds.
@Suite(.fewAtOnce) struct SheetTests {
    private static let chosen = "thumbnails: {source: Offset, offset: auto, sheet: {sprite: true, every: 4s}}"

    private func manifest(_ bench: Workbench, _ clip: String = "hallway-720p") throws -> Manifest {
        try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: bench.output.manifest(clip)))
    }

    // MARK: The pipeline

    @Test func `a pipeline's auto offset and sprite are in the manifest, and are made again when they are gone`()
        async throws
    {
        try await Workbench.with(["hallway-720p"]) { bench in
            try bench.writePipeline()
            try bench.change("thumbnails: \(Workbench.firstFrame)", to: Self.chosen)
            expect(try await bench.run("--no-submit"), exits: 0)
            let manifest = try manifest(bench)
            let thumbnails = manifest.thumbnails
            #expect(thumbnails.offset == "auto")
            #expect(thumbnails.reason?.hasPrefix("It is the best of ") == true)
            #expect(Int64(manifest.request.thumbnailOffsetMillseconds ?? 0) == thumbnails.requestedMilliseconds)
            #expect(abs(thumbnails.frameMilliseconds - Double(thumbnails.requestedMilliseconds)) < 1)
            let sheet = try #require(thumbnails.sheet)
            #expect(sheet.count == 3 && sheet.columns == 3 && sheet.rows == 1)
            #expect(sheet.picture.path == "../thumbnails/hallway-720p.sheet.jpg")
            #expect(sheet.track?.path == "../thumbnails/hallway-720p.sheet.vtt")
            #expect(try await bench.output.schemaMistakes() == [])
            let path = bench.output.manifest("hallway-720p").path
            expect(try await clipship(["verify", path], in: bench.folder), exits: 0)

            // The same bytes again, wherever one of them is gone.
            let before = try bench.output.manifests()
            let track = bench.output.folder.appending(path: "thumbnails/hallway-720p.sheet.vtt")
            let text = try Data(contentsOf: track)
            for file in [track, bench.output.thumbnail("hallway-720p", "sheet")] {
                try FileManager.default.removeItem(at: file)
                expect(try await bench.run("--no-submit"), exits: 0)
                #expect(FileManager.default.fileExists(atPath: file.path))
                #expect(try bench.output.manifests() == before)
            }
            #expect(try Data(contentsOf: track) == text)

            try Data("WEBVTT\n".utf8).write(to: track)
            let verified = try await clipship(["verify", path], in: bench.folder)
            expect(verified, exits: 1)
            #expect(verified.outputText.contains("the sheet's track has 7 bytes, the manifest says \(text.count)"))

            // Another sheet is another manifest.
            try bench.change("sprite: true, every: 4s", to: "columns: 2")
            expect(try await bench.run("--no-submit"), exits: 0)
            let other = try #require(try self.manifest(bench).thumbnails.sheet)
            #expect(other.columns == 2 && other.track == nil && other.tile == PictureSize(width: 320, height: 180))
            #expect(try await bench.output.schemaMistakes() == [])
        }
    }

    @Test func `a sidecar's offset may be a part of the duration, too`() async throws {
        try await Workbench.with(["hallway-720p"]) { bench in
            try bench.writePipeline()
            try bench.add("hallway-720p.yaml", bytes: Data("thumbnailOffsetMillseconds: 50%\n".utf8))
            let shown = try await bench.run("--dry-run")
            #expect(shown.outputText.contains("thumbnails Offset at 50%"))
            expect(try await bench.run("--no-submit"), exits: 0)
            let manifest = try manifest(bench)
            #expect(manifest.thumbnails.offset == "50%" && manifest.thumbnails.requestedMilliseconds == 5000)
            #expect(manifest.request.thumbnailOffsetMillseconds == 5000)
            #expect(try await bench.output.schemaMistakes() == [])
        }
    }

    @Test(arguments: [
        ("{source: Offset, offset: soon}", "\"offset\": expected milliseconds from 0 to 2147483647, auto, chapter, "),
        ("{offset: auto}", "\"offset\" (auto) needs source: Offset or Upload; with Default the service takes 3 s"),
        ("{whenBlank: next}", "\"whenBlank\" (next) needs source: Offset or Upload"),
        ("{sheet: {columns: 21}}", "\"columns\": expected a whole number from 1 to 20"),
        ("{sheet: {every: 0.5ms}}", "\"every\": expected a duration such as 250ms, 5s, 10m or 2h, from 1ms to 24h"),
        ("{sheet: {rowz: 2}}", "unknown key \"rowz\"; did you mean \"rows\"?"),
    ])
    func `mistakes are told with their place`(thumbnails: String, message: String) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            try bench.change(Workbench.firstFrame, to: thumbnails)
            let result = try await bench.run()
            expect(result, exits: 2)
            #expect(result.errorText.contains("pipeline.yaml:6:") && result.errorText.contains(message))
        }
    }

    // MARK: The command

    @Test func `a track is read by ffmpeg as it was meant, whatever the picture is called`() async throws {
        try await withTemporaryFolder { folder in
            let sample = Places.samples.appending(path: "hallway-720p.mp4").path
            let name = "ein Weg #1, 100 % ä.jpg"
            expect(
                try await clipship(
                    ["sheet", sample, "--sprite", "--every", "3s", "--columns", "2", "--exact", "--output", name],
                    in: folder), exits: 0)
            let track = folder.appending(path: "ein Weg #1, 100 % ä.vtt")
            let read = try await run("ffmpeg", ["-v", "error", "-i", track.path, "-f", "srt", "-"])
            try read.expectSuccess()
            let address = "ein%20Weg%20%231%2C%20100%20%25%20%C3%A4.jpg"
            let lines = read.outputText.split(separator: "\n").filter { Int($0) == nil }.map(String.init)
            #expect(
                lines == [
                    "00:00:00,000 --> 00:00:03,000", "\(address)#xywh=0,0,160,90",
                    "00:00:03,000 --> 00:00:06,000", "\(address)#xywh=160,0,160,90",
                    "00:00:06,000 --> 00:00:09,000", "\(address)#xywh=0,90,160,90",
                    "00:00:09,000 --> 00:00:10,000", "\(address)#xywh=160,90,160,90",
                ])
        }
    }

    @Test(.enabled(if: Browser.path != nil, "\(Browser.isAbsent)"))
    func `a browser reads the track and finds each picture in the sprite`() async throws {
        try await withTemporaryFolder { folder in
            let sample = Places.samples.appending(path: "boss-fight.mp4").path
            expect(
                try await clipship(["sheet", sample, "--sprite", "--columns", "4", "--output", "a b.jpg"], in: folder),
                exits: 0)
            let result = try await run(
                "/usr/bin/python3",
                [
                    Places.root.appending(path: "Tests/Programs/look-at-sprite.py").path, Browser.path ?? "",
                    folder.path, "a b.vtt",
                ])
            try result.expectSuccess()
            let facts = try JSONDecoder().decode(Facts.self, from: result.output)
            #expect(facts.complaints == [] && facts.pictures == 1)
            // A keyframe every five seconds.
            #expect(facts.cues.count == 6 && facts.cues.first?.start == 0 && facts.cues.last?.end == 27.033)
            #expect(zip(facts.cues, facts.cues.dropFirst()).allSatisfy { $0.end == $1.start })
            #expect(facts.cues.map(\.x) == [0, 160, 320, 480, 0, 160] && facts.cues.map(\.y) == [0, 0, 0, 0, 90, 90])
            #expect(facts.cues.allSatisfy { $0.fits && $0.width == 160 && $0.height == 90 && $0.red > 20 })
            // They are not one picture.
            #expect(Set(facts.cues.map { Int($0.red * 100) }).count == 6)
        }
    }

    private struct Facts: Decodable {
        struct Cue: Decodable {
            var start: Double
            var end: Double
            var x: Int
            var y: Int
            var width: Int
            var height: Int
            var red: Double
            var fits: Bool
        }

        var cues: [Cue]
        var pictures: Int
        var complaints: [String]
    }

    @Test func `a sheet is made of a manifest's clip, wherever that is`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 0)
            let manifest = bench.output.manifest("instant-replay").path
            let made = try await clipship(["sheet", manifest], in: bench.folder)
            expect(made, exits: 0)
            let sheet = bench.folder.appending(path: "instant-replay.sheet.jpg")
            let first = try Data(contentsOf: sheet)
            // The same bytes from the file itself.
            let file = bench.clips.appending(path: "instant-replay.mp4")
            expect(try await clipship(["sheet", file.path, "--output", "other.jpg"], in: bench.folder), exits: 0)
            #expect(try Data(contentsOf: bench.folder.appending(path: "other.jpg")) == first)
            let moved = bench.folder.appending(path: "archive")
            try FileManager.default.moveItem(at: bench.clips, to: moved)
            let absent = try await clipship(["sheet", manifest], in: bench.folder)
            #expect(absent.status != 0 && absent.errorText.contains("No such file or directory"))
            expect(try await clipship(["sheet", manifest, "--clips", moved.path], in: bench.folder), exits: 0)
        }
    }

    @Test(arguments: [
        (["--columns", "21"], "--columns: expected a whole number from 1 to 20, found \"21\""),
        (["--every", "0s"], "--every: expected a duration such as 250ms, 5s, 10m or 2h, from 1ms to 24h"),
        (["--sprite", "--output", "a.vtt"], "--output: the picture can't have the name of the WebVTT file"),
    ])
    func `wrong flags are told`(flags: [String], message: String) async throws {
        try await withTemporaryFolder { folder in
            let sample = Places.samples.appending(path: "instant-replay.mp4").path
            let result = try await clipship(["sheet", sample] + flags, in: folder)
            expect(result, exits: 2)
            #expect(result.errorText.contains(message))
        }
    }

    @Test func `the pictures that a thumbnail was chosen among are shown with their scores`() async throws {
        try await withTemporaryFolder { folder in
            let sample = Places.samples.appending(path: "hallway-720p.mp4").path
            let result = try await clipship(
                ["thumbnail", sample, "--offset", "auto", "--explain", "why.jpg", "--small", "small.jpg"], in: folder)
            expect(result, exits: 0)
            let rows = result.outputLines.dropFirst().map { $0.split(separator: " ").map(String.init) }
            #expect(rows.map { $0[0] } == ["0", "2000", "4000", "6000", "8000"])
            #expect(rows.count { $0.last == "yes" } == 1)
            let scores = rows.compactMap { Int($0[1]) }
            #expect(rows.first { $0.last == "yes" }?[1] == scores.max().map { String($0) })
            #expect(
                result.errorText.contains("It is the best of 5 pictures by contrast, detail, colour and brightness"))
            let picture = try await GreyPicture.decode([folder.appending(path: "why.jpg")], in: folder)[0]
            #expect(picture.width == 1280 && picture.height == 360)
            let useless = try await clipship(["thumbnail", sample, "--explain", "no.jpg"], in: folder)
            expect(useless, exits: 2)
            #expect(useless.errorText.contains("--explain: the offset says which picture it is"))
        }
    }
}
