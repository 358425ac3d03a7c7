/// One statistic of one player, or why there is none.
public struct PlayerStatistic: Hashable, Sendable {
    public var xuid: UInt64
    /// As the service tells it.
    public var gamertag: String?
    public var scid: String
    public var name: String
    public var outcome: Outcome

    public init(xuid: UInt64, gamertag: String? = nil, scid: String, name: String, outcome: Outcome) {
        self.xuid = xuid
        self.gamertag = gamertag
        self.scid = scid
        self.name = name
        self.outcome = outcome
    }

    /// What came of asking for a statistic.
    public enum Outcome: Hashable, Sendable {
        /// As text, and its type as the service names it: `Integer`, `Double`, `String`, `DateTime`, ...
        case value(String, type: String?)
        case missing(Reason)
    }

    /// Why there is no value.
    public enum Reason: String, Codable, Hashable, Sendable, CaseIterable, CustomStringConvertible {
        /// The player has no such statistic.
        case noStatistic
        /// The service doesn't know the player, or doesn't tell.
        case unknownUser
        /// Others may not see it (403).
        case restricted

        /// A few words for people.
        public var description: String {
            switch self {
            case .noStatistic: "no such statistic"
            case .unknownUser: "unknown user"
            case .restricted: "restricted"
            }
        }
    }
}

extension PlayerStatistic: Codable {
    private enum CodingKeys: String, CodingKey { case xuid, gamertag, scid, name, type, value, missing }

    /// Xuids are texts in JSON, for not every reader has integers of 64 bits.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        guard let xuid = UInt64(try members.decode(String.self, forKey: .xuid)) else {
            throw DecodingError.dataCorruptedError(
                forKey: .xuid, in: members, debugDescription: "expected the digits of an Xbox user id")
        }
        self.xuid = xuid
        gamertag = try members.decodeIfPresent(String.self, forKey: .gamertag)
        scid = try members.decode(String.self, forKey: .scid)
        name = try members.decode(String.self, forKey: .name)
        if let reason = try members.decodeIfPresent(Reason.self, forKey: .missing) {
            outcome = .missing(reason)
        } else {
            outcome = .value(
                try members.decode(String.self, forKey: .value),
                type: try members.decodeIfPresent(String.self, forKey: .type))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(String(xuid), forKey: .xuid)
        try members.encodeIfPresent(gamertag, forKey: .gamertag)
        try members.encode(scid, forKey: .scid)
        try members.encode(name, forKey: .name)
        switch outcome {
        case .value(let text, let type):
            try members.encode(text, forKey: .value)
            try members.encodeIfPresent(type, forKey: .type)
        case .missing(let reason):
            try members.encode(reason, forKey: .missing)
        }
    }
}
