import ClipModel
import Foundation
import LocalService
import Pipeline
import TestSupport
import Testing
import XboxServices

@testable import MediaWorker

/// Bad workers in the midst of a whole run.
@Suite struct BatchTests {
    private static let troubles: [String: Misbehaviour] = [
        "boss-fight": .crash, "hallway-720p": .kill, "instant-replay": .sleep, "lobby-vfr": .allocate,
    ]

    @Test(.enabled(if: Sanitizer.isOff, "\(Sanitizer.liftsTheFilter)"))
    func `each clip whose worker is lost fails by itself, and the others are published`() async throws {
        try await withTemporaryFolder { folder in
            var limits = WorkerLimits.patient
            limits.memory = 256 << 20
            // Long enough for the good ones on a busy machine.
            limits.silence = .seconds(10)
            var pipeline = try Self.samplesPipeline(to: folder)
            for name in sampleNames {
                let file = folder.appending(path: "\(name).mp4")
                if let trouble = Self.troubles[name] {
                    try trouble.write(to: file)
                } else {
                    let sample = Places.samples.appending(path: "\(name).mp4")
                    try FileManager.default.copyItem(at: sample, to: file)
                }
            }
            pipeline.clips = [folder.appending(path: "*.mp4").path]
            let outcome = try await withPool(width: 2, forkServer: .misbehaving, limits: limits) { [pipeline] pool in
                try await ship(pipeline, by: pool)
            }
            let rows = Dictionary(uniqueKeysWithValues: outcome.rows.map { ($0.entry.clip, $0) })
            #expect(
                rows.mapValues(\.entry.state) == [
                    "boss-fight": .failed, "hallway-720p": .skipped, "instant-replay": .failed, "lobby-vfr": .failed,
                    "phone-portrait": .published, "sunset-hdr10": .published,
                ])
            let reasons = rows.mapValues { $0.failure?.reason }
            #expect(reasons["boss-fight"] == "The decoder crashed on this file (signal 11).")
            #expect(reasons["hallway-720p"] == "The decoder was killed on this file from outside (signal 9).")
            #expect(
                reasons["instant-replay"] == "It was given up because nothing of it could be decoded for 10 s.")
            #expect(reasons["lobby-vfr"] == "It was given up because it needed more than 256 MiB of memory.")
            #expect(rows["hallway-720p"]?.failure?.kind == .temporary)
        }
    }

    @Test func `a second run over unchanged clips starts no worker, and nothing that workers come from`() async throws {
        try await withTemporaryFolder { folder in
            var pipeline = try Self.samplesPipeline(to: folder)
            pipeline.submit.waitFor = .nothing
            for round in 1...2 {
                let forkServer = ForkServer()
                try await withPool(width: 2, forkServer: forkServer) { pool in
                    let outcome = try await ship(pipeline, by: pool)
                    #expect(
                        outcome.rows.allSatisfy { $0.entry.state == .ready && $0.isUnchanged == (round == 2) },
                        "\(outcome.rows)")
                    #expect((pool.startedWorkers > 0) == (round == 1))
                    #expect((await forkServer.starts > 0) == (round == 1))
                }
            }
        }
    }

    private static func samplesPipeline(to folder: URL) throws -> PipelineFile {
        var pipeline = try PipelineFile(reading: Places.root.appending(path: "pipelines/post-session.yaml").path)
        pipeline.output = folder.appending(path: "out").path
        return pipeline
    }

    private func ship(_ pipeline: PipelineFile, by pool: MediaWorkerPool) async throws -> BatchOutcome {
        let plan = try BatchPlan(pipeline, root: Places.root.appending(path: "pipelines").path)
        var configuration = LocalService.Configuration(dataFolder: pipeline.output + "-service")
        configuration.delays = .init(each: .milliseconds(1))
        configuration.media = MediaWorkerPool(width: 1, forkServer: ForkServer()) { _ in }
        let service = try LocalService(configuration)
        let address = try service.start()
        let token = try #require(Token(service.developerToken))
        let runner = BatchRunner(
            plan, target: try ServiceTarget(localAt: address.baseURL, token: token), media: pool, stop: StopSignal(),
            observer: Silence())
        let outcome = try await runner.run()
        await service.stop()
        return outcome
    }

    private struct Silence: BatchObserver {
        func observe(_ event: BatchEvent) {}
    }
}
