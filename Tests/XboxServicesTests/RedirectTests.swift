import ClipModel
import Foundation
import Testing
import Transport

@testable import XboxServices

@Suite struct RedirectTests {
    private let body = HTTPBody.bytes(Data("block".utf8))

    private func put(_ bench: Bench) async throws -> BlockOutcome {
        try await bench.clips.putBlock(0, to: "/up", clipID: "id", body: body)
    }

    @Test(arguments: [301, 307])
    func `method, body and token go along on the same host`(status: Int) async throws {
        let bench = try Bench(.status(status, ["Location": "/moved?x=1"]), .status(201))
        #expect(try await put(bench) == .committed)
        let sent = bench.transport.requests[1]
        #expect(sent.method == .put)
        #expect(sent.url.text == "http://127.0.0.1:8080/moved?x=1")
        #expect(sent.body.count == 5)
        #expect(sent.headers["Authorization"] != nil)
        #expect(bench.clock.sleeps.isEmpty)
    }

    @Test func `the token goes along to an allowed host and back`() async throws {
        let bench = try Bench(
            ScriptedTransport(
                .status(307, ["Location": "http://127.0.0.1:9000/a"]),
                .status(307, ["Location": "http://127.0.0.1:8080/b"]), .status(201)),
            allowHosts: ["127.0.0.1:9000"])
        #expect(try await put(bench) == .committed)
        #expect(bench.transport.requests.map { $0.headers["Authorization"] != nil } == [true, true, true])
    }

    @Test(arguments: ["http://127.0.0.1:9000/a", "http://service.example:9000/a"])
    func `from https to http goes nothing, not even to an allowed host`(location: String) async throws {
        let bench = try Bench(
            ScriptedTransport(
                .status(307, ["Location": "https://service.example:9000/a"]), .status(307, ["Location": location]),
                .status(201)),
            metadata: "https://service.example", allowHosts: ["127.0.0.1:9000", "service.example:9000"])
        let failure = try await failure { try await put(bench) }
        guard case .redirect(.host(let refusal)) = failure.kind else { throw failure }
        #expect(refusal.reason == .plainHTTP)
        #expect(bench.transport.requests.map(\.url.origin.isSecure) == [true, true])
    }

    @Test(arguments: [
        "https://evil.example/", "http://127.0.0.1:8079/", "ftp://127.0.0.1:8080/", "http://192.0.2.1/",
    ])
    func `a redirect to another host is refused`(location: String) async throws {
        let bench = try Bench(.status(307, ["Location": location]), .status(201))
        let failure = try await failure { try await put(bench) }
        guard case .redirect = failure.kind else { throw failure }
        #expect(failure.recovery == .giveUp)
        #expect(bench.transport.requests.count == 1)
    }

    @Test func `five redirects are followed, not six`() async throws {
        let redirect = ScriptedTransport.Answer.status(307, ["Location": "/again"])
        let bench = try Bench(redirect, redirect, redirect, redirect, redirect, .status(201))
        #expect(try await put(bench) == .committed)
        let endless = try Bench(redirect)
        let failure = try await failure { try await put(endless) }
        guard case .redirect(.tooMany) = failure.kind else { throw failure }
        #expect(endless.transport.requests.count == 6)
    }

    @Test(arguments: [302, 303, 308])
    func `other redirects are failures`(status: Int) async throws {
        let bench = try Bench(.status(status, ["Location": "/moved"]))
        let failure = try await failure { try await put(bench) }
        #expect(failure.status == status)
        #expect(bench.transport.requests.count == 1)
    }

    @Test func `a redirect that does not say where to is a failure`() async throws {
        let bench = try Bench(.status(307))
        let failure = try await failure { try await put(bench) }
        guard case .redirect(.noLocation) = failure.kind else { throw failure }
    }
}
