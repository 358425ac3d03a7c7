import ClipModel
import Pipeline
import XboxServices
import Support

/// `clipship stats`: statistics of players.
enum StatsCommand: Command {
    static let user = Flag(name: "--user", value: "XUID", help: "of this player", isRepeatable: true)
    static let statistic = Flag(name: "--stat", value: "NAME", help: "this statistic", isRepeatable: true)
    static let scid = Flag(
        name: "--scid", value: "SCID", help: "the service configuration id that the statistics belong to",
        isRepeatable: true)
    static let batchSize = Flag(
        name: "--batch-size", value: "N", help: "players, and statistics, in one request (default: 50)")

    static let spec = CommandSpec(
        name: "stats", summary: "Read statistics of players, any number of them.", operands: "",
        operandCount: 0...0, flags: [user, scid, statistic, batchSize, .format, .localStatistics] + Flag.serviceFlags,
        example: "clipship stats --user 2716903703773872 --scid 00000000-0000-0012-0023-000000000070 --stat Wins "
            + "--local-statistics samples/statistics.yaml --output out/session-with-stats")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let wantsJSON = try arguments.wantsJSON()
        let query = try query(from: arguments)
        let size = try arguments.integer(batchSize, in: 1...1_000).map(Int.init) ?? 50
        return try await ServiceCalls.run(arguments, console) { session in
            guard let client = UserStatsClient(session) else {
                throw Failure("there is no statistics service at this address", .usage)
            }
            let found = try await client.statistics(query, size: BatchSize(users: size, statistics: size))
            if wantsJSON {
                for statistic in found { console.print(try CanonicalJSON.line(statistic)) }
            } else {
                console.print(table(of: found, console.colour))
            }
            return .success
        }
    }

    private static func query(from arguments: Arguments) throws(UsageError) -> StatisticsQuery {
        var users: [UInt64] = []
        for text in arguments.strings(user) {
            guard let xuid = UInt64(text) else {
                throw UsageError(
                    "--user: expected an Xbox user id (decimal digits), found \"\(text)\"", command: "stats")
            }
            users.append(xuid)
        }
        let names = arguments.strings(statistic)
        var scids: [StatisticsRequest.RequestedScid] = []
        for text in arguments.strings(scid) {
            guard GUID.isValid(text) else {
                throw UsageError("--scid: expected a GUID, found \"\(text)\"", command: "stats")
            }
            scids.append(.init(scid: text, requestedstats: names))
        }
        guard !users.isEmpty, !names.isEmpty, !scids.isEmpty else {
            throw UsageError(
                "stats needs --user XUID, --scid SCID and --stat NAME, each at least once", command: "stats")
        }
        return StatisticsQuery(users: users, scids: scids)
    }

    private static func table(of statistics: [PlayerStatistic], _ colour: Colour) -> String {
        var table = Table(columns: [
            .init(title: "XUID"), .init(title: "GAMERTAG"), .init(title: "SCID"), .init(title: "STATISTIC"),
            .init(title: "VALUE"), .init(title: "TYPE"),
        ])
        for statistic in statistics {
            var cells = [
                Table.Cell(String(statistic.xuid)), Table.Cell(statistic.gamertag ?? "-"),
                Table.Cell(statistic.scid), Table.Cell(statistic.name),
            ]
            switch statistic.outcome {
            case .value(let text, let type): cells += [Table.Cell(text), Table.Cell(type ?? "")]
            case .missing(let reason):
                cells += [Table.Cell(reason.description) { colour.yellow($0) }, ""]
            }
            table.rows.append(cells)
        }
        return table.rendered(colour)
    }
}
