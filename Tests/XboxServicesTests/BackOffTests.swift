import Testing

@testable import XboxServices

@Suite struct BackOffTests {
    private var highest = HighestNumber()

    @Test mutating func `the ceiling doubles from 2 s to 60 s`() {
        var backOff = BackOff(at: .zero)
        let waits = (0..<8).map { _ in backOff.wait(at: .zero, using: &highest) }
        #expect(waits.map { $0?.components.seconds } == [2, 4, 8, 16, 32, 60, 60, 60])
    }

    @Test func `each wait is anywhere under the ceiling`() {
        var generator = SplitMix(state: 1)
        var fractions: [Double] = []
        for _ in 0..<2_000 {
            var backOff = BackOff(at: .zero)
            for ceiling in [2.0, 4, 8] {
                guard let wait = backOff.wait(at: .zero, using: &generator) else { continue }
                fractions.append((wait / .seconds(1)) / ceiling)
            }
        }
        #expect(fractions.count == 6_000)
        #expect(fractions.allSatisfy { (0...1).contains($0) })
        // The mean of 6,000 even draws is 0.5 with a deviation of 0.004.
        let mean = fractions.reduce(0, +) / Double(fractions.count)
        #expect(abs(mean - 0.5) < 0.03)
        #expect(fractions.contains { $0 < 0.05 } && fractions.contains { $0 > 0.95 })
    }

    @Test mutating func `nothing is tried with less than 5 s left of the window`() {
        var backOff = BackOff(at: .seconds(100))
        #expect(backOff.latestStart == .seconds(100 + 900 - 5))
        #expect(backOff.wait(at: .seconds(994), using: &highest) == .seconds(1))
        #expect(backOff.wait(at: .seconds(995), using: &highest) == nil)
        #expect(backOff.wait(at: .seconds(2_000), using: &highest) == nil)
    }

    @Test mutating func `a pause is kept, and one that does not fit ends it`() {
        var backOff = BackOff(at: .zero)
        #expect(backOff.wait(at: .zero, pause: .seconds(100), using: &highest) == .seconds(100))
        #expect(backOff.wait(at: .zero, pause: .seconds(895), using: &highest) == .seconds(895))
        #expect(backOff.wait(at: .zero, pause: .seconds(896), using: &highest) == nil)
    }

    @Test mutating func `a pause shorter than the jitter does not shorten it`() {
        var backOff = BackOff(at: .zero)
        #expect(backOff.wait(at: .zero, pause: .milliseconds(1), using: &highest) == .seconds(2))
    }

    @Test mutating func `progress starts the window and the doubling again`() {
        var backOff = BackOff(at: .zero)
        for _ in 0..<5 { _ = backOff.wait(at: .zero, using: &highest) }
        backOff.noteProgress(at: .seconds(890))
        #expect(backOff.wait(at: .seconds(899), using: &highest) == .seconds(2))
        #expect(backOff.latestStart == .seconds(890 + 895))
        backOff.noteProgress(at: .seconds(10))
        #expect(backOff.latestStart == .seconds(890 + 895))
    }
}
