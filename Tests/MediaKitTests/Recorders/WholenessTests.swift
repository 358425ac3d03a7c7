import ClipModel
import Foundation
import TestSupport
import Testing

/// Files that are not as they claim, and whole all the same; files that are not whole, and what is said of them.
@Suite struct WholenessTests {
    @Test(arguments: NumberedClip.kinds, [1, 8, 100_000] as [UInt32])
    func `media data that claims to be longer than the file is no harm when all frames are there`(
        clip: NumberedClip, excess: UInt32
    ) async throws {
        try await withTemporaryFolder { folder in
            var clip = clip
            if !clip.isFragmented { clip.arguments = ["-movflags", "+faststart"] }
            let file = try await clip.make(in: folder)
            var movie = try MovieBytes(file)
            movie.arrange { boxes in boxes.filter { $0.name != "mfra" } }
            let data = try #require(movie.all("mdat").last)
            movie.set(UInt32(data.range.count) + excess, at: data.range.lowerBound)
            try movie.write(to: file)
            for (offset, number) in [(1500, 45), (2999, 89)] {
                let shown = try await numberShown(file, at: Int64(offset))
                #expect(shown.number == number)
                #expect(
                    shown.answer.warnings == [
                        "The file ends before its media data (mdat) does; all frames of the video are there."
                    ])
            }
        }
    }

    @Test(arguments: NumberedClip.kinds.filter(\.isFragmented))
    func `fragments in another order are put in theirs`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            var clip = clip
            clip.frames = 150
            let file = try await clip.make(in: folder)
            var movie = try MovieBytes(file)
            movie.arrange { boxes in
                var boxes = boxes.filter { $0.name != "mfra" }
                let fragments = boxes.indices.filter { boxes[$0].name == "moof" }
                boxes.swapAt(fragments[1], fragments[3])
                boxes.swapAt(fragments[1] + 1, fragments[3] + 1)
                return boxes
            }
            try movie.write(to: file)
            for number in stride(from: 0, to: 150, by: 7) {
                #expect(try await numberShown(file, at: Int64(number * 1000 / 30 + 1)).number == number)
            }
            let facts = try await examine(file).facts
            #expect(facts.video.frameRate == "30/1")
            #expect(abs(facts.durationSeconds - 5) < 1e-6)
        }
    }

    @Test(arguments: NumberedClip.kinds, ["zzc1", "dav1", "zz z"])
    func `a codec that nobody knows is named by its four characters`(clip: NumberedClip, name: String) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            var movie = try MovieBytes(file)
            movie.renameEvery(clip.codec == .h264 ? "avc1" : "hvc1", to: name)
            try movie.write(to: file)
            let error = try await refusal(file)
            #expect(error?.kind == .codecNotSupported)
            #expect(error?.message == "There is no decoder for its video (\(name)).")
        }
    }

    @Test(arguments: NumberedClip.kinds.filter(\.isFragmented), ["", "styp", "sidx"])
    func `a segment of a stream is told from a recording that was cut off`(clip: NumberedClip, first: String)
        async throws
    {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            var movie = try MovieBytes(file)
            movie.arrange { boxes in boxes.filter { !["ftyp", "moov", "mfra"].contains($0.name) } }
            try movie.write(to: file)
            if !first.isEmpty {
                let header = MovieBytes.big(16) + Array(first.utf8) + Array("msdh".utf8) + [0, 0, 0, 0]
                try (Data(header) + Data(contentsOf: file)).write(to: file)
            }
            let error = try await refusal(file)
            #expect(error?.kind == .movieHeaderMissing)
            #expect(error?.message == "It is a segment of a stream; its header is in another file.")
        }
    }

    @Test(arguments: NumberedClip.kinds)
    func `of two tracks that are shown the larger one is the video`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            var small = clip
            small.size = "160x96"
            small.arguments = ["-vf", "negate"]
            let one = try await small.make(in: folder, name: "small.mp4")
            let two = try await clip.make(in: folder, name: "large.mp4")
            let both = folder.appending(path: "both.mp4")
            let flags = clip.isFragmented ? ["-movflags", "empty_moov+default_base_moof+frag_keyframe"] : []
            let list = clip.hasEditList ? [] : ["-use_editlist", "0"]
            try await ffmpeg(
                ["-v", "error", "-i", one.path, "-i", two.path, "-map", "0:v", "-map", "1:v", "-c", "copy"]
                    + ["-disposition:v:1", "default", "-disposition:v:0", "default"] + flags + list + [both.path])
            let shown = try await numberShown(both, at: 1500)
            #expect(shown.number == 45)
            #expect((shown.answer.facts.video.width, shown.answer.facts.video.height) == (320, 180))
            #expect(shown.answer.facts.videoTracks == 2)
            #expect(shown.answer.warnings == [])
            #expect(try await examine(two).facts.videoTracks == nil)
        }
    }

    @Test func `a track that players do not show stays in the background, however large`() async throws {
        try await withTemporaryFolder { folder in
            var large = NumberedClip()
            large.size = "640x360"
            let one = try await large.make(in: folder, name: "large.mp4")
            let two = try await NumberedClip().make(in: folder, name: "small.mp4")
            let both = folder.appending(path: "both.mp4")
            try await ffmpeg([
                "-v", "error", "-i", one.path, "-i", two.path, "-map", "0:v", "-map", "1:v", "-c", "copy",
                "-disposition:v:0", "0", "-disposition:v:1", "default", both.path,
            ])
            let facts = try await examine(both).facts
            #expect((facts.video.width, facts.video.height) == (320, 180))
            #expect(facts.videoTracks == 2)
        }
    }
}
