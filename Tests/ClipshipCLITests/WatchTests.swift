import Foundation
import TestSupport
import Testing

/// `clipship watch`.
@Suite(.fewAtOnce) struct WatchTests {
    private func bytes(_ sample: String) throws -> Data {
        try Data(contentsOf: Places.samples.appending(path: "\(sample).mp4"))
    }

    private func watching(
        _ bench: Workbench, _ more: [String] = [], environment: [String: String] = [:],
        _ body: (RunningProgram) async throws -> Void
    ) async throws {
        try await withProgram(
            Clipship.path, ["watch", "pipeline.yaml"] + more, in: bench.folder, environment: environment, body)
    }

    private func line(_ program: RunningProgram, _ text: String) async throws {
        _ = try await program.printed { printed in printed.errorLines.first { $0.contains(text) } }
    }

    @Test func `clips that come are published as they end, a bad one stops nothing, and a killed watch goes on`()
        async throws
    {
        try await Workbench.with(["instant-replay"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try bench.writePipeline(
                    service: "{metadata: \"\(service.address)\", token: {file: token}}",
                    more: "watch: {sessionEndsWhen: quiet 500ms}")
                // Sessions of their own are folders of their own.
                try bench.change("\"clips/*.mp4\"", to: "\"clips/**/*.mp4\"")
                let growing = bench.clips.appending(path: "later/growing.mp4")
                let video = try bytes("lobby-vfr")
                try await watching(bench) { program in
                    try await line(program, "instant-replay: published")
                    // A folder that was not there before, with a file that grows.
                    try FileManager.default.createDirectory(
                        at: growing.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try video.prefix(1_000).write(to: growing)
                    try bench.add("bad.mp4", bytes: Data("no video".utf8))
                    try await line(program, "bad: failed")
                    program.signal(SIGKILL)
                    _ = try await program.end()
                }
                try await watching(bench) { program in
                    let handle = try FileHandle(forWritingTo: growing)
                    try handle.seekToEnd()
                    try handle.write(contentsOf: video.dropFirst(1_000))
                    try handle.close()
                    try await line(program, "later-growing: published")
                    program.signal(SIGTERM)
                    expect(try await program.end(), exits: 143)
                }
                let clips = try await service.list()
                #expect(clips.map(\.state) == ["Published", "Published"])
                let batch = try bench.output.batch
                #expect(
                    batch.states == ["instant-replay": "published", "bad": "failed", "later-growing": "published"])
                #expect(Set(clips.map(\.gameClipId)) == Set(batch.clips.compactMap(\.gameClipId)))
            }
        }
    }

    @Test func `a session with many files waits for its mark, and --once works off those that are over`() async throws {
        try await Workbench.with([]) { bench in
            for (name, sample) in [("a", "instant-replay"), ("b", "lobby-vfr")] {
                let folder = bench.folder.appending(path: "sessions/\(name)")
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try FileManager.default.copyItem(at: bench.session, to: folder.appending(path: "session.yaml"))
                try FileManager.default.copyItem(
                    at: Places.samples.appending(path: "\(sample).mp4"), to: folder.appending(path: "\(sample).mp4"))
                try bench.age(folder.appending(path: "\(sample).mp4"))
            }
            try bench.writePipeline(more: "watch: {sessionEndsWhen: file DONE}")
            try bench.change("session: session.yaml", to: "sessions: \"sessions/*/session.yaml\"")
            try bench.change("[\"clips/*.mp4\"]", to: "\"*.mp4\"")
            let nothing = try await clipship(["watch", "pipeline.yaml", "--once"], in: bench.folder)
            expect(nothing, exits: 0)
            #expect(nothing.outputText == "")
            try Data().write(to: bench.folder.appending(path: "sessions/b/DONE"))
            expect(try await clipship(["watch", "pipeline.yaml", "--once"], in: bench.folder), exits: 0)
            #expect(try bench.output.batch.states == ["b/lobby-vfr": "published"])
            try Data().write(to: bench.folder.appending(path: "sessions/a/DONE"))
            expect(try await clipship(["watch", "pipeline.yaml", "--once"], in: bench.folder), exits: 0)
            #expect(
                try bench.output.batch.states == ["a/instant-replay": "published", "b/lobby-vfr": "published"])
        }
    }

    @Test func `--once waits the quiet time, and a mistake in the file ends it with 2`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(more: "watch: {sessionEndsWhen: quiet 200ms}")
            expect(try await clipship(["watch", "pipeline.yaml", "--once"], in: bench.folder), exits: 0)
            #expect(try bench.output.batch.states == ["instant-replay": "published"])
            for (text, reason) in [
                ("quiet", "\"sessionEndsWhen\": expected quiet TIME, file NAME or manifest, such as quiet 30s"),
                ("manifest", "\"sessionEndsWhen\": manifest waits for the files that \"sessions\" finds"),
            ] {
                try bench.writePipeline(more: "watch: {sessionEndsWhen: \(text)}")
                let result = try await clipship(["watch", "pipeline.yaml"], in: bench.folder)
                expect(result, exits: 2)
                #expect(result.errorText.contains(reason), "\(result.errorText)")
            }
        }
    }

    @Test func `a mistake that comes into the file while it is watched is said once, and ends with it`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(more: "watch: {sessionEndsWhen: quiet 100ms}")
            try await watching(bench) { program in
                try await line(program, "instant-replay: published")
                try bench.change("name: workbench", to: "nam: workbench")
                try bench.add("second.mp4", bytes: bytes("lobby-vfr"))
                try await line(program, "unknown key \"nam\"")
                try bench.change("nam: workbench", to: "name: workbench")
                try bench.add("third.mp4", bytes: bytes("hallway-720p"))
                try await line(program, "third: published")
                #expect(program.printed.errorLines.count { $0.contains("\"nam\"") } == 1)
                program.signal(SIGINT)
                expect(try await program.end(), exits: 130)
            }
        }
    }

    @Test func `a service manager is told that it is ready, and that it stops`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(more: "watch: {sessionEndsWhen: quiet 100ms}")
            let path = "/tmp/clipship-notify-\(UUID().uuidString)"
            defer { unlink(path) }
            let script = """
                import socket, sys
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                s.bind(sys.argv[1])
                print("bound", flush=True)
                while True:
                    print(s.recv(4096).decode().replace("\\n", "|"), flush=True)
                """
            try await withProgram("/usr/bin/python3", ["-c", script, path]) { manager in
                _ = try await manager.printed { $0.outputLines.first }
                try await watching(bench, environment: ["NOTIFY_SOCKET": path]) { program in
                    _ = try await manager.printed { printed in
                        printed.outputLines.first { $0.hasPrefix("READY=1|STATUS=") }
                    }
                    _ = try await manager.printed { printed in
                        printed.outputLines.first { $0 == "STATUS=waiting for sessions; 1 clips published so far" }
                    }
                    program.signal(SIGTERM)
                    _ = try await manager.printed { $0.outputLines.first { $0 == "STOPPING=1" } }
                    expect(try await program.end(), exits: 143)
                }
            }
        }
    }
}
