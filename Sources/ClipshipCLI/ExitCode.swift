import Pipeline
import XboxServices

/// What the program's exit code says; the only place where the codes are written down.
public enum ExitCode: Int32, Sendable, CaseIterable {
    /// Every clip reached what was asked for.
    case success = 0
    /// At least one clip failed for good or was not found; the others are done.
    case someFailed = 1
    /// The command line, the pipeline file or a sidecar is wrong, or no clip matched; nothing was done.
    case usage = 2
    /// Something temporary stopped it; the same command goes on.
    case temporary = 75
    /// The service says no to the caller.
    case notAllowed = 77
    /// SIGHUP; the same command goes on.
    case hungUp = 129
    /// Ctrl-C; the same command goes on.
    case interrupted = 130
    /// SIGTERM; the same command goes on.
    case terminated = 143

    /// For the table in the help.
    var meaning: String {
        switch self {
        case .success: "every clip reached what was asked for"
        case .someFailed: "at least one clip failed for good or was not found; the others are done"
        case .usage: "the command line, the pipeline file or a sidecar is wrong; nothing was done"
        case .temporary: "something temporary stopped it; run the same command again to go on"
        case .notAllowed: "the service rejected the caller (token, claims or quota); fix that, then run again"
        case .hungUp: "the terminal is gone; run the same command again to go on"
        case .interrupted: "interrupted; run the same command again to go on"
        case .terminated: "terminated; run the same command again to go on"
        }
    }

    /// How a single call ended that did not succeed.
    init(_ recovery: Recovery) {
        self =
            switch recovery {
            case .notAllowed: .notAllowed
            case .retry, .reconcile, .mendHere: .temporary
            case .giveUp: .someFailed
            }
    }

    /// How a run ended that could not begin with its clips.
    init(_ kind: ClipFailure.Kind) {
        self =
            switch kind {
            case .notAllowed: .notAllowed
            case .temporary, .skipped: .temporary
            case .interrupted: .interrupted
            case .permanent: .someFailed
            }
    }

    /// How a batch as a whole ended: whatever keeps it from being complete comes before a clip that failed for good.
    init(_ outcome: BatchOutcome, stoppedBy reason: StopReason?) {
        let kinds = Set(outcome.rows.compactMap(\.failure?.kind))
        self =
            if kinds.contains(.interrupted) {
                reason?.exitCode ?? .interrupted
            } else if kinds.contains(.notAllowed) {
                .notAllowed
            } else if kinds.contains(.temporary) || kinds.contains(.skipped) || outcome.missing.isTemporary
                || outcome.unwritten?.isTemporary == true
            {
                .temporary
            } else if kinds.contains(.permanent) || outcome.missing.fails || outcome.unwritten != nil {
                .someFailed
            } else {
                .success
            }
    }
}
