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
