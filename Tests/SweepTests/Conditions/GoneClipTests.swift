import Foundation
import Glibc
import LocalService
import SystemIO
import Testing

@testable import Pipeline

/// An MP4 that is none any more when its turn to be submitted comes.
@Suite struct GoneClipTests {
    @Test(arguments: ["gone", "a folder", "a pipe"])
    func `a clip that is no file any more fails for good, and no id is asked for`(what: String) async throws {
        try await FaultBench.with(clips: 1) { bench in
            let clip = try #require(
                try FileManager.default.contentsOfDirectory(atPath: bench.folder.path)
                    .first { $0.hasSuffix(".mp4") })
            let path = bench.folder.appending(path: clip).path
            try FileManager.default.removeItem(atPath: path)
            if what == "a folder" { try Folder.make(path) }
            if what == "a pipe" { try #require(mkfifo(path, 0o600) == 0) }
            let failures = try await bench.submit()
            #expect(failures.map(\.kind) == [.permanent], "\(failures)")
            #expect(!bench.service.requests.contains { $0.route == .initialUpload })
        }
    }
}
