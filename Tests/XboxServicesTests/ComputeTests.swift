import ClipModel
import Foundation
import TestSupport
import Testing
import Transport

@testable import XboxServices

@Suite struct ComputeTests {
    private static let session = "/serviceconfigs/s/sessiontemplates/t/session/n"

    @Test func `requests have the headers and the path of game server management`() async throws {
        let bench = try Bench(
            .status(200, [:], #"{"pollIntervalMilliseconds": "1000", "fulfillmentState": "Queued"}"#),
            .status(200, [:], #"{"status": "Queued", "later": 1}"#))
        let client = try #require(ComputeClient(bench.session))
        let answer = try await client.requestCluster(
            titleID: 7, WithUnknownFields(ClusterRequest(sessionId: Self.session, abortIfQueued: true)))
        #expect(answer.fulfillmentState == .queued && answer.known.pollInterval == .seconds(1))
        let status = try await client.allocationStatus(titleID: 7, sessionID: Self.session)
        #expect(status?.status == .queued && status?.others == ["later": 1])
        let (post, get) = (bench.transport.requests[0], bench.transport.requests[1])
        #expect(post.url.text == "http://127.0.0.1:8082/titles/7/clusters")
        #expect(
            get.url.text == "http://127.0.0.1:8082/titles/7/sessions/"
                + "%2Fserviceconfigs%2Fs%2Fsessiontemplates%2Ft%2Fsession%2Fn/allocationStatus")
        for request in [post, get] {
            #expect(request.headers["x-xbl-contract-version"] == "1")
            #expect(request.headers["X-RequestedServiceVersion"] == nil)
            #expect(request.headers["Authorization"] == "XBL3.0 x=hash;very-secret-token")
        }
        guard case .bytes(let body) = post.body else { throw UnexpectedSuccess() }
        let sent = try JSONDecoder().decode([String: String].self, from: body)
        #expect(sent == ["sessionId": Self.session, "abortIfQueued": "true"])
    }

    @Test(arguments: [408, 429, 500, 502, 503, 504])
    func `the status is asked for again after these`(status: Int) async throws {
        let bench = try Bench(.status(status), .status(404))
        let client = try #require(ComputeClient(bench.session))
        #expect(try await client.allocationStatus(titleID: 7, sessionID: Self.session) == nil)
        #expect(bench.transport.requests.count == 2)
    }

    @Test(arguments: [400, 403, 409, 501, 505])
    func `and not after others`(status: Int) async throws {
        let bench = try Bench(.status(status))
        let client = try #require(ComputeClient(bench.session))
        _ = try await failure { try await client.allocationStatus(titleID: 7, sessionID: Self.session) }
        #expect(bench.transport.requests.count == 1)
    }

    @Test(arguments: [408, 500, 502, 503, 504])
    func `the request itself is never repeated blindly`(status: Int) async throws {
        let bench = try Bench(.status(status))
        let client = try #require(ComputeClient(bench.session))
        let failure = try await failure {
            try await client.requestCluster(
                titleID: 7, WithUnknownFields(ClusterRequest(sessionId: Self.session, abortIfQueued: false)))
        }
        #expect(failure.recovery == .reconcile && bench.transport.requests.count == 1)
    }

    @Test(arguments: [("\"250\"", 250), ("5", 100), ("\"soon\"", 1_000), ("9999999", 60_000)])
    func `polling keeps within bounds whatever the service says`(text: String, milliseconds: Int64) throws {
        let json = #"{"pollIntervalMilliseconds": \#(text), "fulfillmentState": "Queued"}"#
        let answer = try JSONDecoder().decode(ClusterResponse.self, from: Data(json.utf8))
        #expect(answer.pollInterval == .milliseconds(milliseconds))
    }
}
