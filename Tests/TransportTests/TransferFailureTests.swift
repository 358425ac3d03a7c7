import Foundation
import Glibc
import TestSupport
import Testing
import Transport

/// What happens when an answer does not come: which kind, and whether the request may have arrived.
@Suite struct TransferFailureTests {
    let server: WebServer

    init() throws {
        server = try WebServer.shared.get()
    }

    private func failure(
        _ path: String, body: HTTPBody = .bytes(Data("hello".utf8)),
        _ configuration: CurlConfiguration = limits()
    ) async throws -> TransportError {
        let request = HTTPRequest(.put, try server.url(path), body: body, isRepeatable: false)
        return try await TransportTests.failure(of: request, try CurlTransport(configuration))
    }

    @Test(arguments: ["/close-before-answer", "/reset", "/truncated"])
    func `a connection that ends before the answer does is lost, and the request may have arrived`(
        path: String
    ) async throws {
        let error = try await failure(path)
        guard case .connectionLost = error.kind else { throw error }
        #expect(error.mayHaveBeenSent)
        #expect(error.url == server.origin + path)
    }

    @Test func `a connection that ends in the middle of the body is lost`() async throws {
        let error = try await failure("/close-in-body", body: .bytes(Data(count: 50_000_000)))
        guard case .connectionLost = error.kind else { throw error }
        #expect(error.mayHaveBeenSent)
    }

    @Test func `an answer before the end of the body is taken`() async throws {
        let request = HTTPRequest(
            .put, try server.url("/refuse-early"), body: .bytes(Data(count: 50_000_000)))
        let response = try await CurlTransport().perform(request)
        #expect(response.status == 413)
    }

    @Test(arguments: ["2", "2%2C%202", "2/2", "02"])
    func `a length that is given more than once is taken`(lengths: String) async throws {
        let request = HTTPRequest(.get, try server.url("/lengths/\(lengths)"))
        #expect(try await CurlTransport(limits()).perform(request).body == Data("ok".utf8))
    }

    @Test(arguments: ["2%2C%203", "2/3", "3/2", "%2B2", "-2", "2x", "2%2C", "x", "99999999999999999999"])
    func `different lengths, or what is none, make no answer`(lengths: String) async throws {
        let error = try await failure("/lengths/\(lengths)", body: .none)
        guard case .malformedResponse = error.kind else { throw error }
    }

    @Test(arguments: ["/bad-header", "/not-http"])
    func `what is not HTTP is named so`(path: String) async throws {
        let error = try await failure(path)
        guard case .malformedResponse = error.kind else { throw error }
        #expect(error.mayHaveBeenSent)
    }

    @Test func `a head without end is refused`() async throws {
        let error = try await failure("/long-head")
        switch error.kind {
        case .responseTooLarge: break
        // Newer versions of libcurl have a limit of their own.
        case .connectionLost: break
        default: throw error
        }
    }

    @Test func `an answer that does not begin in time is given up`() async throws {
        let error = try await failure("/never-answer", limits(answer: .milliseconds(300)))
        guard case .timedOut(.answer) = error.kind else { throw error }
        #expect(error.mayHaveBeenSent)
    }

    @Test func `an answer that stops is given up after the time without a byte`() async throws {
        let error = try await failure("/stall-in-answer", limits(idle: .milliseconds(300)))
        guard case .timedOut(.idle) = error.kind else { throw error }
    }

    @Test func `a service that stops reading is given up after the time without a byte`() async throws {
        let error = try await failure(
            "/stop-reading?seconds=20", body: .bytes(Data(count: 50_000_000)),
            limits(idle: .milliseconds(300)))
        guard case .timedOut(.idle) = error.kind else { throw error }
        #expect(error.mayHaveBeenSent)
    }

    @Test func `a host that stops reading is noticed though the system has taken all of the block`() async throws {
        let begin = ContinuousClock.now
        let error = try await failure(
            "/stop-reading?seconds=60", body: .bytes(Data(count: 2_000_000)),
            limits(idle: .seconds(1), answer: .seconds(50)))
        guard case .timedOut(.idle) = error.kind else { throw error }
        #expect(ContinuousClock.now - begin < .seconds(45))
        #expect(error.mayHaveBeenSent)
    }

    @Test func `slow is not stalled`() async throws {
        // 12 bytes, 100 ms apart, take longer than the limit.
        let transport = try CurlTransport(limits(idle: .seconds(1)))
        let response = try await transport.perform(HTTPRequest(.get, server.url("/drip")))
        #expect(response.body == Data("drip by drip".utf8))
    }

    @Test(arguments: ["/drip", "/drip-head"])
    func `an answer whose body or head comes in drops is given up after its time`(path: String) async throws {
        var configuration = limits()
        configuration.wholeAnswerTimeout = .milliseconds(400)
        let error = try await TransportTests.failure(
            of: HTTPRequest(.get, server.url(path)), try CurlTransport(configuration))
        guard case .timedOut(.wholeAnswer) = error.kind else { throw error }
        #expect("\(error)".contains("too slowly"))
    }

    @Test func `so is one that goes to a file, unless enough of it comes each time`() async throws {
        var configuration = limits()
        configuration.wholeAnswerTimeout = .milliseconds(400)
        for (least, isWhole) in [(2, true), (1_000, false)] as [(Int64, Bool)] {
            configuration.leastBytes = least
            var request = HTTPRequest(.get, try server.url("/drip"))
            request.destination = .sink { _, _ in }
            let transport = try CurlTransport(configuration)
            if isWhole {
                #expect(try await transport.perform(request).status == 200)
            } else {
                let error = try await TransportTests.failure(of: request, transport)
                guard case .timedOut(.wholeAnswer) = error.kind else { throw error }
            }
        }
    }

    @Test func `nothing was sent where nobody listens`() async throws {
        let request = HTTPRequest(.get, try HTTPURL(parsing: "http://127.0.0.1:1/x?secret=1"))
        let error = try await TransportTests.failure(of: request, try CurlTransport())
        guard case .couldNotConnect = error.kind else { throw error }
        #expect(!error.mayHaveBeenSent)
        #expect(error.url == "http://127.0.0.1:1/x")
        #expect(!"\(error)".contains("secret"))
    }

    @Test func `nothing was sent to a name that does not exist`() async throws {
        let request = HTTPRequest(.get, try HTTPURL(parsing: "https://no-such-host.invalid/"))
        let error = try await TransportTests.failure(of: request, try CurlTransport())
        switch error.kind {
        case .couldNotResolve: break
        // A proxy of the environment resolves it, or fails to.
        case .couldNotConnect: break
        default: throw error
        }
        #expect(!error.mayHaveBeenSent)
    }

    @Test func `plain http to another machine is refused before anything is sent`() async throws {
        let request = HTTPRequest(.get, try HTTPURL(parsing: "http://192.0.2.1/x"))
        let error = try await TransportTests.failure(of: request, try CurlTransport())
        guard case .refusedInsecure = error.kind else { throw error }
        #expect(!error.mayHaveBeenSent)
        #expect("\(error)" == "http://192.0.2.1/x: plain http is allowed to this machine only")
    }

    @Test func `a header that would end its line is refused`() async throws {
        let request = HTTPRequest(.get, try server.url("/echo"), headers: ["X-One": "1\r\nX-Two: 2"])
        let error = try await TransportTests.failure(of: request, try CurlTransport())
        guard case .badHeader = error.kind else { throw error }
    }

    @Test func `connecting has its own limit`() async throws {
        // A full queue of connections that nobody accepts: the next one is never answered.
        let listener = try FullListener()
        let request = HTTPRequest(.get, try HTTPURL(parsing: "http://127.0.0.1:\(listener.port)/"))
        let error = try await TransportTests.failure(
            of: request, try CurlTransport(limits(connect: .milliseconds(300))))
        guard case .timedOut(.connect) = error.kind else { throw error }
        #expect(!error.mayHaveBeenSent)
    }
}

/// A socket that listens, never accepts, and has no room for another connection.
private final class FullListener {
    let port: Int
    private var sockets: [Int32] = []

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        sockets = [listener]
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            return bind(listener, pointer, length) == 0 && listen(listener, 0) == 0
                && getsockname(listener, pointer, &length) == 0
        }
        try #require(isListening)
        port = Int(UInt16(bigEndian: address.sin_port))
        for _ in 0..<4 {
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            sockets.append(client)
            _ = withUnsafeBytes(of: address) { bytes in
                connect(client, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, length)
            }
        }
    }

    deinit {
        for socket in sockets { close(socket) }
    }
}
