import Foundation
import TestSupport
import Testing

/// `clipship slurm`, with programs of Slurm that only keep what they were told.
@Suite(.fewAtOnce, .timeLimit(.minutes(5))) struct SlurmTests {
    private static let sessions = ["a": ["instant-replay"], "b": ["instant-replay"]]

    /// Programs that stand in for those of Slurm, and a night to hand over.
    private struct Desk {
        let night: Night
        var programs: URL { night.folder.appending(path: "programs") }
        var environment: [String: String] {
            ["PATH": "\(programs.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"]
        }
        /// Every call, with what it was given.
        var calls: [String] {
            let text = (try? String(contentsOf: night.folder.appending(path: "calls"), encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map(String.init)
        }

        func write(_ name: String, _ script: String) throws {
            let file = programs.appending(path: name)
            try Data(
                "#!/bin/sh\ncalls='\(night.folder.path)/calls'\necho \"\(name) $*\" >>\"$calls\"\n\(script)\n".utf8
            )
            .write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        }

        func slurm(_ more: String...) async throws -> ProgramResult {
            try await clipship(["slurm", night.pipeline.path] + more, in: night.folder, environment: environment)
        }

        func script(_ name: String) throws -> String {
            try String(contentsOf: night.output.folder.appending(path: "shards/slurm/\(name).sh"), encoding: .utf8)
        }
    }

    private func withDesk(_ more: String = "", _ body: (Desk) async throws -> Void) async throws {
        try await Night.with(Self.sessions, more: more) { night in
            let desk = Desk(night: night)
            try FileManager.default.createDirectory(at: desk.programs, withIntermediateDirectories: true)
            // Numbers count up from 11.
            try desk.write("sbatch", "echo $((10 + $(grep -c '^sbatch' \"$calls\")))")
            try desk.write("scontrol", "echo 'MaxArraySize            = 1001'")
            try desk.write("squeue", "")
            try desk.write("scancel", "")
            try await body(desk)
        }
    }

    @Test func `three scripts are printed, that bash understands, and nothing is handed over`() async throws {
        try await withDesk { desk in
            let result = try await desk.slurm(
                "--shards", "3", "--limit", "2", "--partition", "cpu", "--submit-partition", "net", "--", "--time=30",
                "--comment=a \"b\" # c")
            expect(result, exits: 0)
            #expect(desk.calls.isEmpty)
            let output = desk.night.output.folder
            #expect(FileManager.default.fileExists(atPath: output.appending(path: "plan.json").path))
            for name in ["prepare", "merge", "submit"] {
                let text = try desk.script(name)
                #expect(result.outputText.contains("\(name).sh\n\(text)"))
                #expect(text.contains("#SBATCH --time=30 \"--comment=a \\\"b\\\" # c\"\n"))
                #expect(text.contains("#SBATCH --partition=\(name == "submit" ? "net" : "cpu")\n"))
                try await run("bash", ["-n", output.appending(path: "shards/slurm/\(name).sh").path]).expectSuccess()
            }
            #expect(try desk.script("prepare").contains("#SBATCH --array=1-3%2\n"))
        }
    }

    @Test func `the jobs wait for one another, and what is handed over is so once`() async throws {
        try await withDesk { desk in
            let sent = try await desk.slurm("--shards", "2", "--submit")
            expect(sent, exits: 0)
            let folder = desk.night.output.folder.path
            #expect(
                desk.calls == [
                    "scontrol show config", "sbatch --parsable \(folder)/shards/slurm/prepare.sh",
                    "sbatch --parsable --dependency=afterany:11 \(folder)/shards/slurm/merge.sh",
                    "sbatch --parsable --dependency=afterok:12 --kill-on-invalid-dep=yes \(folder)/shards/slurm/submit.sh",
                ])
            #expect(sent.outputLines == ["prepare: job 11: shards 1-2", "merge: job 12", "submit: job 13"])
            let again = try await desk.slurm("--shards", "2", "--submit")
            expect(again, exits: 2)
            #expect(again.errorText.contains("its merging is job 12"), "\(again.errorText)")
        }
    }

    @Test func `only shards that are neither done nor with Slurm are handed over again`() async throws {
        try await withDesk { desk in
            let early = try await desk.slurm("--retry")
            expect(early, exits: 2)
            #expect(early.errorText.contains("nothing of out was handed to Slurm yet"), "\(early.errorText)")
            expect(try await desk.slurm("--shards", "5", "--submit"), exits: 0)
            let shard = ["run", "--plan", "out/plan.json", "--shard"]
            for number in ["2", "4"] {
                expect(try await clipship(shard + [number], in: desk.night.folder), exits: 0)
            }
            try desk.write("squeue", "printf '11 3 PENDING\\n9 1 RUNNING\\n12 N/A PENDING\\n'")
            let retry = try await desk.slurm("--retry")
            expect(retry, exits: 0)
            #expect(retry.errorText.contains("waiting or at work: shards 3"), "\(retry.errorText)")
            #expect(try desk.script("prepare").contains("#SBATCH --array=1,5%5\n"))
            #expect(desk.calls.contains { $0.contains("--dependency=afterany:11:14 ") }, "\(desk.calls)")

            for number in ["1", "3", "5"] {
                expect(try await clipship(shard + [number], in: desk.night.folder), exits: 0)
            }
            try desk.write("squeue", "")
            let rest = try await desk.slurm("--retry")
            expect(rest, exits: 0)
            #expect(rest.outputLines == ["merge: job 17", "submit: job 18"])
        }
    }

    @Test func `what sbatch refuses leaves no job behind`() async throws {
        try await withDesk { desk in
            try desk.write(
                "sbatch", "case $* in *submit.sh) echo refused >&2; exit 1 ;; esac; echo 7$(grep -c sbatch \"$calls\")")
            let result = try await desk.slurm("--shards", "2", "--submit")
            expect(result, exits: 2)
            #expect(result.errorText.contains("sbatch ended with exit code 1; nothing was handed to Slurm"))
            #expect(desk.calls.suffix(2) == ["scancel 72", "scancel 71"], "\(desk.calls)")
            try desk.write("sbatch", "echo nonsense")
            expect(try await desk.slurm("--shards", "2", "--submit"), exits: 75)
            for name in ["sbatch", "scontrol"] {
                try FileManager.default.removeItem(at: desk.programs.appending(path: name))
            }
            let none = try await clipship(
                ["slurm", desk.night.pipeline.path, "--shards", "2", "--submit"], in: desk.night.folder,
                environment: ["PATH": desk.programs.path])
            expect(none, exits: 2)
            #expect(none.errorText.contains("there is no sbatch on this machine"), "\(none.errorText)")
        }
    }

    @Test func `what can't be is refused before anything is done`() async throws {
        try await withDesk { desk in
            for (arguments, sentence) in [
                (["--shards", "1001", "--submit"], "this cluster takes arrays up to 1000"),
                ([], "slurm needs --shards N"), (["--retry", "--shards", "2"], "--shards does not go with --retry"),
                (["--shards", "2", "--", "--array=1-9"], "--array does not go behind --"),
                (["--shards", "2", "--", "-d", "after:1"], "-d does not go behind --"),
                (["--shards", "2", "--", "--comment=a\nb"], "there is a control character in it"),
                (["--shards", "2", "--no-submit", "--submit-in-shards"], "submits nothing"),
            ] {
                let result = try await clipship(
                    ["slurm", desk.night.pipeline.path] + arguments, in: desk.night.folder,
                    environment: desk.environment)
                expect(result, exits: 2)
                #expect(result.errorText.contains(sentence), "\(result.errorText)")
            }
            #expect(!desk.calls.contains { $0.hasPrefix("sbatch") })
            #expect(!FileManager.default.fileExists(atPath: desk.night.output.folder.path))
            // A local service would be one for each shard.
            let local = try await desk.slurm("--shards", "2", "--submit-in-shards")
            expect(local, exits: 2)
            #expect(local.errorText.contains("a local service of its own"), "\(local.errorText)")

            try desk.night.writePipeline("service: {metadata: \"https://clips.example.com\", token: {env: CLIP_TOKEN}}")
            let secret = try await clipship(
                ["slurm", desk.night.pipeline.path, "--shards", "2", "--submit", "--output", "other"],
                in: desk.night.folder, environment: desk.environment.merging(["CLIP_TOKEN": "t0p"]) { $1 })
            expect(secret, exits: 2)
            #expect(secret.errorText.contains("the token is in the variable CLIP_TOKEN"), "\(secret.errorText)")
            let inShards = try await desk.slurm(
                "--shards", "3", "--limit", "9", "--submit-in-shards", "--output", "another", "--submit-partition",
                "net")
            expect(inShards, exits: 0)
            #expect(inShards.outputText.contains("--shard auto --submit-in-shards 3 &"), "\(inShards.outputText)")
            #expect(inShards.outputText.contains("--partition=net") && !inShards.outputText.contains("submit.sh"))
        }
    }

    @Test func `a task that has more to do is put back while it runs, five times at most`() async throws {
        try await withDesk { desk in
            expect(try await desk.slurm("--shards", "2"), exits: 0)
            let program = "'\(Clipship.path)'"
            let text = try desk.script("prepare")
            #expect(text.contains(program))
            try desk.write("program", "exit \"$code\"")
            try Data(text.replacing(program, with: "'\(desk.programs.path)/program'").utf8)
                .write(to: desk.night.folder.appending(path: "task.sh"))
            for (code, restarts, state, isPutBack) in [
                (75, 0, "RUNNING", true), (143, 4, "RUNNING", true), (75, 5, "RUNNING", false),
                (1, 0, "RUNNING", false), (0, 0, "RUNNING", false), (143, 0, "COMPLETING", false),
            ] {
                try Data().write(to: desk.night.folder.appending(path: "calls"))
                try desk.write("squeue", "echo \(state)")
                let variables = [
                    "code": "\(code)", "SLURM_JOB_ID": "40", "SLURM_ARRAY_JOB_ID": "39", "SLURM_ARRAY_TASK_ID": "2",
                    "SLURM_RESTART_COUNT": "\(restarts)",
                ]
                let result = try await run(
                    "bash", ["task.sh"], in: desk.night.folder,
                    environment: desk.environment.merging(variables) { $1 })
                expect(result, exits: Int32(code))
                #expect(desk.calls.contains("scontrol requeue 39_2") == isPutBack, "\(code) \(restarts) \(desk.calls)")
                #expect(
                    desk.calls.first == "program run --plan \(desk.night.output.folder.path)/plan.json --shard auto")
            }
        }
    }

    @Test func `a signal of the scheduler reaches the program, and the script ends as that does`() async throws {
        try await withDesk { desk in
            expect(try await desk.slurm("--shards", "2"), exits: 0)
            let text = try desk.script("prepare")
            try desk.write("squeue", "echo RUNNING")
            // It tells the script's own shell to stop, as Slurm does, and waits for that to come back to it.
            try desk.write(
                "program",
                "trap 'echo stopped >>\"$calls\"; exit 143' TERM\nkill -TERM $PPID\nfor _ in $(seq 200); do sleep 0.05; done"
            )
            try Data(text.replacing("'\(Clipship.path)'", with: "'\(desk.programs.path)/program'").utf8)
                .write(to: desk.night.folder.appending(path: "task.sh"))
            // Foundation's threads have signals blocked, and whatever they start, too.
            let unblocked =
                "import os, signal; signal.pthread_sigmask(signal.SIG_SETMASK, []); os.execvp('bash', ['bash', 'task.sh'])"
            let result = try await run(
                "python3", ["-c", unblocked], in: desk.night.folder,
                environment: desk.environment.merging(["SLURM_JOB_ID": "7"]) { $1 })
            expect(result, exits: 143)
            #expect(desk.calls.contains("stopped") && desk.calls.last == "scontrol requeue 7", "\(desk.calls)")
        }
    }

    @Test func `the status of a plan's folder sums its shards, with Slurm's word for those that wait`() async throws {
        try await withDesk { desk in
            expect(try await desk.slurm("--shards", "3", "--submit"), exits: 0)
            expect(
                try await clipship(["run", "--plan", "out/plan.json", "--shard", "2"], in: desk.night.folder), exits: 0)
            try desk.write("squeue", "printf '11 1 PENDING\n'")
            try desk.write("sacct", "printf '11_1|RUNNING\n11_3|CANCELLED by 0\n'")
            let status = try await clipship(["status", "out"], in: desk.night.folder, environment: desk.environment)
            expect(status, exits: 0)
            #expect(
                status.outputLines.map { $0.split(separator: " ").prefix(5).map(String.init) }.dropFirst() == [
                    ["1", "1", "0", "0", "pending"], ["2", "1", "1", "0", "done"], ["3", "0", "0", "0", "cancelled"],
                ])
            #expect(
                status.errorText.contains("3 shards: 1 cancelled, 1 done, 1 pending; 1 of 2 clips"),
                "\(status.errorText)")

            // Nothing is left that could do the others.
            try desk.write("squeue", "")
            let watched = try await clipship(
                ["status", "out", "--watch", "--format", "json"], in: desk.night.folder, environment: desk.environment)
            expect(watched, exits: 75)
            struct Line: Decodable {
                var shard: Int
                var totals: [String: Int]
            }
            let lines = try watched.outputLines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
            #expect(lines.map(\.shard) == [1, 2, 3] && lines[1].totals == ["ready": 1])

            // It tells of what happens, and ends when all is done.
            try desk.write("squeue", "printf '11 1 PENDING\n'")
            try await withProgram(
                Clipship.path, ["status", "out", "--watch"], in: desk.night.folder, environment: desk.environment
            ) { watching in
                _ = try await watching.printed { $0.errorLines.first { $0.contains("1 of 2 clips") } }
                for number in ["1", "3"] {
                    let shard = ["run", "--plan", "out/plan.json", "--shard", number]
                    expect(try await clipship(shard, in: desk.night.folder), exits: 0)
                }
                let ended = try await watching.end()
                expect(ended, exits: 0)
                #expect(ended.errorText.contains("3 shards: 3 done; 2 of 2 clips"), "\(ended.errorText)")
            }
            let none = try await clipship(["status", "rec", "--watch"], in: desk.night.folder)
            expect(none, exits: 2)
            #expect(none.errorText.contains("there is no plan.json in rec"), "\(none.errorText)")
        }
    }
}
