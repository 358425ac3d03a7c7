import ClipModel
import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct StatisticsCallTests {
    static let table = """
        users:
          - xuid: 1234567890123460
            gamertag: WarriorSaint
            scids:
              \(Harness.scid):
                Wins: 12
                Accuracy: 0.75
                Rank: Gold
                LastPlayed: {type: DateTime, value: "2025-11-08T20:15:00Z"}
              c402ff50-3e76-11e2-a25f-0800200c1212: {Wins: 3}
          - {xuid: "1234567890123234", gamertag: TigerShark}
        restricted:
          \(Harness.scid): [Income]
        """

    private func run(
        _ more: String = "", _ configure: (inout LocalService.Configuration) throws -> Void = { _ in },
        _ body: (Harness) async throws -> Void
    ) async throws {
        try await Harness.run {
            $0.statistics = try StatisticsTable(parsing: Array("\(Self.table)\n\(more)".utf8), name: "stats")
            try configure(&$0)
        } _: { harness in
            try await body(harness)
        }
    }

    @Test func `POST batch gives the statistics of several users in several service configurations`() async throws {
        try await run { harness in
            let answer = try await harness.post(
                "/batch",
                [
                    "requestedusers": [1_234_567_890_123_460, 1_234_567_890_123_234],
                    "requestedscids": [
                        [
                            "scid": Harness.scid,
                            "requestedstats": ["Wins", "Accuracy", "Rank", "LastPlayed", "Losses"],
                        ],
                        ["scid": "C402FF50-3e76-11e2-a25f-0800200c1212", "requestedstats": ["wins"]],
                    ],
                ])
            expect(answer, is: 200)
            #expect(
                answer.text == """
                    {"users":[{"gamertag":"WarriorSaint","scids":[{"scid":"\(Harness.scid)","stats":[\
                    {"statname":"Wins","type":"Integer","value":12},{"statname":"Accuracy","type":"Double","value":0.75},\
                    {"statname":"Rank","type":"String","value":"Gold"},\
                    {"statname":"LastPlayed","type":"DateTime","value":"2025-11-08T20:15:00Z"}]},\
                    {"scid":"C402FF50-3e76-11e2-a25f-0800200c1212","stats":[{"statname":"Wins","type":"Integer","value":3}]}],\
                    "xuid":"1234567890123460"},{"gamertag":"TigerShark","scids":[{"scid":"\(Harness.scid)","stats":[]},\
                    {"scid":"C402FF50-3e76-11e2-a25f-0800200c1212","stats":[]}],"xuid":"1234567890123234"}]}
                    """)
            #expect(answer.headers["content-type"]?.hasPrefix("application/json") ?? false)
            let logged = harness.service.requests.last
            #expect(logged?.route == .statistics && logged?.stored == false)
        }
    }

    @Test func `xuids and values come in the other form when the file says so`() async throws {
        try await run("xuids: number\nvalues: string") { harness in
            let text = try await harness.batch([1_234_567_890_123_460], ["Wins", "Accuracy"]).text
            #expect(text.contains(#""xuid":1234567890123460"#))
            #expect(text.contains(#""value":"12""#) && text.contains(#""value":"0.75""#))
        }
    }

    @Test func `an unknown user is 404 with code 4100, or left out when the file says so`() async throws {
        try await run { harness in
            let answer = try await harness.batch([1_234_567_890_123_460, 77], ["Wins"])
            expect(answer, is: 404)
            #expect(try answer.json["code"] as? Int == 4100)
            #expect(try (answer.json["description"] as? String)?.contains("77") ?? false)
        }
        try await run("unknownUsers: omit") { harness in
            let users = try await harness.batch([1_234_567_890_123_460, 77], ["Wins"]).json["users"] as? [Any]
            #expect(users?.count == 1)
        }
    }

    @Test func `a restricted statistic is 403 and named`() async throws {
        try await run { harness in
            let answer = try await harness.batch([1_234_567_890_123_460], ["Wins", "Income"])
            expect(answer, is: 403)
            #expect(try answer.json["code"] as? Int == 4500)
            #expect(try (answer.json["description"] as? String)?.contains("Income") ?? false)
            expect(try await harness.batch([1_234_567_890_123_460], ["wins", "inCOME"]), is: 403)
        }
    }

    @Test func `a statistic that is asked for in two spellings comes once`() async throws {
        try await run { harness in
            let answer = try await harness.batch([1_234_567_890_123_460], ["wins", "Wins", "WINS"])
            expect(answer, is: 200)
            #expect(answer.text.components(separatedBy: "statname").count == 2, "\(answer.text)")
        }
    }

    @Test func `statistics are also asked for one user at a time, and by lists of xuids and names`() async throws {
        try await Harness.run(Harness.addStatistics) { harness in
            func statistics(_ answer: Answer) throws -> [[String: Any]] {
                expect(answer, is: 200)
                let lists = try answer.json["statlistscollection"] as? [[String: Any]] ?? []
                #expect(lists.count == 1 && lists.first?["arrangebyfieldid"] as? String == "\(Harness.xuid)")
                return lists.first?["stats"] as? [[String: Any]] ?? []
            }
            func check(_ statistics: [[String: Any]], sourceLocation: SourceLocation = #_sourceLocation) {
                let one = statistics.first ?? [:]
                #expect(statistics.count == 1, sourceLocation: sourceLocation)
                for (name, value) in [
                    "name": "Wins", "type": "Integer", "value": "12", "scid": Harness.scid, "xuid": "\(Harness.xuid)",
                ] {
                    #expect(one[name] as? String == value, "\(name)", sourceLocation: sourceLocation)
                }
            }
            let base = harness.address.baseURL
            let url = "\(base)/users/xuid(\(Harness.xuid))/scids/\(Harness.scid)/stats/wins,Other"
            check(try statistics(try await curl(harness.xblHeaders + ["-g", url])))
            let json = harness.xblHeaders + ["-H", "Content-Type: application/json", "\(base)/batch", "--data"]
            for place in [#""scid": "\#(Harness.scid)""#, #""titleId": 5"#] {
                let body =
                    #"{"arrangebyfield": "xuid", "xuids": ["\#(Harness.xuid)"], "stats": [{"name": "Wins", \#(place)}], "#
                    + #""groups": [{"name": "Hero", \#(place)}]}"#
                let answer = try await curl(json + [body])
                check(try statistics(answer))
                #expect((try answer.json["groups"] as? [[String: Any]])?.first?["name"] as? String == "Hero")
            }
            for body in [
                #"{"xuids": []}"#, #"{"xuids": ["x"], "stats": [{"name": "a", "titleId": 5}]}"#,
                #"{"xuids": ["1"], "stats": [{"name": "a"}]}"#, #"{"stats": [{"name": "a", "titleId": 5}]}"#,
                #"{"xuids": ["1"], "arrangebyfield": "stat", "stats": [{"name": "a", "titleId": 5}]}"#,
            ] {
                expect(try await curl(json + [body]), is: 400)
            }
            expect(try await curl(harness.xblHeaders + ["-g", "\(base)/users/xuid(1)/scids/x/stats/a"]), is: 400)
        }
    }

    @Test(arguments: ["/users/me/scids/%C2%84/stats/0", "/users/me/scids/s/stats/a%00b?x=1"])
    func `a path of a user's statistics that can't be read is 400 in the service's own form`(path: String) async throws
    {
        try await Harness.run { harness in
            let answer = try await curl(harness.xblHeaders + ["\(harness.address.baseURL)\(path)"])
            expect(answer, is: 400)
            // libmicrohttpd refuses a NUL byte by itself from 1.0 on.
            if RequestHeader.readsUpToNUL || !path.contains("%00") {
                #expect(try answer.json["source"] as? String == "UserStats", "\(answer.text)")
            }
        }
    }

    @Test func `claims: no token is 401, no Xuid 403, another's scid 403`() async throws {
        try await withTemporaryFolder { folder in
            let file = try TokenFile.write(
                [
                    TokenFile.claims("own", ["scid": [Harness.scid]]), TokenFile.claims("nobody", ["xuid": NSNull()]),
                    TokenFile.claims("old", ["expires": "2001-01-01T00:00:00Z"]),
                ], in: folder)
            try await run("", { $0.tokensFile = file }) { harness in
                let user = [1_234_567_890_123_460]
                for (token, status) in [("own", 200), ("nobody", 403), ("old", 401), ("unknown", 401)] {
                    expect(try await harness.batch(user, ["Wins"], token: token), is: status)
                }
                let other = "c402ff50-3e76-11e2-a25f-0800200c1212"
                expect(try await harness.batch(user, ["Wins"], scid: other, token: "own"), is: 403)
                for header in ["Xauth=", "XBL3.0 own", "XBL3.0 x=;own", "XBL3.0 x=1;"] {
                    let answer = try await curl(
                        ["-H", "Authorization: \(header)", "--data-binary", "{}", "\(harness.address.baseURL)/batch"])
                    #expect(answer.status == 401, "\(header)")
                }
                let bare = try await curl(["--data-binary", "{}", "\(harness.address.baseURL)/batch"])
                expect(bare, is: 401)
                #expect(try bare.json["source"] as? String == "UserStats")
            }
        }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"requestedusers": [1]}"#, #"{"requestedusers": [], "requestedscids": []}"#,
        #"{"requestedusers": ["1"], "requestedscids": [{"scid": "\#(Harness.scid)", "requestedstats": ["a"]}]}"#,
        #"{"requestedusers": [0], "requestedscids": [{"scid": "\#(Harness.scid)", "requestedstats": ["a"]}]}"#,
        #"{"requestedusers": [1], "requestedscids": [{"scid": "x", "requestedstats": ["a"]}]}"#,
        #"{"requestedusers": [1], "requestedscids": [{"scid": "\#(Harness.scid)", "requestedstats": []}]}"#,
        #"{"requestedusers": [1], "requestedscids": [{"scid": "\#(Harness.scid)", "requestedstats": [1]}]}"#,
        #"{"requestedusers": [1], "requestedscids": ["\#(Harness.scid)"]}"#,
    ])
    func `a body that makes no sense is 400 with code 4000`(body: String) async throws {
        try await run { harness in
            let answer = try await curl(
                harness.xblHeaders + ["--data-binary", "@-", "-H", "Content-Type: application/json"]
                    + ["\(harness.address.baseURL)/batch"], input: Data(body.utf8))
            expect(answer, is: 400)
            #expect(try answer.json["code"] as? Int == 4000)
        }
    }

    @Test func `the version is 1 or not given, another is 406; GET is 405`() async throws {
        try await run { harness in
            let body: [String: Any] = [
                "requestedusers": [1_234_567_890_123_460],
                "requestedscids": [["scid": Harness.scid, "requestedstats": ["Wins"]]],
            ]
            for (version, status) in [("1", 200), ("2", 406), ("vnext", 406)] {
                let more = ["-H", "X-RequestedServiceVersion: \(version)"]
                expect(try await harness.post("/batch", body, more: more), is: status)
            }
            let get = try await curl(harness.xblHeaders + ["\(harness.address.baseURL)/batch"])
            #expect(get.status == 405 && get.headers["allow"] == "POST")
        }
    }

    @Test(arguments: ["If-None-Match", "ETag"])
    func `an answer that the caller has already is 304`(header: String) async throws {
        try await run { harness in
            let body: [String: Any] = [
                "requestedusers": [1_234_567_890_123_460],
                "requestedscids": [["scid": Harness.scid, "requestedstats": ["Wins"]]],
            ]
            let tag = try #require(try await harness.post("/batch", body).headers["etag"])
            let again = try await harness.post("/batch", body, more: ["-H", "\(header): \(tag)"])
            #expect(again.status == 304 && again.body.isEmpty && again.headers["etag"] == tag)
            expect(try await harness.post("/batch", body, more: ["-H", "\(header): \"other\""]), is: 200)
        }
    }

    @Test func `the published limits hold by default: 100 in 15 s, 300 in 300 s, with the documented 429`() async throws
    {
        let clock = MovableClock(standingAt: Timestamp(seconds: 1_700_000_000))
        try await run("", { $0.clock = clock }) { harness in
            // One connection: curl repeats the request for each number of the range.
            func ask(_ times: Int) async throws -> [Int] {
                let body =
                    #"{"requestedusers":[1234567890123460],"requestedscids":[{"scid":"\#(Harness.scid)","requestedstats":["Wins"]}]}"#
                let result = try await TestSupport.run(
                    "curl",
                    ["--silent", "-o", "/dev/null", "-w", "%{http_code}\n"] + harness.xblHeaders
                        + ["-H", "Content-Type: application/json", "--data-binary", body]
                        + ["\(harness.address.baseURL)/batch?[1-\(times)]"])
                return result.outputText.split(separator: "\n").compactMap { Int($0) }
            }
            #expect(try await ask(101) == Array(repeating: 200, count: 100) + [429])
            let dropped = try await harness.batch([1_234_567_890_123_460], ["Wins"])
            #expect(dropped.status == 429 && dropped.headers["retry-after"] == "15")
            #expect(
                dropped.text
                    == #"{"currentRequests":102,"limitType":"rate","maxRequests":100,"periodInSeconds":15,"version":1}"#
            )
            for _ in 0..<2 {
                await clock.advance(by: .seconds(15))
                #expect(try await ask(99).allSatisfy { $0 == 200 })
            }
            await clock.advance(by: .seconds(15))
            let sustained = try await harness.batch([1_234_567_890_123_460], ["Wins"]).json
            #expect(sustained["maxRequests"] as? Int == 300 && sustained["periodInSeconds"] as? Int == 300)
        }
    }
}
