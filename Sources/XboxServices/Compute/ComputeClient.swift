public import ClipModel
import Transport

/// The calls of game server management.
public struct ComputeClient: Sendable {
    let session: ServiceSession
    private let builder: CallBuilder

    /// Nil if the session has no endpoint for it.
    public init?(_ session: ServiceSession) {
        guard let endpoint = session.endpoints.compute else { return nil }
        self.session = session
        builder = CallBuilder(
            service: .compute, endpoint: endpoint,
            headers: [
                "x-xbl-contract-version": "1", "Content-Type": "application/json",
                "Accept": "application/json",
            ])
    }

    /// Asks for a server instance for a session (`POST /titles/{titleId}/clusters`).
    ///
    /// Not idempotent, so it is tried again only while it provably was not received or the service answered 429; a
    /// failure whose recovery is `.reconcile` asks for a look at the allocation's status first. `allocate` does that.
    public func requestCluster(
        titleID: UInt32, _ request: WithUnknownFields<ClusterRequest>
    ) async throws(ServiceFailure) -> WithUnknownFields<ClusterResponse> {
        let name = "asking for a server"
        let call = try builder.call(
            name, .post, ["titles", String(titleID), "clusters"],
            body: try CallBuilder.json(request, for: name),
            isIdempotent: false)
        return try await session.caller.value(of: call, reading: call.reading(WithUnknownFields<ClusterResponse>.self))
    }

    /// What became of the request for a session's instance
    /// (`GET /titles/{titleId}/sessions/{sessionId}/allocationStatus`); nil if there is none (404).
    public func allocationStatus(
        titleID: UInt32, sessionID: String
    ) async throws(ServiceFailure) -> WithUnknownFields<AllocationStatus>? {
        let call = try builder.call(
            "reading the allocation's status", .get,
            ["titles", String(titleID), "sessions", sessionID, "allocationStatus"], successes: [200, 404])
        let read = call.reading(WithUnknownFields<AllocationStatus>.self)
        return try await session.caller.value(of: call) { response throws(ServiceFailure) in
            response.status == 404 ? nil : try read(response)
        }
    }
}
