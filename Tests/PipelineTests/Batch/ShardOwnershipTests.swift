import ClipModel
import Foundation
import SystemIO
import TestSupport
import Testing
import Transport

@testable import Pipeline

/// Who may work on a shard.
@Suite(.timeLimit(.minutes(1))) struct ShardOwnershipTests {
    private func withShard(_ body: (ShardPlan) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try Data().write(to: folder.appending(path: "a.mp4"))
            let text = """
                session: {scid: 00000000-0000-0012-0023-000000000070}
                clips: "*.mp4"
                output: out
                """
            let file = folder.appending(path: "pipeline.yaml")
            try Data(text.utf8).write(to: file)
            let plan = try BatchPlan(PipelineFile(reading: file.path), root: folder.path).freeze(shards: 1)
            try await body(ShardPlan(reading: plan.file.path, shard: 1))
        }
    }

    /// Signs of life come fast, and are waited for as long as a loaded machine may need.
    private var quick: ShardOwnership.Timing {
        var timing = ShardOwnership.Timing()
        (timing.beat, timing.patience) = (.milliseconds(20), .seconds(40))
        return timing
    }

    private func take(
        _ shard: ShardPlan, clock: any Clock<Duration> = ContinuousClock()
    ) async throws -> ShardOwnership {
        try await ShardOwnership.take(
            shard, job: ShardJob([:]), needsJournal: false, timing: quick, stop: StopSignal(), clock: clock)
    }

    @Test func `who gives signs of life keeps the shard, who gives none loses it`() async throws {
        try await withShard { shard in
            let first = try await take(shard)
            let stop = StopSignal()
            let life = Task { [quick] in await first.keepAlive(quick, stop: stop) }
            await #expect(throws: ShardError.self) { try await take(shard) }
            life.cancel()
            await life.value
            // Like one that is stopped (SIGSTOP): it is there, and silent.
            let second = try await take(shard, clock: PassingClock())
            #expect(try !first.isHeld() && second.isHeld() && first.work != second.work)
            // It wakes up, and stops by itself.
            await first.keepAlive(quick, stop: stop)
            #expect(stop.isRaised)
            first.end(0)
            #expect(try second.folder.lastOwner()?.exitCode == nil)
        }
    }

    @Test func `nothing is sent while nobody can tell who has the shard`() async throws {
        try await withShard { shard in
            let ownership = try await take(shard)
            let calls = Locked(0)
            let fence = FencedTransport(CountingTransport(calls: calls)) { () throws(FileError) in
                try ownership.isHeld()
            }
            let request = HTTPRequest(.get, try HTTPURL(parsing: "http://127.0.0.1:1/"))
            _ = try await fence.perform(request)
            #expect(calls.withLock { $0 } == 1)
            // Like a disk that does not answer: the name leads in a circle.
            let (next, stop) = (ownership.folder.owner(2), StopSignal())
            try FileManager.default.createSymbolicLink(atPath: next, withDestinationPath: next)
            let error = await #expect(throws: TransportError.self) { try await fence.perform(request) }
            #expect(error?.mayHaveBeenSent == false && error?.detail.contains("it can't be seen") == true)
            #expect(calls.withLock { $0 } == 1 && !stop.isRaised)
            ownership.end(0)
            #expect(try !String(contentsOfFile: ownership.folder.owner(1), encoding: .utf8).contains("exitCode"))
            // It answers again.
            try FileManager.default.removeItem(atPath: next)
            _ = try await fence.perform(request)
            ownership.end(0)
            #expect(try ownership.folder.lastOwner()?.exitCode == 0)
        }
    }

    @Test func `an end that was written lets the next go on in the same folder`() async throws {
        try await withShard { shard in
            let first = try await take(shard)
            try Folder.make(first.work.path)
            first.end(75)
            let second = try await take(shard)
            #expect(second.work == first.work && second.epoch == 2)
        }
    }

    @Test func `of many that come at once one has the shard`() async throws {
        try await withShard { shard in
            let refused = Locked(0)
            let taken = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        do {
                            let ownership = try await take(shard)
                            let life = Task { [quick] in await ownership.keepAlive(quick, stop: StopSignal()) }
                            while refused.withLock({ $0 }) < 7 { try await Task.sleep(for: .milliseconds(2)) }
                            life.cancel()
                            await life.value
                            return try ownership.isHeld()
                        } catch {
                            refused.withLock { $0 += 1 }
                            return false
                        }
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(taken == 1)
        }
    }

    @Test func `a job's later life is known by its restarts`() {
        let slurm = ["SLURM_JOB_ID": "12", "SLURM_ARRAY_JOB_ID": "11", "SLURM_ARRAY_TASK_ID": "3"]
        let first = ShardJob(slurm)
        let second = ShardJob(slurm.merging(["SLURM_RESTART_COUNT": "1", "SLURM_JOB_ID": "40"]) { $1 })
        #expect(first.name == "slurm 11_3" && second.succeeds(first) && !first.succeeds(second))
        #expect(!ShardJob([:]).succeeds(ShardJob([:])))
        #expect(ShardJob(["AWS_BATCH_JOB_ID": "x:0", "AWS_BATCH_JOB_ATTEMPT": "2"]).restarts == 1)
    }
}

/// On which time passes as soon as somebody waits for it.
private struct PassingClock: Clock {
    typealias Instant = ContinuousClock.Instant
    private let start = ContinuousClock.now
    private let passed = Locked(Duration.zero)

    var now: Instant { start + passed.withLock { $0 } }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        passed.withLock { $0 = max($0, start.duration(to: deadline)) }
    }
}

/// Answers every request, and counts them.
private struct CountingTransport: HTTPTransport {
    let calls: Locked<Int>

    func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        calls.withLock { $0 += 1 }
        return HTTPResponse(status: 200, headers: [:], body: Data())
    }
}
