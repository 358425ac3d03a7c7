import Foundation
import TestSupport
import Testing

/// Disks that machines share, which have no locks and no memory that is shared through a file: `shared-disk.c` makes every
/// disk one.
@Suite(.fewAtOnce, .timeLimit(.minutes(5))) struct SharedDiskTests {
    private static let sessions = ["a": ["instant-replay", "phone-portrait"], "b": ["instant-replay"]]

    private func withDisk(_ body: (Night, [String: String]) async throws -> Void) async throws {
        try await Night.with(Self.sessions) { night in
            let library = try await compileLibrary("shared-disk", in: night.folder)
            try await body(night, ["LD_PRELOAD": library])
        }
    }

    private func names(in folder: URL) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
    }

    private func run(_ night: Night, _ disk: [String: String], _ more: String...) async throws -> ProgramResult {
        try await clipship(["run", night.pipeline.path, "--no-submit"] + more, in: night.folder, environment: disk)
    }

    @Test func `a run makes the same there, without a write-ahead log, which is said once`() async throws {
        try await withDisk { night, disk in
            expect(try await run(night, [:], "--output", "local"), exits: 0)
            let first = try await run(night, disk)
            expect(first, exits: 0)
            #expect(first.errorText.contains("the output is on NFS"), "\(first.errorText)")
            for folder in ["manifests", "thumbnails"] {
                for session in Self.sessions.keys {
                    try await TestSupport.run(
                        "diff", ["-r", "local/\(session)/\(folder)", "out/\(session)/\(folder)"], in: night.folder
                    ).expectSuccess()
                }
            }
            let left = try names(in: night.output.folder)
            #expect(!left.contains { $0.hasSuffix("-wal") || $0.hasSuffix("-shm") || $0.hasSuffix(".1") }, "\(left)")
            let check = try await TestSupport.run(
                "sqlite3",
                [night.output.folder.appending(path: "journal.db").path, "PRAGMA integrity_check; PRAGMA journal_mode"])
            #expect(check.outputLines == ["ok", "delete"])

            // Another number of the same file is no other file there.
            let clip = night.folder.appending(path: "rec/a/instant-replay.mp4")
            let copy = night.folder.appending(path: "copy.mp4")
            try await TestSupport.run("cp", ["-p", clip.path, copy.path]).expectSuccess()
            try await TestSupport.run("mv", [copy.path, clip.path]).expectSuccess()
            let again = try await run(night, disk)
            expect(again, exits: 0)
            #expect(again.errorText.contains("nothing has changed"), "\(again.errorText)")
            #expect(!again.errorText.contains("NFS"))
            let status = try await clipship(["status", "out"], in: night.folder, environment: disk)
            #expect(status.table.keys.sorted() == ["a/instant-replay", "a/phone-portrait", "b/instant-replay"])
            // The folder can be moved to a disk of one machine, and back.
            for place in [[:], disk] {
                let moved = try await run(night, place)
                #expect(moved.errorText.contains("3 ready"), "\(moved.errorText)")
            }
        }
    }

    @Test func `one process at a time works in a folder, and one that was killed keeps nobody out`() async throws {
        try await withDisk { night, disk in
            let serve = ["serve", "--data", "data", "--port", "0"]
            let data = night.folder.appending(path: "data")
            try await withProgram(Clipship.path, serve, in: night.folder, environment: disk) { first in
                _ = try await first.printed { $0.outputLines.first }
                let second = try await clipship(serve, in: night.folder, environment: disk)
                expect(second, exits: 75)
                first.signal(SIGKILL)
                _ = try await first.end()
            }
            // It ends in good order each time, on whichever thread that is.
            for _ in 1...5 {
                try await withProgram(Clipship.path, serve, in: night.folder, environment: disk) { next in
                    _ = try await next.printed { $0.outputLines.first }
                    next.signal(SIGTERM)
                    expect(try await next.end(), exits: 0)
                }
            }
            #expect(try !names(in: data).contains { $0.hasSuffix(".1") || $0.hasSuffix(".2") })

            // Of another machine nobody can tell.
            let sign =
                #"{"holder": "process 7 on elsewhere", "isLocked": false, "process": {"host": "elsewhere", "process": 7,"#
                + #" "processNumbers": "pid:[1]", "processStart": "1", "systemStart": "x"}}"#
            try FileManager.default.createDirectory(at: night.output.folder, withIntermediateDirectories: true)
            let file = night.output.folder.appending(path: "journal.lock.4")
            try Data(sign.utf8).write(to: file)
            let held = try await run(night, disk)
            expect(held, exits: 75)
            #expect(
                held.errorText.contains("process 7 on elsewhere; if that is gone for good, remove out/journal.lock.4"))
            try FileManager.default.removeItem(at: file)
            expect(try await run(night, disk), exits: 0)
        }
    }

    @Test func `a file that grows is left alone, although the server's clock is ahead`() async throws {
        try await withDisk { night, disk in
            let clip = night.folder.appending(path: "rec/a/phone-portrait.mp4")
            let grow = """
                import os, sys, time
                with open(sys.argv[1], "ab", buffering=0) as file:
                    print("grows", flush=True)
                    while True:
                        file.write(b"x")
                        os.utime(sys.argv[1], (4e9, 4e9))
                        time.sleep(0.1)
                """
            try await withProgram("/usr/bin/python3", ["-c", grow, clip.path]) { recorder in
                _ = try await recorder.printed { $0.outputLines.first }
                let result = try await run(night, disk)
                expect(result, exits: 75)
                recorder.signal(SIGKILL)
                _ = try await recorder.end()
            }
            let batch = try night.output.batch
            #expect(batch["a/phone-portrait"]?.reason?.hasPrefix("the file is still being written") == true)
            #expect(batch.states.filter { $0.value == "ready" }.count == 2)
        }
    }

    @Test func `shards there are taken over and merged as elsewhere`() async throws {
        try await withDisk { night, disk in
            expect(try await run(night, [:], "--output", "local"), exits: 0)
            let plan = ["plan", night.pipeline.path, "--shards", "2", "--output", "out"]
            expect(try await clipship(plan, in: night.folder, environment: disk), exits: 0)
            for (restart, work) in [(0, "0001"), (1, "0002")] {
                let variables = ["CLIPSHIP_JOB": "night 7", "CLIPSHIP_RESTART": "\(restart)"].merging(disk) { $1 }
                let shard = ["run", "--plan", "out/plan.json", "--shard", "1"]
                expect(try await clipship(shard, in: night.folder, environment: variables), exits: 0)
                let folder = night.output.folder.appending(path: "shards/001")
                #expect(try names(in: folder).contains(work))
                // As if it were still at work on another machine, with its journal open.
                let owner = folder.appending(path: "owner-0001.json")
                let text = try String(contentsOf: owner, encoding: .utf8)
                let host = try #require(text.firstMatch(of: /"host" : "([^"]*)"/))
                try Data(
                    text.replacing(/\ *"exitCode" : 0,\n/, with: "").replacing("\"\(host.1)\"", with: "\"elsewhere\"")
                        .utf8
                ).write(to: owner)
            }
            expect(
                try await clipship(
                    ["run", "--plan", "out/plan.json", "--shard", "2"], in: night.folder, environment: disk), exits: 0)
            expect(try await clipship(["merge", "out"], in: night.folder, environment: disk), exits: 0)
            for name in ["a/manifests", "a/thumbnails", "b/manifests", "b/thumbnails", "batch.json"] {
                try await TestSupport.run("diff", ["-r", "local/\(name)", "out/\(name)"], in: night.folder)
                    .expectSuccess()
            }
            let next = try await run(night, disk)
            #expect(next.errorText.contains("nothing has changed"), "\(next.errorText)")
        }
    }
}
