import ClipModel
import Foundation
import TestSupport
import Testing

/// What every command has in common.
@Suite(.fewAtOnce) struct CommandLineTests {
    static let commands = [
        "run", "watch", "check", "probe", "thumbnail", "sheet", "manifest", "verify", "submit", "status",
        "clip get", "clip list", "clip update",
        "clip delete", "clip download", "stats", "compute allocate", "compute status", "serve",
    ]

    @Test(arguments: commands)
    func `--help of a command ends with an example that it would take`(command: String) async throws {
        let words = command.split(separator: " ").map(String.init)
        let help = try await clipship(words + ["--help"])
        expect(help, exits: 0)
        #expect(help.errorText == "")
        #expect(help.outputText.contains("usage: clipship \(command) "))
        // As a shell reads it.
        let text = try #require(help.outputText.components(separatedBy: "example:\n").last)
        let example = text.replacing("\n", with: "").replacing(" \\    ", with: " ")
        #expect(example.hasPrefix("  clipship \(command) "))
        #expect(try await clipship(words + ["-h"]).outputText == help.outputText)
        #expect(try await clipship(["help"] + words).outputText == help.outputText)
        // Every flag of the example is one that the help lists.
        for word in example.split(separator: " ") where word.hasPrefix("-") {
            #expect(help.outputLines.contains { $0.hasPrefix("  \(word)") }, "\(word)")
        }
    }

    @Test func `--help lists every command and every exit code`() async throws {
        let help = try await clipship(["--help"])
        expect(help, exits: 0)
        for word in Self.commands {
            #expect(help.outputLines.contains { $0.hasPrefix("  \(word) ") }, "\(word)")
        }
        for code in [0, 1, 2, 75, 77, 129, 130, 143] {
            #expect(help.outputLines.contains { $0.hasPrefix("  \(code) ") }, "\(code)")
        }
    }

    @Test func `--version prints one line`() async throws {
        let version = try await clipship(["--version"])
        expect(version, exits: 0)
        #expect(version.outputText.wholeMatch(of: /clipship [0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
    }

    @Test(
        arguments: [
            ([], "a command is missing"),
            (["rnu"], "there is no command \"rnu\"; did you mean run?"),
            (["--verison"], "--verison"),
            (["help", "rnu"], "there is no command \"rnu\"; did you mean run?"),
            (["run"], "run needs PIPELINE"),
            (["run", ""], "run needs PIPELINE, and one of them is empty"),
            (["run", "absent.yaml"], "can't open absent.yaml: No such file or directory"),
            (["run", "pipeline.yaml", "--output", ""], "--output needs a value that is not empty: --output DIR"),
            (["run", "a.yaml", "b.yaml"], "run does not take \"b.yaml\""),
            (["run", "a.yaml", "--dryrun"], "unknown option --dryrun; did you mean --dry-run?"),
            (["run", "a.yaml", "--jobs"], "--jobs needs a value: --jobs N"),
            (
                ["run", "pipeline.yaml", "--jobs", "none"],
                "--jobs: expected a whole number from 1 to 256, found \"none\""
            ),
            (["run", "a.yaml", "--jobs=2", "--jobs=3"], "--jobs is there twice"),
            (["run", "a.yaml", "--dry-run=yes"], "--dry-run takes no value"),
            (["run", "a.yaml", "--quiet", "--verbose"], "--quiet and --verbose exclude each other"),
            (["run", "a.yaml", "--log-format", "xml"], "--log-format: expected text or json, found \"xml\""),
            (["probe"], "probe needs FILE..."),
            (["probe", "a.mp4", "--format", "xml"], "--format: expected table or json, found \"xml\""),
            (["thumbnail", "a.mp4"], "give --large OUT, --small OUT or --explain OUT"),
            (
                ["thumbnail", "a.mp4", "--small", "s.jpg", "--quality", "101"],
                "expected a whole number from 1 to 100, found \"101\""
            ),
            (
                ["thumbnail", "a.mp4", "--small", "s.jpg", "--fit", "fill"],
                "--fit: expected cover or contain, found \"fill\""
            ),
            (["manifest", "."], "give either --scid or --session"),
            (["manifest", ".", "--scid", "70"], "70"),
            (["manifest", "absent.mp4", "--session", "session.yaml"], "absent.mp4"),
            (["verify"], "verify needs MANIFEST..."),
            (["verify", "pipeline.yaml"], "pipeline.yaml is no manifest: not JSON"),
            (["verify", "pipeline.yaml"], "; expected one that clipship wrote, such as out/NAME/manifests/CLIP.json"),
            (["verify", "absent.json"], "can't open absent.json: No such file or directory"),
            (["submit", "a.json", "--service", "https://localhost"], "--token-env, --token-file and --token-command"),
            (["submit", "a.json", "--service", "localhost"], "--service: expected a URL such as https://host.example"),
            (["submit", "absent.json"], "absent.json: No such file or directory"),
            (["clip"], "clip needs one of get, list, update, delete, download"),
            (["clip", "lsit"], "there is no command \"clip lsit\"; did you mean clip list?"),
            (["clip", "get", "id"], "clip get needs --scid SCID"),
            (["clip", "list"], "give --service URL, or --output DIR"),
            (["clip", "list", "--output", "clips"], "clips has no local service"),
            (["clip", "list", "--owner", "you"], "--owner: expected me or xuid(N), found \"you\""),
            (["clip", "update", "id", "--scid", Workbench.scid], "nothing to change"),
            (
                [
                    "clip", "update", "id", "--scid", Workbench.scid, "--title-data",
                    String(repeating: "x", count: 10_241),
                ], "--title-data has 10241 bytes; at most 10240 are taken"
            ),
            (
                ["clip", "delete", "id", "--scid", Workbench.scid, "--output", "out"],
                "there is no terminal to ask on: give --yes"
            ),
            (["clip", "download", "id"], "clip download needs ID FILE"),
            (
                ["clip", "download", "id", "clips", "--scid", Workbench.scid],
                "clips is a folder: give the name of a file"
            ),
            (["stats", "--user", "me"], "--user: expected an Xbox user id (decimal digits), found \"me\""),
            (["stats", "--user", "1"], "stats needs --user XUID, --scid SCID and --stat NAME, each at least once"),
            (["compute"], "compute needs one of allocate, status"),
            (["compute", "allocate", "--title-id", "7"], "compute allocate needs --title-id N and --session-id ID"),
            (["compute", "status", "--session-id", "raid"], "--session-id: expected /serviceconfigs/"),
            (["status"], "status needs OUTPUT"),
            (["status", "clips"], "there is no journal.db in it"),
            (["serve", "--port", "65536"], "--port: expected a whole number from 0 to 65535, found \"65536\""),
            (["serve", "--quota", "much"], "--quota: expected an amount such as 500MB, found \"much\""),
        ] as [([String], String)])
    func `a wrong command line exits with 2, says what is wrong, and writes nothing`(
        words: [String], message: String
    ) async throws {
        try await Workbench.with([]) { bench in
            try bench.writePipeline()
            let before = try bench.files()
            let result = try await clipship(words, in: bench.folder)
            expect(result, exits: 2)
            #expect(result.outputText == "")
            let first = try #require(result.errorLines.first)
            #expect(first.hasPrefix("clipship: ") && first.contains(message), "\(first)")
            #expect(try bench.files() == before)
        }
    }

    @Test func `an error is one JSON object with --log-format json`() async throws {
        let result = try await clipship(["status", "/nonexistent", "--log-format", "json"])
        expect(result, exits: 2)
        let event = try JSONDecoder().decode([String: String].self, from: Data(result.errorText.utf8))
        #expect(event["event"] == "error" && event["message"]?.contains("/nonexistent") == true)
    }

    @Test(arguments: [["--log-format", "json"], ["--log-format=json"]])
    func `so is one about the command line`(format: [String]) async throws {
        let result = try await clipship(["status", "--bogus"] + format)
        expect(result, exits: 2)
        let event = try JSONDecoder().decode([String: String].self, from: Data(result.errorText.utf8))
        #expect(event["event"] == "error" && event["message"]?.contains("unknown option --bogus") == true)
    }

    @Test(arguments: [
        ("upload", "submit"), ("publish", "run"), ("ls", "clip list"), ("version", "--version"), ("-V", "--version"),
        ("validate", "verify"), ("rnu", "run"),
    ])
    func `the names that other programs have for a command are hints`(name: String, command: String) async throws {
        let result = try await clipship([name])
        expect(result, exits: 2)
        #expect(
            result.errorLines.first == "clipship: there is no command \"\(name)\"; did you mean \(command)?",
            "\(result.errorText)")
    }

    @Test func `each mistake in a file is an object of the log, with its place`() async throws {
        try await Workbench.with([]) { bench in
            try bench.writePipeline(more: "reprot: true\nsubmit: {waitFor: tomorrow}")
            let result = try await bench.run("--log-format", "json")
            expect(result, exits: 2)
            let lines = result.errorLines.map { Data($0.utf8) }
            #expect(try await mistakes(in: lines.map { SchemaQuestion(.log, $0) }) == [[], []])
            let events = try lines.map { try JSONDecoder().decode([String: JSONValue].self, from: $0) }
            let text = try String(contentsOf: bench.pipeline, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            let places = ["reprot", "tomorrow"].map { word in text.firstIndex { $0.contains(word) }.map { $0 + 1 } }
            #expect(events.map { $0["line"]?.int64.map(Int.init) } == places)
            #expect(events.allSatisfy { $0["file"]?.text?.hasSuffix("pipeline.yaml") == true })
        }
    }

    @Test func `in a folder that is gone nothing is looked for`() async throws {
        try await withTemporaryFolder { folder in
            let script = "mkdir gone && cd gone && rmdir ../gone && exec \"$0\" manifest . --scid \(Workbench.scid)"
            let result = try await run("sh", ["-c", script, Clipship.path], in: folder)
            expect(result, exits: 2)
            #expect(
                result.errorText == "clipship: the current folder is gone or can't be read: change to another one\n")
        }
    }
}
