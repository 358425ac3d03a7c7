import Foundation
import TestSupport
import Testing

/// Files that nobody has written to since they were hashed.
@Suite(.fewAtOnce, .enabled("\(FileTimes.showNothing)") { try await FileTimes.showWrites() }) struct StampTests {
    @Test func `what manifest has hashed is not hashed again by submit, unless somebody touched it`() async throws {
        try await Workbench.with(["boss-fight", "hallway-720p"]) { bench in
            // As fresh as a recording, so the program waits until it would notice another write.
            for clip in ["boss-fight", "hallway-720p"] {
                let file = bench.clips.appending(path: "\(clip).mp4")
                try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: file.path)
            }
            let prepared = try await clipship(
                ["manifest", bench.clips.path, "--session", bench.session.path, "--output", bench.output.folder.path],
                in: bench.folder)
            expect(prepared, exits: 0)
            let stamps = try await run(
                "sqlite3",
                [bench.output.folder.appending(path: "journal.db").path, "SELECT count(stamp) FROM prepared"])
            #expect(stamps.outputText == "2\n")

            // Only who computes digests sees that these are others.
            for clip in ["boss-fight", "hallway-720p"] { try spoilDigest(in: bench.output.manifest(clip)) }
            // Not a byte of it changes, but its time does.
            #expect(chmod(bench.clips.appending(path: "hallway-720p.mp4").path, 0o600) == 0)
            try await Service.with(bench.folder.appending(path: "data")) { service in
                let token = bench.folder.appending(path: "token")
                try service.writeToken(to: token)
                let manifests = ["boss-fight", "hallway-720p"].map { bench.output.manifest($0).path }
                let submitted = try await clipship(
                    ["submit"] + manifests + ["--service", service.address, "--token-file", token.path],
                    in: bench.folder)
                expect(submitted, exits: 1)
                let batch = try bench.output.batch
                #expect(batch["boss-fight"]?.state == "published")
                #expect(batch["hallway-720p"]?.reason?.hasPrefix("block 0 is not what its manifest says") == true)
                #expect(try await service.list().map(\.state) == ["Published"])
            }
        }
    }

    /// Changes a digit of the first block's digest.
    private func spoilDigest(in manifest: URL) throws {
        var text = try String(contentsOf: manifest, encoding: .utf8)
        let blocks = try #require(text.range(of: "\"blocks\""))
        let digest = try #require(
            text.range(of: "[0-9a-f]{64}", options: .regularExpression, range: blocks.upperBound..<text.endIndex))
        let digit = text[digest].first == "0" ? "1" : "0"
        text.replaceSubrange(digest.lowerBound..<text.index(after: digest.lowerBound), with: digit)
        try Data(text.utf8).write(to: manifest)
    }
}
