/// The services that are paced, paused and authorised each by itself.
public enum Service: String, Sendable, CaseIterable {
    /// GameClips: every call about a clip.
    case metadata
    /// GameClips: the bytes of clips and thumbnails.
    case transfer
    /// User statistics.
    case statistics
    /// Game server management.
    case compute
}
