import ClipModel
import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct ClipCallTests {
    private let data = Samples.bytes(1_000)

    private func post(_ body: [String: Any], to url: String, _ harness: Harness) async throws -> Answer {
        try await harness.initialUpload(body, to: url)
    }

    @Test func `a clip that is not video ends in Error, with a reason for the log and no URIs`() async throws {
        try await Harness.run(inspector: NoClipIsVideo()) { harness in
            let clip = try await harness.upload(data, blockSize: 300)
            let rejected = try await harness.wait(for: "Error", of: clip.id)
            #expect((rejected["gameClipUris"] as? [Any])?.isEmpty == true)
            #expect(harness.events.reason(of: clip.id) == "there is no video in it")
            expect(try await harness.put(data[..<300], block: 0, of: clip), is: 410)
            expect(try await curl(harness.headers + ["-X", "DELETE", harness.url(ofClip: clip.id)]), is: 204)
        }
    }

    @Test func `a deleted clip is gone, with its files, and a second time it is 404`() async throws {
        try await Harness.run { harness in
            let clip = try await harness.upload(data, blockSize: 300)
            let published = try await harness.wait(for: "Published", of: clip.id)
            expect(try await harness.download(published), is: 200)
            let url = harness.url(ofClip: clip.id)
            let deleted = try await curl(harness.headers + ["-X", "DELETE", url])
            expect(deleted, is: 204)
            #expect(deleted.body.isEmpty)
            expect(try await curl(harness.headers + ["-X", "DELETE", url]), is: 404)
            expect(try await harness.get(url), is: 404)
            expect(try await post(["userCaption": "a"], to: url, harness), is: 404)
            expect(try await harness.download(published), is: 410)
            for folder in ["clips", "thumbnails", "uploads"] {
                let path = harness.folder.appending(path: "data/\(folder)").path
                #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [])
            }
        }
    }

    @Test func `an update changes caption, visibility and titleData, all of it or nothing`() async throws {
        try await Harness.run { harness in
            let clip = try await harness.begin(Samples.request(fileSize: 10))
            let url = harness.url(ofClip: clip.id)
            let change = ["userCaption": "new", "visibility": "Public", "titleData": "data"]
            let answer = try await post(change, to: url, harness)
            expect(answer, is: 200)
            var shown = try await harness.clip(clip.id)
            for (name, value) in change { #expect(shown[name] as? String == value) }
            for bad: [String: Any] in [
                ["userCaption": "x", "visibility": "None"], ["userCaption": "x", "visibility": "Nobody"],
                ["userCaption": "x", "titleData": String(repeating: "x", count: 10_241)], ["userCaption": 1],
                [:],
                ["userCaption": String(repeating: "x", count: 251)], ["userCaption": "x", "rating": 5],
            ] {
                let refused = try await post(bad, to: url, harness)
                expect(refused, is: 400)
                #expect(try refused.json["errorMessage"] != nil)
            }
            shown = try await harness.clip(clip.id)
            for (name, value) in change { #expect(shown[name] as? String == value) }
            expect(try await post(["titleData": ""], to: url, harness), is: 200)
            #expect(try await harness.clip(clip.id)["titleData"] as? String == "")
        }
    }

    @Test func `a clip has every member that clients of the live service read, before it is published too`()
        async throws
    {
        try await Harness.run { harness in
            let pending = try await harness.begin(Samples.request(fileSize: 10))
            let clip = try await harness.upload(Samples.bytes(10), blockSize: 10)
            _ = try await harness.wait(for: "Published", of: clip.id)
            for id in [pending.id, clip.id] {
                let members = try await harness.clip(id)
                let texts = [
                    "greatestMomentId", "achievementId", "gameClipLocale", "clipContentAttributes", "deviceType",
                ]
                for name in texts {
                    #expect(members[name] is String, "\(name)")
                }
                for name in ["commentCount", "likeCount", "shareCount", "partialViews", "views", "ratingCount"] {
                    #expect(members[name] as? Int == 0, "\(name)")
                }
                let published = members["datePublished"] as? String
                #expect((published == "0001-01-01T00:00:00Z") == (id == pending.id))
                #expect(published.flatMap(Timestamp.init(parsing:)) != nil)
            }
        }
    }

    @Test func `a view is counted of a published clip`() async throws {
        try await Harness.run { harness in
            let pending = try await harness.begin(Samples.request(fileSize: 10))
            let clip = try await harness.upload(Samples.bytes(10), blockSize: 10)
            _ = try await harness.wait(for: "Published", of: clip.id)
            let post = harness.headers + ["-X", "POST"]
            for _ in 0..<2 { expect(try await curl(post + ["\(harness.url(ofClip: clip.id))/views"]), is: 200) }
            #expect(try await harness.clip(clip.id)["views"] as? Int == 2)
            expect(try await curl(post + ["\(harness.url(ofClip: pending.id))/views"]), is: 404)
            expect(try await harness.get("\(harness.url(ofClip: clip.id))/views"), is: 405)
        }
    }

    @Test func `a clip is found by me, by xuid in either spelling, and not under another scid or id`()
        async throws
    {
        try await Harness.run { harness in
            let clip = try await harness.begin(Samples.request(fileSize: 10))
            let url = harness.url(ofClip: clip.id)
            for owner in ["xuid(2533274790412952)", "xuid%282533274790412952%29"] {
                expect(
                    try await curl(harness.headers + ["-g", url.replacing("/me/", with: "/\(owner)/")]),
                    is: 200)
            }
            for other in [
                url.replacing("/me/", with: "/xuid(1)/"), url.replacing("0070/", with: "0071/"), url + "0",
                harness.url(ofClip: "none"), harness.url(ofClip: "%27%20OR%201=1"),
            ] {
                expect(try await curl(harness.headers + ["-g", other]), is: 404)
            }
        }
    }

    @Test func `a clip downloads in ranges`() async throws {
        try await Harness.run { harness in
            let clip = try await harness.upload(data, blockSize: 300)
            let published = try await harness.wait(for: "Published", of: clip.id)
            for (range, expected) in [
                ("0-99", 0..<100), ("900-", 900..<1_000), ("-1", 999..<1_000), ("-5000", 0..<1_000),
                ("999-99999999999999999999", 999..<1_000), ("5-5", 5..<6),
            ] {
                let part = try await harness.download(published, ["-r", range])
                expect(part, is: 206)
                #expect(part.body == data[expected])
                let length = "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/1000"
                #expect(part.headers["content-range"] == length)
            }
            for range in ["1000-", "1000-1001", "-0"] {
                let refused = try await harness.download(published, ["-H", "Range: bytes=\(range)"])
                expect(refused, is: 416)
                #expect(refused.headers["content-range"] == "bytes */1000")
            }
            for range in ["bytes=5-4", "bytes=a-b", "bytes=0-1,5-6", "lines=1-2", "bytes=-"] {
                let whole = try await harness.download(published, ["-H", "Range: \(range)"])
                expect(whole, is: 200)
                #expect(whole.body == data)
            }
            let head = try await harness.download(published, ["--head"])
            expect(head, is: 200)
            #expect(head.headers["content-length"] == "1000" && head.headers["accept-ranges"] == "bytes")
            let tag = try #require(head.headers["etag"])
            let same = try await harness.download(published, ["-r", "0-1", "-H", "If-Range: \(tag)"])
            expect(same, is: 206)
            expect(
                try await harness.download(published, ["-r", "0-1", "-H", "If-Range: \"other\""]), is: 200)
        }
    }

    @Test func `a download needs the URI's key, and is not there before the clip is published`() async throws {
        try await Harness.run { harness in
            let clip = try await harness.upload(data, blockSize: 300)
            let published = try await harness.wait(for: "Published", of: clip.id)
            let uri = (published["gameClipUris"] as? [[String: Any]])?.first?["uri"] as? String ?? ""
            let bare = String(uri.prefix { $0 != "?" })
            expect(try await curl([bare]), is: 403)
            expect(try await curl([bare + "?key=0"]), is: 403)
            expect(try await curl(harness.headers + [bare]), is: 403)
            expect(try await curl(["-H", "Authorization: Xauth=wrong", uri]), is: 401)
            expect(try await curl(harness.headers + [uri]), is: 200)
            let pending = try await harness.begin(Samples.request(fileSize: 10))
            let record = try harness.recordKey(of: pending.id)
            let early = bare.replacing(clip.id, with: pending.id) + "?key=\(record)"
            expect(try await curl([early]), is: 404)
        }
    }

    @Test func `a download counts as a view`() async throws {
        try await Harness.run { harness in
            let clip = try await harness.upload(data, blockSize: 300)
            let published = try await harness.wait(for: "Published", of: clip.id)
            expect(try await harness.download(published), is: 200)
            expect(try await harness.download(published, ["-r", "0-9"]), is: 206)
            expect(try await harness.download(published, ["-r", "0-"]), is: 206)
            #expect(try await harness.clip(clip.id)["views"] as? Int == 2)
        }
    }
}
