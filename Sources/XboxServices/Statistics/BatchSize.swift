import ClipModel

/// How much one request for statistics asks for at most.
public struct BatchSize: Hashable, Sendable {
    /// Players in a request.
    public var users: Int
    /// Statistics in a request, over all service configurations.
    public var statistics: Int

    /// Both are taken as at least 1.
    public init(users: Int = 50, statistics: Int = 50) {
        self.users = max(1, users)
        self.statistics = max(1, statistics)
    }
}

/// One request's worth of a query: every one of the statistics of every one of the users.
struct StatisticsPart: Hashable, Sendable {
    var users: ArraySlice<UInt64>
    var statistics: ArraySlice<Statistic>

    struct Statistic: Hashable, Sendable {
        var scid: String
        var name: String
    }

    /// The parts of a query, users first.
    static func parts(of query: StatisticsQuery, _ size: BatchSize) -> [StatisticsPart] {
        let statistics = query.statistics.map { Statistic(scid: $0.scid, name: $0.name) }
        return slices(query.users, size.users).flatMap { users in
            slices(statistics, size.statistics).map { StatisticsPart(users: users, statistics: $0) }
        }
    }

    /// Two parts that are this one together, each with half of the users; nil if there is but one.
    var halvesByUser: [StatisticsPart]? {
        guard users.count > 1 else { return nil }
        return Self.slices(users, (users.count + 1) / 2).map { StatisticsPart(users: $0, statistics: statistics) }
    }

    /// The same with half of the statistics.
    var halvesByStatistic: [StatisticsPart]? {
        guard statistics.count > 1 else { return nil }
        return Self.slices(statistics, (statistics.count + 1) / 2).map {
            StatisticsPart(users: users, statistics: $0)
        }
    }

    private static func slices<Items: RandomAccessCollection>(
        _ items: Items, _ size: Int
    ) -> [ArraySlice<Items.Element>] where Items.Index == Int {
        let all = Array(items)
        return stride(from: 0, to: all.count, by: size).map { all[$0..<min($0 + size, all.count)] }
    }

    /// The body of the request.
    var request: StatisticsRequest {
        var scids: [StatisticsRequest.RequestedScid] = []
        for statistic in statistics {
            if scids.last?.scid != statistic.scid { scids.append(.init(scid: statistic.scid, requestedstats: [])) }
            scids[scids.endIndex - 1].requestedstats.append(statistic.name)
        }
        return StatisticsRequest(
            requestedusers: users.map { .integer(Int64(clamping: $0)) }, requestedscids: scids)
    }

    /// The same outcome for everything in it.
    func outcomes(_ reason: PlayerStatistic.Reason) -> [PlayerStatistic] {
        users.flatMap { user in
            statistics.map {
                PlayerStatistic(xuid: user, scid: $0.scid, name: $0.name, outcome: .missing(reason))
            }
        }
    }

    /// What an answer says of everything in it.
    func outcomes(_ answer: StatisticsResponse) -> [PlayerStatistic] {
        let found = Dictionary(answer.users.map { ($0.known.xuid.text, $0.known) }) { first, _ in first }
        return users.flatMap { xuid -> [PlayerStatistic] in
            let user = found[String(xuid)]
            return statistics.map { wanted in
                PlayerStatistic(
                    xuid: xuid, gamertag: user?.gamertag, scid: wanted.scid, name: wanted.name,
                    outcome: user?.outcome(of: wanted) ?? .missing(.unknownUser))
            }
        }
    }
}

extension StatisticsResponse.User {
    fileprivate func outcome(of wanted: StatisticsPart.Statistic) -> PlayerStatistic.Outcome {
        let scid = scids.first { $0.scid.lowercased() == wanted.scid.lowercased() }
        let statistic = scid?.stats.first { $0.known.statname.lowercased() == wanted.name.lowercased() }
        guard let statistic, let value = statistic.value, value != .null else { return .missing(.noStatistic) }
        let text = value.text ?? value.bool.map { String($0) }
        return text.map { .value($0, type: statistic.type) } ?? .missing(.noStatistic)
    }
}
