import ClipModel
import Foundation
import TestSupport
import Testing

/// What a run says where there is no terminal.
@Suite(.fewAtOnce) struct PipeTests {
    private func whileHeld(_ more: [String], _ body: (RunningProgram, Gate) async throws -> Void) async throws {
        try await Workbench.with(["boss-fight"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try await Gate.with(before: service) { gate in
                    try bench.writePipeline(
                        service: "{metadata: \"http://127.0.0.1:\(gate.port)\", token: {file: token}}",
                        more: "blocks: {size: 500kB}\nsubmit: {blocksInFlight: 1}")
                    try await gate.order("hold PUT 4")
                    try await withProgram(
                        Clipship.path, ["run", bench.pipeline.path] + more, in: bench.folder
                    ) { program in
                        _ = try await gate.first("held")
                        try await body(program, gate)
                        try await gate.order("go")
                        expect(try await program.end(), exits: 0)
                    }
                }
            }
        }
    }

    private static var sentence: Regex<Substring> {
        /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ progress: 0 done, 1 left; 2\.0 MB of 7\.1 MB sent, 1\.5 MB acknowledged; .*\d+:\d\d elapsed.*/
    }

    @Test func `a line with a time says how far the run is as often as --stats says`() async throws {
        try await whileHeld(["--stats", "100ms"]) { program, _ in
            _ = try await program.printed { printed in
                printed.errorLines.filter { $0.wholeMatch(of: Self.sentence) != nil }.count > 1 ? true : nil
            }
        }
    }

    /// Asks until the answer is one that is awaited: what leaves is noticed a moment later.
    private func ask(_ program: RunningProgram, until isAwaited: (String) async throws -> Bool) async throws -> String {
        while true {
            let count = program.printed.errorLines.count
            program.signal(SIGUSR1)
            let line = try await program.printed { $0.errorLines.dropFirst(count).first { $0.contains("progress") } }
            if try await isAwaited(line) { return line }
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: [["--stats", "0"], ["-q"]])
    func `SIGUSR1 has it said at once`(more: [String]) async throws {
        try await whileHeld(more) { program, _ in
            #expect(!program.printed.errorLines.contains { $0.contains("progress:") })
            _ = try await ask(program) { $0.wholeMatch(of: Self.sentence) != nil }
        }
    }

    @Test(.timeLimit(.minutes(2))) func `a log has it as an object that the schema knows`() async throws {
        try await whileHeld(["--log-format", "json", "--stats", "0"]) { program, _ in
            let line = try await ask(program) { line in
                guard line.contains("\"run-progress\"") else { return false }
                #expect(try await mistakes(in: [SchemaQuestion(.log, Data(line.utf8))]) == [[]])
                let facts = try JSONDecoder().decode([String: JSONValue].self, from: Data(line.utf8))
                return facts["sentBytes"] == 2_000_000
            }
            let facts = try JSONDecoder().decode([String: JSONValue].self, from: Data(line.utf8))
            #expect(facts["acknowledgedBytes"] == 1_500_000)
            #expect(facts["bytes"] == 7_056_317 && facts["left"] == 1 && facts["clips"] == 1)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `each line of the logs of a run with faults, and of the service, is what the schema says`() async throws {
        try await Workbench.with(["boss-fight", "instant-replay", "lobby-vfr"]) { bench in
            try bench.add("bad.mp4", bytes: Data("no video".utf8))
            let plan = bench.folder.appending(path: "plan.yaml")
            try Data(
                """
                seed: 3
                rules:
                  - {calls: initialUpload, nth: 1, status: 503, retryAfter: 1}
                  - {calls: block, nth: 1, close: afterStored}
                  - {calls: list, nth: 2, status: 429, retryAfter: 1}
                  - {calls: clip, nth: 1, status: 500}
                """.utf8
            ).write(to: plan)
            try await Service.with(
                bench.folder.appending(path: "data"), "--faults", plan.path, "--log-format", "json"
            ) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try bench.writePipeline(
                    service: "{metadata: \"\(service.address)\", token: {file: token}}",
                    more: "checks: {warn: {minWidth: 4000}}\nhooks: {afterRun: 'echo done; false'}")
                let result = try await bench.run("--log-format", "json", "--verbose", "--stats", "100ms")
                expect(result, exits: 1)
                service.program.signal(SIGTERM)
                let served = try await service.program.end().errorLines
                let lines = result.errorLines + served
                let questions = lines.map { SchemaQuestion(.log, Data($0.utf8)) }
                for (line, mistakes) in zip(lines, try await mistakes(in: questions)) {
                    #expect(mistakes == [], "\(line)")
                }
                let events = try result.errorLines.map {
                    try JSONDecoder().decode([String: JSONValue].self, from: Data($0.utf8))
                }
                let kinds = Set(events.compactMap { $0["event"]?.text })
                #expect(
                    kinds.isSuperset(of: [
                        "run-started", "stage", "request", "progress", "run-progress", "warning", "finished", "info",
                        "run-ended",
                    ]), "\(kinds)")
                #expect(served.contains { $0.contains("\"request\"") } && served.contains { $0.contains("\"clip\"") })
                #expect(events.contains { $0["event"] == "request" && $0["nextAttemptInSeconds"] != nil })
                guard FileManager.default.isExecutableFile(atPath: "/usr/bin/jq") else { return }
                let sum = try await run(
                    "/usr/bin/jq",
                    ["-s", "[.[] | select(.event == \"request\").milliseconds] | add"], input: result.errors)
                let expected = events.filter { $0["event"] == "request" }.compactMap { $0["milliseconds"]?.int64 }
                #expect(sum.outputLines == ["\(expected.reduce(0, +))"])
                let bytes = try await run(
                    "/usr/bin/jq", ["select(.event == \"run-ended\").acknowledgedBytes"], input: result.errors)
                let sizes = try ["boss-fight", "instant-replay", "lobby-vfr"].map {
                    try Data(contentsOf: bench.clips.appending(path: "\($0).mp4")).count
                }
                #expect(bytes.outputLines == ["\(sizes.reduce(0, +))"])
            }
        }
    }

    @Test func `of many clips the first are shown, and what failed comes last and in full`() async throws {
        try await Workbench.with([]) { bench in
            let video = try Data(contentsOf: Places.samples.appending(path: "instant-replay.mp4"))
            for number in 0..<25 { try bench.add("clip-\(number + 10).mp4", bytes: video) }
            try bench.add("a-bad-one.mp4", bytes: Data("no video".utf8))
            try bench.writePipeline()
            let result = try await bench.run("--no-submit")
            expect(result, exits: 1)
            let lines = result.outputLines
            #expect(lines.count == 13, "\(lines)")
            #expect(lines[1].hasPrefix("clip-10 ") && lines[10].hasPrefix("clip-19 "))
            #expect(lines[11].hasPrefix("... ") && lines[11].contains("15 ready"))
            #expect(lines[12].hasPrefix("a-bad-one ") && lines[12].contains("failed"))
            #expect(result.errorLines.last?.hasPrefix("25 ready, 1 failed; output in ") == true, "\(result.errorText)")
            let all = try await bench.run("--no-submit", "--verbose")
            #expect(all.outputLines.count == 27)
            let coloured = try await bench.run("--no-submit", "--color", "always")
            #expect(coloured.outputText.contains("\u{1B}[31mfailed"))
        }
    }

    @Test func `Ctrl-backslash ends the program at once, without a report of a crash`() async throws {
        try await Workbench.with(["boss-fight"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try await Gate.with(before: service) { gate in
                    try bench.writePipeline(
                        service: "{metadata: \"http://127.0.0.1:\(gate.port)\", token: {file: token}}")
                    try await gate.order("hold PUT 1")
                    try await withProgram(
                        Clipship.path, ["run", bench.pipeline.path], in: bench.folder,
                        environment: ["SWIFT_BACKTRACE": "enable=yes"]
                    ) { program in
                        _ = try await gate.first("held")
                        let before = program.printed.errors
                        program.signal(SIGQUIT)
                        let end = try await program.end()
                        #expect(end.status == 128 + SIGQUIT)
                        #expect(end.errors == before, "\(end.errorText)")
                    }
                }
            }
        }
    }
}
