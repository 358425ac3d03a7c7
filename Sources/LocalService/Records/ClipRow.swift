import ClipModel

/// What the service keeps of a clip.
struct ClipRow: Hashable, Sendable {
    /// Order of creation.
    var sequence: Int64 = 0
    var id: String
    /// Whose clip it is.
    var xuid: String
    var scid: String
    var titleId: JSONValue
    /// The sandbox that it was recorded in.
    var sandbox: String
    var deviceType: String
    var state: GameClipState
    /// What the client has to send with each block.
    var uploadId: String
    /// What a download URI carries, so that who has the URI may fetch.
    var downloadKey: String
    /// The initial request, with what later updates changed.
    var request: InitialUploadRequest
    var rating: Double = 0
    var ratingCount: Int64 = 0
    var views: Int64 = 0
    /// Bytes of the thumbnails that there are.
    var largeThumbnail: Int64?
    var smallThumbnail: Int64?
    var created: Timestamp
    var modified: Timestamp
    var published: Timestamp?
    /// Why the state is `Error`.
    var failure: String?
    /// From when its URIs are good, if they were refreshed; ahead of now while the refresh goes on.
    var urisFrom: Timestamp?

    func thumbnailSize(_ type: ThumbnailType) -> Int64? {
        type == .large ? largeThumbnail : smallThumbnail
    }

    /// The client makes and uploads both thumbnails, and they are not there yet.
    var waitsForThumbnails: Bool {
        request.thumbnailSource == .upload && (largeThumbnail == nil || smallThumbnail == nil)
    }
}

extension GameClipState {
    /// The clip will not be published, by its processing or by a moderator.
    var isRejected: Bool { [.error, .flagged, .banned, .pendingDelete, .none].contains(self) }
}
