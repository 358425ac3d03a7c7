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
