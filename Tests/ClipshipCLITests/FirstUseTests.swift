import Foundation
import TestSupport
import Testing

/// What somebody stumbles over who uses the program for the first time.
@Suite(.fewAtOnce) struct FirstUseTests {
    private static let refused = "the service rejected the credentials (401)"

    private func count(_ text: String, in result: ProgramResult) -> Int {
        (result.outputText + result.errorText).components(separatedBy: text).count - 1
    }

    /// Clips, and a service that refuses the token.
    private func withRefusedToken(
        _ samples: [String], more: String = "", _ body: (Workbench, Service) async throws -> Void
    ) async throws {
        try await Workbench.with(samples) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                let token = bench.folder.appending(path: "token")
                try service.writeToken(to: token)
                try Data("no-token-of-this-service".utf8).write(to: token)
                try bench.writePipeline(
                    service: "{metadata: \"\(service.address)\", token: {file: token}}", more: more)
                try await body(bench, service)
            }
        }
    }

    @Test func `a refused token is said once as it is met, and once as why nothing was sent`() async throws {
        try await withRefusedToken(["instant-replay", "lobby-vfr"]) { bench, service in
            let result = try await bench.run()
            expect(result, exits: 77)
            #expect(count(Self.refused, in: result) == 2, "\(result.outputText)\(result.errorText)")
            #expect(!result.outputText.contains(Self.refused), "the table has no reason that all clips have")
            let summary = try #require(result.errorLines.first { $0.hasPrefix("nothing was sent: ") })
            #expect(summary.contains(Self.refused) && summary.contains("get a new token, then run again"))
            for clip in ["instant-replay", "lobby-vfr"] {
                #expect(result.errorLines.contains { $0.hasPrefix("\(clip): ready") }, "\(result.errorText)")
                #expect(try bench.output.batch[clip]?.reason?.contains(Self.refused) == true)
            }
            // Of the same kind: without a table's company, for GitHub, for a look at what was published.
            let quiet = try await bench.run("--quiet")
            expect(quiet, exits: 77)
            #expect(count(Self.refused, in: quiet) == 1, "\(quiet.outputText)\(quiet.errorText)")
            let job = try await clipship(
                ["run", bench.pipeline.path], in: bench.folder, environment: ["GITHUB_ACTIONS": "true"])
            #expect(job.errorLines.filter { $0.hasPrefix("::") }.count == 1, "\(job.errorText)")
            try service.writeToken(to: bench.folder.appending(path: "token"))
            expect(try await bench.run(), exits: 0)
            let bad = bench.folder.appending(path: "bad")
            try service.writeToken(to: bad)
            try Data("another".utf8).write(to: bad)
            let status = try await clipship(
                ["status", "out", "--check", "--service", service.address, "--token-file", "bad"], in: bench.folder)
            expect(status, exits: 77)
            #expect(count(Self.refused, in: status) == 1, "\(status.errorText)")
        }
    }

    @Test func `a service that is away is said once for all clips`() async throws {
        try await Workbench.with(["instant-replay", "lobby-vfr"]) { bench in
            let token = bench.folder.appending(path: "token")
            try Data("t".utf8).write(to: token)
            #expect(chmod(token.path, 0o600) == 0)
            try bench.writePipeline(service: "{metadata: \"http://127.0.0.1:9\", token: {file: token}}")
            let result = try await bench.run("--retry-for", "0s")
            expect(result, exits: 75)
            #expect(!result.outputText.contains("connect"), "\(result.outputText)")
            #expect(
                result.errorLines.filter { $0.hasPrefix("nothing was sent: ") && $0.contains("connect") }.count == 1,
                "\(result.errorText)")
        }
    }

    @Test func `check ends as a run would for a token that is refused, absent, or made by a program that is not there`()
        async throws
    {
        try await withRefusedToken(["instant-replay"]) { bench, service in
            let refused = try await clipship(["check", "pipeline.yaml", "--doctor"], in: bench.folder)
            expect(refused, exits: 77)
            try bench.change("{file: token}", to: "{command: \"cat token\"}")
            let plain = try await clipship(["check", "pipeline.yaml"], in: bench.folder)
            expect(plain, exits: 0)
            #expect(plain.outputText.contains("from the command \"cat token\", which --doctor runs"))
            let doctor = try await clipship(["check", "pipeline.yaml", "--doctor"], in: bench.folder)
            expect(doctor, exits: 77)
            #expect(doctor.outputText.contains("from the command \"cat token\"\n"), "\(doctor.outputText)")
            try bench.change("{command: \"cat token\"}", to: "{command: ./no-such-program}")
            let absent = try await clipship(["check", "pipeline.yaml"], in: bench.folder)
            expect(absent, exits: 77)
            #expect(absent.outputText.contains("there is no file no-such-program"))
            try bench.change("{command: ./no-such-program}", to: "{command: cat token}")
            try bench.change(service.address, to: "http://127.0.0.1:9")
            try service.writeToken(to: bench.folder.appending(path: "token"))
            expect(try await clipship(["check", "pipeline.yaml", "--doctor"], in: bench.folder), exits: 75)
        }
    }

    @Test func `check finds hooks whose programs are not there or may not be run, and runs none`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let script = bench.folder.appending(path: "note.sh")
            try Data("#!/bin/sh\necho ran > ran\n".utf8).write(to: script)
            #expect(chmod(script.path, 0o600) == 0)
            try FileManager.default.createDirectory(
                at: bench.folder.appending(path: "folder"), withIntermediateDirectories: true)
            try bench.writePipeline(
                more: """
                    hooks:
                      afterClip: ./note.sh
                      afterRun: X=1 no-such-program-of-clipship --now
                      onFailure: ./folder
                    """)
            let result = try await clipship(["check", "pipeline.yaml"], in: bench.folder)
            expect(result, exits: 2)
            for sentence in [
                "afterClip: ./note.sh: note.sh may not be run; run chmod +x on it",
                "there is no program no-such-program-of-clipship in the folders of PATH",
                "onFailure: ./folder: folder is a folder",
            ] {
                #expect(result.outputText.contains("failure  hooks"), "\(result.outputText)")
                #expect(result.outputText.contains(sentence), "\(sentence)\n\(result.outputText)")
            }
            #expect(chmod(script.path, 0o700) == 0)
            try bench.writePipeline(
                more: """
                    hooks:
                      afterClip: ./note.sh
                      afterRun: X=1 env
                      onFailure: '"$HOME/nobody knows" || if true; then :; fi'
                    """)
            // From another folder: hooks are run in that of the pipeline file.
            expect(try await clipship(["check", bench.pipeline.path], in: URL(filePath: "/")), exits: 0)
            #expect(!FileManager.default.fileExists(atPath: bench.folder.appending(path: "ran").path))
        }
    }

    @Test(.enabled(if: Sanitizer.isOff, "a sanitizer wants to be loaded first"))
    func `a clip that can't be opened is in status, and its hook runs once for a state`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let told = bench.folder.appending(path: "told")
            func lines() throws -> [String] {
                guard FileManager.default.fileExists(atPath: told.path) else { return [] }
                defer { try? FileManager.default.removeItem(at: told) }
                return try String(contentsOf: told, encoding: .utf8).split(separator: "\n").map(String.init).sorted()
            }
            let library = try await compileLibrary("fail-call", in: bench.folder)
            let closed = bench.clips.appending(path: "closed.mp4")
            try FileManager.default.copyItem(at: bench.clips.appending(path: "instant-replay.mp4"), to: closed)
            try bench.age(closed)
            func run(_ number: Int32) async throws -> ProgramResult {
                try await clipship(
                    ["run", bench.pipeline.path, "--no-submit"], in: bench.folder,
                    environment: [
                        "LD_PRELOAD": library, "FAIL_CALL": "1", "FAIL_ON": "1", "FAIL_ERRNO": "\(number)",
                        "FAIL_NAME": "open", "FAIL_BELOW": closed.resolvingSymlinksInPath().path,
                    ])
            }
            try bench.writePipeline(more: "hooks: {afterClip: 'echo \"$CLIPSHIP_CLIP $CLIPSHIP_STATE\" >> told'}")
            for (number, code, state) in [(EACCES, 1, "failed"), (ESTALE, 75, "skipped")] as [(Int32, Int32, String)] {
                for round in 1...2 {
                    expect(try await run(number), exits: code)
                    let told = try lines()
                    #expect(told.filter { $0.hasPrefix("closed") } == (round == 1 ? ["closed \(state)"] : []))
                    let status = try await clipship(["status", "out"], in: bench.folder)
                    expect(status, exits: 0)
                    let row = try #require(status.table["closed"], "\(status.outputText)")
                    #expect(row[1] == state && row.last?.contains("can't open closed.mp4: ") == true, "\(row)")
                    #expect(status.table["instant-replay"]?[1] == "ready")
                }
            }
            // Once it can be read it is told of as any clip.
            expect(try await bench.run("--no-submit"), exits: 0)
            #expect(try lines() == ["closed ready"])
            #expect(try await clipship(["status", "out"], in: bench.folder).table["closed"]?[1] == "ready")
        }
    }

    @Test func `a dry run of what is done says so, and of what is left says what`() async throws {
        try await Workbench.with(["instant-replay", "lobby-vfr"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run(), exits: 0)
            let batch = try bench.output.batch
            let before = try bench.files()
            let all = try await bench.run("--dry-run")
            expect(all, exits: 0)
            for clip in ["instant-replay", "lobby-vfr"] {
                let id = try #require(batch[clip]?.gameClipId)
                #expect(all.outputLines.contains { $0.hasPrefix("\(clip): ") && $0.hasSuffix(", published (\(id))") })
            }
            #expect(all.outputLines.last == "2 clips to out: nothing would be done", "\(all.outputText)")
            try bench.add("hallway-720p")
            let some = try await bench.run("--dry-run")
            #expect(
                some.outputLines.last == "3 clips to out: submit and wait until published; nothing for 2 of them",
                "\(some.outputText)")
            #expect(some.outputText.contains("hallway-720p.mp4, thumbnails"))
            // Another caption is something to do, and so is a look at the service.
            try FileManager.default.removeItem(at: bench.clips.appending(path: "hallway-720p.mp4"))
            try bench.change("{session.title}: ", to: "Another: ")
            #expect(try await bench.run("--dry-run").outputLines.last?.hasSuffix("until published") == true)
            #expect(
                try await bench.run("--dry-run", "--check-published").outputLines.last?.hasSuffix("until published")
                    == true)
            let new = try bench.files().subtracting(before)
                // What SQLite has beside a journal that is read, without anything in it.
                .filter { !$0.contains("hallway") && !$0.hasPrefix("out/journal.db-") }
            #expect(new == [], "nothing is written")

            try Data(
                "name: ready\nmanifests: [\"out/manifests/*.json\"]\noutput: out\n".utf8
            ).write(to: bench.folder.appending(path: "ready.yaml"))
            let ready = try await clipship(["run", "ready.yaml", "--dry-run"], in: bench.folder)
            #expect(ready.outputLines.last == "2 clips: nothing would be done", "\(ready.outputText)\(ready.errorText)")
        }
    }

    @Test func `a run that is cut off in its first minute says how to see what it did`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let begun = bench.folder.appending(path: "begun").path
            try bench.writePipeline(
                service:
                    "{metadata: \"http://127.0.0.1:9\", token: {command: \"exec > /dev/null 2>&1; trap '' INT TERM; echo > '\(begun)'; sleep 20\"}}"
            )
            try await withProgram(Clipship.path, ["run", bench.pipeline.path], in: bench.folder) { program in
                while !FileManager.default.fileExists(atPath: begun) { await Task.yield() }
                program.signal(SIGINT)
                _ = try await program.printed { $0.errorLines.first { $0.hasPrefix("Stopping") } }
                program.signal(SIGINT)
                let end = try await program.end()
                expect(end, exits: 130)
                #expect(end.errorText.contains("clipship status out says how far each clip is"), "\(end.errorText)")
            }
            let status = try await clipship(["status", "out"], in: bench.folder)
            expect(status, exits: 0)
            #expect(status.table["instant-replay"]?[1] == "ready", "\(status.outputText)")
        }
    }

    @Test func `what was changed at the service is in the summary, once`() async throws {
        try await Workbench.with(["instant-replay", "lobby-vfr"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run(), exits: 0)
            try bench.change("{session.title}: ", to: "Another: ")
            let result = try await bench.run()
            expect(result, exits: 0)
            #expect(
                result.errorText.contains("2 published; 2 updated (caption, visibility or title data)"),
                "\(result.errorText)")
            #expect(try await !bench.run().errorText.contains("updated"))
        }
    }

    @Test func `what was deleted is uploaded again by the flag that its sentence names`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run(), exits: 0)
            let id = try #require(try bench.output.batch["instant-replay"]?.gameClipId)
            expect(
                try await clipship(
                    ["clip", "delete", id, "--scid", Workbench.scid, "--yes", "--output", "out"], in: bench.folder),
                exits: 0)
            let reason = "it was deleted with clipship clip delete; run again with --recreate to begin another upload"
            #expect(try bench.output.batch["instant-replay"]?.reason == reason)
            expect(try await bench.run("--recreate"), exits: 0)
            #expect(try bench.output.batch["instant-replay"]?.state == "published")
        }
    }

    @Test func `a damaged batch.json keeps nobody from what the journal knows, and status says so`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 0)
            try Data("{\"clips\": [".utf8).write(to: bench.output.folder.appending(path: "batch.json"))
            let status = try await clipship(["status", "out"], in: bench.folder)
            expect(status, exits: 0)
            #expect(status.table["instant-replay"]?[1] == "ready", "\(status.outputText)")
            #expect(
                status.errorText.contains(/out\/batch\.json is no batch\.json: .*byte \d+.*; clips that could not/),
                "\(status.errorText)")
        }
    }
}
