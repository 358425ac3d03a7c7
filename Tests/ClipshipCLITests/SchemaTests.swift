import Foundation
import TestSupport
import Testing

/// The schemas take what the program writes, which the other tests show, and nothing else.
@Suite(.fewAtOnce) struct SchemaTests {
    /// A document with one member changed, or removed where `value` is nil.
    private func change(_ document: Data, _ path: [String], to value: Any?) throws -> Data {
        func changed(_ node: Any, _ path: ArraySlice<String>) -> Any {
            guard let name = path.first else { return node }
            if var list = node as? [Any], let index = Int(name) {
                list[index] = path.count == 1 ? value ?? NSNull() : changed(list[index], path.dropFirst())
                return list
            }
            var object = node as? [String: Any] ?? [:]
            object[name] = path.count == 1 ? value : changed(object[name] ?? [:], path.dropFirst())
            return object
        }
        return try JSONSerialization.data(
            withJSONObject: changed(try JSONSerialization.jsonObject(with: document), path[...]))
    }

    @Test func `the schemas refuse documents with one mistake`() async throws {
        try await Workbench.with(["boss-fight"]) { bench in
            try bench.add("text.mp4", bytes: Data("no video".utf8))
            try bench.writePipeline()
            expect(try await bench.run(), exits: 1)
            let manifest = try Data(contentsOf: bench.output.manifest("boss-fight"))
            let batch = try bench.output.batchFile
            let probes = try await clipship(
                ["probe", "--format", "json", "boss-fight.mp4", "text.mp4"], in: bench.clips)
            let probe = try #require(probes.outputLines.first.map { Data($0.utf8) })
            let refusal = try #require(probes.outputLines.last.map { Data($0.utf8) })

            let manifestChanges: [(String, Any?)] = [
                ("format", "clipship-manifest/2"), ("clip", nil), ("scid", "70"), ("extra", 1), ("warnings", nil),
                ("file.path", "/absolute.mp4"), ("file.size", 0), ("file.sha256", "ABC"),
                ("request.fileSize", 4_294_967_296), ("request.dateRecorded", "yesterday"), ("request.type", "None"),
                ("request.visibility", "None"), ("request.userCaption", String(repeating: "x", count: 251)),
                ("request.thumbnailOffsetMillseconds", nil), ("request.thumbnailSource", "Upload"),
                ("request.durationInSeconds", 0), ("request.usersInSession", [1]),
                ("blocks.size", 2_000_001), ("blocks.sha256.1", "short"), ("blocks.sha256", [String]()),
                ("thumbnails.large.width", 855), ("thumbnails.small.height", 424), ("thumbnails.medium", [:]),
                ("thumbnails.large.extra", 1), ("media.video.hdr", "yes"), ("media.video.profile", nil),
                ("media.video.frameRate", "60"), ("media.audio.channels", "two"), ("media.dateRecordedFrom", "guess"),
            ]
            let batchChanges: [(String, Any?)] = [
                ("format", "clipship-batch/2"), ("clips", nil), ("totals.failed", nil), ("totals.lost", 0),
                ("clips.0.state", "done"), ("clips.0.gameClipId", nil), ("clips.0.manifest", nil),
                ("clips.0.reason", "although it is published"), ("clips.1.reason", nil), ("clips.1.extra", true),
            ]
            let probeChanges: [(String, Any?)] = [
                ("media", nil), ("error", ["kind": "empty", "message": "The file is empty."]),
                ("durationInSeconds", 0.5), ("expectedBlocks", 0), ("media.dateRecordedFrom", "file"),
            ]
            let refusalChanges: [(String, Any?)] = [
                ("error.kind", "other"), ("error.message", ""), ("fileSize", 3), ("file", nil),
            ]
            var questions = [
                SchemaQuestion(.manifest, manifest), SchemaQuestion(.batch, batch), SchemaQuestion(.probe, probe),
                SchemaQuestion(.probe, refusal),
                SchemaQuestion(.manifest, try change(manifest, ["request", "shareCount"], to: 3)),
            ]
            let wellFormed = questions.count
            var names: [String] = []
            for (schema, document, changes) in [
                (JSONSchema.manifest, manifest, manifestChanges), (.batch, batch, batchChanges),
                (.probe, probe, probeChanges), (.probe, refusal, refusalChanges),
            ] {
                for (path, value) in changes {
                    let changed = try change(document, path.split(separator: ".").map(String.init), to: value)
                    questions.append(SchemaQuestion(schema, changed))
                    names.append("\(schema) \(path)")
                }
            }
            let answers = try await mistakes(in: questions)
            #expect(answers.prefix(wellFormed).flatMap(\.self) == [])
            for (name, answer) in zip(names, answers.dropFirst(wellFormed)) { #expect(answer != [], "\(name)") }
        }
    }
}
