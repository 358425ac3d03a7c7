import Foundation
import LocalService
import Testing

/// Points 2 and 3 of the submission.
@Suite(.serialized) struct FaultSweepTests {
    @Test(.timeLimit(.minutes(30)))
    func `an answer that is lost, whichever it is, loses and doubles nothing`() async throws {
        var number = 1
        // The short sweep has the list, all initial requests and some of what comes later.
        while try await losesAnswer(number) { number += Sweep.isLong || number < 4 ? 1 : 5 }
        #expect(number > 20, "there are as many as that")
    }

    /// The nth request is carried out and its answer lost. False if there is no nth.
    private func losesAnswer(_ number: Int) async throws -> Bool {
        var isThere = false
        try await FaultBench.with { bench in
            var rule = FaultPlan.Rule(nil, .close(.afterStored))
            rule.selection = .nth([number])
            bench.service.setFaults(FaultPlan([rule]))
            #expect(try await bench.submit() == [], "answer \(number)")
            try bench.expectEachPublishedOnce("answer \(number)")
            let log = bench.service.requests
            isThere = log.contains { $0.fault != nil }
            #expect(RetryRules(exchanges: bench.witness.exchanges, log: log).breaches == [], "answer \(number)")
        }
        return isThere
    }

    @Test(.timeLimit(.minutes(30)), arguments: Sweep.isLong ? 1...10 : 1...2)
    func `with a fifth of all calls failing in every way everything is published, by the rules`(
        seed: UInt64
    ) async throws {
        try await FaultBench.with(clips: 6, blocksEach: 6) { bench in
            bench.service.setFaults(.everyWay(seed: seed, probability: 0.2))
            #expect(try await bench.submit() == [], "seed \(seed)")
            try bench.expectEachPublishedOnce("seed \(seed)")
            let log = bench.service.requests
            let faulty = log.count { $0.fault != nil }
            #expect((10...30).contains(faulty * 100 / log.count), "\(faulty) of \(log.count)")
            #expect(RetryRules(exchanges: bench.witness.exchanges, log: log).breaches == [], "seed \(seed)")
            Sweep.say("seed \(seed): \(faulty) of \(log.count) calls failed")
        }
    }
}

extension FaultPlan {
    /// Each way for a call to fail that is worth another try, all equally often.
    static func everyWay(seed: UInt64, probability: Double) -> FaultPlan {
        let withBody: Set<ServiceRoute> = [.initialUpload, .block, .thumbnail]
        let acts: [(Set<ServiceRoute>?, Act)] = [
            (nil, .answer(status: 408)), (nil, .answer(status: 429)),
            (nil, .answer(status: 429, retryAfter: .seconds(7))), (nil, .answer(status: 429, retryAfter: .date(11))),
            (nil, .answer(status: 500)), (nil, .answer(status: 500, afterEffect: true)),
            (nil, .answer(status: 502)), (nil, .answer(status: 502, retryAfter: .seconds(3), afterEffect: true)),
            (nil, .answer(status: 503)), (nil, .answer(status: 503, retryAfter: .seconds(90))),
            (nil, .answer(status: 504)), (nil, .answer(status: 504, body: "<html>", afterEffect: true)),
            (nil, .close(.beforeAnswer)), (nil, .close(.afterStored)), (withBody, .close(.midBody)),
            (nil, .reset(.beforeAnswer)), (nil, .reset(.afterStored)), (withBody, .reset(.midBody)),
            (nil, .truncateAnswer), (nil, .malformedAnswer), (withBody, .stall),
        ]
        let rules = acts.enumerated().map { number, act in
            var rule = Rule(act.0, act.1)
            rule.name = "\(act.1)"
            // What is left of the calls after the rules before.
            rule.selection = .probability(
                probability / Double(acts.count) / (1 - probability * Double(number) / Double(acts.count)))
            return rule
        }
        return FaultPlan(rules, seed: seed)
    }
}
