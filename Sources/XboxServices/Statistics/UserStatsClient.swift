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

    /// Reads statistics of several players (`POST /batch`); a read, though it is a POST, so it is tried
    /// again.
    public func batch(_ request: Open<StatisticsRequest>) async throws(ServiceFailure) -> Open<
        StatisticsResponse
    > {
        let name = "reading statistics"
        let call = try builder.call(name, .post, ["batch"], body: try CallBuilder.json(request, for: name))
        return try await session.caller.value(of: call, reading: call.reading(Open<StatisticsResponse>.self))
    }
}
