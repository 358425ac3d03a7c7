import ClipModel
import Foundation
import TestSupport
import Testing

/// Bytes that turn over in any file of an output folder, and the same command after it: what is published is what the
/// pipeline says, once, and what is in the folder is what it was.
@Suite(.serialized, .timeLimit(.minutes(60))) struct OutputDamageTests {
    private static let rounds = Sweep.isLong ? 300 : 5

    @Test func `the same command mends what is damaged, before and after publication, and publishes each clip once`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let clips = folder.appending(path: "clips")
            try FileManager.default.createDirectory(at: clips, withIntermediateDirectories: true)
            for name in ["instant-replay.mp4", "lobby-vfr.mp4"] {
                try await run("cp", ["-p", Places.samples.appending(path: name).path, clips.path]).expectSuccess()
            }
            let text = """
                name: damage
                session: \(Places.samples.appending(path: "session.yaml").path)
                clips: ["clips/*.mp4"]
                request: {userCaption: "{clip.name}"}
                thumbnails: {source: Upload, offset: 500}
                service: local
                output: out
                """
            try Data(text.utf8).write(to: folder.appending(path: "pipeline.yaml"))
            let command = ["run", "pipeline.yaml"]
            try await run(Places.clipship, command + ["--no-submit"], in: folder).expectSuccess()
            let output = folder.appending(path: "out")
            let made = try Self.files(of: output)
            #expect(made.count == 6)
            try await damage(output, made, seed: Sweep.seed) { name in
                // Each time before it is published.
                let result = try await run(Places.clipship, command + ["--no-submit"], in: folder)
                #expect(result.status == 0, "\(name)\n\(result.errorText)")
            }
            try await run(Places.clipship, command, in: folder).expectSuccess()
            let published = try await Self.published(in: output)
            #expect(published.count == 2)
            try await damage(output, made, seed: Sweep.seed + 1) { name in
                let result = try await run(Places.clipship, command, in: folder)
                #expect(result.status == 0, "\(name)\n\(result.errorText)")
                #expect(try await Self.published(in: output) == published, "\(name)")
            }
            for (name, bytes) in made where name.hasPrefix("manifests/") {
                let manifest = try JSONDecoder().decode(Asked.self, from: bytes)
                let found = try #require(published.first { $0.caption == manifest.request.userCaption })
                #expect(found.visibility == manifest.request.visibility)
            }
        }
    }

    private struct Asked: Decodable {
        struct Request: Decodable {
            var userCaption: String
            var visibility: String
        }
        var request: Request
    }

    private struct Published: Equatable {
        var id: String
        var caption: String
        var visibility: String
    }

    /// What the local service has, of whatever state.
    private static func published(in output: URL) async throws -> [Published] {
        let rows = try await run(
            "sqlite3",
            [
                "-separator", "|", output.appending(path: "local-service/service.db").path,
                "SELECT id, json_extract(request, '$.userCaption'), json_extract(request, '$.visibility') FROM clips ORDER BY id",
            ])
        return rows.outputText.split(separator: "\n").map { line in
            let parts = line.split(separator: "|").map(String.init)
            return Published(id: parts[0], caption: parts[1], visibility: parts[2])
        }
    }

    /// Manifests and thumbnails by their names, which are the same bytes in each run.
    private static func files(of output: URL) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for folder in ["manifests", "thumbnails"] {
            for name in try FileManager.default.contentsOfDirectory(atPath: output.appending(path: folder).path) {
                files["\(folder)/\(name)"] = try Data(contentsOf: output.appending(path: "\(folder)/\(name)"))
            }
        }
        return files
    }

    /// Damages one file after the other, and expects all of them to be as they were after `body`.
    private func damage(
        _ output: URL, _ made: [String: Data], seed: UInt64, _ body: (String) async throws -> Void
    ) async throws {
        var numbers = SeededNumbers(seed: seed)
        let names = made.keys.sorted() + ["batch.json", "report.html", "timings.json", "unchanged.seal"]
        for _ in 0..<Self.rounds {
            var mutator = FileMutator(seed: numbers.next())
            let name = names.randomElement(using: &numbers) ?? "batch.json"
            let file = output.appending(path: name)
            // A seal is there only after a run that left nothing to do.
            guard let whole = try? Data(contentsOf: file) else { continue }
            try mutator.mutate(whole).write(to: file)
            try await body(name)
            #expect(try Self.files(of: output) == made, "\(name)")
        }
    }
}
