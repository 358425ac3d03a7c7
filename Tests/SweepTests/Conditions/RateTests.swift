import Foundation
import LocalService
import TestSupport
import Testing

/// Point 4 of the submission.
@Suite(.serialized) struct RateTests {
    private static let published = RateLimit(burst: 100, sustain: 300)

    @Test(.timeLimit(.minutes(5)))
    func `a run of 500 small clips at the usual pace provokes no 429`() async throws {
        // A part of them is more than the limits, too.
        let count = Sweep.isLong ? 500 : 160
        try await FaultBench.with(
            clips: count, blocksEach: 1,
            { configuration, _ in
                configuration.rates = [.metadata: Self.published]
                configuration.thumbnailURIs = .uploadOnly
                configuration.delays = .init(each: .milliseconds(100))
            }
        ) { bench in
            bench.keepUsualPace()
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
            let log = bench.service.requests
            #expect(log.count { $0.status == 429 } == 0)
            #expect(log.count { $0.route == .initialUpload } == count)
            // As quick as the limit allows: 300 requests in 300 s, the first 300 of them in advance.
            let fewest = Double(log.count { !$0.isTransfer } - 300)
            #expect(bench.time.now.offset < .seconds(fewest * 1.1 + 320), "\(bench.time.now.offset)")
        }
    }

    @Test func `with another client using up the budget everything is published, by the rules`() async throws {
        try await FaultBench.with(
            clips: 40, blocksEach: 1,
            { configuration, _ in
                configuration.rates = [.metadata: Self.published]
                configuration.thumbnailURIs = .uploadOnly
            }
        ) { bench in
            bench.keepUsualPace()
            try await bench.spend(requests: 95)
            let before = bench.service.requests.count
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
            let log = Array(bench.service.requests.dropFirst(before))
            #expect(log.contains { $0.status == 429 }, "it did get into our way")
            #expect(RetryRules(exchanges: bench.witness.exchanges, log: log).breaches == [])
        }
    }
}

extension FaultBench {
    /// Another program of the same user and title asks for its clips.
    fileprivate func spend(requests: Int) async throws {
        let url = "\(address)/users/me/clips?[1-\(requests)]"
        let header = "Authorization: Xauth=\(service.developerToken)"
        try await run("curl", ["--silent", "--fail", "--output", "/dev/null", "-H", header, url]).expectSuccess()
    }
}
