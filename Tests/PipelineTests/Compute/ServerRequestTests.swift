import ClipModel
import Foundation
import Journal
import SystemIO
import TestSupport
import Testing
import Transport
import XboxServices

@testable import Pipeline

/// The jitter of the back-off at its upper end.
private struct LongestWaits: RandomNumberGenerator {
    mutating func next() -> UInt64 { .max }
}

/// Point 5: each ends as the pipeline file says, never with two allocations.
@Suite struct ServerRequestTests {
    private static let session = "/serviceconfigs/s/sessiontemplates/raid/session/one"
    private let clock = ManualClock(movesByItself: true)

    private func options(_ change: (inout ComputeOptions) -> Void = { _ in }) -> ComputeOptions {
        var options = ComputeOptions(session: Self.session, titleID: 7)
        change(&options)
        return options
    }

    /// One run against `servers`, remembered in `folder`.
    private func run(
        _ servers: GameServers, in folder: URL, _ options: ComputeOptions? = nil, hook: String? = nil,
        notices: Locked<[String]> = Locked([])
    ) async throws -> ServerOutcome {
        var settings = ServiceSettings()
        settings.clock = clock
        settings.random = LongestWaits()
        let endpoint = try HTTPURL(parsing: "http://127.0.0.1:8080")
        let session = try ServiceSession(
            ServiceEndpoints(metadata: endpoint, compute: endpoint), transport: servers,
            tokens: FixedToken(try #require(Token("token", userHash: "hash"))), settings: settings)
        let journal = try Journal(path: folder.appending(path: "journal.db").path, service: "s")
        return await ServerRequest(
            options ?? self.options(), client: try #require(ComputeClient(session)), journal: journal,
            hook: hook.map { ComputeHook(line: $0) },
            stop: StopSignal(), clock: clock, notice: { text in notices.withLock { $0.append(text) } }
        ).run()
    }

    private func expectFulfilled(_ outcome: ServerOutcome, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(outcome.failure == nil, sourceLocation: sourceLocation)
        let report = outcome.report
        #expect(report.state == .fulfilled && report.hostName == "h.example", sourceLocation: sourceLocation)
        #expect(report.region == "North" && report.titleId == 7, sourceLocation: sourceLocation)
        #expect(
            report.ports == [.init(name: "Game-UDP", internal: 10_100, external: 30_001)],
            sourceLocation: sourceLocation)
    }

    @Test func `fulfilled at once, and a second run asks for nothing`() async throws {
        try await withTemporaryFolder { folder in
            let servers = GameServers("Fulfilled")
            expectFulfilled(try await run(servers, in: folder))
            #expect(servers.requests == ["GET", "POST", "GET"] && clock.sleeps == [])
            #expect(servers.aborts == [false])
            expectFulfilled(try await run(servers, in: folder))
            #expect(servers.requests.count == 3 && servers.allocations == 1)
        }
    }

    @Test func `queued, then fulfilled: it is asked as often as the service says`() async throws {
        try await withTemporaryFolder { folder in
            let servers = GameServers("Queued", then: "Queued", "Queued", "Fulfilled")
            expectFulfilled(try await run(servers, in: folder))
            #expect(servers.requests == ["GET", "POST", "GET", "GET", "GET"])
            #expect(clock.sleeps == [.seconds(2), .seconds(2), .seconds(2)])
            #expect(servers.allocations == 1)
        }
    }

    @Test(arguments: [ComputeOptions.Otherwise.fail, .continue])
    func `queued, then aborted: what the pipeline says, and another run asks again`(
        otherwise: ComputeOptions.Otherwise
    ) async throws {
        try await withTemporaryFolder { folder in
            let servers = GameServers("Queued", then: "Queued", "Aborted")
            let wish = options { $0.whenAborted = otherwise }
            let outcome = try await run(servers, in: folder, wish)
            #expect(outcome.report.state == .aborted && outcome.report.reason?.contains("aborted") == true)
            #expect(outcome.failure?.kind == (otherwise == .fail ? .temporary : nil))
            #expect(servers.allocations == 1)
            _ = try await run(servers, in: folder, wish)
            #expect(servers.allocations == 2, "the first is no more")
        }
    }

    @Test func `abort: the service is told so, and aborts at once`() async throws {
        try await withTemporaryFolder { folder in
            let servers = GameServers("Aborted")
            let outcome = try await run(servers, in: folder, options { $0.ifQueued = .abort })
            #expect(servers.aborts == [true] && servers.requests == ["GET", "POST"])
            #expect(outcome.report.state == .aborted && outcome.failure?.kind == .temporary)
        }
    }

    @Test func `skip: it goes on while the request is queued, and a later run finds the instance`() async throws {
        try await withTemporaryFolder { folder in
            let servers = GameServers("Queued", then: "Queued", "Fulfilled")
            let skip = options { $0.ifQueued = .skip }
            let outcome = try await run(servers, in: folder, skip)
            #expect(outcome.report.state == .queued && outcome.failure == nil && clock.sleeps == [])
            #expect(try await run(servers, in: folder, skip).report.state == .queued)
            expectFulfilled(try await run(servers, in: folder, skip))
            #expect(servers.allocations == 1)
        }
    }

    @Test(arguments: [ComputeOptions.Otherwise.fail, .continue])
    func `never fulfilled within the time-out: what the pipeline says, and another run waits on`(
        otherwise: ComputeOptions.Otherwise
    ) async throws {
        try await withTemporaryFolder { folder in
            let servers = GameServers("Queued")
            let wish = options {
                $0.timeout = .seconds(9)
                $0.whenTimedOut = otherwise
            }
            let outcome = try await run(servers, in: folder, wish)
            #expect(clock.sleeps.reduce(.zero, +) == .seconds(9))
            #expect(outcome.report.state == .queued && outcome.report.reason?.contains("9.0 seconds") == true)
            #expect(outcome.failure?.kind == (otherwise == .fail ? .temporary : nil))
            _ = try await run(servers, in: folder, wish)
            #expect(servers.allocations == 1)
        }
    }

    @Test(
        arguments: [
            .lostAnswer, .lostRequest, .refusedAfterwards(503), .refusedAfterwards(500), .refused(503), .refused(408),
            .refused(502), .refused(504), .refused(429),
        ] as [GameServers.Fate])
    func `an answer that is lost never leads to a second instance`(fate: GameServers.Fate) async throws {
        try await withTemporaryFolder { folder in
            let servers = GameServers("Queued", then: "Fulfilled") { number, _ in number == 1 ? fate : .answered }
            expectFulfilled(try await run(servers, in: folder))
            #expect(servers.allocations == 1)
        }
    }

    @Test func `a lost request that shows late is found before another is sent`() async throws {
        try await withTemporaryFolder { folder in
            // Not before it could have been looked for three times in two seconds.
            let servers = GameServers("Queued", then: "Fulfilled", delay: .milliseconds(2_100), clock: clock) {
                number, _ in number == 1 ? .lostAnswer : .answered
            }
            expectFulfilled(try await run(servers, in: folder))
            #expect(servers.allocations == 1 && servers.requests.count { $0 == "POST" } == 1)
        }
    }

    @Test(arguments: [Duration.seconds(1), .seconds(3)])
    func `a run that was killed just after the answer leaves a request that may show late`(
        delay: Duration
    ) async throws {
        try await withTemporaryFolder { folder in
            let servers = GameServers("Queued", then: "Fulfilled", delay: delay, clock: clock)
            // Skips: it has the answer, and asks for nothing more.
            _ = try await run(servers, in: folder, options { $0.ifQueued = .skip })
            let next = try await run(servers, in: folder)
            if delay <= .seconds(2) {
                expectFulfilled(next)
            } else {
                #expect(next.report.state == .aborted && next.failure?.kind == .temporary)
                expectFulfilled(try await run(servers, in: folder))
            }
            #expect(servers.allocations == 1)
        }
    }

    @Test(arguments: [(400, ClipFailure.Kind.permanent), (403, .notAllowed), (401, .notAllowed), (501, .temporary)])
    func `what may not be tried again is not`(status: Int, kind: ClipFailure.Kind) async throws {
        try await withTemporaryFolder { folder in
            let servers = GameServers("Fulfilled") { _, method in method == "POST" ? .refused(status) : .answered }
            let outcome = try await run(servers, in: folder)
            #expect(outcome.failure?.kind == kind && outcome.report.state == .unknown)
            #expect(servers.requests.count { $0 == "POST" } == 1 && servers.allocations == 0)
        }
    }

    @Test func `a service that is down for long is left for another run`() async throws {
        try await withTemporaryFolder { folder in
            let servers = GameServers("Fulfilled") { _, method in method == "POST" ? .refused(503) : .answered }
            let outcome = try await run(servers, in: folder)
            #expect(outcome.failure?.kind == .temporary && servers.allocations == 0)
            #expect(clock.now.offset <= .seconds(16 * 60))
        }
    }

    @Test(arguments: 0..<6, [true, false])
    func `killed at any request, another run completes it with one instance`(
        step: Int, carriedOut: Bool
    ) async throws {
        try await withTemporaryFolder { folder in
            let servers = GameServers("Queued", then: "Queued", "Queued", "Fulfilled") { number, _ in
                number == step ? .killed(carriedOut: carriedOut) : .answered
            }
            let first = try await run(servers, in: folder)
            #expect(servers.isDead ? first.failure?.kind == .interrupted : first.failure == nil)
            servers.revive()
            expectFulfilled(try await run(servers, in: folder))
            #expect(servers.allocations == 1)
        }
    }

    @Test func `a request that is gone is told so, and another run asks again`() async throws {
        try await withTemporaryFolder { folder in
            let servers = GameServers("Queued", then: "Queued", "Gone")
            _ = try await run(servers, in: folder, options { $0.timeout = .zero })
            _ = try await run(servers, in: folder, options { $0.timeout = .zero })
            let outcome = try await run(servers, in: folder, options { $0.timeout = .zero })
            #expect(outcome.report.state == .aborted && outcome.report.reason?.contains("has ended") == true)
            #expect(outcome.failure?.kind == .temporary && servers.allocations == 1)
            _ = try await run(servers, in: folder, options { $0.timeout = .zero })
            #expect(servers.allocations == 2)
        }
    }

    @Test func `another machine finds the instance that a lost journal knew of`() async throws {
        try await withTemporaryFolder { folder in
            let servers = GameServers("Fulfilled")
            _ = try await run(servers, in: folder)
            try FileManager.default.removeItem(at: folder.appending(path: "journal.db"))
            expectFulfilled(try await run(servers, in: folder))
            #expect(servers.allocations == 1)
        }
    }

    @Test func `the hook is told in its environment and on its input, once; one that fails is run again`() async throws
    {
        try await withTemporaryFolder { folder in
            let servers = GameServers("Fulfilled")
            let facts = folder.appending(path: "facts.json").path
            let failing = try await run(servers, in: folder, hook: "exit 3")
            #expect(failing.failure?.kind == .temporary)
            #expect(failing.failure?.reason.contains("(exit 3) ended with exit code 3") == true)
            let notices = Locked<[String]>([])
            let hook =
                "cat >> \(facts); echo $CLIPSHIP_TITLE_ID $CLIPSHIP_HOST_NAME $CLIPSHIP_REGION $CLIPSHIP_PORT_GAME_UDP"
            let outcome = try await run(servers, in: folder, hook: hook, notices: notices)
            expectFulfilled(outcome)
            #expect(notices.withLock { $0.last } == "afterCompute: 7 h.example North 30001")
            let told = try JSONDecoder().decode(ServerReport.self, from: Data(contentsOf: URL(filePath: facts)))
            #expect(told == outcome.report && told.sessionId == Self.session)
            expectFulfilled(try await run(servers, in: folder, hook: hook))
            #expect(servers.allocations == 1 && servers.requests.count == 3)
            _ = try JSONDecoder().decode(ServerReport.self, from: Data(contentsOf: URL(filePath: facts)))
        }
    }
}
