import ClipModel
import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct ListTests {
    /// Seven clips, and the ids in the order of their creation.
    private func withClips(_ body: (Harness, [String]) async throws -> Void) async throws {
        try await Harness.run { harness in
            var ids: [String] = []
            for number in 0..<7 {
                let change: [String: Any] = [
                    "userCaption": "clip \(number)",
                    "type": number % 2 == 0 ? "Achievement" : "MagicMoment, UserGenerated",
                    "systemProperties": "marker \(number)",
                ]
                ids.append(try await harness.begin(Samples.request(fileSize: 10).merging(change) { $1 }).id)
            }
            try await body(harness, ids)
        }
    }

    private func page(_ harness: Harness, _ query: String) async throws -> (
        ids: [String], token: String?, total: Int
    ) {
        let answer = try await harness.get(harness.clips + "?" + query)
        expect(answer, is: 200)
        let json = try answer.json
        let clips = json["gameClips"] as? [[String: Any]] ?? []
        let info = try #require(json["pagingInfo"] as? [String: Any])
        #expect(info.keys.contains("continuationToken"))
        return (
            clips.compactMap { $0["gameClipId"] as? String }, info["continuationToken"] as? String,
            info["totalItems"] as? Int ?? -1
        )
    }

    @Test func `lists by title, of what is saved, and of everybody are those that clients of the live service ask for`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let file = try TokenFile.write(
                [TokenFile.claims("own"), TokenFile.claims("other", xuid: "1002", ["titleId": 78])], in: folder)
            try await Harness.run(in: folder, { $0.tokensFile = file }) { harness in
                func publish(_ token: String, _ change: [String: Any]) async throws -> String {
                    let request = Samples.request(fileSize: 10).merging(change) { $1 }
                    let clip = try await harness.begin(request, token: token)
                    let put = Harness.headers(token: token) + ["-X", "PUT", "--data", "0123456789"]
                    expect(try await curl(put + ["\(clip.uploadUri)?uploadId=\(clip.id)"]), is: 201)
                    return clip.id
                }
                let saved = try await publish("own", ["savedByUser": true, "visibility": "Public"])
                let hidden = try await publish("own", ["visibility": "Owner"])
                let others = try await publish("other", ["visibility": "Public"])
                func ids(_ path: String) async throws -> Set<String> {
                    let answer = try await curl(
                        Harness.headers(token: "own") + ["-g", "\(harness.address.baseURL)\(path)?order=A"])
                    expect(answer, is: 200)
                    let clips = try answer.json["gameClips"] as? [[String: Any]] ?? []
                    return Set(clips.compactMap { $0["gameClipId"] as? String })
                }
                _ = try await eventually {
                    try await ids("/public/scids/\(Harness.scid)/clips") == [saved, others] ? true : nil
                }
                for (path, expected) in [
                    ("/users/me/titles/77/clips", [saved, hidden]), ("/users/me/titles/78/clips", []),
                    ("/users/xuid(1002)/titles/78/clips", [others]), ("/users/me/clips/saved", [saved]),
                    ("/users/me/titles/77/clips/saved", [saved]), ("/users/xuid(1002)/clips/saved", []),
                    ("/public/titles/77/clips", [saved]), ("/public/titles/78/clips", [others]),
                    ("/public/titles/77/clips/saved", [saved]), ("/public/titles/78/clips/saved", []),
                ] as [(String, Set<String>)] {
                    #expect(try await ids(path) == expected, "\(path)")
                }
                for (path, status) in [
                    ("/users/me/titles/x/clips", 400), ("/public/clips", 404), ("/public/scids/a/clips/saved", 404),
                    ("/users/me/clips/other", 404), ("/users/me/titles/77/clips/saved/x", 404),
                ] {
                    let answer = try await curl(Harness.headers(token: "own") + [harness.address.baseURL + path])
                    #expect(answer.status == status, "\(path)")
                }
            }
        }
    }

    @Test func `the newest clip comes first, pending ones too, with what the client put in`() async throws {
        try await withClips { harness, ids in
            for url in [harness.clips, "\(harness.address.baseURL)/users/me/clips"] {
                let clips = try await harness.get(url).json["gameClips"] as? [[String: Any]] ?? []
                #expect(clips.map { $0["gameClipId"] as? String } == ids.reversed())
                #expect(clips.first?["systemProperties"] as? String == "marker 6")
                #expect(clips.first?["state"] as? String == "PendingUpload")
            }
            let other = harness.clips.replacing("0070/", with: "0071/")
            let none = try await harness.get(other).json
            #expect((none["gameClips"] as? [Any])?.isEmpty == true)
            #expect(harness.events.problems == [])
        }
    }

    @Test(arguments: ["D", "A"], ["created", "rating", "views"])
    func `pages by continuationToken show each clip once, also when clips come and go`(
        order: String, qualifier: String
    ) async throws {
        try await withClips { harness, ids in
            let expected = order == "A" ? ids : ids.reversed()
            var seen: [String] = []
            var token: String?
            repeat {
                let query = "maxItems=3&order=\(order)&qualifier=\(qualifier)"
                let page = try await page(
                    harness, query + (token.map { "&continuationToken=\($0)" } ?? "&skipItems=0"))
                seen += page.ids
                token = page.token
                if seen.count == 3 {
                    #expect(page.total == 7)
                    expect(
                        try await curl(harness.headers + ["-X", "DELETE", harness.url(ofClip: seen[0])]),
                        is: 204)
                }
                #expect((token ?? "").utf8.count <= 36)
            } while token != nil
            #expect(seen == expected)
        }
    }

    @Test func `skipItems skips, and continuationToken beats it`() async throws {
        try await withClips { harness, ids in
            let newest: [String] = ids.reversed()
            let skipped = try await page(harness, "skipItems=5")
            #expect(skipped.ids == Array(newest[5...]) && skipped.token == nil && skipped.total == 7)
            #expect(try await page(harness, "skipItems=99").ids == [])
            let first = try await page(harness, "maxItems=2")
            let token = try #require(first.token)
            #expect(
                try await page(harness, "skipItems=6&maxItems=2&continuationToken=\(token)").ids
                    == Array(newest[2..<4]))
        }
    }

    @Test func `type picks clips that have one of the types`() async throws {
        try await withClips { harness, ids in
            let achievements = try await page(harness, "type=Achievement&order=A")
            #expect(achievements.ids == [ids[0], ids[2], ids[4], ids[6]])
            #expect(try await page(harness, "type=UserGenerated&order=A").ids == [ids[1], ids[3], ids[5]])
            #expect(try await page(harness, "type=Achievement,%20MagicMoment").ids.count == 7)
            #expect(try await page(harness, "type=DeveloperInitiated").total == 0)
            #expect(try await page(harness, "qualifer=views&order=A").ids == ids)
        }
    }

    @Test(arguments: [
        "order=up", "qualifier=size", "maxItems=0", "maxItems=x", "skipItems=-1", "skipItems=%2B1",
        "continuationToken=nonsense", "continuationToken=cd7ff8000000000000.1", "type=Nonsense",
        "order=A&order=D",
        "continuationToken=0123456789012345678901234567890123456", "maxItems=99999999999999999999",
    ])
    func `a query that makes no sense is 400`(query: String) async throws {
        try await Harness.run { harness in
            let answer = try await harness.get(harness.clips + "?" + query)
            expect(answer, is: 400)
            #expect(try answer.json["errorMessage"] as? String != nil)
        }
    }

    @Test func `a token of one order is not taken for another`() async throws {
        try await withClips { harness, _ in
            let token = try #require(try await page(harness, "maxItems=2").token)
            expect(try await harness.get(harness.clips + "?order=A&continuationToken=\(token)"), is: 400)
        }
    }

    @Test(arguments: [0, 9_999_999, 4_200_000])
    func `a list that lags shows a clip so long after it was asked for; a look at the clip shows it at once`(
        ticks: Int32
    ) async throws {
        let clock = MovableClock(standingAt: Timestamp(seconds: 1_700_000_000, ticks: ticks))
        try await Harness.run {
            ($0.clock, $0.faults.listLag) = (clock, .seconds(30))
        } _: { harness in
            let first = try await harness.begin(Samples.request(fileSize: 10)).id
            expect(try await harness.get(harness.url(ofClip: first)), is: 200)
            #expect(try await page(harness, "") == ([], nil, 0))
            await clock.advance(by: .milliseconds(29_999))
            let second = try await harness.begin(Samples.request(fileSize: 10)).id
            #expect(try await page(harness, "") == ([], nil, 0))
            await clock.advance(by: .milliseconds(1))
            #expect(try await page(harness, "") == ([first], nil, 1))
            await clock.advance(by: .seconds(30))
            #expect(try await page(harness, "maxItems=1").total == 2)
            // A plan without a lag shows everything again; one with a very long lag, nothing.
            try harness.service.setFaults(FaultPlan(parsing: Array("listLag: 100000h".utf8), name: "plan"))
            #expect(try await page(harness, "").ids == [])
            harness.service.setFaults(FaultPlan())
            #expect(try await page(harness, "").ids == [second, first])
            #expect(harness.events.problems == [])
        }
    }

    @Test func `others see only what is published for them`() async throws {
        try await withTemporaryFolder { folder in
            let tokens = [
                TokenFile.claims("owner"), TokenFile.claims("other", xuid: "1002", ["titleId": "78"]),
            ]
            let file = try TokenFile.write(tokens, in: folder)
            try await Harness.run(in: folder, { $0.tokensFile = file }) { harness in
                let open = try await harness.upload(
                    Samples.bytes(10), blockSize: 10, ["visibility": "Public"])
                let closed = try await harness.upload(
                    Samples.bytes(10), blockSize: 10, ["visibility": "Owner"])
                _ = try await harness.begin(
                    Samples.request(fileSize: 10).merging(["visibility": "Public"]) { $1 })
                for clip in [open, closed] { _ = try await harness.wait(for: "Published", of: clip.id) }
                let url = harness.clips.replacing("/me/", with: "/xuid(1001)/")
                let json = try await curl(Harness.headers(token: "other") + ["-g", url]).json
                let clips = json["gameClips"] as? [[String: Any]] ?? []
                #expect(clips.map { $0["gameClipId"] as? String } == [open.id])
                #expect((json["pagingInfo"] as? [String: Any])?["totalItems"] as? Int == 1)
            }
        }
    }
}
