import ClipModel
import Foundation
import TestSupport
import Testing

@testable import MediaKit

/// The JPEG files, and what of the picture they show.
@Suite struct PictureTests {
    @Test func `the files are baseline JFIF in 4 2 0 without metadata, always the same bytes`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await RefusalTests.make([], file)
            let thumbnails = try #require(try await examine(file, ThumbnailRequest()).thumbnails)
            #expect(try await examine(file, ThumbnailRequest()).thumbnails == thumbnails)
            for (jpeg, width, height) in [(thumbnails.large, 856, 424), (thumbnails.small, 424, 208)] {
                let segments = Self.segments([UInt8](jpeg))
                #expect(segments.map(\.marker).allSatisfy { [0xE0, 0xDB, 0xC0, 0xC4, 0xDA].contains($0) })
                #expect(segments.first?.bytes.prefix(5) == [0x4A, 0x46, 0x49, 0x46, 0])
                let frame = try #require(segments.first { $0.marker == 0xC0 }).bytes
                #expect(frame[0] == 8)
                #expect((Int(frame[1]) << 8 | Int(frame[2])) == height)
                #expect((Int(frame[3]) << 8 | Int(frame[4])) == width)
                #expect([frame[7], frame[10], frame[13]] == [0x22, 0x11, 0x11])
                #expect(jpeg.suffix(2) == Data([0xFF, 0xD9]))
            }
        }
    }

    @Test func `more quality is more bytes, and any number is accepted`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await RefusalTests.make([], file)
            var sizes: [Int] = []
            for quality in [-5, 1, 20, 50, 75, 90, 100, 1000] {
                let answer = try await examine(file, ThumbnailRequest(quality: quality))
                sizes.append(try #require(answer.thumbnails).large.count)
            }
            #expect(sizes[0] == sizes[1])
            #expect(sizes[6] == sizes[7])
            #expect(zip(sizes[1...6], sizes[2...6]).allSatisfy { $0 < $1 }, "\(sizes)")
        }
    }

    @Test func `fine lines turn gray instead of making patterns`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "lines.mp4")
            try await ffmpeg([
                "-v", "error", "-f", "lavfi", "-i",
                "color=black:size=3424x1696:rate=5:duration=0.2,format=gray,geq=lum='255*mod(X+Y\\,2)'", "-c:v",
                "libx264", "-preset", "ultrafast", "-qp", "0", "-pix_fmt", "yuv420p", file.path,
            ])
            let thumbnails = try #require(try await examine(file, ThumbnailRequest()).thumbnails)
            let large = try await Pixels(large: thumbnails.large)
            let small = try await Pixels(jpeg: thumbnails.small, width: 424, height: 208)
            for picture in [large, small] {
                for y in stride(from: 20, to: picture.height - 20, by: 17) {
                    for x in stride(from: 20, to: picture.width - 20, by: 13) {
                        #expect(abs(picture[x, y][1] - 127) <= 6)
                    }
                }
            }
        }
    }

    @Test func `contain shows all of the picture between black bars`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await ffmpeg([
                "-v", "error", "-f", "lavfi", "-i", "color=white:size=300x300:rate=5:duration=0.2", "-c:v", "libx264",
                "-pix_fmt", "yuv420p", file.path,
            ])
            let thumbnails = try #require(try await examine(file, ThumbnailRequest(fit: .contain)).thumbnails)
            let large = try await Pixels(large: thumbnails.large)
            let small = try await Pixels(jpeg: thumbnails.small, width: 424, height: 208)
            for picture in [large, small] {
                let margin = (picture.width - picture.height) / 2
                #expect(picture[margin - 10, picture.height / 2][1] < 8)
                #expect(picture[margin + 10, 4][1] > 247)
                #expect(picture[picture.width - margin - 10, picture.height - 4][1] > 247)
                #expect(picture[picture.width - margin + 10, 4][1] < 8)
            }
        }
    }

    @Test(arguments: [
        (1, 1), (2, 2), (3, 5), (16, 16), (17, 4000), (321, 241), (640, 480), (856, 424), (1920, 1080), (4000, 20),
    ])
    func `the framing stays within the picture and fills the thumbnails`(width: Int, height: Int) {
        let picture = PixelSize(width: width, height: height)
        for aspect in [1, 0.0625, 16, 64.0 / 45] {
            for swaps in [false, true] {
                for alignment in [1, 2, 4] {
                    for fit in PictureFit.allCases {
                        let framing = Framing(
                            picture, aspect: aspect, swapsSides: swaps, fit: fit,
                            alignment: PixelSize(width: alignment, height: alignment))
                        check(framing, picture, swaps, fit)
                    }
                }
            }
        }
    }

    private func check(_ framing: Framing, _ picture: PixelSize, _ swaps: Bool, _ fit: PictureFit) {
        let crop = framing.crop
        #expect(crop.x >= 0 && crop.y >= 0 && crop.size.width > 0 && crop.size.height > 0)
        #expect(crop.x + crop.size.width <= picture.width && crop.y + crop.size.height <= picture.height)
        let part = framing.smallPart
        #expect(part.x >= 0 && part.y >= 0 && part.size.width > 0 && part.size.height > 0)
        #expect(part.x + part.size.width <= framing.scaled.width)
        #expect(part.y + part.size.height <= framing.scaled.height)
        #expect(framing.scaled.width < 65_536 && framing.scaled.height < 65_536)
        let large = swaps ? PixelSize(width: 424, height: 856) : PixelSize(width: 856, height: 424)
        let small = swaps ? PixelSize(width: 208, height: 424) : PixelSize(width: 424, height: 208)
        if fit == .cover {
            #expect(framing.scaled.limited(to: large) == large, "\(framing) of \(picture)")
            #expect(framing.smallScaled == small, "\(framing) of \(picture)")
        } else {
            #expect(framing.scaled.limited(to: large) == framing.scaled)
            #expect(framing.smallScaled.limited(to: small) == framing.smallScaled)
        }
    }

    /// The marker segments up to the scan, without their lengths.
    private static func segments(_ jpeg: [UInt8]) -> [(marker: Int, bytes: [UInt8])] {
        var segments: [(marker: Int, bytes: [UInt8])] = []
        var offset = 2
        while offset + 4 <= jpeg.count, jpeg[offset] == 0xFF {
            let length = Int(jpeg[offset + 2]) << 8 | Int(jpeg[offset + 3])
            segments.append((Int(jpeg[offset + 1]), [UInt8](jpeg[(offset + 4)..<(offset + 2 + length)])))
            if jpeg[offset + 1] == 0xDA { break }
            offset += 2 + length
        }
        return segments
    }
}
