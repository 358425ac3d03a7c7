import Foundation
import Testing

/// An edge case that the `ffmpeg` program makes: moving test pictures, a few seconds, small.
struct MadeClip: Sendable, CustomStringConvertible {
    var name: String
    /// Arguments between the source and the file.
    var arguments: [String]
    /// Frames a second of the source.
    var rate = 30
    var seconds = 3
    /// Arguments of a second run, which copies the first file.
    var copying: [String]?
    /// Arguments before that file.
    var copyingFrom: [String] = []
    /// Renames boxes of the finished file.
    var hides: String?
    /// Replaces the edit list: durations in milliseconds, and starts in units of the track, -1 for nothing shown.
    var edits: [(duration: UInt32, start: Int32)] = []

    var description: String { name }

    func make(in folder: URL) async throws -> URL {
        var file = folder.appending(path: "clip.mp4")
        try await ffmpeg(
            ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=\(rate):duration=\(seconds)"] + arguments
                + [file.path])
        if let copying {
            let copy = folder.appending(path: "copy.mp4")
            try await ffmpeg(["-v", "error"] + copyingFrom + ["-i", file.path, "-c", "copy"] + copying + [copy.path])
            file = copy
        }
        if let hides {
            var bytes = try Data(contentsOf: file)
            while let range = bytes.range(of: Data(hides.utf8)) {
                bytes.replaceSubrange(range, with: Data("free".utf8))
            }
            try bytes.write(to: file)
        }
        if !edits.isEmpty { try replaceEdits(file) }
        return file
    }

    /// The movie header is behind the media data here, so that it may grow without moving that.
    private func replaceEdits(_ file: URL) throws {
        var bytes = try Data(contentsOf: file)
        let list = try #require(bytes.range(of: Data("elst".utf8)))
        var entries = Self.big(UInt32(edits.count))
        for edit in edits {
            entries += Self.big(edit.duration) + Self.big(UInt32(bitPattern: edit.start)) + Self.big(0x10000)
        }
        let added = entries.count - 16
        bytes.replaceSubrange((list.upperBound + 4)..<(list.upperBound + 20), with: entries)
        for name in ["moov", "trak", "edts", "elst"] {
            let box = try #require(bytes.range(of: Data(name.utf8)))
            let size = bytes[(box.lowerBound - 4)..<box.lowerBound].reduce(0) { $0 << 8 | UInt32($1) }
            bytes.replaceSubrange((box.lowerBound - 4)..<box.lowerBound, with: Self.big(size + UInt32(added)))
        }
        try bytes.write(to: file)
    }

    private static func big(_ value: UInt32) -> Data {
        withUnsafeBytes(of: value.bigEndian) { Data($0) }
    }

    private static func x264(_ parameters: String) -> [String] {
        ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-x264-params", parameters]
    }

    static let all: [MadeClip] = [
        MadeClip(name: "closed GOPs", arguments: x264("keyint=24:min-keyint=24:scenecut=0:bframes=3")),
        MadeClip(name: "open GOPs", arguments: x264("keyint=20:min-keyint=20:scenecut=0:bframes=3:open-gop=1")),
        MadeClip(
            name: "B-pyramid", arguments: x264("keyint=60:bframes=8:b-adapt=0:b-pyramid=normal:scenecut=0:ref=6")),
        MadeClip(name: "no B-frames", arguments: x264("keyint=30:bframes=0")),
        MadeClip(name: "intra refresh", arguments: x264("keyint=30:intra-refresh=1:bframes=0:scenecut=0")),
        MadeClip(
            name: "no sync samples table", arguments: x264("keyint=30:min-keyint=30:scenecut=0:bframes=3"),
            hides: "stss"),
        MadeClip(
            name: "no sync samples table, one keyframe", arguments: x264("keyint=1000:scenecut=0:bframes=2"),
            hides: "stss"),
        MadeClip(
            name: "edit list that starts between keyframes",
            arguments: x264("keyint=40:min-keyint=40:scenecut=0:bframes=3"), copying: [], copyingFrom: ["-ss", "1.9"]),
        MadeClip(
            name: "edit list that ends early", arguments: x264("keyint=40:bframes=3:scenecut=0"),
            copying: ["-t", "2.05"]),
        MadeClip(
            name: "edits that jump back and forth", arguments: x264("keyint=20:min-keyint=20:bframes=3:scenecut=0"),
            edits: [(800, 15_360), (500, 3072), (600, 32_768)]),
        MadeClip(
            name: "an edit that shows nothing at first", arguments: x264("keyint=20:bframes=2:scenecut=0"),
            edits: [(700, -1), (1500, 9000)]),
        MadeClip(
            name: "no edit list", arguments: x264("keyint=40:bframes=3:scenecut=0") + ["-use_editlist", "0"]),
        MadeClip(
            name: "negative composition offsets",
            arguments: x264("keyint=40:bframes=3:scenecut=0") + ["-movflags", "negative_cts_offsets"]),
        MadeClip(
            name: "video that starts late",
            arguments: x264("keyint=25:bframes=2:scenecut=0") + ["-output_ts_offset", "7.3"]),
        MadeClip(
            name: "variable frame rate",
            arguments: ["-vf", "select='not(mod(n\\,5))+gt(mod(n\\,13)\\,8)'", "-fps_mode", "vfr"]
                + x264("keyint=25:bframes=3:scenecut=0")),
        MadeClip(
            name: "fragmented",
            arguments: x264("keyint=30:bframes=3:scenecut=0")
                + ["-movflags", "frag_keyframe+empty_moov+default_base_moof"]),
        MadeClip(
            name: "fragmented in the middle of GOPs",
            arguments: x264("keyint=50:bframes=3:scenecut=0")
                + ["-movflags", "empty_moov+default_base_moof", "-frag_duration", "300000"]),
        MadeClip(
            name: "fragmented with an index",
            arguments: x264("keyint=30:bframes=3:scenecut=0")
                + ["-movflags", "frag_keyframe+empty_moov+default_base_moof+global_sidx"]),
        MadeClip(name: "one frame", arguments: x264("keyint=30") + ["-frames:v", "1"]),
        MadeClip(name: "two frames", arguments: x264("keyint=30:bframes=3") + ["-frames:v", "2"]),
        MadeClip(name: "60 frames a second", arguments: x264("keyint=240:bframes=3"), rate: 60, seconds: 6),
        MadeClip(
            name: "HEVC, open GOPs",
            arguments: [
                "-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params",
                "log-level=none:pools=none:frame-threads=1:keyint=20:min-keyint=20:bframes=4:b-pyramid=1:open-gop=1:scenecut=0",
            ]),
        MadeClip(
            name: "HEVC, temporal layers",
            arguments: [
                "-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params",
                "log-level=none:pools=none:frame-threads=1:keyint=40:bframes=4:b-pyramid=1:temporal-layers=1",
            ]),
        MadeClip(
            name: "HEVC without sync samples table",
            arguments: [
                "-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params",
                "log-level=none:pools=none:frame-threads=1:keyint=30:bframes=3",
            ], hides: "stss"),
        MadeClip(
            name: "MPEG-4 part 2 with B-frames",
            arguments: ["-c:v", "mpeg4", "-bf", "2", "-g", "30", "-q:v", "4"]),
        MadeClip(
            name: "VP9",
            arguments: [
                "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k", "-g", "40",
            ]),
        MadeClip(name: "AV1", arguments: ["-c:v", "libsvtav1", "-preset", "12", "-g", "40"]),
        MadeClip(name: "Motion JPEG", arguments: ["-c:v", "mjpeg", "-q:v", "4"], seconds: 2),
    ]
}
