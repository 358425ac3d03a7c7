import Foundation
import TestSupport
import Testing

/// Point 8 of the main job: whatever ends a run, the same command goes on where it was.
@Suite(.fewAtOnce) struct InterruptionTests {
    /// A bench with one clip of 15 blocks, a service, and a gate before it.
    private func withGate(
        blocksInFlight: Int, _ body: (Workbench, Service, Gate) async throws -> Void
    ) async throws {
        try await Workbench.with(["boss-fight"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try await Gate.with(before: service) { gate in
                    try bench.writePipeline(
                        service: "{metadata: \"http://127.0.0.1:\(gate.port)\", token: {file: token}}",
                        more: "blocks: {size: 500kB}\nsubmit: {blocksInFlight: \(blocksInFlight)}")
                    try await body(bench, service, gate)
                }
            }
        }
    }

    /// Runs the pipeline beside `body`.
    private func beside(_ bench: Workbench, _ body: (RunningProgram) async throws -> Void) async throws {
        try await withProgram(Clipship.path, ["run", bench.pipeline.path], in: bench.folder, body)
    }

    private func acknowledged(_ bench: Workbench) async throws -> Int? {
        struct Line: Decodable { var acknowledgedBlocks: Int }
        let status = try await clipship(["status", bench.output.path, "--format", "json"])
        expect(status, exits: 0)
        return try JSONDecoder().decode(Line.self, from: status.output).acknowledgedBlocks
    }

    /// The clip is there once, published, whole, under this id.
    private func expectPublishedOnce(_ bench: Workbench, _ service: Service) async throws {
        let clips = try await service.list()
        #expect(clips.map(\.state) == ["Published"])
        #expect(clips.map(\.gameClipId) == [try bench.output.batch["boss-fight"]?.gameClipId])
        let video = try await service.curl(try #require(clips.first?.gameClipUris?.first).uri)
        #expect(try video == Data(contentsOf: Places.samples.appending(path: "boss-fight.mp4")))
    }

    @Test(arguments: zip([SIGINT, SIGTERM, SIGHUP], [130, 143, 129] as [Int32]))
    func `after Ctrl-C during an upload the same command sends only what was missing`(
        signal: Int32, code: Int32
    ) async throws {
        try await withGate(blocksInFlight: 2) { bench, service, gate in
            // Both places are taken, so that nothing goes up until the program has seen the signal.
            try await gate.order("hold PUT 5")
            try await gate.order("hold PUT 6")
            try await beside(bench) { program in
                _ = try await gate.program.printed { printed in
                    printed.outputLines.count { $0.contains("\"held\"") } == 2 ? true : nil
                }
                program.signal(signal)
                _ = try await program.printed { $0.errorLines.first { $0.hasPrefix("Stopping") } }
                // The shell of a terminal that is closed says it once more.
                if signal == SIGHUP { program.signal(signal) }
                try await gate.order("go")
                let end = try await program.end()
                expect(end, exits: code)
                #expect(end.table["boss-fight"]?[4] == "ready", "\(end.outputText)")
                // Once, however many clips there are.
                #expect(end.errorLines.filter { $0.contains("interrupted") }.count == 1, "\(end.errorText)")
                #expect(end.errorText.contains("1 clip interrupted; run the same command again to go on"))
                #expect(!end.outputText.contains("interrupted"))
            }
            let interrupted = try #require(try bench.output.batch["boss-fight"])
            #expect(interrupted.state == "ready" && interrupted.reason?.contains("interrupted") == true)
            #expect(try await bench.output.schemaMistakes() == [])
            let before = gate.blocks()
            #expect(try await acknowledged(bench) == before.count)
            let status = try await clipship(["status", bench.output.path])
            #expect(status.table["boss-fight"]?[1] == "ready", "the same word: \(status.outputText)")

            let end = gate.events.count
            expect(try await bench.run(), exits: 0)
            #expect((before + gate.blocks(since: end)).sorted() == Array(0..<15))
            #expect(gate.events.count { $0.method == "POST" } == 1)
            #expect(try bench.output.batch["boss-fight"]?.gameClipId == interrupted.gameClipId)
            try await expectPublishedOnce(bench, service)
        }
    }

    @Test func `Ctrl-C while a command is asked for the token is no refusal`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let begun = bench.folder.appending(path: "begun").path
            try bench.writePipeline(
                service: "{metadata: \"http://127.0.0.1:9\", token: {command: \"echo > '\(begun)'; exec sleep 100\"}}")
            // A process group of its own, to which Ctrl-C goes as a terminal sends it.
            let script = """
                set -m; "$0" run pipeline.yaml &
                until test -e '\(begun)'; do sleep 0.05; done; kill -INT -- -$!; wait $!
                """
            let result = try await run("bash", ["-c", script, Clipship.path], in: bench.folder)
            expect(result, exits: 130)
            #expect(try bench.output.batch["instant-replay"]?.reason?.contains("interrupted") == true)
        }
    }

    @Test func `SIGTERM while a command is asked for the token ends the run in order, and all of the command`()
        async throws
    {
        try await Workbench.with(["instant-replay"]) { bench in
            // One that takes no notice of being asked, with children; its standard error is the program's.
            let line = "trap '' TERM INT; sleep 601 & echo processes $$ $! >&2; sleep 602"
            try bench.writePipeline(service: "{metadata: \"http://127.0.0.1:9\", token: {command: \"\(line)\"}}")
            try await beside(bench) { program in
                let line = try await program.printed { $0.errorLines.first { $0.hasPrefix("processes ") } }
                program.signal(SIGTERM)
                let end = try await program.end()
                expect(end, exits: 143)
                // A run that had to be cut off would have ended without its table and its report.
                #expect(end.table["instant-replay"]?[4] == "ready", "\(end.outputText)")
                let ids = line.split(separator: " ").compactMap { Int32($0) }
                #expect(ids.count == 2)
                for id in ids { #expect(!isRunning(id), "process \(id)") }
            }
            #expect(try bench.output.batch["instant-replay"]?.reason?.contains("interrupted") == true)
        }
    }

    @Test func `a user who is over quota is told so with 77`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try await Service.with(bench.folder.appending(path: "data"), "--quota", "100kB") { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try bench.writePipeline(service: "{metadata: \"\(service.address)\", token: {file: token}}")
                expect(try await bench.run(), exits: 77)
                let entry = try #require(try bench.output.batch["instant-replay"])
                #expect(entry.state == "ready" && entry.reason?.contains("the user is over quota") == true, "\(entry)")
            }
        }
    }

    @Test func `a service that can't be reached is told of once, while it is tried again`() async throws {
        try await Workbench.with(["instant-replay", "lobby-vfr"]) { bench in
            try Data("token".utf8).write(to: bench.folder.appending(path: "token"))
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: bench.folder.appending(path: "token").path)
            // Nobody listens on the port of discarding.
            try bench.writePipeline(service: "{metadata: \"http://127.0.0.1:9\", token: {file: token}}")
            try await beside(bench) { program in
                let warning =
                    "warning: http://127.0.0.1:9 can't be reached: could not connect; trying again for up to 15 min"
                _ = try await program.printed { $0.errorLines.first { $0 == warning } }
                program.signal(SIGINT)
                let end = try await program.end()
                expect(end, exits: 130)
                #expect(end.errorLines.count { $0.contains("can't be reached") } == 1)
            }
        }
    }

    @Test func `after SIGKILL during an upload the same command goes on behind the last acknowledged block`()
        async throws
    {
        try await withGate(blocksInFlight: 1) { bench, service, gate in
            try await gate.order("hold PUT 5")
            try await beside(bench) { program in
                _ = try await gate.first("held")
                program.signal(SIGKILL)
                #expect(try await program.end().status == 128 + SIGKILL)
            }
            try await gate.order("go")
            #expect(try await acknowledged(bench) == 4)
            let end = gate.events.count
            expect(try await bench.run(), exits: 0)
            #expect(gate.blocks(since: end) == Array(4..<15))
            #expect(gate.events.count { $0.method == "POST" } == 1)
            try await expectPublishedOnce(bench, service)
        }
    }

    @Test func `a lost answer to the initial request leaves one published clip and no unused id`() async throws {
        try await withGate(blocksInFlight: 4) { bench, service, gate in
            try await gate.order("drop POST 1")
            expect(try await bench.run(), exits: 0)
            #expect(gate.events.count { $0.event == "dropped" } == 1)
            #expect(gate.events.count { $0.method == "DELETE" && $0.status == 204 } == 1)
            try await expectPublishedOnce(bench, service)
        }
    }

    @Test func `SIGKILL before the answer to the initial request leaves one published clip and no unused id`()
        async throws
    {
        try await withGate(blocksInFlight: 4) { bench, service, gate in
            try await gate.order("hold POST 1")
            try await beside(bench) { program in
                _ = try await gate.first("held")
                program.signal(SIGKILL)
                _ = try await program.end()
            }
            try await gate.order("go")
            expect(try await bench.run(), exits: 0)
            try await expectPublishedOnce(bench, service)
        }
    }

    @Test func `a lost answer to the last block ends in one published clip`() async throws {
        try await withGate(blocksInFlight: 1) { bench, service, gate in
            try await gate.order("drop PUT 15")
            expect(try await bench.run(), exits: 0)
            #expect(gate.blocks() == Array(0..<15) + [14])
            try await expectPublishedOnce(bench, service)
        }
    }

    @Test func `a second run on the same output exits with 75 and names the process that is at work`() async throws {
        try await withGate(blocksInFlight: 4) { bench, service, gate in
            try await gate.order("hold PUT 5")
            try await beside(bench) { program in
                _ = try await gate.first("held")
                let second = try await bench.run()
                expect(second, exits: 75)
                #expect(second.outputText == "")
                #expect(second.errorText.contains("another clipship (process \(program.id) since "))
                try await gate.order("go")
                expect(try await program.end(), exits: 0)
            }
            try await expectPublishedOnce(bench, service)
        }
    }

    @Test func `a local service that is in use is waited for by nobody: exit 75`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            try await Service.with(bench.output.localService) { _ in
                let result = try await bench.run()
                expect(result, exits: 75)
                #expect(result.errorText.contains("out/local-service"), "\(result.errorText)")
            }
            expect(try await bench.run(), exits: 0)
        }
    }

    @Test func `a token that the service refuses exits with 77, and the same command goes on with a good one`()
        async throws
    {
        try await withGate(blocksInFlight: 4) { bench, service, gate in
            let token = bench.folder.appending(path: "token")
            try Data("nonsense".utf8).write(to: token)
            let refused = try await bench.run()
            expect(refused, exits: 77)
            #expect(try bench.output.batch["boss-fight"]?.state == "ready")
            #expect(
                refused.errorText.contains("nothing was sent: the service rejected the credentials (401)"),
                "\(refused.errorText)")
            #expect(!refused.outputText.contains("nonsense") && !refused.errorText.contains("nonsense"))

            try service.writeToken(to: token)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: token.path)
            let open = try await bench.run()
            expect(open, exits: 77)
            #expect(open.errorText.contains("chmod 600"), "\(open.errorText)")

            try service.writeToken(to: token)
            expect(try await bench.run("--quiet"), exits: 0)
            try await expectPublishedOnce(bench, service)
        }
    }

    @Test func `Ctrl-C ends a run at once that waits for a service which is down`() async throws {
        try await withGate(blocksInFlight: 4) { bench, _, gate in
            for number in 1...40 { try await gate.order("refuse GET \(number) 503") }
            try await withProgram(Clipship.path, ["run", bench.pipeline.path, "--verbose"], in: bench.folder) {
                program in
                _ = try await gate.first("refused")
                _ = try await program.printed { $0.errorLines.first { $0.contains("again in") } }
                program.signal(SIGINT)
                expect(try await program.end(), exits: 130)
            }
            // A run that had to be cut off after ten seconds would have ended before it wrote the report.
            #expect(try bench.output.batch["boss-fight"]?.state == "ready")
        }
    }
}
