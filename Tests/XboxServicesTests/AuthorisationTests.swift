import SystemIO
import ClipModel
import Foundation
import Testing
import Transport

@testable import XboxServices

@Suite struct AuthorisationTests {
    /// Numbered tokens, each fetched once the test lets it.
    private final class NumberedTokens: TokenSource {
        private let count = Locked(0)
        let mayFetch: @Sendable () async -> Void

        init(mayFetch: @escaping @Sendable () async -> Void = {}) {
            self.mayFetch = mayFetch
        }

        var fetched: Int { count.withLock { $0 } }

        func token(replacing stale: Token?) async throws -> Token {
            await mayFetch()
            let number = count.withLock { count in
                count += 1
                return count
            }
            guard let token = Token("token-\(number)") else { throw CancellationError() }
            return token
        }
    }

    private func get(_ bench: Bench) async throws -> WithUnknownFields<GameClip> {
        try await bench.clips.clip("id", scid: "0-70")
    }

    private static var good: ScriptedTransport.Answer {
        .status(200, [:], #"{"gameClip": {}}"#)
    }

    @Test func `after 401 a fresh token is used, once`() async throws {
        let tokens = NumberedTokens()
        let bench = try Bench(
            ScriptedTransport { request, _ in
                request.headers["Authorization"] == "Xauth=token-2" ? Self.good : .status(401)
            }, tokens: tokens)
        _ = try await get(bench)
        _ = try await get(bench)
        #expect(tokens.fetched == 2)
        #expect(bench.transport.requests.count == 3)
        #expect(bench.clock.sleeps.isEmpty)
    }

    @Test func `a second 401 is final`() async throws {
        let tokens = NumberedTokens()
        let bench = try Bench(ScriptedTransport(.status(401)), tokens: tokens)
        let failure = try await failure { try await get(bench) }
        #expect(failure.recovery == .notAllowed)
        #expect(failure.status == 401)
        #expect(tokens.fetched == 2)
        #expect(bench.transport.requests.count == 2)
    }

    @Test func `the initial request is made again after 401, which did nothing`() async throws {
        let bench = try Bench(
            ScriptedTransport(.status(401), .status(200, [:], #"{"gameClipId": "i", "uploadUri": "/u"}"#)),
            tokens: NumberedTokens())
        let request = InitialUploadRequest(dateRecorded: "", durationInSeconds: 1, fileSize: 1)
        _ = try await bench.clips.initiateUpload(scid: "s", WithUnknownFields(request))
        #expect(
            bench.transport.requests.map { $0.headers["Authorization"] } == [
                "Xauth=token-1", "Xauth=token-2",
            ])
    }

    @Test func `without another token the service is not asked again`() async throws {
        let bench = try Bench(.status(401))
        let failure = try await failure { try await get(bench) }
        #expect(failure.recovery == .notAllowed)
        #expect(bench.transport.requests.count == 1)
    }

    @Test(.timeLimit(.minutes(1))) func `one fresh token is fetched for all who wait`() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let refused = Locked(0)
        let tokens = NumberedTokens(mayFetch: {
            if refused.withLock({ $0 }) > 0 { for await _ in gate { break } }
        })
        let bench = try Bench(
            ScriptedTransport { request, _ in
                if request.headers["Authorization"] == "Xauth=token-2" { return Self.good }
                // The last of the ten lets the fetch end.
                if refused.withLock({
                    $0 += 1
                    return $0
                }) == 10 {
                    opener.yield()
                }
                return .status(401)
            }, tokens: tokens)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { _ = try await get(bench) } }
            try await group.waitForAll()
        }
        #expect(tokens.fetched == 2)
        #expect(bench.transport.requests.count == 20)
    }

    @Test(.timeLimit(.minutes(1))) func `a fetch is cancelled when everybody who waits for it is, and only then`()
        async throws
    {
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let cancelled = Locked(0)
        let cache = TokenCache(
            NumberedTokens(mayFetch: {
                beginning.yield()
                for await _ in gate { break }
                // A stream's end is what a task that was cancelled sees.
                if Task.isCancelled { cancelled.withLock { $0 += 1 } }
            }))
        var events = begun.makeAsyncIterator()
        let first = Task { try await cache.token() }
        _ = await events.next()
        let second = Task { try await cache.token() }
        while await cache.fetch?.waiting != 2 { await Task.yield() }
        first.cancel()
        while await cache.fetch?.waiting != 1 { await Task.yield() }
        #expect(cancelled.withLock { $0 } == 0)
        opener.yield()
        #expect(try await second.value == Token("token-1"))

        let third = Task { try await cache.token(otherThan: Token("token-1")) }
        _ = await events.next()
        third.cancel()
        _ = await third.result
        #expect(cancelled.withLock { $0 } == 1)
    }

    @Test func `a source that fails is named`() async throws {
        struct Broken: TokenSource {
            struct NoSuchFile: Error, CustomStringConvertible {
                var description: String { "token.txt is missing" }
            }
            func token(replacing stale: Token?) async throws -> Token { throw NoSuchFile() }
        }
        let bench = try Bench(ScriptedTransport(Self.good), tokens: Broken())
        let failure = try await failure { try await get(bench) }
        #expect("\(failure)".hasSuffix("no token: token.txt is missing; mend that, then run again"))
        #expect(failure.recovery == .notAllowed)
        #expect(bench.transport.requests.isEmpty)
    }

    @Test func `statistics and servers get the user hash as well`() async throws {
        let bench = try Bench(
            .status(200, [:], #"{"users": []}"#), .status(200, [:], #"{"fulfillmentState": "Queued"}"#))
        let stats = try #require(UserStatsClient(bench.session))
        _ = try await stats.batch(WithUnknownFields(StatisticsRequest(requestedusers: [1], requestedscids: [])))
        let compute = try #require(ComputeClient(bench.session))
        let answer = try await compute.requestCluster(
            titleID: 5, WithUnknownFields(ClusterRequest(sessionId: "/s", abortIfQueued: true)))
        #expect(answer.fulfillmentState == .queued)
        let sent = bench.transport.requests
        #expect(
            sent.map { $0.headers["Authorization"] }
                == Array(repeating: "XBL3.0 x=hash;\(Bench.token)", count: 2))
        #expect(sent[0].url.text == "http://127.0.0.1:8081/batch")
        #expect(sent[0].headers["X-RequestedServiceVersion"] == "1")
        #expect(sent[1].url.text == "http://127.0.0.1:8082/titles/5/clusters")
        #expect(sent[1].headers["x-xbl-contract-version"] == "1")
        #expect(!sent[1].isRepeatable)
    }

    @Test func `statistics without a user hash are refused before anything is sent`() async throws {
        let bench = try Bench(ScriptedTransport(Self.good), tokens: NumberedTokens())
        let stats = try #require(UserStatsClient(bench.session))
        let failure = try await failure {
            try await stats.batch(WithUnknownFields(StatisticsRequest(requestedusers: [], requestedscids: [])))
        }
        guard case .noUserHash = failure.kind else { throw failure }
        #expect(bench.transport.requests.isEmpty)
    }

    @Test func `a token never shows`() throws {
        let token = try #require(Token("very-secret-token", userHash: "hash"))
        var dumped = ""
        dump(token, to: &dumped)
        let session = try Bench(Self.good).session
        dump(session, to: &dumped)
        for text in ["\(token)", String(reflecting: token), dumped, "\(FixedToken(token))", "\([token: 1])"] {
            #expect(!text.contains("secret"))
        }
    }

    @Test(arguments: ["", "a b", "a\n", "a\r\nX: y", "ä", "a\0"])
    func `what no header can carry is no token`(text: String) {
        #expect(Token(text) == nil)
        #expect(Token("good", userHash: text) == nil)
    }
}
