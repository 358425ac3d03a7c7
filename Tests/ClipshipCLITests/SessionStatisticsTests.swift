import Foundation
import TestSupport
import Testing

/// The pipeline with statistics and a server instance: what ends up in captions, that it resumes, and that it needs no
/// network once the statistics are kept.
@Suite(.fewAtOnce) struct SessionStatisticsTests {
    private static let sections = """
        statistics:
          scids: {session: [Wins, Kills, Income]}
          whenMissing: {default: none}
          whenRestricted: warn
        """
    private static let caption = "{clip.name}, {stats.Wins} wins{stats.Income}"
    private static let titleData = #"{wins: "{stats.Wins}", kills: ["{stats[2716903703773874].Kills}", "\#(quoted)"]}"#
    private static let quoted = "{stats[2716903703773873].Kills}"

    /// Writes the pipeline; `more` are lines below it.
    private func write(
        _ bench: Workbench, service: String = "{local: {statistics: stats.yaml}}",
        sections: String = sections, more: String = ""
    ) throws {
        let stats = """
            users:
              - {xuid: 2716903703773872, gamertag: LanternFox, scids: {\(Workbench.scid): {Wins: 12}}}
              - {xuid: 2716903703773873, gamertag: "Mossy \\"G\\"", scids: {\(Workbench.scid): {Kills: "two \\"and\\" more"}}}
            restricted: {\(Workbench.scid): [Income]}
            """
        try Data(stats.utf8).write(to: bench.folder.appending(path: "stats.yaml"))
        try bench.writePipeline(service: service, more: sections + "\n" + more)
        var text = try String(contentsOf: bench.pipeline, encoding: .utf8)
        text.replace(
            #"userCaption: "{session.title}: {clip.name}""#,
            with: "userCaption: \"\(Self.caption)\"\n  titleData: \(Self.titleData)")
        try Data(text.utf8).write(to: bench.pipeline)
    }

    private struct Manifest: Decodable {
        struct Request: Decodable { var userCaption: String, titleData: String }
        var request: Request
        var warnings: [String]
    }

    private func manifest(_ output: Output, _ clip: String) throws -> Manifest {
        try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: output.manifest(clip)))
    }

    @Test func `captions and title data carry the statistics, and the kept ones give the same bytes offline`()
        async throws
    {
        try await Workbench.with(["instant-replay", "lobby-vfr"]) { bench in
            try write(bench)
            let first = try await bench.run()
            expect(first, exits: 0)
            #expect(first.errorText.contains("statistics: asking for 3 of each of 3 players"))
            let made = try manifest(bench.output, "lobby-vfr")
            #expect(made.request.userCaption == "lobby-vfr, 12 wins")
            #expect(made.request.titleData == #"{"kills":["none","two \"and\" more"],"wins":"12"}"#)
            #expect(made.warnings.contains("Income of player 2716903703773872: restricted; left empty"))
            let kept = bench.output.folder.appending(path: "statistics.json")
            #expect(try await mistakes(in: [SchemaQuestion(.statistics, Data(contentsOf: kept))]) == [[]])
            #expect(try await bench.output.schemaMistakes() == [])
            let manifests = try bench.output.manifests()

            // Another folder, no service at that address, and nothing but the statistics.
            try await Workbench.with(["instant-replay", "lobby-vfr"]) { other in
                try write(other, service: "{metadata: \"https://127.0.0.1:9\", token: {env: NOBODY}}")
                try FileManager.default.createDirectory(at: other.output.folder, withIntermediateDirectories: true)
                try FileManager.default.copyItem(
                    at: kept, to: other.output.folder.appending(path: "statistics.json"))
                let offline = try await other.run("--no-submit")
                expect(offline, exits: 0)
                #expect(offline.errorText.contains("kept in out/statistics.json; --refresh-statistics asks again"))
                #expect(try other.output.manifests() == manifests)
                #expect(try await other.run("--dry-run").outputText.contains("\"lobby-vfr, 12 wins\""))
            }
        }
    }

    @Test func `statistics are asked for again when that is wished, or when others are wanted`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try write(bench)
            expect(try await bench.run("--no-submit"), exits: 0)
            let before = try manifest(bench.output, "instant-replay").request.userCaption
            try write(bench)
            let stats = bench.folder.appending(path: "stats.yaml")
            let text = try String(contentsOf: stats, encoding: .utf8).replacing("Wins: 12", with: "Wins: 13")
            try Data(text.utf8).write(to: stats)
            expect(try await bench.run("--no-submit"), exits: 0)
            #expect(try manifest(bench.output, "instant-replay").request.userCaption == before)
            expect(try await bench.run("--no-submit", "--refresh-statistics"), exits: 0)
            #expect(try manifest(bench.output, "instant-replay").request.userCaption == "instant-replay, 13 wins")

            try Data(text.replacing("Wins: 13", with: "Wins: 14").utf8).write(to: stats)
            try write(bench, sections: Self.sections.replacing("Kills,", with: "Kills, Deaths,"))
            try Data(text.replacing("Wins: 13", with: "Wins: 14").utf8).write(to: stats)
            expect(try await bench.run("--no-submit"), exits: 0)
            #expect(try manifest(bench.output, "instant-replay").request.userCaption == "instant-replay, 14 wins")
        }
    }

    @Test func `a clip fails by itself where the pipeline says so`() async throws {
        try await Workbench.with(["instant-replay", "boss-fight"]) { bench in
            // The sidecar of boss-fight has a caption and title data of its own, so it needs no statistic.
            try write(bench, sections: Self.sections.replacing("whenRestricted: warn", with: "whenRestricted: fail"))
            let result = try await bench.run()
            expect(result, exits: 1)
            let batch = try bench.output.batch
            #expect(batch["boss-fight"]?.state == "published")
            #expect(
                batch["instant-replay"]?.reason
                    == "there is no statistic Income of player 2716903703773872: restricted")
        }
    }

    @Test(arguments: [
        ("{stats.Wnis}", "{stats.Wnis}: \"statistics\" does not ask for it; did you mean \"Wins\"?"),
        ("{stats[5].Wins}", "{stats[5].Wins}: the player 5 is not among the users of \"statistics\""),
    ])
    func `a placeholder that can have no value is a mistake with its place`(
        placeholder: String, message: String
    ) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try write(bench)
            let text = try String(contentsOf: bench.pipeline, encoding: .utf8)
                .replacing(Self.caption, with: placeholder)
            try Data(text.utf8).write(to: bench.pipeline)
            let result = try await bench.run()
            expect(result, exits: 2)
            #expect(result.errorText.contains("pipeline.yaml:5:16: \"userCaption\": \(message)"), "\(result.errorText)")
        }
    }

    @Test func `a service that is down ends the run with 75, one that says no with 77, and both go on later`()
        async throws
    {
        try await Workbench.with(["instant-replay"]) { bench in
            let plan = bench.folder.appending(path: "plan.yaml")
            try Data("rules: [{calls: statistics, status: 503}]".utf8).write(to: plan)
            try write(bench)
            let data = bench.folder.appending(path: "data")
            try await Service.with(
                data, "--stats", bench.folder.appending(path: "stats.yaml").path, "--faults", plan.path
            ) {
                service in
                try useService(bench, service.port)
                try Data(service.token.utf8).write(to: bench.folder.appending(path: "token"))
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o600], ofItemAtPath: bench.folder.appending(path: "token").path)
                // Without a user hash there is no header for this service.
                let hashless = try await bench.run()
                expect(hashless, exits: 77)
                #expect(hashless.errorText.contains("user hash"), "\(hashless.errorText)")
                try writeToken("wrong", bench)
                expect(try await bench.run("--max-duration", "1s"), exits: 75)
                #expect(try !bench.files().contains("out/statistics.json"))
            }
            try await Service.with(data, "--stats", bench.folder.appending(path: "stats.yaml").path) { service in
                try useService(bench, service.port)
                try writeToken("wrong", bench)
                let refused = try await bench.run()
                expect(refused, exits: 77)
                #expect(refused.errorText.contains("401"))
                try writeToken(service.token, bench)
                expect(try await bench.run(), exits: 0)
            }
        }
    }

    private func useService(_ bench: Workbench, _ port: Int, more: String = "") throws {
        let url = "\"http://127.0.0.1:\(port)\""
        try write(
            bench, service: "{metadata: \(url), stats: \(url), compute: \(url), token: {file: token}}", more: more)
    }

    private func writeToken(_ token: String, _ bench: Workbench) throws {
        let file = bench.folder.appending(path: "token")
        try Data("XBL3.0 x=hash;\(token)\n".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    }

    @Test func `killed at each request before the upload, the same command completes it with one server`() async throws
    {
        try await Workbench.with(["instant-replay"]) { bench in
            try write(bench)
            let data = bench.folder.appending(path: "data")
            let told = bench.folder.appending(path: "told.json")
            try await Service.with(
                data, "--stats", bench.folder.appending(path: "stats.yaml").path, "--control"
            ) { service in
                try await Gate.with(before: service) { gate in
                    try useService(
                        bench, gate.port,
                        more: "compute: {timeout: 1m}\nhooks: {afterCompute: 'cat >> \(told.path)'}")
                    try writeToken(service.token, bench)
                    // Statistics; the allocation's status before; the request; its status after; the clips' list.
                    for order in ["POST 1", "GET 1", "POST 1", "GET 1", "GET 1"] {
                        let start = gate.events.count
                        try await gate.order("hold \(order)")
                        try await withProgram(Clipship.path, ["run", bench.pipeline.path], in: bench.folder) {
                            program in
                            _ = try await gate.program.printed { printed in
                                printed.outputLines.dropFirst(start + 1).contains { $0.contains("\"held\"") }
                                    ? true : nil
                            }
                            program.signal(SIGKILL)
                            _ = try await program.end()
                        }
                        try await gate.order("go")
                    }
                    expect(try await bench.run(), exits: 0)
                    #expect(
                        try manifest(bench.output, "instant-replay").request.userCaption == "instant-replay, 12 wins")
                    #expect(try await service.list().map(\.state) == ["Published"])
                    let servers = try await service.curl("\(service.address)/_control/servers")
                    struct Servers: Decodable {
                        struct Allocation: Decodable {}
                        var allocations: [Allocation]
                    }
                    #expect(try JSONDecoder().decode(Servers.self, from: servers).allocations.count == 1)
                    #expect(try await bench.output.schemaMistakes() == [])
                    let batch = try JSONSerialization.jsonObject(with: bench.output.batchFile) as? [String: Any]
                    let compute = try #require(batch?["compute"] as? [String: Any])
                    #expect(compute["state"] as? String == "fulfilled" && (compute["ports"] as? [Any])?.count == 2)
                    let facts = try JSONSerialization.jsonObject(with: Data(contentsOf: told)) as? [String: Any]
                    #expect(facts?["hostName"] as? String == compute["hostName"] as? String)
                }
            }
        }
    }

    @Test func `the command that is told of the server has no token in its environment`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try write(bench)
            let seen = bench.folder.appending(path: "environment")
            try await Service.with(
                bench.folder.appending(path: "data"), "--stats", bench.folder.appending(path: "stats.yaml").path
            ) { service in
                let url = "\"\(service.address)\""
                try write(
                    bench,
                    service: "{metadata: \(url), stats: \(url), compute: \(url), token: {env: SECRET_OF_THIS_TEST}}",
                    more: "compute: {timeout: 1m}\nhooks: {afterCompute: 'env > \(seen.path)'}")
                let result = try await clipship(
                    ["run", bench.pipeline.path],
                    environment: ["SECRET_OF_THIS_TEST": "XBL3.0 x=hash;\(service.token)", "NO_SECRET": "yes"])
                expect(result, exits: 0)
                let environment = try String(contentsOf: seen, encoding: .utf8)
                #expect(environment.contains("NO_SECRET=yes") && environment.contains("CLIPSHIP_HOST_NAME="))
                #expect(!environment.contains("SECRET_OF_THIS_TEST") && !environment.contains(service.token))
            }
        }
    }

    @Test func `Ctrl-C while a command is told of the server ends both, and the command is run again`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let begun = bench.folder.appending(path: "begun").path
            // A process group of its own, to which Ctrl-C goes as a terminal sends it.
            let hook = "exec >&-; echo x >> \(begun); test $(wc -l < \(begun)) -gt 1 || exec sleep 100"
            try write(bench, more: "compute: {timeout: 1m}\nhooks: {afterCompute: '\(hook)'}")
            let script = """
                set -m; "$0" run pipeline.yaml &
                until test -s '\(begun)'; do sleep 0.05; done; kill -INT -- -$!; wait $!
                """
            let result = try await run("bash", ["-c", script, Clipship.path], in: bench.folder)
            expect(result, exits: 130)
            #expect(try bench.output.batch["instant-replay"]?.reason?.contains("interrupted") == true)
            expect(try await bench.run(), exits: 0)
        }
    }

    @Test func `Ctrl-C ends the wait for a server, and the same command goes on with the same request`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try write(bench)
            let data = bench.folder.appending(path: "data")
            try await Service.with(
                data, "--stats", bench.folder.appending(path: "stats.yaml").path, "--control", "--servers", "0"
            ) { service in
                try useService(bench, service.port, more: "compute: {ifQueued: wait}")
                try writeToken(service.token, bench)
                try await withProgram(Clipship.path, ["run", bench.pipeline.path], in: bench.folder) { program in
                    _ = try await program.printed { $0.errorLines.first { $0 == "server: queued" } }
                    program.signal(SIGINT)
                    expect(try await program.end(), exits: 130)
                }
                #expect(try bench.output.batch["instant-replay"]?.reason?.contains("interrupted") == true)
                #expect(try await bench.output.schemaMistakes() == [])
                let control = "\(service.address)/_control/servers"
                try await service.curl("--data", #"{"capacity": 1}"#, control)
                expect(try await bench.run(), exits: 0)
                struct Servers: Decodable {
                    struct Allocation: Decodable {}
                    var allocations: [Allocation]
                }
                let servers = try JSONDecoder().decode(Servers.self, from: await service.curl(control))
                #expect(servers.allocations.count == 1)
            }
        }
    }

    @Test func `clips wait for a server that nobody has to give, or not, as the pipeline says`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let compute = "compute: {ifQueued: abort, whenAborted: fail}"
            try bench.writePipeline(service: "{local: {servers: 0}}", more: compute)
            let held = try await bench.run()
            expect(held, exits: 75)
            #expect(try bench.output.batch["instant-replay"]?.state == "ready")
            #expect(try bench.output.batch["instant-replay"]?.reason?.contains("run the same command again") == true)
            #expect(try await bench.output.schemaMistakes() == [])
            try bench.writePipeline(
                service: "{local: {servers: 0}}", more: "compute: {ifQueued: abort, whenAborted: continue}")
            expect(try await bench.run(), exits: 0)
            try bench.writePipeline(service: "{local: {servers: 0}}", more: "compute: {ifQueued: skip}")
            try FileManager.default.removeItem(at: bench.output.folder)
            expect(try await bench.run(), exits: 0)
            #expect(try await bench.output.schemaMistakes() == [])
        }
    }

    @Test func `a pipeline submits manifests that were made elsewhere`() async throws {
        try await Workbench.with(["instant-replay", "lobby-vfr"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 0)
            let moved = bench.folder.appending(path: "archive")
            try FileManager.default.moveItem(at: bench.clips, to: moved)
            let ready = bench.folder.appending(path: "ready.yaml")
            try Data("manifests: out/manifests/*.json\nclipsFolder: archive\noutput: there".utf8).write(to: ready)
            let result = try await clipship(["run", ready.path], in: bench.folder)
            expect(result, exits: 0)
            let there = Output(folder: bench.folder.appending(path: "there"))
            #expect(try there.batch.states == ["instant-replay": "published", "lobby-vfr": "published"])
            #expect(try await mistakes(in: [SchemaQuestion(.batch, there.batchFile)]) == [[]])
            let again = try await clipship(["run", ready.path], in: bench.folder)
            #expect(again.errorText.contains("nothing has changed"))
            expect(try await clipship(["run", ready.path, "--only", "lobby"], in: bench.folder), exits: 2)
            expect(try await clipship(["run", ready.path, "--no-submit"], in: bench.folder), exits: 2)
        }
    }

    @Test func `stats and compute by hand`() async throws {
        try await Workbench.with([]) { bench in
            try write(bench)
            let data = bench.folder.appending(path: "data")
            try await Service.with(data, "--stats", bench.folder.appending(path: "stats.yaml").path, "--servers", "1") {
                service in
                try writeToken(service.token, bench)
                let access = ["--service", service.address, "--token-file", "token"]
                let wanted = ["--user", "2716903703773872", "--user", "7", "--scid", Workbench.scid]
                let stats = try await clipship(
                    ["stats", "--stat", "Wins", "--stat", "Income", "--format", "json"] + wanted + access,
                    in: bench.folder)
                expect(stats, exits: 0)
                struct Line: Decodable { var xuid: String, name: String, value: String?, missing: String? }
                let lines = try stats.outputLines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
                #expect(lines.map { $0.value ?? $0.missing } == ["12", "restricted", "unknownUser", "restricted"])
                let table = try await clipship(["stats", "--stat", "Nope"] + wanted + access, in: bench.folder)
                #expect(table.table["2716903703773872"]?.last == "no such statistic")
                expect(try await clipship(["stats"] + access, in: bench.folder), exits: 2)

                let guid = "de305d54-75b4-431b-adb2-eb6b9e546014"
                func compute(_ command: String, _ name: String, _ more: String...) async throws -> ProgramResult {
                    let path = "/serviceconfigs/\(Workbench.scid)/sessiontemplates/raid/session/\(name)"
                    let session = name == guid ? guid : path
                    return try await clipship(
                        ["compute", command, "--title-id", "7", "--session-id", session] + more + access,
                        in: bench.folder)
                }
                expect(try await compute("status", "one"), exits: 1)
                let one = try await compute("allocate", "one")
                expect(one, exits: 0)
                #expect(one.table["fulfilled"] != nil)
                #expect(try await compute("allocate", "one").outputText == one.outputText, "the same instance")
                expect(try await compute("allocate", "two", "--if-queued", "abort"), exits: 75)
                expect(try await compute("allocate", "three", "--if-queued", "skip"), exits: 0)
                let status = try await compute("status", "three", "--format", "json")
                #expect(status.outputText.contains(#""status":"Queued""#))
                expect(try await compute("allocate", guid, "--if-queued", "skip"), exits: 0)
                let plain = try await compute("status", guid, "--format", "json")
                #expect(plain.outputText.contains("\"sessionId\":\"\(guid)\""), "\(plain.outputText)")
            }
        }
    }
}
