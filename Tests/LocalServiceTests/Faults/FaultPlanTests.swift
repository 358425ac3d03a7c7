import ConfigFiles
import Testing

@testable import LocalService

@Suite struct FaultPlanTests {
    private func plan(_ text: String) throws -> FaultPlan { try FaultPlan(parsing: Array(text.utf8), name: "plan") }

    @Test func `everything that a plan can say is understood`() throws {
        let plan = try plan(
            """
            seed: 42
            uriLifetime: 10m
            refreshTime: 35s
            tokenLifetime: 1h
            listLag: 30s
            rates: {metadata: 30/300}
            rules:
              - {name: busy, calls: [initialUpload, list], nth: [1, 3], status: 503, retryAfter: 5, body: "no"}
              - {calls: block, block: [0, 2], every: 5, times: 2, close: afterStored, delay: 250ms}
              - {calls: any, probability: 0.2, reset: midBody}
              - {calls: block, block: 1, per: block, nth: 1, throttle: 100kB/s}
              - {status: 500, retryAfterDate: 7, stored: true}
              - {calls: [clip], truncateAnswer: true}
              - {calls: [clip], malformedAnswer: true}
              - {calls: [block], stall: true}
              - {calls: [statistics, cluster, allocationStatus], status: 307, location: "http://a.b{target}"}
            """)
        #expect(plan.seed == 42 && plan.uriLifetime == .seconds(600) && plan.tokenLifetime == .seconds(3_600))
        #expect(plan.listLag == .seconds(30))
        #expect(plan.refreshTime == .seconds(35) && plan.rates == [.metadata: RateLimit(burst: 30, sustain: 300)])
        var rules: [FaultPlan.Rule] = [
            .init([.initialUpload, .list], .answer(status: 503, retryAfter: .seconds(5), body: "no")),
            .init([.block], .close(.afterStored)), .init(nil, .reset(.midBody)), .init([.block]),
            .init(nil, .answer(status: 500, retryAfter: .date(7), afterEffect: true)),
            .init([.clip], .truncateAnswer), .init([.clip], .malformedAnswer), .init([.block], .stall),
            .init([.statistics, .cluster, .allocationStatus], .answer(status: 307, location: "http://a.b{target}")),
        ]
        rules[0].name = "busy"
        rules[0].selection = .nth([1, 3])
        (rules[1].blocks, rules[1].selection, rules[1].times) = ([0, 2], .every(5), 2)
        rules[1].delay = .milliseconds(250)
        rules[2].selection = .probability(0.2)
        (rules[3].blocks, rules[3].per, rules[3].selection, rules[3].throttle) = ([1], .block, .nth([1]), 100_000)
        #expect(plan.rules == rules)
        #expect(try self.plan("") == FaultPlan())
    }

    @Test(arguments: [
        ("rules: [{calls: block, status: 503, retryafter: 5}]", "1:37: unknown key \"retryafter\""),
        ("rules:\n  - {calls: blocks, status: 503}", "2:13: \"calls\": expected initialUpload, block"),
        ("rules:\n  - calls: block", "2:5: this rule does nothing"),
        ("rules:\n  - {status: 503, close: midBody}", "2:5: expected only one of status, close"),
        ("rules:\n  - {close: later}", "2:13: \"close\": expected beforeAnswer, afterStored or midBody"),
        ("rules:\n  - {status: 99}", "2:14: \"status\": expected a whole number from 200 to 599"),
        ("rules:\n  - {delay: 5}", "2:13: \"delay\": expected a duration such as 250ms"),
        ("rules:\n  - {throttle: 5kB}", "2:16: \"throttle\": expected an amount a second"),
        ("rules:\n  - {stall: true, nth: 1, every: 2}", "2:5: expected only one of nth, every and probability"),
        ("rules:\n  - {stall: true, probability: 2}", "2:32: \"probability\": expected a number from 0 to 1"),
        ("rules:\n  - {calls: list, stall: true}", "2:5: midBody, stall and throttle need calls with a body"),
        ("rules:\n  - {calls: list, block: 1, status: 500}", "2:5: \"block\" needs calls: block"),
        ("rules:\n  - {close: midBody, retryAfter: 5}", "2:5: retryAfter, retryAfterDate, body and stored need"),
        ("rules:\n  - {status: 503, location: /a}", "2:5: location needs a status of [301, 302, 303, 307, 308]"),
        ("rules:\n  - {status: 307, location: a b}", "2:29: \"location\": expected an address"),
        ("rates: {metadata: 30, stats: 1/2}", "1:19: \"metadata\": expected BURST/SUSTAIN"),
        ("listLag: 30", "1:10: \"listLag\": expected a duration such as"),
        ("rates: {stats: 1/2}", "1:9: unknown key \"stats\""),
        ("rules: yes", "1:8: \"rules\": expected a list of rules"),
        ("a: [\n", "2:1: not valid YAML"),
    ])
    func `a mistake is named with its line and column`(text: String, expected: String) {
        let error = #expect(throws: ConfigurationError.self) { try plan(text) }
        let description = error?.description ?? ""
        #expect(description.split(separator: "\n").contains { $0.hasPrefix("plan:\(expected)") }, "\(description)")
    }

    @Test func `all mistakes are reported at once`() {
        let error = #expect(throws: ConfigurationError.self) {
            try plan("seed: -1\nrules:\n  - {calls: [x, y], status: 1}\n")
        }
        #expect(error?.diagnostics.count == 4 || error?.diagnostics.count == 5)
    }
}
