/// Time as it passes, but waiting ends when a `StopSignal` is raised: a run that is to end does not sit out a back-off.
struct StoppableClock<Base: Clock<Duration>>: Clock {
    let base: Base
    let stop: StopSignal

    var now: Base.Instant { base.now }
    var minimumResolution: Duration { base.minimumResolution }

    /// - Throws: `CancellationError` when the signal is raised or the task cancelled before `deadline`.
    func sleep(until deadline: Base.Instant, tolerance: Duration?) async throws {
        await stop.sleep(for: base.now.duration(to: deadline), clock: base)
        try Task.checkCancellation()
        if stop.isRaised { throw CancellationError() }
    }
}

extension Clock<Duration> {
    /// The same time, for a run that can be stopped.
    func stoppable(by stop: StopSignal) -> any Clock<Duration> { StoppableClock(base: self, stop: stop) }
}
