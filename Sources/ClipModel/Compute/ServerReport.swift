/// What a run knows of its session's server instance: in `batch.json`, in the journal, and for `hooks.afterCompute`.
public struct ServerReport: Codable, Hashable, Sendable {
    public var titleId: UInt32
    public var sessionId: String
    public var state: State
    public var hostName: String?
    public var region: String?
    public var sessionHostId: String?
    /// Empty as long as there is no instance.
    public var ports: [Port]
    /// One sentence: why there is no instance.
    public var reason: String?

    public init(titleId: UInt32, sessionId: String, state: State, reason: String? = nil) {
        self.titleId = titleId
        self.sessionId = sessionId
        self.state = state
        self.reason = reason
        ports = []
    }

    /// What became of the request.
    public enum State: String, Codable, Hashable, Sendable, CaseIterable {
        case fulfilled
        /// It waits for an instance to become free.
        case queued
        case aborted
        /// The service could not be asked, or has not answered.
        case unknown
    }

    /// A port of the instance.
    public struct Port: Codable, Hashable, Sendable {
        public var name: String
        /// On the instance.
        public var `internal`: Int64
        /// From outside.
        public var external: Int64

        public init(name: String, internal: Int64, external: Int64) {
            self.name = name
            self.internal = `internal`
            self.external = external
        }
    }

    /// Takes over where the instance is.
    public mutating func note(_ status: AllocationStatus) {
        hostName = status.hostName.flatMap { $0.isEmpty ? nil : $0 }
        region = status.region.flatMap { $0.isEmpty ? nil : $0 }
        sessionHostId = status.sessionHostId.flatMap { $0.isEmpty ? nil : $0 }
        ports = (status.portMappings ?? []).compactMap { mapping in
            let ports = mapping.known.value
            guard let inner = ports.internal.int64, let outer = ports.external.int64 else { return nil }
            return Port(name: mapping.known.key, internal: inner, external: outer)
        }
    }
}
