/// Time as it passes, but waiting ends when a `StopSignal` is raised: a run that is to end does not sit out a back-off.
struct StoppableClock: Clock {
    private let base = ContinuousClock()
    let stop: StopSignal

    var now: ContinuousClock.Instant { base.now }
    var minimumResolution: Duration { base.minimumResolution }

    /// - Throws: `CancellationError` when the signal is raised or the task cancelled before `deadline`.
    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        await stop.sleep(for: base.now.duration(to: deadline), clock: base)
        try Task.checkCancellation()
        if stop.isRaised { throw CancellationError() }
    }
}
