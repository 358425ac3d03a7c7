public import ClipModel

/// What `POST /batch` answers from: the statistics of each user in each service configuration.
public struct StatisticsTable: Hashable, Sendable {
    /// The users that there are.
    public var users: [User] = []
    /// Statistics that nobody may read here: names by service configuration (SCID, lower case).
    public var restricted: [String: Set<String>] = [:]
    /// What becomes of a request that names a user who is not there.
    public var unknownUsers = UnknownUsers.refuse
    /// How an answer writes xuids; the reference has both.
    public var xuids = Form.string
    /// How an answer writes whole and decimal numbers; the reference has both.
    public var values = Form.number

    /// No users.
    public init() {}

    /// One user and all statistics of theirs.
    public struct User: Hashable, Sendable {
        /// From 1.
        public var xuid: Int64
        /// Empty for none.
        public var gamertag: String
        public var scids: [Scid]

        public init(xuid: Int64, gamertag: String = "", scids: [Scid] = []) {
            self.xuid = xuid
            self.gamertag = gamertag
            self.scids = scids
        }
    }

    /// The statistics of one service configuration.
    public struct Scid: Hashable, Sendable {
        /// A GUID in lower case.
        public var scid: String
        public var statistics: [Statistic]

        public init(scid: String, statistics: [Statistic]) {
            self.scid = scid.lowercased()
            self.statistics = statistics
        }
    }

    public struct Statistic: Hashable, Sendable {
        public var name: String
        public var value: Value

        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// A statistic's value; its type on the wire is the case's name, capitalised.
    public enum Value: Hashable, Sendable {
        case integer(Int64)
        case double(Double)
        case string(String)
        case dateTime(Timestamp)
    }

    public enum UnknownUsers: String, Hashable, Sendable, CaseIterable {
        /// 404 for the whole request.
        case refuse
        /// The answer leaves them out.
        case omit
    }

    public enum Form: String, Hashable, Sendable, CaseIterable {
        case string
        case number
    }
}
