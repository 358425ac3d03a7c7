import SystemIO

/// The plan in force, which can be replaced at any time.
final class Faults: Sendable {
    private let state: Locked<FaultInjector>
    private let settings: LocalService.Configuration

    init(_ configuration: LocalService.Configuration) {
        settings = configuration
        state = Locked(FaultInjector(configuration.faults))
    }

    /// Begins a plan again, also the one that is in force.
    func replace(_ plan: FaultPlan) {
        state.withLock { $0 = FaultInjector(plan) }
    }

    /// What goes wrong with the next call.
    func fault(for call: RoutedCall, traits: () -> [UInt64]) -> Fault? {
        state.withLock { $0.plan.rules.isEmpty ? nil : $0.fault(for: call, traits: traits) }
    }

    var counts: [(name: String, calls: Int, applied: Int)] { state.withLock { $0.counts } }

    var uriLifetime: Duration? { state.withLock { $0.plan.uriLifetime } ?? settings.uriLifetime }
    var refreshTime: Duration { state.withLock { $0.plan.refreshTime } ?? settings.refreshTime }
    var tokenLifetime: Duration? { state.withLock { $0.plan.tokenLifetime } ?? settings.tokenLifetime }
    var listLag: Duration { state.withLock { $0.plan.listLag } }

    func rate(of service: RateLimit.Service) -> RateLimit? {
        state.withLock { $0.plan.rates[service] } ?? settings.rates[service]
    }
}
