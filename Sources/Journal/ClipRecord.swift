public import ClipModel

/// What the journal knows of the submission of one clip.
public struct ClipRecord: Hashable, Sendable {
    /// Identifies the clip on every machine: see `ClipKey`.
    public var key: String
    /// The clip's name in the output folder.
    public var clip: String
    public var state: State
    /// The service configuration; nil in a record from before that was kept.
    public var scid: String?
    public var gameClipId: String?
    public var uploadUri: String?
    public var largeThumbnailUri: String?
    public var smallThumbnailUri: String?
    /// How many blocks the service was told to expect; nil for an id from before that was kept.
    public var expectedBlocks: Int?
    /// Bytes of every block but the last; nil as above.
    public var blockSize: Int64?
    /// What the service was asked for; nil as above, and where another output folder asked.
    public var digests: SubmissionDigests?
    /// The service was seen to show this id, and no older one of the same clip: blocks may be sent.
    public var isConfirmed = false
    /// This output folder asked for the id, or may have.
    public var isOwn = true
    /// When an id was last asked for whose answer is not known: the request may come to the service late. Nil where there is
    /// none, and where an older clipship asked.
    public var unanswered: Timestamp?
    /// Blocks that the service has acknowledged.
    public var acknowledgedBlocks: Set<Int>
    public var acknowledgedThumbnails: Set<ThumbnailType>
    /// The service's last word on a clip that failed.
    public var reason: String?

    /// How far a submission is; each state is on disk before the next request is sent.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// An id is about to be asked for, or was asked for and the answer is not known.
        case intended
        /// The service has issued an id; blocks may be on their way.
        case requested
        /// The service has every block.
        case committed
        case published
        /// The service will not publish it.
        case failed
    }

    /// An id was asked for, or may have been, and the service does not have every block yet.
    public var isUnfinished: Bool { state == .intended || state == .requested }

    public init(key: String, clip: String, scid: String?, state: State) {
        self.key = key
        self.clip = clip
        self.scid = scid
        self.state = state
        acknowledgedBlocks = []
        acknowledgedThumbnails = []
    }
}

/// What tells whether a clip is still submitted as it was.
public struct SubmissionDigests: Hashable, Sendable {
    /// Of the bytes that go up: the MP4's, as it is divided into blocks, and the thumbnails'.
    public var contents: String
    /// Of the members of the request that stay as they were asked for.
    public var request: String
    /// Of those that the service lets be changed: caption, visibility, title data.
    public var changeable: String

    public init(contents: String, request: String, changeable: String) {
        self.contents = contents
        self.request = request
        self.changeable = changeable
    }
}

/// Where a clip was submitted from; both paths are relative to the output folder.
public struct ManifestLocation: Hashable, Sendable {
    /// The manifest's.
    public var path: String
    /// The MP4's; nil where it is the one that the manifest names.
    public var file: String?

    public init(path: String, file: String?) {
        self.path = path
        self.file = file
    }
}
