import ClipModel
import Foundation
import SystemIO
import TestSupport

@testable import Pipeline

/// A file of bytes without any pattern, and its manifest.
struct SweptClip: Sendable {
    let manifest: Manifest
    let file: URL

    init(_ number: Int, blocks: Int, of blockSize: Int, pictures: Thumbnails, in folder: URL) throws {
        let name = "clip-\(number)"
        file = folder.appending(path: "\(name).mp4")
        var numbers = SeededNumbers(seed: UInt64(number))
        // The last block is smaller.
        let bytes = (0..<blocks * blockSize - 1 - number % 100).map { _ in
            UInt8.random(in: 0...255, using: &numbers)
        }
        try Data(bytes).write(to: file)
        try pictures.large.write(to: folder.appending(path: "large.jpg"))
        try pictures.small.write(to: folder.appending(path: "small.jpg"))

        let scid = "00000000-0000-0012-0023-000000000070"
        let content = try SHA256Hasher.digest(of: bytes.span.bytes)
        var request = InitialUploadRequest(
            dateRecorded: "2026-01-31T20:15:00Z", durationInSeconds: UInt32(number + 1),
            fileSize: UInt32(bytes.count), expectedBlocks: UInt32(blocks))
        let key = try ClipKey.of(clip: name, scid: scid, sessionRef: nil, content: content)
        request.systemProperties = ClipMarker(key: key, beside: nil).text
        let digests = try stride(from: 0, to: bytes.count, by: blockSize).map { start in
            let block = Array(bytes[start..<min(start + blockSize, bytes.count)])
            return try SHA256Hasher.digest(of: block.span.bytes)
        }
        manifest = Manifest(
            clip: name, scid: scid,
            file: .init(path: "\(name).mp4", size: Int64(bytes.count), sha256: content),
            request: WithUnknownFields(request),
            blocks: .init(size: Int64(blockSize), sha256: digests),
            thumbnails: .init(
                requestedMilliseconds: 3_000, frameMilliseconds: 3_000,
                large: try Self.picture("large.jpg", pictures.large, .largeThumbnail),
                small: try Self.picture("small.jpg", pictures.small, .smallThumbnail)),
            media: MediaFacts(
                container: "mp4", durationSeconds: Double(number + 1),
                video: VideoFacts(codec: "h264", width: 64, height: 48, frameRate: "10/1"), audio: nil),
            warnings: [])
    }

    /// Of the file, as if it were older than it is; nil where files have none.
    func stamp() throws -> String? {
        let open = try OpenFile(file.path)
        let identity = try open.identity()
        return open.stamp(of: identity, now: identity.changed + 3_000_000_000)
    }

    private static func picture(_ path: String, _ jpeg: Data, _ size: PictureSize) throws -> Manifest.Picture {
        let bytes = [UInt8](jpeg)
        return Manifest.Picture(
            path: path, dimensions: size, size: Int64(bytes.count),
            sha256: try SHA256Hasher.digest(of: bytes.span.bytes))
    }
}

/// Both thumbnails, as the service wants them.
struct Thumbnails: Sendable {
    var large: Data
    var small: Data

    /// Made once.
    static let shared = Task {
        Thumbnails(large: try await jpeg("856x424"), small: try await jpeg("424x208"))
    }

    private static func jpeg(_ size: String) async throws -> Data {
        let source = "testsrc2=size=\(size):rate=1:duration=1"
        let result = try await run(
            "ffmpeg",
            ["-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "1", "-f", "image2", "-c:v", "mjpeg", "-"])
        try result.expectSuccess()
        return result.output
    }
}
