import ClipModel
import Journal
public import XboxServices

/// An id that the service has issued, for which it still waits for bytes that nobody is going to send.
public struct UnusedUpload: Hashable, Sendable, Codable {
    public var gameClipId: String
    public var scid: String
    public var userCaption: String?
    public var dateRecorded: String?
    /// It carries clipship's marker; ids of other programs are theirs to use.
    public var isOfClipship: Bool
}

/// Finds the ids of a service that belong to no manifest of an output folder and wait for their bytes; keeps runs out
/// of the folder meanwhile.
public struct UnusedUploads: Sendable {
    private let client: GameClipsClient
    private let submitted: [String: ClipRecord]
    private let knownIDs: Set<String>
    private let preparedKeys: Set<String>
    private let workspace: Workspace

    /// - Throws: `RunError.outputInUse` while a run is at work in the folder: what it has just asked for looks unused.
    public init(in output: OutputFolder, of target: ServiceTarget, _ session: ServiceSession) async throws(RunError) {
        workspace = try await Workspace(output, service: target.name)
        client = GameClipsClient(session)
        submitted = workspace.submitted
        knownIDs = Set(submitted.values.compactMap(\.gameClipId))
        preparedKeys = Set(
            workspace.prepared.values.compactMap { record in
                if case .ready(let key, _) = record.outcome { key } else { nil }
            })
    }

    /// Looks at every clip of the caller, in all service configurations.
    public func find() async throws(ServiceFailure) -> [UnusedUpload] {
        var query = ClipQuery()
        query.maxItems = 100
        var found: [UnusedUpload] = []
        var pages = client.clipPages(scid: nil, query).makeAsyncIterator()
        while let page = try await pages.next(isolation: nil) { found += page.gameClips.compactMap(unused) }
        return found
    }

    /// Removes it, unless it is gone already or has got its bytes since `find`.
    ///
    /// - Returns: Whether it is gone.
    public func remove(_ upload: UnusedUpload) async throws(ServiceFailure) -> Bool {
        do throws(ServiceFailure) {
            let clip = try await client.clip(upload.gameClipId, scid: upload.scid)
            guard clip.state == .pendingUpload else { return false }
        } catch {
            guard error.status == 404 else { throw error }
            return true
        }
        try await client.deleteClip(upload.gameClipId, scid: upload.scid)
        return true
    }

    private func unused(_ clip: Open<GameClip>) -> UnusedUpload? {
        guard clip.state == .pendingUpload, let id = clip.named.identifier, let scid = clip.scid,
            !knownIDs.contains(id)
        else { return nil }
        let key = ClipMarker(in: clip.systemProperties)?.clipship
        if let key {
            // An answer may be lost, and a manifest may be submitted later: the next run looks for their ids.
            let isAwaited = submitted[key].map { $0.gameClipId == nil } ?? preparedKeys.contains(key)
            if isAwaited { return nil }
        }
        return UnusedUpload(
            gameClipId: id, scid: scid, userCaption: clip.userCaption, dateRecorded: clip.dateRecorded,
            isOfClipship: key != nil)
    }
}
