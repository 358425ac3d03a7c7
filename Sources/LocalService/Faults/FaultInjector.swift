import Synchronization

/// Applies the rules of a plan to calls, one after the other.
///
/// A pure value: which call fails depends on the plan and the order of the calls that are counted together.
struct FaultInjector: Sendable {
    let plan: FaultPlan
    /// Of rules that count.
    private var counters: [CounterKey: Counter] = [:]
    /// Of each rule, whatever it counts together.
    private var totals: [Counter]

    private struct CounterKey: Hashable {
        var rule: Int
        var group: Group
    }

    /// Calls that are counted together.
    private enum Group: Hashable {
        case all
        case clip(String?)
        case block(String?, ServiceRoute, Int64?)
    }

    private struct Counter {
        var calls = 0
        var applied = 0
    }

    init(_ plan: FaultPlan) {
        self.plan = plan
        totals = plan.rules.map { _ in Counter() }
    }

    /// What goes wrong with the next call; nil for nothing. Each rule counts every call that it is about, also where
    /// an earlier rule applies.
    ///
    /// - Parameter traits: numbers that the clip would have in another run of the same program too.
    mutating func fault(for call: RoutedCall, traits: () -> [UInt64]) -> Fault? {
        var fault: Fault?
        for (number, rule) in plan.rules.enumerated() where rule.isAbout(call) {
            let key = CounterKey(rule: number, group: group(of: call, rule))
            var counter = counters[key, default: Counter()]
            counter.calls += 1
            totals[number].calls += 1
            if fault == nil, rule.times.map({ counter.applied < $0 }) ?? true,
                applies(rule, number, call, count: counter.calls, traits)
            {
                counter.applied += 1
                totals[number].applied += 1
                fault = Fault(
                    name: plan.name(ofRule: number), act: rule.act, delay: rule.delay, throttle: rule.throttle)
            }
            if rule.counts { counters[key] = counter }
        }
        return fault
    }

    /// How many calls each rule was about, and to how many it was applied.
    var counts: [(name: String, calls: Int, applied: Int)] {
        totals.enumerated().map { (plan.name(ofRule: $0), $1.calls, $1.applied) }
    }

    private func group(of call: RoutedCall, _ rule: FaultPlan.Rule) -> Group {
        // Chance goes by block whatever is counted: which of several parallel requests comes first does not matter.
        if case .probability = rule.selection, rule.times == nil { return .block(call.clip, call.route, call.block) }
        return switch rule.per {
        case .service: .all
        case .clip: .clip(call.clip)
        case .block: .block(call.clip, call.route, call.block)
        }
    }

    private func applies(
        _ rule: FaultPlan.Rule, _ number: Int, _ call: RoutedCall, count: Int, _ traits: () -> [UInt64]
    ) -> Bool {
        switch rule.selection {
        case .all: return true
        case .nth(let numbers): return numbers.contains(count)
        case .every(let step): return count % step == 0
        case .probability(let probability):
            var chance = SeededChance(plan.seed)
            chance.mix(UInt64(number))
            chance.mix(ServiceRoute.allCases.firstIndex(of: call.route).map(UInt64.init) ?? 0)
            for trait in call.clip == nil ? [] : traits() { chance.mix(trait) }
            chance.mix(UInt64(bitPattern: call.block ?? -1))
            chance.mix(UInt64(count))
            return chance.value < probability
        }
    }
}

extension FaultPlan {
    func name(ofRule number: Int) -> String { rules[number].name ?? "rule \(number + 1)" }
}

extension FaultPlan.Rule {
    /// Whether it applies depends on what came before.
    fileprivate var counts: Bool { selection != .all || times != nil }

    fileprivate func isAbout(_ call: RoutedCall) -> Bool {
        guard calls?.contains(call.route) ?? true else { return false }
        guard let blocks else { return true }
        return call.block.map(blocks.contains) ?? false
    }
}

/// A number from 0 to 1 that is a function of a seed and what is mixed in (SplitMix64).
struct SeededChance {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
        mix(0)
    }

    mutating func mix(_ value: UInt64) {
        state = (state ^ value) &+ 0x9e37_79b9_7f4a_7c15
        state = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        state = (state ^ (state >> 27)) &* 0x94d0_49bb_1331_11eb
        state ^= state >> 31
    }

    var value: Double { Double(state >> 11) / Double(1 << 53) }
}
