import ClipModel
import Foundation
import SystemIO
import Testing
import Transport

@testable import XboxServices

@Suite struct UploadTests {
    private let body = HTTPBody.bytes(Data("block".utf8))

    @Test(arguments: [(200, BlockOutcome.committed), (201, .committed), (202, .accepted)])
    func `a block is accepted, the last one commits`(status: Int, outcome: BlockOutcome) async throws {
        let bench = try Bench(.status(status))
        let result = try await bench.clips.putBlock(
            3, to: "http://127.0.0.1:8080/up", clipID: "id", body: body)
        #expect(result == outcome)
        let sent = try #require(bench.transport.requests.first)
        #expect(sent.method == .put)
        #expect(sent.url.text == "http://127.0.0.1:8080/up?blockNum=3&uploadId=id")
        #expect(sent.headers["Content-Type"] == "application/octet-stream")
        #expect(sent.headers["Authorization"] == "XBL3.0 x=hash;\(Bench.token)")
        #expect(sent.headers["X-RequestedServiceVersion"] == "1")
        #expect(sent.isRepeatable)
    }

    @Test(
        arguments: [
            (
                "http://127.0.0.1:8080/up?sig=a%3D", 0,
                "http://127.0.0.1:8080/up?sig=a%3D&blockNum=0&uploadId=id"
            ),
            ("http://127.0.0.1:8080/up?uploadId=own", 1, "http://127.0.0.1:8080/up?uploadId=own&blockNum=1"),
            ("http://127.0.0.1:8080/up", nil, "http://127.0.0.1:8080/up?uploadId=id"),
            ("http://127.0.0.1:8080/up?uploadId=own", nil, "http://127.0.0.1:8080/up?uploadId=own"),
            ("/upload/xuid(1)/c", 2, "http://127.0.0.1:8080/upload/xuid(1)/c?blockNum=2&uploadId=id"),
        ] as [(String, UInt32?, String)])
    func `the parameters join the address as it was given`(uri: String, number: UInt32?, expected: String)
        async throws
    {
        let bench = try Bench(.status(202))
        _ = try await bench.clips.putBlock(number, to: uri, clipID: "id", body: body)
        #expect(bench.transport.requests.map(\.url.text) == [expected])
    }

    @Test(arguments: [
        "https://evil.example/up", "http://127.0.0.1:8079/up", "http://localhost:8080/up",
        "//evil.example/up",
    ])
    func `an address at another host is refused and nothing is sent`(uri: String) async throws {
        let bench = try Bench(.status(202))
        let failure = try await failure {
            try await bench.clips.putBlock(0, to: uri, clipID: "id", body: body)
        }
        guard case .refusedHost = failure.kind else { throw failure }
        #expect(failure.recovery == .giveUp)
        #expect("\(failure)".contains("neither a configured nor an allowed host"))
        #expect(bench.transport.requests.isEmpty)
    }

    @Test func `plain http after https is refused even on this machine`() async throws {
        let bench = try Bench(
            ScriptedTransport(.status(202)), metadata: "https://meta.example", allowHosts: ["127.0.0.1:9000"])
        let failure = try await failure {
            try await bench.clips.putBlock(0, to: "http://127.0.0.1:9000/up", clipID: "id", body: body)
        }
        guard case .refusedHost(let refusal) = failure.kind else { throw failure }
        #expect(refusal.reason == .plainHTTP)
        #expect(bench.transport.requests.isEmpty)
    }

    @Test(arguments: [408, 429, 500, 502, 503, 504])
    func `a block is sent again on a temporary error`(status: Int) async throws {
        let bench = try Bench(.status(status), .lost(.connectionLost, sent: true), .status(202))
        let outcome = try await bench.clips.putBlock(0, to: "/up", clipID: "id", body: body)
        #expect(outcome == .accepted)
        #expect(bench.clock.sleeps == [.seconds(2), .seconds(4)])
    }

    @Test func `only answers that mean too much to do are counted as such`() async throws {
        let count = Locked(0)
        let bench = try Bench(
            .status(503), .status(500), .status(429), .status(408), .lost(.connectionLost, sent: true), .status(202))
        _ = try await bench.clips.putBlock(
            0, to: "/up", clipID: "id", body: body, refused: { count.withLock { $0 += 1 } })
        #expect(count.withLock { $0 } == 2)
    }

    @Test(arguments: [400, 403, 404, 406, 410])
    func `a block is not sent again when the service means no`(status: Int) async throws {
        let text = #"{"errorSource": "store", "errorResponseCode": 9, "errorMessage": "gone"}"#
        let bench = try Bench(.status(status, [:], text))
        let failure = try await failure {
            try await bench.clips.putBlock(0, to: "/up", clipID: "id", body: body)
        }
        #expect(failure.status == status)
        #expect(failure.call == "block 0")
        #expect("\(failure)".contains("store: gone (code 9)"))
        #expect(bench.transport.requests.count == 1)
    }

    @Test func `a body that can not be read is not tried again, and the reason stays`() async throws {
        struct DigestDiffers: Error {}
        let bench = try Bench(.lost(.bodySource(DigestDiffers()), sent: true))
        let failure = try await failure {
            try await bench.clips.putBlock(0, to: "/up", clipID: "id", body: body)
        }
        guard case .transport(let error) = failure.kind, case .bodySource(let reason) = error.kind else {
            throw failure
        }
        #expect(reason is DigestDiffers)
        #expect(failure.recovery == .giveUp)
        #expect(bench.transport.requests.count == 1)
    }

    @Test func `the progress of one block starts the window of the others again`() async throws {
        let window = RetryWindow()
        let bench = try Bench(
            ScriptedTransport { request, _ in
                request.url.hasParameter("blockNum") ? .status(503) : .status(202)
            })
        let clock = bench.clock
        // 890 s after the start another block of the clip is acknowledged.
        clock.advance(by: .seconds(890))
        _ = try await bench.clips.putBlock(nil, to: "/up", clipID: "id", body: body, window: window)
        let start = clock.now
        _ = try await failure {
            try await bench.clips.putBlock(1, to: "/up", clipID: "id", body: body, window: window)
        }
        #expect(start.duration(to: clock.now) == .seconds(895))
        #expect(window.lastProgress == .seconds(890))
    }

    @Test(arguments: [(ThumbnailType.large, "the large thumbnail"), (.small, "the small thumbnail")])
    func `a thumbnail goes to its address as it is`(type: ThumbnailType, name: String) async throws {
        let bench = try Bench(.status(404), .status(201))
        let failure = try await failure {
            try await bench.clips.putThumbnail(type, to: "/t?x=1", jpeg: Data([1]))
        }
        #expect(failure.call == name)
        try await bench.clips.putThumbnail(type, to: "/t?x=1", jpeg: Data([1]))
        let sent = try #require(bench.transport.requests.last)
        #expect(sent.url.text == "http://127.0.0.1:8080/t?x=1")
        #expect(sent.headers["Content-Type"] == "image/jpeg")
    }
}
