import SystemIO

/// Submits what several clips of a run have in common once: whoever comes second gets what the first has.
actor SharedOutcomes {
    private var work: [String: Task<Submission.Outcome, Never>] = [:]

    /// - Parameter key: Equal for clips that are one to the service.
    func outcome(
        of key: String, _ submit: @escaping @Sendable () async -> Submission.Outcome
    ) async -> Submission.Outcome {
        let task = work[key] ?? Task(executorPreference: Blocking.threads) { await submit() }
        work[key] = task
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
