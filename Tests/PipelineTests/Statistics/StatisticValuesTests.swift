import ClipModel
import Testing

@testable import Pipeline

@Suite struct StatisticValuesTests {
    private static let scid = "00000000-0000-0012-0023-000000000070"
    private static let other = "00000000-0000-0012-0023-000000000071"
    private let session = Session(scid: scid, players: [.init(xuid: "1"), .init(xuid: "2")])

    private var options: StatisticsOptions {
        var options = StatisticsOptions()
        options.scids = [
            .init(scid: Self.other, names: ["Wins", "Rank"]), .init(scid: nil, names: ["Wins", "Kills"]),
        ]
        return options
    }

    private func statistic(
        _ xuid: UInt64, _ name: String, _ outcome: PlayerStatistic.Outcome, scid: String = scid
    ) -> PlayerStatistic {
        PlayerStatistic(xuid: xuid, scid: scid, name: name, outcome: outcome)
    }

    private func resolution(
        _ text: String, _ options: StatisticsOptions, _ found: [PlayerStatistic]?
    ) throws -> StatisticValues.Resolution {
        try StatisticValues(options, session: session, found: found)
            .resolution(of: try #require(StatisticPlaceholder(text)))
    }

    @Test(
        arguments: [
            ("stats.Wins", nil, "Wins"), ("stats[27].Wins", 27, "Wins"),
            ("stats.Deaths per life", nil, "Deaths per life"),
        ] as [(String, UInt64?, String)])
    func `a placeholder names a statistic, and a player or the owner`(text: String, xuid: UInt64?, name: String) throws
    {
        let placeholder = try #require(StatisticPlaceholder(text))
        #expect(placeholder.xuid == xuid && placeholder.name == name)
    }

    @Test(arguments: ["stats", "stats.", "stats[].A", "stats[x].A", "stats[1]", "stats[1]A", "stats[1].", "status.A"])
    func `anything else is none`(text: String) {
        #expect(StatisticPlaceholder(text) == nil)
    }

    @Test func `the owner's value is that of the session's service configuration`() throws {
        let found = [
            statistic(1, "Wins", .value("99", type: nil), scid: Self.other),
            statistic(1, "Wins", .value("12", type: "Integer")), statistic(2, "Wins", .value("3", type: "Integer")),
            statistic(1, "Rank", .value("Gold", type: "String"), scid: Self.other),
        ]
        #expect(try resolution("stats.Wins", options, found) == .text("12", warning: nil))
        #expect(try resolution("stats[2].Wins", options, found) == .text("3", warning: nil))
        #expect(try resolution("stats.Rank", options, found) == .text("Gold", warning: nil))
        #expect(try resolution("stats.Wins", options, nil) == .unknown)
        var owned = session
        owned.owner = "2"
        let values = StatisticValues(options, session: owned, found: found)
        #expect(try values.resolution(of: StatisticPlaceholder("stats.Wins")!) == .text("3", warning: nil))
    }

    @Test(arguments: PlayerStatistic.Reason.allCases)
    func `where there is no value the pipeline file says what stands there`(reason: PlayerStatistic.Reason) throws {
        let found = [statistic(1, "Wins", .missing(reason))]
        var changed = options
        let warned = try resolution("stats.Wins", changed, found)
        #expect(warned == .text("", warning: "Wins of player 1: \(reason); left empty"))
        changed.whenMissing = .default("none")
        #expect(try resolution("stats.Wins", changed, found) == .text("none", warning: nil))
        switch reason {
        case .noStatistic: changed.whenMissing = .fail
        case .unknownUser: changed.whenUnknownUser = .fail
        case .restricted: changed.whenRestricted = .fail
        }
        #expect(
            try resolution("stats.Wins", changed, found)
                == .failure("there is no statistic Wins of player 1: \(reason)"))
    }

    @Test func `what can never have a value is a mistake`() {
        #expect(throws: StatisticMistake.notAskedFor(closest: "Wins")) { try resolution("stats.Wnis", options, nil) }
        #expect(throws: StatisticMistake.otherUser(3, isOwner: false)) { try resolution("stats[3].Wins", options, nil) }
        var changed = options
        changed.users = [2]
        #expect(throws: StatisticMistake.otherUser(1, isOwner: true)) { try resolution("stats.Wins", changed, nil) }
    }

    @Test func `the same query in another order is the same query`() {
        let one = StatisticsQuery(users: [1, 2], scids: [.init(scid: "a", requestedstats: ["x", "y"])])
        let two = StatisticsQuery(users: [2, 1, 2], scids: [.init(scid: "a", requestedstats: ["y", "x", "y"])])
        #expect(one.wantsTheSame(as: two))
        #expect(!one.wantsTheSame(as: StatisticsQuery(users: [1], scids: one.scids)))
        #expect(
            !one.wantsTheSame(
                as: StatisticsQuery(users: [1, 2], scids: [.init(scid: "b", requestedstats: ["x", "y"])])))
    }
}
