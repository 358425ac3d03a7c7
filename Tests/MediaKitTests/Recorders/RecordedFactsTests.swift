import ClipModel
import Foundation
import TestSupport
import Testing

/// What recorders leave in their files beside the media.
@Suite struct RecordedFactsTests {
    @Test(arguments: ["clip.mp4", "clip.mov"])
    func `Apple's creation date has the zone, and tells the recorder`(name: String) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: name)
            try await RefusalTests.make(
                [
                    "-movflags", "use_metadata_tags", "-metadata",
                    "com.apple.quicktime.creationdate=2026-11-02T21:14:03+0100", "-metadata",
                    "creation_time=2026-11-02T20:19:44Z",
                ], file)
            let answer = try await examine(file)
            #expect(answer.creationDate == Timestamp(parsing: "2026-11-02T20:14:03Z"))
            #expect(answer.creationTime == Timestamp(parsing: "2026-11-02T20:19:44Z"))
            #expect(answer.facts.recorder == .apple)
        }
    }

    @Test(arguments: ["2026-11-02", "2026-11-02T21:14:03", "yesterday", "2026-99-02T21:14:03+0100", "+0100"])
    func `a creation date without a zone, or without sense, is none`(date: String) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await RefusalTests.make(
                ["-movflags", "use_metadata_tags", "-metadata", "com.apple.quicktime.creationdate=\(date)"], file)
            #expect(try await examine(file).creationDate == nil)
        }
    }

    @Test func `title and artist are read, and Xbox Game Bar is known by its artist`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await RefusalTests.make(
                ["-metadata", "title=Forza Horizon 5", "-metadata", "artist=Microsoft Game DVR"], file)
            let facts = try await examine(file).facts
            #expect(facts.title == "Forza Horizon 5")
            #expect(facts.artist == "Microsoft Game DVR")
            #expect(facts.recorder == .xboxGameBar)
        }
    }

    @Test(arguments: [("OBS 30.2.0 64", Recorder.obs), ("Bandicam 5.4 ", .bandicam), ("Lavf59.27.100", nil)])
    func `others are known by the program that they name`(encoder: String, recorder: Recorder?) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await RefusalTests.make([], file)
            var bytes = try Data(contentsOf: file)
            let name = try #require(bytes.range(of: Data("Lavf".utf8), options: .backwards))
            // Another release of FFmpeg may have a shorter or a longer name; the box keeps its size.
            let old = bytes[name.lowerBound...].prefix { $0 > 0x20 }
            let new = encoder.padding(toLength: old.count, withPad: " ", startingAt: 0)
            bytes.replaceSubrange(old.startIndex..<old.endIndex, with: Data(new.utf8))
            try bytes.write(to: file)
            #expect(try await examine(file).facts.recorder == recorder)
        }
    }

    @Test(arguments: ["title", "handler_name"])
    func `each of several audio tracks has its title and language`(tag: String) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await ffmpeg([
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=1", "-f", "lavfi", "-i",
                "sine=duration=1:sample_rate=48000", "-map", "0", "-map", "1", "-map", "1", "-c:v", "libx264", "-c:a",
                "aac", "-ac:a:0", "2", "-metadata:s:a:0", "\(tag)=Game", "-metadata:s:a:1", "\(tag)=Microphone",
                "-metadata:s:a:1", "language=deu", file.path,
            ])
            let facts = try await examine(file).facts
            let tracks = try #require(facts.audioTracks)
            #expect(tracks.map(\.title) == ["Game", "Microphone"])
            #expect(tracks.map(\.language) == [nil, "deu"])
            #expect(tracks.map(\.channels) == [2, 1])
            #expect(facts.audio == AudioFacts(codec: "aac", channels: 2, sampleRate: 48_000))
        }
    }

    @Test func `chapters are read`() async throws {
        try await withTemporaryFolder { folder in
            let (list, file) = (folder.appending(path: "chapters.txt"), folder.appending(path: "clip.mp4"))
            let text = """
                ;FFMETADATA1
                [CHAPTER]
                TIMEBASE=1/1000
                START=0
                END=400
                title=Lobby
                [CHAPTER]
                TIMEBASE=1/1000
                START=400
                END=1000
                title=Boss

                """
            try Data(text.utf8).write(to: list)
            try await ffmpeg([
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=1", "-i", list.path, "-map",
                "0:v", "-map_chapters", "1", "-c:v", "libx264", file.path,
            ])
            let facts = try await examine(file).facts
            #expect(
                facts.chapters == [
                    ChapterFacts(startSeconds: 0, title: "Lobby"), ChapterFacts(startSeconds: 0.4, title: "Boss"),
                ])
            #expect(facts.audioTracks == nil)
        }
    }

    @Test func `a variable frame rate has its slowest and its fastest, a constant one has not`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await RefusalTests.make(["-vf", "select='lt(n,10)+not(mod(n,5))'", "-fps_mode", "vfr"], file)
            let video = try await examine(file).facts.video
            #expect(video.minFrameRate == "5/1")
            #expect(video.maxFrameRate == "25/1")
            try await RefusalTests.make([], file)
            let constant = try await examine(file).facts.video
            #expect(constant.minFrameRate == nil && constant.maxFrameRate == nil)
        }
    }
}
