import ClipModel
import Foundation
import LocalService
import Testing

@testable import Pipeline

/// The list of what the service has, which is asked before and after each initial request.
@Suite struct ListTests {
    @Test(.timeLimit(.minutes(2)))
    func `a thousand clips in an outage of the list make one listing a back-off period`() async throws {
        try await FaultBench.with(clips: 1_000, blocksEach: 1, blockSize: 150) { bench in
            bench.service.setFaults(FaultPlan([FaultPlan.Rule([.list], .answer(status: 503))]))
            let failures = try await bench.submit()
            #expect(failures.count == 1_000 && failures.allSatisfy { $0.kind == .temporary })
            let log = bench.service.requests
            #expect(log.allSatisfy { $0.route == .list }, "nothing is asked for without a look")
            // 15 minutes of waits of 30 s on average, and those that double at the start.
            #expect((10...80).contains(log.count), "\(log.count)")
            let waits = zip(log, log.dropFirst()).map { $1.time.seconds - $0.time.seconds }
            #expect(waits.allSatisfy { $0 <= 60 }, "\(waits)")
        }
    }

    @Test func `clips that begin together are looked for together`() async throws {
        try await FaultBench.with(clips: 40, blocksEach: 1) { bench in
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
            let log = bench.service.requests
            #expect(log.count { $0.route == .list } <= 1 + 40, "\(log.count { $0.route == .list })")
        }
    }

    @Test func `a clip that somebody else has published meanwhile is taken as it is`() async throws {
        try await FaultBench.with(clips: 2) { bench in
            #expect(try await bench.submit() == [])
            let requests = bench.service.requests.count
            // Another output folder.
            try FileManager.default.removeItem(at: bench.folder.appending(path: "journal.db"))
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
            #expect(bench.service.requests.dropFirst(requests).allSatisfy { $0.route == .list || $0.route == .clip })
        }
    }
}
