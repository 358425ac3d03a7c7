/// Why a file has no answer.
public struct MediaError: Error, Codable, Hashable, Sendable {
    /// The reasons, told apart.
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// The file has no bytes.
        case empty
        /// Reading the file failed.
        case unreadable
        /// Not a file of the MP4 family.
        case notMP4
        /// No `moov` box: the recording was cut off before it was finished.
        case movieHeaderMissing
        /// The file ends before its boxes do.
        case truncated
        /// No video track.
        case noVideo
        /// Protected by Common Encryption or another scheme.
        case encrypted
        /// The video's frames are in another file, which is never opened.
        case externalMedia
        /// No decoder for the video.
        case codecNotSupported
        /// Pictures larger than is decoded here, or more seconds than a clip can have.
        case tooLarge
        /// Not one frame could be decoded.
        case nothingDecodable
        /// The boxes contradict each other or make no sense.
        case damaged
        /// The offset is not before the end of the last frame, and the request says to fail then.
        case offsetPastEnd
        /// The deadline passed.
        case deadlineExceeded
        /// It needs more memory than it may have.
        case memoryLimit
        /// The process that looked at it ended, or did what it must not.
        case workerCrashed
        /// The process that looked at it was killed, by somebody else or by a system that is short of memory.
        case workerKilled
        /// There is no process to look at it, through no fault of the file.
        case workerUnavailable
        /// HDR or a wide gamut, in an engine that was not to map colours.
        case needsColourMapping
        /// This installation of FFmpeg lacks something.
        case notAvailable
    }

    public var kind: Kind
    /// One sentence for people, without the file's name.
    public var message: String
    /// The C library's error number, where a call failed; nil elsewhere.
    public var code: Int32?

    public init(_ kind: Kind, _ message: String, code: Int32? = nil) {
        self.kind = kind
        self.message = message
        self.code = code
    }
}

extension MediaError: CustomStringConvertible {
    public var description: String { message }
}
