import ClipModel
import Foundation
import Testing
import Transport

@testable import XboxServices

/// How the token is written in `Authorization`.
@Suite struct AuthorizationFormTests {
    /// What the calls of GameClips and user statistics send; nil for one that was not sent.
    private func sent(userHash: String?, _ form: AuthorizationForm?) async throws -> [String?] {
        let token = try #require(Token(Bench.token, userHash: userHash))
        let bench = try Bench(
            ScriptedTransport(.status(200, [:], #"{"gameClip": {}, "users": []}"#)), tokens: FixedToken(token)
        ) { $0.authorization = form }
        let statistics = try #require(UserStatsClient(bench.session))
        // A call that can't be written in the form is not sent, and that is what is looked at.
        _ = try? await bench.clips.clip("id", scid: "scid")
        _ = try? await statistics.batch(WithUnknownFields(StatisticsRequest(requestedusers: [1], requestedscids: [])))
        return [8080, 8081].map { port in
            bench.transport.requests.first { $0.url.origin.port == port }?.headers["Authorization"]
        }
    }

    @Test func `a token with a user hash goes as XBL3.0 to every service`() async throws {
        let form = "XBL3.0 x=hash;\(Bench.token)"
        #expect(try await sent(userHash: "hash", nil) == [form, form])
        #expect(try await sent(userHash: "hash", .xbl3) == [form, form])
    }

    @Test func `a token without a user hash goes as Xauth to GameClips`() async throws {
        #expect(try await sent(userHash: nil, nil) == ["Xauth=\(Bench.token)", nil])
    }

    @Test func `the form can be decided by hand`() async throws {
        let form = "Xauth=\(Bench.token)"
        #expect(try await sent(userHash: "hash", .xauth) == [form, form])
        #expect(try await sent(userHash: nil, .xauth) == [form, form])
        #expect(try await sent(userHash: nil, .xbl3) == [nil, nil])
    }
}
