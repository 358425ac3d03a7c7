public import ClipModel
import FoundationEssentials
import Transport

/// The calls of GameClips. Every one tries again as its kind allows; what comes out is a value or a
/// `ServiceFailure` that says what may be done about it.
public struct GameClipsClient: Sendable {
    let session: ServiceSession
    let metadata: CallBuilder
    let transfer: CallBuilder

    /// A client of the session's metadata endpoint.
    public init(_ session: ServiceSession) {
        self.session = session
        metadata = .gameClips(.metadata, session.endpoints.metadata)
        transfer = .gameClips(.transfer, session.endpoints.metadata)
    }

    /// What the service knows of a clip; this also refreshes its URIs (`GET .../clips/{gameClipId}`).
    public func clip(
        _ id: String, owner: ClipOwner = .me, scid: String, window: RetryWindow? = nil
    ) async throws(ServiceFailure) -> WithUnknownFields<GameClip> {
        let call = try metadata.call(
            "reading clip \(id)", .get, ["users", owner.segment, "scids", scid, "clips", id], window: window)
        return try await session.caller.value(of: call, reading: call.reading(WithUnknownFields<GameClipAnswer>.self))
            .gameClip
    }

    /// Changes what is given, all of it or nothing (`POST .../clips/{gameClipId}`).
    public func updateClip(_ id: String, scid: String, _ update: ClipUpdate) async throws(ServiceFailure) {
        let name = "updating clip \(id)"
        let call = try metadata.call(
            name, .post, ["users", "me", "scids", scid, "clips", id],
            body: try CallBuilder.json(update, for: name))
        try await session.caller.value(of: call) { _ in }
    }

    /// Removes a clip for good (`DELETE .../clips/{gameClipId}`).
    @discardableResult
    public func deleteClip(_ id: String, scid: String) async throws(ServiceFailure) -> ClipDeletion {
        let call = try metadata.call(
            "deleting clip \(id)", .delete, ["users", "me", "scids", scid, "clips", id],
            successes: [200, 204, 404])
        return try await session.caller.value(of: call) { $0.status == 404 ? .alreadyGone : .deleted }
    }
}

/// Whose clips.
public enum ClipOwner: Hashable, Sendable {
    /// The caller's.
    case me
    case xuid(UInt64)

    var segment: String {
        switch self {
        case .me: "me"
        case .xuid(let number): "xuid(\(number))"
        }
    }
}

/// What to change of a clip; nil leaves a member as it is.
public struct ClipUpdate: Encodable, Hashable, Sendable {
    /// At most `InitialUploadRequest.longestCaption` characters.
    public var userCaption: String?
    /// Who may see it.
    public var visibility: GameClipVisibility?
    /// At most `InitialUploadRequest.largestTitleData` bytes.
    public var titleData: String?

    /// Changes what is given.
    public init(userCaption: String? = nil, visibility: GameClipVisibility? = nil, titleData: String? = nil) {
        self.userCaption = userCaption
        self.visibility = visibility
        self.titleData = titleData
    }
}

/// How deleting ended.
public enum ClipDeletion: Hashable, Sendable {
    case deleted
    /// There is no such clip (any more).
    case alreadyGone
}
