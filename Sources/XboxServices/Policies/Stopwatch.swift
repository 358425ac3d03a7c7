/// A clock reduced to what the layers need: time passed since it was made, and waiting.
package struct Stopwatch: Sendable {
    private let elapsed: @Sendable () -> Duration
    private let wait: @Sendable (Duration) async throws -> Void

    package init(_ clock: any Clock<Duration>) {
        self = Self.of(clock)
    }

    private init(
        elapsed: @escaping @Sendable () -> Duration, wait: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.elapsed = elapsed
        self.wait = wait
    }

    private static func of<Source: Clock<Duration>>(_ clock: Source) -> Stopwatch {
        let origin = clock.now
        return Stopwatch(
            elapsed: { origin.duration(to: clock.now) },
            wait: { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) })
    }

    package var now: Duration { elapsed() }

    /// - Throws: `CancellationError` if the task is cancelled.
    package func sleep(_ duration: Duration) async throws {
        try await wait(duration)
    }
}
