import ClipModel
import Foundation
import TestSupport
import Testing

/// Damage to frames that the one shown refers to.
@Suite struct DamagedReferenceTests {
    @Test(arguments: NumberedClip.kinds.filter { $0.codec == .h264 })
    func `a damaged keyframe is told of, and made up for by what was before it`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            try await Self.damage(file, frame: 30)
            let shown = try await numberShown(file, at: 1500)
            #expect(shown.answer.warnings.contains { $0.contains("damaged") }, "\(shown.answer.warnings)")
            #expect(shown.number == 45)
            try await expectOthers(in: file)
        }
    }

    /// HEVC's decoder makes up for nothing, and notices damage only where the structure of a coded frame is broken.
    @Test(arguments: NumberedClip.kinds.filter { $0.codec == .hevc })
    func `a keyframe that can't be decoded at all is told of`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            try await Self.damage(file, frame: 30, fromStart: true)
            let shown = try await numberShown(file, at: 1500)
            #expect(!shown.answer.warnings.isEmpty)
            try await expectOthers(in: file)
        }
    }

    /// As a disk reads sectors that it has lost.
    @Test(arguments: NumberedClip.kinds, [30, 45])
    func `zeros in a coded frame are told of, whatever the decoder makes of them`(
        clip: NumberedClip, frame: Int
    ) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            try await Self.damage(file, frame: frame, with: 0)
            let shown = try await numberShown(file, at: 1500)
            #expect(shown.answer.warnings.contains { $0.contains("damaged") }, "\(shown.answer.warnings)")
            try await expectOthers(in: file)
        }
    }

    private func expectOthers(in file: URL) async throws {
        for offset in [500, 2500] {
            let other = try await numberShown(file, at: Int64(offset))
            #expect(other.number == offset * 30 / 1000)
            #expect(other.answer.warnings == [])
        }
    }

    @Test func `with several threads it is the same`() async throws {
        try await withTemporaryFolder { folder in
            let file = try await NumberedClip().make(in: folder)
            try await Self.damage(file, frame: 30)
            let one = try await numberShown(file, at: 1500)
            var four = try await numberShown(file, at: 1500, threads: 4)
            // The frame is looked for again with one thread.
            four.answer.decodedFrames = one.answer.decodedFrames
            #expect(one.answer == four.answer)
        }
    }

    /// Overwrites a third of a coded frame, in the middle of it or at its start.
    private static func damage(
        _ file: URL, frame number: Int, fromStart: Bool = false, with byte: UInt8 = 0x55
    ) async throws {
        let probe = try await run(
            "ffprobe",
            [
                "-v", "error", "-select_streams", "v", "-show_entries", "packet=pos,size,pts", "-of", "csv=p=0",
                file.path,
            ])
        let packets = probe.outputText.split(separator: "\n").map {
            $0.split(separator: ",").compactMap { Int($0) }
        }.sorted { $0[0] < $1[0] }
        let (size, position) = (packets[number][1], packets[number][2])
        var movie = try MovieBytes(file)
        movie.set([UInt8](repeating: byte, count: size / 3), at: fromStart ? position : position + size / 3)
        try movie.write(to: file)
    }
}
