import SystemIO
import Foundation
import TestSupport
import Testing
import Transport

@Suite struct RangeUploadTests {
    let server: WebServer
    let transport: CurlTransport

    init() throws {
        server = try WebServer.shared.get()
        transport = try CurlTransport()
    }

    @Test func `exactly the range goes up`() async throws {
        let source = MemorySource(Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 251) }))
        let range: Range<Int64> = 123_456..<987_654
        let request = HTTPRequest(.put, try server.url("/echo"), body: .range(source, range))
        let response = try await transport.perform(request)
        let echo = try JSONDecoder().decode(Echo.self, from: response.body)
        #expect(echo.length == range.count)
        let digest = try await run(
            "sha256sum", [], input: source.data[Int(range.lowerBound)..<Int(range.upperBound)])
        #expect(digest.outputText.hasPrefix(echo.sha256))
        #expect(source.offsets.first == range.lowerBound)
    }

    @Test func `an empty range is an empty body`() async throws {
        let request = HTTPRequest(.put, try server.url("/echo"), body: .range(MemorySource(Data()), 0..<0))
        let response = try await transport.perform(request)
        #expect(try JSONDecoder().decode(Echo.self, from: response.body).length == 0)
    }

    @Test func `a source that ends too early aborts, and the place is named`() async throws {
        let source = MemorySource(Data(count: 500_000))
        let request = HTTPRequest(.put, try server.url("/echo"), body: .range(source, 100..<2_000_100))
        let error = try await failure(of: request, transport)
        guard case .bodySource(let reason as BodyReadError) = error.kind else { throw error }
        #expect(reason == .endedEarly(offset: 500_000, expectedEnd: 2_000_100))
        #expect(
            "\(error)".contains(
                "the body could not be read: the file ends at byte 500000, 1500100 bytes too early"))
        #expect(error.mayHaveBeenSent)
    }

    @Test func `what a source throws aborts and comes back, and the service never has the whole body`()
        async throws
    {
        struct Changed: Error {}
        let before = try await count("/echo/changed")
        let source = MemorySource(Data(count: 2_000_000)) { offset in
            if offset > 1_000_000 { throw Changed() }
        }
        let request = HTTPRequest(.put, try server.url("/echo/changed"), body: .range(source, 0..<2_000_000))
        let error = try await failure(of: request, transport)
        guard case .bodySource(let reason) = error.kind else { throw error }
        #expect(reason is Changed)
        #expect(try await count("/echo/changed") == before + 1)
    }

    @Test func `a source that claims too much is refused`() async throws {
        struct Liar: ByteRangeSource {
            func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int {
                buffer.count + 1
            }
        }
        let request = HTTPRequest(.put, try server.url("/echo"), body: .range(Liar(), 0..<100))
        let error = try await failure(of: request, transport)
        guard case .bodySource(BodyReadError.readTooMuch) = error.kind else { throw error }
    }

    @Test
    func `a repeatable request is sent again on a new connection when the old one turns out to be dead`()
        async throws
    {
        var configuration = CurlConfiguration()
        configuration.connections = 1
        let transport = try CurlTransport(configuration)
        _ = try await transport.perform(HTTPRequest(.get, server.url("/last")))
        let source = MemorySource(Data("once more from the start".utf8))
        let request = HTTPRequest(.put, try server.url("/echo/again"), body: .range(source, 0..<24))
        let echo = try JSONDecoder().decode(Echo.self, from: try await transport.perform(request).body)
        #expect(echo.length == 24)
        #expect(try await count("/echo/again") == 2)
        #expect(source.offsets.filter { $0 == 0 }.count == 2)
    }

    @Test func `a request that must not be repeated goes out once, also when the connection turns out to be dead`()
        async throws
    {
        var configuration = CurlConfiguration()
        configuration.connections = 1
        let transport = try CurlTransport(configuration)
        _ = try await transport.perform(HTTPRequest(.get, server.url("/last")))
        let request = HTTPRequest(
            .post, try server.url("/echo/once"), body: .bytes(Data("x".utf8)), isRepeatable: false)
        #expect(try await failure(of: request, transport).mayHaveBeenSent)
        #expect(try await count("/echo/once") == 1)
    }

    /// How often the server was asked for a path.
    private func count(_ path: String) async throws -> Int {
        let response = try await CurlTransport().perform(HTTPRequest(.get, server.url("/count\(path)")))
        return try JSONDecoder().decode(Int.self, from: response.body)
    }
}

/// Bytes in memory that remember where they were read.
private final class MemorySource: ByteRangeSource {
    let data: Data
    private let check: @Sendable (Int64) throws -> Void
    private let reads = Locked<[Int64]>([])

    init(_ data: Data, check: @escaping @Sendable (Int64) throws -> Void = { _ in }) {
        self.data = data
        self.check = check
    }

    var offsets: [Int64] { reads.withLock { $0 } }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        reads.withLock { $0.append(offset) }
        try check(offset)
        guard offset < data.count else { return 0 }
        let end = min(data.count, Int(offset) + buffer.count)
        return data[Int(offset)..<end].copyBytes(to: buffer)
    }
}
