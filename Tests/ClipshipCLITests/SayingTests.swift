import Foundation
import TestSupport
import Testing

/// One word for one state, wherever a clip's state is told; and what is written is for whom the user lets it be.
@Suite(.fewAtOnce, .timeLimit(.minutes(5))) struct SayingTests {
    @Test func `a clip that is up and not yet published is called the same by run, log, batch, page and status`()
        async throws
    {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(more: "submit: {waitFor: uploaded}")
            let result = try await bench.run("--log-format", "json")
            expect(result, exits: 0)
            #expect(result.table["instant-replay"]?[4] == "uploaded", "\(result.outputText)")
            #expect(try bench.output.batch.states == ["instant-replay": "uploaded"])
            #expect(try bench.output.batch.totals["uploaded"] == 1)
            let status = try await clipship(["status", "out"], in: bench.folder)
            #expect(status.table["instant-replay"]?[1] == "uploaded", "\(status.outputText)")
            let lines = try await clipship(["status", "out", "--format", "json"], in: bench.folder)
            #expect(lines.outputText.contains("\"state\":\"uploaded\""))
            let page = try String(contentsOf: bench.output.folder.appending(path: "report.html"), encoding: .utf8)
            #expect(page.contains("uploaded"))
            // Nor does any other word for it come to anybody's eyes.
            let said = [result.outputText, result.errorText, status.outputText, lines.outputText, page].joined()
            for word in ["committed", "processing"] { #expect(!said.contains(word), "\(word)") }
        }
    }

    @Test func `what a clip goes through on its way has the words of status, in the log and in timings`() async throws {
        struct Line: Decodable {
            var event: String
            var stage: String?
        }
        struct Timings: Decodable {
            struct Clip: Decodable {
                struct Stage: Decodable { var stage: String }
                var stages: [Stage]
            }
            var clips: [Clip]
        }
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            let result = try await bench.run("--log-format", "json")
            expect(result, exits: 0)
            let stages = try result.errorLines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
                .filter { $0.event == "stage" }.compactMap(\.stage)
            // A clip waits for its turn, and is asked for several times.
            var words: [String] = []
            for stage in stages where stage != "waiting" && stage != words.last { words.append(stage) }
            #expect(words == ["measuring", "writing", "requesting", "uploading", "uploaded"], "\(stages)")
            let file = try Data(contentsOf: bench.output.folder.appending(path: "timings.json"))
            let kept = try JSONDecoder().decode(Timings.self, from: file).clips.flatMap(\.stages).map(\.stage)
            #expect(kept.last == "uploaded", "\(kept)")
        }
    }

    @Test(arguments: [("022", 0o022), ("027", 0o027), ("077", 0o077)])
    func `no file or folder is for more than the user's mask lets it be`(mask: String, bits: Int) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(more: "blocks: {write: true}")
            let script = """
                umask \(mask) && "$0" run pipeline.yaml && "$0" thumbnail clips/instant-replay.mp4 --large large.jpg &&
                "$0" sheet clips/instant-replay.mp4 --sprite --output sheet.jpg && "$0" manual man &&
                "$0" clip download "$("$0" status out --format json | sed 's/.*gameClipId":"//; s/".*//')" copy.mp4 \
                    --scid \(Workbench.scid) --output out
                """
            let result = try await TestSupport.run("sh", ["-c", script, Clipship.path], in: bench.folder)
            expect(result, exits: 0)
            let made = try bench.files().filter { $0.hasPrefix("out") || $0.hasPrefix("man") || !$0.contains("/") }
                .filter { !["pipeline.yaml", "session.yaml", "clips"].contains($0) }
            #expect(made.contains("copy.mp4") && made.contains("sheet.vtt") && made.count > 20, "\(made)")
            for name in made {
                let path = bench.folder.appending(path: name).path
                let mode = try #require(
                    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
                #expect(mode & bits == 0, "\(name): \(String(mode, radix: 8))")
                // Nor for fewer, but for what holds addresses and tokens.
                let isSecret = ["journal.db", "local-service"].contains { name.contains($0) }
                if !isSecret { #expect(mode & 0o666 | bits & 0o666 == 0o666, "\(name): \(String(mode, radix: 8))") }
            }
        }
    }
}
