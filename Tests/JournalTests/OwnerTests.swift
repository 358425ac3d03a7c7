import ClipModel
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Journal

/// Whose uploads a journal knows.
@Suite struct OwnerTests {
    private func open(_ folder: URL) throws -> Journal {
        try Journal(path: folder.appending(path: "journal.db").path, service: "local")
    }

    /// A folder with a journal that has one clip in each state.
    private func withFolder(_ body: (URL, URL, String) async throws -> Void) async throws {
        try await withTemporaryFolder { root in
            let folder = root.appending(path: "out")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let owner: String
            do {
                let journal = try open(folder)
                for state in ClipRecord.State.allCases {
                    try await journal.save(ClipRecord(key: "\(state)", clip: "c", scid: "s", state: state))
                }
                owner = journal.owner
            }
            try await body(root, folder, owner)
        }
    }

    @Test func `a journal stays the owner that it is, opened again, moved and renamed`() async throws {
        try await withFolder { root, folder, owner in
            #expect(try open(folder).owner == owner && owner.count == 36)
            let moved = root.appending(path: "moved")
            try FileManager.default.moveItem(at: folder, to: moved)
            for _ in 1...2 {
                let journal = try open(moved)
                #expect(journal.owner == owner)
                #expect(try await journal.clips().count == ClipRecord.State.allCases.count)
            }
        }
    }

    @Test func `one that is moved to another file system, as by copying and removing, stays it too`() async throws {
        try await withFolder { root, folder, owner in
            let other = root.appending(path: "other")
            try FileManager.default.copyItem(at: folder, to: other)
            try FileManager.default.removeItem(at: folder)
            let isKnown = FileManager.default.fileExists(atPath: "/etc/machine-id")
            #expect(try (open(other).owner == owner) == isKnown)
        }
    }

    @Test func `a copy is another owner, and leaves unfinished uploads to the first`() async throws {
        try await withFolder { root, folder, owner in
            let copy = root.appending(path: "copy")
            try FileManager.default.copyItem(at: folder, to: copy)
            let journal = try open(copy)
            #expect(journal.owner != owner)
            let clips = try await journal.clips()
            #expect(Set(clips.values.map(\.state)) == [.committed, .published, .failed])
            #expect(clips.values.allSatisfy { !$0.isOwn })
            #expect(try open(copy).owner == journal.owner)

            let first = try open(folder)
            #expect(first.owner == owner)
            #expect(try await first.clips().count == ClipRecord.State.allCases.count)
        }
    }
}
