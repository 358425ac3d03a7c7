import ClipModel
import Foundation
import MediaKit
import TestSupport
import Testing

/// Every hard file beside the checkout ends as its table says.
@Suite(.enabled(if: Places.sharedEdges != nil, Comment(rawValue: Places.sharedMediaIsAbsent)))
struct SharedEdgeTests {
    struct Edge: Sendable, CustomStringConvertible {
        var name: String
        /// Milliseconds, and the frame that is on show then.
        var frames: [(at: Int64, number: Int)] = []
        /// Seconds.
        var duration = 10.0
        var rate = "30/1"
        /// A part of the only warning; nil: there is none.
        var warning: String?
        /// What the file is refused with; nil: it is answered.
        var refusal: String?

        var description: String { name }
    }

    static let all: [Edge] = [
        Edge(name: "f01_first_sample_not_sync.mp4", frames: [(0, 0), (500, 15), (3000, 90), (9999, 299)]),
        Edge(
            name: "f01_starts_between_keyframes.mp4", frames: [(1334, 60), (3000, 110), (9333, 299)],
            duration: 9.333333),
        Edge(name: "f02_frag_last_duration_lost.mp4", duration: 3.6, rate: "15/1"),
        Edge(name: "f02_empty_edit_20ms.mp4", frames: [(3000, 90), (9990, 299)]),
        Edge(name: "f03_damaged_keyframe.mp4", frames: [(3000, 90)], warning: "damaged"),
        Edge(name: "f04_mdat_size_8_too_long.mp4", frames: [(3000, 90)], warning: "media data"),
        Edge(name: "f05_bframes_without_ctts.mp4", frames: [(3000, 90), (3034, 91)], warning: "presented"),
        Edge(name: "f06_elst_dwell.mp4", frames: [(3000, 30)], duration: 8),
        Edge(name: "f06_elst_half_rate.mp4", frames: [(3000, 45)], duration: 8),
        Edge(name: "f07_qt_negative_ctts_5_frames.mov", frames: [(34, 1), (100, 3)], duration: 0.166667),
        Edge(name: "f08_frag_starts_at_1867s.mp4", frames: [(3000, 90)]),
        Edge(name: "f09_fragments_out_of_order.mp4", frames: [(3000, 90), (9999, 299)]),
        Edge(name: "f10_last_delta_0.mp4", frames: [(3000, 90), (9999, 299)]),
        Edge(name: "f11_elst_starts_within_frame.mp4", frames: [(0, 90), (3000, 180)], duration: 5),
        Edge(name: "f12_two_enabled_video_tracks.mp4", frames: [(3000, 90)]),
        Edge(name: "f13_unknown_codec.mp4", refusal: "There is no decoder for its video (xxxx)."),
        Edge(
            name: "f14_media_segment_without_moov.mp4",
            refusal: "It is a segment of a stream; its header is in another file."),
        Edge(name: "f15_elst_past_end.mp4", refusal: "Its edit list shows none of its 300 frames."),
    ]

    @Test(arguments: all)
    func `the file is as its table says`(edge: Edge) async throws {
        let file = try #require(Places.sharedEdges).appending(path: edge.name)
        guard edge.refusal == nil else {
            #expect(try await refusal(file)?.message == edge.refusal)
            return
        }
        let answer = try await examine(file)
        #expect(abs(answer.facts.durationSeconds - edge.duration) < 1e-6, "\(answer.facts.durationSeconds)")
        #expect(answer.facts.video.frameRate == edge.rate)
        for (offset, number) in edge.frames {
            let shown = try await numberShown(file, at: offset)
            #expect(shown.number == number, "at \(offset) ms")
            #expect(shown.answer.warnings.count == (edge.warning == nil ? 0 : 1), "\(shown.answer.warnings)")
            #expect(shown.answer.warnings.allSatisfy { $0.contains(edge.warning ?? "") }, "\(shown.answer.warnings)")
        }
    }

    @Test func `the larger of two tracks is the video`() async throws {
        let file = try #require(Places.sharedEdges).appending(path: "f12_two_enabled_video_tracks.mp4")
        let video = try await examine(file).facts.video
        #expect((video.width, video.height) == (320, 180))
    }

    @Test func `every file of the folder is in the table`() throws {
        let folder = try #require(Places.sharedEdges)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("f") }
        #expect(Set(names) == Set(Self.all.map(\.name)))
    }
}
