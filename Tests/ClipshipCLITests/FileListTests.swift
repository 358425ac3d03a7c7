import Foundation
import TestSupport
import Testing

/// Names of files from a list, bundled flags, help in 80 columns, versions.
@Suite(.fewAtOnce) struct FileListTests {
    @Test func `names of files come from a list, from standard input, and with zeros`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let odd = "line\nfeed.mp4"
            try bench.add(odd, bytes: Data(contentsOf: Places.samples.appending(path: "lobby-vfr.mp4")))
            func probe(_ arguments: [String], _ input: String) async throws -> ProgramResult {
                try await run(
                    Clipship.path, ["probe", "--format", "json"] + arguments, in: bench.folder, input: Data(input.utf8))
            }
            let lines = try await probe(["--files-from", "-"], "clips/instant-replay.mp4\n")
            expect(lines, exits: 0)
            #expect(lines.outputLines.count == 1)
            let zeros = try await probe(
                ["-q0", "--files-from", "-"], "clips/instant-replay.mp4\0clips/\(odd)\0")
            expect(zeros, exits: 0)
            #expect(zeros.outputLines.count == 2)
            try Data("clips/instant-replay.mp4\n".utf8).write(to: bench.folder.appending(path: "list"))
            let both = try await probe(["clips/\(odd)", "--files-from", "list"], "")
            #expect(both.outputLines.count == 2)

            let wrong = try await probe(["--files-from", "-"], "a\0b\n")
            expect(wrong, exits: 2)
            #expect(
                wrong.errorText.contains("--files-from: entry 1 of - has a zero in it: give -0 for a list with zeros"))
            let absent = try await probe(["--files-from", "nowhere"], "")
            expect(absent, exits: 2)
            #expect(absent.errorText.contains("--files-from: can't open nowhere: No such file or directory"))
            let none = try await probe(["--files-from", "-"], "\n\n")
            expect(none, exits: 2)
            #expect(none.errorText.contains("probe needs FILE..."))
        }
    }

    @Test func `short flags may stand together, and one that is none is named`() async throws {
        let help = try await clipship(["probe", "-qh"])
        expect(help, exits: 0)
        #expect(help.outputText.hasPrefix("Say what"))
        let both = try await clipship(["probe", "-qv", "x"])
        expect(both, exits: 2)
        #expect(both.errorText.contains("--quiet and --verbose exclude each other"))
        let unknown = try await clipship(["probe", "-qx", "x"])
        expect(unknown, exits: 2)
        #expect(unknown.errorText.contains("unknown option -qx"))
    }

    @Test func `no line of a help is longer than 80 characters`() async throws {
        let program = try await clipship(["--help"]).outputText
        let names = program.matches(of: /(?m)^  ([a-z]+(?: [a-z]+)?)  +\S/).map { String($0.1) }
        #expect(names.count > 20)
        for name in names {
            let help = try await clipship(name.split(separator: " ").map(String.init) + ["--help"]).outputText
            for line in (help + program).split(separator: "\n") {
                // A word that is too long can't be broken.
                let isOneWord = !line.replacing(" \\", with: "").drop { $0 == " " }.contains(" ")
                #expect(line.count <= 80 || isOneWord, "\(name): \(line)")
            }
        }
    }

    @Test func `versions are those of the libraries that are there`() async throws {
        let plain = try await clipship(["--version"])
        #expect(plain.outputText.firstMatch(of: /^clipship \d+\.\d+\.\d+\n$/) != nil)
        let verbose = try await clipship(["--version", "--verbose"])
        expect(verbose, exits: 0)
        #expect(verbose.outputText.hasPrefix(plain.outputText))
        let json = try await clipship(["--version", "--format", "json"])
        let facts = try #require(try JSONSerialization.jsonObject(with: json.output) as? [String: Any])
        let media = try #require(facts["ffmpeg"] as? [String: Any])
        let libraries = try #require(media["libraries"] as? [String: String])
        for library in ["libavcodec", "libavformat", "libswscale"] {
            let there = try await run("pkg-config", ["--modversion", library]).outputText
            #expect(libraries[library] == there.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        let sqlite = try await run("pkg-config", ["--modversion", "sqlite3"]).outputText
        #expect(facts["sqlite"] as? String == sqlite.trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(facts["seccomp"] as? Bool == true)
    }

    @Test func `a link that leads nowhere, a pattern in another case, and a link to a folder are called that`()
        async throws
    {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            try FileManager.default.createSymbolicLink(
                atPath: bench.clips.appending(path: "gone.mp4").path, withDestinationPath: "nowhere")
            expect(try await bench.run("--no-submit"), exits: 1)
            #expect(
                try bench.output.batch["gone"]?.reason
                    == "can't open gone.mp4: it is a symbolic link to something that is not there")
            try bench.change("clips/*.mp4", to: "clips/*.MP4")
            let other = try await bench.run("--no-submit")
            expect(other, exits: 2)
            #expect(
                other.errorText.contains(
                    "no file matches it; 2 files do but for upper and lower case, such as gone.mp4"))
            let linked = bench.folder.appending(path: "linked")
            try FileManager.default.createDirectory(at: linked, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: linked.appending(path: "there").path, withDestinationPath: "../clips")
            try bench.change("clips/*.MP4", to: "linked/**/*.mp4")
            let link = try await bench.run("--no-submit")
            expect(link, exits: 2)
            #expect(
                link.errorText.contains("linked/there is a symbolic link to a folder, which ** does not follow"))
        }
    }

    @Test func `a download leaves a file that is there alone, and skips one that is right`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run(), exits: 0)
            let id = try #require(try bench.output.batch["instant-replay"]?.gameClipId)
            let file = bench.folder.appending(path: "x.mp4")
            func download(_ more: String...) async throws -> ProgramResult {
                try await clipship(
                    ["clip", "download", id, "x.mp4", "--scid", Workbench.scid, "--output", "out"] + more,
                    in: bench.folder)
            }
            try Data("mine".utf8).write(to: file)
            let refused = try await download()
            expect(refused, exits: 2)
            #expect(
                refused.errorText.contains(
                    "x.mp4 is there, with 4 B, and is not what the service has: --force replaces it")
            )
            #expect(try Data(contentsOf: file) == Data("mine".utf8))
            expect(try await download("--force"), exits: 0)
            let video = try Data(contentsOf: bench.clips.appending(path: "instant-replay.mp4"))
            #expect(try Data(contentsOf: file) == video)
            let inode = try FileManager.default.attributesOfItem(atPath: file.path)[.systemFileNumber] as? Int
            let skipped = try await download()
            expect(skipped, exits: 0)
            #expect(skipped.errorText.contains("--force fetches it again"))
            #expect(try FileManager.default.attributesOfItem(atPath: file.path)[.systemFileNumber] as? Int == inode)
        }
    }
}
