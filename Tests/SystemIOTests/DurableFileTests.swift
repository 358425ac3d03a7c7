import Foundation
import SystemIO
import TestSupport
import Testing

@Suite struct DurableFileTests {
    @Test func `a file is written whole and replaces an older one`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "a.json").path
            try DurableFile.write(Data("one".utf8), to: path)
            try DurableFile.write(Data("two".utf8), to: path)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "two")
            #expect(try Folder.names(in: folder.path) == ["a.json"])
        }
    }

    @Test func `a write that fails leaves nothing behind and the older file as it was`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "a.json").path
            try DurableFile.write(Data("one".utf8), to: path)
            #expect(throws: FileError.self) {
                try DurableFile.write(to: path) { file throws(FileError) in
                    try file.append(Array("tw".utf8).span.bytes)
                    throw FileError(operation: "write", path: path, code: ENOSPC)
                }
            }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "one")
            #expect(try Folder.names(in: folder.path) == ["a.json"])
        }
    }

    @Test func `a byte range of another file is copied`() async throws {
        try await withTemporaryFolder { folder in
            let source = folder.appending(path: "source").path
            try DurableFile.write(Data("0123456789".utf8), to: source)
            let target = folder.appending(path: "target").path
            let file = try OpenFile(source)
            try DurableFile.write(to: target) { output throws(FileError) in try output.append(3..<7, of: file) }
            #expect(try String(contentsOfFile: target, encoding: .utf8) == "3456")
            #expect(throws: FileError(operation: "read", path: source, code: EIO)) {
                try DurableFile.write(to: target) { output throws(FileError) in try output.append(8..<12, of: file) }
            }
        }
    }

    @Test func `a missing folder is named`() {
        #expect {
            try DurableFile.write(Data(), to: "/nowhere/at/all")
        } throws: { error in
            "\(error)" == "can't write /nowhere/at/all: No such file or directory"
        }
    }

    @Test func `a folder is refused where a file is wanted`() async throws {
        try await withTemporaryFolder { folder in
            #expect(throws: FileError(operation: "read", path: folder.path, code: EISDIR)) {
                _ = try OpenFile(folder.path)
            }
        }
    }
}
