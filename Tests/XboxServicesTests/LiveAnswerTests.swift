import ClipModel
import Foundation
import TestSupport
import Testing
import Transport

@testable import XboxServices

/// Answers in the form of those that the live service gives: `Tests/LiveAnswers`.
@Suite struct LiveAnswerTests {
    private static let ids = (1...3).map { "11111111-2222-4333-8444-55555555550\($0)" }

    private func recorded(_ name: String) throws -> String {
        try String(contentsOf: Places.root.appending(path: "Tests/LiveAnswers/\(name).json"), encoding: .utf8)
    }

    private func page() async throws -> WithUnknownFields<GameClipPage> {
        let bench = try Bench(.status(200, [:], try recorded("clips")))
        return try await bench.clips.clipPage(of: ClipList(owner: .me, .title(1_739_947_423)))
    }

    @Test func `a list is read, and nothing of it is lost`() async throws {
        let page = try await page()
        #expect(page.gameClips.map(\.identifier) == Self.ids)
        #expect(page.gameClips.allSatisfy { $0.state == .published && $0.savedByUser == true })
        #expect(page.pagingInfo?.continuationToken == "abcde_vwxyzMAAAAA2")
        // As plain JSON, by a reader that knows none of our types.
        let ours = try JSONSerialization.jsonObject(with: CanonicalJSON.line(page)) as? [String: Any]
        var theirs = try JSONSerialization.jsonObject(with: Data(recorded("clips").utf8)) as? [String: Any]
        var clips = try #require(theirs?["gameClips"] as? [[String: Any]])
        // A member that we name and that is null is as good as none.
        #expect(clips[2].removeValue(forKey: "greatestMomentId") is NSNull)
        theirs?["gameClips"] = clips
        #expect(ours as NSDictionary? == theirs as NSDictionary?)
    }

    @Test func `members that are named have their values`() async throws {
        let clips = try await page().gameClips
        #expect(clips.map(\.durationInSeconds) == [29, 27, 30] && clips.map(\.views) == [0, 653, 1])
        #expect(
            clips.map(\.rating) == [0, 4.5, 0] && clips.map(\.xuid) == Array(repeating: "2716903703773872", count: 3))
        #expect(clips[0].titleId == 1_739_947_423 && clips[0].type?.description == "UserGenerated")
        // Times have up to seven fractional digits, whatever is left when the last are zero.
        let published = try clips.map { try #require(Timestamp(parsing: $0.datePublished ?? "")) }
        #expect(published.map(\.ticks) == [4_864_210, 1_354_298, 1_000_000])
        #expect(clips[1].thumbnails?.map(\.fileSize) == [159_667, 522_262])
        #expect(clips[0].gameClipUris?.first?.uriType == .download)
        #expect(clips.allSatisfy { $0.visibility == nil && $0.source == nil }, "the live service does not tell")
    }

    @Test func `members that nobody listed are kept as they came`() async throws {
        let clips = try await page().gameClips
        let known = ["clipContentAttributes", "commentCount", "deviceType", "likeCount", "partialViews", "shareCount"]
        #expect(clips[0].others.keys.sorted() == known)
        #expect(clips[1].others["likeCount"] == 62 && clips[1].others["deviceType"] == "XboxOne")
        let newer = ["contentSegments", "enforcement", "isHdr", "resolutionHeight"]
        #expect(clips[2].others.keys.sorted() == (known + newer).sorted())
    }

    @Test func `one clip by itself is read, too`() async throws {
        let list = try JSONSerialization.jsonObject(with: Data(recorded("clips").utf8)) as? [String: Any]
        for (clip, id) in zip(try #require(list?["gameClips"] as? [Any]), Self.ids) {
            let body = try JSONSerialization.data(withJSONObject: ["gameClip": clip])
            let bench = try Bench(.status(200, [:], String(decoding: body, as: UTF8.self)))
            #expect(try await bench.clips.clip(id, scid: "s").identifier == id)
        }
    }

    @Test func `a clip's address at another host is refused until that host is allowed`() async throws {
        let address = try #require(try await page().gameClips[0].gameClipUris?.first?.uri)
        func bench(_ hosts: String...) throws -> Bench {
            try Bench(
                ScriptedTransport { request, _ in
                    guard case .sink(let sink) = request.destination else { return .status(500) }
                    do { try Data("clip".utf8).withUnsafeBytes { try sink($0, .init(status: 200)) } } catch {
                        return .lost(.sink(error), sent: true)
                    }
                    return .status(200)
                }, metadata: "https://gameclipsmetadata.xboxlive.com", allowHosts: hosts)
        }
        let stranger = try bench()
        let refusal = try await failure { try await stranger.clips.download(address) { _, _ in } }
        #expect(
            "\(refusal)".contains("gameclipscontent-d0000.xboxlive.com is neither a configured nor an allowed host"))
        #expect(stranger.transport.requests.isEmpty)
        let allowed = try bench("gameclipscontent-d0000.xboxlive.com")
        #expect(try await allowed.clips.download(address) { _, _ in } == 4)
        let sent = try #require(allowed.transport.requests.first)
        #expect(sent.url.text == address, "the signature in the query is sent as it came")
    }

    @Test func `statistics in a form that was not asked for are told of once, by their missing member`() async throws {
        let bench = try Bench(.status(200, [:], try recorded("statistics")))
        let client = try #require(UserStatsClient(bench.session))
        let request = StatisticsRequest(requestedusers: [7], requestedscids: [])
        let failure = try await failure { try await client.batch(WithUnknownFields(request)) }
        #expect("\(failure)".contains("users"), "\(failure)")
        #expect(bench.transport.requests.count == 1 && failure.recovery == .giveUp)
    }
}
