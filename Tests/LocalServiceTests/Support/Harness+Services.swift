import Foundation

@testable import LocalService

extension Harness {
    /// What user statistics and game server management want of a request.
    static func xblHeaders(token: String) -> [String] {
        ["-H", "Authorization: XBL3.0 x=1234;\(token)", "-H", "x-xbl-contract-version: 1"]
    }

    var xblHeaders: [String] { Self.xblHeaders(token: service.developerToken) }

    /// `POST`s JSON to a path of user statistics or game server management.
    func post(_ path: String, _ body: Any, token: String? = nil, more: [String] = []) async throws -> Answer {
        try await curl(
            Self.xblHeaders(token: token ?? service.developerToken) + more
                + ["-H", "Content-Type: application/json", "--data-binary", "@-", address.baseURL + path],
            input: JSONSerialization.data(withJSONObject: body, options: .fragmentsAllowed))
    }

    /// Asks for statistics: `POST /batch`.
    func batch(_ users: [Any], _ statistics: [String], scid: String = Harness.scid, token: String? = nil) async throws
        -> Answer
    {
        let body: [String: Any] = [
            "requestedusers": users, "requestedscids": [["scid": scid, "requestedstats": statistics]],
        ]
        return try await post("/batch", body, token: token)
    }
}
