import ClipModel
import Foundation
import TestSupport
import Testing

/// `clipship check`.
@Suite(.fewAtOnce) struct PipelineCheckTests {
    private func findings(_ result: ProgramResult) throws -> [String: String] {
        let lines = try result.outputLines.map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
        return Dictionary(lines.map { ($0["check"] ?? "", $0["outcome"] ?? "") }) { first, _ in first }
    }

    @Test func `a good pipeline is checked without anything being made`() async throws {
        try await Workbench.with(["instant-replay", "boss-fight"]) { bench in
            try bench.writePipeline()
            let before = try bench.files()
            let result = try await clipship(["check", "pipeline.yaml", "--doctor"], in: bench.folder)
            expect(result, exits: 0)
            #expect(result.outputLines.first == "ok       pipeline    pipeline.yaml: 2 clips; nothing is wrong with it")
            for check in ["sandbox", "ffmpeg", "output"] {
                #expect(result.outputLines.contains { $0.contains(check) }, "\(result.outputText)")
            }
            #expect(try bench.files() == before)
            let version = try await run("sh", ["-c", "ffmpeg -version | head -1"]).outputText.split(separator: " ")[2]
            #expect(result.outputText.contains("FFmpeg \(version)"))
        }
    }

    @Test func `every mistake in pipeline, session and sidecar is told at once, with 2`() async throws {
        try await Workbench.with(["boss-fight"]) { bench in
            try bench.writePipeline(more: "nonsense: 1")
            let first = try await clipship(["check", "pipeline.yaml"], in: bench.folder)
            expect(first, exits: 2)
            #expect(first.errorText.contains("pipeline.yaml:9:1"), "\(first.errorText)")
            try bench.writePipeline()
            try Data("captoin: x\n".utf8).write(to: bench.clips.appending(path: "boss-fight.yaml"))
            let second = try await clipship(["check", "pipeline.yaml"], in: bench.folder)
            expect(second, exits: 2)
            #expect(second.errorText.contains("boss-fight.yaml:1:1"), "\(second.errorText)")
        }
    }

    @Test func `a token that is not there, a service that refuses, and a clock that is wrong are found`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                func check(_ token: String) async throws -> (ProgramResult, [String: String]) {
                    try bench.writePipeline(service: "{metadata: \"\(service.address)\", token: {\(token)}}")
                    let result = try await clipship(
                        ["check", "pipeline.yaml", "--doctor", "--format", "json"], in: bench.folder,
                        environment: ["GOOD": service.token, "BAD": "nonsense"])
                    return (result, try findings(result))
                }
                let (good, found) = try await check("env: GOOD")
                expect(good, exits: 0)
                #expect(found["connection"] == "ok" && found["clock"] == "ok" && found["token"] == "ok")
                let (absent, without) = try await check("env: NO_SUCH_VARIABLE")
                expect(absent, exits: 77)
                // Without a token there is nothing to ask.
                #expect(without["token"] == "failure" && without["connection"] == nil)
                let (refused, bad) = try await check("env: BAD")
                expect(refused, exits: 77)
                #expect(bad["connection"] == "failure")
                #expect(!refused.outputText.contains("nonsense"))
                let library = try await compileLibrary("moved-clock", in: bench.folder)
                try bench.writePipeline(service: "{metadata: \"\(service.address)\", token: {env: GOOD}}")
                let ahead = try await clipship(
                    ["check", "pipeline.yaml", "--doctor"], in: bench.folder,
                    environment: ["GOOD": service.token, "LD_PRELOAD": library, "MOVED_CLOCK": "7200"])
                #expect(
                    ahead.outputText.firstMatch(of: /warning  clock .*clock is 720\d s ahead of the service's; set it/)
                        != nil, "\(ahead.outputText)")
            }
        }
    }

    @Test func `an output folder that can't be written to is a failure`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            let result = try await clipship(
                ["check", "pipeline.yaml", "--doctor", "--format", "json", "--output", "/proc/clipship"],
                in: bench.folder)
            expect(result, exits: 2)
            #expect(try findings(result)["output"] == "failure")
        }
    }

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze"), "systemd is not installed"))
    func `systemd takes the units as they are installed, also in a folder with a blank in its name`() async throws {
        try await withTemporaryFolder { folder in
            let prefix = folder.appending(path: "a prefix")
            let programs = prefix.appending(path: "bin")
            try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: programs.appending(path: "clipship").path, withDestinationPath: Clipship.path)
            for unit in ["clipship-watch@.service", "clipship-serve.service"] {
                let text = try String(
                    contentsOf: Places.root.appending(path: "packaging/\(unit)"), encoding: .utf8)
                let name = unit.replacing("@.", with: "@night.")
                let file = folder.appending(path: name)
                try Data(text.replacing("@PREFIX@", with: prefix.path).utf8).write(to: file)
                let result = try await run(
                    "systemd-analyze", ["--user", "--man=no", "verify", file.path],
                    environment: ["XDG_RUNTIME_DIR": folder.path])
                #expect(result.status == 0 && !result.errorText.contains(name), "\(result.errorText)")
            }
        }
    }
}
