import Foundation
import LocalService
import Testing

@testable import Pipeline

/// A service that has everything and publishes nothing.
@Suite struct PublishingLimitTests {
    @Test(.timeLimit(.minutes(2)))
    func `the wait for publication is counted from a clip's last byte, however many clips wait`() async throws {
        let count = 3 * SubmitOptions().clipsInFlight
        let limit = Polling().limit
        try await FaultBench.with(
            clips: count, blocksEach: 1, { configuration, _ in configuration.delays = .init(each: .seconds(1_000_000)) }
        ) { bench in
            for run in 1...2 {
                let (start, before) = (bench.time.now, bench.service.requests.count)
                let failures = try await bench.submit()
                #expect(failures.count == count)
                #expect(
                    failures.allSatisfy { $0.kind == .temporary && $0.reason.contains("after 600 s") }, "\(failures)")
                // A run that has something to upload begins to wait a little later.
                let duration = start.duration(to: bench.time.now)
                #expect(duration >= limit && duration < limit + .seconds(30), "run \(run): \(duration)")
                let asked = bench.service.requests.dropFirst(before).filter { $0.route == .clip && $0.status == 200 }
                #expect(Set(asked.compactMap(\.clip)).count == count, "each is asked about, also when its time is over")
            }
        }
    }
}
