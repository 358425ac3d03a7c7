import ClipModel
import Foundation
import MediaKit
import TestSupport
import Testing

/// Colours of the JPEG, decoded by another program.
@Suite struct ColourTests {
    /// Six patches of known colours: two rows of three.
    static let patches: [[Int]] = [
        [235, 20, 30], [30, 200, 60], [25, 40, 220], [128, 128, 128], [250, 220, 20], [255, 255, 255],
    ]

    struct Tags: Sendable, CustomStringConvertible {
        var name: String
        /// Of the `scale` filter.
        var matrix: String
        var range: String
        /// Written into the stream; nil leaves it untagged.
        var tag: String?
        var format = "yuv420p"
        var size = "1280x720"

        var description: String { name }
    }

    static let all: [Tags] = [
        Tags(name: "BT.601 limited", matrix: "bt601", range: "limited", tag: "smpte170m"),
        Tags(name: "BT.709 limited", matrix: "bt709", range: "limited", tag: "bt709"),
        Tags(name: "BT.601 full", matrix: "bt601", range: "full", tag: "bt470bg"),
        Tags(name: "BT.709 full", matrix: "bt709", range: "full", tag: "bt709"),
        Tags(name: "BT.709 4:4:4", matrix: "bt709", range: "limited", tag: "bt709", format: "yuv444p"),
        Tags(name: "BT.709 4:2:2 10 bits", matrix: "bt709", range: "limited", tag: "bt709", format: "yuv422p10le"),
        Tags(name: "BT.601 full 10 bits", matrix: "bt601", range: "full", tag: "smpte170m", format: "yuv420p10le"),
        Tags(name: "BT.2020 matrix, standard range", matrix: "bt2020", range: "limited", tag: "bt2020nc"),
        Tags(name: "untagged HD is BT.709", matrix: "bt709", range: "limited", tag: nil),
        Tags(name: "untagged SD is BT.601", matrix: "bt601", range: "limited", tag: nil, size: "640x360"),
        Tags(name: "a reserved tag is as good as none", matrix: "bt709", range: "limited", tag: "ycgco"),
    ]

    @Test(arguments: all)
    func `patches come out as they went in, within 4 of 255`(tags: Tags) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "patches.mp4")
            try await Self.make(tags, file)
            let answer = try await examine(file, ThumbnailRequest(offsetMilliseconds: 0, quality: 95))
            let picture = try await Pixels(large: try #require(answer.thumbnails).large)
            for (index, patch) in Self.patches.enumerated() {
                let mean = picture.mean(x: 143 + 285 * (index % 3), y: 106 + 212 * (index / 3), radius: 20)
                for (channel, value) in patch.enumerated() {
                    #expect(abs(mean[channel] - Double(value)) <= 4, "patch \(patch) came out as \(mean)")
                }
            }
            #expect(answer.warnings.isEmpty == (tags.tag != "ycgco"))
        }
    }

    private static func make(_ tags: Tags, _ file: URL) async throws {
        let side = tags.size.split(separator: "x").compactMap { Int($0) }
        let boxes = patches.enumerated().map { index, patch in
            let color = patch.map { String(format: "%02x", $0) }.joined()
            let (x, y) = (index % 3 * side[0] / 3, index / 3 * side[1] / 2)
            return "drawbox=x=\(x):y=\(y):w=\(side[0] / 3 + 1):h=\(side[1] / 2):color=0x\(color):t=fill"
        }
        let convert = "scale=out_color_matrix=\(tags.matrix):out_range=\(tags.range):flags=accurate_rnd+full_chroma_int"
        let source = "color=black:size=\(tags.size):rate=5:duration=0.4,format=gbrp"
        var arguments = [
            "-v", "error", "-f", "lavfi", "-i",
            "\(source),\(boxes.joined(separator: ",")),\(convert),format=\(tags.format)",
        ]
        arguments += ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "4"]
        arguments += ["-color_range", tags.range == "full" ? "pc" : "tv"]
        var parameters = "fullrange=\(tags.range == "full" ? "on" : "off")"
        if let tag = tags.tag {
            parameters += ":colormatrix=\(tag == "ycgco" ? "YCgCo" : tag)"
            if tag != "ycgco" { arguments += ["-colorspace", tag] }
        }
        try await ffmpeg(arguments + ["-x264-params", parameters, "-movflags", "+write_colr", file.path])
    }

    @Test func `a gray video is gray`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "gray.mp4")
            try await ffmpeg([
                "-v", "error", "-f", "lavfi", "-i", "color=0x646464:size=322x242:rate=5:duration=0.4,format=gray",
                "-c:v", "libx264", "-qp", "4", "-pix_fmt", "gray", file.path,
            ])
            let answer = try await examine(file, ThumbnailRequest())
            let picture = try await Pixels(large: try #require(answer.thumbnails).large)
            for value in picture.mean(x: 400, y: 200) { #expect(abs(value - 100) <= 4) }
        }
    }
}

extension ColourTests {
    /// Numbers of ITU-T H.273, table 3.
    @Test(arguments: [(8, "linear"), (9, "log100"), (10, "log316"), (17, "smpte428")])
    func `a transfer that is not shown right is told of`(number: Int, name: String) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await RefusalTests.make(["-bsf:v", "h264_metadata=transfer_characteristics=\(number)"], file)
            let expected = "The video's light is coded in a way that is not shown right here (\(name))."
            #expect(try await examine(file).warnings == [expected])
        }
    }

    @Test(arguments: [1, 2, 6, 11, 13, 14, 15]) func `the usual transfers are no matter`(number: Int) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await RefusalTests.make(["-bsf:v", "h264_metadata=transfer_characteristics=\(number)"], file)
            #expect(try await examine(file).warnings == [])
        }
    }
}
