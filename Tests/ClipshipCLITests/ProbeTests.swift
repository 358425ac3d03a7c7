import Foundation
import TestSupport
import Testing

/// Point 10 of the main job.
@Suite(.fewAtOnce) struct ProbeTests {
    private struct Line: Decodable {
        struct Refusal: Decodable {
            var kind: String
            var message: String
        }
        var file: String
        var fileSize: Int?
        var error: Refusal?
    }

    private func lines(_ result: ProgramResult) throws -> [Line] {
        try result.outputLines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }

    @Test(.enabled(if: Places.sharedMedia != nil, Comment(rawValue: Places.sharedMediaIsAbsent)))
    func `every real recording is answered or refused with a reason, in both formats`() async throws {
        let folder = try #require(Places.sharedMedia)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".mp4") }.sorted()
        #expect(!files.isEmpty)
        let json = try await clipship(["probe", "--format", "json"] + files, in: folder)
        expect(json, exits: 1)
        let lines = try lines(json)
        #expect(lines.map(\.file) == files)
        for line in lines { #expect((line.fileSize ?? 0 > 0) != (line.error?.message.hasSuffix(".") == true)) }
        let refused = Set(lines.filter { $0.error != nil }.map(\.file))
        #expect(refused.isSuperset(of: ["encrypted_clearkey.mp4", "short-cenc.mp4", "sample_audio_only.mp4"]))
        #expect(refused.isDisjoint(with: ["street-cars.mp4", "cockatoo-720p.mp4", "hdr10-av1.mp4"]))
        let questions = json.outputLines.map { SchemaQuestion(.probe, Data($0.utf8)) }
        #expect(try await mistakes(in: questions).flatMap(\.self) == [])

        let table = try await clipship(["probe"] + files, in: folder)
        expect(table, exits: 1)
        #expect(table.outputLines.count == files.count + 1)
        for line in lines where line.error != nil { #expect(table.outputText.contains(line.error?.message ?? "?")) }
    }

    @Test func `samples, text, nothing and a folder are answered in the order they were named`() async throws {
        let files = ["sunset-hdr10.mp4", "session.yaml", "lobby-vfr.mp4", "absent.mp4", ".", "phone-portrait.mp4"]
        let json = try await clipship(["probe", "--format", "json"] + files, in: Places.samples)
        expect(json, exits: 1)
        let lines = try lines(json)
        #expect(lines.map(\.file) == files)
        #expect(lines.map { $0.error?.kind } == [nil, "notMP4", nil, "unreadable", "unreadable", nil])
        let questions = json.outputLines.map { SchemaQuestion(.probe, Data($0.utf8)) }
        #expect(try await mistakes(in: questions).flatMap(\.self) == [])
        let good = try await clipship(["probe", "sunset-hdr10.mp4"], in: Places.samples)
        expect(good, exits: 0)
        #expect(
            good.table["sunset-hdr10.mp4"]
                == ["sunset-hdr10.mp4", "5.00 s", "1.1 MB", "1", "hevc 1920x1080 at 30/s, PQ", "aac 2 ch, 48000 Hz"])
    }
}
