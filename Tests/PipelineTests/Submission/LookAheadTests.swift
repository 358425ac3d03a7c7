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
}
