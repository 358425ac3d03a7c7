import ClipModel
import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct ClaimsTests {
    private let request = Samples.request(fileSize: 10)

    @Test
    func `at the first start a token file with one random token is written that only its owner can read`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let first = try await Harness.run(in: folder) { $0.service.developerToken }
            let file = folder.appending(path: "data/tokens.json").path
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(first.count == 64)
            let second = try await Harness.run(in: folder) { $0.service.developerToken }
            #expect(second == first)
        }
    }

    @Test(arguments: [
        [], ["Authorization: Xauth="], ["Authorization: Bearer abc"], ["Authorization: XBL3.0 x=1;abc"],
        ["Authorization: Xauth=unknown"], ["Authorization: Xauth=a b"],
    ])
    func `a missing, malformed or unknown token is 401 on each call that needs one`(header: [String])
        async throws
    {
        try await Harness.run { harness in
            let clip = try await harness.begin(request)
            let header = header.flatMap { ["-H", $0] }
            let calls: [[String]] = [
                ["--data", "{}", "-H", "Content-Type: application/json", harness.clips],
                [harness.clips], ["\(harness.address.baseURL)/users/me/clips"],
                [harness.url(ofClip: clip.id)],
                ["--data", "{}", "-H", "Content-Type: application/json", harness.url(ofClip: clip.id)],
                ["-X", "DELETE", harness.url(ofClip: clip.id)],
                ["-X", "PUT", "--data", "0123456789", "\(clip.uploadUri)?uploadId=\(clip.id)"],
            ]
            for call in calls {
                let answer = try await curl(header + call)
                #expect(answer.status == 401, "\(call)")
                #expect(try answer.json["errorMessage"] as? String != nil)
            }
            #expect(try await harness.clip(clip.id)["state"] as? String == "PendingUpload")
        }
    }

    @Test func `a token that has expired by the service's clock is 401`() async throws {
        try await withTemporaryFolder { folder in
            let file = try TokenFile.write(
                [TokenFile.claims("t", ["expires": "2020-01-01T00:00:00Z"])], in: folder)
            for (time, status) in [("2019-12-31T23:59:59.9Z", 200), ("2020-01-01T00:00:00Z", 401)] {
                let now = try #require(Timestamp(parsing: time))
                try await Harness.run(in: folder) {
                    $0.tokensFile = file
                    $0.clock = MovableClock(standingAt: now)
                } _: { harness in
                    let answer = try await harness.initialUpload(request)
                    #expect(answer.status == status)
                }
            }
        }
    }

    @Test(arguments: ["xuid", "deviceType", "deviceId", "titleId", "titleSandboxId"])
    func `an upload without one of the claims is 403, and the claim is named`(claim: String) async throws {
        try await withTemporaryFolder { folder in
            let file = try TokenFile.write([TokenFile.claims("t", [claim: NSNull()])], in: folder)
            try await Harness.run(in: folder, { $0.tokensFile = file }) { harness in
                let answer = try await harness.initialUpload(request)
                #expect(answer.status == 403)
                let message = try answer.json["errorMessage"] as? String ?? ""
                #expect(message.lowercased().contains(claim.lowercased()))
            }
        }
    }

    @Test func `a device type that may not upload is 403`() async throws {
        try await withTemporaryFolder { folder in
            let file = try TokenFile.write([TokenFile.claims("t", ["deviceType": "Web"])], in: folder)
            try await Harness.run(in: folder, { $0.tokensFile = file }) { harness in
                let answer = try await harness.initialUpload(request)
                #expect(answer.status == 403)
            }
        }
    }

    @Test func `a clip can't be asked for without the SandboxId claim: 400`() async throws {
        try await withTemporaryFolder { folder in
            let file = try TokenFile.write([TokenFile.claims("t", ["sandboxId": NSNull()])], in: folder)
            try await Harness.run(in: folder, { $0.tokensFile = file }) { harness in
                let clip = try await harness.begin(request)
                expect(try await harness.get(harness.url(ofClip: clip.id)), is: 400)
            }
        }
    }

    @Test func `a scid that is not the user's is 403, one that isn't a GUID 400`() async throws {
        try await withTemporaryFolder { folder in
            let file = try TokenFile.write([TokenFile.claims("t", ["scid": [Harness.scid]])], in: folder)
            try await Harness.run(in: folder, { $0.tokensFile = file }) { harness in
                let own = try await harness.initialUpload(request)
                #expect(own.status == 200)
                let other = harness.clips.replacing("000000000070", with: "000000000071")
                let others = try await harness.initialUpload(request, to: other)
                #expect(others.status == 403)
                let bad = harness.clips.replacing(Harness.scid, with: "abc")
                let malformed = try await harness.initialUpload(request, to: bad)
                #expect(malformed.status == 400)
            }
        }
    }

    @Test func `a scid that is not the user's is 403 on every call, and lists of all leave it out`() async throws {
        try await withTemporaryFolder { folder in
            let other = "00000000-0000-0012-0023-000000000071"
            let file = try TokenFile.write(
                [TokenFile.claims("all"), TokenFile.claims("other", ["scid": [other.uppercased()]])], in: folder)
            try await Harness.run(in: folder, { $0.tokensFile = file }) { harness in
                let thumbnails = request.merging(["thumbnailSource": "Upload"]) { $1 }
                let clip = try await harness.begin(thumbnails, token: "all")
                let (url, json) = (harness.url(ofClip: clip.id), ["-H", "Content-Type: application/json"])
                let put = ["-X", "PUT", "--data", "0123456789"]
                let upload = put + ["\(clip.uploadUri)?uploadId=\(clip.id)"]
                let update = json + ["--data", #"{"userCaption": "b"}"#, url]
                for call in [
                    [harness.clips], [url], update, ["-X", "DELETE", url], upload, put + [clip.large ?? ""],
                    json + ["--data", "{}", harness.clips],
                ] {
                    let answer = try await curl(Harness.headers(token: "other") + call)
                    #expect(answer.status == 403, "\(call)")
                }
                let everything = "\(harness.address.baseURL)/users/me/clips"
                for (token, count) in [("all", 1), ("other", 0)] {
                    let list = try await curl(Harness.headers(token: token) + [everything])
                    #expect((try list.json["gameClips"] as? [Any])?.count == count)
                }
                let own = harness.clips.replacing("000000000070", with: "000000000071")
                expect(try await curl(Harness.headers(token: "other") + [own]), is: 200)
                expect(try await curl(Harness.headers(token: "all") + update), is: 200)
            }
        }
    }

    @Test func `another user can't upload to a clip, and sees it only when it is public and published`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let tokens = [
                TokenFile.claims("owner"), TokenFile.claims("other", xuid: "1002", ["titleId": "78"]),
                TokenFile.claims("player", xuid: "1003"),
                TokenFile.claims("elsewhere", xuid: "1004", ["sandboxId": "DEV.1"]),
            ]
            let file = try TokenFile.write(tokens, in: folder)
            try await Harness.run(in: folder, { $0.tokensFile = file }) { harness in
                func statuses(_ id: String) async throws -> [Int] {
                    var statuses: [Int] = []
                    for token in ["other", "player", "elsewhere"] {
                        let url = harness.url(ofClip: id).replacing("/me/", with: "/xuid(1001)/")
                        statuses.append(try await curl(Harness.headers(token: token) + ["-g", url]).status)
                    }
                    return statuses
                }
                let data = Samples.bytes(10)
                for (visibility, expected) in [
                    ("Default", [404, 404, 404]), ("Owner", [404, 404, 404]), ("Title", [404, 200, 404]),
                    ("Public", [200, 200, 404]),
                ] {
                    let clip = try await harness.begin(request.merging(["visibility": visibility]) { $1 })
                    #expect(try await statuses(clip.id) == [404, 404, 404])
                    let stranger = try await curl(
                        Harness.headers(token: "other") + ["-X", "PUT", "--data-binary", "@-"]
                            + ["\(clip.uploadUri)?uploadId=\(clip.id)"], input: data)
                    #expect(stranger.status == 403)
                    expect(try await harness.put(data, block: 0, of: clip), is: 201)
                    _ = try await harness.wait(for: "Published", of: clip.id)
                    #expect(try await statuses(clip.id) == expected, "\(visibility)")
                }
            }
        }
    }

    @Test func `a token file that can't be used is refused with its path and the reason`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "tokens.json")
            for (text, reason) in [
                ("{", "not JSON"), ("{\"tokens\": []}", "no token"),
                ("{\"tokens\": [{}]}", "token\" is missing"),
                ("{\"tokens\": [{\"token\": \"a b\"}]}", "spaces"),
            ] {
                try Data(text.utf8).write(to: file)
                var configuration = LocalService.Configuration(dataFolder: folder.path)
                configuration.tokensFile = file.path
                let error = #expect(throws: LocalServiceError.self) { try LocalService(configuration) }
                let message = error.map(\.description) ?? ""
                #expect(message.contains(file.path) && message.contains(reason), "\(message)")
            }
        }
    }
}
