import ClipModel

/// The user statistics: `POST /batch`, which is a read.
struct StatisticsService: XboxService {
    let configuration: LocalService.Configuration
    let tokens: Tokens
    let faults: Faults
    private let users: [Int64: StatisticsTable.User]

    init(_ configuration: LocalService.Configuration, tokens: Tokens, faults: Faults) {
        self.configuration = configuration
        self.tokens = tokens
        self.faults = faults
        users = Dictionary(configuration.statistics.users.map { ($0.xuid, $0) }) { first, _ in first }
    }

    func receive(_ request: HTTPRequest, _ resource: Resource) throws -> Reception {
        try checkVersion(of: request, among: ["1"])
        let claims = try claims(of: request, .xbl3)
        guard claims.userId != nil else { throw Refusal.missingClaim("Xuid") }
        return try withBody(of: request, .statistics) { body in
            let query = try StatisticsQuery(checking: body)
            try checkAccess(query, claims)
            let answer = HTTPResponse.json(try answer(to: query)).decorated(.statistics)
            return answer.conditional(on: request)
        }
    }

    /// Content isolation, and statistics that are not for everybody.
    private func checkAccess(_ query: StatisticsQuery, _ claims: Claims) throws(Refusal) {
        for requested in query.scids {
            guard claims.allows(scid: requested.scid) else {
                throw .forbidden("the scid \(requested.scid) is not one of the caller's")
            }
            let restricted = configuration.statistics.restricted[requested.scid.lowercased()] ?? []
            let names = Set(restricted.map { $0.lowercased() })
            if let name = requested.requestedstats.first(where: { names.contains($0.lowercased()) }) {
                throw .forbidden("the statistic \(name.prefix(100)) of \(requested.scid) is restricted")
            }
        }
    }

    private func answer(to query: StatisticsQuery) throws(Refusal) -> StatisticsAnswer {
        let table = configuration.statistics
        var answer = StatisticsAnswer()
        for xuid in query.users {
            if let user = users[xuid] {
                answer.users.append(StatisticsAnswer.User(user, query.scids, of: table))
            } else if table.unknownUsers == .refuse {
                throw Refusal(404, "there is no user \(xuid)", code: 4100)
            }
        }
        return answer
    }
}
