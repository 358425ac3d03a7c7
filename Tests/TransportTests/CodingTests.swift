import Foundation
import SystemIO
import Testing
import Transport

/// Answers that are compressed on their way.
@Suite(.timeLimit(.minutes(2))) struct CodingTests {
    private let server = Result { try WebServer.shared.get() }
    private static let text = Data(String(repeating: "compressed on its way ", count: 100).utf8)

    private func request(_ path: String) throws -> HTTPRequest {
        HTTPRequest(.get, try server.get().url(path))
    }

    @Test func `gzip is asked for and undone`() async throws {
        let transport = try CurlTransport(limits())
        let response = try await transport.perform(request("/zipped"))
        #expect(response.body == Self.text)
        #expect(response.headers["Content-Encoding"] == "gzip")
    }

    @Test func `what goes to a sink is asked for as it is stored`() async throws {
        let transport = try CurlTransport(limits())
        let received = Locked(Data())
        var request = try request("/zipped")
        request.destination = .sink { chunk, _ in received.withLock { $0.append(contentsOf: chunk) } }
        let response = try await transport.perform(request)
        #expect(response.headers["Content-Encoding"] == nil)
        #expect(received.withLock { $0 } == Self.text)
    }

    @Test func `a small answer that unfolds beyond the limit is broken off`() async throws {
        let error = try await failure(of: request("/zipped/bomb"), CurlTransport(limits()))
        guard case .responseTooLarge(limit: HTTPDestination.usualLimit) = error.kind else { throw error }
    }
}
