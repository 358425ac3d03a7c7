import ClipModel
import Foundation
import MediaKit
import TestSupport
import Testing

/// Edit lists, as ISO/IEC 14496-12, section 8.6.6, has them. The track's time scale is 15,360, of which a frame takes
/// 512.
@Suite struct EditTests {
    struct Case: Sendable, CustomStringConvertible {
        var description: String
        var edits: [MovieBytes.Edit]
        /// Milliseconds, and the frame on show then.
        var frames: [(at: Int64, number: Int)]
        /// Seconds.
        var duration: Double
        var warning: String?
    }

    /// Frame numbers are the starts less the decoder's delay, which `edits(of:)` adds.
    static let all: [Case] = [
        Case(
            description: "a start within a frame", edits: [.init(duration: 1000, start: 30 * 512 + 200)],
            frames: [(0, 30), (20, 30), (21, 31), (500, 45), (999, 60)], duration: 1),
        Case(
            description: "a start a moment before a frame", edits: [.init(duration: 1000, start: 30 * 512 + 511)],
            frames: [(0, 30), (1, 31), (999, 60)], duration: 1),
        Case(
            description: "a picture that is held",
            edits: [
                .init(duration: 1000, start: 0), .init(duration: 500, start: 30 * 512, rate: 0),
                .init(duration: 1000, start: 30 * 512),
            ],
            frames: [(0, 0), (999, 29), (1000, 30), (1499, 30), (1500, 30), (1534, 31), (2499, 59)], duration: 2.5),
        Case(
            description: "half speed", edits: [.init(duration: 2000, start: 15 * 512, rate: 0x8000)],
            frames: [(0, 15), (67, 16), (1000, 30), (1999, 44)], duration: 2),
        Case(
            description: "double speed to the end", edits: [.init(duration: 1500, start: 0, rate: 0x20000)],
            frames: [(0, 0), (500, 30), (1499, 89)], duration: 1.5),
        Case(
            description: "backwards, which is shown forwards",
            edits: [.init(duration: 1000, start: 0, rate: 0xFFFF_0000)], frames: [(500, 15)], duration: 1,
            warning: "backwards"),
        Case(
            description: "jumps back and forth",
            edits: [
                .init(duration: 800, start: 28 * 512), .init(duration: 500, start: 4 * 512),
                .init(duration: 600, start: 62 * 512),
            ],
            frames: [(0, 28), (799, 51), (800, 4), (1299, 18), (1300, 62), (1899, 79)], duration: 1.9),
        Case(
            description: "a pause in the middle",
            edits: [
                .init(duration: 500, start: 0), .init(duration: 400, start: -1), .init(duration: 500, start: 45 * 512),
            ],
            frames: [(499, 14), (600, 14), (900, 45), (1399, 59)], duration: 1.4),
        Case(
            description: "longer than the media", edits: [.init(duration: 9000, start: 60 * 512)],
            frames: [(0, 60), (999, 89)], duration: 1),
        Case(
            description: "to the end", edits: [.init(duration: 0, start: 60 * 512)], frames: [(0, 60), (999, 89)],
            duration: 1),
    ]

    @Test(arguments: all, NumberedClip.plain)
    func `the edit list is followed`(test: Case, clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            var movie = try MovieBytes(file)
            try movie.setEdits(try delayed(test.edits, movie))
            try movie.write(to: file)
            for (offset, number) in test.frames {
                let shown = try await numberShown(file, at: offset)
                #expect(shown.number == number, "at \(offset) ms")
                #expect(abs(shown.answer.facts.durationSeconds - test.duration) < 2e-4)
                #expect(shown.answer.warnings.allSatisfy { $0.contains(test.warning ?? "?") })
                #expect(shown.answer.warnings.isEmpty == (test.warning == nil))
            }
            let last = try await numberShown(file, at: 100_000, whenPastEnd: .lastFrame)
            #expect(last.number == test.frames.last?.number || test.frames.count == 1)
        }
    }

    @Test(arguments: NumberedClip.kinds.filter(\.isFragmented))
    func `fragments follow a start within a frame`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            var movie = try MovieBytes(file)
            try movie.setEdits(try delayed([.init(duration: 0, start: 30 * 512 + 200)], movie))
            try movie.write(to: file)
            for (offset, number) in [(0, 30), (20, 30), (21, 31), (1980, 89)] {
                #expect(try await numberShown(file, at: Int64(offset)).number == number, "at \(offset) ms")
            }
        }
    }

    @Test(arguments: NumberedClip.kinds)
    func `a list that shows no frame says so`(clip: NumberedClip) async throws {
        try await withTemporaryFolder { folder in
            let file = try await clip.make(in: folder)
            var movie = try MovieBytes(file)
            try movie.setEdits([.init(duration: 1000, start: 1000 * 512)])
            try movie.write(to: file)
            #expect(try await refusal(file)?.message == "Its edit list shows none of its 90 frames.")
        }
    }

    /// Starts of parts count from the first frame's time, which muxers put a few frames after 0.
    private func delayed(_ edits: [MovieBytes.Edit], _ movie: MovieBytes) throws -> [MovieBytes.Edit] {
        let offsets = movie.all("moov/trak/mdia/minf/stbl/ctts") + movie.all("moof/traf/trun")
        guard let first = offsets.first else { return edits }
        // The first sample's offset: behind count and number in `ctts`; behind the fixed fields of an entry in `trun`.
        let delay: UInt32
        if first.name == "ctts" {
            delay = movie.number(at: first.payload.lowerBound + 12)
        } else {
            let flags = movie.number(at: first.payload.lowerBound)
            guard flags & 0x800 != 0 else { return edits }
            let fields = [0x100, 0x200, 0x400].count { flags & $0 != 0 }
            let head = 8 + [1, 4].count { flags & $0 != 0 } * 4
            delay = movie.number(at: first.payload.lowerBound + head + fields * 4)
        }
        return edits.map {
            .init(duration: $0.duration, start: $0.start < 0 ? -1 : $0.start + Int32(delay), rate: $0.rate)
        }
    }
}
