import ClipModel
import Foundation
import MediaKit
import TestSupport
import Testing

/// Every real file ends as its table says.
@Suite(.enabled(if: Places.sharedMedia != nil, Comment(rawValue: Places.sharedMediaIsAbsent)))
struct SharedMediaTests {
    struct Expected: Sendable, CustomStringConvertible {
        var name: String
        var refusal: MediaError.Kind?
        /// Seconds.
        var duration = 0.0
        var codec = "h264"
        var size = "1080x720"
        var rate = "30000/1001"
        var rotation = 0
        var isMirrored = false
        var hdr: String?
        var aspect = "1/1"
        var hasWarnings = false

        var description: String { name }
    }

    static let all: [Expected] = [
        Expected(name: "street-cars", duration: 30.16, size: "768x432", rate: "25/2"),
        Expected(name: "cockatoo-720p", duration: 14, size: "1280x720", rate: "20/1"),
        Expected(name: "realshort", duration: 1.1992, size: "320x240", rate: "45000/1499"),
        Expected(name: "long_1080p_lowbitrate", duration: 362.766667, size: "1920x1080", rate: "30/1"),
        Expected(
            name: "bbb_800x640_768kbps_30fps_avc_pyramid_3b", duration: 4, size: "800x640", rate: "30/1",
            aspect: "64/45"),
        Expected(
            name: "bbb_800x640_768kbps_30fps_avc_2b_firstpts_10_sec", duration: 4, size: "800x640", rate: "30/1",
            aspect: "1137/800"),
        Expected(
            name: "bbb_800x640_768kbps_30fps_vp9", duration: 4, codec: "vp9", size: "800x640", rate: "30/1",
            aspect: "64/45"),
        Expected(name: "iibbibb_editlist_videoonly", duration: 12.5, size: "704x576", rate: "1/1"),
        Expected(
            name: "sample_edit_list", duration: 2.548333, codec: "hevc", size: "1920x1080", rate: "51600/1861",
            rotation: 90, hdr: "HLG"),
        Expected(
            name: "hdr10-av1", duration: 4.237567, codec: "av1", size: "720x1280", rate: "30000/1001", hdr: "PQ"),
        Expected(
            name: "hlg10-color-test", duration: 0.3001, codec: "hevc", size: "1920x1080", rate: "90000/3001",
            hdr: "HLG"),
        Expected(
            name: "h265_with_metadata_track", duration: 0.100067, codec: "hevc", size: "1920x1080",
            rate: "45000/1501", rotation: 90),
        Expected(name: "sample_rotate_and_reflect", duration: 1.001, rotation: 270, isMirrored: true),
        Expected(name: "sample_android_slow_motion", duration: 0.525344, size: "1280x720", rate: "630000/47281"),
        Expected(name: "sample_fragmented", duration: 1.001),
        Expected(name: "sample_partially_fragmented", duration: 1.001),
        Expected(name: "sample_without_stss", duration: 1.001),
        Expected(name: "sample_missing_stsd", duration: 1.001),
        Expected(name: "no_timescale", duration: 6.0424, size: "320x240", rate: "2500/83", hasWarnings: true),
        Expected(name: "sample_malformed_free_box", refusal: .damaged),
        Expected(name: "chunk_out_of_range", refusal: .damaged),
        Expected(name: "encrypted_clearkey", refusal: .encrypted),
        Expected(name: "short-cenc", refusal: .encrypted),
        Expected(name: "sample_audio_only", refusal: .noVideo),
    ]

    @Test(arguments: all)
    func `the file is answered or refused as its table says`(expected: Expected) async throws {
        let file = try #require(Places.sharedMedia).appending(path: "\(expected.name).mp4")
        guard expected.refusal == nil else {
            #expect(try await refusal(file, ThumbnailRequest())?.kind == expected.refusal)
            return
        }
        let answer = try await examine(file, ThumbnailRequest(offsetMilliseconds: 500))
        let video = answer.facts.video
        #expect(abs(answer.facts.durationSeconds - expected.duration) < 1e-6)
        #expect(video.codec == expected.codec)
        #expect("\(video.width)x\(video.height)" == expected.size)
        #expect(video.frameRate == expected.rate)
        #expect(video.rotation == expected.rotation)
        #expect(video.mirrored == expected.isMirrored)
        #expect(video.hdr == expected.hdr)
        #expect(video.sampleAspectRatio == expected.aspect)
        #expect(answer.warnings.isEmpty != expected.hasWarnings, "\(answer.warnings)")
        let large = try await Pixels(large: try #require(answer.thumbnails).large)
        #expect(large.width == 856)
    }

    @Test func `every file of the folder is in the table`() throws {
        let folder = try #require(Places.sharedMedia)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".mp4") }
        #expect(Set(names) == Set(Self.all.map { "\($0.name).mp4" }))
    }
}
