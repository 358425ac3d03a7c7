import Foundation
import TestSupport
import Testing

/// One output of all shards.
@Suite(.fewAtOnce, .timeLimit(.minutes(5))) struct MergeTests {
    private static let sessions = [
        "a": ["instant-replay", "phone-portrait"], "b": ["instant-replay", "lobby-vfr"], "c": ["instant-replay"],
    ]

    private func plan(_ night: Night, _ shards: Int) async throws {
        try await clipship(
            ["plan", night.pipeline.path, "--shards", "\(shards)", "--output", "spread"], in: night.folder
        ).expectSuccess()
    }

    private func shard(_ night: Night, _ number: Int) async throws -> ProgramResult {
        try await clipship(["run", "--plan", "spread/plan.json", "--shard", "\(number)"], in: night.folder)
    }

    private func merge(_ night: Night) async throws -> ProgramResult {
        try await clipship(["merge", "spread"], in: night.folder)
    }

    /// Everything that is to be equal to the byte, by its path. A page says where the time of a run went.
    private func made(_ folder: URL) throws -> [String: Data] {
        let own = ["journal", "timings.json", "unchanged.seal", "shards", "plan.json", "local-service", "report.html"]
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { path in
            !own.contains { path.hasPrefix($0) }
        }
        return try Dictionary(
            uniqueKeysWithValues: paths.compactMap { path in
                let file = folder.appending(path: path)
                guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return nil }
                return (path, try Data(contentsOf: file))
            })
    }

    @Test func `shards make the same bytes as one run, and runs go on from there`() async throws {
        try await Night.with(
            Self.sessions,
            more: "blocks: {write: true, size: 200kB}\nthumbnails: {sheet: {columns: 2, rows: 1, sprite: true}}"
        ) { night in
            // One that fails, in each way of running.
            try Data("no video".utf8).write(to: night.folder.appending(path: "rec/c/text.mp4"))
            try Workbench(folder: night.folder).age(night.folder.appending(path: "rec/c/text.mp4"))
            expect(try await night.run("--no-submit"), exits: 1)
            try await plan(night, 3)
            let early = try await merge(night)
            expect(early, exits: 75)
            #expect(early.errorText.contains("shard 2 is not done: it was never started"))
            let codes = try await withThrowingTaskGroup(of: Int32.self) { group in
                for number in 1...3 { group.addTask { try await shard(night, number).status } }
                return try await group.reduce(into: [Int32]()) { $0.append($1) }
            }
            #expect(codes.sorted() == [0, 0, 1])
            let merged = try await merge(night)
            expect(merged, exits: 1)
            #expect(merged.errorText.contains("c/text: failed: "), "\(merged.errorText)")
            let spread = night.folder.appending(path: "spread")
            let (one, many) = (try made(night.output.folder), try made(spread))
            #expect(Set(one.keys) == Set(many.keys) && one.count > 20)
            for (path, data) in one { #expect(many[path] == data, "\(path)") }
            // Without the times of the run the pages are the same, too.
            try FileManager.default.removeItem(at: night.output.folder.appending(path: "timings.json"))
            try await clipship(["report", "out"], in: night.folder).expectSuccess()
            let pages = try ["out", "spread"].map {
                try Data(contentsOf: night.folder.appending(path: "\($0)/report.html"))
            }
            #expect(pages[0] == pages[1])

            let again = try await merge(night)
            expect(again, exits: 1)
            #expect(again.errorText.contains("merged before, so nothing was done"))
            let status = try await clipship(["status", "spread"], in: night.folder)
            #expect(status.table.count == 6 && status.table["c/text"]?.contains("failed") == true)

            let next = try await night.run("--no-submit", "--output", "spread")
            expect(next, exits: 1)
            #expect(next.errorText.contains("nothing has changed, so nothing was done"), "\(next.errorText)")
            let published = try await night.run("--output", "spread")
            expect(published, exits: 1)
            #expect(published.errorText.contains("5 published, 1 failed"), "\(published.errorText)")
            expect(try await merge(night), exits: 1)
            #expect(try Output(folder: spread).batch.totals["published"] == 5, "merging takes nothing back")
        }
    }

    @Test func `one session stays as it is`() async throws {
        try await Workbench.with(["instant-replay", "phone-portrait"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 0)
            try await clipship(
                ["plan", bench.pipeline.path, "--shards", "2", "--output", "spread"], in: bench.folder
            ).expectSuccess()
            for number in ["1", "2"] {
                expect(
                    try await clipship(["run", "--plan", "spread/plan.json", "--shard", number], in: bench.folder),
                    exits: 0)
            }
            expect(try await clipship(["merge", "spread"], in: bench.folder), exits: 0)
            let spread = bench.folder.appending(path: "spread")
            let (one, many) = (try made(bench.output.folder), try made(spread))
            #expect(one == many && one.count > 6)
        }
    }

    @Test func `gaps, doubles, other plans and shards that ended early are told apart`() async throws {
        try await Night.with(Self.sessions) { night in
            try await plan(night, 2)
            for number in [1, 2] { expect(try await shard(night, number), exits: 0) }
            let batch = night.folder.appending(path: "spread/shards/001/0001/batch.json")
            let whole = try Data(contentsOf: batch)
            func change(_ body: (inout [[String: Any]]) -> Void) throws {
                var report = try #require(try JSONSerialization.jsonObject(with: whole) as? [String: Any])
                var clips = try #require(report["clips"] as? [[String: Any]])
                body(&clips)
                report["clips"] = clips
                try JSONSerialization.data(withJSONObject: report).write(to: batch)
            }
            try change { $0.removeLast() }
            let gap = try await merge(night)
            expect(gap, exits: 2)
            #expect(gap.errorText.contains("shard 1 says nothing of"), "\(gap.errorText)")
            try change { $0.append($0[0]) }
            let double = try await merge(night)
            expect(double, exits: 2)
            #expect(double.errorText.contains("is in shard 1 twice"))
            try whole.write(to: batch)

            let owner = night.folder.appending(path: "spread/shards/002/owner-0001.json")
            let text = try String(contentsOf: owner, encoding: .utf8)
            try Data(text.replacing("\"exitCode\" : 0", with: "\"exitCode\" : 143").utf8).write(to: owner)
            let early = try await merge(night)
            expect(early, exits: 75)
            #expect(early.errorText.contains("shard 2 is not done: it ended with 143"), "\(early.errorText)")
            let digest = try #require(text.firstMatch(of: /[0-9a-f]{64}/))
            try Data(text.replacing(digest.0, with: String(repeating: "0", count: 64)).utf8).write(to: owner)
            let other = try await merge(night)
            expect(other, exits: 2)
            #expect(other.errorText.contains("is of another plan"), "\(other.errorText)")
            expect(try await clipship(["merge", "rec"], in: night.folder), exits: 2)
        }
    }
}
