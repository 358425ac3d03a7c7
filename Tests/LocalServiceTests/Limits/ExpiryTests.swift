import ClipModel
import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct ExpiryTests {
    private let clock = MovableClock(standingAt: Timestamp(seconds: 1_700_000_000))

    @Test func `an upload URI expires, and is good again once a GET of the clip has refreshed it`() async throws {
        try await Harness.run {
            ($0.clock, $0.uriLifetime) = (clock, .seconds(60))
        } _: { harness in
            let block = Samples.bytes(10)
            let clip = try await harness.begin(Samples.request(fileSize: 20, blocks: 2))
            await clock.advance(by: .seconds(59))
            expect(try await harness.put(block, block: 0, of: clip), is: 202)
            await clock.advance(by: .seconds(1))
            expect(try await harness.put(block, block: 1, of: clip), is: 403)
            expect(try await harness.get(harness.url(ofClip: clip.id)), is: 200)
            expect(try await harness.put(block, block: 1, of: clip), is: 500)
            await clock.advance(by: .seconds(34))
            // Another look does not begin the refresh again.
            expect(try await harness.get(harness.url(ofClip: clip.id)), is: 200)
            expect(try await harness.put(block, block: 1, of: clip), is: 500)
            await clock.advance(by: .seconds(1))
            expect(try await harness.put(block, block: 1, of: clip), is: 201)
            #expect(harness.events.problems == [])
        }
    }

    @Test func `download URIs expire; refreshed ones are good at once, old ones 500 and then 403`() async throws {
        try await Harness.run {
            ($0.clock, $0.uriLifetime) = (clock, .seconds(60))
        } _: { harness in
            let data = Samples.bytes(100)
            let begun = try await harness.upload(data, blockSize: 100)
            let old = try await harness.wait(for: "Published", of: begun.id)
            let uri = (old["gameClipUris"] as? [[String: Any]])?.first
            #expect(uri?["expiration"] as? String == "2023-11-14T22:14:20Z")
            expect(try await harness.download(old), is: 200)
            let forged = (uri?["uri"] as? String ?? "").replacing("expires=1", with: "expires=2")
            expect(try await curl(["-g", forged]), is: 403)

            await clock.advance(by: .seconds(60))
            let picture = harness.thumbnail("Large", of: old)["uri"] as? String ?? ""
            expect(try await harness.download(old), is: 403)
            expect(try await curl(["-g", picture]), is: 403)
            let new = try await harness.clip(begun.id)
            #expect(try await harness.download(new).body == data)
            expect(try await harness.download(old), is: 500)
            expect(try await curl(["-g", picture]), is: 500)
            await clock.advance(by: .seconds(35))
            expect(try await harness.download(old), is: 403)
            #expect(try await harness.download(new).body == data)
        }
    }

    @Test func `a token is good for so long after its first use, also in the middle of an upload`() async throws {
        try await withTemporaryFolder { folder in
            let tokens = try TokenFile.write([TokenFile.claims("a"), TokenFile.claims("b")], in: folder)
            try await Harness.run(in: folder) {
                ($0.clock, $0.tokensFile, $0.faults.tokenLifetime) = (clock, tokens, .seconds(30))
            } _: { harness in
                let clip = try await harness.begin(Samples.request(fileSize: 20, blocks: 2))
                await clock.advance(by: .seconds(30))
                expect(try await harness.put(Samples.bytes(10), block: 0, of: clip), is: 401)
                let url = "\(clip.uploadUri)?uploadId=\(clip.id)&blockNum="
                for (block, status) in [(0, 202), (1, 201)] {
                    let answer = try await curl(
                        Harness.headers(token: "b") + ["-X", "PUT", "--data-binary", "0123456789", "\(url)\(block)"])
                    expect(answer, is: status)
                }
            }
        }
    }

    @Test func `an idle connection is closed when the clock is moved beyond the time-out`() async throws {
        try await Harness.run({ $0.clock = clock }) { harness in
            async let first = RawConnection.talk(Data(), port: harness.address.port)
            async let second = RawConnection.talk(
                Data("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc".utf8), port: harness.address.port)
            let mover = Task { while !Task.isCancelled { await clock.advance(by: .seconds(30)) } }
            defer { mover.cancel() }
            #expect(try await first.text.isEmpty)
            // The time-out may come before anything of the request does.
            let text = try await second.text
            #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 408 "), "\(text)")
        }
    }

    @Test func `a download that is under way is not idle`() async throws {
        try await Harness.run({ $0.clock = clock }) { harness in
            // More than the system's buffers on both sides take.
            let data = Samples.bytes(16_000_000)
            let clip = try await harness.wait(
                for: "Published", of: harness.upload(data, blockSize: 2_000_000).id)
            let uri = (clip["gameClipUris"] as? [[String: Any]])?.first?["uri"] as? String ?? ""
            let path = uri.dropFirst(harness.address.baseURL.count)
            let connection = try RawConnection(port: harness.address.port)
            try connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            try await eventually {
                harness.service.requests(RequestQuery(route: .download)).first?.answered == nil ? nil : ()
            }
            await clock.advance(by: .seconds(600))
            #expect(try await connection.byteCount() > data.count)
        }
    }
}
