import SystemIO
import Foundation
import TestSupport
import Testing
import Transport

@Suite struct CurlTransportTests {
    let server: WebServer
    let transport: CurlTransport

    init() throws {
        server = try WebServer.shared.get()
        transport = try CurlTransport()
    }

    private func echo(_ request: HTTPRequest) async throws -> Echo {
        let response = try await transport.perform(request)
        #expect(response.status == 200)
        return try JSONDecoder().decode(Echo.self, from: response.body)
    }

    @Test func `method, target and headers arrive as given`() async throws {
        let echo = try await echo(
            HTTPRequest(.get, server.url("/echo/a%2Fb?x=1&y=%20"), headers: ["X-One": "1", "X-Empty": ""]))
        #expect(echo.method == "GET")
        #expect(echo.target == "/echo/a%2Fb?x=1&y=%20")
        #expect(echo.values("X-One") == ["1"])
        #expect(echo.values("X-Empty") == [""])
        #expect(echo.values("User-Agent") == ["clipship"])
        #expect(echo.length == 0)
    }

    @Test(arguments: [HTTPMethod.post, .put])
    func `bytes go up whole, without asking first`(method: HTTPMethod) async throws {
        let echo = try await echo(HTTPRequest(method, server.url("/echo"), body: .bytes(Data("hello".utf8))))
        #expect(echo.method == method.rawValue)
        #expect(echo.sha256 == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
        #expect(echo.values("Content-Length") == ["5"])
        #expect(echo.values("Expect") == [])
        #expect(echo.values("Transfer-Encoding") == [])
    }

    @Test(arguments: [(HTTPMethod.post, ["0"]), (.put, ["0"]), (.delete, [])])
    func `without a body the length is 0 where one is expected`(method: HTTPMethod, length: [String])
        async throws
    {
        let echo = try await echo(HTTPRequest(method, server.url("/echo")))
        #expect(echo.method == method.rawValue)
        #expect(echo.values("Content-Length") == length)
    }

    @Test func `HEAD has no body to wait for`() async throws {
        let response = try await transport.perform(HTTPRequest(.head, server.url("/zeros/1000")))
        #expect(response.status == 200)
        #expect(response.headers["content-length"] == "1000")
        #expect(response.body.isEmpty)
    }

    @Test(arguments: [200, 202, 204, 301, 307, 404, 429, 500, 503])
    func `every status is an answer, and redirects are not followed`(status: Int) async throws {
        let url = try server.url("/status/\(status)?Retry-After=7&Location=/echo")
        let response = try await transport.perform(HTTPRequest(.get, url))
        #expect(response.status == status)
        #expect(response.headers["RETRY-AFTER"] == "7")
    }

    @Test func `interim answers are skipped and repeated fields kept in order`() async throws {
        let response = try await transport.perform(HTTPRequest(.get, server.url("/early-hints")))
        #expect(response.status == 200)
        #expect(response.body == Data("after the hints".utf8))
        #expect(response.headers["Link"] == nil)
        #expect(response.headers.fields.filter { $0.name == "Set-Cookie" }.map(\.value) == ["a=1", "b=2"])
    }

    @Test func `a chunked answer is put together`() async throws {
        let response = try await transport.perform(HTTPRequest(.get, server.url("/chunked")))
        #expect(response.body == Data("one two three".utf8))
    }

    @Test func `an answer of the size of the limit passes, a byte more does not`() async throws {
        var request = HTTPRequest(.get, try server.url("/zeros/100000"))
        request.destination = .memory(limit: 100_000)
        #expect(try await transport.perform(request).body.count == 100_000)
        request.destination = .memory(limit: 99_999)
        let error = try await failure(of: request, transport)
        guard case .responseTooLarge(limit: 99_999) = error.kind else { throw error }
    }

    @Test func `a sink gets a success piece by piece, the body of an error stays in the answer`() async throws {
        let count = Locked(0)
        var request = HTTPRequest(.get, try server.url("/zeros/3000000"))
        request.destination = .sink { chunk, head in
            #expect(head.status == 200)
            count.withLock { $0 += chunk.count }
        }
        let response = try await transport.perform(request)
        #expect(count.withLock { $0 } == 3_000_000)
        #expect(response.body.isEmpty)

        request.url = try server.url("/refuse-early")
        let refused = try await transport.perform(request)
        #expect(refused.status == 413)
        #expect(refused.body == Data("too large".utf8))
    }

    @Test func `what a sink throws comes back`() async throws {
        struct DiskFull: Error {}
        var request = HTTPRequest(.get, try server.url("/zeros/3000000"))
        request.destination = .sink { _, _ in throw DiskFull() }
        let error = try await failure(of: request, transport)
        guard case .sink(let reason) = error.kind else { throw error }
        #expect(reason is DiskFull)
    }

    @Test func `many requests share the connections and all are answered`() async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                group.addTask { try await echo(HTTPRequest(.get, server.url("/echo/\(number)"))).target }
            }
            var targets: Set<String> = []
            for try await target in group { targets.insert(target) }
            #expect(targets.count == 200)
        }
    }

    @Test(.timeLimit(.minutes(3))) func `connections that are opened ahead are those that requests go out on`()
        async throws
    {
        let server = try WebServer()
        var configuration = limits()
        (configuration.aheadTimeout, configuration.restLimit) = (.seconds(60), .seconds(60))
        let transport = try CurlTransport(configuration)
        // On a busy machine one would be done before the last is opened. This one is the first, and stays idle.
        _ = try await transport.perform(HTTPRequest(.get, server.url("/gather/5")))
        await transport.open(5, to: try server.url("/").origin)
        try await withThrowingTaskGroup { group in
            for _ in 0..<3 { group.addTask { try await transport.perform(HTTPRequest(.get, server.url("/echo"))) } }
            try await group.waitForAll()
        }
        let once = HTTPRequest(.post, try server.url("/echo"), body: .bytes(Data("x".utf8)), isRepeatable: false)
        #expect(try await transport.perform(once).status == 200)
        let count = try await transport.perform(HTTPRequest(.get, server.url("/connections")))
        #expect(try JSONDecoder().decode(Int.self, from: count.body) == 6)
    }

    @Test(.timeLimit(.minutes(2))) func `a host that does not answer is not waited for`() async throws {
        // It waits for a request in plain text, and we for its side of the handshake.
        let silent = try WebServer()
        let secure = silent.origin.replacing("http:", with: "https:")
        let patient = try CurlTransport(limits(connect: .seconds(600), answer: .seconds(600)))
        await patient.open(2, to: try HTTPURL(parsing: secure).origin)
    }

    @Test func `progress grows up to the whole body`() async throws {
        let steps = Locked<[Int64]>([])
        var request = HTTPRequest(.put, try server.url("/sink"), body: .bytes(Data(count: 20_000_000)))
        request.progress = { sent in steps.withLock { $0.append(sent) } }
        #expect(try await transport.perform(request).status == 200)
        let seen = steps.withLock { $0 }
        #expect(seen.last == 20_000_000)
        #expect(seen == seen.sorted())
        #expect(Set(seen).count == seen.count)
    }
}
