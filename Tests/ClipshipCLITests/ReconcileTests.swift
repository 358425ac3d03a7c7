import Foundation
import TestSupport
import Testing

/// `clipship status --reconcile`: ids that nobody is going to use.
@Suite(.fewAtOnce) struct ReconcileTests {
    /// Asks for an upload as another program would, or another folder's run.
    private func ask(_ service: Service, marker: String?, caption: String) async throws -> String {
        struct Answer: Decodable { var gameClipId: String }
        var body: [String: Any] = [
            "userCaption": caption, "dateRecorded": "2026-11-21T10:00:00Z", "durationInSeconds": 1, "fileSize": 10,
            "expectedBlocks": 1, "type": "DeveloperInitiated", "source": "TitleDirect", "visibility": "Default",
        ]
        if let marker { body["systemProperties"] = "{\"clipship\":\"\(marker)\"}" }
        let json = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
        return try JSONDecoder().decode(Answer.self, from: await service.curl(service.clips, "--data", json))
            .gameClipId
    }

    @Test func `ids of no manifest are shown; those of other folders are removed only when told so, and old`()
        async throws
    {
        try await Workbench.with(["instant-replay"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                let token = bench.folder.appending(path: "token")
                try service.writeToken(to: token)
                try bench.writePipeline(service: "{metadata: \"\(service.address)\", token: {file: token}}")
                expect(try await bench.run(), exits: 0)
                let published = try #require(try bench.output.batch["instant-replay"]?.gameClipId)
                let ours = try await ask(service, marker: "another-folder", caption: "lost")
                let theirs = try await ask(service, marker: nil, caption: "not ours")

                let status = {
                    try await clipship(
                        ["status", bench.output.path, "--service", service.address, "--token-file", token.path] + $0)
                }
                let shown = try await status(["--reconcile"])
                expect(shown, exits: 0)
                #expect(shown.table[ours]?[3] == "of another folder" && shown.table[theirs]?[3] == "of another program")
                #expect(shown.table[published] == nil)
                #expect(shown.errorText.hasPrefix("1 of other output folders"))
                #expect(try await service.list().count == 3)

                let json = try await status(["--reconcile", "--format", "json"])
                #expect(json.outputLines.count == 2 && json.outputText.contains("\"isOfClipship\":true"))

                for kept in [["--reconcile", "--fix"], ["--reconcile", "--fix", "--all-owners"]] {
                    expect(try await status(kept), exits: 0)
                    #expect(try await service.list().count == 3)
                }
                let fixed = try await status(["--reconcile", "--fix", "--all-owners", "--older-than", "0s"])
                expect(fixed, exits: 0)
                #expect(fixed.table[ours]?[3] == "removed")
                #expect(Set(try await service.list().map(\.gameClipId)) == [published, theirs])
                for words in [
                    ["--fix"], ["--reconcile", "--all-owners"], ["--reconcile", "--fix", "--older-than", "1h"],
                ] {
                    expect(try await status(words), exits: 2)
                }
                expect(try await bench.run(), exits: 0)
            }
        }
    }

    @Test func `an upload that is interrupted is not unused: the next run goes on with it`() async throws {
        try await Workbench.with(["boss-fight"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                let token = bench.folder.appending(path: "token")
                try service.writeToken(to: token)
                try await Gate.with(before: service) { gate in
                    try bench.writePipeline(
                        service: "{metadata: \"http://127.0.0.1:\(gate.port)\", token: {file: token}}",
                        more: "blocks: {size: 100kB}")
                    let words = ["run", bench.pipeline.path]
                    try await withProgram(Clipship.path, words, in: bench.folder) { run in
                        _ = try await gate.first("answered")
                        run.signal(SIGKILL)
                        _ = try await run.end()
                    }
                    #expect(try await service.list().count <= 1)
                    let result = try await clipship([
                        "status", bench.output.path, "--reconcile", "--fix", "--service",
                        "http://127.0.0.1:\(gate.port)", "--token-file", token.path,
                    ])
                    expect(result, exits: 0)
                    #expect(result.errorText == "No orphaned uploads.\n")
                    expect(try await bench.run(), exits: 0)
                    #expect(try await service.list().map(\.state) == ["Published"])
                }
            }
        }
    }

    @Test func `an upload is started over when the file is divided in another way than it was`() async throws {
        try await Workbench.with(["boss-fight"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try await Gate.with(before: service) { gate in
                    let address = "{metadata: \"http://127.0.0.1:\(gate.port)\", token: {file: token}}"
                    try bench.writePipeline(service: address, more: "blocks: {size: 100kB}")
                    try await withProgram(Clipship.path, ["run", bench.pipeline.path], in: bench.folder) { run in
                        _ = try await gate.program.printed { printed in
                            printed.outputLines.count { $0.contains("\"PUT\"") } >= 12 ? true : nil
                        }
                        run.signal(SIGKILL)
                        _ = try await run.end()
                    }
                    try bench.writePipeline(service: address, more: "blocks: {size: 1MB}")
                    expect(try await bench.run(), exits: 0)
                    #expect(try await service.list().map(\.state) == ["Published"])
                }
            }
        }
    }

    @Test func `two manifests of one clip publish it once`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try bench.writePipeline()
                for output in ["one", "two"] {
                    let words = ["run", bench.pipeline.path, "--no-submit", "--output", output]
                    expect(try await clipship(words, in: bench.folder), exits: 0)
                }
                let manifests = ["one", "two"].map { "\($0)/manifests/instant-replay.json" }
                let result = try await clipship(
                    ["submit"] + manifests + ["--service", service.address, "--token-file", "token"],
                    in: bench.folder)
                expect(result, exits: 0)
                #expect(result.outputLines.count { $0.contains("published") } == 2)
                #expect(try await service.list().count == 1)
            }
        }
    }

    /// Puts the only clip of a journal into the state in which a lost answer leaves it.
    private func loseAnswer(_ bench: Workbench) async throws {
        let path = bench.output.folder.appending(path: "journal.db").path
        let sql = "UPDATE clip SET state = 'intended', game_clip_id = NULL, upload_uri = NULL"
        try await TestSupport.run("sqlite3", [path, sql]).expectSuccess()
    }

    @Test func `what a lost answer leaves open is settled by hand`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                let token = bench.folder.appending(path: "token")
                try service.writeToken(to: token)
                try bench.writePipeline(service: "{metadata: \"\(service.address)\", token: {file: token}}")
                expect(try await bench.run(), exits: 0)
                let id = try #require(try bench.output.batch["instant-replay"]?.gameClipId)
                let resolve = { (what: String) in
                    try await clipship([
                        "status", bench.output.path, "--service", service.address, "--token-file", token.path,
                        "--resolve", what,
                    ])
                }
                let settled = try await resolve("instant-replay=\(id)")
                expect(settled, exits: 1)
                #expect(settled.errorText.contains("nothing to settle"), "\(settled.errorText)")

                try await loseAnswer(bench)
                let other = try await ask(service, marker: "another-clip", caption: "other")
                for (what, sentence) in [
                    ("instant-replay=no-such-id", "the service has no clip no-such-id"),
                    ("instant-replay=\(other)", "its marker is another clip's"),
                ] {
                    let refused = try await resolve(what)
                    expect(refused, exits: 1)
                    #expect(refused.errorText.contains(sentence), "\(refused.errorText)")
                }
                expect(try await resolve("instant-replay"), exits: 2)
                let found = try await resolve("instant-replay=\(id)")
                expect(found, exits: 0)
                #expect(found.outputText == "instant-replay: settled; the service has every byte (Published)\n")
                expect(try await bench.run(), exits: 0)
                #expect(try bench.output.batch["instant-replay"]?.gameClipId == id)

                // An id without bytes is of no use, for its address is lost.
                try await loseAnswer(bench)
                let empty = try await ask(service, marker: nil, caption: "empty")
                expect(try await resolve("instant-replay=\(empty)"), exits: 0)
                #expect(try await !service.list().map(\.gameClipId).contains(empty))

                let status = try await clipship(["status", bench.output.path])
                #expect(status.table["instant-replay"]?[1] == "ready", "\(status.outputText)")
                expect(try await bench.run(), exits: 0)
                #expect(try await service.list().filter { $0.state == "Published" }.map(\.gameClipId) == [id])
                try await loseAnswer(bench)
                let none = try await resolve("instant-replay=none")
                expect(none, exits: 0)
                #expect(none.outputText == "instant-replay: settled; the next run asks for an id\n")
            }
        }
    }
}
