/// What is true of a clip's container and streams, as the manifest's `media` shows it.
public struct MediaFacts: Codable, Hashable, Sendable {
    /// `mp4`, `mov`, `3gp`, ...
    public var container: String
    /// Presentation duration of the video, to the microsecond.
    public var durationSeconds: Double
    public var video: VideoFacts
    /// Nil for a silent clip.
    public var audio: AudioFacts?
    /// How many tracks of video there are, when there is more than one; `video` is the largest of those that players
    /// show.
    public var videoTracks: Int?
    /// The file ends before all that it should have: frames of the video, or other media data; nil if it does not.
    public var isTruncated: Bool?
    /// All audio tracks, when there are several; `audio` is the first one.
    public var audioTracks: [AudioTrackFacts]?
    /// Nil when there are none.
    public var chapters: [ChapterFacts]?
    public var title: String?
    public var artist: String?
    /// Of the first frame, such as `01:00:00:00`; `;` before the frames where numbers are dropped.
    public var timeCode: String?
    /// The program that recorded it, where that is known.
    public var recorder: Recorder?
    /// Which source `dateRecorded` was taken from; absent when only probing.
    public var dateRecordedFrom: RecordingDateSource?

    public init(container: String, durationSeconds: Double, video: VideoFacts, audio: AudioFacts?) {
        self.container = container
        self.durationSeconds = durationSeconds
        self.video = video
        self.audio = audio
    }

    /// Seconds: `durationInSeconds` has 32 bits.
    public static let longestDuration = Double(UInt32.max)

    /// The request's `durationInSeconds`: rounded to the nearest second, at least 1.
    public var durationInSeconds: UInt32 {
        UInt32(clamping: max(1, Int64(durationSeconds.rounded())))
    }
}

/// Where a clip's `dateRecorded` came from.
public enum RecordingDateSource: String, Codable, Hashable, Sendable {
    case sidecar
    /// The container's creation date, which has a zone.
    case creationDate
    /// The name that a known recorder gave the file.
    case name
    /// The container's creation time, less the duration for recorders that write it at the end.
    case container
    /// The time of the file's last change, less the duration.
    case file
}

/// A program or system that records, told by what it leaves in its files.
public enum Recorder: String, Codable, Hashable, Sendable, CaseIterable {
    case xboxGameBar = "Xbox Game Bar"
    case obs = "OBS"
    case shadowPlay = "ShadowPlay"
    case bandicam = "Bandicam"
    case apple = "Apple"
    case android = "Android"
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
    /// Which of the two fields of an interlaced frame was taken first; nil for progressive video.
    public var fieldOrder: FieldOrder?
    /// Frames a second as fractions while frames last longest and shortest; nil when they all last equally long, but
    /// for what the time base rounds.
    public var minFrameRate: String?
    public var maxFrameRate: String?
    /// Nil in a manifest from before this was written.
    public var colour: ColourFacts?
    /// Nil where there is none.
    public var hdrMetadata: HDRMetadata?
    /// Of the coded frames' bytes in the order in which they are decoded: the same in every container. Nil unless it was
    /// asked for, and where frames are missing.
    public var codedSHA256: SHA256Digest?

    /// The field that was taken first.
    public enum FieldOrder: String, Codable, Hashable, Sendable {
        /// The one with the first line.
        case top
        case bottom
    }

    public init(codec: String, width: Int, height: Int, frameRate: String) {
        self.codec = codec
        self.width = width
        self.height = height
        self.frameRate = frameRate
        rotation = 0
        mirrored = false
        sampleAspectRatio = "1/1"
    }

    /// `frameRate` as a number; nil where it is none.
    public var framesPerSecond: Double? { Self.number(frameRate) }

    /// A fraction such as `60000/1001` as a number; nil for what isn't one, and for one without a denominator.
    public static func number(_ fraction: String) -> Double? {
        let parts = fraction.split(separator: "/").compactMap { Double($0) }
        return parts.count == 2 && parts[1] > 0 ? parts[0] / parts[1] : nil
    }

    /// Every member down to `bitRate` is always written; `null` where there is nothing to say.
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
        try container.encodeIfPresent(fieldOrder, forKey: .fieldOrder)
        try container.encodeIfPresent(minFrameRate, forKey: .minFrameRate)
        try container.encodeIfPresent(maxFrameRate, forKey: .maxFrameRate)
        try container.encodeIfPresent(colour, forKey: .colour)
        try container.encodeIfPresent(hdrMetadata, forKey: .hdrMetadata)
        try container.encodeIfPresent(codedSHA256, forKey: .codedSHA256)
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

/// One of several audio tracks.
public struct AudioTrackFacts: Codable, Hashable, Sendable {
    public var codec: String
    public var channels: Int
    /// Samples a second.
    public var sampleRate: Int
    /// Such as `Microphone`.
    public var title: String?
    /// Three letters of ISO 639-2; nil when it is undetermined.
    public var language: String?

    public init(_ audio: AudioFacts, title: String?, language: String?) {
        codec = audio.codec
        channels = audio.channels
        sampleRate = audio.sampleRate
        self.title = title
        self.language = language
    }
}

/// A chapter.
public struct ChapterFacts: Codable, Hashable, Sendable {
    /// Seconds after the start of the file's time line, at least 0.
    public var startSeconds: Double
    public var title: String?

    public init(startSeconds: Double, title: String?) {
        self.startSeconds = startSeconds
        self.title = title
    }
}
