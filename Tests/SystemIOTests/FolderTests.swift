import Foundation
import SystemIO
import TestSupport
import Testing

@Suite struct FolderTests {
    @Test func `names are sorted by their bytes`() async throws {
        try await withTemporaryFolder { folder in
            let names = ["a", "B", "ä", "a-b", "a b", "日", "ab"]
            for name in names { try Data().write(to: folder.appending(path: name)) }
            let expected = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            #expect(try Folder.names(in: folder.path) == expected)
        }
    }

    @Test func `an entry says whether it is a folder, and a link does not`() async throws {
        try await withTemporaryFolder { folder in
            try Data().write(to: folder.appending(path: "file"))
            try FileManager.default.createDirectory(
                at: folder.appending(path: "folder"), withIntermediateDirectories: false)
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending(path: "link").path, withDestinationPath: "folder")
            let kinds = Dictionary(
                uniqueKeysWithValues: try Folder.entries(in: folder.path).map { ($0.name, $0.isFolder) })
            #expect(kinds == ["file": false, "folder": true, "link": nil as Bool?])
        }
    }
}
