/// The answer to `GET /titles/{titleId}/sessions/{sessionId}/allocationStatus`.
public struct AllocationStatus: KnownFields {
    public var status: FulfillmentState
    public var hostName: String?
    public var portMappings: [WithUnknownFields<PortMapping>]?
    public var region: String?
    public var secureContext: String?
    public var sessionId: String?
    public var sessionHostId: String?
    // Empty, or the same as others, in the reference.
    public var description: String?
    public var clusterId: String?
    public var ticketId: String?
    public var gameHostId: String?

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case status, hostName, portMappings, region, secureContext, sessionId, sessionHostId
        case description, clusterId, ticketId, gameHostId
    }

    public init(status: FulfillmentState) {
        self.status = status
    }
}

/// A port of an instance, by its name.
public struct PortMapping: KnownFields {
    public var key: String
    public var value: Ports

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case key = "Key"
        case value = "Value"
    }

    /// Numbers, or their digits.
    public struct Ports: Codable, Hashable, Sendable {
        /// On the instance.
        public var `internal`: JSONValue
        /// From outside.
        public var external: JSONValue
    }
}
