import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct BlockTests {
    @Test func `a body that was compressed on its way is 415, and nothing of it is stored`() async throws {
        try await Harness.run { harness in
            let clip = try await harness.begin(Samples.request(fileSize: 10))
            let url = "\(clip.uploadUri)?uploadId=\(clip.id)"
            for coding in ["gzip", "identity, br"] {
                let answer = try await harness.put(
                    Samples.bytes(10), to: url, more: ["-H", "Content-Encoding: \(coding)"])
                expect(answer, is: 415)
                #expect(answer.headers["accept-encoding"] == "identity")
            }
            #expect(try await harness.clip(clip.id)["state"] as? String == "PendingUpload")
            let plain = ["-H", "Content-Encoding: identity"]
            expect(try await harness.put(Samples.bytes(10), to: url, more: plain), is: 201)
        }
    }

    @Test func `a block is taken with any content type, and without one`() async throws {
        try await Harness.run { harness in
            let types = ["Content-Type: application/octet-stream", "Content-Type: video/mp4", "Content-Type:"]
            let clip = try await harness.begin(Samples.request(fileSize: 30, blocks: types.count))
            for (block, type) in types.enumerated() {
                let url = "\(clip.uploadUri)?blockNum=\(block)&uploadId=\(clip.id)"
                let answer = try await curl(
                    harness.headers + ["-H", type, "-X", "PUT", "--data-binary", "0123456789", url])
                expect(answer, is: block == types.count - 1 ? 201 : 202)
            }
        }
    }

    private let data = Samples.bytes(1_000)

    /// An upload of 1,000 bytes in 4 blocks of 250.
    private func withUpload(_ body: (Harness, Harness.Begun, [Data]) async throws -> Void) async throws {
        try await Harness.run { harness in
            let clip = try await harness.begin(Samples.request(fileSize: 1_000, blocks: 4))
            try await body(harness, clip, Samples.blocks(data, of: 250))
        }
    }

    @Test(arguments: [
        ("uploadId=ID", 400, "blockNum is missing"), ("blockNum=0", 400, "uploadId is missing"),
        ("blockNum=4&uploadId=ID", 400, "numbered from 0"), ("blockNum=-1&uploadId=ID", 400, "blockNum"),
        ("blockNum=x&uploadId=ID", 400, "blockNum"), ("blockNum=&uploadId=ID", 400, "blockNum"),
        ("blockNum=4294967296&uploadId=ID", 400, "blockNum"),
        ("blockNum=0&blockNum=1&uploadId=ID", 400, "blockNum"),
        ("blockNum=0&uploadId=", 403, "uploadId"), ("blockNum=0&uploadId=other", 403, "uploadId"),
        ("blockNum=0&uploadId=ID&uploadId=ID", 400, "more than once"),
    ])
    func `a query that is wrong is refused with a GameClipsServiceErrorResponse`(
        query: String, status: Int, word: String
    ) async throws {
        try await withUpload { harness, clip, blocks in
            let answer = try await harness.put(
                blocks[0], to: clip.uploadUri, query.replacing("ID", with: clip.id))
            #expect(answer.status == status)
            let json = try answer.json
            #expect((json["errorMessage"] as? String ?? "").contains(word), "\(json)")
            #expect(json["errorSource"] as? String == "GameClipsTransfer" && json["errorResponseCode"] is Int)
        }
    }

    @Test func `an upload that there never was is 404, one of another user's path too`() async throws {
        try await withUpload { harness, clip, blocks in
            let unknown = "0f8fad5b-d9cb-469f-a165-70867728950e"
            let url = clip.uploadUri.replacing(clip.id, with: unknown)
            expect(try await harness.put(blocks[0], to: url, "blockNum=0&uploadId=\(unknown)"), is: 404)
            let other = clip.uploadUri.replacing("xuid(2533274790412952)", with: "xuid(1)")
            expect(try await harness.put(blocks[0], to: other, "blockNum=0&uploadId=\(clip.id)"), is: 404)
        }
    }

    @Test(arguments: [[], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"]])
    func `a block of more than 2,097,152 bytes is 400, one of exactly that is taken`(more: [String])
        async throws
    {
        try await Harness.run { harness in
            let clip = try await harness.begin(Samples.request(fileSize: 4_194_304, blocks: 2))
            let query = "blockNum=0&uploadId=\(clip.id)"
            for (size, status) in [(2_097_153, 400), (4_194_304, 400), (2_097_152, 202)] {
                let answer = try await harness.put(Samples.bytes(size), to: clip.uploadUri, query, more: more)
                #expect(answer.status == status, "\(size)")
            }
        }
    }

    @Test(arguments: [
        [], ["-H", "Transfer-Encoding: chunked"], ["-H", "Content-Type: application/x-www-form-urlencoded"],
    ])
    func `blocks are taken however they are sent`(more: [String]) async throws {
        try await withUpload { harness, clip, blocks in
            for (number, block) in blocks.enumerated() {
                let query = "blockNum=\(number)&uploadId=\(clip.id)"
                let answer = try await harness.put(block, to: clip.uploadUri, query, more: more)
                #expect(answer.status == (number == 3 ? 201 : 202))
            }
            let published = try await harness.wait(for: "Published", of: clip.id)
            #expect(try await harness.download(published).body == data)
        }
    }

    @Test(arguments: [[], ["-H", "Transfer-Encoding: chunked"]])
    func `blocks that can't make up the file are 400, and the right ones complete it after all`(
        more: [String]
    ) async throws {
        try await withUpload { harness, clip, blocks in
            func put(_ data: Data, _ block: Int) async throws -> Answer {
                try await harness.put(
                    data, to: clip.uploadUri, "blockNum=\(block)&uploadId=\(clip.id)", more: more)
            }
            expect(try await put(Samples.bytes(998), 0), is: 400)
            expect(try await put(Data(), 0), is: 400)
            for block in 0..<3 { expect(try await put(blocks[block], block), is: 202) }
            expect(try await put(blocks[3].dropLast(), 3), is: 400)
            expect(try await put(blocks[3] + [0], 3), is: 400)
            #expect(try await harness.clip(clip.id)["state"] as? String == "PendingUpload")
            expect(try await put(blocks[3], 3), is: 201)
        }
    }

    @Test func `blocks need not be of one size`() async throws {
        try await Harness.run { harness in
            let clip = try await harness.begin(Samples.request(fileSize: 1_000, blocks: 3))
            expect(try await harness.put(data[900...], block: 2, of: clip), is: 202)
            expect(try await harness.put(data[..<1], block: 0, of: clip), is: 202)
            expect(try await harness.put(data[1..<900], block: 1, of: clip), is: 201)
            let published = try await harness.wait(for: "Published", of: clip.id)
            #expect(try await harness.download(published).body == data)
        }
    }

    @Test func `a block that comes again is 202, changes nothing, and must have the same size`() async throws {
        try await withUpload { harness, clip, blocks in
            expect(try await harness.put(blocks[1], block: 1, of: clip), is: 202)
            expect(try await harness.put(Samples.bytes(250, seed: 9), block: 1, of: clip), is: 202)
            expect(try await harness.put(blocks[1].dropLast(), block: 1, of: clip), is: 400)
            for number in [0, 2, 3] {
                expect(
                    try await harness.put(blocks[number], block: number, of: clip),
                    is: number == 3 ? 201 : 202)
            }
            let published = try await harness.wait(for: "Published", of: clip.id)
            #expect(try await harness.download(published).body == data)
            expect(try await harness.put(blocks[1], block: 1, of: clip), is: 200)
            expect(
                try await harness.put(blocks[1], to: clip.uploadUri, "blockNum=9&uploadId=\(clip.id)"),
                is: 400)
        }
    }

    @Test func `the same block from many connections at once is stored once`() async throws {
        try await withUpload { harness, clip, blocks in
            for (number, block) in blocks.enumerated() {
                let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<6 {
                        group.addTask { try await harness.put(block, block: number, of: clip).status }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                if number < 3 {
                    #expect(statuses == Array(repeating: 202, count: 6))
                } else {
                    #expect(
                        statuses.count { $0 == 201 } == 1 && statuses.allSatisfy { (200...202).contains($0) })
                }
            }
            let published = try await harness.wait(for: "Published", of: clip.id)
            #expect(try await harness.download(published).body == data)
            #expect(harness.events.states(of: clip.id).count { $0 == .uploaded } == 1)
        }
    }

    @Test(arguments: ["Content-Length: 250", "Transfer-Encoding: chunked"])
    func `a connection that is lost in the middle of a block leaves nothing of it behind`(length: String)
        async throws
    {
        try await withUpload { harness, clip, blocks in
            let folder = harness.folder.appending(path: "data/uploads/\(clip.id)").path
            let path = clip.uploadUri.dropFirst(harness.address.baseURL.count)
            var connection: RawConnection? = try RawConnection(port: harness.address.port)
            let body = length.hasPrefix("T") ? "64\r\n\(String(repeating: "x", count: 100))\r\n" : "abc"
            try connection?.send(
                "PUT \(path)?blockNum=0&uploadId=\(clip.id) HTTP/1.1\r\nHost: a\r\n\(length)\r\n"
                    + "Authorization: Xauth=\(harness.service.developerToken)\r\n\r\n\(body)")
            _ = try await eventually {
                try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty ? nil : true
            }
            connection = nil
            _ = try await eventually {
                try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty ? true : nil
            }
            for (number, block) in blocks.enumerated() {
                expect(try await harness.put(block, block: number, of: clip), is: number == 3 ? 201 : 202)
            }
            let published = try await harness.wait(for: "Published", of: clip.id)
            #expect(try await harness.download(published).body == data)
        }
    }

    @Test func `an uploadId in the query of uploadUri is kept by the client and asked for`() async throws {
        try await Harness.run({ $0.uploadIds = .inQuery }) { harness in
            let clip = try await harness.begin(Samples.request(fileSize: 1_000, blocks: 1))
            #expect(clip.uploadUri.contains("?uploadId="))
            expect(try await harness.put(data, to: clip.uploadUri, "blockNum=0"), is: 201)
            let other = try await harness.begin(Samples.request(fileSize: 1_000, blocks: 1))
            let bare = String(other.uploadUri.prefix { $0 != "?" })
            expect(try await harness.put(data, to: bare, "blockNum=0&uploadId=\(other.id)"), is: 403)
        }
    }

    @Test func `after the clip is deleted, its upload is 410`() async throws {
        try await withUpload { harness, clip, blocks in
            expect(try await harness.put(blocks[0], block: 0, of: clip), is: 202)
            expect(try await curl(harness.headers + ["-X", "DELETE", harness.url(ofClip: clip.id)]), is: 204)
            expect(try await harness.put(blocks[1], block: 1, of: clip), is: 410)
            let folder = harness.folder.appending(path: "data/uploads/\(clip.id)").path
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
    }
}
