import ClipModel
import Foundation
import Testing
import Transport

@testable import XboxServices

@Suite struct InitialUploadTests {
    private let request = WithUnknownFields(
        InitialUploadRequest(
            dateRecorded: "2012-12-23T11:08:08Z", durationInSeconds: 27, fileSize: 1_234_567,
            expectedBlocks: 7),
        others: ["unknown": true])
    private static var good: ScriptedTransport.Answer {
        .status(
            200, [:], #"{"gameClipId": "id", "uploadUri": "http://127.0.0.1:8080/up", "more": [1]}"#)
    }

    private func initiate(_ bench: Bench) async throws -> WithUnknownFields<InitialUploadResponse> {
        try await bench.clips.initiateUpload(scid: "0-70", request)
    }

    @Test func `the request is as the protocol has it`() async throws {
        let bench = try Bench(Self.good)
        let answer = try await initiate(bench)
        #expect(answer.gameClipId == "id")
        #expect(answer.others == ["more": .array([1])])

        let sent = try #require(bench.transport.requests.first)
        #expect(sent.method == .post)
        #expect(sent.url.text == "http://127.0.0.1:8080/users/me/scids/0-70/clips")
        #expect(!sent.isRepeatable)
        #expect(sent.headers["Authorization"] == "XBL3.0 x=hash;\(Bench.token)")
        #expect(sent.headers["X-RequestedServiceVersion"] == "1")
        #expect(sent.headers["Content-Type"] == "application/json")
        #expect(sent.headers["Accept"] == "application/json")
        guard case .bytes(let body) = sent.body else { return #expect(Bool(false)) }
        #expect(try JSONDecoder().decode(WithUnknownFields<InitialUploadRequest>.self, from: body) == request)
    }

    @Test(arguments: [
        ScriptedTransport.Answer.lost(.connectionLost, sent: true), .lost(.timedOut(.answer), sent: true),
        .lost(.malformedResponse, sent: true), .status(408), .status(500), .status(502), .status(504),
        .status(200, [:], "{"), .status(200, [:], ""), .status(200, [:], "{}"), .status(202),
    ])
    func `when it may have been done it is not made again but reconciled`(
        answer: ScriptedTransport.Answer
    ) async throws {
        let bench = try Bench(answer, Self.good)
        let failure = try await failure { try await initiate(bench) }
        #expect(failure.recovery == .reconcile)
        #expect(bench.transport.requests.count == 1)
        #expect(bench.clock.sleeps.isEmpty)
    }

    @Test(arguments: [
        ScriptedTransport.Answer.lost(.couldNotConnect, sent: false), .lost(.couldNotResolve, sent: false),
        .lost(.timedOut(.connect), sent: false), .status(429), .status(503),
    ])
    func `when it was certainly not done it is made again`(answer: ScriptedTransport.Answer) async throws {
        let bench = try Bench(answer, answer, Self.good)
        _ = try await initiate(bench)
        #expect(bench.transport.requests.count == 3)
        #expect(bench.clock.sleeps == [.seconds(2), .seconds(4)])
    }

    @Test(arguments: [
        (400, "over quota", Recovery.notAllowed), (400, "quota is no member of the request", .giveUp),
        (403, "not yours", .notAllowed),
    ])
    func `a refusal ends it with the words of the service`(
        status: Int, words: String, recovery: Recovery
    ) async throws {
        let bench = try Bench(.status(status, [:], "{\"errorCode\": 4, \"errorMessage\": \"\(words)\"}"))
        let failure = try await failure { try await initiate(bench) }
        #expect(failure.recovery == recovery)
        #expect(failure.status == status)
        #expect(
            failure.description
                == "the initial upload request (http://127.0.0.1:8080/users/me/scids/0-70/clips): "
                + "the service answered \(status): \(words) (code 4)")
        #expect(bench.transport.requests.count == 1)
    }

    @Test func `what is not JSON is reported with its byte offset`() async throws {
        let bench = try Bench(.status(200, [:], #"{"gameClipId": "id",}"#))
        let failure = try await failure { try await initiate(bench) }
        guard case .notJSON(let error) = failure.kind else { throw failure }
        #expect(error.byteOffset == 21)
        #expect("\(failure)".contains("the initial upload request"))
        #expect("\(failure)".contains("byte 21"))
    }

    @Test func `a missing member is named`() async throws {
        let bench = try Bench(.status(200, [:], #"{"gameClipId": "id"}"#))
        let failure = try await failure { try await initiate(bench) }
        guard case .unexpectedJSON("\"uploadUri\" is missing") = failure.kind else { throw failure }
    }

    @Test func `it is given up when the window is over, and may be made again later`() async throws {
        let bench = try Bench(.status(503))
        let failure = try await failure { try await initiate(bench) }
        #expect(failure.recovery == .retry(after: nil))
        #expect(failure.attempts == bench.transport.requests.count)
        let waited = bench.clock.sleeps.reduce(.zero, +)
        #expect(waited == .seconds(895))
        #expect("\(failure)".contains("(tried \(failure.attempts) times)"))
    }

    @Test func `a path that is none is refused before anything is sent`() async throws {
        let bench = try Bench(Self.good)
        let failure = try await failure { try await bench.clips.initiateUpload(scid: "..", request) }
        guard case .badAddress = failure.kind else { throw failure }
        #expect(bench.transport.requests.isEmpty)
    }
}
