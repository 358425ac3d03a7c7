import ClipModel
import Foundation
import Testing

@testable import LocalService

@Suite(.serialized) struct UploadTests {
    @Test
    func
        `blocks in any order and in parallel make up the clip, which is published and fetched whole`()
        async throws
    {
        try await Harness.run { harness in
            let data = Samples.bytes(1_000_003)
            let blocks = Samples.blocks(data, of: 150_000)
            let clip = try await harness.begin(Samples.request(fileSize: data.count, blocks: blocks.count))
            #expect(clip.uploadUri.hasPrefix(harness.address.baseURL + "/upload/xuid("))
            #expect(clip.large == nil && clip.small == nil)
            #expect(try await harness.clip(clip.id)["state"] as? String == "PendingUpload")

            let last = try await harness.put(blocks[6], block: 6, of: clip)
            #expect(last.status == 202 && last.body.isEmpty)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in [3, 0, 5, 1, 4, 2] {
                    group.addTask { try await harness.put(blocks[number], block: number, of: clip).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [201, 202, 202, 202, 202, 202])

            let published = try await harness.wait(for: "Published", of: clip.id)
            let uris = try #require(published["gameClipUris"] as? [[String: Any]])
            #expect(uris.count == 1 && uris[0]["uriType"] as? String == "Download")
            #expect(uris[0]["fileSize"] as? Int == data.count)
            let fetched = try await curl([try #require(uris[0]["uri"] as? String)])
            #expect(fetched.status == 200 && fetched.body == data)
            #expect(fetched.headers["content-type"] == "video/mp4")
            #expect(
                harness.events.states(of: clip.id)
                    == [.pendingUpload, .uploaded, .processing, .processed, .publishing, .published])
            #expect(harness.events.problems == [])
        }
    }

    @Test func `without expectedBlocks the whole file goes up in one request`() async throws {
        try await Harness.run { harness in
            let data = Samples.bytes(3_000_000)
            let clip = try await harness.begin(Samples.request(fileSize: data.count))
            let answer = try await harness.put(data, to: clip.uploadUri, "uploadId=\(clip.id)")
            #expect(answer.status == 201)
            let published = try await harness.wait(for: "Published", of: clip.id)
            let uris = try #require(published["gameClipUris"] as? [[String: Any]])
            #expect(try await curl([try #require(uris[0]["uri"] as? String)]).body == data)
        }
    }
}
