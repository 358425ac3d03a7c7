public import ClipModel
public import Journal
public import SystemIO

/// How a run ended.
public struct BatchOutcome: Sendable {
    public var report: BatchReport
    /// One for each clip of the report, in its order.
    public var rows: [Row]
    /// What the run was to look at, and could not.
    public var missing: MissingFiles
    /// Why `batch.json` could not be written, though all else is done; nil if it was.
    public var unwritten: FileError?
    public var timings: RunTimings
    /// What was asked of the service may still come to it, so the next run looks.
    var awaits = false

    /// A clip of the report with what only a person wants to see of it.
    public struct Row: Sendable {
        public var entry: BatchReport.Entry
        /// Nil where nothing is known of the clip.
        public var summary: ClipSummary?
        /// Why it is not where it should be; nil if it is.
        public var failure: ClipFailure?
        /// Nothing had to be done for it.
        public var isUnchanged: Bool
        /// The service had it, and was told of another caption, visibility or title data.
        public var isUpdated = false
    }

    /// The server instances that sessions have.
    struct Servers: Sendable {
        /// Of a pipeline with one session.
        var one: ServerReport?
        /// By the names of many.
        var bySession: [String: ServerReport] = [:]
    }

    let servers: Servers

    init(
        pipeline: String, rows: [Row], timings: RunTimings, servers: Servers, missing: MissingFiles,
        in workspace: Workspace
    ) {
        self.rows = rows
        self.missing = missing
        self.timings = timings
        self.servers = servers
        report = BatchReport(
            pipeline: pipeline, clips: rows.map(\.entry), compute: servers.one,
            missing: missing.all.map { .init(path: workspace.known.relative($0.path), reason: $0.reason) })
    }
}

extension BatchOutcome {
    /// Nothing is left to do, and a run with the same inputs would end the same way.
    public var isFinal: Bool {
        missing.all.isEmpty && unwritten == nil && !awaits && rows.allSatisfy { $0.isUnchanged || $0.failure == nil }
    }

    /// What that run would end with.
    public var unchanged: BatchOutcome {
        var outcome = self
        for index in outcome.rows.indices {
            outcome.rows[index].isUnchanged = true
            outcome.rows[index].isUpdated = false
        }
        return outcome
    }
}

/// Why a run could not begin.
public enum RunError: Error, Sendable {
    /// Another run is at work on this output folder; who, and since when.
    case outputInUse(folder: String, holder: String)
    case file(FileError)
    /// The journal can't be opened or read.
    case journal(path: String, any Error)
    /// The HTTP client can't be started, or an address in the pipeline file is not one.
    case service(String)
    /// What every clip needs could not be had.
    case stopped(ClipFailure)
}
