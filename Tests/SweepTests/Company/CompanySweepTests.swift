import SystemIO
import Foundation
import Testing

/// Several output folders, on one machine or several, submit the same clips for one account.
@Suite(.serialized) struct CompanySweepTests {
    /// Of every kind one in so many gets lost.
    private static let lostAnswers = """
        rules:
          - {calls: initialUpload, every: 4, close: afterStored}
          - {calls: list, every: 7, close: afterStored}
        """

    /// Who is there in a round, and what happens to them.
    private struct Plan: Sendable {
        struct Part: Sendable {
            var clips: [String]
            var delay: Duration
            /// The steps of the first runs that they are killed at.
            var kills: [Int]
        }

        var parts: [Part]

        /// - Parameter steps: Of a run that nobody disturbs.
        init(_ round: Int, steps: Int, _ numbers: inout SeededNumbers) {
            let isTogether = round % 2 == 0
            parts = (0..<Int.random(in: round == 0 ? 3...3 : 2...4, using: &numbers)).map { _ in
                let hasAll = Int.random(in: 0...2, using: &numbers) > 0
                let without = CompanyBench.clips.randomElement(using: &numbers)
                let kills = round == 0 ? 0 : Int.random(in: 0...2, using: &numbers)
                return Part(
                    clips: CompanyBench.clips.filter { hasAll || $0 != without },
                    delay: isTogether ? .zero : .milliseconds(Int.random(in: 0...1_000, using: &numbers)),
                    kills: (0..<kills).map { _ in Int.random(in: steps / 4...steps, using: &numbers) })
            }
        }
    }

    @Test(.timeLimit(.minutes(Sweep.isLong ? 120 : 3)))
    func `whoever submits the same clips, when they start and how they end, each is published once`() async throws {
        // The short sweep has one round without kills, and one with kills and others' clips.
        try await sweep(rounds: Sweep.isLong ? 100 : 2, faults: "")
    }

    @Test(.timeLimit(.minutes(Sweep.isLong ? 120 : 3)))
    func `so it is when answers get lost`() async throws {
        try await sweep(rounds: Sweep.isLong ? 60 : 1, faults: Self.lostAnswers)
    }

    private func sweep(rounds: Int, faults: String) async throws {
        var numbers = SeededNumbers(seed: Sweep.seed)
        try await CompanyBench.with(faults: faults) { bench in
            let steps = try await CompanyBench.steps.value
            let plans = (0..<rounds).map { Plan($0, steps: steps, &numbers) }
            Sweep.say("\(rounds) rounds, CLIPSHIP_SWEEP_SEED=\(Sweep.seed)")
            try await inLanes(plans, width: 2) { number, plan in
                let participants = try plan.parts.enumerated().map { index, part in
                    try bench.join(number + 1, "folder-\(index + 1)", with: part.clips)
                }
                let what = "seed \(Sweep.seed), round \(number + 1)"
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (participant, part) in zip(participants, plan.parts) {
                        group.addTask {
                            try await participant.runUntilDone(killedAt: part.kills, after: part.delay, what)
                        }
                    }
                    try await group.waitForAll()
                }
                try CompanyRound(bench: bench, number: number + 1, participants: participants, what: what).check()
            }
        }
    }

    @Test(.timeLimit(.minutes(Sweep.isLong ? 120 : 3)))
    func `what somebody has left who never comes back is taken over after a day, and only then`() async throws {
        try await CompanyBench.with { bench in
            let steps = try await CompanyBench.steps.value
            guard Sweep.isLong else {
                // One at which something is left.
                for (number, tenths) in [6, 5, 7, 4, 8].enumerated() {
                    if try await GivenUpRound(bench, number + 1, deadAt: steps * tenths / 10).run() { return }
                }
                Issue.record("nothing was left at any step")
                return
            }
            let all = Array(stride(from: steps / 3, through: steps, by: 5))
            Sweep.say("\(all.count) steps")
            let hasLeft = Locked(false)
            try await inLanes(all, width: 2) { number, step in
                let left = try await GivenUpRound(bench, number + 1, deadAt: step).run()
                hasLeft.withLock { $0 = $0 || left }
            }
            #expect(hasLeft.withLock { $0 })
        }
    }
}
