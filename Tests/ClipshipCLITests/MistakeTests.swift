import Foundation
import TestSupport
import Testing

/// Point 6 of the main job: mistakes in files that people write.
@Suite(.fewAtOnce) struct MistakeTests {
    /// Runs a pipeline with mistakes and gives the lines about them.
    private func mistakes(
        in bench: Workbench, _ arguments: [String] = ["run", "pipeline.yaml"]
    ) async throws -> [String] {
        let before = try bench.files()
        let result = try await clipship(arguments, in: bench.folder)
        expect(result, exits: 2)
        #expect(result.outputText == "")
        #expect(try bench.files() == before, "nothing is written")
        let lines = result.errorLines.dropFirst()
        let count = lines.count == 1 ? "1 error" : "\(lines.count) errors"
        #expect(result.errorLines.first == "clipship: \(count), nothing was done:")
        return Array(lines)
    }

    @Test func `words from outside give the terminal no orders`() async throws {
        let result = try await clipship(["a\u{1B}[2J\u{9B}b\r\u{7F}c\nü"])
        expect(result, exits: 2)
        #expect(result.errorText.contains("\"a\u{FFFD}[2J\u{FFFD}b\u{FFFD}\u{FFFD}c\nü\""))
        // Nor what turns text around, or is not seen: "gpm.exe" is no "exe.mpg".
        let turned = try await clipship(["a\u{202E}gpm.exe\u{2066}\u{200B}\u{FEFF}\u{2028}👩\u{200D}🚀"])
        #expect(turned.errorText.contains("\"a\u{FFFD}gpm.exe\(String(repeating: "\u{FFFD}", count: 4))👩\u{200D}🚀\""))
    }

    @Test func `a token command that fails has failed although the caller ignores the end of children`() async throws {
        let line = "trap '' CHLD; exec \"$0\" clip list --service https://localhost:1 --token-command 'exit 3'"
        let result = try await run("/bin/sh", ["-c", line, Clipship.path])
        #expect(result.errorText.contains("ended with exit code 3"), "\(result.errorText)")
    }

    @Test func `four mistakes in a pipeline file are four errors with line and column`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let text = """
                name: four
                session: session.yaml
                clips: ["clips/*.mp4"]
                request:
                  visibility: Everybody
                  userCaption: "{clip.nam}"
                thumbnails: {source: Offset, ofset: 1000}
                blocks:
                  size: 3MB
                output: out
                """
            try Data(text.utf8).write(to: bench.pipeline)
            #expect(
                try await mistakes(in: bench) == [
                    "pipeline.yaml:5:15: \"visibility\": expected Default, Owner, Title or Public, found \"Everybody\"",
                    "pipeline.yaml:6:16: \"userCaption\": unknown placeholder {clip.nam}; did you mean {clip.name}?",
                    "pipeline.yaml:7:30: unknown key \"ofset\"; did you mean \"offset\"?",
                    "pipeline.yaml:9:9: \"size\": expected an amount from 1000 bytes to 2MB (2,000,000 bytes), found \"3MB\"",
                ])
        }
    }

    /// What is added to a pipeline, and what is said of it: the place, and words of the message.
    @Test(arguments: [
        ("submit: {waitFor: later}", "9:19", "expected published, uploaded or nothing, found \"later\""),
        ("submit: {clipsInFlight: 0}", "9:25", "expected a whole number from 1 to 64, found \"0\""),
        ("blocks: {write: maybe}", "9:17", "expected true or false, found \"maybe\""),
        ("blocks: 2MB", "9:9", "\"blocks\" must be a mapping (name: value), found \"2MB\""),
        ("output: elsewhere", "9:1", "\"output\" appears twice; first on line 8"),
        ("thumbs: {offset: 3}", "9:1", "unknown key \"thumbs\""),
        ("clips2: [a", "10:1", "not valid YAML: "),
        ("\tname: x", "9:1", "not valid YAML: "),
    ])
    func `a mistake in a pipeline file is shown with its place and what was expected`(
        line: String, place: String, message: String
    ) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(more: line)
            let lines = try await mistakes(in: bench)
            #expect(lines.count == 1)
            let first = try #require(lines.first)
            #expect(first.hasPrefix("pipeline.yaml:\(place): ") && first.contains(message), "\(first)")
        }
    }

    @Test(arguments: [
        ("{metadata: localhost, token: {env: T}}", "\"metadata\": expected a URL"),
        ("{metadata: \"https://localhost\"}", "\"token\" is missing; expected env: NAME, file: PATH or command: LINE"),
        (
            "{metadata: \"https://localhost\", token: {env: T, file: t}}",
            "expected exactly one of env, file and command"
        ),
        (
            "{metadata: \"https://localhost\", token: secret}",
            "\"token\" (env: NAME, file: PATH or command: LINE) must be"
        ),
        ("remote", "expected local, or a mapping with metadata: URL or local: {...}, found \"remote\""),
    ])
    func `a mistake about the service is shown with its place`(service: String, message: String) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(service: service)
            let lines = try await mistakes(in: bench)
            #expect(lines.count == 1)
            #expect(
                lines.first?.hasPrefix("pipeline.yaml:7:") == true && lines.first?.contains(message) == true, "\(lines)"
            )
        }
    }

    @Test func `a session that can't be read has no line to name`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            try FileManager.default.removeItem(at: bench.session)
            try FileManager.default.createDirectory(at: bench.session, withIntermediateDirectories: true)
            #expect(try await mistakes(in: bench) == ["session.yaml: can't read this file: Is a directory"])
        }
    }

    @Test func `mistakes in all sidecars are shown at once, each with its file`() async throws {
        try await Workbench.with([]) { bench in
            let clip = try Data(contentsOf: Places.samples.appending(path: "instant-replay.mp4"))
            for name in ["a", "b", "c"] { try bench.add("\(name).mp4", bytes: clip) }
            try bench.add("a.yaml", bytes: Data("userCaption: ok\ndateRecorded: yesterday\ntype: None\n".utf8))
            try bench.add("b.json", bytes: Data("{\"visibility\": \"Public\",\n \"thumbnailOffset\": 3}".utf8))
            try bench.add("c.yaml", bytes: Data("savedByUser: true".utf8))
            try bench.add("c.json", bytes: Data("{}".utf8))
            try bench.writePipeline()
            let lines = try await mistakes(in: bench)
            let expected = [
                ("clips/a.yaml:2:15: ", "\"dateRecorded\": expected an ISO 8601 time with a zone"),
                ("clips/a.yaml:3:7: ", "\"type\": expected MetadataOnly, DeveloperInitiated"),
                ("clips/b.json:2:2: ", "unknown key \"thumbnailOffset\"; did you mean \"thumbnailOffsetMillseconds\"?"),
                ("clips/c.json:1:1: ", "there is also c.yaml; keep one of them"),
            ]
            #expect(lines.count == expected.count, "\(lines)")
            for (line, (place, message)) in zip(lines, expected) {
                #expect(line.hasPrefix(place) && line.contains(message), "\(line)")
            }
        }
    }

    @Test func `a session that can't be used is shown with its own place`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            try Data("scid: 70\nplayers:\n  - gamertag: LanternFox\n".utf8).write(to: bench.session)
            let lines = try await mistakes(in: bench)
            #expect(lines.count == 2)
            #expect(lines.first?.hasPrefix("session.yaml:1:7: \"scid\": expected a GUID") == true, "\(lines)")
            #expect(lines.last?.hasPrefix("session.yaml:3:5: \"xuid\" is missing") == true, "\(lines)")
            try FileManager.default.removeItem(at: bench.session)
            let absent = try await mistakes(in: bench)
            #expect(absent.count == 1)
            #expect(absent.first?.hasPrefix("pipeline.yaml:2:10: ") == true, "\(absent)")
            #expect(absent.first?.contains("there is no file session.yaml") == true, "\(absent)")
        }
    }

    @Test func `patterns that no file matches, and an unknown clip, exit with 2`() async throws {
        try await Workbench.with([]) { bench in
            try bench.writePipeline()
            let none = try await bench.run()
            expect(none, exits: 2)
            #expect(none.errorText == "clipship: no file matches clips/*.mp4\n")
            try bench.change("clips/*.mp4", to: "elsewhere/*.mp4")
            #expect(
                try await bench.run().errorText
                    == "clipship: no file matches elsewhere/*.mp4\nmissing: elsewhere/*.mp4: there is no folder elsewhere\n"
            )
            try bench.change("elsewhere/*.mp4", to: "clips/*.mp4")
            try bench.add("instant-replay")
            let other = try await bench.run("--only", "instant-reply")
            expect(other, exits: 2)
            #expect(
                other.errorText == "clipship: there is no clip \"instant-reply\"; did you mean \"instant-replay\"?\n")
            #expect(!FileManager.default.fileExists(atPath: bench.output.path))
        }
    }

    @Test func `a manifest that is none is refused before anything is sent`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 0)
            let good = bench.output.manifest("instant-replay")
            let bad = bench.output.manifest("bad")
            let text = try String(contentsOf: good, encoding: .utf8)
            let changes = [
                (String(text.dropLast(20)), "is no manifest: not JSON"),
                (
                    text.replacing("clipship-manifest/1", with: "clipship-manifest/2"),
                    "is a \"clipship-manifest/2\", not a"
                ),
                (text.replacing("\"scid\"", with: "\"scidd\""), "scid\" is missing"),
                (
                    text.replacing(#/"size" : \d+/#, with: "\"size\" : 10000000000"),
                    "bytes; a thumbnail has at most 16777216"
                ),
                (text.replacing("\"fileSize\" : 300563", with: "\"fileSize\" : \"big\""), "fileSize"),
            ]
            for (changed, message) in changes {
                try Data(changed.utf8).write(to: bad)
                let result = try await clipship(["submit", good.path, bad.path])
                expect(result, exits: 2)
                #expect(
                    result.errorText.contains("bad.json") && result.errorText.contains(message), "\(result.errorText)")
                #expect(result.outputText == "")
            }
            // Larger than any manifest, and next to nothing on the disk.
            try await TestSupport.run("truncate", ["-s", "100G", bad.path]).expectSuccess()
            for command in ["submit", "verify"] {
                let result = try await clipship([command, bad.path])
                expect(result, exits: 2)
                #expect(result.errorText.contains("bad.json: File too large"), "\(result.errorText)")
            }
            #expect(!FileManager.default.fileExists(atPath: bench.output.localService.path))
        }
    }

    @Test(arguments: ["status", "report"])
    func `an output folder that can't be looked at is not taken for none`(command: String) async throws {
        let result = try await clipship([command, String(repeating: "x", count: 300)])
        expect(result, exits: 2)
        #expect(result.errorText.contains("File name too long"), "\(result.errorText)")
    }

    @Test(arguments: [
        ("printf nonsense > journal.db", "the journal out/journal.db is damaged"),
        ("truncate -s 8192 journal.db", "the journal out/journal.db is damaged"),
        ("sqlite3 journal.db 'PRAGMA user_version = 99'", "was written by a newer clipship (schema 99)"),
        ("sqlite3 journal.db 'PRAGMA application_id = 1'", "is another program's database"),
    ])
    func `a journal that can't be used is refused with a sentence and left as it is`(
        mishap: String, sentence: String
    ) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 0)
            try await TestSupport.run("sh", ["-c", mishap], in: bench.output.folder).expectSuccess()
            let journal = bench.output.folder.appending(path: "journal.db")
            let before = try Data(contentsOf: journal)
            let run = ["run", bench.pipeline.path]
            // A plan needs it, too: it knows what clips were called before.
            for command in [run + ["--no-submit"], run + ["--dry-run"], ["status", "out"]] {
                let result = try await clipship(command, in: bench.folder)
                expect(result, exits: 2)
                #expect(result.errorText.contains(sentence), "\(result.errorText)")
                #expect(try Data(contentsOf: journal) == before)
            }
        }
    }
}
