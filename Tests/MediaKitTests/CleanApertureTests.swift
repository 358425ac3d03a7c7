import ClipModel
import Foundation
import TestSupport
import Testing

@testable import MediaKit

/// The part of the picture that a `clap` box leaves.
@Suite struct CleanApertureTests {
    /// Width, height, x, y as fractions; of a picture of 320 by 240 whose quarters have colours of their own.
    @Test(arguments: [
        ([160, 1, 120, 1, -80, 1, -60, 1], "red"), ([160, 1, 120, 1, 80, 1, -60, 1], "lime"),
        ([320, 2, 240, 2, 160, 2, 120, 2], "blue"), ([160, 1, 120, 1, -80, 1, 60, 1], "yellow"),
    ])
    func `only the clean aperture is shown`(numbers: [Int32], colour: String) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "quarters.mp4")
            try await Self.make(file, numbers)
            let answer = try await examine(file, ThumbnailRequest(offsetMilliseconds: 0))
            #expect(answer.warnings == [])
            let large = try await Pixels(large: try #require(answer.thumbnails).large)
            let expected = ["red": [255, 0, 0], "lime": [0, 255, 0], "blue": [0, 0, 255], "yellow": [255, 255, 0]]
            for (x, y) in [(20, 20), (835, 20), (428, 212), (20, 403), (835, 403)] {
                for (shown, should) in zip(large.mean(x: x, y: y), expected[colour] ?? []) {
                    #expect(abs(shown - Double(should)) < 8, "\(x), \(y)")
                }
            }
        }
    }

    @Test(arguments: [
        [400, 1, 120, 1, 0, 1, 0, 1], [160, 0, 120, 1, 0, 1, 0, 1], [0, 1, 120, 1, 0, 1, 0, 1],
        [160, 1, 120, 1, 200, 1, 0, 1], [160, 1, -120, 1, 0, 1, 0, 1], [.max, 1, .max, 1, .min, 1, 0, 0],
    ])
    func `one that makes no sense is told of, and all of the picture is shown`(numbers: [Int32]) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "quarters.mp4")
            try await Self.make(file, numbers)
            let answer = try await examine(file, ThumbnailRequest(offsetMilliseconds: 0))
            #expect(answer.warnings == ["The track's clean aperture makes no sense; all of the picture is shown."])
            let large = try await Pixels(large: try #require(answer.thumbnails).large)
            #expect(large.mean(x: 20, y: 20)[0] > 200 && large.mean(x: 835, y: 20)[0] < 60)
        }
    }

    @Test(arguments: [
        // The usual one: eight lines of padding below.
        ([1920, 1, 1080, 1, 0, 1, -4, 1], 1920, 1088, PixelRectangle(x: 0, y: 0, width: 1920, height: 1080)),
        // Standard definition of a recorder: 703.125 of 720.
        ([5625, 8, 576, 1, 0, 1, 0, 1], 720, 576, PixelRectangle(x: 8, y: 0, width: 704, height: 576)),
        // Odd places move to where chroma samples are.
        ([100, 1, 100, 1, 1, 2, 1, 2], 201, 201, PixelRectangle(x: 50, y: 50, width: 101, height: 101)),
        ([320, 1, 240, 1, 0, 1, 0, 1], 320, 240, PixelRectangle(x: 0, y: 0, width: 320, height: 240)),
    ])
    func `parts are whole pixels`(numbers: [Int32], width: Int, height: Int, expected: PixelRectangle) throws {
        let aperture = try #require(CleanAperture([UInt8](Self.payload(numbers))))
        let two = PixelSize(width: 2, height: 2)
        #expect(aperture.part(of: PixelSize(width: width, height: height), alignment: two) == expected)
    }

    private static func payload(_ numbers: [Int32]) -> Data {
        numbers.reduce(into: Data()) { data, number in withUnsafeBytes(of: number.bigEndian) { data += $0 } }
    }

    private static func make(_ file: URL, _ numbers: [Int32]) async throws {
        let boxes = ["red", "lime", "yellow", "blue"].enumerated().map { index, colour in
            "drawbox=x=\(index % 2 * 160):y=\(index / 2 * 120):w=160:h=120:color=\(colour):t=fill"
        }
        try await ffmpeg([
            "-v", "error", "-f", "lavfi", "-i",
            "color=black:size=320x240:rate=5:duration=0.2,format=gbrp,\(boxes.joined(separator: ",")),format=yuv420p",
            "-c:v", "libx264", "-qp", "10", file.path,
        ])
        try insert(Data([0, 0, 0, 40]) + Data("clap".utf8) + payload(numbers), into: file)
    }

    /// Puts a box behind the sample entry's own fields. The movie header is behind the media data, so it may grow.
    private static func insert(_ box: Data, into file: URL) throws {
        var bytes = try Data(contentsOf: file)
        let entry = try #require(bytes.range(of: Data("avc1".utf8), options: .backwards))
        bytes.insert(contentsOf: box, at: entry.upperBound + 78)
        for name in ["moov", "trak", "mdia", "minf", "stbl", "stsd", "avc1"] {
            let name = try #require(bytes.range(of: Data(name.utf8), options: .backwards))
            let size = (name.lowerBound - 4)..<name.lowerBound
            let grown = bytes[size].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } + UInt32(box.count)
            bytes.replaceSubrange(size, with: withUnsafeBytes(of: grown.bigEndian) { Data($0) })
        }
        try bytes.write(to: file)
    }
}

extension PixelRectangle {
    fileprivate init(x: Int, y: Int, width: Int, height: Int) {
        self.init(x: x, y: y, size: PixelSize(width: width, height: height))
    }
}
