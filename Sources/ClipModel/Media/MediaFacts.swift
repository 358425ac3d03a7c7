/// What is true of a clip's container and streams, as the manifest's `media` shows it.
public struct MediaFacts: Codable, Hashable, Sendable {
    /// `mp4`, `mov`, `3gp`, ...
    public var container: String
    /// Presentation duration of the video, to the microsecond.
    public var durationSeconds: Double
    public var video: VideoFacts
    /// Nil for a silent clip.
    public var audio: AudioFacts?
    /// Which source `dateRecorded` was taken from; absent when only probing.
    public var dateRecordedFrom: RecordingDateSource?

    public init(container: String, durationSeconds: Double, video: VideoFacts, audio: AudioFacts?) {
        self.container = container
        self.durationSeconds = durationSeconds
        self.video = video
        self.audio = audio
    }

    /// The request's `durationInSeconds`: rounded to the nearest second, at least 1.
    public var durationInSeconds: UInt32 {
        UInt32(clamping: max(1, Int64(durationSeconds.rounded())))
    }
}

/// Where a clip's `dateRecorded` came from.
public enum RecordingDateSource: String, Codable, Hashable, Sendable {
    case sidecar
    case container
    case file
}

/// The video stream.
public struct VideoFacts: Codable, Hashable, Sendable {
    /// FFmpeg's short name: `h264`, `hevc`, `av1`, `vp9`, ...
    public var codec: String
    public var profile: String?
    /// Pixels as coded, before rotation and sample aspect.
    public var width: Int
    public var height: Int
    /// Average frames a second as a fraction, such as `60/1`.
    public var frameRate: String
    /// Clockwise degrees by which a player turns the picture: 0, 90, 180 or 270, or what the display matrix says.
    public var rotation: Int
    /// The display matrix mirrors the picture too (left to right, before turning).
    public var mirrored: Bool
    /// Width to height of one sample, such as `1/1`.
    public var sampleAspectRatio: String
    /// `PQ` or `HLG`; nil for standard dynamic range.
    public var hdr: String?
    /// Bits a second, of the video stream.
    public var bitRate: Int64?

    public init(codec: String, width: Int, height: Int, frameRate: String) {
        self.codec = codec
        self.width = width
        self.height = height
        self.frameRate = frameRate
        rotation = 0
        mirrored = false
        sampleAspectRatio = "1/1"
    }

    /// Every member is always written; `null` where there is nothing to say.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(codec, forKey: .codec)
        try container.encode(profile, forKey: .profile)
        try container.encode(width, forKey: .width)
        try container.encode(height, forKey: .height)
        try container.encode(frameRate, forKey: .frameRate)
        try container.encode(rotation, forKey: .rotation)
        try container.encode(mirrored, forKey: .mirrored)
        try container.encode(sampleAspectRatio, forKey: .sampleAspectRatio)
        try container.encode(hdr, forKey: .hdr)
        try container.encode(bitRate, forKey: .bitRate)
    }
}

/// The first audio stream.
public struct AudioFacts: Codable, Hashable, Sendable {
    public var codec: String
    public var channels: Int
    /// Samples a second.
    public var sampleRate: Int

    public init(codec: String, channels: Int, sampleRate: Int) {
        self.codec = codec
        self.channels = channels
        self.sampleRate = sampleRate
    }
}
