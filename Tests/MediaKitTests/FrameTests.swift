import ClipModel
import Foundation
import MediaKit
import TestSupport
import Testing

/// The frame chosen, against every frame as the `ffmpeg` program shows it. `make reference` compares more of them.
@Suite struct FrameTests {
    @Test(arguments: MadeClip.all)
    func `the frame at an offset is the one that ffmpeg shows then`(clip: MadeClip) async throws {
        try await withTemporaryFolder { folder in
            let edits = clip.edits.map {
                // The track's time base is 1/15360, the movie's 1/1000.
                ReferenceFrames.Edit(
                    duration: Int64($0.duration) * 15_360 / 1000, start: $0.start < 0 ? nil : Int64($0.start))
            }
            try await compare(
                try await clip.make(in: folder), edits, spots: [0, 0.07, 0.29, 0.5, 0.61, 0.67, 0.83, 1])
        }
    }

    /// All frames of `boss-fight` take `ffmpeg` as long as those of all others.
    @Test(
        arguments: ["hallway-720p", "instant-replay", "lobby-vfr", "phone-portrait", "sunset-hdr10"]
            + (spotCount == nil ? [] : ["boss-fight"]))
    func `the frame of a sample is the one that ffmpeg shows`(name: String) async throws {
        try await compare(Places.samples.appending(path: "\(name).mp4"), spots: [0, 0.43, 1])
    }

    @Test(
        .enabled(if: Places.sharedMedia != nil, Comment(rawValue: Places.sharedMediaIsAbsent)),
        arguments: [
            "bbb_800x640_768kbps_30fps_vp9", "iibbibb_editlist_videoonly", "sample_edit_list", "sample_fragmented",
            "sample_without_stss",
        ] + (spotCount == nil ? [] : moreRecordings))
    func `the frame of a real recording is the one that ffmpeg shows`(name: String) async throws {
        let media = try #require(Places.sharedMedia)
        try await compare(media.appending(path: "\(name).mp4"), Self.edits[name] ?? [], spots: [0, 0.31, 0.62, 1])
    }

    private static let moreRecordings = [
        "bbb_800x640_768kbps_30fps_avc_2b_firstpts_10_sec", "bbb_800x640_768kbps_30fps_avc_pyramid_3b", "cockatoo-720p",
        "h265_with_metadata_track", "hdr10-av1", "hlg10-color-test", "realshort", "sample_android_slow_motion",
        "sample_missing_stsd", "sample_partially_fragmented", "sample_rotate_and_reflect", "street-cars",
    ]

    /// Edit lists that begin within a frame.
    private static let edits: [String: [ReferenceFrames.Edit]] = [
        "iibbibb_editlist_videoonly": [.init(duration: 204_800, start: 40_960)],
        "sample_edit_list": [.init(duration: 1529, start: 273)],
    ]

    /// How many frames of each file are looked for, evenly spread; nil for a few that are told.
    private static let spotCount = ProcessInfo.processInfo.environment["CLIPSHIP_REFERENCE_FRAMES"].flatMap { Int($0) }

    /// Offsets on frames at these parts of the file, just before them, and past the end.
    private func compare(_ file: URL, _ edits: [ReferenceFrames.Edit] = [], spots: [Double]) async throws {
        let spots = Self.spotCount.map { count in (0...count).map { Double($0) / Double(max(1, count)) } } ?? spots
        let reference = try await ReferenceFrames(file, edits: edits)
        let last = (reference.times.last ?? .zero).milliseconds
        let frames = spots.map { reference.times[Int(Double(reference.times.count - 1) * $0)].milliseconds }
        let offsets = Set(frames.flatMap { [$0.rounded(.up), $0.rounded(.up) - 1] } + [last + 100_000])
            .filter { $0 >= 0 }.map { Int64($0) }.sorted()
        for offset in offsets {
            let found = try await offThePool { try FoundFrame(file, ThumbnailRequest(offsetMilliseconds: offset)) }
            let expected = reference.index(atMilliseconds: offset)
            #expect(found.answer.thumbnails?.frameTime == reference.times[expected], "at \(offset) ms")
            #expect(found.digest == reference.digests[expected], "the picture at \(offset) ms")
        }
        if Self.spotCount != nil { print("\(file.lastPathComponent): \(offsets.count) offsets") }
    }
}
