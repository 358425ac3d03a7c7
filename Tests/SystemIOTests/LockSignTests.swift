import Foundation
import TestSupport
import Testing

@testable import SystemIO

/// Files that say who has a lock, on disks whose own locks can't be counted on.
@Suite struct LockSignTests {
    @Test func `what a process has is removed at its end, whoever still owns the lock`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "a.lock").path
            let sign = try LockSign(of: path, holder: "this test", isLocked: true)
            #expect(FileManager.default.fileExists(atPath: "\(path).1"))
            #expect(throws: FileLockError.self) { try LockSign(of: path, holder: "another", isLocked: false) }
            FileLock.removeSigns(within: 60)
            #expect(!FileManager.default.fileExists(atPath: "\(path).1"))

            // The next one has the same number: it is not the first one's to remove.
            let next = try LockSign(of: path, holder: "the next", isLocked: true)
            sign.remove()
            #expect(FileManager.default.fileExists(atPath: "\(path).1"))
            next.remove()
            #expect(!FileManager.default.fileExists(atPath: "\(path).1"))
        }
    }
}
