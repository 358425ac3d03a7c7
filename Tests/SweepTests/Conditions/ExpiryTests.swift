import Foundation
import LocalService
import Testing
import Transport

@testable import Pipeline

/// Upload addresses and tokens that expire on the way, and a service that stops reading.
@Suite(.serialized) struct ExpiryTests {
    /// The nth request of a kind is put off for so long.
    private static func pause(_ route: ServiceRoute, _ number: Int, seconds: Int) -> FaultPlan.Rule {
        var rule = FaultPlan.Rule([route], .answer(status: 503, retryAfter: .seconds(seconds)))
        rule.selection = .nth([number])
        return rule
    }

    @Test func `an upload whose address expires is refreshed by a look at the clip, and goes on`() async throws {
        try await FaultBench.with(
            clips: 2, blocksEach: 8, { configuration, _ in configuration.uriLifetime = .seconds(60) }
        ) {
            bench in
            // The 8th block is put off until all addresses have expired.
            bench.service.setFaults(FaultPlan([Self.pause(.block, 8, seconds: 100)]))
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
            let log = bench.service.requests
            #expect(log.contains { $0.route == .block && $0.status == 403 })
            #expect(log.contains { $0.route == .block && $0.status == 500 }, "while it is being refreshed")
            #expect(log.count { $0.route == .initialUpload } == 2, "no other id was asked for")
            #expect(RetryRules(exchanges: bench.witness.exchanges, log: log).breaches == [])
        }
    }

    @Test func `a token that expires during an upload is fetched again once for all, and nothing fails`() async throws {
        try await withExpiringTokens { bench in
            bench.take(
                tokensFrom: ConfiguredToken(
                    .command("echo >> fetched; sed -n $(wc -l < fetched)p list", folder: bench.folder.path)))
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
            let fetched = try Data(contentsOf: bench.folder.appending(path: "fetched")).count
            #expect(fetched == 2, "at the start, and once for all who were refused")
            let log = bench.service.requests
            #expect(log.contains { $0.route == .block && $0.status == 401 })
            #expect(RetryRules(exchanges: bench.witness.exchanges, log: log).breaches == [])
        }
    }

    @Test func `without a way to a fresh token the run says so, and goes on with a new one`() async throws {
        try await withExpiringTokens { bench in
            let file = bench.folder.appending(path: "token")
            func write(_ token: String) throws {
                try Data(token.utf8).write(to: file)
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            }
            try write("token-1")
            bench.take(tokensFrom: ConfiguredToken(.file(file.path)))
            let failures = try await bench.submit()
            // A clip may have been through by then.
            #expect(!failures.isEmpty && failures.allSatisfy { $0.kind == .notAllowed }, "\(failures)")
            let before = bench.service.requests
            // The last block of a clip is 201.
            let taken = before.count { $0.route == .block && [201, 202].contains($0.status) }
            #expect(taken > 0)

            try write("token-2")
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
            let after = bench.service.requests.dropFirst(before.count)
            #expect(after.count { $0.route == .block } == 3 * 8 - taken, "only what was missing")
            #expect(
                after.count { $0.route == .initialUpload } + before.count { $0.stored && $0.route == .initialUpload }
                    == 3)
        }
    }

    /// A service whose tokens `token-1`, `token-2`, ... are good for 60 s each, and whose 5th block is put off for 100 s.
    private func withExpiringTokens(
        _ body: (inout FaultBench) async throws -> Void
    ) async throws {
        let names = (1...5).map { "token-\($0)" }
        try await FaultBench.with(
            clips: 3, blocksEach: 8,
            { configuration, folder in
                configuration.tokensFile = try FaultBench.write(tokens: names, in: folder)
                configuration.tokenLifetime = .seconds(60)
            }
        ) { bench in
            try Data(names.joined(separator: "\n").utf8).write(to: bench.folder.appending(path: "list"))
            bench.service.setFaults(FaultPlan([Self.pause(.block, 5, seconds: 100)]))
            try await body(&bench)
        }
    }

    @Test func `a service that stops reading in the middle of a block is noticed, and the block goes up again`()
        async throws
    {
        // How long is decided on injected time in StallWatchTests; the bench has a shorter limit.
        #expect(CurlConfiguration().idleTimeout == .seconds(30))
        try await FaultBench.with(clips: 1, blocksEach: 4, blockSize: 2_000_000) { bench in
            var rule = FaultPlan.Rule([.block], .stall)
            rule.selection = .nth([2])
            bench.service.setFaults(FaultPlan([rule]))
            #expect(try await bench.submit() == [])
            let failures = bench.witness.exchanges.compactMap(\.failure)
            // Where the service's system takes the rest of the block by itself, it is the answer that does not come.
            let kind = "\(try #require(failures.first).kind)"
            #expect(["no byte moved for too long", "no answer came in time"].contains(kind))
            #expect(failures.count == 1)
            try bench.expectEachPublishedOnce()
            #expect(bench.service.requests.count { $0.route == .block } == 5)
        }
    }
}
