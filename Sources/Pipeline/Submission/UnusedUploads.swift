import ClipModel
import Journal
public import XboxServices

/// An id that the service has issued, for which it still waits for bytes that nobody is going to send.
public struct UnusedUpload: Hashable, Sendable, Encodable {
    public var gameClipId: String
    public var scid: String
    public var userCaption: String?
    public var dateRecorded: String?
    /// It carries clipship's marker; ids of other programs are theirs to use.
    public var isOfClipship: Bool
    /// Whose upload it is, for the journal.
    var key: String?

    private enum CodingKeys: CodingKey {
        case gameClipId, scid, userCaption, dateRecorded, isOfClipship
    }
}

/// Finds the ids of a service that belong to no manifest of an output folder and wait for their bytes; keeps runs out
/// of the folder meanwhile.
public struct UnusedUploads: Sendable {
    private let client: GameClipsClient
    private let workspace: Workspace
    /// By their ids.
    private let records: [String: ClipRecord]

    /// - Throws: `RunError.outputInUse` while a run is at work in the folder: what it has just asked for looks unused.
    public init(in output: OutputFolder, of target: ServiceTarget, _ session: ServiceSession) async throws(RunError) {
        workspace = try await Workspace(output, service: target.name)
        client = GameClipsClient(session)
        let known = workspace.submitted.values.compactMap { record in record.gameClipId.map { ($0, record) } }
        records = Dictionary(known) { first, _ in first }
    }

    /// Looks at every clip of the caller, in all service configurations.
    public func find() async throws(ServiceFailure) -> [UnusedUpload] {
        var query = ClipQuery()
        query.maxItems = 100
        var found: [UnusedUpload] = []
        var pages = client.clipPages(scid: nil, query).makeAsyncIterator()
        while let page = try await pages.next(isolation: nil) {
            for clip in page.gameClips { if let upload = await unused(clip) { found.append(upload) } }
        }
        return found
    }

    /// Removes those that clipship has asked for, unless they have got their bytes since `find`, and what the journal
    /// knows of uploads that nobody is going to go on with.
    ///
    /// - Returns: Those that are gone.
    /// - Throws: `ServiceFailure`, or `RunError` for the journal.
    public func remove(_ found: [UnusedUpload]) async throws -> Set<UnusedUpload> {
        var removed: Set<UnusedUpload> = []
        var inUse: Set<String> = []
        for upload in found where upload.isOfClipship {
            if try await remove(upload.gameClipId, scid: upload.scid) {
                removed.insert(upload)
            } else if let key = upload.key {
                inUse.insert(key)
            }
        }
        let ids = Set(removed.map(\.gameClipId))
        for record in workspace.submitted.values where record.isUnfinished && !inUse.contains(record.key) {
            guard await !workspace.isWanted(record.key) else { continue }
            // A row goes after its id, also where the list did not have that.
            if let id = record.gameClipId, !ids.contains(id) {
                guard let scid = record.scid, try await remove(id, scid: scid) else { continue }
            }
            do { try await workspace.journal.forget(record.key) } catch {
                throw RunError.journal(path: workspace.output.journal, error)
            }
        }
        return removed
    }

    /// Whether it is gone.
    private func remove(_ id: String, scid: String) async throws(ServiceFailure) -> Bool {
        do throws(ServiceFailure) {
            let clip = try await client.clip(id, scid: scid)
            guard clip.state == .pendingUpload else { return false }
        } catch {
            guard error.status == 404 else { throw error }
            return true
        }
        try await client.deleteClip(id, scid: scid)
        return true
    }

    private func unused(_ clip: Open<GameClip>) async -> UnusedUpload? {
        guard clip.state == .pendingUpload, let id = clip.named.identifier, let scid = clip.scid else { return nil }
        let key = records[id]?.key ?? ClipMarker(in: clip.systemProperties)?.clipship
        if let key, await isUsed(id, key) { return nil }
        return UnusedUpload(
            gameClipId: id, scid: scid, userCaption: clip.userCaption, dateRecorded: clip.dateRecorded,
            isOfClipship: key != nil, key: key)
    }

    /// Whether a run may go on with an id, or find it by its marker: after an answer that was lost, or for a manifest
    /// that is submitted later.
    private func isUsed(_ id: String, _ key: String) async -> Bool {
        if let record = workspace.submitted[key], let known = record.gameClipId {
            guard known == id else { return false }
            guard record.isUnfinished else { return true }
        }
        return await workspace.isWanted(key)
    }
}
