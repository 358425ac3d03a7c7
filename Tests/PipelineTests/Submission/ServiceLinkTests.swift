import Foundation
import SystemIO
import Testing
import Transport

@testable import Pipeline
@testable import XboxServices

@Suite struct ServiceLinkTests {
    private struct Nowhere: HTTPTransport {
        func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
            throw TransportError(.closed, url: request.url.withoutQuery, mayHaveBeenSent: false)
        }
    }

    @Test(
        arguments: [
            (nil, "https://clips.example"), ("/upload/1", "https://clips.example"),
            ("https://uploads.example/1", "https://uploads.example"), ("https://elsewhere.example/1", nil),
            ("https://uploads.example:8443/1", nil), ("http://clips.example:443/1", nil),
            ("https://169.254.169.254/", nil),
        ] as [(String?, String?)])
    func `connections are opened ahead to hosts that may have the blocks, and to no other`(
        address: String?, expected: String?
    ) async throws {
        var target = try ServiceTarget(
            localAt: "https://clips.example", token: try #require(Token("token")))
        target.allowHosts = ["uploads.example"]
        let opened = Locked<[String]>([])
        let connection = ServiceLink.Connection(
            transport: Nowhere(), open: { _, origin in opened.withLock { $0.append("\(origin)") } })
        let link = try ServiceLink(to: target, stop: StopSignal(), requests: nil, connection: connection)
        await link.open(3, to: address)
        #expect(opened.withLock { $0 } == [expected].compactMap(\.self))
    }
}
