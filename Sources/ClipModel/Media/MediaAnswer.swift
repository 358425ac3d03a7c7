public import FoundationEssentials

/// What was found in one file. A plain value, like the request.
public struct MediaAnswer: Codable, Hashable, Sendable {
    public var facts: MediaFacts
    /// The container's `creation_time`, when it has one that can be true.
    public var creationTime: Timestamp?
    /// The container's creation date with a zone, which is when the recording began.
    public var creationDate: Timestamp?
    /// As asked for in the request.
    public var thumbnails: RenderedThumbnails?
    /// As asked for in the request.
    public var stretches: FoundStretches?
    /// As asked for in the request.
    public var sheet: RenderedSheet?
    /// A JPEG file that shows `RenderedThumbnails.candidates` with their scores; as asked for in the request.
    public var strip: Data?
    /// Coded frames that the video's decoder was given.
    public var decodedFrames = 0
    /// Sentences about what is odd or damaged in the file, without its name.
    public var warnings: [String]

    public init(
        facts: MediaFacts, creationTime: Timestamp? = nil, thumbnails: RenderedThumbnails? = nil,
        warnings: [String] = []
    ) {
        self.facts = facts
        self.creationTime = creationTime
        self.thumbnails = thumbnails
        self.warnings = warnings
    }
}

/// Both thumbnails of one frame.
public struct RenderedThumbnails: Codable, Hashable, Sendable {
    /// When the frame is presented, after the first presented frame.
    public var frameTime: MediaTime
    /// The offset asked for, or one that names the frame where that was past the end, or chosen among several.
    public var usedOffsetMilliseconds: Int64
    /// A sentence: why it is this frame; nil where it is the one at the milliseconds asked for.
    public var reason: String?
    /// What was looked at to choose it, in the order of their times; empty where nothing was to choose.
    public var candidates: [PictureCandidate] = []
    /// A JPEG file of 856 x 424 pixels.
    public var large: Data
    /// A JPEG file of 424 x 208 pixels.
    public var small: Data

    public init(frameTime: MediaTime, usedOffsetMilliseconds: Int64, large: Data, small: Data) {
        self.frameTime = frameTime
        self.usedOffsetMilliseconds = usedOffsetMilliseconds
        self.large = large
        self.small = small
    }
}
