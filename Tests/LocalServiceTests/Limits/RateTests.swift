import ClipModel
import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct RateTests {
    private func time(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds) }

    @Test func `the burst window slides, and dropped requests are not in it`() {
        var windows = RateWindows()
        let limit = RateLimit(burst: 2, sustain: 100)
        #expect(windows.count(at: time(0), limit) == nil)
        #expect(windows.count(at: time(10), limit) == nil)
        let excess = windows.count(at: time(11), limit)
        #expect(excess?.retryAfter == .seconds(4) && excess?.maxRequests == 2 && excess?.currentRequests == 3)
        #expect(windows.count(at: time(15), limit) == nil)
        #expect(windows.count(at: time(16), limit)?.retryAfter == .seconds(9))
        #expect(windows.count(at: time(25), limit) == nil)
    }

    @Test func `dropped requests count towards the sustain window`() {
        var windows = RateWindows()
        let limit = RateLimit(burst: 1, sustain: 3)
        #expect(windows.count(at: time(0), limit) == nil)
        #expect(windows.count(at: time(1), limit)?.period == .seconds(15))
        #expect(windows.count(at: time(20), limit) == nil)
        let excess = windows.count(at: time(40), limit)
        #expect(excess?.period == .seconds(300) && excess?.currentRequests == 4)
        // The first two have to leave, for this one is there too.
        #expect(excess?.retryAfter == .seconds(261))
        #expect(windows.count(at: time(301), limit) == nil)
    }

    @Test func `both windows are kept for each user and service, by a clock that is moved`() async throws {
        let clock = MovableClock(standingAt: Timestamp(seconds: 1_700_000_000))
        try await withTemporaryFolder { folder in
            let tokens = try TokenFile.write(
                [TokenFile.claims("a"), TokenFile.claims("b", xuid: "1002")], in: folder)
            try await Harness.run(in: folder) {
                ($0.clock, $0.tokensFile) = (clock, tokens)
                $0.rates = [.metadata: RateLimit(burst: 3, sustain: 6)]
            } _: { harness in
                let clip = try await harness.begin(Samples.request(fileSize: 10, blocks: 1))
                for _ in 0..<2 { expect(try await harness.get(harness.clips), is: 200) }
                let burst = try await harness.get(harness.clips)
                expect(burst, is: 429)
                #expect(burst.headers["retry-after"] == "15")
                #expect(
                    burst.text
                        == #"{"currentRequests":4,"limitType":"rate","maxRequests":3,"periodInSeconds":15,"version":1}"#
                )
                let other = try await curl(Harness.headers(token: "b") + [harness.clips])
                expect(other, is: 200)
                expect(try await harness.put(Samples.bytes(10), block: 0, of: clip), is: 201)

                await clock.advance(by: .seconds(15))
                for _ in 0..<2 { expect(try await harness.get(harness.clips), is: 200) }
                let sustain = try await harness.get(harness.clips)
                expect(sustain, is: 429)
                #expect(try sustain.json["periodInSeconds"] as? Int == 300)
                #expect(sustain.headers["retry-after"] == "285")
                await clock.advance(by: .seconds(285))
                expect(try await harness.get(harness.clips), is: 200)
                let dropped = harness.service.requests.filter { $0.status == 429 }
                #expect(dropped.map(\.retryAfter) == ["15", "285"] && dropped.allSatisfy { $0.fault == nil })
            }
        }
    }

    @Test func `a plan's limits replace the service's, and a token that is no good is nobody's request`() async throws {
        try await Harness.run {
            $0.rates = [.metadata: RateLimit(burst: 1, sustain: 1)]
            $0.faults.rates = [.metadata: RateLimit(burst: 2, sustain: 2)]
        } _: { harness in
            for _ in 0..<5 { expect(try await curl(Harness.headers(token: "x") + [harness.clips]), is: 401) }
            for status in [200, 200, 429] { expect(try await harness.get(harness.clips), is: status) }
            harness.service.setFaults(FaultPlan())
            expect(try await harness.get(harness.clips), is: 429)
        }
    }
}
