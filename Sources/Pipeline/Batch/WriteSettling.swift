import SystemIO

/// Recorders write as we read: a file is taken for finished once it has been quiet for two seconds.
enum WriteSettling {
    static let quietTime = Duration.seconds(2)

    /// Waits until every file has had time to change again if somebody is writing to it; at most `quietTime`, and not
    /// at all for files that are older.
    static func wait(for paths: [String], stop: StopSignal) async {
        let now = FileIdentity.now()
        let quiet = Int64(quietTime.components.seconds) * 1_000_000_000
        let youngest = paths.compactMap { try? FileIdentity(of: $0).modified }.filter { $0 <= now }.max() ?? 0
        guard youngest > now - quiet else { return }
        await stop.sleep(for: .nanoseconds(youngest + quiet - now), clock: ContinuousClock())
    }

    /// Whether a file has been left alone long enough.
    static func isQuiet(_ identity: FileIdentity) -> Bool {
        let now = FileIdentity.now()
        let quiet = Int64(quietTime.components.seconds) * 1_000_000_000
        // A time in the future says nothing about when it was written.
        return identity.modified > now || identity.modified <= now - quiet
    }
}
