import SQLite
public import ClipModel
import Journal
import SystemIO
import XboxServices

/// Why one clip did not get as far as was asked for. The other clips go on.
public struct ClipFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What can be done about it.
    public enum Kind: Hashable, Sendable {
        /// The clip or what is said about it is wrong; running again changes nothing.
        case permanent
        /// Something may be better later: run the same command again.
        case temporary
        /// The service says no to the caller.
        case notAllowed
        /// It was left out, with a warning.
        case skipped
        /// The user stopped it.
        case interrupted
    }

    public var kind: Kind
    /// One sentence, without the clip's name.
    public var reason: String
    /// The service's status, where it was the service that said no.
    public var status: Int?
    /// The request that failed may have had its effect.
    var mayHaveHappened = false
    /// What is wrong, without the call that met it, where that is the same for every clip of a run, such as a token.
    public var cause: String?
    /// False where this machine is to blame, such as a disk: the clip is tried again although it has not changed, and an
    /// upload of it is not given up.
    var isOfTheClip = true

    /// What stands in the way to the service, where it is that.
    var obstacle: Obstacle?

    /// What the user can take out of the way: an upload is not over for it.
    enum Obstacle: Hashable, Sendable {
        /// The host is not one that may have the bytes.
        case host
    }

    public var description: String { reason }

    public init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }
}

extension ClipFailure {
    /// The file by its name only: reasons stand in `batch.json`, which says where things are and is the same wherever
    /// it is made.
    init(_ error: FileError) {
        self.init(
            error.isTemporary ? .temporary : .permanent,
            "can't \(error.operation) \(Path.name(of: error.path)): \(error.reason)")
        isOfTheClip = false
    }

    init(_ error: DigestingError) {
        switch error {
        case .changed: self.init(.skipped, "\(error); it is still being written: run again when it is done")
        case .file(let error): self.init(error)
        case .digest(let error): self.init(error)
        }
    }

    /// OpenSSL could not compute a digest here and now, which says nothing of the clip.
    init(_ error: DigestError) {
        self.init(.temporary, error.description)
        isOfTheClip = false
    }

    init(_ error: BlockPlanError) {
        self.init(.permanent, error.description)
    }

    init(_ error: MediaError) {
        self.init(error.isTemporary ? .temporary : .permanent, error.message)
        // Somebody else ended the worker, the machine was too busy, a disk failed, or FFmpeg lacks something here: none of
        // that says anything of the clip.
        isOfTheClip = ![.workerKilled, .deadlineExceeded, .unreadable, .notAvailable].contains(error.kind)
    }

    /// Nothing of the clip is lost by trying again, whatever became of the journal.
    init(journal error: any Error) {
        let isTemporary =
            switch error {
            case let error as SQLiteError: error.isTemporary
            case let error as FileError: error.isTemporary
            default: true
            }
        self.init(isTemporary ? .temporary : .permanent, "the journal can't be written: \(error)")
        isOfTheClip = false
    }

    init(_ failure: ServiceFailure) {
        let reason = failure.description
        switch failure.recovery {
        case .notAllowed:
            self.init(.notAllowed, reason)
            cause = "\(failure.kind)"
        case .giveUp: self.init(.permanent, reason)
        case .retry, .reconcile, .mendHere: self.init(.temporary, reason)
        }
        status = failure.status
        mayHaveHappened = failure.recovery == .reconcile
        switch failure.kind {
        case .cancelled: self = .interrupted
        case .refusedHost, .redirect(.host): obstacle = .host
        default: break
        }
    }

    public static let interrupted = ClipFailure(.interrupted, "interrupted; run the same command again to go on")
}

extension ClipFailure {
    /// Whether an error of looking at files may pass by itself.
    static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case let error as MediaError: error.isTemporary
        case let error as FileError: error.isTemporary
        case let error as DigestingError: ClipFailure(error).kind != .permanent
        case is DigestError: true
        default: false
        }
    }
}

extension MediaError {
    /// Whether the same file may have an answer later although nobody has mended anything.
    public var isTemporary: Bool {
        [.workerUnavailable, .workerKilled].contains(kind) || code.map { Errno($0).isTemporary } == true
    }
}
