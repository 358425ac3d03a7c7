import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct InitialUploadTests {
    @Test func `every call issues another id`() async throws {
        try await Harness.run { harness in
            let request = Samples.request(fileSize: 10)
            let first = try await harness.begin(request)
            let second = try await harness.begin(request)
            #expect(first.id != second.id && first.uploadUri != second.uploadUri)
            #expect(ClipIdentifier.isValid(first.id))
        }
    }

    @Test func `the answer has the headers of the protocol`() async throws {
        try await Harness.run { harness in
            let answer = try await harness.initialUpload(Samples.request(fileSize: 10))
            #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
            #expect(answer.headers["x-requestedserviceversion"] == "1")
            for name in ["cache-control", "accept", "vary"] {
                #expect(answer.headers[name] != nil, "\(name)")
            }
        }
    }

    @Test func `all members of the request are kept and shown`() async throws {
        try await Harness.run { harness in
            let request = Samples.request(fileSize: 1_234_567, blocks: 7).merging([
                "clipNameStringId": "1193045", "userCaption": "OMG Look at this! <b>é🎮</b>",
                "sessionRef": "s",
                "titleData": "{ 'Boss': 'The Invincible' }",
                "systemProperties": "{ 'Location': 'C:\\videos' }",
                "usersInSession": ["1", "2"], "thumbnailSource": "Offset",
                "thumbnailOffsetMillseconds": 20_000,
                "savedByUser": true, "greatestMomentId": NSNull(), "somethingNew": ["a": 1],
            ]) { $1 }
            let clip = try await harness.clip(harness.begin(request).id)
            for name in [
                "userCaption", "titleData", "systemProperties", "dateRecorded", "type", "source",
                "visibility",
            ] {
                #expect(clip[name] as? String == request[name] as? String, "\(name)")
            }
            #expect(clip["clipName"] as? String == "1193045")
            #expect(clip["durationInSeconds"] as? Int == 27)
            #expect(clip["savedByUser"] as? Bool == true)
            #expect(clip["scid"] as? String == Harness.scid)
            #expect((clip["gameClipUris"] as? [Any])?.isEmpty == true)
        }
    }

    /// Each change makes the valid request invalid; the message has to name the member.
    static let mistakes: [(change: @Sendable (inout [String: Any]) -> Void, word: String)] = [
        ({ $0["dateRecorded"] = nil }, "dateRecorded"),
        ({ $0["dateRecorded"] = "yesterday" }, "dateRecorded"),
        ({ $0["dateRecorded"] = 5 }, "dateRecorded"),
        ({ $0["dateRecorded"] = "2012-02-30T00:00:00Z" }, "dateRecorded"),
        ({ $0["durationInSeconds"] = nil }, "durationInSeconds"),
        ({ $0["durationInSeconds"] = -1 }, "durationInSeconds"),
        ({ $0["durationInSeconds"] = 1.5 }, "durationInSeconds"),
        ({ $0["durationInSeconds"] = "27" }, "durationInSeconds"),
        ({ $0["fileSize"] = nil }, "fileSize"), ({ $0["fileSize"] = 0 }, "fileSize"),
        ({ $0["fileSize"] = 4_294_967_296 }, "fileSize"), ({ $0["fileSize"] = true }, "fileSize"),
        ({ $0["expectedBlocks"] = 0 }, "expectedBlocks"),
        ({ $0["expectedBlocks"] = 1_000_001 }, "expectedBlocks"),
        (
            {
                $0["fileSize"] = 2_097_153; $0["expectedBlocks"] = 1
            }, "expectedBlocks"
        ),
        ({ $0["expectedBlocks"] = -1 }, "expectedBlocks"),
        ({ $0["type"] = nil }, "type"), ({ $0["type"] = "" }, "type"), ({ $0["type"] = "None" }, "type"),
        ({ $0["type"] = "MagicMoment, Nonsense" }, "Nonsense"), ({ $0["type"] = ["MagicMoment"] }, "type"),
        ({ $0["source"] = nil }, "source"), ({ $0["source"] = "None" }, "source"),
        ({ $0["source"] = "Phone" }, "source"),
        ({ $0["visibility"] = nil }, "visibility"), ({ $0["visibility"] = "None" }, "visibility"),
        ({ $0["visibility"] = "public" }, "visibility"),
        ({ $0["userCaption"] = String(repeating: "é", count: 251) }, "userCaption"),
        // One character to the eye, seven code points.
        ({ $0["userCaption"] = String(repeating: "👨‍👩‍👧‍👦", count: 36) }, "userCaption has 252"),
        ({ $0["titleData"] = String(repeating: "x", count: 10_241) }, "titleData"),
        ({ $0["titleData"] = ["a": 1] }, "titleData"), ({ $0["systemProperties"] = 1 }, "systemProperties"),
        ({ $0["usersInSession"] = "me" }, "usersInSession"),
        ({ $0["usersInSession"] = [1] }, "usersInSession"),
        ({ $0["thumbnailSource"] = "Best" }, "thumbnailSource"),
        ({ $0["thumbnailSource"] = "Offset" }, "thumbnailOffsetMillseconds"),
        ({ $0["thumbnailOffsetMillseconds"] = 3_000 }, "thumbnailOffsetMillseconds"),
        (
            {
                $0["thumbnailSource"] = "Upload"; $0["thumbnailOffsetMillseconds"] = 3_000
            }, "thumbnailOffsetMillseconds"
        ),
        (
            {
                $0["thumbnailSource"] = "Offset"; $0["thumbnailOffsetMillseconds"] = -1
            }, "thumbnailOffsetMillseconds"
        ),
        ({ $0["savedByUser"] = "yes" }, "savedByUser"), ({ $0["sessionRef"] = 1 }, "sessionRef"),
    ]

    @Test func `each mistake in the body is 400 and named in a ServiceErrorResponse`() async throws {
        try await Harness.run { harness in
            for (change, word) in Self.mistakes {
                var request = Samples.request(fileSize: 1_000_000, blocks: 1)
                change(&request)
                let answer = try await harness.initialUpload(request)
                #expect(answer.status == 400, "\(request)")
                let json = try answer.json
                #expect(json["errorCode"] as? Int == 4000)
                #expect((json["errorMessage"] as? String ?? "").contains(word), "\(json)")
            }
            let list = try await harness.get(harness.clips).json
            #expect((list["gameClips"] as? [Any])?.count == 0)
        }
    }

    @Test func `the limits themselves are taken`() async throws {
        try await Harness.run { harness in
            for change: [String: Any] in [
                ["userCaption": String(repeating: "é", count: 250)],
                ["userCaption": String(repeating: "🎮", count: 250)],
                ["titleData": String(repeating: "x", count: 10_240)],
                ["fileSize": 4_294_967_295, "expectedBlocks": 2_048],
                ["fileSize": 2_097_152, "expectedBlocks": 1],
                ["fileSize": 7, "expectedBlocks": 7],
                ["thumbnailSource": "Offset", "thumbnailOffsetMillseconds": 0],
                ["dateRecorded": "2013-05-08T21:32:17.4201279Z"], ["durationInSeconds": 4_294_967_295],
            ] {
                let request = Samples.request(fileSize: 1_000_000).merging(change) { $1 }
                let answer = try await harness.initialUpload(request)
                #expect(answer.status == 200, "\(change)")
            }
        }
    }

    @Test(arguments: ["", "{", "[]", "null", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "\"text\""])
    func `what is not one JSON object is 400`(body: String) async throws {
        try await Harness.run { harness in
            let answer = try await curl(
                harness.headers + [
                    "-H", "Content-Type: application/json", "--data-binary", "@-", harness.clips,
                ],
                input: Data(body.utf8))
            #expect(answer.status == 400)
            #expect(try answer.json["errorCode"] as? Int == 4000)
        }
    }

    @Test(arguments: [[], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"]])
    func `a body of more than 256 KiB is 400, however it is sent`(more: [String]) async throws {
        try await Harness.run { harness in
            let text = "{\"systemProperties\": \"\(String(repeating: "x", count: 300_000))\"}"
            let answer = try await curl(
                harness.headers + more + [
                    "-H", "Content-Type: application/json", "--data-binary", "@-", harness.clips,
                ],
                input: Data(text.utf8))
            #expect(answer.status == 400)
            #expect(answer.text.contains("262144"))
        }
    }

    @Test func `a body of another content type is 400`() async throws {
        try await Harness.run { harness in
            let answer = try await curl(harness.headers + ["--data", "{}", harness.clips])
            #expect(answer.status == 400 && answer.text.contains("application/json"))
        }
    }

    @Test func `over the quota is 400; a deleted clip gives its part back`() async throws {
        try await Harness.run({ $0.quota = 100 }) { harness in
            let first = try await harness.begin(Samples.request(fileSize: 60))
            let refused = try await harness.initialUpload(Samples.request(fileSize: 41))
            #expect(refused.status == 400 && refused.text.contains("quota"))
            let fitting = try await harness.initialUpload(Samples.request(fileSize: 40))
            #expect(fitting.status == 200)
            expect(
                try await curl(harness.headers + ["-X", "DELETE", harness.url(ofClip: first.id)]), is: 204)
            let again = try await harness.initialUpload(Samples.request(fileSize: 60))
            #expect(again.status == 200)
        }
    }

    @Test func `clips are uploaded for me only`() async throws {
        try await Harness.run { harness in
            let url = harness.clips.replacing("/me/", with: "/xuid(2533274790412952)/")
            let answer = try await curl(
                harness.headers + ["-g", "-H", "Content-Type: application/json", "--data", "{}", url])
            #expect(answer.status == 403)
        }
    }
}
