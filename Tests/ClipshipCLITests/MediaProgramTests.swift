import ClipModel
import Foundation
import TestSupport
import Testing

/// What looks at media is a program of its own, which need not be there for anything else.
@Suite(.fewAtOnce) struct MediaProgramTests {
    private static let clip = Places.samples.appending(path: "instant-replay.mp4").path

    /// clipship alone in `bin` of a folder.
    private func withCopy(_ body: (URL, _ clipship: String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            // As the kernel names it.
            let folder = folder.resolvingSymlinksInPath()
            let program = folder.appending(path: "bin/clipship")
            try await copy(Places.clipship, to: program)
            try await body(folder, program.path)
        }
    }

    /// By another process: while one of this is being started, what is open here for writing can't be.
    private func copy(_ program: String, to place: URL) async throws {
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try await run("cp", [program, place.path]).expectSuccess()
    }

    /// Why the sample can't be looked at, in one sentence; nil if it can.
    private func refusal(by program: String, _ environment: [String: String] = [:]) async throws -> String? {
        let result = try await run(program, ["probe", "--format", "json", Self.clip], environment: environment)
        let error = try JSONDecoder().decode(Line.self, from: result.output).error
        // As a run: what is missing says nothing of the clip.
        expect(result, exits: error == nil ? 0 : 75)
        return error?.message
    }

    private struct Line: Decodable {
        struct Refusal: Decodable { var message: String }
        var error: Refusal?
    }

    @Test func `only what looks at media loads FFmpeg`() async throws {
        let libraries = try await run("ldd", [Places.clipship])
        try libraries.expectSuccess()
        #expect(libraries.outputText.contains("libcurl"))
        for name in ["libavformat", "libavcodec", "libavutil", "libswscale"] {
            #expect(!libraries.outputText.contains(name))
        }
        #expect(try await run("ldd", [Places.clipshipMedia]).outputText.contains("libavformat"))
    }

    @Test func `it is found beside clipship and in libexec, and named where it is in neither`() async throws {
        try await withCopy { folder, clipship in
            let places = ["bin/clipship-media", "libexec/clipship/clipship-media"].map { folder.appending(path: $0) }
            let missing =
                "The media worker can't be started: there is no program \(places[0].path) and none \(places[1].path); "
                + "install clipship again."
            #expect(try await refusal(by: clipship) == missing)
            for place in places {
                try await copy(Places.clipshipMedia, to: place)
                #expect(try await refusal(by: clipship) == nil)
                try FileManager.default.removeItem(at: place)
            }
        }
    }

    @Test func `without it a run fails its clips for now, and the next one makes up for it`() async throws {
        try await withCopy { folder, clipship in
            let words = ["manifest", Self.clip, "--scid", UUID().uuidString, "--output", folder.path + "/out"]
            let result = try await run(clipship, words)
            expect(result, exits: 75)
            #expect(result.outputText.contains("there is no program \(folder.path)/bin/clipship-media and none "))
            for words in [["--version"], ["--help"], ["status", folder.path + "/out"]] {
                expect(try await run(clipship, words), exits: 0)
            }
            try await copy(Places.clipshipMedia, to: folder.appending(path: "bin/clipship-media"))
            expect(try await run(clipship, words), exits: 0)
        }
    }

    @Test func `a library of FFmpeg that can't be loaded is no concern of other commands`() async throws {
        let libraries = try await run("ldd", [Places.clipshipMedia]).outputText
        let name = try #require(libraries.firstMatch(of: /libavformat\.so\.[0-9]+/)?.output)
        try await withTemporaryFolder { folder in
            try Data("no library".utf8).write(to: folder.appending(path: String(name)))
            let environment = ["LD_LIBRARY_PATH": folder.path]
            #expect(
                try await refusal(by: Places.clipship, environment)
                    == "The media worker can't be started: \(Places.clipshipMedia) can't load its libraries; "
                    + "run it by itself to see which of FFmpeg's are missing.")
            let version = try await run(Places.clipship, ["--version"], environment: environment)
            #expect(version.outputText == "clipship \(Version.current)\n")
        }
    }
}
