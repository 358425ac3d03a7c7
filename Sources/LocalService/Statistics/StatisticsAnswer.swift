import ClipModel

/// The answer to `POST /batch`.
struct StatisticsAnswer: Encodable {
    var users: [User] = []

    struct User: Encodable {
        var gamertag: String
        var xuid: JSONValue
        var scids: [Scid]
    }

    struct Scid: Encodable {
        var scid: String
        var stats: [Statistic]
    }

    struct Statistic: Encodable {
        var statname: String
        var type: String
        var value: JSONValue
    }
}

extension StatisticsAnswer.User {
    /// What the user has of what is asked for; service configurations are there also where it is nothing.
    init(
        _ user: StatisticsTable.User, _ requested: [StatisticsRequest.RequestedScid], of table: StatisticsTable
    ) {
        gamertag = user.gamertag
        xuid = table.xuids == .string ? .string("\(user.xuid)") : .integer(user.xuid)
        scids = requested.map { requested in
            let known = user.scids.first { $0.scid == requested.scid.lowercased() }?.statistics ?? []
            return StatisticsAnswer.Scid(
                scid: requested.scid,
                stats: requested.requestedstats.compactMap { name in
                    known.first { $0.name.lowercased() == name.lowercased() }.map { statistic in
                        StatisticsAnswer.Statistic(
                            statname: statistic.name, type: statistic.value.type,
                            value: statistic.value.json(table.values))
                    }
                })
        }
    }
}

extension StatisticsTable.Value {
    var type: String {
        switch self {
        case .integer: "Integer"
        case .double: "Double"
        case .string: "String"
        case .dateTime: "DateTime"
        }
    }

    var text: String {
        switch self {
        case .integer(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let value): value
        case .dateTime(let value): value.description
        }
    }

    fileprivate func json(_ form: StatisticsTable.Form) -> JSONValue {
        switch self {
        case .integer(let value): form == .number ? .integer(value) : .string("\(value)")
        case .double(let value): form == .number ? .number(value) : .string("\(value)")
        case .string(let value): .string(value)
        case .dateTime(let value): .string(value.description)
        }
    }
}
