import Foundation
import TestSupport
import Testing

/// One shard of a plan at a time.
@Suite(.fewAtOnce, .timeLimit(.minutes(5))) struct ShardTests {
    private static let sessions = ["a": ["instant-replay", "phone-portrait"], "b": ["instant-replay", "lobby-vfr"]]

    /// Runs `body` with a night that has a plan.
    private func withPlan(
        _ shards: Int, _ more: String = "", _ body: (Night) async throws -> Void
    ) async throws {
        try await Night.with(Self.sessions, more: more) { night in
            try await clipship(
                ["plan", night.pipeline.path, "--shards", "\(shards)", "--output", "out"], in: night.folder
            ).expectSuccess()
            try await body(night)
        }
    }

    private func shard(
        _ night: Night, _ number: String, _ more: [String] = [], _ environment: [String: String] = [:]
    ) async throws -> ProgramResult {
        try await clipship(
            ["run", "--plan", "out/plan.json", "--shard", number] + more, in: night.folder, environment: environment)
    }

    private func owner(_ night: Night, _ path: String) throws -> [String: Any] {
        let text = try Data(contentsOf: night.output.folder.appending(path: "shards/\(path)"))
        return try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    }

    @Test func `a shard works in its own folder, and goes on there`() async throws {
        try await withPlan(2) { night in
            expect(try await shard(night, "1"), exits: 0)
            let done = try owner(night, "001/owner-0001.json")
            #expect(done["exitCode"] as? Int == 0 && done["work"] as? Int == 1)
            let again = try await shard(night, "auto", [], ["SLURM_ARRAY_TASK_ID": "1"])
            expect(again, exits: 0)
            #expect(again.errorText.contains("nothing has changed"), "\(again.errorText)")
            #expect(try owner(night, "001/owner-0002.json")["work"] as? Int == 1)
            #expect(!FileManager.default.fileExists(atPath: night.output.folder.appending(path: "shards/002").path))
            // Kubernetes and AWS Batch count from 0.
            expect(try await shard(night, "auto", [], ["JOB_COMPLETION_INDEX": "1"]), exits: 0)
            #expect(try owner(night, "002/owner-0001.json")["exitCode"] as? Int == 0)
        }
    }

    @Test func `what has changed since the plan fails by name`() async throws {
        try await withPlan(1) { night in
            let clips = night.folder.appending(path: "rec")
            try FileManager.default.removeItem(at: clips.appending(path: "a/phone-portrait.mp4"))
            let grown = clips.appending(path: "b/lobby-vfr.mp4")
            try (Data(contentsOf: grown) + Data([0])).write(to: grown)
            try Workbench(folder: night.folder).age(grown)
            try Data("userCaption: Finals\n".utf8).write(to: clips.appending(path: "b/instant-replay.yaml"))
            try night.add("c", ["instant-replay"])
            let result = try await shard(night, "1")
            expect(result, exits: 1)
            let work = Output(folder: night.output.folder.appending(path: "shards/001/0001"))
            let batch = try work.batch
            #expect(batch.states.filter { $0.value == "ready" }.keys.sorted() == ["a/instant-replay"])
            #expect(batch.clips.count == 4, "what came later is in no plan")
            #expect(batch["a/phone-portrait"]?.reason == "the file is gone since the plan was made")
            #expect(batch["b/lobby-vfr"]?.reason?.hasPrefix("the file has changed since the plan was made") == true)
            #expect(batch["b/instant-replay"]?.reason?.hasPrefix("its sidecar") == true)
        }
    }

    @Test func `another pipeline, a plan that was edited, and flags that a plan has frozen are refused`() async throws {
        try await withPlan(1) { night in
            for (arguments, sentence) in [
                (["run", "--plan", "out/plan.json"], "--plan goes with --shard"),
                (["run", "--plan", "out/plan.json", "--shard", "2"], "there is no shard 2"),
                (["run", "--plan", "out/plan.json", "--shard", "auto"], "none of SLURM_ARRAY_TASK_ID"),
                (["run", "--plan", "out/plan.json", "--shard", "1", "--only", "x"], "--only does not go with --plan"),
                (["run", "--plan", "out/plan.json", "--shard", "1", "--submit-in-shards", "2"], "local service"),
                (["run", "--shard", "1", night.pipeline.path], "--shard goes with --plan"),
            ] {
                let result = try await clipship(arguments, in: night.folder)
                expect(result, exits: 2)
                #expect(result.errorText.contains(sentence), "\(result.errorText)")
            }
            let bad = try await shard(night, "auto", [], ["PBS_ARRAY_INDEX": "one"])
            expect(bad, exits: 2)
            #expect(bad.errorText.contains("PBS_ARRAY_INDEX is \"one\""))

            let file = night.output.folder.appending(path: "plan.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(text.replacing("phone-portrait.mp4", with: "phone-portrait.mp5").utf8).write(to: file)
            let edited = try await shard(night, "1")
            expect(edited, exits: 2)
            #expect(edited.errorText.contains("it is not as it was written"), "\(edited.errorText)")
            try Data(text.replacing("\"version\":\"", with: "\"version\":\"9").utf8).write(to: file)
            let newer = try await shard(night, "1")
            expect(newer, exits: 2)
            #expect(newer.errorText.contains("was made by clipship 9"), "\(newer.errorText)")
            try Data(text.utf8).write(to: file)
            try night.writePipeline("blocks: {size: 1MB}")
            let changed = try await shard(night, "1")
            expect(changed, exits: 2)
            #expect(changed.errorText.contains("the pipeline or one of its sessions has changed"))
            #expect(!FileManager.default.fileExists(atPath: night.output.folder.appending(path: "shards").path))
        }
    }

    @Test func `a later life takes what an earlier one has made, and leaves its folder alone`() async throws {
        try await withPlan(1) { night in
            let job = ["CLIPSHIP_JOB": "night 7", "CLIPSHIP_RESTART": "0"]
            expect(try await shard(night, "1", [], job), exits: 0)
            // As if it were still at work on another machine.
            let file = night.output.folder.appending(path: "shards/001/owner-0001.json")
            var first = try owner(night, "001/owner-0001.json")
            first["exitCode"] = nil
            var process = try #require(first["process"] as? [String: Any])
            process["host"] = "elsewhere"
            first["process"] = process
            try JSONSerialization.data(withJSONObject: first).write(to: file)
            let next = try await shard(night, "1", [], ["CLIPSHIP_JOB": "night 7", "CLIPSHIP_RESTART": "1"])
            expect(next, exits: 0)
            #expect(try owner(night, "001/owner-0002.json")["work"] as? Int == 2)
            // Compared, not made again.
            #expect(next.errorText.contains("4 ready"))
            let works = ["0001", "0002"].map { night.output.folder.appending(path: "shards/001/\($0)/a/manifests") }
            let inodes = try works.map { folder in
                try FileManager.default.attributesOfItem(
                    atPath: folder.appending(path: "phone-portrait.json").path)[.systemFileNumber] as? Int
            }
            #expect(inodes[0] == inodes[1])
        }
    }
}
