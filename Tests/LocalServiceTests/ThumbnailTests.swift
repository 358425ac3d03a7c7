import ClipModel
import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct ThumbnailTests {
    private let data = Samples.bytes(1_000)
    private let source: [String: Any] = ["thumbnailSource": "Upload"]

    @Test func `with thumbnailSource Upload, the clip waits for both and shows them`() async throws {
        try await Harness.run { harness in
            let large = try await Samples.jpeg(width: 856, height: 424, in: harness.folder)
            let small = try await Samples.jpeg(width: 424, height: 208, in: harness.folder)
            let clip = try await harness.upload(data, blockSize: 400, source)
            let (largeUri, smallUri) = (try #require(clip.large), try #require(clip.small))
            #expect(try await harness.clip(clip.id)["state"] as? String == "Uploaded")
            expect(try await harness.put(large, to: largeUri), is: 201)
            #expect(try await harness.clip(clip.id)["state"] as? String == "Uploaded")
            expect(try await harness.put(large, to: largeUri), is: 200)
            expect(try await harness.put(small, to: smallUri), is: 201)
            let published = try await harness.wait(for: "Published", of: clip.id)
            for (type, picture, size) in [("Large", large, (856, 424)), ("Small", small, (424, 208))] {
                let thumbnail = harness.thumbnail(type, of: published)
                #expect(thumbnail["fileSize"] as? Int == picture.count)
                #expect(thumbnail["width"] as? Int == size.0 && thumbnail["height"] as? Int == size.1)
                let fetched = try await curl(["-g", thumbnail["uri"] as? String ?? ""])
                #expect(fetched.body == picture && fetched.headers["content-type"] == "image/jpeg")
            }
        }
    }

    @Test func `what is not a JPEG of the right size is 400`() async throws {
        try await Harness.run { harness in
            let large = try await Samples.jpeg(width: 856, height: 424, in: harness.folder)
            let clip = try await harness.begin(Samples.request(fileSize: 10).merging(source) { $1 })
            let (largeUri, smallUri) = (try #require(clip.large), try #require(clip.small))
            expect(try await harness.put(large, to: smallUri), is: 400)
            for bad in [
                Data(), Data("GIF89a".utf8), Data([0xff, 0xd8]), Data([0xff, 0xd8, 0xff, 0xd9]),
                large.dropLast(),
                Data([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xd9]),
                Data([0xff, 0xd8] + Array(repeating: 0xff, count: 99)),
                Data([0xff, 0xd8]) + Samples.bytes(1_048_576) + Data([0xff, 0xd9]),
            ] {
                let answer = try await harness.put(bad, to: largeUri)
                expect(answer, is: 400)
                #expect(try answer.json["errorSource"] != nil)
            }
        }
    }

    @Test(arguments: [("Default", nil as Int?, 3_000), ("Offset", 20_000, 20_000)])
    func `otherwise the service makes them at the right time, and has no URIs for them`(
        source: String, offset: Int?, time: Int
    ) async throws {
        try await Harness.run { harness in
            var change: [String: Any] = ["thumbnailSource": source]
            change["thumbnailOffsetMillseconds"] = offset
            let clip = try await harness.upload(data, blockSize: 1_000, change)
            #expect(clip.large == nil && clip.small == nil)
            let published = try await harness.wait(for: "Published", of: clip.id)
            let fetched = try await curl([
                "-g", harness.thumbnail("Large", of: published)["uri"] as? String ?? "",
            ])
            #expect(fetched.text == "large at \(time)")
            expect(try await harness.put(data, to: "\(clip.uploadUri)/thumbnails/large"), is: 404)
        }
    }

    @Test func `when set so, there are URIs always, and what is uploaded is shown`() async throws {
        try await Harness.run({ $0.thumbnailURIs = .always }) { harness in
            let large = try await Samples.jpeg(width: 856, height: 424, in: harness.folder)
            let clip = try await harness.begin(Samples.request(fileSize: data.count))
            expect(try await harness.put(large, to: try #require(clip.large)), is: 201)
            expect(try await harness.put(data, block: 0, of: clip), is: 201)
            let published = try await harness.wait(for: "Published", of: clip.id)
            let fetched = try await curl([
                "-g", harness.thumbnail("Large", of: published)["uri"] as? String ?? "",
            ])
            #expect(fetched.body == large)
            let made = try await curl([
                "-g", harness.thumbnail("Small", of: published)["uri"] as? String ?? "",
            ])
            #expect(made.text == "small")
        }
    }
}
