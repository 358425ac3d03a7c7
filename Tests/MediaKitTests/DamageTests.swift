import ClipModel
import Foundation
import MediaKit
import TestSupport
import Testing

/// Files with bytes changed at random, always the same ones: an answer or a reason, never a crash.
@Suite struct DamageTests {
    @Test(arguments: [
        ["-c:v", "libx264", "-g", "10", "-bf", "2", "-movflags", "+faststart"],
        ["-c:v", "libx264", "-g", "10", "-movflags", "+frag_keyframe+empty_moov"],
        ["-c:v", "libx265", "-x265-params", "log-level=none:pools=none:frame-threads=1:keyint=10", "-tag:v", "hvc1"],
        ["-c:v", "mpeg4", "-g", "10", "-bf", "2"],
    ])
    func `damage gives an answer or a reason`(arguments: [String]) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "clip.mp4")
            try await ffmpeg(
                ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=1", "-pix_fmt", "yuv420p"]
                    + arguments + [file.path])
            let whole = try Data(contentsOf: file)
            var random = Seeded(state: 0x5EED)
            for round in 0..<40 {
                try Self.damage(whole, round, &random).write(to: file)
                do {
                    let offset = Int64.random(in: 0...1200, using: &random)
                    let answer = try await examine(file, ThumbnailRequest(offsetMilliseconds: offset))
                    #expect(answer.facts.durationSeconds >= 0)
                    #expect((answer.thumbnails?.large.count ?? 0) > 0)
                } catch let error as MediaError {
                    #expect(error.kind != .deadlineExceeded)
                    #expect(error.message.hasSuffix("."))
                }
            }
        }
    }

    /// One to twenty bytes; in half of the rounds within the movie header, where they do most.
    private static func damage(_ whole: Data, _ round: Int, _ random: inout Seeded) -> Data {
        var bytes = [UInt8](whole)
        let header = whole.range(of: Data("moov".utf8)).map { $0.lowerBound..<min($0.lowerBound + 900, bytes.count) }
        let range = round % 2 == 0 ? header ?? bytes.indices : bytes.indices
        for _ in 0..<Int.random(in: 1...20, using: &random) {
            let position = Int.random(in: range, using: &random)
            bytes[position] =
                [0, 0xFF, 0x7F, 0x80, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0
        }
        if round % 8 == 7 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
        return Data(bytes)
    }
}

/// SplitMix64: the same numbers everywhere.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
