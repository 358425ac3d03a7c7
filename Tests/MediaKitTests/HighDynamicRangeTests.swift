import ClipModel
import Foundation
import MediaKit
import TestSupport
import Testing

/// Tone mapping, with patches of known luminance.
@Suite struct HighDynamicRangeTests {
    /// cd/m² of the gray patches, from left to right.
    static let luminances: [Double] = [1, 10, 50, 203, 600, 1000]

    @Test(arguments: ["smpte2084", "arib-std-b67"])
    func `gray patches keep their order, stay gray, and paper white is bright but not white`(transfer: String)
        async throws
    {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "hdr.mp4")
            try await Self.make(transfer, columns: Self.luminances.map { [$0, $0, $0] }, file)
            let answer = try await examine(file, ThumbnailRequest(offsetMilliseconds: 0, quality: 95))
            #expect(answer.facts.video.hdr == (transfer == "smpte2084" ? "PQ" : "HLG"))
            let picture = try await Pixels(large: try #require(answer.thumbnails).large)
            let patches = Self.luminances.indices.map { picture.mean(x: 71 + 143 * $0, y: 212, radius: 20) }
            for patch in patches {
                #expect((patch.max() ?? 0) - (patch.min() ?? 0) <= 4, "a tint: \(patch)")
            }
            let levels = patches.map { $0[1] }
            #expect(zip(levels, levels.dropFirst()).allSatisfy { $0 < $1 }, "\(levels)")
            // What an sRGB screen with its white at 203 cd/m² would show of the dark ones, which are not bent.
            #expect((8...24).contains(levels[0]), "\(levels)")
            #expect((58...70).contains(levels[1]), "\(levels)")
            #expect((131...143).contains(levels[2]), "\(levels)")
            #expect((195...235).contains(levels[3]), "\(levels)")
            #expect(levels[5] >= 245, "\(levels)")
        }
    }

    @Test func `colours of a narrow gamut within a wide one keep their hue`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "wide.mp4")
            // BT.709's red, green, blue and white at 100 cd/m² in BT.2020's primaries: ITU-R BT.2087, table 2.
            let bars: [[Double]] = [
                [62.74, 6.91, 1.64], [32.93, 91.95, 8.8], [4.33, 1.14, 89.56], [100, 100, 100],
            ]
            try await Self.make("smpte2084", columns: bars, file)
            let answer = try await examine(file, ThumbnailRequest(offsetMilliseconds: 0))
            let picture = try await Pixels(large: try #require(answer.thumbnails).large)
            let bar = (0..<4).map { picture.mean(x: 107 + 214 * $0, y: 212, radius: 20) }
            for channel in 0..<3 {
                #expect(bar[channel][channel] > 150, "\(bar)")
                for other in 0..<3 where other != channel { #expect(bar[channel][other] < 30, "\(bar)") }
            }
            #expect((bar[3].max() ?? 0) - (bar[3].min() ?? 0) <= 4, "\(bar)")
        }
    }

    /// Columns of red, green, blue in cd/m².
    private static func make(_ transfer: String, columns: [[Double]], _ file: URL) async throws {
        let width = 1280 / columns.count
        let expressions = (0..<3).map { channel in
            columns.enumerated().reduce("0") { text, column in
                let level = Int((signal(column.element[channel], transfer) * 65_535).rounded())
                return
                    "if(between(X\\,\(column.offset * width)\\,\((column.offset + 1) * width - 1))\\,\(level)\\,\(text))"
            }
        }
        let tags = "tin=\(transfer):t=\(transfer):pin=2020:p=2020"
        try await ffmpeg([
            "-v", "error", "-f", "lavfi", "-i",
            """
            color=black:size=\(width * columns.count)x640:rate=5:duration=0.2,format=gbrp16le,\
            geq=r='\(expressions[0])':g='\(expressions[1])':b='\(expressions[2])',\
            zscale=min=gbr:rin=full:m=2020_ncl:r=limited:\(tags),format=yuv420p10le
            """,
            "-c:v", "libx265", "-x265-params",
            "log-level=none:pools=none:frame-threads=1:qp=4:colorprim=bt2020:transfer=\(transfer):colormatrix=bt2020nc",
            "-tag:v", "hvc1", file.path,
        ])
    }

    /// The signal of a gray patch, 0 to 1: ITU-R BT.2100, tables 4 and 5, for a screen of 1,000 cd/m² with HLG.
    private static func signal(_ luminance: Double, _ transfer: String) -> Double {
        if transfer == "smpte2084" {
            let y = pow(luminance / 10_000, 0.1593017578125)
            return pow((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y), 78.84375)
        }
        let scene = pow(luminance / 1000, 1 / 1.2)
        return scene <= 1.0 / 12 ? (3 * scene).squareRoot() : 0.17883277 * log(12 * scene - 0.28466892) + 0.55991073
    }
}
