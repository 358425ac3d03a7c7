import Foundation
import TestSupport
import Testing

/// Clips that were published: whether the service still has them.
@Suite(.fewAtOnce) struct PublishedTests {
    private static let gone = "the service has no such clip any more; run again with --recreate to begin another upload"

    /// Two published clips, and the service that has them.
    private func withPublished(_ body: (Workbench, Service) async throws -> Void) async throws {
        try await Workbench.with(["instant-replay", "lobby-vfr"]) { bench in
            try await Service.with(bench.folder.appending(path: "data"), "--control") { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try bench.writePipeline(service: "{metadata: \"\(service.address)\", token: {file: token}}")
                expect(try await bench.run(), exits: 0)
                try await body(bench, service)
            }
        }
    }

    private func id(_ clip: String, _ bench: Workbench) throws -> String {
        try #require(try bench.output.batch[clip]?.gameClipId)
    }

    private func states(_ bench: Workbench) throws -> [String] {
        try ["instant-replay", "lobby-vfr"].map { try #require(try bench.output.batch[$0]?.state) }
    }

    private func check(_ bench: Workbench, _ address: String, _ more: String...) async throws -> ProgramResult {
        try await clipship(
            ["status", "out", "--check", "--service", address, "--token-file", "token"] + more, in: bench.folder)
    }

    @Test func `a service that has nothing of the folder is not asked, and the one that has is named`() async throws {
        try await withPublished { bench, service in
            let nowhere = "http://127.0.0.1:1"
            for words in [["--check"], ["--check", "--service", nowhere, "--token-file", "token"], ["--reconcile"]] {
                let result = try await clipship(["status", "out"] + words, in: bench.folder)
                expect(result, exits: 2)
                #expect(
                    result.errorText == "clipship: of out, 2 clips are at \(service.address); give that with --service "
                        + "to ask there\n", "\(result.errorText)")
            }
            let local = bench.output.folder.appending(path: "local-service").path
            #expect(!FileManager.default.fileExists(atPath: local), "looking makes nothing")
            expect(try await check(bench, service.address), exits: 0)
        }
    }

    @Test func `what somebody deleted is told of when asked, and uploaded again once`() async throws {
        try await withPublished { bench, service in
            let (first, other) = (try id("instant-replay", bench), try id("lobby-vfr", bench))
            let whole = try await bench.run("--check-published")
            expect(whole, exits: 0)
            #expect(!whole.errorText.contains("nothing has changed"), "it asked")
            try await service.curl("-X", "DELETE", "\(service.clips)/\(first)", expect: 204)

            #expect(try await bench.run().errorText.contains("nothing has changed"), "nobody asked")
            for words in [["--check-published"], []] {
                expect(try await clipship(["run", "pipeline.yaml"] + words, in: bench.folder), exits: 1)
                #expect(try states(bench) == ["failed", "published"])
                #expect(try bench.output.batch["instant-replay"]?.reason == Self.gone)
            }
            #expect(try await service.list().map(\.gameClipId) == [other], "nothing was asked for")

            for _ in 1...2 {
                expect(try await bench.run("--republish"), exits: 0)
                #expect(try states(bench) == ["published", "published"])
                let clips = try await service.list()
                #expect(clips.map(\.state) == ["Published", "Published"])
                #expect(Set(clips.map(\.gameClipId)) == [other, try id("instant-replay", bench)])
            }
            #expect(try id("instant-replay", bench) != first)
        }
    }

    @Test func `status asks as well, notes what is gone, and a list that shows nothing is no loss`() async throws {
        try await withPublished { bench, service in
            let plan = "{\"rules\": [], \"listLag\": \"100000h\"}"
            try await service.curl(
                "-X", "POST", "-d", plan, "\(service.address)/_control/faults", expect: 200)
            let blind = try await check(bench, service.address)
            expect(blind, exits: 0)
            #expect(blind.outputText.components(separatedBy: "published").count == 3, "\(blind.outputText)")

            try await service.curl(
                "-X", "DELETE", "\(service.clips)/\(try id("lobby-vfr", bench))", expect: 204)
            for _ in ["new", "known by now"] {
                let result = try await check(bench, service.address, "--format", "json")
                expect(result, exits: 1)
                #expect(result.errorLines.contains { $0.hasSuffix("lobby-vfr: \(Self.gone)") }, "\(result.errorText)")
                #expect(result.outputText.contains("\"failed\""))
            }
            #expect(try states(bench) == ["published", "failed"])
            expect(try await bench.run(), exits: 1)
        }
    }

    @Test func `a service that does not answer changes nothing`() async throws {
        try await withPublished { bench, service in
            let plan = "{\"rules\": [{\"calls\": \"list\", \"status\": 503}]}"
            try await service.curl(
                "-X", "POST", "-d", plan, "\(service.address)/_control/faults", expect: 200)
            let down = try await check(bench, service.address, "--retry-for", "0s")
            expect(down, exits: 75)
            #expect(try states(bench) == ["published", "published"])
            expect(try await bench.run(), exits: 0)
        }
    }

    @Test func `what another output folder has published again is the clip, and is not uploaded a third time`()
        async throws
    {
        try await withPublished { bench, service in
            let first = try id("instant-replay", bench)
            try await service.curl("-X", "DELETE", "\(service.clips)/\(first)", expect: 204)
            expect(try await bench.run("--output", "other"), exits: 0)
            let there = try #require(try await service.list().first?.gameClipId)
            #expect(there != first)

            expect(try await bench.run("--check-published"), exits: 0)
            #expect(try id("instant-replay", bench) == there)
            expect(try await bench.run("--republish"), exits: 0)
            #expect(try await service.list().map(\.state) == ["Published", "Published"])
        }
    }

    @Test(arguments: ["POST", "PUT"])
    func `killed while it uploads again what was gone, the next run goes on, and there is one clip`(method: String)
        async throws
    {
        try await Workbench.with(["instant-replay"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try await Gate.with(before: service) { gate in
                    let address = "http://127.0.0.1:\(gate.port)"
                    try bench.writePipeline(service: "{metadata: \"\(address)\", token: {file: token}}")
                    expect(try await bench.run(), exits: 0)
                    let first = try id("instant-replay", bench)
                    try await service.curl("-X", "DELETE", "\(service.clips)/\(first)", expect: 204)
                    try await gate.order("hold \(method) 1")
                    let arguments = ["run", bench.pipeline.path, "--republish"]
                    try await withProgram(Clipship.path, arguments, in: bench.folder) { program in
                        _ = try await gate.first("held")
                        program.signal(SIGKILL)
                        _ = try await program.end()
                    }
                    try await gate.order("go")

                    for words in [[], ["--republish"]] {
                        expect(try await clipship(["run", "pipeline.yaml"] + words, in: bench.folder), exits: 0)
                        let clips = try await service.list()
                        #expect(clips.map(\.state) == ["Published"])
                        #expect(clips.map(\.gameClipId) == [try id("instant-replay", bench)])
                    }
                }
            }
        }
    }

    /// As after a `clip delete` that was killed before it had noted anything.
    @Test func `a clip that is gone already when it is deleted is noted, too`() async throws {
        try await withPublished { bench, service in
            let id = try id("lobby-vfr", bench)
            try await service.curl("-X", "DELETE", "\(service.clips)/\(id)", expect: 204)
            let deletion = try await clipship(
                [
                    "clip", "delete", id, "--yes", "--scid", Workbench.scid, "--output", "out", "--service",
                    service.address, "--token-file", "token",
                ], in: bench.folder)
            expect(deletion, exits: 1)
            #expect(try states(bench) == ["published", "failed"])
            let status = try await clipship(["status", "out"], in: bench.folder)
            #expect(status.table["lobby-vfr"]?.contains("failed") == true, "\(status.outputText)")
        }
    }

    @Test func `a clip that is deleted with an output folder is noted there`() async throws {
        try await withPublished { bench, service in
            let id = try id("lobby-vfr", bench)
            let deletion = try await clipship(
                [
                    "clip", "delete", id, "--yes", "--scid", Workbench.scid, "--output", "out", "--service",
                    service.address, "--token-file", "token",
                ], in: bench.folder)
            expect(deletion, exits: 0)
            let reason = "it was deleted with clipship clip delete; run again with --recreate to begin another upload"
            #expect(try bench.output.batch["lobby-vfr"]?.reason == reason)
            expect(try await bench.run(), exits: 1)
            #expect(try bench.output.batch["lobby-vfr"]?.reason == reason)
            #expect(try await service.list().count == 1)
            expect(try await bench.run("--republish"), exits: 0)
            #expect(try states(bench) == ["published", "published"])
            #expect(try await service.list().map(\.state) == ["Published", "Published"])
        }
    }
}
