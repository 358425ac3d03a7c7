import Foundation
import TestSupport
import Testing

/// What build farms read: `--junit`, `--metrics`, annotations.
@Suite(.fewAtOnce) struct FarmTests {
    /// What a reader of XML that knows nothing of clipship finds.
    private func cases(_ file: URL) async throws -> [String: String] {
        let program = """
            import json, sys, xml.etree.ElementTree as tree
            root = tree.parse(sys.argv[1]).getroot()
            suite, = root.findall("testsuite")
            cases = suite.findall("testcase")
            kinds = {case.get("file"): (case[0].tag + ": " + case[0].get("message") if len(case) else "") for case in cases}
            for kind, name in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                assert int(suite.get(kind)) == sum(text.startswith(name) for text in kinds.values()), kind
            assert int(suite.get("tests")) == len(cases)
            assert float(suite.get("time")) > 0 and all(float(case.get("time")) >= 0 for case in cases)
            print(json.dumps(kinds))
            """
        let result = try await run("/usr/bin/python3", ["-c", program, file.path])
        try result.expectSuccess()
        return try JSONDecoder().decode([String: String].self, from: result.output)
    }

    /// The samples of a file of metrics, without the pipeline's name.
    private func samples(_ file: URL) throws -> [String: Double] {
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let named = try lines.filter { !$0.hasPrefix("#") }.map { line in
            let space = try #require(line.lastIndex(of: " "))
            return (
                String(line[..<space]).replacing("{pipeline=\"work\\\"bench\"}", with: "")
                    .replacing("{pipeline=\"work\\\"bench\",", with: "{"),
                try #require(Double(line[line.index(after: space)...]))
            )
        }
        return Dictionary(uniqueKeysWithValues: named)
    }

    @Test func `a run's clips are test cases, its numbers metrics, and its failures annotations`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.add("cut <\"&>.mp4", bytes: Data("no video".utf8))
            try bench.writePipeline()
            try bench.change("name: workbench", to: "name: 'work\"bench'")
            let (junit, metrics) = (bench.folder.appending(path: "j.xml"), bench.folder.appending(path: "m.prom"))
            let files = ["--junit", junit.path, "--metrics", metrics.path]
            let first = try await clipship(
                ["run", bench.pipeline.path] + files, in: bench.folder, environment: ["GITHUB_ACTIONS": "true"])
            expect(first, exits: 1)
            let reason = try #require(bench.output.batch.clips.first { $0.state == "failed" }?.reason)
            let expected = ["../clips/instant-replay.mp4": "", "../clips/cut <\"&>.mp4": "failure: \(reason)"]
            #expect(try await cases(junit) == expected)
            #expect(
                first.errorText.contains("::error title=cut_____::")
                    && first.errorText.contains("::\(reason)\n"))
            let size = try Data(contentsOf: bench.clips.appending(path: "instant-replay.mp4")).count
            var numbers = try samples(metrics)
            #expect(numbers["clipship_clips{state=\"published\"}"] == 1)
            #expect(numbers["clipship_clips{state=\"failed\"}"] == 1)
            #expect(numbers["clipship_last_run_exit_code"] == 1)
            #expect(numbers["clipship_last_run_acknowledged_bytes"] == Double(size))
            #expect(numbers["clipship_last_run_stage_seconds{stage=\"measuring\"}"] ?? 0 > 0)
            #expect(numbers["clipship_last_success_timestamp_seconds"] == nil)

            // A success is remembered when a later run can't begin.
            try FileManager.default.removeItem(at: bench.clips.appending(path: "cut <\"&>.mp4"))
            let good = try await clipship(["run", bench.pipeline.path] + files, in: bench.folder)
            expect(good, exits: 0)
            #expect(!good.errorText.contains("::error"))
            numbers = try samples(metrics)
            let success = try #require(numbers["clipship_last_success_timestamp_seconds"])
            #expect(success == numbers["clipship_last_run_timestamp_seconds"])
            #expect(numbers["clipship_last_run_acknowledged_bytes"] == 0)
            try FileManager.default.removeItem(at: bench.output.folder.appending(path: "journal.db"))
            try FileManager.default.createDirectory(
                at: bench.output.folder.appending(path: "journal.db"), withIntermediateDirectories: true)
            let bad = try await clipship(["run", bench.pipeline.path] + files, in: bench.folder)
            #expect(bad.status != 0)
            numbers = try samples(metrics)
            #expect(numbers["clipship_last_success_timestamp_seconds"] == success)
            #expect(numbers["clipship_last_run_exit_code"] == Double(bad.status))

            // Nor is the last success the end of one that can't even read its pipeline.
            try bench.change("name: 'work\"bench'", to: "nmae: 'work\"bench'")
            let worse = try await clipship(["run", bench.pipeline.path] + files, in: bench.folder)
            expect(worse, exits: 2)
            let text = try String(contentsOf: metrics, encoding: .utf8)
            #expect(text.contains(#"clipship_last_run_exit_code{pipeline="work\"bench"} 2"#), "\(text)")
            #expect(try samples(metrics)["clipship_last_success_timestamp_seconds"] == success)
        }
    }

    @Test func `a mistake in the pipeline keeps the name that the numbers had, and the last success`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(more: "")
            let metrics = bench.folder.appending(path: "m.prom")
            expect(try await bench.run("--no-submit", "--metrics", metrics.path), exits: 0)
            let good = try String(contentsOf: metrics, encoding: .utf8)
            let success = try #require(good.split(separator: "\n").first { $0.contains("success_timestamp_seconds{") })
            #expect(success.contains("pipeline=\"workbench\""))
            // Times are told to the millisecond.
            #expect(good.firstMatch(of: /(?m)seconds\S* \d+\.\d{4}/) == nil)
            try bench.change("request:", to: "requests:")
            expect(try await bench.run("--no-submit", "--metrics", metrics.path), exits: 2)
            let bad = try String(contentsOf: metrics, encoding: .utf8)
            #expect(bad.contains(success) && bad.contains("exit_code{pipeline=\"workbench\"} 2"), "\(bad)")
        }
    }

    @Test(arguments: ["--junit", "--metrics"])
    func `a file that can't be written is named, and the run is no success`(flag: String) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            let result = try await bench.run("--no-submit", flag, "/proc/clipship/x")
            expect(result, exits: 75)
            #expect(result.errorText.contains("/proc/clipship/x"), "\(result.errorText)")
        }
    }
}
