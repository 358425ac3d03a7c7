import Foundation
import LocalService
import SystemIO
import Testing
import XboxServices

@testable import Pipeline

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
        let tokens = (1...100).map { "token-\($0)" }
        try await FaultBench.with(
            clips: 6, blocksEach: 6,
            { configuration, folder in configuration.tokensFile = try FaultBench.write(tokens: tokens, in: folder) }
        ) { bench in
            bench.service.setFaults(.everyWay(seed: seed, probability: 0.2))
            let source = NewTokens(tokens)
            bench.take(tokensFrom: source)
            var runs = 0
            var failures: [ClipFailure] = []
            repeat {
                let (exchanges, log) = (bench.witness.exchanges.count, bench.service.requests.count)
                let fetched = source.fetched
                failures = try await bench.submit()
                runs += 1
                let rules = RetryRules(
                    exchanges: Array(bench.witness.exchanges.dropFirst(exchanges)),
                    log: Array(bench.service.requests.dropFirst(log)))
                #expect(rules.breaches == [], "seed \(seed), run \(runs)")
                #expect(source.fetched - fetched == 1 + rules.replacedTokens.count, "seed \(seed), run \(runs)")
                // A request that is refused twice in a row is a no to the caller, with which a run ends. Nothing else is.
                #expect(failures.isEmpty != rules.hasFinalRefusal, "seed \(seed), run \(runs): \(failures)")
                #expect(failures.allSatisfy { $0.kind == .notAllowed && $0.reason.contains("401") }, "\(failures)")
            } while !failures.isEmpty && runs < 4
            try bench.expectEachPublishedOnce("seed \(seed)")
            let log = bench.service.requests
            let faulty = log.count { $0.fault != nil }
            // Of a hundred calls it is not a fifth to the call.
            #expect((5...35).contains(faulty * 100 / log.count), "\(faulty) of \(log.count)")
            Sweep.say("seed \(seed): \(faulty) of \(log.count) calls failed, \(runs) runs, \(source.fetched) tokens")
        }
    }
}

/// Good tokens, another one each time.
private final class NewTokens: TokenSource {
    private let tokens: [String]
    private let count = Locked(0)

    init(_ tokens: [String]) {
        self.tokens = tokens
    }

    var fetched: Int { count.withLock { $0 } }

    func token(replacing stale: Token?) async throws -> Token {
        let number = count.withLock { count in
            defer { count += 1 }
            return count
        }
        return try #require(Token(tokens[number % tokens.count]))
    }
}

extension FaultPlan {
    /// Each way for a call to fail, or to take its time, that is worth another try, all equally often.
    static func everyWay(seed: UInt64, probability: Double) -> FaultPlan {
        let withBody: Set<ServiceRoute> = [.initialUpload, .block, .thumbnail]
        let acts: [(Set<ServiceRoute>?, Act)] = [
            (nil, .answer(status: 401)),
            (nil, .answer(status: 408)), (nil, .answer(status: 429)),
            (nil, .answer(status: 429, retryAfter: .seconds(7))), (nil, .answer(status: 429, retryAfter: .date(11))),
            (nil, .answer(status: 500)), (nil, .answer(status: 500, afterEffect: true)),
            (nil, .answer(status: 502)), (nil, .answer(status: 502, retryAfter: .seconds(3), afterEffect: true)),
            (nil, .answer(status: 503)), (nil, .answer(status: 503, retryAfter: .seconds(90))),
            (nil, .answer(status: 504)), (nil, .answer(status: 504, body: "<html>", afterEffect: true)),
            (nil, .close(.beforeAnswer)), (nil, .close(.afterStored)), (withBody, .close(.midBody)),
            (nil, .reset(.beforeAnswer)), (nil, .reset(.afterStored)), (withBody, .reset(.midBody)),
            (nil, .truncateAnswer), (withBody, .stall),
            // One that is read is no better the next time, so it ends a call for good.
            (withBody, .malformedAnswer),
        ]
        var rules = acts.map { routes, act in
            var rule = Rule(routes, act)
            rule.name = "\(act)"
            return rule
        }
        // In time, and so late or so slow that nobody waits for it.
        for delay in [Duration.milliseconds(100), .seconds(60)] {
            var rule = Rule(nil, nil)
            rule.name = "\(delay) late"
            rule.delay = delay
            rules.append(rule)
        }
        for (routes, throttle) in [(withBody, 20_000), ([.block, .thumbnail], 100)] as [(Set<ServiceRoute>, Int64)] {
            var rule = Rule(routes, nil)
            rule.name = "read at \(throttle) B/s"
            rule.throttle = throttle
            rules.append(rule)
        }
        let share = probability / Double(rules.count)
        for number in rules.indices {
            // What is left of the calls after the rules before.
            rules[number].selection = .probability(share / (1 - share * Double(number)))
        }
        return FaultPlan(rules, seed: seed)
    }
}
