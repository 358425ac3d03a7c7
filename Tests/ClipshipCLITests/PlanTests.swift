import Foundation
import TestSupport
import Testing

/// What a run that is spread over shards consists of.
@Suite(.fewAtOnce, .timeLimit(.minutes(5))) struct PlanTests {
    private static let sessions = [
        "a": ["boss-fight", "instant-replay", "phone-portrait"], "b": ["hallway-720p", "instant-replay"],
        "c": ["lobby-vfr"],
    ]

    struct Plan: Decodable {
        struct Clip: Decodable {
            var shard: Int
            var clip: String
            var file: String
            var size: Int64?
            var options: String?
        }
        var shards: Int
        var clips: Int
        var list: [Clip]
    }

    private func plan(_ night: Night, _ shards: Int, into name: String, _ more: String...) async throws -> ProgramResult
    {
        try await clipship(
            ["plan", night.pipeline.path, "--shards", "\(shards)", "--output", name] + more, in: night.folder)
    }

    @Test func `equal input gives equal bytes, with each clip in one shard, the largest first`() async throws {
        try await Night.with(Self.sessions) { night in
            expect(try await plan(night, 3, into: "one"), exits: 0)
            expect(try await plan(night, 3, into: "two"), exits: 0)
            let file = night.folder.appending(path: "one/plan.json")
            let text = try Data(contentsOf: file)
            #expect(try Data(contentsOf: night.folder.appending(path: "two/plan.json")) == text)
            let wrong = try await mistakes(in: [SchemaQuestion(.plan, text)])
            #expect(wrong == [[]])

            let plan = try JSONDecoder().decode(Plan.self, from: text)
            #expect(plan.shards == 3 && plan.clips == 6)
            #expect(plan.list.map(\.clip) == plan.list.map(\.clip).sorted() && Set(plan.list.map(\.clip)).count == 6)
            var loads = [Int64](repeating: 0, count: 3)
            for clip in plan.list.sorted(by: { ($1.size ?? 0, $0.clip) < ($0.size ?? 0, $1.clip) }) {
                let file = night.folder.appending(path: "one/\(clip.file)").standardizedFileURL
                let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize
                #expect(size.map(Int64.init) == clip.size)
                let least = try #require(loads.firstIndex(of: loads.min() ?? 0))
                #expect(clip.shard == least + 1, "\(clip.clip)")
                loads[least] += clip.size ?? 0
            }
        }
    }

    @Test func `a plan never changes`() async throws {
        try await Night.with(Self.sessions) { night in
            expect(try await plan(night, 2, into: "out"), exits: 0)
            let file = night.folder.appending(path: "out/plan.json")
            let text = try Data(contentsOf: file)
            expect(try await plan(night, 2, into: "out"), exits: 0)
            let other = try await plan(night, 3, into: "out")
            expect(other, exits: 2)
            #expect(other.errorText.contains("out/plan.json is another plan, and a plan never changes"))
            #expect(try Data(contentsOf: file) == text)
        }
    }

    @Test func `what can't be planned is said`() async throws {
        try await Night.with(["a": ["instant-replay"], "b": []]) { night in
            let none = try await clipship(["plan", night.pipeline.path], in: night.folder)
            expect(none, exits: 2)
            #expect(none.errorText.contains("plan needs --shards N"))
            expect(try await plan(night, 10_001, into: "out"), exits: 2)
            let missing = try await plan(night, 2, into: "out")
            // The merged run is no success; the plan is one.
            expect(missing, exits: 0)
            #expect(missing.errorText.contains("missing: rec/b/*.mp4: no file matches it"))

            try night.spoil("a")
            expect(try await plan(night, 2, into: "broken"), exits: 2)
            expect(try await plan(night, 2, into: "broken", "--keep-going"), exits: 0)
            try FileManager.default.removeItem(at: night.session("a").deletingLastPathComponent())
            try FileManager.default.removeItem(at: night.session("b").deletingLastPathComponent())
            expect(try await plan(night, 2, into: "empty"), exits: 2)
            expect(try await plan(night, 2, into: "empty", "--allow-empty"), exits: 0)
        }
    }
}
