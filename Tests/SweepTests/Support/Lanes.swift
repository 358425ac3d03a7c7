import SystemIO

/// Runs `body` for each plan, some at a time: most of a round is waiting.
func inLanes<Plan: Sendable>(
    _ plans: [Plan], width: Int = 3, _ body: @escaping @Sendable (_ number: Int, Plan) async throws -> Void
) async throws {
    let waiting = Locked(Array(plans.enumerated())[...])
    try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<width {
            group.addTask {
                while let plan = waiting.withLock({ $0.popFirst() }) {
                    try await body(plan.offset, plan.element)
                    if plan.offset % 50 == 49 { Sweep.say("\(plan.offset + 1) of \(plans.count)") }
                }
            }
        }
        try await group.waitForAll()
    }
}
