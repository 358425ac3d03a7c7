import Foundation
import LocalService
import Testing
import Transport

/// A host that is not believed to be what it says, for a while: a proxy, a wrong clock, an authority that is missing.
@Suite struct CertificateTests {
    /// Which requests meet the certificate that is not accepted.
    enum Refused: CaseIterable, Sendable {
        case everyTransfer, blocksFromTheFourthOn

        func covers(_ request: HTTPRequest) -> Bool {
            guard request.method == .put else { return false }
            return self == .everyTransfer || ["4", "5"].contains { request.url.text.contains("blockNum=\($0)") }
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: Refused.allCases)
    func `an upload waits for a certificate that is refused, and goes on with the same id`(
        refused: Refused
    ) async throws {
        try await FaultBench.with(
            clips: 2, blocksEach: 6, { configuration, _ in configuration.tls = .generated }
        ) { bench in
            // It knows the system's authorities only.
            let stranger = try CurlTransport()
            bench.send(by: stranger) { refused.covers($0) }
            let failures = try await bench.submit()
            await stranger.close()
            #expect(failures.count == 2 && failures.allSatisfy { $0.kind == .temporary }, "\(failures)")
            #expect(failures.allSatisfy { $0.reason.contains("the host's certificate was not accepted") })
            let before = bench.service.requests
            #expect(!before.contains { $0.route == .delete })
            let sent = before.filter(\.isTransfer)
            #expect(sent.isEmpty == (refused == .everyTransfer), "no byte of what was refused")
            #expect(!sent.contains { ($0.block ?? 0) >= 4 })

            bench.send(by: nil) { _ in false }
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
            let log = bench.service.requests
            #expect(log.count { $0.route == .initialUpload } == 2, "no other id was asked for")
            #expect(log.count { $0.route == .block } == 2 * 6, "and no block sent twice")
            #expect(log.count { $0.route == .thumbnail } == 2 * 2, "what was left out is made up for")
        }
    }
}
