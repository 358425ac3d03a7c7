import Foundation
import SystemIO
import TestSupport
import Testing

@testable import Transport

/// The limit for all bodies that go up together.
@Suite struct UploadLimitTests {
    @Test func `bodies that go up together take at least the time that the limit leaves them`() async throws {
        let server = try WebServer.shared.get()
        var configuration = limits()
        configuration.connections = 3
        configuration.uploadLimit = { 600_000 }
        let transport = try CurlTransport(configuration)
        let body = Data(repeating: 7, count: 200_000)
        let begin = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    let answer = try await transport.perform(
                        HTTPRequest(.put, try server.url("/echo"), body: .bytes(body)))
                    #expect(answer.status == 200)
                }
            }
            try await group.waitForAll()
        }
        // One second for all, but for the first pieces, which go at once. A busy machine only takes longer.
        #expect(ContinuousClock.now - begin > .milliseconds(850))
        await transport.close()
    }

    @Test func `a limit is asked for once a second, and one that is lifted holds nobody back`() {
        let asked = Locked(0)
        var limit = UploadLimit {
            asked.withLock { count in
                count += 1
                return count == 1 ? 1_000_000 : nil
            }
        }
        for milliseconds in stride(from: 0, to: 1000, by: 10) { limit.renew(at: .milliseconds(milliseconds)) }
        #expect(asked.withLock { $0 } == 1)
        var configuration = CurlConfiguration()
        configuration.connections = 2
        #expect(limit.applied(to: configuration).uploadBuffer == 31_250)
        limit.renew(at: .milliseconds(1000))
        #expect(asked.withLock { $0 } == 2)
        #expect(limit.applied(to: configuration).uploadBuffer == configuration.uploadBuffer)
        #expect(limit.validity == .seconds(1))
        #expect(UploadLimit(nil).validity > .seconds(10))
    }
}
