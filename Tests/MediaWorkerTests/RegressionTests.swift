import ClipModel
import Foundation
import MediaWorker
import SystemIO
import TestSupport
import Testing

/// Files that the engine once could not bear.
@Suite(.enabled(if: Sanitizer.isOff, "\(Sanitizer.liftsTheFilter)"))
struct RegressionTests {
    private static let folder = Places.root.appending(path: "Tests/Regressions")
    private static let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".mp4") }.sorted()

    @Test func `there are files`() {
        #expect(!Self.files.isEmpty)
    }

    @Test(arguments: files)
    func `each file ends as an answer or a refusal, and the next clip is none the worse`(name: String) async throws {
        let file = try OpenFile(Self.folder.appending(path: name).path)
        let good = try sample("instant-replay")
        let request = MediaRequest(thumbnails: ThumbnailRequest(offsetMilliseconds: 100))
        try await withPool { pool in
            let refusal = await refusal(of: file, by: pool, request)
            #expect(refusal?.kind != .workerCrashed && refusal?.kind != .deadlineExceeded)
            _ = try await pool.examine(good, request)
        }
    }
}
