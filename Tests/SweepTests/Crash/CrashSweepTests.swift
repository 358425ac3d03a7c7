import Foundation
import SystemIO
import Testing

/// Point 1 of the submission: whenever the program is killed, the same command goes on, loses nothing and doubles
/// nothing.
@Suite(.serialized) struct CrashSweepTests {
    /// Rounds that go on at the same time: most of one is waiting.
    private static let lanes = 3

    /// Also where the journal has no write-ahead log, and locks are refused.
    @Test(.timeLimit(.minutes(60)), arguments: [false, true])
    func `a run that is killed at any of its steps is completed by the same command`(sharedDisk: Bool) async throws {
        try await CrashBench.with(sharedDisk: sharedDisk) { bench in
            let whole = CrashRound(bench: bench, user: 1, start: 0)
            #expect(try await bench.run(as: 1, stoppedAt: 0).status == 0)
            let last = try bench.place(of: 1).steps
            #expect(last > 200, "the steps of a whole run are counted")
            try await whole.finish([], "a run without a crash")

            // How many there are depends on how parallel requests fall; those beyond the end are cheap.
            let all = Array(1...last + last / 10)
            let steps = Sweep.isLong ? all : stride(from: 5, through: last, by: last / (sharedDisk ? 4 : 6)).map(\.self)
            Sweep.say("\(steps.count) steps")
            try await inLanes(steps.enumerated().map { (user: $0 + 2, step: $1) }, bench) { round, step in
                let killed = try await bench.run(as: round.user, stoppedAt: step)
                let place = try bench.place(of: round.user)
                if killed.status == 0 {
                    #expect(place.steps < step)
                } else {
                    #expect(killed.status == 128 + SIGKILL, "\(killed.errorText)")
                    try await round.finish([try await round.wreck()], "step \(step) (\(place))")
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(60)))
    func `a run that is killed at random moments, again and again, is completed by the same command`() async throws {
        var numbers = SeededNumbers(seed: Sweep.seed)
        // Up to three crashes on the way of the same clips; each is a part of the time that a whole run takes.
        var moments: [[Double]] = []
        while moments.joined().count < (Sweep.isLong ? 200 : 4) {
            moments.append(
                (1...Int.random(in: 1...3, using: &numbers)).map { _ in .random(in: 0...1, using: &numbers) })
        }
        let rounds = moments
        Sweep.say("\(rounds.joined().count) random moments, CLIPSHIP_SWEEP_SEED=\(Sweep.seed)")
        try await CrashBench.with { bench in
            let begin = ContinuousClock.now
            #expect(try await bench.run(as: 1).status == 0)
            let duration = ContinuousClock.now - begin
            try await inLanes(rounds.enumerated().map { (user: $0 + 2, step: $1) }, bench) { round, moments in
                var wrecks: [CrashRound.Wreck] = []
                for moment in moments {
                    let killed = try await bench.run(as: round.user, killedAfter: duration * moment)
                    if killed.status == 0 { break }
                    #expect(killed.status == 128 + SIGKILL, "\(killed.errorText)")
                    wrecks.append(try await round.wreck())
                }
                try await round.finish(wrecks, "seed \(Sweep.seed), user \(round.user), killed after \(moments)")
            }
        }
    }

    @Test(.timeLimit(.minutes(60)))
    func `a run that is killed while it removes what a killed one has left of other clips is completed`() async throws {
        try await CrashBench.with { bench in
            var numbers = SeededNumbers(seed: Sweep.seed)
            #expect(try await bench.run(as: 1, stoppedAt: 0).status == 0)
            let last = try bench.place(of: 1).steps
            // Of each round the step that the first run is killed at, and that of the second, whose clips are others.
            let steps =
                Sweep.isLong ? stride(from: 1, through: last, by: 5).map(\.self) : [last / 4, last / 3, last / 2]
            let rounds = steps.map { (Int.random(in: last / 3...last, using: &numbers), $0) }
            Sweep.say("\(rounds.count) steps with other clips, CLIPSHIP_SWEEP_SEED=\(Sweep.seed)")
            try await inLanes(rounds.enumerated().map { (user: $0 + 2, step: $1) }, bench) { round, steps in
                let place = "seed \(Sweep.seed), user \(round.user), steps \(steps)"
                var wrecks: [CrashRound.Wreck] = []
                for (session, step) in [("sweep", steps.0), ("again", steps.1)] {
                    let killed = try await bench.run(as: round.user, session: session, stoppedAt: step)
                    #expect([0, 128 + SIGKILL].contains(killed.status), "\(place): \(killed.errorText)")
                    wrecks.append(try await round.wreck())
                }
                try await round.finish(wrecks, place, session: "again")
            }
        }
    }

    /// Runs `body` for each round, some at a time.
    private func inLanes<Plan: Sendable>(
        _ plans: [(user: Int, step: Plan)], _ bench: CrashBench,
        _ body: @escaping @Sendable (CrashRound, Plan) async throws -> Void
    ) async throws {
        let waiting = Locked(plans[...])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.lanes {
                group.addTask {
                    var start = 0
                    while let plan = waiting.withLock({ $0.popFirst() }) {
                        start = try await bench.lastCall(after: start)
                        try await body(CrashRound(bench: bench, user: plan.user, start: start), plan.step)
                        if plan.user % 50 == 0 { Sweep.say("\(plan.user) of \(plans.count)") }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
