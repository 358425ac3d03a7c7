import Foundation
import TestSupport
import Testing

/// What clipship does with libraries that are other than usual.
@Suite(.fewAtOnce, .timeLimit(.minutes(5)), .enabled(if: Sanitizer.isOff, "a sanitizer wants to be loaded first"))
struct LibraryTests {
    private static let samples = [
        "boss-fight", "hallway-720p", "sunset-hdr10", "instant-replay", "lobby-vfr", "phone-portrait",
    ]

    /// Runs the whole way up to the manifests, with the workers as `program` starts them.
    private func prepare(
        _ bench: Workbench, with program: String = Clipship.path, thumbnails: String? = nil
    ) async throws -> ProgramResult {
        try bench.writePipeline()
        if let thumbnails { try bench.change(Workbench.firstFrame, to: thumbnails) }
        return try await run(program, ["run", bench.pipeline.path, "--no-submit"], in: bench.folder)
    }

    /// A copy of clipship the workers of which have a library of `Tests/Programs` between themselves and the system.
    private func program(
        in bench: Workbench, preloading library: String, linking libraries: [String] = [], environment: String = ""
    ) async throws -> String {
        let program = bench.folder.appending(path: "bin/clipship")
        let folder = program.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try await run("cp", [Places.clipship, program.path]).expectSuccess()
        let library = try await compileLibrary(library, in: bench.folder, linking: libraries)
        let media = folder.appending(path: "clipship-media")
        let script = "#!/bin/sh\nLD_PRELOAD='\(library)' \(environment) exec '\(Places.clipshipMedia)' \"$@\"\n"
        // By another process: while one of this is being started, what is open here for writing can't be.
        try await run("sh", ["-c", "cat > \"$0\" && chmod 755 \"$0\"", media.path], input: Data(script.utf8))
            .expectSuccess()
        return program.path
    }

    /// `docs/determinism.md` says so.
    @Test func `manifests are the same bytes on a processor without vector instructions`() async throws {
        let thumbnails = "{source: Offset, offset: auto, sheet: {columns: 3, rows: 2, sprite: true}}"
        try await Workbench.with(Self.samples) { bench in
            expect(try await prepare(bench, thumbnails: thumbnails), exits: 0)
            let usual = try bench.output.manifests()
            try FileManager.default.removeItem(at: bench.output.folder)
            let log = bench.folder.appending(path: "log")
            let program = try await program(
                in: bench, preloading: "no-vector-code", linking: ["-lavutil"],
                environment: "NO_VECTOR_CODE_LOG='\(log.path)'")
            expect(try await prepare(bench, with: program, thumbnails: thumbnails), exits: 0)
            #expect(try String(contentsOf: log, encoding: .utf8).contains("clipship-media 0\n"))
            let other = try bench.output.manifests()
            #expect(usual.count == Self.samples.count)
            for (clip, manifest) in usual { #expect(other[clip] == manifest, "\(clip)") }
        }
    }

    @Test func `a clip that needs libavfilter says so where that is missing, and the others are prepared`()
        async throws
    {
        try await Workbench.with(["sunset-hdr10", "instant-replay"]) { bench in
            let result = try await prepare(bench, with: try await program(in: bench, preloading: "no-filters"))
            expect(result, exits: 1)
            let batch = try bench.output.batch
            #expect(batch.states == ["sunset-hdr10": "failed", "instant-replay": "ready"])
            let reason = try #require(batch["sunset-hdr10"]?.reason)
            #expect(
                reason.contains(#/HDR and interlaced video need libavfilter\.so\.\d+, .*the package libavfilter\d+\)/#),
                "\(reason)")
            // The same command, once it is installed.
            expect(try await prepare(bench), exits: 0)
            #expect(try bench.output.batch.states["sunset-hdr10"] == "ready")
        }
    }

    @Test func `a read that fails in a way that may pass ends each command with 75 and names the file`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let program = try await program(in: bench, preloading: "fail-reads")
            for command in [["probe"], ["thumbnail", "--large", "large.jpg"], ["sheet"]] {
                let result = try await run(program, command + ["clips/instant-replay.mp4"], in: bench.folder)
                expect(result, exits: 75)
                let words = result.outputText + result.errorText
                #expect(
                    words.contains("instant-replay.mp4") && words.contains("Stale file handle"), "\(command): \(words)")
            }
        }
    }

    @Test func `a clip that can't be opened for now is not said to differ from its manifest`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            expect(try await prepare(bench), exits: 0)
            let library = try await compileLibrary("fail-call", in: bench.folder)
            let manifest = bench.output.folder.appending(path: "manifests/instant-replay.json").path
            let result = try await clipship(
                ["verify", manifest, "--clips", bench.clips.path], in: bench.folder,
                environment: [
                    "LD_PRELOAD": library, "FAIL_CALL": "1", "FAIL_KIND": "temporary", "FAIL_BELOW": bench.clips.path,
                ])
            expect(result, exits: 75)
            #expect(result.outputText.contains("could not be compared"), "\(result.outputText)")
            #expect(!result.outputText.contains("differs"))
        }
    }
}
