import ClipModel
import Foundation
import TestSupport
import Testing

@testable import ClipshipCLI

/// What the flags of the commands do.
@Suite(.fewAtOnce) struct FlagTests {
    @Test func `--dry-run shows every clip and writes nothing`() async throws {
        try await Workbench.with(["boss-fight", "instant-replay"]) { bench in
            try bench.writePipeline()
            let before = try bench.files()
            let result = try await bench.run("--dry-run")
            expect(result, exits: 0)
            #expect(
                result.outputLines.map { $0.prefix { $0 != ":" } } == [
                    "boss-fight", "instant-replay", "2 clips to out",
                ])
            #expect(result.errorText == "")
            #expect(try bench.files() == before)
        }
    }

    @Test func `--only takes the named clips, and --no-submit stops at their manifests`() async throws {
        try await Workbench.with(["hallway-720p", "instant-replay", "lobby-vfr"]) { bench in
            try bench.writePipeline()
            let result = try await bench.run("--only", "lobby-vfr", "--only=instant-replay", "--no-submit")
            expect(result, exits: 0)
            #expect(try bench.output.batch.states == ["instant-replay": "ready", "lobby-vfr": "ready"])
            #expect(try bench.output.manifests().keys.sorted() == ["instant-replay", "lobby-vfr"])
            #expect(!FileManager.default.fileExists(atPath: bench.output.localService.path))
            #expect(try await bench.output.schemaMistakes() == [])
        }
    }

    @Test func `--output writes there and nowhere else`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            let before = try bench.files()
            let result = try await bench.run("--no-submit", "--output", "else/where")
            expect(result, exits: 0)
            #expect(result.errorText.contains("output in else/where"))
            let new = try bench.files().subtracting(before)
            #expect(new.allSatisfy { $0.hasPrefix("else") } && new.contains("else/where/manifests/instant-replay.json"))
        }
    }

    @Test(arguments: [("/proc/clipship", "No such file or directory"), ("session.yaml/out", "Not a directory")])
    func `an output folder that can't be made is refused with 2`(folder: String, reason: String) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            let result = try await bench.run("--output", folder)
            expect(result, exits: 2)
            #expect(result.errorLines.count == 1)
            #expect(result.errorText.hasPrefix("clipship: can't make the folder ") && result.errorText.contains(reason))
        }
    }

    @Test func `--log-format json writes nothing but JSON objects to standard error`() async throws {
        try await Workbench.with(["boss-fight"]) { bench in
            try bench.add("text.mp4", bytes: Data("no video".utf8))
            try bench.writePipeline()
            let result = try await bench.run("--log-format", "json")
            expect(result, exits: 1)
            let events = try result.errorLines.map { line in
                try JSONDecoder().decode([String: JSONValue].self, from: Data(line.utf8))
            }
            let mistakes = try await mistakes(in: result.errorLines.map { SchemaQuestion(.log, Data($0.utf8)) })
            #expect(mistakes.flatMap(\.self) == [])
            let kinds = events.compactMap { $0["event"]?.text }
            #expect(Set(kinds).isSuperset(of: ["stage", "request", "progress", "finished", "info"]))
            #expect(kinds.first == "run-started" && kinds.last == "run-ended")
            #expect(events.last?["acknowledgedBytes"] == 7_056_317 && events.last?["exitCode"] == 1)
            let spent = events.filter { $0["event"] == "request" }.map { $0["milliseconds"] }
            #expect(!spent.isEmpty && spent.allSatisfy { if case .integer = $0 { true } else { false } })
            let finished = events.filter { $0["event"] == "finished" }
            #expect(
                Dictionary(uniqueKeysWithValues: finished.map { ($0["clip"], $0["state"]) }) == [
                    "boss-fight": "published", "text": "failed",
                ])
            let progress = events.filter { $0["event"] == "progress" }.compactMap { $0["acknowledgedBytes"]?.int64 }
            #expect(progress.sorted().last == 7_056_317)
            let tokens = try String(
                contentsOf: bench.output.localService.appending(path: "tokens.json"), encoding: .utf8)
            let token = try #require(tokens.firstMatch(of: /"token"\s*:\s*"([^"]+)"/)).1
            #expect(!result.errorText.contains(token) && !result.outputText.contains(token))
        }
    }

    @Test func `--quiet prints results, and says nothing but what failed`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            let good = try await bench.run("--quiet")
            expect(good, exits: 0)
            #expect(good.table["instant-replay"]?[4] == "published" && good.errorText == "")
            try bench.add("text.mp4", bytes: Data("no video".utf8))
            let bad = try await bench.run("-q")
            expect(bad, exits: 1)
            #expect(bad.table["text"]?[4] == "failed" && bad.table["instant-replay"]?[4] == "published")
            #expect(bad.errorText == "clipship: text: \(try bench.output.batch["text"]?.reason ?? "?")\n")
        }
    }

    @Test func `--format json prints results as JSON and nothing else`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.add("text.mp4", bytes: Data("no video".utf8))
            try bench.writePipeline()
            let run = try await bench.run("--format", "json")
            expect(run, exits: 1)
            #expect(try run.output == bench.output.batchFile)
            // A run that changes nothing prints the same.
            #expect(try await bench.run("--format", "json", "-q").output == run.output)
            let path = bench.output.manifest("instant-replay").path
            let verified = try await clipship(["verify", path, "--format", "json"])
            expect(verified, exits: 0)
            #expect(verified.outputLines == ["{\"differences\":[],\"manifest\":\"\(path)\",\"matches\":true}"])
            let submitted = try await clipship(["submit", path, "--format", "json"])
            expect(submitted, exits: 0)
            #expect(try await mistakes(in: [SchemaQuestion(.batch, submitted.output)]) == [[]])
            let made = try await clipship(
                ["manifest", "clips", "--session", "session.yaml", "--format", "json"], in: bench.folder)
            expect(made, exits: 1)
            #expect(try await mistakes(in: [SchemaQuestion(.batch, made.output)]) == [[]])
            let id = try #require(try bench.output.batch["instant-replay"]?.gameClipId)
            let scid = ["--scid", Workbench.scid, "--output", bench.output.path, "--format", "json"]
            let changed = try await clipship(["clip", "update", id, "--caption", "new"] + scid)
            #expect(changed.outputText == "{\"changed\":[\"userCaption\"],\"gameClipId\":\"\(id)\"}\n")
            let fetched = try await clipship(["clip", "download", id, "x.mp4"] + scid, in: bench.folder)
            #expect(fetched.outputText == "{\"bytes\":300563,\"file\":\"x.mp4\",\"gameClipId\":\"\(id)\"}\n")
            let deleted = try await clipship(["clip", "delete", id, "--yes"] + scid)
            #expect(deleted.outputText == "{\"deleted\":true,\"gameClipId\":\"\(id)\"}\n")
        }
    }

    @Test func `there are no escape sequences in pipes, and no colours on a terminal with NO_COLOR`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.add("text.mp4", bytes: Data("no video".utf8))
            try bench.writePipeline()
            let piped = try await clipship(["run", "pipeline.yaml"], in: bench.folder, environment: ["TERM": "xterm"])
            expect(piped, exits: 1)
            #expect(!(piped.outputText + piped.errorText).contains("\u{1B}"))

            let coloured = try await onTerminal(["run", "pipeline.yaml"], in: bench.folder)
            #expect(coloured.status == 1)
            #expect(coloured.outputText.contains("\u{1B}[31mfailed"))
            #expect(coloured.outputText.contains("\u{1B}[32mpublished"))
            let plain = try await onTerminal(
                ["run", "pipeline.yaml"], in: bench.folder, environment: ["NO_COLOR": "1"])
            #expect(plain.outputText.contains("failed"))
            #expect(plain.outputText.firstMatch(of: /\u{1B}\[[0-9;]*m/) == nil)
            let dumb = try await onTerminal(["run", "pipeline.yaml"], in: bench.folder, environment: ["TERM": "dumb"])
            #expect(dumb.outputText.contains("failed") && !dumb.outputText.contains("\u{1B}"))
        }
    }

    private func onTerminal(
        _ arguments: [String], in folder: URL, environment: [String: String] = [:]
    ) async throws -> ProgramResult {
        let program = Places.root.appending(path: "Tests/Programs/terminal.py").path
        return try await TestSupport.run(
            "/usr/bin/python3", [program, Clipship.path] + arguments, in: folder,
            environment: ["TERM": "xterm", "NO_COLOR": ""].merging(environment) { $1 })
    }

    @Test func `a terminal sees progress while a clip goes up, and none of it is left at the end`() async throws {
        try await Workbench.with(["boss-fight"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try await Gate.with(before: service) { gate in
                    try bench.writePipeline(
                        service: "{metadata: \"http://127.0.0.1:\(gate.port)\", token: {file: token}}",
                        more: "blocks: {size: 500kB}\nsubmit: {blocksInFlight: 1}")
                    try await gate.order("hold PUT 4")
                    let script = Places.root.appending(path: "Tests/Programs/terminal.py").path
                    try await withProgram(
                        "/usr/bin/python3", [script, Clipship.path, "run", "pipeline.yaml"], in: bench.folder,
                        environment: ["TERM": "xterm", "NO_COLOR": ""]
                    ) { program in
                        _ = try await program.printed { printed in
                            printed.outputLines.first {
                                $0.contains("boss-fight  [#####...............]   28 %  1.5 MB of 7.1 MB acknowledged")
                            }
                        }
                        _ = try await program.printed { printed in
                            printed.outputLines.first {
                                Colour.removed(from: $0).contains("0 done, 1 left; 2.0 MB of 7.1 MB sent; ")
                            }
                        }
                        try await gate.order("go")
                        let end = try await program.end()
                        expect(end, exits: 0)
                        let screen = Screen(end.outputText)
                        #expect(screen.lines.count == 4, "\(screen.lines)")
                        #expect(screen.lines.dropFirst().first?.hasPrefix("CLIP ") == true, "\(screen.lines)")
                        let last = try #require(screen.lines.last)
                        let pattern = /1 published; 7\.1 MB sent in \d+:\d\d, [\d.]+ [kMG]B\/s; output in out/
                        #expect(try pattern.wholeMatch(in: last) != nil, "\(last)")
                    }
                }
            }
        }
    }

    @Test func `status tells of every clip in both formats`() async throws {
        try await Workbench.with(["boss-fight", "instant-replay"]) { bench in
            try bench.add("text.mp4", bytes: Data("no video".utf8))
            try bench.writePipeline()
            expect(try await bench.run(), exits: 1)
            let batch = try bench.output.batch
            let table = try await clipship(["status", "out"], in: bench.folder)
            expect(table, exits: 0)
            let ids = ["boss-fight", "instant-replay"].map { batch[$0]?.gameClipId ?? "?" }
            #expect(table.table["boss-fight"] == ["boss-fight", "published", "4/4", "local", ids[0]])
            #expect(table.table["instant-replay"] == ["instant-replay", "published", "1/1", "local", ids[1]])
            #expect(table.table["text"] == ["text", "failed", "-", "-", batch["text"]?.reason ?? "?"])

            struct Line: Decodable {
                var clip: String
                var state: String
                var gameClipId: String?
                var reason: String?
            }
            let json = try await clipship(["status", "out", "--format", "json"], in: bench.folder)
            expect(json, exits: 0)
            let lines = try json.outputLines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
            #expect(lines.map(\.clip) == ["boss-fight", "instant-replay", "text"])
            #expect(lines.map(\.gameClipId) == [ids[0], ids[1], nil])
            #expect(lines.last?.reason == batch["text"]?.reason)
        }
    }

    @Test func `block files, if asked for, are the clip in pieces`() async throws {
        try await Workbench.with(["lobby-vfr"]) { bench in
            try bench.writePipeline(more: "blocks: {size: 300kB, write: true}")
            expect(try await bench.run("--no-submit"), exits: 0)
            let folder = bench.output.folder.appending(path: "blocks/lobby-vfr")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(names == ["00000.blk", "00001.blk", "00002.blk", "00003.blk"])
            let blocks = try names.map { try Data(contentsOf: folder.appending(path: $0)) }
            #expect(blocks.map(\.count) == [300_000, 300_000, 300_000, 94_623])
            #expect(try blocks.reduce(Data(), +) == Data(contentsOf: bench.clips.appending(path: "lobby-vfr.mp4")))
        }
    }

    @Test func `thumbnail writes the frame at the offset in both sizes`() async throws {
        try await withTemporaryFolder { folder in
            let clip = Places.samples.appending(path: "hallway-720p.mp4").path
            let result = try await clipship(
                ["thumbnail", clip, "--offset", "5040", "--large", "l.jpg", "--small", "s.jpg"], in: folder)
            expect(result, exits: 0)
            #expect(result.outputText == "")
            let pictures = try await GreyPicture.decode(
                ["l.jpg", "s.jpg"].map { folder.appending(path: $0) }, in: folder)
            #expect(pictures.map(\.size) == ["856x424", "424x208"])
            #expect(pictures.map { $0.frameNumber(units: 32) } == [151, 151])
            let late = try await clipship(
                ["thumbnail", clip, "--offset", "10000", "--when-past-end", "fail", "--large", "late.jpg"], in: folder)
            expect(late, exits: 1)
            #expect(late.errorLines.count == 1)
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "late.jpg").path))
        }
    }
}
