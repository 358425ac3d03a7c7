import Foundation
import TestSupport
import Testing

/// `hooks.afterClip`, `hooks.afterRun`, `hooks.onFailure`, and the folder that configured commands are run in.
@Suite(.fewAtOnce) struct HookTests {
    private static let hooks = """
        hooks:
          afterClip: 'echo "clip $CLIPSHIP_CLIP $CLIPSHIP_STATE $CLIPSHIP_GAME_CLIP_ID" >> told; cat > "clip-$CLIPSHIP_CLIP.json"'
          afterRun: 'echo "run $CLIPSHIP_EXIT_CODE $CLIPSHIP_PUBLISHED $CLIPSHIP_FAILED" >> told; cat > run.json; echo seen'
          onFailure: 'echo "failure $CLIPSHIP_EXIT_CODE" >> told'
        """

    private func told(_ bench: Workbench) throws -> [String] {
        let file = bench.folder.appending(path: "told")
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        defer { try? FileManager.default.removeItem(at: file) }
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init).sorted()
    }

    @Test func `hooks are told of each clip and of the run, in the folder of the pipeline file`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.add("text.mp4", bytes: Data("no video".utf8))
            try bench.writePipeline(more: Self.hooks)
            // From somewhere else.
            let result = try await clipship(["run", bench.pipeline.path], in: URL(filePath: "/"))
            expect(result, exits: 1)
            let id = try #require(try bench.output.batch["instant-replay"]?.gameClipId)
            #expect(
                try told(bench) == [
                    "clip instant-replay published \(id)", "clip text failed ", "failure 1", "run 1 1 1",
                ])
            #expect(result.errorText.contains("afterRun: seen"))
            let clip = try JSONDecoder().decode(
                Batch.Clip.self, from: Data(contentsOf: bench.folder.appending(path: "clip-text.json")))
            #expect(try clip.reason == bench.output.batch["text"]?.reason)
            #expect(
                try Data(contentsOf: bench.folder.appending(path: "run.json")) == bench.output.batchFile)
            // Nothing has changed, so nobody is told anything.
            expect(try await bench.run("-v"), exits: 1)
            #expect(try told(bench) == [])
        }
    }

    @Test func `a hook that fails ends with 75, and is run again by the next run, and no other is`() async throws {
        try await Workbench.with(["instant-replay", "lobby-vfr"]) { bench in
            let ok = bench.folder.appending(path: "ok")
            try bench.writePipeline(
                more: """
                    hooks:
                      afterClip: 'echo "clip $CLIPSHIP_CLIP" >> told; test "$CLIPSHIP_CLIP" != lobby-vfr || test -e ok'
                      afterRun: 'echo run >> told'
                    """)
            let result = try await bench.run()
            expect(result, exits: 75)
            #expect(
                result.errorText.contains(
                    "lobby-vfr: warning: the command of hooks.afterClip (echo \"clip $CLIPSHIP_CLIP\" >> told; test "
                        + "\"$CLIPSHIP_CLIP\" != lobby-vfr || test -e ok) ended with exit code 1"))
            #expect(try told(bench) == ["clip instant-replay", "clip lobby-vfr", "run"])
            #expect(try bench.output.batch.states.values.allSatisfy { $0 == "published" })
            try Data().write(to: ok)
            expect(try await bench.run(), exits: 0)
            #expect(try told(bench) == ["clip lobby-vfr"])
            expect(try await bench.run(), exits: 0)
            #expect(try told(bench) == [])
        }
    }

    @Test func `a run that is killed before its hooks leaves them to the next one`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(
                more: "hooks: {afterClip: 'echo begun; echo clip >> told; test -e ok || exec sleep 30 > slept 2>&1'}")
            try await withProgram(Clipship.path, ["run", bench.pipeline.path], in: bench.folder) { program in
                while !FileManager.default.fileExists(atPath: bench.folder.appending(path: "told").path) {
                    await Task.yield()
                }
                program.signal(SIGKILL)
                _ = try await program.end()
            }
            #expect(try told(bench) == ["clip"])
            try Data().write(to: bench.folder.appending(path: "ok"))
            expect(try await bench.run(), exits: 0)
            #expect(try told(bench) == ["clip"])
        }
    }

    @Test func `a run that can't begin has onFailure told why, and leaves what another run owes alone`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(
                more: "hooks: {onFailure: 'echo \"$CLIPSHIP_EXIT_CODE $CLIPSHIP_REASON\" >> told'}")
            try FileManager.default.createDirectory(at: bench.output.folder, withIntermediateDirectories: true)
            try Data("no database".utf8).write(to: bench.output.folder.appending(path: "journal.db"))
            let due = bench.output.folder.appending(path: "hooks-due.json")
            for ways in [["--only", "instant-replay"], ["--only", "nobody"], []] {
                try Data(#"{"clips":["other"],"run":true}"#.utf8).write(to: due)
                let result = try await clipship(["run", bench.pipeline.path] + ways, in: bench.folder)
                expect(result, exits: 2)
                let told = try told(bench)
                #expect(told.first?.hasPrefix("2 the") == true, "\(ways): \(told)")
                #expect(try Data(contentsOf: due) == Data(#"{"clips":["other"],"run":true}"#.utf8))
            }
            // Nothing is done, so nobody is told.
            expect(try await bench.run("--only", "nobody", "--dry-run"), exits: 2)
            #expect(try told(bench) == [])
        }
    }

    @Test func `what is owed is not forgotten without a word where it can't be read`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(more: "hooks: {afterRun: 'echo run >> told'}")
            try FileManager.default.createDirectory(at: bench.output.folder, withIntermediateDirectories: true)
            let due = bench.output.folder.appending(path: "hooks-due.json")
            try Data(#"{"clips": "#.utf8).write(to: due)
            let result = try await bench.run("--no-submit")
            expect(result, exits: 0)
            #expect(
                result.errorText.contains("out/hooks-due.json can't be read (not JSON at byte"), "\(result.errorText)")
            #expect(try told(bench) == ["run"])
            #expect(!FileManager.default.fileExists(atPath: due.path))
        }
    }

    @Test func `hooks do not see the token, and its command is run in the folder of the pipeline file`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try bench.writePipeline(
                    service: "{metadata: \"\(service.address)\", token: {command: \"cat token\"}}",
                    more: "hooks: {afterRun: 'echo \"[$TOKEN]\" >> told'}")
                expect(try await clipship(["run", bench.pipeline.path], in: URL(filePath: "/")), exits: 0)
                #expect(try told(bench) == ["[]"])
                try FileManager.default.removeItem(at: bench.output.folder)
                try bench.writePipeline(
                    service: "{metadata: \"\(service.address)\", token: {env: TOKEN}}",
                    more: "hooks: {afterRun: 'echo \"[$TOKEN]\" >> told'}")
                expect(
                    try await clipship(
                        ["run", bench.pipeline.path], in: bench.folder, environment: ["TOKEN": service.token]), exits: 0
                )
                #expect(try told(bench) == ["[]"])
            }
        }
    }
}
