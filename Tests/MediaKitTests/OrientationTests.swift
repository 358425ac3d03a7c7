import ClipModel
import Foundation
import MediaKit
import TestSupport
import Testing

/// The eight ways in which a display matrix can turn and mirror a picture.
@Suite struct OrientationTests {
    struct Turn: Sendable, CustomStringConvertible {
        /// a, b, c, d of the matrix.
        var matrix: [Int32]
        var rotation: Int
        var mirrored: Bool
        /// The corners of the shown picture from the upper left, clockwise.
        var corners: String

        var description: String { "\(rotation) degrees\(mirrored ? ", mirrored" : "")" }
    }

    /// The coded picture's corners are red, green, blue, yellow.
    static let turns = [
        Turn(matrix: [1, 0, 0, 1], rotation: 0, mirrored: false, corners: "RGBY"),
        Turn(matrix: [0, 1, -1, 0], rotation: 90, mirrored: false, corners: "YRGB"),
        Turn(matrix: [-1, 0, 0, -1], rotation: 180, mirrored: false, corners: "BYRG"),
        Turn(matrix: [0, -1, 1, 0], rotation: 270, mirrored: false, corners: "GBYR"),
        Turn(matrix: [-1, 0, 0, 1], rotation: 0, mirrored: true, corners: "GRYB"),
        Turn(matrix: [1, 0, 0, -1], rotation: 180, mirrored: true, corners: "YBGR"),
        Turn(matrix: [0, 1, 1, 0], rotation: 270, mirrored: true, corners: "RYBG"),
        Turn(matrix: [0, -1, -1, 0], rotation: 90, mirrored: true, corners: "BGRY"),
    ]

    @Test(arguments: turns, [PictureFit.cover, .contain])
    func `the picture is turned and mirrored as the matrix says`(turn: Turn, fit: PictureFit) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "corners.mp4")
            try await Self.make(turn.matrix, file)
            let answer = try await examine(file, ThumbnailRequest(offsetMilliseconds: 0, fit: fit))
            #expect(answer.facts.video.rotation == turn.rotation)
            #expect(answer.facts.video.mirrored == turn.mirrored)
            let thumbnails = try #require(answer.thumbnails)
            let large = try await Pixels(large: thumbnails.large)
            let small = try await Pixels(jpeg: thumbnails.small, width: 424, height: 208)
            #expect(Self.corners(large, fit) == turn.corners)
            #expect(Self.corners(small, fit) == turn.corners)
        }
    }

    @Test func `a turn that only the bitstream tells of is done`() async throws {
        try await withTemporaryFolder { folder in
            let (plain, turned) = (folder.appending(path: "corners.mp4"), folder.appending(path: "turned.mp4"))
            try await Self.make([1, 0, 0, 1], plain)
            // Anticlockwise, as the standard counts.
            try await ffmpeg([
                "-v", "error", "-i", plain.path, "-c", "copy", "-bsf:v",
                "h264_metadata=display_orientation=insert:rotate=90", turned.path,
            ])
            let answer = try await examine(turned, ThumbnailRequest(offsetMilliseconds: 0))
            #expect(answer.facts.video.rotation == 270)
            #expect(try await Self.corners(Pixels(large: #require(answer.thumbnails).large), .cover) == "GBYR")
        }
    }

    private static func make(_ matrix: [Int32], _ file: URL) async throws {
        let boxes = ["red", "lime", "blue", "yellow"].enumerated().map { index, color in
            let (x, y) = (index == 1 || index == 2 ? 160 : 0, index / 2 * 120)
            return "drawbox=x=\(x):y=\(y):w=160:h=120:color=\(color):t=fill"
        }
        try await ffmpeg([
            "-v", "error", "-f", "lavfi", "-i",
            "color=black:size=320x240:rate=5:duration=0.2,format=gbrp,\(boxes.joined(separator: ",")),format=yuv420p",
            "-c:v", "libx264", "-qp", "10", file.path,
        ])
        // The matrix of the only track: 40 bytes into the payload of its header.
        var bytes = try Data(contentsOf: file)
        let header = try #require(bytes.range(of: Data("tkhd".utf8)))
        for (index, value) in zip([0, 1, 3, 4], matrix) {
            let big = withUnsafeBytes(of: (value * 65_536).bigEndian) { Data($0) }
            let start = header.upperBound + 40 + index * 4
            bytes.replaceSubrange(start..<(start + 4), with: big)
        }
        try bytes.write(to: file)
    }

    private static func corners(_ picture: Pixels, _ fit: PictureFit) -> String {
        let (x, y) =
            fit == .cover ? (picture.width / 8, picture.height / 8) : (picture.width * 7 / 16, picture.height / 8)
        let (right, bottom) = (picture.width - 1 - x, picture.height - 1 - y)
        return [(x, y), (right, y), (right, bottom), (x, bottom)].map { name(picture.mean(x: $0.0, y: $0.1)) }.joined()
    }

    private static func name(_ color: [Double]) -> String {
        switch color.map({ $0 > 128 }) {
        case [true, false, false]: "R"
        case [false, true, false]: "G"
        case [false, false, true]: "B"
        case [true, true, false]: "Y"
        default: "?"
        }
    }
}
