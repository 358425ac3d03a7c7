import SystemIO
import Testing

@testable import LocalService

/// Servers that end as soon as they have begun, many at once.
@Suite(.timeLimit(.minutes(2))) struct StoppingTests {
    /// Refuses everything.
    private struct Nothing: HTTPHandler {
        func handle(_ request: IncomingRequest) -> Handling { Handling { .answer(OutgoingResponse(status: 404)) } }
    }

    @Test func `a server that is stopped leaves its threads the time to let the socket go`() async throws {
        let settings = HTTPServer.Settings(
            host: "127.0.0.1", port: 0, idleTimeout: 30, clock: MovableClock(), tls: nil)
        let pool = BlockingPool("servers", width: 8)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await pool.run {
                        for _ in 0..<100 {
                            let server = try HTTPServer(settings, handler: Nothing())
                            // They wake the server's threads, which look at the listening socket then.
                            let callers = try (0..<4).map { _ in try RawConnection(port: server.port) }
                            server.stop(patience: .zero)
                            withExtendedLifetime(callers) {}
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
