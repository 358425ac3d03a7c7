import Testing

@testable import LocalService

@Suite struct FaultInjectorTests {
    private func call(_ route: ServiceRoute = .block, clip: String? = "a", block: Int64? = 0) -> RoutedCall {
        RoutedCall(route: route, clip: clip, block: block)
    }

    private func rule(_ selection: FaultPlan.Selection, _ change: (inout FaultPlan.Rule) -> Void = { _ in })
        -> FaultPlan.Rule
    {
        var rule = FaultPlan.Rule([.block], .close(.beforeAnswer))
        rule.selection = selection
        change(&rule)
        return rule
    }

    /// Which of the calls fail, by their place.
    private func failures(_ plan: FaultPlan, _ calls: [RoutedCall]) -> [Int] {
        var injector = FaultInjector(plan)
        return calls.indices.filter { injector.fault(for: calls[$0], traits: { [7] }) != nil }
    }

    @Test func `nth, every and times count the calls that a rule is about, and no others`() {
        let calls = (0..<10).flatMap { _ in [call(), call(.list, clip: nil, block: nil)] }
        #expect(failures(FaultPlan([rule(.nth([1, 3]))]), calls) == [0, 4])
        #expect(failures(FaultPlan([rule(.every(5))]), calls) == [8, 18])
        #expect(failures(FaultPlan([rule(.all) { $0.times = 2 }]), calls) == [0, 2])
        #expect(
            failures(FaultPlan([rule(.all) { $0.calls = [.list] }]), calls) == Array(stride(from: 1, to: 20, by: 2)))
        #expect(failures(FaultPlan([rule(.all) { $0.calls = nil }]), calls).count == 20)
    }

    @Test func `a rule may be about some blocks, and count each clip or each block by itself`() {
        let calls = [("a", 0), ("a", 1), ("b", 0), ("a", 0), ("b", 1), ("b", 1)].map {
            call(clip: $0.0, block: $0.1)
        }
        #expect(failures(FaultPlan([rule(.all) { $0.blocks = [1] }]), calls) == [1, 4, 5])
        #expect(failures(FaultPlan([rule(.nth([1])) { $0.per = .clip }]), calls) == [0, 2])
        #expect(failures(FaultPlan([rule(.nth([1])) { $0.per = .block }]), calls) == [0, 1, 2, 4])
        #expect(failures(FaultPlan([rule(.all) { ($0.per, $0.times) = (.block, 1) }]), calls) == [0, 1, 2, 4])
    }

    @Test func `the first rule that applies does, and the others count on`() {
        var injector = FaultInjector(FaultPlan([rule(.nth([1])) { $0.name = "first" }, rule(.nth([1, 2]))]))
        #expect(injector.fault(for: call(), traits: { [0] })?.name == "first")
        #expect(injector.fault(for: call(), traits: { [0] })?.name == "rule 2")
        #expect(injector.fault(for: call(), traits: { [0] }) == nil)
        #expect(injector.counts.map(\.calls) == [3, 3])
        #expect(injector.counts.map(\.applied) == [1, 1])
    }

    @Test func `chance depends on the seed and on each block's own attempts, not on the order of blocks`() {
        let forth = Array(repeatElement((0..<200).map { call(block: $0) }, count: 3).joined())
        let back = Array(forth.reversed())
        func failed(_ calls: [RoutedCall], seed: UInt64) -> [String] {
            var attempts: [Int64: Int] = [:]
            var injector = FaultInjector(FaultPlan([rule(.probability(0.2))], seed: seed))
            return calls.compactMap { call in
                attempts[call.block ?? -1, default: 0] += 1
                let isFailed = injector.fault(for: call, traits: { [7] }) != nil
                return isFailed ? "\(call.block ?? -1).\(attempts[call.block ?? -1] ?? 0)" : nil
            }.sorted()
        }
        #expect(failed(forth, seed: 3) == failed(back, seed: 3))
        #expect(failed(forth, seed: 3) != failed(forth, seed: 4))
        #expect((60...180).contains(failed(forth, seed: 3).count))
    }
}
