import ClipModel
import FoundationEssentials
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
    /// The journal that asked for it; nil for another program's, and for an older clipship's.
    public var owner: String?
    /// It is this output folder's.
    public var isOwn: Bool
    /// Seconds since it was asked for, or last changed where that isn't known; nil where neither is.
    public var ageInSeconds: Int64?
    /// Whose upload it is, for the journal.
    var key: String?

    private enum CodingKeys: CodingKey {
        case gameClipId, scid, userCaption, dateRecorded, isOfClipship, owner, isOwn, ageInSeconds
    }
}

/// Finds the ids of a service that belong to no manifest of an output folder and wait for their bytes; keeps runs out
/// of the folder meanwhile.
public struct UnusedUploads: Sendable {
    private let client: GameClipsClient
    private let workspace: Workspace
    /// By their ids.
    private let records: [String: ClipRecord]

    /// Which of them are removed.
    public struct Scope: Hashable, Sendable {
        /// Others' too, if they are at least so old; nil for this folder's only.
        public var othersOlderThan: Duration?

        public init(othersOlderThan: Duration? = nil) {
            self.othersOlderThan = othersOlderThan
        }

        /// Whether an upload may be removed.
        public func covers(_ upload: UnusedUpload) -> Bool {
            guard upload.isOfClipship else { return false }
            guard !upload.isOwn else { return true }
            guard let limit = othersOlderThan, let age = upload.ageInSeconds else { return false }
            return .seconds(age) >= limit
        }
    }

    /// - Throws: `RunError.outputInUse` while a run is at work in the folder: what it has just asked for looks unused.
    public init(in output: OutputFolder, of target: ServiceTarget, _ session: ServiceSession) async throws(RunError) {
        workspace = try await Workspace(output, service: target.name)
        client = GameClipsClient(session)
        let known = workspace.known.submitted.values.compactMap { record in record.gameClipId.map { ($0, record) } }
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

    /// Removes those that are in scope, unless they have got their bytes since `find`, and what the journal knows of
    /// uploads that nobody is going to go on with.
    ///
    /// - Returns: Those that are gone.
    /// - Throws: `ServiceFailure`, or `RunError` for the journal.
    public func remove(_ found: [UnusedUpload], _ scope: Scope = Scope()) async throws -> Set<UnusedUpload> {
        var removed: Set<UnusedUpload> = []
        var inUse: Set<String> = []
        for upload in found where scope.covers(upload) {
            if try await remove(upload.gameClipId, scid: upload.scid) {
                removed.insert(upload)
            } else if let key = upload.key {
                inUse.insert(key)
            }
        }
        let ids = Set(removed.map(\.gameClipId))
        for record in workspace.known.submitted.values where record.isUnfinished && !inUse.contains(record.key) {
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
        guard let clip = try await client.clipIfThere(id, scid: scid) else { return true }
        guard clip.state == .pendingUpload else { return false }
        try await client.deleteClip(id, scid: scid)
        return true
    }

    private func unused(_ clip: WithUnknownFields<GameClip>) async -> UnusedUpload? {
        guard clip.state == .pendingUpload, let id = clip.known.identifier, let scid = clip.scid else { return nil }
        let marker = ClipMarker(in: clip.systemProperties)
        let isOwn =
            records[id] != nil || marker?.owner == workspace.journal.owner
            || marker?.owner.map(workspace.journal.formerOwners.contains) == true
        let key = records[id]?.key ?? marker?.clipship
        if isOwn, let key, await isUsed(id, key) { return nil }
        let asked = marker?.asked ?? clip.lastModified.flatMap { Timestamp(parsing: $0) }
        return UnusedUpload(
            gameClipId: id, scid: scid, userCaption: clip.userCaption, dateRecorded: clip.dateRecorded,
            isOfClipship: key != nil, owner: marker?.owner, isOwn: isOwn,
            ageInSeconds: asked.map { Timestamp(Date()).seconds - $0.seconds }, key: key)
    }

    /// Whether a run may go on with an id, or find it by its marker: after an answer that was lost, or for a manifest
    /// that is submitted later.
    private func isUsed(_ id: String, _ key: String) async -> Bool {
        if let record = workspace.known.submitted[key], let known = record.gameClipId {
            guard known == id else { return false }
            guard record.isUnfinished else { return true }
        }
        return await workspace.isWanted(key)
    }
}
