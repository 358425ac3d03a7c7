import Foundation
import TestSupport

@testable import LocalService

enum Samples {
    /// A valid initial request.
    static func request(fileSize: Int, blocks: Int? = nil) -> [String: Any] {
        var request: [String: Any] = [
            "dateRecorded": "2012-12-23T11:08:08Z", "durationInSeconds": 27, "fileSize": fileSize,
            "type": "MagicMoment, Achievement", "source": "Console", "visibility": "Default",
        ]
        request["expectedBlocks"] = blocks
        return request
    }

    /// Bytes without any pattern, the same each time for the same seed.
    static func bytes(_ count: Int, seed: UInt64 = 1) -> Data {
        var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        var bytes = [UInt8]()
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            withUnsafeBytes(of: state) { bytes.append(contentsOf: $0) }
        }
        return Data(bytes.prefix(count))
    }

    static func blocks(_ data: Data, of size: Int) -> [Data] {
        stride(from: 0, to: data.count, by: size).map { Data(data[$0..<min($0 + size, data.count)]) }
    }

    /// A JPEG file of that size in pixels.
    static func jpeg(width: Int, height: Int, in folder: URL) async throws -> Data {
        let file = folder.appending(path: "\(width)x\(height).jpg")
        let result = try await run(
            "ffmpeg",
            [
                "-v", "error", "-y", "-f", "lavfi", "-i",
                "testsrc2=size=\(width)x\(height):rate=1:duration=1",
                "-frames:v", "1", file.path,
            ])
        guard result.status == 0 else { throw CurlFailure(status: result.status, text: result.errorText) }
        return try Data(contentsOf: file)
    }
}

/// Takes every file for video, so that tests of the calls need none.
struct AnyClipIsVideo: ClipInspector {
    func inspect(path: String, offsetMilliseconds: Int64) throws(InspectionFailure) -> ClipThumbnails {
        ClipThumbnails(large: Data("large at \(offsetMilliseconds)".utf8), small: Data("small".utf8))
    }
}

/// Takes no file for video.
struct NoClipIsVideo: ClipInspector {
    func inspect(path: String, offsetMilliseconds: Int64) throws(InspectionFailure) -> ClipThumbnails {
        throw InspectionFailure(reason: "there is no video in it")
    }
}
