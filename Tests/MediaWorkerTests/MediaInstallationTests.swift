import Foundation
import TestSupport
import Testing

@testable import MediaWorker

/// By what another installation is told from this one.
@Suite struct MediaInstallationTests {
    @Test func `each file that changes with an installation changes its identity`() async throws {
        try await withTemporaryFolder { folder in
            let libraries = folder.appending(path: "lib")
            try FileManager.default.createDirectory(at: libraries, withIntermediateDirectories: true)
            let files = ["program", "cache", "lib/libavcodec.so.1", "lib/libswscale.so.1"]
            let path = { (name: String) in folder.appending(path: name).path }
            for name in files { try Data(name.utf8).write(to: URL(filePath: path(name))) }
            func identity() -> String {
                MediaInstallation(
                    program: path("program"), loaderCache: path("cache"), libraryPath: "/nowhere:\(libraries.path);"
                ).identity
            }
            var seen: Set = [identity()]
            #expect(seen == [identity()])
            for name in files {
                // Written over, so that its folder does not change.
                let file = try FileHandle(forWritingTo: URL(filePath: path(name)))
                try file.seekToEnd()
                try file.write(contentsOf: Data("more".utf8))
                try file.close()
                #expect(seen.insert(identity()).inserted, "\(name)")
            }
            try FileManager.default.removeItem(atPath: path("program"))
            #expect(seen.insert(identity()).inserted)
            // A decoder that FFmpeg uses.
            try FileManager.default.setAttributes([.modificationDate: Date.distantPast], ofItemAtPath: libraries.path)
            #expect(seen.insert(identity()).inserted)
        }
    }

    @Test func `it is a line, whatever the folders are called`() {
        let installation = MediaInstallation(program: "/a\nb", loaderCache: "/c", libraryPath: "/d\n/e")
        #expect(!installation.identity.contains("\n"))
        #expect(MediaInstallation.current == MediaInstallation.current)
    }
}
