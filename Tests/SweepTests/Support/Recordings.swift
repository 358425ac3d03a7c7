import Foundation
import TestSupport

/// Moving pictures of some ten kilobytes each, so that most of a run's steps are about blocks.
enum Recordings {
    /// Makes one for each name, each with a content of its own.
    static func make(_ names: [String], in folder: URL) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (number, name) in names.enumerated() {
            let file = folder.appending(path: "\(name).mp4")
            let source = "testsrc2=size=\(96 + 16 * number)x64:rate=10:duration=1"
            try await run(
                "ffmpeg", ["-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-crf", "20", file.path]
            ).expectSuccess()
        }
    }

    /// Puts one where a game would have left it a while ago: those younger than two seconds could still be growing.
    static func put(_ recording: URL, at place: URL) throws {
        if FileManager.default.fileExists(atPath: place.path) { try FileManager.default.removeItem(at: place) }
        try FileManager.default.copyItem(at: recording, to: place)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_762_632_000)], ofItemAtPath: place.path)
    }
}
