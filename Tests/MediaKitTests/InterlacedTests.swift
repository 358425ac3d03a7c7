import ClipModel
import Foundation
import TestSupport
import Testing

/// Two fields in a frame, each taken at its own time.
@Suite struct InterlacedTests {
    struct Kind: Sendable, CustomStringConvertible {
        var description: String
        var isTopFirst = true
        var arguments: [String]
    }

    static let all: [Kind] = [
        Kind(description: "H.264, top first", arguments: x264("tff=1")),
        Kind(description: "H.264, bottom first", isTopFirst: false, arguments: x264("bff=1")),
        Kind(
            description: "H.264, fragmented",
            arguments: x264("tff=1") + ["-movflags", "empty_moov+default_base_moof+frag_keyframe"]),
        Kind(description: "H.264, no edit list", arguments: x264("tff=1:bframes=0") + ["-use_editlist", "0"]),
        Kind(description: "MPEG-4", arguments: ["-c:v", "mpeg4", "-q:v", "2", "-flags", "+ildct+ilme"]),
        Kind(
            description: "MPEG-2", arguments: ["-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ildct+ilme"]),
    ]

    private static func x264(_ parameters: String) -> [String] {
        [
            "-c:v", "libx264", "-preset", "veryfast", "-qp", "10", "-threads", "1", "-x264-params", parameters,
        ]
    }

    @Test(arguments: all, [0, 500, 5000] as [Int64])
    func `what moves has no comb`(kind: Kind, offset: Int64) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "fields.mp4")
            try await Self.make(kind, file)
            let answer = try await examine(file, ThumbnailRequest(offsetMilliseconds: offset))
            let order = answer.facts.video.fieldOrder
            #expect(order == (kind.isTopFirst ? .top : .bottom))
            let comb = Self.comb(try await Pixels(large: try #require(answer.thumbnails).large))
            #expect(comb < 4, "\(comb)")
            #expect(answer.warnings == [])
        }
    }

    /// The measure itself: the same fields, not marked as such, are woven.
    @Test func `fields that are woven have a comb`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "fields.mp4")
            try await Self.make(Kind(description: "", arguments: Self.x264("ref=1")), file)
            let answer = try await examine(file, ThumbnailRequest(offsetMilliseconds: 500))
            #expect(answer.facts.video.fieldOrder == nil)
            #expect(Self.comb(try await Pixels(large: try #require(answer.thumbnails).large)) > 8)
        }
    }

    private static let isOld = Task {
        let version = try await ffmpeg(["-version"]).outputText.split(separator: " ").dropFirst(2).first ?? ""
        return Int(version.prefix { $0.isNumber }).map { $0 < 8 } ?? false
    }

    /// A bar that moves by eight pixels from field to field, in lines that the thumbnail has one for one.
    private static func make(_ kind: Kind, _ file: URL) async throws {
        let mode = kind.isTopFirst ? "interleave_top" : "interleave_bottom"
        // Older ffmpegs do not tell the encoder what the filter has set; newer ones do, and have lost the option.
        let order = try await isOld.value ? ["-top", kind.isTopFirst ? "1" : "0"] : []
        try await ffmpeg(
            [
                "-v", "error", "-f", "lavfi", "-i",
                "color=black:size=848x2:rate=50:duration=1.2,format=gray,geq=lum='16+200*lt(mod(X-8*N+8480\\,212)\\,80)',"
                    + "scale=848:424:flags=neighbor,setsar=1,tinterlace=\(mode),setfield=\(kind.isTopFirst ? "tff" : "bff"),format=yuv420p",
            ] + kind.arguments + order + [file.path])
    }

    /// How much lines differ from those around them, on average.
    private static func comb(_ picture: Pixels) -> Double {
        let green = { (x: Int, y: Int) in Int(picture.bytes[(y * picture.width + x) * 3 + 1]) }
        var sum = 0
        for y in 40..<(picture.height - 40) {
            for x in 20..<(picture.width - 20) {
                sum += abs(2 * green(x, y) - green(x, y - 1) - green(x, y + 1)) / 2
            }
        }
        return Double(sum) / Double((picture.height - 80) * (picture.width - 40))
    }
}
