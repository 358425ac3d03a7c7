import Testing

@testable import XboxServices

@Suite struct PaceTests {
    @Test func `without limits everything may start`() {
        var pace = Pace(nil)
        for _ in 0..<1_000 { #expect(pace.admit(at: .zero).ticket != nil) }
    }

    @Test func `the burst window lets as many start as its limit, and the next when the first is over`() {
        var pace = Pace(RateLimits(burst: 3, sustain: 100))
        for second in 0..<3 {
            let ticket = pace.admit(at: .seconds(second)).ticket
            pace.answered(ticket ?? -1, at: .seconds(second + 1))
        }
        #expect(pace.admit(at: .seconds(4)) == .wait(.seconds(12)))
        #expect(pace.admit(at: .milliseconds(15_999)) == .wait(.milliseconds(1)))
        #expect(pace.admit(at: .seconds(16)).ticket != nil)
        #expect(pace.admit(at: .seconds(16)) == .wait(.seconds(1)))
    }

    @Test func `the sustain window counts as well`() {
        var pace = Pace(RateLimits(burst: 2, sustain: 4))
        for start in [0, 0, 20, 20] {
            pace.answered(pace.admit(at: .seconds(start)).ticket ?? -1, at: .seconds(start))
        }
        #expect(pace.admit(at: .seconds(40)) == .wait(.seconds(260)))
        #expect(pace.admit(at: .seconds(300)).ticket != nil)
    }

    @Test func `a request under way counts until a window after its answer`() {
        var pace = Pace(RateLimits(burst: 1, sustain: 100))
        let ticket = pace.admit(at: .zero).ticket ?? -1
        #expect(pace.admit(at: .seconds(1_000)) == .wait(.seconds(15)))
        pace.answered(ticket, at: .seconds(1_000))
        #expect(pace.admit(at: .seconds(1_001)) == .wait(.seconds(14)))
    }

    @Test func `a pause holds everyone, the longest of several`() {
        var pace = Pace(nil)
        pace.close(until: .seconds(30))
        pace.close(until: .seconds(10))
        #expect(pace.admit(at: .seconds(5)) == .pause(.seconds(25)))
        #expect(pace.admit(at: .seconds(30)).ticket != nil)
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `a service that counts at any moment of a request never sees more than the limits`(seed: UInt64) {
        var generator = SplitMix(state: seed)
        let limits = RateLimits(burst: 10, sustain: 60)
        var pace = Pace(limits)
        var now = Duration.zero
        var seen: [Duration] = []
        var underWay: [(ticket: Int, end: Duration)] = []
        while seen.count < 500 {
            for request in underWay where request.end <= now {
                pace.answered(request.ticket, at: request.end)
            }
            underWay.removeAll { $0.end <= now }
            switch pace.admit(at: now) {
            case .go(let ticket):
                let length = Duration.milliseconds(Int.random(in: 0...20_000, using: &generator))
                underWay.append((ticket, now + length))
                seen.append(now + length * Double.random(in: 0...1, using: &generator))
            case .wait(let duration), .pause(let duration):
                #expect(duration > .zero)
                now += min(
                    duration, underWay.map(\.end).filter { $0 > now }.min().map { $0 - now } ?? duration)
            }
        }
        seen.sort()
        for (window, limit) in [
            (RateLimits.burstWindow, limits.burst), (RateLimits.sustainWindow, limits.sustain),
        ] {
            for index in seen.indices {
                let count = seen[index...].prefix { $0 < seen[index] + window }.count
                #expect(count <= limit)
            }
        }
    }
}

extension Pace.Admission {
    fileprivate var ticket: Int? {
        if case .go(let ticket) = self { ticket } else { nil }
    }
}

/// A generator with a seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
