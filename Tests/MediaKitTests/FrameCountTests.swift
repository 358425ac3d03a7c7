import ClipModel
import Foundation
import TestSupport
import Testing

/// How many coded frames are decoded for one picture. `make bench` compares that with the least possible.
@Suite struct FrameCountTests {
    struct Structure: Sendable, CustomStringConvertible {
        var name: String
        var arguments: [String]
        var description: String { name }
    }

    private static func x264(_ parameters: String) -> [String] {
        ["-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-x264-params", "scenecut=0:" + parameters]
    }

    private static func x265(_ parameters: String) -> [String] {
        [
            "-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params",
            "log-level=none:pools=none:frame-threads=1:scenecut=0:" + parameters,
        ]
    }

    /// Of these, pictures that are predicted from both sides are those that nothing refers to, and no others.
    @Test(arguments: [
        Structure(name: "no B-frames", arguments: x264("keyint=40:bframes=0")),
        Structure(name: "closed GOPs", arguments: x264("keyint=40:bframes=3:b-adapt=0:b-pyramid=none")),
        Structure(name: "open GOPs", arguments: x264("keyint=40:bframes=3:b-adapt=0:b-pyramid=none:open-gop=1")),
        Structure(name: "HEVC", arguments: x265("keyint=40:bframes=3:b-adapt=0:b-pyramid=0:open-gop=0")),
        Structure(
            name: "HEVC, temporal sub-layers",
            arguments: x265("keyint=40:bframes=3:b-adapt=0:b-pyramid=0:open-gop=0:temporal-layers=1")),
    ])
    func `only the frames that others refer to are decoded before the wanted one`(structure: Structure) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await ffmpeg(
                ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30:duration=4", "-pix_fmt", "yuv420p"]
                    + structure.arguments + [file.path])
            let shown = try await Self.probe(file, "frame=pts,key_frame,pict_type").frames ?? []
            let packets = try await Self.probe(file, "packet=pts").packets ?? []
            let coded = packets.compactMap { packet in shown.first { $0.pts == packet.pts } }
            try #require(shown.count == 120 && coded.count == 120)
            for number in [0, 1, 38, 39, 40, 63, 79, 80, 117, 119] {
                let wanted = shown[number]
                let place = try #require(coded.firstIndex { $0.pts == wanted.pts })
                // Frames that are shown before a keyframe refer to those before it.
                let first = try #require(
                    coded[...place].lastIndex { $0.key_frame == 1 && $0.pts <= wanted.pts })
                let least = coded[first..<place].count { $0.pict_type != "B" } + 1
                let answer = try await examine(
                    file, ThumbnailRequest(offsetMilliseconds: Int64((Double(number) * 1000 / 30).rounded(.up))))
                #expect(answer.decodedFrames == least, "frame \(number)")
            }
        }
    }

    private static func probe(_ file: URL, _ entries: String) async throws -> Probe {
        let arguments = ["-v", "error", "-select_streams", "v", "-show_entries", entries, "-of", "json", file.path]
        return try JSONDecoder().decode(Probe.self, from: try await run("ffprobe", arguments).output)
    }

    private struct Probe: Decodable {
        struct Packet: Decodable {
            var pts: Int64
        }

        struct Frame: Decodable {
            var pts: Int64
            var key_frame: Int
            var pict_type: String
        }

        var frames: [Frame]?
        var packets: [Packet]?
    }
}
