/// What is wanted of one file: its facts always, its thumbnails if asked for. A plain value, so that it can be
/// answered in another process.
public struct MediaRequest: Codable, Hashable, Sendable {
    /// Nil: only the facts.
    public var thumbnails: ThumbnailRequest?
    /// Also `VideoFacts.codedSHA256`, for which all of the video is read.
    public var hashesVideo: Bool
    /// Also `MediaAnswer.stretches`; nil: nothing is decoded for that.
    public var stretches: StretchRequest?
    /// Threads that decode one file, 1 to 64; 1 decodes on the caller's thread.
    public var decoderThreads: Int
    /// Seconds after which the file is given up, 1 to 86,400.
    public var deadlineSeconds: Int

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
    }

    /// Milliseconds after the first presented frame; below 0 counts as 0.
    public var offsetMilliseconds: Int64
    public var whenPastEnd: PastEnd
    public var fit: PictureFit
    /// JPEG quality as libjpeg counts it, 1 to 100.
    public var quality: Int

    public init(
        offsetMilliseconds: Int64 = 3000, whenPastEnd: PastEnd = .lastFrame, fit: PictureFit = .cover,
        quality: Int = 90
    ) {
        self.offsetMilliseconds = offsetMilliseconds
        self.whenPastEnd = whenPastEnd
        self.fit = fit
        self.quality = quality
    }
}
