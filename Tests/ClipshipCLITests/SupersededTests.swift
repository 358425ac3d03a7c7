import Foundation
import TestSupport
import Testing

/// Uploads that are half done when their clip becomes another one, or goes.
@Suite(.fewAtOnce) struct SupersededTests {
    /// A bench whose first run was killed while the answer to its nth request of a kind was held back.
    private func withHalfDone(
        _ held: String, _ body: (Workbench, Service, Gate) async throws -> Void
    ) async throws {
        try await Workbench.with(["boss-fight"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try await Gate.with(before: service) { gate in
                    try bench.writePipeline(
                        service: "{metadata: \"http://127.0.0.1:\(gate.port)\", token: {file: token}}",
                        more: "blocks: {size: 500kB}\nsubmit: {blocksInFlight: 1}")
                    try await kill(["run", bench.pipeline.path], at: held, bench, gate)
                    #expect(try await service.list().map(\.state) == ["PendingUpload"])
                    try await body(bench, service, gate)
                }
            }
        }
    }

    /// Runs the program until an answer is held back, and kills it there.
    private func kill(_ words: [String], at held: String, _ bench: Workbench, _ gate: Gate) async throws {
        try await gate.order("hold \(held)")
        try await withProgram(Clipship.path, words, in: bench.folder) { program in
            _ = try await gate.first("held")
            program.signal(SIGKILL)
            _ = try await program.end()
        }
        try await gate.order("go")
    }

    /// Records the clip again.
    private func record(_ sample: String = "instant-replay", in bench: Workbench) throws {
        let bytes = try Data(contentsOf: Places.samples.appending(path: "\(sample).mp4"))
        try bench.add("boss-fight.mp4", bytes: bytes)
    }

    private func status(_ more: [String], _ bench: Workbench, _ gate: Gate) async throws -> ProgramResult {
        let service = ["--service", "http://127.0.0.1:\(gate.port)", "--token-file", "token"]
        return try await clipship(["status", "out"] + service + more, in: bench.folder)
    }

    /// Whose submissions the journal knows.
    private func journal(_ bench: Workbench) async throws -> [String] {
        let path = bench.output.folder.appending(path: "journal.db").path
        let answer = try await TestSupport.run("sqlite3", [path, "SELECT clip || ' ' || state FROM clip ORDER BY 1"])
        try answer.expectSuccess()
        return answer.outputLines
    }

    /// What is seen of a clip after it was recorded again and published.
    private func expectOnlyTheNewOne(_ bench: Workbench, _ service: Service, _ gate: Gate) async throws {
        let clips = try await service.list()
        #expect(clips.map(\.state) == ["Published"])
        #expect(clips.map(\.gameClipId) == [try bench.output.batch["boss-fight"]?.gameClipId])
        let video = try await service.curl(try #require(clips.first?.gameClipUris?.first).uri)
        #expect(try video == Data(contentsOf: bench.clips.appending(path: "boss-fight.mp4")))
        #expect(gate.events.count { $0.method == "DELETE" && $0.status == 204 } == 1)
        #expect(try await journal(bench) == ["boss-fight published"])
    }

    @Test(arguments: ["PUT 5", "POST 1"])
    func `what is left of a clip that was recorded again is removed before the new one goes up`(
        held: String
    ) async throws {
        try await withHalfDone(held) { bench, service, gate in
            try record(in: bench)
            expect(try await bench.run(), exits: 0)
            try await expectOnlyTheNewOne(bench, service, gate)
        }
    }

    @Test func `so it is when something else that makes it the clip it is has changed`() async throws {
        try await withHalfDone("PUT 5") { bench, service, gate in
            let session = try String(contentsOf: bench.session, encoding: .utf8)
            let changed = session.replacing(Workbench.scid, with: "00000000-0000-0012-0023-000000000071")
            #expect(changed != session)
            try Data(changed.utf8).write(to: bench.session)
            expect(try await bench.run(), exits: 0)
            #expect(try await service.list().map(\.state) == [], "the id in the service configuration of before")
            #expect(try await journal(bench) == ["boss-fight published"])
        }
    }

    @Test func `where it can't be removed the new clip is published all the same, and status finds it`() async throws {
        try await withHalfDone("PUT 5") { bench, service, gate in
            let old = try #require(try await service.list().first?.gameClipId)
            try record(in: bench)
            try await gate.order("refuse DELETE 1 403")
            let run = try await bench.run()
            expect(run, exits: 0)
            let warning = "boss-fight: warning: the upload of what it was before stays on the service"
            #expect(run.errorText.contains(warning), "\(run.errorText)")
            #expect(Set(try await service.list().map(\.state)) == ["Published", "PendingUpload"])
            #expect(try await journal(bench) == ["boss-fight published", "boss-fight requested"])

            let shown = try await status(["--reconcile"], bench, gate)
            expect(shown, exits: 0)
            #expect(shown.table[old]?[3] == "unused", "\(shown.outputText)")
            let fixed = try await status(["--reconcile", "--fix"], bench, gate)
            expect(fixed, exits: 0)
            #expect(fixed.table[old]?[3] == "removed", "\(fixed.outputText)")
            try await expectOnlyTheNewOne(bench, service, gate)
        }
    }

    @Test(arguments: ["PUT 5", "POST 1"])
    func `what is left of a clip that is gone is unused`(held: String) async throws {
        try await withHalfDone(held) { bench, service, gate in
            let old = try #require(try await service.list().first?.gameClipId)
            let clips = bench.clips.path
            try FileManager.default.moveItem(atPath: "\(clips)/boss-fight.mp4", toPath: "\(clips)/renamed.mp4")
            let fixed = try await status(["--reconcile", "--fix"], bench, gate)
            expect(fixed, exits: 0)
            #expect(fixed.table[old]?[3] == "removed", "\(fixed.outputText)")
            #expect(try await service.list().isEmpty)
            #expect(try await journal(bench) == [])
        }
    }

    @Test func `a folder that is away, as a disk may be, makes no upload unused`() async throws {
        try await withHalfDone("PUT 5") { bench, service, gate in
            let old = try #require(try await service.list().first?.gameClipId)
            let away = bench.folder.appending(path: "away")
            try FileManager.default.moveItem(at: bench.clips, to: away)
            let looked = try await status(["--reconcile", "--fix"], bench, gate)
            expect(looked, exits: 0)
            #expect(looked.outputLines == [])
            try FileManager.default.moveItem(at: away, to: bench.clips)
            expect(try await bench.run(), exits: 0)
            let clips = try await service.list()
            #expect(clips.map(\.gameClipId) == [old] && clips.map(\.state) == ["Published"])
        }
    }

    @Test func `a row whose id is gone already goes with the next look`() async throws {
        try await withHalfDone("PUT 5") { bench, service, gate in
            let old = try #require(try await service.list().first?.gameClipId)
            try await service.curl("-X", "DELETE", "\(service.clips)/\(old)", expect: 204)
            try FileManager.default.removeItem(at: bench.clips.appending(path: "boss-fight.mp4"))
            expect(try await status(["--reconcile"], bench, gate), exits: 0)
            #expect(try await journal(bench) == ["boss-fight requested"])
            expect(try await status(["--reconcile", "--fix"], bench, gate), exits: 0)
            #expect(try await journal(bench) == [])
        }
    }

    @Test func `clips of one name from different folders leave each other's uploads alone`() async throws {
        try await Workbench.with(["boss-fight"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try await Gate.with(before: service) { gate in
                    try bench.writePipeline(more: "blocks: {size: 500kB}")
                    // Each with a folder of MP4s of its own.
                    for output in ["one", "two"] {
                        if output == "two" { try record(in: bench) }
                        let words = ["run", bench.pipeline.path, "--no-submit", "--output", output]
                        expect(try await clipship(words, in: bench.folder), exits: 0)
                        try FileManager.default.copyItem(
                            at: bench.clips, to: bench.folder.appending(path: "\(output)/clips"))
                    }
                    let submit = { (name: String) in
                        [
                            "submit", "\(name)/manifests/boss-fight.json", "--clips", "\(name)/clips", "--output",
                            "out",
                            "--service", "http://127.0.0.1:\(gate.port)", "--token-file", "token",
                            "--blocks-in-flight", "1",
                        ]
                    }
                    try await kill(submit("one"), at: "PUT 5", bench, gate)
                    let first = try #require(try await service.list().first?.gameClipId)
                    expect(try await clipship(submit("two"), in: bench.folder), exits: 0)
                    let reconciled = try await status(["--reconcile", "--fix"], bench, gate)
                    expect(reconciled, exits: 0)
                    #expect(reconciled.outputLines == [])
                    expect(try await clipship(submit("one"), in: bench.folder), exits: 0)
                    let clips = try await service.list()
                    #expect(clips.map(\.state) == ["Published", "Published"])
                    #expect(clips.contains { $0.gameClipId == first })
                    #expect(!gate.events.contains { $0.method == "DELETE" })
                }
            }
        }
    }
}
