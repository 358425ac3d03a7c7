import ClipModel
import Foundation
import TestSupport
import Testing

/// Files in which decoding can't start at the first sample, or where it is not said that it can.
@Suite struct StartTests {
    @Test(arguments: NumberedClip.kinds)
    func `a first sample that is not marked as a keyframe is one all the same`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            var movie = try MovieBytes(file)
            try Self.unmark(&movie, first: 1)
            try movie.write(to: file)
            try await expectAllFrames(of: file)
        }
    }

    @Test(arguments: NumberedClip.kinds)
    func `keyframes that are not marked at all are found in the coded video`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            var movie = try MovieBytes(file)
            try Self.unmark(&movie, first: .max)
            try movie.write(to: file)
            try await expectAllFrames(of: file)
        }
    }

    /// Frames 0 to 8 are not there, the next keyframe is 30.
    @Test(arguments: NumberedClip.kinds)
    func `a recording that starts between keyframes is shown from the first one on`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            let file = try await Self.cut(clip, folder)
            let duration = try await examine(file).facts.durationSeconds
            #expect(abs(duration - 2.7) < 0.11, "\(duration)")
            let early = try await numberShown(file, at: 100)
            #expect(early.number == 30)
            #expect(early.answer.warnings.contains { $0.contains("nearest") })
            // Which of the first frames is presented first depends on where B-frames are cut.
            let after = Int64((duration * 1000).rounded()) - 999
            for offset in [after, after + 500, after + 998] {
                let shown = try await numberShown(file, at: offset)
                #expect(shown.number == Int((offset - after) * 30 / 1000) + 60, "at \(offset)")
                #expect(shown.answer.warnings == [])
            }
        }
    }

    private func expectAllFrames(of file: URL) async throws {
        for (offset, number) in [(0, 0), (500, 15), (1500, 45), (2999, 89)] {
            let shown = try await numberShown(file, at: Int64(offset))
            #expect(shown.number == number, "at \(offset) ms")
            #expect(abs(shown.answer.facts.durationSeconds - 3) < 1e-6)
            #expect(shown.answer.warnings == [])
        }
    }

    /// Takes the flag from the first samples that have it.
    private static func unmark(_ movie: inout MovieBytes, first count: Int) throws {
        if let table = movie.all("moov/trak/mdia/minf/stbl/stss").first {
            let numbers = Array(movie.bytes[table.payload].dropFirst(8))
            let left = Array(numbers.dropFirst(min(count, numbers.count / 4) * 4))
            try movie.replace(
                "moov/trak/mdia/minf/stbl/stss", payload: [0, 0, 0, 0] + MovieBytes.big(UInt32(left.count / 4)) + left)
        }
        for run in movie.all("moof/traf/trun").prefix(count) where movie.bytes[run.payload.lowerBound + 3] & 4 != 0 {
            movie.set(0x0101_0000, at: run.payload.lowerBound + 12)
        }
    }

    /// Without its first fragment of nine frames; where it is to be one piece, put together again.
    private static func cut(_ clip: NumberedClip, _ folder: URL) async throws -> URL {
        var pieces = clip
        pieces.isFragmented = false
        pieces.arguments = ["-movflags", "empty_moov+default_base_moof", "-frag_duration", "290000"]
        let file = try await pieces.make(in: folder)
        var movie = try MovieBytes(file)
        movie.arrange { boxes in
            let first = boxes.firstIndex { $0.name == "moof" } ?? 0
            return Array(boxes[..<first] + boxes[(first + 2)...]).filter { $0.name != "mfra" }
        }
        try movie.write(to: file)
        guard !clip.isFragmented else { return file }
        let whole = folder.appending(path: "whole.mp4")
        let list = clip.hasEditList ? [] : ["-use_editlist", "0"]
        try await ffmpeg(["-v", "error", "-i", file.path, "-c", "copy", "-copyinkf"] + list + [whole.path])
        return whole
    }
}
