import LocalService
import Testing

/// A service that says it has what it has not.
@Suite struct EmptyAcknowledgementTests {
    @Test func `blocks that are acknowledged and not stored go up once more, and again in the next run`() async throws {
        try await FaultBench.with(clips: 2, blocksEach: 3) { bench in
            bench.service.setFaults(FaultPlan([FaultPlan.Rule([.block], .answer(status: 202))]))
            let failures = try await bench.submit()
            #expect(failures.map(\.kind) == [.temporary, .temporary])
            let reason = "the service acknowledges every block, twice by now, and still waits for some"
            #expect(failures.map(\.reason) == [reason, reason])
            #expect(bench.service.requests.count { $0.route == .block } == 2 * 2 * 3)

            bench.service.setFaults(FaultPlan())
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
            let log = bench.service.requests
            #expect(log.count { $0.route == .block } == 3 * 2 * 3)
            #expect(log.count { $0.route == .initialUpload } == 2, "no other id was asked for")
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a clip that the service said it had in full, and waits for, is sent once more`() async throws {
        try await FaultBench.with(clips: 1, blocksEach: 4) { bench in
            var rule = FaultPlan.Rule([.block], .answer(status: 201))
            rule.selection = .nth([4])
            bench.service.setFaults(FaultPlan([rule]))
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
            let log = bench.service.requests
            #expect(log.count { $0.route == .initialUpload } == 1)
            #expect(log.count { $0.route == .block } == 8)
        }
    }
}
