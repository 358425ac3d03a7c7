public import Transport

/// Where the services are.
public struct ServiceEndpoints: Hashable, Sendable {
    public var metadata: HTTPURL
    public var statistics: HTTPURL?
    public var compute: HTTPURL?

    public init(metadata: HTTPURL, statistics: HTTPURL? = nil, compute: HTTPURL? = nil) {
        self.metadata = metadata
        self.statistics = statistics
        self.compute = compute
    }
}
