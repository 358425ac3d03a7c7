import Foundation
import TestSupport
import Testing

/// Files that nobody has written to since they were hashed.
@Suite(.fewAtOnce, .enabled("\(FileTimes.showNothing)") { try await FileTimes.showWrites() }) struct StampTests {
    /// Runs `body` with two clips that `manifest` has just hashed.
    private func withPreparedClips(_ body: (Workbench, Service, [String]) async throws -> Void) async throws {
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
            let journal = bench.output.folder.appending(path: "journal.db").path
            let stamps = try await run("sqlite3", [journal, "SELECT count(stamp) FROM prepared"])
            #expect(stamps.outputText == "2\n")
            try await Service.with(bench.folder.appending(path: "data")) { service in
                let token = bench.folder.appending(path: "token")
                try service.writeToken(to: token)
                let manifests = ["boss-fight", "hallway-720p"].map { bench.output.manifest($0).path }
                try await body(
                    bench, service,
                    ["submit"] + manifests + ["--service", service.address, "--token-file", token.path])
            }
        }
    }

    @Test(.enabled(if: Strace.isThere, "\(Strace.isAbsent)"))
    func `what manifest has hashed is read while it goes up, unless somebody touched it`() async throws {
        try await withPreparedClips { bench, service, submit in
            #expect(chmod(bench.clips.appending(path: "hallway-720p.mp4").path, 0o600) == 0)
            let trace = bench.folder.appending(path: "trace")
            let submitted = try await run(
                "strace", ["-ff", "-e", "trace=pread64", "-o", trace.path, Clipship.path] + submit,
                in: bench.folder)
            expect(submitted, exits: 0)
            #expect(Set(try await service.list().map(\.state)) == ["Published"])
            // A block that is hashed is read at once.
            // A file for each thread, so that no line is about half a call.
            let calls = try FileManager.default.contentsOfDirectory(at: bench.folder, includingPropertiesForKeys: nil)
                .filter { $0.lastPathComponent.hasPrefix("trace.") }
                .flatMap { try String(contentsOf: $0, encoding: .utf8).split(separator: "\n") }
            // Without the paths, which only a privileged strace learns of a program that hides its memory.
            func reads(_ count: Int) -> Bool { calls.contains { $0.contains(", \(count), ") } }
            let size = try Data(contentsOf: bench.clips.appending(path: "hallway-720p.mp4")).count
            #expect(reads(size), "hallway-720p is one block")
            #expect(!reads(2_000_000) && reads(65_536), "boss-fight has several")
        }
    }

    @Test func `a manifest whose digests are not those that were computed is refused`() async throws {
        try await withPreparedClips { bench, service, submit in
            try spoilDigest(in: bench.output.manifest("boss-fight"))
            expect(try await clipship(submit, in: bench.folder), exits: 1)
            let batch = try bench.output.batch
            #expect(batch["boss-fight"]?.reason?.hasPrefix("block 0 is not what its manifest says") == true)
            #expect(batch["hallway-720p"]?.state == "published")
            #expect(try await service.list().map(\.state) == ["Published"])
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
