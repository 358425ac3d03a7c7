/// Which statistics of which players are wanted: each of the statistics of each of the players.
public struct StatisticsQuery: Codable, Hashable, Sendable {
    /// Xuids, each once.
    public private(set) var users: [UInt64]
    /// Each once, with names that are there once.
    public private(set) var scids: [StatisticsRequest.RequestedScid]

    /// What is there twice counts once; the order stays.
    public init(users: [UInt64], scids: [StatisticsRequest.RequestedScid]) {
        var seen: Set<UInt64> = []
        self.users = users.filter { seen.insert($0).inserted }
        self.scids = []
        for wanted in scids {
            let place = self.scids.firstIndex { $0.scid == wanted.scid } ?? self.scids.endIndex
            if place == self.scids.endIndex { self.scids.append(.init(scid: wanted.scid, requestedstats: [])) }
            for name in wanted.requestedstats where !self.scids[place].requestedstats.contains(name) {
                self.scids[place].requestedstats.append(name)
            }
        }
        self.scids.removeAll { $0.requestedstats.isEmpty }
    }

    /// Every statistic by its service configuration and name.
    public var statistics: [(scid: String, name: String)] {
        scids.flatMap { wanted in wanted.requestedstats.map { (wanted.scid, $0) } }
    }

    private enum CodingKeys: String, CodingKey { case users, scids }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        let texts = try members.decode([String].self, forKey: .users)
        let scids = try members.decode([String: [String]].self, forKey: .scids)
        self.init(
            users: texts.compactMap { UInt64($0) },
            scids: scids.sorted { $0.key < $1.key }.map { .init(scid: $0.key, requestedstats: $0.value) })
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(users.map(String.init), forKey: .users)
        let pairs = scids.map { ($0.scid, $0.requestedstats) }
        try members.encode(Dictionary(pairs, uniquingKeysWith: +), forKey: .scids)
    }

    /// Whether the same is wanted, in whatever order.
    public func wantsTheSame(as other: StatisticsQuery) -> Bool {
        func names(_ query: StatisticsQuery) -> [String: Set<String>] {
            Dictionary(query.scids.map { ($0.scid, Set($0.requestedstats)) }) { $0.union($1) }
        }
        return Set(users) == Set(other.users) && names(self) == names(other)
    }
}
