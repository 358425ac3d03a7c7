/// What is wanted of one file: its facts always, its thumbnails if asked for. A plain value, so that it can be
/// answered in another process.
public struct MediaRequest: Codable, Hashable, Sendable {
    /// Nil: only the facts.
    public var thumbnails: ThumbnailRequest?
    /// Also `VideoFacts.codedSHA256`, for which all of the video is read.
    public var hashesVideo: Bool
    /// Also `MediaAnswer.stretches`; nil: nothing is decoded for that.
    public var stretches: StretchRequest?
    /// Also `MediaAnswer.sheet`.
    public var sheet: SheetRequest?
    /// Also `MediaAnswer.strip`, where the thumbnails' frame is chosen among several.
    public var showsCandidates = false
    /// Threads that decode one file, 1 to 64; 1 decodes on the caller's thread.
    public var decoderThreads: Int
    /// Seconds after which the file is given up, 1 to 86,400.
    public var deadlineSeconds: Int

    /// Seconds that a whole recording may take to be decoded or read; one that shows no progress is given up before.
    public static let wholeFile = 4 * 3600

    public init(
        thumbnails: ThumbnailRequest? = nil, hashesVideo: Bool = false, decoderThreads: Int = 1,
        deadlineSeconds: Int = 60
    ) {
        self.thumbnails = thumbnails
        self.hashesVideo = hashesVideo
        self.decoderThreads = decoderThreads
        self.deadlineSeconds = deadlineSeconds
    }
}

/// Which frame becomes the two thumbnails, and how.
public struct ThumbnailRequest: Codable, Hashable, Sendable {
    /// What happens when the offset is not before the end of the last frame.
    public enum PastEnd: String, Codable, Hashable, Sendable, CaseIterable {
        /// The last frame is taken.
        case lastFrame = "last-frame"
        /// The file is refused with `MediaError.Kind.offsetPastEnd`.
        case fail

        /// When nobody says otherwise.
        public static let usual = lastFrame
    }

    /// Milliseconds at which the frame is when nobody says otherwise, as the service has it.
    public static let usualOffset: Int64 = 3_000
    /// Of the JPEG files, when nobody says otherwise.
    public static let usualQuality = 90

    public var offset: ThumbnailOffset
    /// A frame that is black, white, empty or damaged is passed over for the next one that is not; nil: it is shown.
    public var skipsBlank: Bool?
    public var whenPastEnd: PastEnd
    public var fit: PictureFit
    /// JPEG quality as libjpeg counts it, 1 to 100.
    public var quality: Int

    public init(
        offset: ThumbnailOffset = .milliseconds(usualOffset), skipsBlank: Bool? = nil, whenPastEnd: PastEnd = .usual,
        fit: PictureFit = .usual, quality: Int = usualQuality
    ) {
        self.offset = offset
        self.skipsBlank = skipsBlank
        self.whenPastEnd = whenPastEnd
        self.fit = fit
        self.quality = quality
    }

    public init(
        offsetMilliseconds: Int64, whenPastEnd: PastEnd = .usual, fit: PictureFit = .usual, quality: Int = usualQuality
    ) {
        self.init(offset: .milliseconds(offsetMilliseconds), whenPastEnd: whenPastEnd, fit: fit, quality: quality)
    }

    /// Which frame it is may depend on what its picture shows.
    public var choosesByPicture: Bool {
        switch offset {
        case .auto, .chapter: true
        case .milliseconds, .percent: skipsBlank == true
        }
    }

    /// As they always were written, so that options that have not changed are seen to be the same.
    private enum CodingKeys: String, CodingKey {
        case offset = "offsetMilliseconds"
        case skipsBlank, whenPastEnd, fit, quality
    }
}
