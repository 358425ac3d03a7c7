public import ClipModel
import Journal
public import XboxServices

/// Settles by hand what the service's list does not tell: whether an id was issued for a clip, and which. Keeps runs out
/// of the folder meanwhile.
public struct ManualResolution: Sendable {
    private let client: GameClipsClient
    private let workspace: Workspace

    /// What somebody knows about a clip.
    public enum Finding: Hashable, Sendable {
        /// The service has issued nothing for it.
        case nothing
        /// The service has it under this id.
        case id(String)
    }

    /// What came of it.
    public enum Outcome: Hashable, Sendable {
        /// The next run asks for an id.
        case beginsAnew
        /// The id had no bytes, and its address is lost: it was removed, and the next run asks for another.
        case removed
        /// The next run uploads to the id.
        case goesOn
        /// The service has every byte.
        case isComplete(GameClipState)
    }

    /// - Throws: `RunError.outputInUse` while a run is at work in the folder.
    public init(in output: OutputFolder, of target: ServiceTarget, _ session: ServiceSession) async throws(RunError) {
        workspace = try await Workspace(output, service: target.name)
        client = GameClipsClient(session)
    }

    /// - Throws: `ManualResolutionError`, `ServiceFailure`, or `RunError` for the journal.
    public func settle(_ clip: String, _ finding: Finding) async throws -> Outcome {
        let unfinished = workspace.unfinished[clip] ?? []
        guard let record = unfinished.first, unfinished.count == 1 else {
            throw ManualResolutionError.nothingToSettle(clip: clip, count: unfinished.count)
        }
        guard case .id(let id) = finding else {
            guard record.state == .intended else {
                throw ManualResolutionError.hasID(clip: clip, record.gameClipId ?? "")
            }
            return try await keep(.forget(), of: record, .beginsAnew)
        }
        guard let scid = record.scid, let found = try await client.clipIfThere(id, scid: scid) else {
            throw ManualResolutionError.noSuchClip(id)
        }
        if let marker = ClipMarker(in: found.systemProperties), marker.clipship != record.key {
            throw ManualResolutionError.another(clip: clip, id)
        }
        let state = found.state ?? .none
        var settled = record
        switch state.outlook {
        case .published, .underWay:
            settled.state = state.outlook == .published ? .published : .committed
            settled.gameClipId = id
            settled.unanswered = nil
            return try await keep(.keep(settled), of: record, .isComplete(state))
        case .waitingForBlocks where id == record.gameClipId:
            return try await keep(.confirm, of: record, .goesOn)
        case .waitingForBlocks:
            try await client.deleteClip(id, scid: scid)
            guard record.state == .intended else { return .removed }
            return try await keep(.forget(), of: record, .removed)
        case .lost:
            throw ManualResolutionError.ended(id, state)
        }
    }

    private func keep(_ note: ClipSubmission.Note, of record: ClipRecord, _ outcome: Outcome) async throws -> Outcome {
        do {
            switch note {
            case .keep(let settled): try await workspace.journal.save(settled)
            case .confirm: try await workspace.journal.confirmed(record.key)
            case .forget: try await workspace.journal.forget(record.key)
            }
        } catch {
            throw RunError.journal(path: workspace.output.journal, error)
        }
        return outcome
    }
}

/// Why nothing was settled.
public enum ManualResolutionError: Error, Sendable, CustomStringConvertible {
    case nothingToSettle(clip: String, count: Int)
    case hasID(clip: String, String)
    case noSuchClip(String)
    case another(clip: String, String)
    case ended(String, GameClipState)

    public var description: String {
        switch self {
        case .nothingToSettle(let clip, 0): "no upload of \(clip) is unfinished here, so there is nothing to settle"
        case .nothingToSettle(let clip, _):
            "several uploads of \(clip) are unfinished here; the next run removes the old"
        case .hasID(let clip, let id): "\(clip) has the id \(id): say \(clip)=\(id) if it is to be gone on with"
        case .noSuchClip(let id): "the service has no clip \(id)"
        case .another(let clip, let id): "\(id) is not \(clip): its marker is another clip's"
        case .ended(let id, let state): "the service has ended \(id) in the state \(state)"
        }
    }
}
