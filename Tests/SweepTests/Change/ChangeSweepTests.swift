import Foundation
import Testing

/// Something changes between a run that is killed and the next one.
@Suite(.serialized) struct ChangeSweepTests {
    @Test(.timeLimit(.minutes(Sweep.isLong ? 240 : 3)))
    func `whatever changes after a run was killed at any of its steps, the next one publishes what is there now`()
        async throws
    {
        try await ChangeBench.with { bench in
            try bench.write(Setup(), of: 1)
            #expect(try await bench.run(of: 1, stoppedAt: 0).status == 0)
            let last = try bench.place(ofRun: 1).steps
            #expect(last > 100, "the steps of a whole run are counted")
            let plans = Sweep.isLong ? Self.all(last) : Self.few(last)
            Sweep.say("\(plans.count) rounds, \(Change.all.count) kinds of change, \(last) steps")
            try await inLanes(plans) { number, plan in
                try await ChangeRound(bench: bench, number: number + 2, change: plan.change, step: plan.step).run()
            }
        }
    }

    /// Every change at every step; the last is beyond the end of the run.
    private static func all(_ last: Int) -> [(change: Change, step: Int)] {
        (1...last + 1).flatMap { step in Change.all.map { ($0, step) } }
    }

    /// A place in the middle of the blocks, and one where a clip is complete.
    private static func few(_ last: Int) -> [(change: Change, step: Int)] {
        let middle = last * 7 / 10
        return [Change.sameCount, .caption, .users, .sidecarThatComes, .recordedAnew].map { ($0, middle) }
            + [Change.caption, .users, .waitFor].map { ($0, last * 19 / 20) }
    }
}
