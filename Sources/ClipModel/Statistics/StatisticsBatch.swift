/// The body of `POST /batch` of user statistics.
public struct StatisticsRequest: KnownFields {
    /// Xuids; numbers on the wire.
    public var requestedusers: [JSONValue]
    public var requestedscids: [RequestedScid]

    public enum CodingKeys: String, CodingKey, CaseIterable { case requestedusers, requestedscids }

    public struct RequestedScid: Codable, Hashable, Sendable {
        public var scid: String
        public var requestedstats: [String]

        public init(scid: String, requestedstats: [String]) {
            self.scid = scid
            self.requestedstats = requestedstats
        }
    }

    public init(requestedusers: [JSONValue], requestedscids: [RequestedScid]) {
        self.requestedusers = requestedusers
        self.requestedscids = requestedscids
    }
}

/// The answer to `POST /batch`.
public struct StatisticsResponse: KnownFields {
    public var users: [WithUnknownFields<User>]

    public enum CodingKeys: String, CodingKey, CaseIterable { case users }

    public init(users: [WithUnknownFields<User>]) {
        self.users = users
    }

    public struct User: KnownFields {
        public var gamertag: String?
        /// A string or a number.
        public var xuid: JSONValue
        public var scids: [Scid]

        public enum CodingKeys: String, CodingKey, CaseIterable { case gamertag, xuid, scids }
    }

    public struct Scid: Codable, Hashable, Sendable {
        public var scid: String
        public var stats: [WithUnknownFields<Statistic>]
    }

    public struct Statistic: KnownFields {
        public var statname: String
        /// `Integer`, `Double`, `String`, `DateTime`, ...
        public var type: String?
        /// A number or a string.
        public var value: JSONValue?

        public enum CodingKeys: String, CodingKey, CaseIterable { case statname, type, value }
    }
}
