import Foundation
import TestSupport
import Testing

/// When a clip that was refused is looked at again.
@Suite(.fewAtOnce) struct RefusedClipTests {
    /// Runs `body` with a good clip, and one that was refused by a run that nothing was left to do after.
    private func withRefusedClip(
        _ program: String = Clipship.path, _ environment: [String: String] = [:],
        _ body: (Workbench, Command) async throws -> Void
    ) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.add("text.mp4", bytes: Data("no video".utf8))
            try bench.writePipeline(more: "submit: {waitFor: nothing}")
            let command = Command(bench: bench, program: program, environment: environment)
            for round in 1...3 {
                let result = try await command()
                expect(result, exits: 1)
                #expect(result.isUnchanged == (round > 1))
            }
            try await body(bench, command)
        }
    }

    /// A run of the pipeline.
    private struct Command {
        let bench: Workbench
        let program: String
        let environment: [String: String]

        func callAsFunction(_ more: String...) async throws -> ProgramResult {
            try await run(program, ["run", bench.pipeline.path] + more, in: bench.folder, environment: environment)
        }
    }

    @Test func `--retry-failed looks at what was refused, and at nothing else`() async throws {
        try await withRefusedClip { bench, command in
            for more in ["--jobs=1", "--only=text"] {
                let result = try await command("--retry-failed", "--verbose", more)
                expect(result, exits: 1)
                #expect(result.errorText.contains("text: measuring"))
                #expect(!result.errorText.contains("instant-replay: measuring"))
            }
            #expect(try await !command("--retry-failed").isUnchanged)
            #expect(try await command().isUnchanged, "it is a wish of one run")
            #expect(try bench.output.batch.states == ["instant-replay": "ready", "text": "failed"])
        }
    }

    @Test func `manifest has --retry-failed, too`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.add("text.mp4", bytes: Data("no video".utf8))
            let words = ["manifest", bench.clips.path, "--session", bench.session.path, "--output", "out", "-v"]
            expect(try await clipship(words, in: bench.folder), exits: 1)
            let again = try await clipship(words, in: bench.folder)
            #expect(!again.errorText.contains("measuring"))
            let retried = try await clipship(words + ["--retry-failed"], in: bench.folder)
            expect(retried, exits: 1)
            #expect(retried.errorText.contains("text: measuring"))
            #expect(!retried.errorText.contains("instant-replay: measuring"))
        }
    }

    @Test func `another media program looks at what the one before refused`() async throws {
        try await withTemporaryFolder { folder in
            let (program, media) = (
                folder.appending(path: "clipship").path, folder.appending(path: "clipship-media").path
            )
            try await run("cp", [Clipship.path, program]).expectSuccess()
            try await run("cp", [Places.clipshipMedia, media]).expectSuccess()
            try await withRefusedClip(program) { _, command in
                try await expectAnotherLook(by: command) { try await change(media, day: $0) }
            }
        }
    }

    @Test func `another library looks at what the one before refused`() async throws {
        let libraries = try await run("ldd", [Places.clipshipMedia]).outputText
        let library = try #require(libraries.firstMatch(of: /(libavformat\.so\.[0-9]+) => (\S+)/)?.output)
        try await withTemporaryFolder { folder in
            let copy = folder.appending(path: String(library.1)).path
            try await run("cp", ["-L", String(library.2), copy]).expectSuccess()
            try await withRefusedClip(Clipship.path, ["LD_LIBRARY_PATH": folder.path]) { _, command in
                try await expectAnotherLook(by: command) { try await change(copy, day: $0) }
            }
        }
    }

    private func change(_ file: String, day: Int) async throws {
        try await run("touch", ["-d", "2026-01-0\(day)T00:00:00Z", file]).expectSuccess()
    }

    private func expectAnotherLook(
        by command: Command, after change: (_ day: Int) async throws -> Void
    ) async throws {
        try await change(1)
        let result = try await command("--verbose")
        expect(result, exits: 1)
        #expect(result.errorText.contains("text: measuring"))
        #expect(!result.errorText.contains("instant-replay: measuring"))
        for _ in 1...2 { #expect(try await command().isUnchanged) }
        // The shortcut notices it, too.
        try await change(2)
        #expect(try await !command().isUnchanged)
        #expect(try await command().isUnchanged)
    }

    @Test func `a block size that only looks the same in a table is another one`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            for (size, bytes) in [("2MB", 2_000_000), ("1.96MB", 1_960_000), ("1.961MB", 1_961_000)] {
                try bench.writePipeline(more: "blocks: {size: \(size)}\nsubmit: {waitFor: nothing}")
                let first = try await bench.run()
                expect(first, exits: 0)
                #expect(!first.isUnchanged)
                let manifest =
                    try JSONSerialization.jsonObject(
                        with: Data(contentsOf: bench.output.manifest("instant-replay"))) as? [String: Any]
                #expect((manifest?["blocks"] as? [String: Any])?["size"] as? Int == bytes)
                for _ in 1...2 { #expect(try await bench.run().isUnchanged) }
            }
        }
    }
}

extension ProgramResult {
    fileprivate var isUnchanged: Bool { errorText.contains("nothing has changed, so nothing was done") }
}
