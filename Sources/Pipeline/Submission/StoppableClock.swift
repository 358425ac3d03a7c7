/// A clock whose sleepers wake when the user stops the run, so that nobody waits out a pause of minutes for it.
struct StoppableClock: Clock {
    let stop: StopSignal
    private let base = ContinuousClock()

    init(_ stop: StopSignal) {
        self.stop = stop
    }

    var now: ContinuousClock.Instant { base.now }
    var minimumResolution: Duration { base.minimumResolution }

    /// - Throws: `CancellationError` if the run is stopped, or the task cancelled.
    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        await stop.sleep(for: now.duration(to: deadline), clock: base)
        guard !stop.isRaised, !Task.isCancelled else { throw CancellationError() }
    }
}
