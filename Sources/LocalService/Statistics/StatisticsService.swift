import ClipModel
import Support

/// The user statistics: `POST /batch`, which is a read, and some of one user (`GET`).
struct StatisticsService: XboxService {
    let configuration: LocalService.Configuration
    private let users: [Int64: StatisticsTable.User]

    init(_ configuration: LocalService.Configuration) {
        self.configuration = configuration
        users = Dictionary(configuration.statistics.users.map { ($0.xuid, $0) }) { first, _ in first }
    }

    func receive(_ request: IncomingRequest, _ resource: Resource) throws -> Reception {
        try checkVersion(of: request, among: ["1"])
        let claims = try request.claims()
        guard claims.userId != nil else { throw Refusal.missingClaim("Xuid") }
        if case .statisticsOfUser(let owner, let scid, let names) = resource {
            guard GUID.isValid(scid) else { throw Refusal.badRequest("the scid is not a GUID") }
            guard let user = Int64(owner.userId(claims) ?? "") else { throw Refusal.notFound("there is no such user") }
            return .answer(try lists(StatisticsListsQuery(user: user, scid: scid, names: names), claims, request))
        }
        return try withBody(of: request, .statistics) { body in
            if let query = try StatisticsListsQuery(checking: body) { return try lists(query, claims, request) }
            let query = try StatisticsCall(checking: body)
            try checkAccess(query.scids, claims)
            let answer = OutgoingResponse.json(try answer(to: query)).decorated(.statistics)
            return answer.conditional(on: request)
        }
    }

    /// Answers in the form of clients of the live service.
    private func lists(
        _ query: StatisticsListsQuery, _ claims: Claims, _ request: IncomingRequest
    ) throws(Refusal) -> OutgoingResponse {
        let named = query.statistics.compactMap { statistic in
            statistic.scid.map { StatisticsRequest.RequestedScid(scid: $0, requestedstats: [statistic.name]) }
        }
        try checkAccess(named, claims)
        var answer = StatisticsLists()
        if !query.groups.isEmpty {
            answer.groups = query.groups.map { StatisticsLists.Group(name: $0.name, titleid: $0.titleId) }
        }
        let restricted = configuration.statistics.restricted
        for xuid in query.users {
            if let user = users[xuid] {
                // Where no service configuration is named, those that may not be read are left out.
                let list = StatisticsLists.List(user, query.statistics) { scid in
                    claims.allows(scid: scid) && restricted[scid] == nil
                        || named.contains { $0.scid.lowercased() == scid }
                }
                answer.statlistscollection.append(list)
            } else if configuration.statistics.unknownUsers == .refuse {
                throw Refusal(404, "there is no user \(xuid)", code: 4100)
            }
        }
        return OutgoingResponse.json(answer).decorated(.statistics).conditional(on: request)
    }

    /// Content isolation, and statistics that are not for everybody.
    private func checkAccess(
        _ scids: [StatisticsRequest.RequestedScid], _ claims: Claims
    ) throws(Refusal) {
        for requested in scids {
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

    private func answer(to query: StatisticsCall) throws(Refusal) -> StatisticsAnswer {
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
