import SystemIO

/// Recorders write as we read: a file is taken for finished once it has been quiet for two seconds.
///
/// On a disk that machines share the times are those of a server's clock, which may go ahead or behind: there it has to be the
/// same in two looks that are so far apart by the clock of this machine.
struct WriteSettling: Sendable {
    static let quietTime = Duration.seconds(2)

    /// How files on shared disks were at the first look.
    private let first: [String: FileIdentity]

    /// Waits until every file has had time to change again if somebody is writing to it; at most `quietTime`, and not
    /// at all for files that are older, and on a disk of this machine.
    init(waitingFor paths: [String], stop: StopSignal, clock: any Clock<Duration> = ContinuousClock()) async {
        let now = FileIdentity.now()
        let quiet = Int64(Self.quietTime.components.seconds) * 1_000_000_000
        var first: [String: FileIdentity] = [:]
        var youngest: Int64 = 0
        for path in paths {
            // What can't be looked at is opened later, and that says so.
            guard let identity = try? FileIdentity(of: path) else { continue }
            if identity.isOnSharedDisk {
                // As it is for whoever opens it; one that can't be opened says so later.
                first[path] = try? OpenFile(path).identity()
            } else if identity.modified <= now {
                youngest = max(youngest, identity.modified)
            }
        }
        self.first = first
        let left = first.isEmpty ? youngest + quiet - now : quiet
        if left > 0 { await stop.sleep(for: .nanoseconds(left), clock: clock) }
    }

    /// Whether a file has been left alone long enough.
    func isQuiet(_ path: String, _ identity: FileIdentity) -> Bool {
        guard !identity.isOnSharedDisk else {
            // What the system keeps of a file is as old as it may be, until the file is opened.
            let second = try? OpenFile(path).identity()
            return second != nil && first[path]?.fingerprint == second?.fingerprint
        }
        let now = FileIdentity.now()
        let quiet = Int64(Self.quietTime.components.seconds) * 1_000_000_000
        // A time in the future says nothing about when it was written.
        return identity.modified > now || identity.modified <= now - quiet
    }
}
