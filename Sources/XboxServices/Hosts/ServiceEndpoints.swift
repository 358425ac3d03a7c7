public import Transport

/// Where the services are.
public struct ServiceEndpoints: Hashable, Sendable {
    /// GameClips.
    public var metadata: HTTPURL
    /// User statistics.
    public var statistics: HTTPURL?
    /// Game server management.
    public var compute: HTTPURL?

    /// The endpoints as configured; each may have a path.
    public init(metadata: HTTPURL, statistics: HTTPURL? = nil, compute: HTTPURL? = nil) {
        self.metadata = metadata
        self.statistics = statistics
        self.compute = compute
    }
}

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
