import Foundation
import GzipCoding
import TestSupport
import Testing

@testable import LocalService

/// Answers that are compressed on their way.
@Suite(.serialized, .timeLimit(.minutes(2))) struct CodingTests {
    private func withList(_ body: (Harness) async throws -> Void) async throws {
        try await Harness.run { harness in
            for _ in 0..<3 { _ = try await harness.begin(Samples.request(fileSize: 10)) }
            try await body(harness)
        }
    }

    private func list(_ harness: Harness, _ arguments: String...) async throws -> Answer {
        // The program undoes no coding by itself.
        try await curl(["--http1.1"] + harness.headers + arguments + [harness.clips])
    }

    @Test(arguments: [
        ("gzip", true), ("br, gzip;q=0.5", true), ("x-gzip", true), ("*", true), ("GZIP ; q=1", true), ("br", false),
        ("gzip;q=0", false), ("*;q=0, gzip;q=0.1", true), ("gzip;q=0, *", false), ("identity", false), ("", false),
    ])
    func `a text is compressed for who asks for it`(accepted: String, isCompressed: Bool) async throws {
        try await withList { harness in
            let header = accepted.isEmpty ? "Accept-Encoding;" : "Accept-Encoding: \(accepted)"
            let plain = try await list(harness)
            let answer = try await list(harness, "-H", header)
            #expect((answer.headers["content-encoding"] == "gzip") == isCompressed)
            #expect((answer.body.count < plain.body.count) == isCompressed)
            #expect(answer.headers["content-length"] == "\(answer.body.count)")
            #expect(answer.headers["vary"]?.contains("Accept-Encoding") == true)
            #expect(plain.headers["content-encoding"] == nil)
        }
    }

    @Test func `undone it is the same text, and its weak tag is as good as the other`() async throws {
        try await withList { harness in
            let plain = try await list(harness)
            let answer = try await list(harness, "--compressed", "-H", "Accept-Encoding: gzip")
            #expect(answer.body == plain.body)
            let tag = try #require(answer.headers["etag"])
            #expect(tag == "W/\(plain.headers["etag"] ?? "")")
            for header in ["If-None-Match: \(tag)", "ETag: \(tag)"] {
                expect(try await list(harness, "--compressed", "-H", header), is: 304)
            }
        }
    }

    @Test func `media and short answers stay as they are`() async throws {
        try await Harness.run { harness in
            let data = Samples.bytes(1_000)
            let clip = try await harness.upload(data, blockSize: 1_000)
            let published = try await harness.wait(for: "Published", of: clip.id)
            let asking = ["-H", "Accept-Encoding: gzip"]
            let video = try await harness.download(published, asking)
            #expect(video.body == data && video.headers["content-encoding"] == nil)
            let refusal = try await curl(asking + [harness.clips])
            expect(refusal, is: 401)
            #expect(refusal.headers["content-encoding"] == nil)
        }
    }

    @Test func `what zlib writes is what gzip reads`() async throws {
        for data in [Data(), Data(repeating: 7, count: 1_000_000), Samples.bytes(100_000)] {
            let packed = try #require(Gzip.compressed(data))
            let result = try await run("gzip", ["-dc"], input: packed)
            #expect(result.status == 0 && result.output == data)
        }
    }
}
