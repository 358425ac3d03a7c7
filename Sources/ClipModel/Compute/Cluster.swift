/// The body of `POST /titles/{titleId}/clusters` of game server management.
public struct ClusterRequest: KnownFields {
    /// `/serviceconfigs/{scid}/sessiontemplates/{template}/session/{name}`.
    public var sessionId: String
    /// A boolean; sent as a string, as in the reference.
    public var abortIfQueued: JSONValue

    public enum CodingKeys: String, CodingKey, CaseIterable { case sessionId, abortIfQueued }

    public init(sessionId: String, abortIfQueued: Bool) {
        self.sessionId = sessionId
        self.abortIfQueued = .string(String(abortIfQueued))
    }
}

/// The answer to `POST /titles/{titleId}/clusters`.
public struct ClusterResponse: KnownFields {
    /// How often to poll; a string in the reference.
    public var pollIntervalMilliseconds: JSONValue?
    public var fulfillmentState: FulfillmentState

    public enum CodingKeys: String, CodingKey, CaseIterable { case pollIntervalMilliseconds, fulfillmentState }

    public init(pollIntervalMilliseconds: Int64, fulfillmentState: FulfillmentState) {
        self.pollIntervalMilliseconds = .string(String(pollIntervalMilliseconds))
        self.fulfillmentState = fulfillmentState
    }
}

/// How far an allocation is.
public struct FulfillmentState: OpenEnumeration {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let fulfilled = Self(rawValue: "Fulfilled")
    public static let queued = Self(rawValue: "Queued")
    public static let aborted = Self(rawValue: "Aborted")

    public static let listed = [fulfilled, queued, aborted]
}
