import Foundation
import TestSupport
import Testing

/// Manual pages and completions, by the programs that read them.
@Suite(.fewAtOnce) struct HelpFilesTests {
    private static func find(_ name: String) -> String? {
        ["/usr/bin/\(name)", "/bin/\(name)"].first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Every command with its flags, as its help has them.
    private func flags() async throws -> [String: Set<String>] {
        let help = try await clipship(["--help"]).outputText
        let names = help.matches(of: /(?m)^  ([a-z]+(?: [a-z]+)?)  +\S/).map { String($0.1) }
        #expect(names.count > 15)
        var flags: [String: Set<String>] = [:]
        for name in names {
            let text = try await clipship(name.split(separator: " ").map(String.init) + ["--help"]).outputText
            flags[name] = Set(text.matches(of: /(?m)^  (?:-\w, )?(--[a-z-]+)/).map { String($0.1) })
            #expect(flags[name]?.contains("--help") == true)
        }
        return flags
    }

    @Test func `each command has a page with each of its flags, and mandoc has nothing against them`() async throws {
        try await withTemporaryFolder { folder in
            expect(try await clipship(["manual", folder.path]), exits: 0)
            let flags = try await flags()
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(files.count == flags.count + 3)
            try expectMembers(of: "pipeline", in: folder)
            try expectMembers(of: "manifest", in: folder)
            for (name, flags) in flags {
                let file = folder.appending(path: "clipship-\(name.replacing(" ", with: "-")).1")
                let text = try String(contentsOf: file, encoding: .utf8).replacing("\\-", with: "-")
                for flag in flags { #expect(text.contains("\\fB\(flag)\\fR"), "\(name)") }
            }
            guard let mandoc = Self.find("mandoc") else { return }
            let result = try await run(
                mandoc, ["-Tlint", "-Wwarning"] + files.sorted().map { folder.appending(path: $0).path })
            #expect(result.status == 0 && result.outputText == "", "\(result.outputText)")
        }
    }

    /// The page of a format has each member that the schema has on its first two levels.
    private func expectMembers(of format: String, in folder: URL) throws {
        let schema = try JSONSerialization.jsonObject(
            with: Data(contentsOf: Places.root.appending(path: "schemas/\(format).schema.json")))
        let members = try #require((schema as? [String: Any])?["properties"] as? [String: [String: Any]])
        let page = try String(contentsOf: folder.appending(path: "clipship-\(format).5"), encoding: .utf8)
            .replacing("\\-", with: "-")
        for (name, value) in members {
            #expect(page.contains("\n.TP\n.B \(name)\n"), "\(name)")
            for inner in (value["properties"] as? [String: Any] ?? [:]).keys {
                #expect(page.contains("\n.TP\n.B \(name).\(inner)\n"), "\(name).\(inner)")
            }
        }
    }

    @Test func `completions for bash know each flag, the words of a flag, and files`() async throws {
        try await withTemporaryFolder { folder in
            let script = folder.appending(path: "clipship.bash")
            try await clipship(["completions", "bash"]).output.write(to: script)
            try Data().write(to: folder.appending(path: "evening.yaml"))
            func complete(_ words: [String]) async throws -> Set<String> {
                let program = """
                    . "$1"; shift; COMP_WORDS=(clipship "$@"); COMP_CWORD=$#; _clipship; printf '%s\\n' "${COMPREPLY[@]}"
                    """
                let result = try await run("/bin/bash", ["-c", program, "-", script.path] + words, in: folder)
                try result.expectSuccess()
                return Set(result.outputLines)
            }
            for (name, flags) in try await flags() {
                let words = name.split(separator: " ").map(String.init)
                let found = try await complete(words + ["--"])
                #expect(found.filter { $0.hasPrefix("--") } == flags, "\(name)")
            }
            #expect(try await complete(["run", "--report-pictures", ""]) == ["inline", "linked"])
            #expect(try await complete(["run", "eve"]) == ["evening.yaml"])
            #expect(try await complete(["run", "--output", "eve"]) == ["evening.yaml"])
            #expect(try await complete(["clip", "d"]) == ["delete", "download"])
            #expect(try await complete(["completions", ""]) == ["bash", "zsh", "fish"])
            #expect(try await complete(["pro"]) == ["probe"])
        }
    }

    /// A pipeline whose clips have names that a shell would take apart, and run, were they not made safe.
    private func withClips(_ body: (URL, Set<String>) async throws -> Void) async throws {
        try await Workbench.with([]) { bench in
            for name in ["boss fight", "boss'n$(touch ran)", "lobby"] {
                try bench.add("\(name).mp4", bytes: Data("no video".utf8))
            }
            try bench.writePipeline(more: "")
            try await body(bench.folder, ["boss_fight", "boss_n_(touch_ran)", "lobby"])
            #expect(!FileManager.default.fileExists(atPath: bench.folder.appending(path: "ran").path))
        }
    }

    @Test func `bash completes the clips of a pipeline, whatever is in their names`() async throws {
        try await withClips { folder, names in
            let script = folder.appending(path: "clipship.bash")
            try await clipship(["completions", "bash"]).output.write(to: script)
            let program = """
                . "$1"; COMP_WORDS=("$2" run pipeline.yaml --only "$3"); COMP_CWORD=4; _clipship
                printf '%s\\n' "${COMPREPLY[@]}"
                """
            for (word, expected) in [("", names), ("boss", names.subtracting(["lobby"])), ("x", [])] {
                let result = try await run(
                    "/bin/bash", ["-c", program, "-", script.path, Clipship.path, word], in: folder)
                #expect(Set(result.outputLines.filter { !$0.isEmpty }) == expected)
            }
        }
    }

    @Test(.enabled(if: find("fish") != nil, "there is no fish"))
    func `fish completes the clips of a pipeline, whatever is in their names`() async throws {
        try await withClips { folder, names in
            let script = folder.appending(path: "clipship.fish")
            try await clipship(["completions", "fish"]).output.write(to: script)
            let program = "source $argv[1]; set -p PATH $argv[2]; complete -C 'clipship run pipeline.yaml --only '"
            let result = try await run(
                Self.find("fish") ?? "",
                [
                    "--no-config", "-c", program, script.path,
                    URL(filePath: Clipship.path).deletingLastPathComponent().path,
                ], in: folder,
                environment: ["HOME": folder.path])
            let found = Set(result.outputLines.map { String($0.prefix { $0 != "\t" }) })
            #expect(found == names, "\(result.errorText)")
        }
    }

    /// By the function that adds what zsh is to offer: a terminal would be needed for more.
    @Test(.enabled(if: find("zsh") != nil, "there is no zsh"))
    func `zsh is offered the clips of a pipeline, whatever is in their names`() async throws {
        try await withClips { folder, names in
            let script = folder.appending(path: "_clipship")
            try await clipship(["completions", "zsh"]).output.write(to: script)
            let program = """
                compdef() { :; }; . $1; program=$2; words=(pipeline.yaml --only "")
                compadd() { [[ $1 == -a ]] && print -rl -- "${(@P)2}"; }; _clipship_clips
                """
            let result = try await run(
                Self.find("zsh") ?? "", ["-f", "-c", program, "-", script.path, Clipship.path], in: folder,
                environment: ["HOME": folder.path])
            #expect(Set(result.outputLines) == names, "\(result.errorText)")
        }
    }

    @Test func `the clips of a pipeline are listed for shells even where a sidecar has a mistake`() async throws {
        try await withClips { folder, names in
            try Data("nonsense: true\n".utf8).write(to: folder.appending(path: "clips/lobby.yaml"))
            let result = try await clipship(["completions", "clips", "pipeline.yaml"], in: folder)
            #expect(result.status == 0 && Set(result.outputLines) == names)
            expect(try await clipship(["completions", "clips"], in: folder), exits: 2)
        }
    }

    @Test(.enabled(if: find("fish") != nil, "there is no fish"))
    func `completions for fish know each flag, the words of a flag, and files`() async throws {
        try await withTemporaryFolder { folder in
            let script = folder.appending(path: "clipship.fish")
            try await clipship(["completions", "fish"]).output.write(to: script)
            try Data().write(to: folder.appending(path: "evening.yaml"))
            func complete(_ lines: [String]) async throws -> [Set<String>] {
                let program = "source $argv[1]; for line in $argv[2..]; complete -C $line; echo ---; end"
                let result = try await run(
                    Self.find("fish") ?? "", ["--no-config", "-c", program, script.path] + lines, in: folder,
                    environment: ["HOME": folder.path])
                try result.expectSuccess()
                return result.outputText.components(separatedBy: "---\n").dropLast().map { part in
                    Set(part.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) })
                }
            }
            let flags = try await flags().sorted { $0.key < $1.key }
            let found = try await complete(flags.map { "clipship \($0.key) --" })
            for ((name, flags), found) in zip(flags, found) { #expect(found == flags, "\(name)") }
            let others = try await complete([
                "clipship run --report-pictures ", "clipship run eve", "clipship clip d", "clipship completions ",
            ])
            #expect(
                others == [
                    ["inline", "linked"], ["evening.yaml"], ["delete", "download"], ["bash", "zsh", "fish"],
                ])
        }
    }

    @Test(.enabled(if: find("zsh") != nil, "there is no zsh"))
    func `completions for zsh are read by it, and have each flag`() async throws {
        try await withTemporaryFolder { folder in
            let script = folder.appending(path: "_clipship")
            let text = try await clipship(["completions", "zsh"])
            try text.output.write(to: script)
            let result = try await run(
                Self.find("zsh") ?? "",
                ["-f", "-c", "autoload -U compinit; compinit -u -D; . \(script.path); whence -w _clipship"],
                in: folder, environment: ["HOME": folder.path])
            #expect(result.outputText == "_clipship: function\n" && result.errorText == "", "\(result.errorText)")
            for (name, flags) in try await flags() {
                let start = try #require(text.outputText.range(of: "        '\(name)')\n")).upperBound
                let part = text.outputText[start...]
                let end = try #require(part.range(of: " ;;\n")).lowerBound
                for flag in flags { #expect(part[..<end].contains("\(flag)["), "\(name)") }
            }
        }
    }
}
