public import ClipModel
import Transport

/// The calls of user statistics.
public struct UserStatsClient: Sendable {
    private let session: ServiceSession
    private let builder: CallBuilder

    /// Nil if the session has no endpoint for statistics.
    public init?(_ session: ServiceSession) {
        guard let endpoint = session.endpoints.statistics else { return nil }
        self.session = session
        builder = .gameClips(.statistics, endpoint)
    }

    /// Reads statistics of several players in one request (`POST /batch`); a read, though it is a POST, so it is
    /// tried again.
    public func batch(_ request: WithUnknownFields<StatisticsRequest>) async throws(ServiceFailure)
        -> WithUnknownFields<
            StatisticsResponse
        >
    {
        let name = "reading statistics"
        let call = try builder.call(name, .post, ["batch"], body: try CallBuilder.json(request, for: name))
        return try await session.caller.value(
            of: call, reading: call.reading(WithUnknownFields<StatisticsResponse>.self))
    }

    /// Reads every statistic of a query, in as many requests as it takes, one after the other.
    ///
    /// One that may not be seen (403), or a player whom the service does not know (404), refuses the whole request, so a
    /// refused one is divided until it is clear whom and what that is about.
    ///
    /// - Returns: One for each player and statistic, in the order of the query, whatever the requests were.
    /// - Throws: also where everything is refused: then it is the caller who may not ask, or the wrong address.
    public func statistics(
        _ query: StatisticsQuery, size: BatchSize = BatchSize()
    ) async throws(ServiceFailure) -> [PlayerStatistic] {
        var found: [Key: PlayerStatistic] = [:]
        var firstRefusal: ServiceFailure?
        var refusals = 0
        var isAllowed = false
        for whole in StatisticsPart.parts(of: query, size) {
            // All halves before their quarters: one half that is refused says nothing about the other.
            var waiting = [whole]
            var asked = 0
            while asked < waiting.count {
                let part = waiting[asked]
                asked += 1
                var outcomes: [PlayerStatistic] = []
                do throws(ServiceFailure) {
                    outcomes = part.outcomes(try await batch(WithUnknownFields(part.request)).known)
                    isAllowed = true
                } catch {
                    guard let refusal = StatisticsRefusal(error) else { throw error }
                    isAllowed = isAllowed || refusal == .noSuchUser
                    firstRefusal = firstRefusal ?? error
                    refusals += 1
                    if !isAllowed, refusals >= Self.mostRefusals { throw error }
                    if let halves = refusal.halves(of: part) {
                        waiting += halves
                        continue
                    }
                    outcomes = part.outcomes(refusal == .restricted ? .restricted : .unknownUser)
                }
                for outcome in outcomes { found[Key(outcome)] = outcome }
            }
        }
        if let firstRefusal, !isAllowed { throw firstRefusal }
        return query.users.flatMap { user in
            query.statistics.compactMap { found[Key(xuid: user, scid: $0.scid, name: $0.name)] }
        }
    }

    /// After so many requests in a row that were all refused, nothing will be allowed to this caller. Dividing 16 until
    /// each was asked for by itself takes 31.
    private static let mostRefusals = 32

    private struct Key: Hashable {
        var xuid: UInt64
        var scid: String
        var name: String

        init(xuid: UInt64, scid: String, name: String) {
            (self.xuid, self.scid, self.name) = (xuid, scid, name)
        }

        init(_ statistic: PlayerStatistic) {
            self.init(xuid: statistic.xuid, scid: statistic.scid, name: statistic.name)
        }
    }
}

/// Why a whole request for statistics was refused, because of a part of it.
private enum StatisticsRefusal {
    /// Something in it may not be seen, or the caller may not ask at all (403).
    case restricted
    /// One of the users does not exist (404 with code 4100).
    case noSuchUser
    /// 404 for whatever reason: a user, or the address.
    case notFound

    init?(_ failure: ServiceFailure) {
        guard case .status(let status, let message) = failure.kind else { return nil }
        switch status {
        case 403: self = .restricted
        case 404: self = message?.code == 4100 ? .noSuchUser : .notFound
        default: return nil
        }
    }

    /// What to ask for instead. It is statistics that are restricted, and users who don't exist.
    func halves(of part: StatisticsPart) -> [StatisticsPart]? {
        switch self {
        case .restricted: part.halvesByStatistic ?? part.halvesByUser
        case .noSuchUser, .notFound: part.halvesByUser
        }
    }
}
