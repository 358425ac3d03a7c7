import ClipModel
import Foundation
import TestSupport
import Testing

/// How long a recording lasts, whatever its headers claim.
@Suite struct DurationTests {
    @Test(arguments: NumberedClip.kinds)
    func `the last frame counts in full`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            try await expectThreeSeconds(try await clip.make(in: folder))
        }
    }

    @Test(arguments: NumberedClip.kinds, [20, 700] as [UInt32])
    func `an edit that shows nothing at first takes nothing away`(clip: NumberedClip, empty: UInt32) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            var movie = try MovieBytes(file)
            let start = movie.all("moov/trak/edts/elst").first.map { movie.number(at: $0.range.upperBound - 8) } ?? 0
            try movie.setEdits([
                .init(duration: empty, start: -1),
                .init(duration: clip.isFragmented ? 0 : 3000 + (start == 0 ? 100 : 0), start: Int32(start)),
            ])
            try movie.write(to: file)
            try await expectThreeSeconds(file)
        }
    }

    @Test(arguments: NumberedClip.plain)
    func `a last sample without a duration lasts as long as the one before`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            var movie = try MovieBytes(file)
            try movie.replace(
                "moov/trak/mdia/minf/stbl/stts",
                payload: [0, 2, 89, 512, 1, 0].flatMap { MovieBytes.big($0) })
            let header = try movie.first("moov/trak/mdia/mdhd")
            movie.set(89 * 512, at: header.payload.lowerBound + 16)
            try movie.write(to: file)
            try await expectThreeSeconds(file)
        }
    }

    /// `mdhd` says 0, "unknown" or much too much in a file of fragments.
    @Test(
        arguments: NumberedClip.kinds.filter(\.isFragmented),
        [0, .max, 143_165 * 15_360] as [UInt32])
    func `fragments last as long as they do`(clip: NumberedClip, claim: UInt32) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            var movie = try MovieBytes(file)
            let header = try movie.first("moov/trak/mdia/mdhd")
            movie.set(claim, at: header.payload.lowerBound + 16)
            try movie.write(to: file)
            let isFalse = claim != 0 && claim != .max
            try await expectThreeSeconds(file, warnings: isFalse ? 1 : 0)
        }
    }

    /// As a replay buffer leaves them, which ran for half an hour before.
    @Test(arguments: NumberedClip.kinds.filter(\.isFragmented), [0, .max] as [UInt32])
    func `fragments that start late claim nothing`(clip: NumberedClip, claim: UInt32) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            var movie = try MovieBytes(file)
            for time in movie.all("moof/traf/tfdt") {
                // Version 1: 64 bits.
                let low = time.payload.lowerBound + 8
                movie.set(movie.number(at: low) + 1867 * 15_360, at: low)
            }
            let header = try movie.first("moov/trak/mdia/mdhd")
            movie.set(claim, at: header.payload.lowerBound + 16)
            try movie.write(to: file)
            try await expectThreeSeconds(file)
        }
    }

    private func expectThreeSeconds(_ file: URL, warnings: Int = 0) async throws {
        for (offset, number) in [(0, 0), (1500, 45), (2999, 89)] {
            let shown = try await numberShown(file, at: Int64(offset))
            #expect(shown.number == number, "at \(offset) ms")
            #expect(abs(shown.answer.facts.durationSeconds - 3) < 1e-6, "\(shown.answer.facts.durationSeconds)")
            #expect(shown.answer.facts.video.frameRate == "30/1")
            #expect(shown.answer.warnings.count == warnings, "\(shown.answer.warnings)")
        }
        let end = ThumbnailRequest(offsetMilliseconds: 3000, whenPastEnd: .fail)
        #expect(try await refusal(file, end)?.kind == .offsetPastEnd)
    }
}
