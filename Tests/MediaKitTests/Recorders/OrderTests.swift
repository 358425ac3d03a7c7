import ClipModel
import Foundation
import TestSupport
import Testing

/// Frames that are presented in another order than they are decoded in, and tracks that say so badly or not at all.
@Suite struct OrderTests {
    @Test(arguments: NumberedClip.kinds)
    func `frames without times of presentation are shown in the order of the coded video`(clip: NumberedClip)
        async throws
    {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            var movie = try MovieBytes(file)
            movie.renameEvery("ctts", to: "skip")
            Self.clearOffsets(&movie)
            try movie.write(to: file)
            // An edit list of a file of fragments hides nothing here.
            for (offset, number) in [(0, 0), (34, 1), (67, 2), (1034, 31), (1500, 45), (2999, 89)] {
                let shown = try await numberShown(file, at: Int64(offset))
                #expect(shown.number == number, "at \(offset) ms")
                #expect(shown.answer.warnings.allSatisfy { $0.contains("presented") })
            }
            #expect(abs(try await examine(file).facts.durationSeconds - 3) < 1e-6)
        }
    }

    @Test(arguments: NumberedClip.kinds)
    func `without B-frames nothing is missing`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            var clip = clip
            clip.bFrames = 0
            let file = try await clip.make(in: folder)
            for offset in [0, 34, 1500, 2999] {
                let shown = try await numberShown(file, at: Int64(offset))
                #expect(shown.number == offset * 30 / 1000)
                #expect(shown.answer.warnings == [])
            }
        }
    }

    /// So few frames that the demuxer does not see how far they are moved.
    @Test(arguments: NumberedClip.Codec.allCases, [(5, true), (6, true), (8, true), (5, false)])
    func `negative offsets of a few frames are followed`(
        codec: NumberedClip.Codec, length: (frames: Int, isNegative: Bool)
    ) async throws {
        let (frames, isNegative) = length
        try await withTemporaryFolder { folder in
            var clip = NumberedClip(codec: codec, hasEditList: !isNegative, frames: frames, bFrames: 2)
            if isNegative { clip.arguments = ["-movflags", "negative_cts_offsets"] }
            let file = try await clip.make(in: folder, name: "clip.mov")
            var movie = try MovieBytes(file)
            if isNegative {
                // As QuickTime writes them, whose version 0 is signed.
                movie.set(0, at: try movie.first("moov/trak/mdia/minf/stbl/ctts").payload.lowerBound)
                try movie.write(to: file)
            }
            for number in 0..<frames {
                #expect(try await numberShown(file, at: Int64(number * 1000 / 30 + 1)).number == number)
            }
        }
    }

    /// Sets the composition offset of each sample of each fragment to 0.
    private static func clearOffsets(_ movie: inout MovieBytes) {
        for run in movie.all("moof/traf/trun") {
            let start = run.payload.lowerBound
            let flags = movie.number(at: start)
            guard flags & 0x800 != 0 else { continue }
            let fields = [0x100, 0x200, 0x400].count { flags & $0 != 0 }
            var offset = start + 8 + [1, 4].count { flags & $0 != 0 } * 4
            for _ in 0..<movie.number(at: start + 4) {
                movie.set(0, at: offset + fields * 4)
                offset += (fields + 1) * 4
            }
        }
    }
}
