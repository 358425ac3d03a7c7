import ClipModel
import Foundation
import SystemIO
import TestSupport
import Testing
import Transport

@testable import XboxServices

/// A statistics service in a closure: knows users from 1 to 200, of whom each has `Wins` and `Kills`.
private final class StatisticsScript: Sendable {
    struct Request: Decodable, Sendable {
        struct Scid: Decodable { var scid: String, requestedstats: [String] }
        var requestedusers: [UInt64]
        var requestedscids: [Scid]
    }

    private let seen = Locked<[Request]>([])
    var requests: [Request] { seen.withLock { $0 } }

    /// - Parameter refuse: The status of a request that is refused.
    func transport(refuse: @escaping @Sendable (Request) -> Int? = { _ in nil }) -> ScriptedTransport {
        ScriptedTransport { [self] request, _ in
            guard case .bytes(let body) = request.body,
                let asked = try? JSONDecoder().decode(Request.self, from: body)
            else { return .status(400) }
            seen.withLock { $0.append(asked) }
            if let status = refuse(asked) {
                return .status(status, [:], #"{"code": \#(status == 404 ? 4100 : 4500), "description": "no"}"#)
            }
            // Backwards, for the order of an answer means nothing.
            let users = asked.requestedusers.reversed().filter { $0 <= 200 }.map { user -> String in
                let scids = asked.requestedscids.map { scid -> String in
                    let names = scid.requestedstats.filter { $0 == "Wins" || $0 == "Kills" }
                    let stats = names.map { name -> String in
                        let value = name == "Wins" ? "\(user)" : "\"\(user * 10)\""
                        return #"{"statname": "\#(name)", "type": "Integer", "value": \#(value)}"#
                    }
                    return #"{"scid": "\#(scid.scid)", "stats": [\#(stats.joined(separator: ","))]}"#
                }
                let xuid = user % 2 == 0 ? "\(user)" : "\"\(user)\""
                return #"{"gamertag": "P\#(user)", "xuid": \#(xuid), "scids": [\#(scids.joined(separator: ","))]}"#
            }
            return .status(200, [:], #"{"users": [\#(users.joined(separator: ","))]}"#)
        }
    }
}

@Suite struct UserStatsTests {
    private let script = StatisticsScript()

    private func query(_ users: [UInt64], _ names: [String], scids: [String] = ["a"]) -> StatisticsQuery {
        StatisticsQuery(users: users, scids: scids.map { .init(scid: $0, requestedstats: names) })
    }

    private func read(
        _ query: StatisticsQuery, size: BatchSize = BatchSize(),
        refuse: @escaping @Sendable (StatisticsScript.Request) -> Int? = { _ in nil }
    ) async throws -> [PlayerStatistic] {
        let bench = try Bench(script.transport(refuse: refuse))
        return try await #require(UserStatsClient(bench.session)).statistics(query, size: size)
    }

    @Test func `any number of users, service configurations and statistics come back in the order of the query`()
        async throws
    {
        let users = (1...7).map { UInt64($0) }
        let whole = try await read(query(users, ["Wins", "Kills"], scids: ["a", "b"]))
        #expect(script.requests.count == 1)
        #expect(whole.map(\.xuid) == users.flatMap { [$0, $0, $0, $0] })
        #expect(whole.prefix(4).map { "\($0.scid).\($0.name)" } == ["a.Wins", "a.Kills", "b.Wins", "b.Kills"])
        #expect(whole[1].outcome == .value("10", type: "Integer") && whole[0].gamertag == "P1")

        let divided = try await read(
            query(users, ["Wins", "Kills"], scids: ["a", "b"]), size: BatchSize(users: 3, statistics: 3))
        #expect(divided == whole)
        let requests = script.requests.dropFirst()
        #expect(requests.map(\.requestedusers.count) == [3, 3, 3, 3, 1, 1])
        #expect(
            requests.map { $0.requestedscids.map(\.requestedstats.count) } == [
                [2, 1], [1], [2, 1], [1], [2, 1], [1],
            ])
    }

    @Test func `what is asked for twice is asked for once`() async throws {
        let found = try await read(query([5, 5], ["Wins", "Wins"], scids: ["a", "a"]))
        #expect(found.count == 1)
        #expect(script.requests.first?.requestedscids.first?.requestedstats == ["Wins"])
    }

    @Test func `an unknown user, a missing statistic and a restricted one can be told apart`() async throws {
        let found = try await read(query([1, 999, 2], ["Wins", "Deaths", "Secret"])) { request in
            request.requestedscids.contains { $0.requestedstats.contains("Secret") } ? 403 : nil
        }
        let outcomes = Dictionary(uniqueKeysWithValues: found.map { ("\($0.xuid).\($0.name)", $0.outcome) })
        #expect(outcomes["1.Wins"] == .value("1", type: "Integer"))
        #expect(outcomes["1.Deaths"] == .missing(.noStatistic))
        #expect(outcomes["2.Secret"] == .missing(.restricted))
        #expect(outcomes["999.Wins"] == .missing(.unknownUser))
        #expect(found.count == 9)
    }

    @Test func `a request that one user makes fail is divided until it is clear who it is`() async throws {
        let found = try await read(query((1...40).map { UInt64($0) }, ["Wins", "Kills"])) { request in
            request.requestedusers.contains(23) ? 404 : nil
        }
        #expect(found.filter { $0.outcome == .missing(.unknownUser) }.map(\.xuid) == [23, 23])
        #expect(found.count == 80 && script.requests.count <= 13)
    }

    @Test func `a caller who may not ask at all is told so, soon`() async throws {
        let failure = try await failure {
            try await read(query((1...100).map { UInt64($0) }, ["Wins", "Kills"])) { _ in 403 }
        }
        #expect(failure.recovery == .notAllowed && failure.status == 403)
        #expect(script.requests.count == 32)
        let one = try await refusal(403)
        #expect(one.recovery == .notAllowed)
        #expect(try await refusal(401).recovery == .notAllowed)
    }

    @Test(arguments: [8, 15])
    func `whoever is allowed is found, however many before them are not`(restricted: UInt64) async throws {
        let found = try await read(query((1...16).map { UInt64($0) }, ["Wins"])) { request in
            request.requestedusers.contains { $0 <= restricted } ? 403 : nil
        }
        #expect(found.count == 16)
        for one in found {
            #expect(
                one.outcome
                    == (one.xuid <= restricted ? .missing(.restricted) : .value("\(one.xuid)", type: "Integer")))
        }
    }

    private func refusal(_ status: Int) async throws -> ServiceFailure {
        try await failure { try await read(query([1], ["Wins"])) { _ in status } }
    }

    @Test func `a wrong address is no unknown user`() async throws {
        let bench = try Bench(.status(404))
        let client = try #require(UserStatsClient(bench.session))
        let failure = try await failure { try await client.statistics(query([1, 2], ["Wins"])) }
        #expect(failure.status == 404 && failure.recovery == .giveUp && bench.transport.requests.count == 3)
    }

    @Test func `it is tried again like a read`() async throws {
        let body = #"{"users": []}"#
        let bench = try Bench(.lost(.connectionLost, sent: true), .status(500), .status(200, [:], body))
        let client = try #require(UserStatsClient(bench.session))
        #expect(try await client.statistics(query([1], ["Wins"])).map(\.outcome) == [.missing(.unknownUser)])
        let sent = bench.transport.requests
        #expect(sent.count == 3 && sent.allSatisfy { $0.method == .post })
        #expect(sent[0].url.text == "http://127.0.0.1:8081/batch")
        #expect(sent[0].headers["Authorization"] == "XBL3.0 x=hash;very-secret-token")
        #expect(sent[0].headers["X-RequestedServiceVersion"] == "1")
    }

    @Test func `it keeps to 100 requests in 15 s and 300 in 300 s by itself`() async throws {
        let clock = ManualClock(movesByItself: true)
        let times = Locked<[Duration]>([])
        let bench = try Bench(
            ScriptedTransport { _, _ in
                times.withLock { $0.append(clock.now.offset) }
                return .status(200, [:], #"{"users": []}"#)
            }, clock: clock)
        let users = (1...350).map { UInt64($0) }
        _ = try await #require(UserStatsClient(bench.session)).statistics(
            query(users, ["Wins"]), size: BatchSize(users: 1, statistics: 1))
        let all = times.withLock { $0 }
        #expect(all.count == 350)
        for (limit, window) in [(100, Duration.seconds(15)), (300, .seconds(300))] {
            let worst = all.indices.map { start in all[start...].count { $0 < all[start] + window } }.max()
            #expect(worst == limit)
        }
    }
}
