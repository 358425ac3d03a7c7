import Foundation
import Journal
import SystemIO
import TestSupport
import Testing
import Transport

@testable import Pipeline
@testable import XboxServices

/// A service without clips.
private struct EmptyList: HTTPTransport {
    /// The paths that are asked for.
    let asked: AsyncStream<String>.Continuation

    func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        asked.yield(request.url.text)
        return HTTPResponse(status: 200, headers: [:], body: Data(#"{"gameClips": [], "pagingInfo": {}}"#.utf8))
    }
}

/// A service that does not answer.
private final class Silence: HTTPTransport {
    let asked: AsyncStream<Void>.Continuation
    private let over = Locked(false)
    var isOver: Bool { over.withLock { $0 } }

    init(_ asked: AsyncStream<Void>.Continuation) {
        self.asked = asked
    }

    func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        asked.yield()
        // Until it is cancelled.
        for await _ in AsyncStream<Void>.makeStream().stream {}
        over.withLock { $0 = true }
        throw TransportError(.cancelled, url: request.url.withoutQuery, mayHaveBeenSent: true)
    }
}

@Suite(.timeLimit(.minutes(2))) struct LookAheadTests {
    @Test(
        arguments: [("https://clips.example", ["one", "other"]), ("http://127.0.0.1:8080", [])]
            as [(String, Set<String>)])
    func `what a distant service has is asked for while the first clip is prepared, and once`(
        address: String, expected: Set<String>
    ) async throws {
        try await withTemporaryFolder { folder in
            let (requests, asked) = AsyncStream.makeStream(of: String.self)
            let target = try ServiceTarget(localAt: address, token: try #require(Token("token")))
            let submission = try Submission(
                to: target, journal: try Journal(path: folder.appending(path: "journal.db").path, service: "s"),
                options: SubmitOptions(), stop: StopSignal(), observer: Unobserved(), requests: nil,
                connection: ServiceLink.Connection(transport: EmptyList(asked: asked)))
            for scid in ["one", "one", "other"] { await submission.lookAhead(scid) }
            var seen: [String] = []
            var incoming = requests.makeAsyncIterator()
            while seen.count < expected.count, let url = await incoming.next() { seen.append(url) }
            #expect(Set(seen.compactMap { $0.split(separator: "/").dropLast().last.map(String.init) }) == expected)
            await submission.close()
            asked.finish()
            #expect(await incoming.next() == nil, "no more than these")
        }
    }

    @Test func `a list that nobody has waited for ends with the run`() async throws {
        try await withTemporaryFolder { folder in
            let (requests, asked) = AsyncStream.makeStream(of: Void.self)
            let silence = Silence(asked)
            let submission = try Submission(
                to: try ServiceTarget(localAt: "https://clips.example", token: try #require(Token("token"))),
                journal: try Journal(path: folder.appending(path: "journal.db").path, service: "s"),
                options: SubmitOptions(), stop: StopSignal(), observer: Unobserved(), requests: nil,
                connection: ServiceLink.Connection(transport: silence))
            await submission.lookAhead("one")
            for await _ in requests { break }
            await submission.close()
            #expect(silence.isOver)
        }
    }
}
