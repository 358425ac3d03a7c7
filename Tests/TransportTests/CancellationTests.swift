import Foundation
import Testing
import Transport

@Suite struct CancellationTests {
    let server: WebServer

    init() throws {
        server = try WebServer.shared.get()
    }

    @Test func `cancelling the task ends a transfer that is under way`() async throws {
        let transport = try CurlTransport()
        let started = AsyncStream.makeStream(of: Void.self)
        var request = HTTPRequest(
            .put, try server.url("/never-answer/cancel"), body: .bytes(Data(count: 1000)))
        request.progress = { _ in started.continuation.yield() }
        let task = Task { [request] in try await failure(of: request, transport) }
        for await _ in started.stream { break }
        task.cancel()
        let error = try await task.value
        guard case .cancelled = error.kind else { throw error }
        #expect(error.mayHaveBeenSent)
    }

    @Test func `a request of a cancelled task is not sent`() async throws {
        let transport = try CurlTransport()
        let request = HTTPRequest(.get, try server.url("/echo/never"))
        let error = try await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await failure(of: request, transport)
        }.value
        guard case .cancelled = error.kind else { throw error }
        let count = try await transport.perform(HTTPRequest(.get, server.url("/count/echo/never")))
        #expect(count.body == Data("0".utf8))
    }

    @Test func `cancelling ends a request that waits for a connection`() async throws {
        var configuration = CurlConfiguration()
        configuration.connections = 1
        let transport = try CurlTransport(configuration)
        let started = AsyncStream.makeStream(of: Void.self)
        var first = HTTPRequest(.put, try server.url("/never-answer/busy"), body: .bytes(Data(count: 1000)))
        first.progress = { _ in started.continuation.yield() }
        let busy = Task { [first] in try await failure(of: first, transport) }
        for await _ in started.stream { break }
        let second = HTTPRequest(.get, try server.url("/echo/waiting"))
        let waiting = Task { try await failure(of: second, transport) }
        waiting.cancel()
        let error = try await waiting.value
        guard case .cancelled = error.kind else { throw error }
        #expect(!error.mayHaveBeenSent)
        busy.cancel()
        _ = try await busy.value
    }

    @Test func `closing ends what is under way and what comes later`() async throws {
        let transport = try CurlTransport()
        let started = AsyncStream.makeStream(of: Void.self)
        var request = HTTPRequest(
            .put, try server.url("/never-answer/close"), body: .bytes(Data(count: 1000)))
        request.progress = { _ in started.continuation.yield() }
        let task = Task { [request] in try await failure(of: request, transport) }
        for await _ in started.stream { break }
        await transport.close()
        let error = try await task.value
        guard case .closed = error.kind else { throw error }
        #expect(error.mayHaveBeenSent)

        let later = try await failure(of: HTTPRequest(.get, server.url("/echo")), transport)
        guard case .closed = later.kind else { throw later }
        #expect(!later.mayHaveBeenSent)
        await transport.close()
    }

    @Test func `a storm of cancellations leaves nothing waiting`() async throws {
        let transport = try CurlTransport()
        let url = try server.url("/echo/storm")
        await withTaskGroup { group in
            for number in 0..<300 {
                group.addTask {
                    let task = Task { try? await transport.perform(HTTPRequest(.get, url)) }
                    if number.isMultiple(of: 3) { await Task.yield() }
                    if !number.isMultiple(of: 2) { task.cancel() }
                    _ = await task.value
                }
            }
        }
        #expect(try await transport.perform(HTTPRequest(.get, url)).status == 200)
    }

    @Test func `a transport that is let go while it works ends by itself`() async throws {
        for _ in 0..<20 {
            let transport = try CurlTransport()
            #expect(try await transport.perform(HTTPRequest(.get, server.url("/echo"))).status == 200)
        }
    }
}
