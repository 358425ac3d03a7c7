import Foundation
import SystemIO
import TestSupport
import Testing

@Suite struct PartialFileTests {
    private func write(_ text: String, at offset: Int64, _ file: PartialFile) throws {
        try Array(text.utf8).withUnsafeBytes { try file.write($0, at: offset) }
    }

    @Test func `what came before is there again, and the file appears only when it is whole`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "clip.mp4").path
            try write("one ", at: 0, PartialFile(for: path, tag: "a"))
            #expect(!FileManager.default.fileExists(atPath: path))
            let file = try PartialFile(for: path, tag: "a")
            #expect(file.size == 4)
            try write("two", at: 4, file)
            try file.publish()
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "one two")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["clip.mp4"])
        }
    }

    @Test func `something else for the same place starts over, and so does what was emptied`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "clip.mp4").path
            let file = try PartialFile(for: path, tag: "a")
            try write("one", at: 0, file)
            #expect(try PartialFile(for: path, tag: "b").size == 0)
            try file.empty()
            #expect(file.size == 0)
        }
    }

    @Test func `two can't fetch the same at once`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "clip.mp4").path
            let file = try PartialFile(for: path, tag: "a")
            #expect(throws: FileLockError.held(by: "another process")) { _ = try PartialFile(for: path, tag: "a") }
            withExtendedLifetime(file) {}
        }
    }

    @Test func `a folder that is not there is named by the file's own name`() {
        #expect(throws: FileLockError.self) { _ = try PartialFile(for: "/nonexistent/clip.mp4", tag: "a") }
    }
}
