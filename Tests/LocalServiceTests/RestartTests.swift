import ClipModel
import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct RestartTests {
    private let data = Samples.bytes(1_000)
    private var blocks: [Data] { Samples.blocks(data, of: 250) }

    @Test func `blocks that were acknowledged are still there after a restart, on another port`() async throws {
        try await withTemporaryFolder { folder in
            let clip = try await Harness.run(in: folder) { harness in
                let clip = try await harness.begin(Samples.request(fileSize: 1_000, blocks: 4))
                for number in [0, 3] {
                    expect(try await harness.put(blocks[number], block: number, of: clip), is: 202)
                }
                return (clip, harness.address.baseURL)
            }
            // What a request leaves behind that was under way when the service was killed.
            let uploads = folder.appending(path: "data/uploads")
            try Data("abc".utf8).write(to: uploads.appending(path: "\(clip.0.id)/.part-0123"))
            try await Harness.run(in: folder) { harness in
                var moved = clip.0
                moved.uploadUri = moved.uploadUri.replacing(clip.1, with: harness.address.baseURL)
                expect(try await harness.put(blocks[0], block: 0, of: moved), is: 202)
                expect(try await harness.put(blocks[1], block: 1, of: moved), is: 202)
                expect(try await harness.put(blocks[2], block: 2, of: moved), is: 201)
                let published = try await harness.wait(for: "Published", of: moved.id)
                #expect(try await harness.download(published).body == data)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: uploads.path) == [])
        }
    }

    @Test func `processing goes on where it was`() async throws {
        try await withTemporaryFolder { folder in
            for state in [GameClipState.uploaded, .processing, .processed, .publishing] {
                let id = try await Harness.run(in: folder) {
                    // No state ends while the service runs, except those before the one that it is stopped
                    // in.
                    $0.delays = .init(each: .zero)
                    switch state {
                    case .uploaded: $0.delays.uploaded = .seconds(3_600)
                    case .processing: $0.delays.processing = .seconds(3_600)
                    case .processed: $0.delays.processed = .seconds(3_600)
                    default: $0.delays.publishing = .seconds(3_600)
                    }
                } _: { harness in
                    let clip = try await harness.upload(data, blockSize: 250)
                    _ = try await harness.wait(for: state.rawValue, of: clip.id)
                    return clip.id
                }
                try await Harness.run(in: folder) { harness in
                    let published = try await harness.wait(for: "Published", of: id)
                    #expect(try await harness.download(published).body == data)
                }
            }
        }
    }

    @Test func `an upload whose last block was stored but not committed is committed at the start`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let id = try await Harness.run(in: folder) { harness in
                let clip = try await harness.begin(Samples.request(fileSize: 1_000, blocks: 4))
                for number in 0..<3 {
                    expect(try await harness.put(blocks[number], block: number, of: clip), is: 202)
                }
                return clip.id
            }
            try blocks[3].write(to: folder.appending(path: "data/uploads/\(id)/3.block"))
            try await Harness.run(in: folder) { harness in
                let published = try await harness.wait(for: "Published", of: id)
                #expect(try await harness.download(published).body == data)
            }
        }
    }

    @Test func `a file that was committed but not recorded as such is not asked for again`() async throws {
        try await withTemporaryFolder { folder in
            let id = try await Harness.run(in: folder) { harness in
                try await harness.begin(Samples.request(fileSize: 1_000, blocks: 4)).id
            }
            try data.write(to: folder.appending(path: "data/clips/\(id).mp4"))
            try await Harness.run(in: folder) { harness in
                let published = try await harness.wait(for: "Published", of: id)
                #expect(try await harness.download(published).body == data)
            }
        }
    }

    @Test func `what a service that was killed left half-made is removed`() async throws {
        try await withTemporaryFolder { folder in
            try await Harness.run(in: folder) { _ in }
            let uploads = folder.appending(path: "data/uploads")
            try FileManager.default.createDirectory(
                at: uploads.appending(path: "0f8fad5b-d9cb-469f-a165-70867728950e"),
                withIntermediateDirectories: true)
            try Data().write(to: folder.appending(path: "data/clips/.clipship-123456"))
            try await Harness.run(in: folder) { _ in }
            #expect(try FileManager.default.contentsOfDirectory(atPath: uploads.path) == [])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/clips") == [])
        }
    }

    @Test func `files of clips that were deleted, or never were, do not outlive a restart; those of others do`()
        async throws
    {
        try await withTemporaryFolder { folder in
            func names(_ kind: String) throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/\(kind)").sorted()
            }
            let (kept, deleted) = try await Harness.run(in: folder) { harness in
                let clips = [
                    try await harness.upload(data, blockSize: 1_000), try await harness.upload(data, blockSize: 1_000),
                ]
                for clip in clips { _ = try await harness.wait(for: "Published", of: clip.id) }
                expect(try await curl(harness.headers + ["-X", "DELETE", harness.url(ofClip: clips[1].id)]), is: 204)
                return (clips[0].id, clips[1].id)
            }
            let before = try (names("clips"), names("thumbnails"))
            #expect(before == (["\(kept).mp4"], ["\(kept).large.jpg", "\(kept).small.jpg"]))
            for id in [deleted, "0f8fad5b-d9cb-469f-a165-70867728950e"] {
                for name in ["clips/\(id).mp4", "thumbnails/\(id).large.jpg", "thumbnails/\(id).small.jpg"] {
                    try data.write(to: folder.appending(path: "data/\(name)"))
                }
            }
            try await Harness.run(in: folder) { _ in }
            #expect(try (names("clips"), names("thumbnails")) == before)
            let mode =
                try FileManager.default.attributesOfItem(atPath: folder.path + "/data")[.posixPermissions] as? Int
            #expect(mode == 0o700)
        }
    }

    @Test func `a second service on the same folder is refused, and takes nothing from the one that runs`() async throws
    {
        try await Harness.run { harness in
            let parts = ["clips", "thumbnails"].map { harness.folder.appending(path: "data/\($0)/.clipship-123456") }
            for part in parts { try Data("half".utf8).write(to: part) }
            #expect {
                try LocalService(.init(dataFolder: harness.folder.path + "/data"), inspector: AnyClipIsVideo())
            } throws: {
                if case .inUse? = $0 as? LocalServiceError { true } else { false }
            }
            for part in parts { #expect(try Data(contentsOf: part) == Data("half".utf8)) }
        }
    }

    @Test func `published clips, captions and deletions last`() async throws {
        try await withTemporaryFolder { folder in
            let (kept, deleted) = try await Harness.run(in: folder) { harness in
                let kept = try await harness.upload(data, blockSize: 1_000, ["userCaption": "kept"])
                let deleted = try await harness.upload(data, blockSize: 1_000)
                for clip in [kept, deleted] { _ = try await harness.wait(for: "Published", of: clip.id) }
                expect(
                    try await curl(harness.headers + ["-X", "DELETE", harness.url(ofClip: deleted.id)]),
                    is: 204)
                return (kept.id, deleted.id)
            }
            try await Harness.run(in: folder) { harness in
                let clip = try await harness.clip(kept)
                #expect(clip["state"] as? String == "Published" && clip["userCaption"] as? String == "kept")
                #expect(try await harness.download(clip).body == data)
                expect(try await harness.get(harness.url(ofClip: deleted)), is: 404)
            }
        }
    }
}
