import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct ConditionalTests {
    @Test(arguments: ["If-None-Match", "ETag"])
    func `a clip, a list, a download that the caller has already is 304, and 200 once it is another`(
        header: String
    ) async throws {
        try await Harness.run { harness in
            let clip = try await harness.upload(Samples.bytes(100), blockSize: 100)
            let published = try await harness.wait(for: "Published", of: clip.id)
            let uris = published["gameClipUris"] as? [[String: Any]]
            let download = try #require(uris?.first?["uri"] as? String)
            for url in [harness.url(ofClip: clip.id), harness.clips, download] {
                let first = try await curl(harness.headers + ["-g", url])
                let tag = try #require(first.headers["etag"])
                let again = try await curl(harness.headers + ["-g", "-H", "\(header): \(tag)", url])
                #expect(again.status == 304 && again.body.isEmpty && again.headers["etag"] == tag, "\(url)")
                #expect(again.headers["content-length"] == first.headers["content-length"], "as RFC 9110 has it")
                let bare = tag.replacing("\"", with: "")
                expect(try await curl(harness.headers + ["-g", "-H", "\(header): \(bare)", url]), is: 304)
                expect(try await curl(harness.headers + ["-g", "-H", "\(header): \"a\"", url]), is: 200)
            }
            let url = harness.url(ofClip: clip.id)
            let tag = try #require(try await harness.get(url).headers["etag"])
            let update = ["-H", "Content-Type: application/json", "--data-binary", #"{"userCaption": "new"}"#]
            expect(try await curl(harness.headers + update + [url]), is: 200)
            expect(try await curl(harness.headers + ["-H", "\(header): \(tag)", url]), is: 200)
        }
    }

    @Test func `with Range, If-Range and ETag say what the part is to be of`() async throws {
        try await Harness.run { harness in
            let clip = try await harness.upload(Samples.bytes(100), blockSize: 100)
            let published = try await harness.wait(for: "Published", of: clip.id)
            let tag = try #require(try await harness.download(published).headers["etag"])
            for header in ["If-Range", "ETag"] {
                let range = ["-H", "Range: bytes=10-19"]
                expect(try await harness.download(published, range + ["-H", "\(header): \(tag)"]), is: 206)
                expect(try await harness.download(published, range + ["-H", "\(header): \"a\""]), is: 200)
            }
            let views = try await harness.clip(clip.id)["views"] as? Int
            expect(try await harness.download(published, ["-H", "If-None-Match: *"]), is: 304)
            #expect(try await harness.clip(clip.id)["views"] as? Int == views)
        }
    }

    @Test func `a body that stops coming is 408, and so it is in the log`() async throws {
        let clock = MovableClock(standingAt: .init(seconds: 1_700_000_000))
        try await Harness.run({ $0.clock = clock }) { harness in
            let connection = try RawConnection(port: harness.address.port)
            try connection.send(
                "POST \("/users/me/scids/\(Harness.scid)/clips") HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n"
                    + "Authorization: Xauth=\(harness.service.developerToken)\r\n\r\n{")
            _ = try await eventually { harness.service.requests.first }
            let answer = try await eventually { () -> String? in
                await clock.advance(by: .seconds(30))
                return harness.service.requests.first?.status == 408 ? try connection.receive() : nil
            }
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
        }
    }
}
