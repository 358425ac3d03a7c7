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
