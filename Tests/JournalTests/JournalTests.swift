import SQLite
import ClipModel
import Foundation
import TestSupport
import Testing

@testable import Journal

@Suite struct JournalTests {
    @Test func `it is for its owner only, also where it was for everyone before`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "journal.db").path
            func modes() throws -> Set<Int> {
                let files = ["", "-wal", "-shm"].map { path + $0 }
                return try Set(
                    files.map { try FileManager.default.attributesOfItem(atPath: $0)[.posixPermissions] as? Int ?? 0 })
            }
            do {
                let journal = try Journal(path: path, service: "s")
                try await journal.save(ClipRecord(key: "a", clip: "a", scid: "s", state: .intended))
                #expect(try modes() == [0o600])
            }
            chmod(path, 0o644)
            let journal = try Journal(path: path, service: "s")
            try await journal.save(ClipRecord(key: "b", clip: "b", scid: "s", state: .intended))
            #expect(try modes() == [0o600])
        }
    }

    @Test func `everything recorded is there when the journal is opened again`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "journal.db").path
            var asked = ClipRecord(key: "key", clip: "boss", scid: "0-70", state: .requested)
            (asked.gameClipId, asked.uploadUri, asked.smallThumbnailUri) = ("id-1", "/upload/1", "/upload/1/small")
            (asked.expectedBlocks, asked.blockSize, asked.isConfirmed, asked.isOwn) = (4, 2_000_000, true, false)
            asked.digests = SubmissionDigests(contents: "c", request: "r", changeable: "m")
            do {
                let journal = try Journal(path: path, service: "local")
                let intent = ClipRecord(key: "key", clip: "boss", scid: "0-70", state: .intended)
                try await journal.save(intent)
                #expect(try await journal.clip("key") == intent)
                try await journal.save(asked)
                try await journal.acknowledged(block: 2, of: "key")
                try await journal.acknowledged(block: 0, of: "key")
                try await journal.acknowledged(block: 0, of: "key")
                try await journal.acknowledged(thumbnail: .small, of: "key")
            }
            let journal = try Journal(path: path, service: "local")
            var record = try #require(try await journal.clips()["key"])
            asked.acknowledgedBlocks = [0, 2]
            asked.acknowledgedThumbnails = [.small]
            #expect(record == asked)

            record.state = .published
            try await journal.save(record)
            #expect(try await journal.clip("key") == record)
            record.acknowledgedBlocks = []
            try await journal.save(record)
            #expect(try await journal.clip("key") == record, "blocks that the service turned out not to have")
        }
    }

    @Test func `a new intent forgets the blocks of an id that is gone`() async throws {
        try await withTemporaryFolder { folder in
            let journal = try Journal(path: folder.appending(path: "journal.db").path, service: "local")
            let intent = ClipRecord(key: "key", clip: "boss", scid: "0-70", state: .intended)
            var asked = intent
            (asked.state, asked.gameClipId, asked.uploadUri) = (.requested, "a", "/a")
            try await journal.save(asked)
            try await journal.acknowledged(block: 0, of: "key")
            try await journal.save(intent)
            #expect(try await journal.clip("key") == intent)
        }
    }

    @Test func `every manifest that a clip was submitted by is kept, whatever becomes of its upload`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "journal.db").path
            let journal = try Journal(path: path, service: "local")
            let here = ManifestLocation(path: "manifests/boss.json", file: "../clips/boss.mp4")
            var there = ManifestLocation(path: "../there/boss.json", file: "../clips/boss.mp4")
            for place in [here, there, here] { try await journal.submits("key", by: place) }
            try await journal.save(ClipRecord(key: "key", clip: "boss", scid: "0-70", state: .intended))
            try await journal.forget("key")
            try await journal.save(ClipRecord(key: "key", clip: "boss", scid: "0-70", state: .intended))
            #expect(try await journal.clip("key")?.scid == "0-70")
            #expect(try await journal.manifests(of: "key") == [there, here])
            there.file = "../moved/boss.mp4"
            try await journal.submits("key", by: there)
            #expect(try await journal.manifests(of: "key") == [there, here])
            #expect(try await journal.manifests(of: "other") == [])
            #expect(try await Journal(path: path, service: "elsewhere").manifests(of: "key") == [])
        }
    }

    @Test func `records about another service are left alone`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "journal.db").path
            let mine = try Journal(path: path, service: "local")
            try await mine.save(ClipRecord(key: "key", clip: "boss", scid: "0-70", state: .intended))
            let other = try Journal(path: path, service: "https://elsewhere")
            #expect(try await other.clips().isEmpty)
            try await other.forget("key")
            #expect(try await mine.clips().count == 1)
        }
    }

    @Test func `what came of preparing a file is kept`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "journal.db").path
            let summary = ClipSummary(durationSeconds: 27.033333, size: ByteCount(7), blockCount: 1)
            let ready = PreparedRecord(
                file: "a.mp4", identity: "1", stamp: .init(file: "s", content: "c"), options: "2", clip: "a",
                outcome: .ready(key: "k", summary), files: .init(identities: "1:2:3:4", manifest: "m"))
            let refused = PreparedRecord(
                file: "b.mp4", identity: "1", options: "2", clip: "b", outcome: .refused(reason: "no video"))
            let journal = try Journal(path: path, service: "local")
            try await journal.save(ready)
            try await journal.save(refused)
            #expect(try await journal.prepared() == ["a.mp4": ready, "b.mp4": refused])

            let entries = try JournalOverview.entries(path: path)
            #expect(entries.map(\.state) == ["prepared", "refused"])
            #expect(entries.map(\.reason) == [nil, "no video"])
        }
    }

    @Test func `a journal of the first format gets what is new and loses nothing`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "journal.db").path
            do {
                let database = try SQLiteDatabase(path: path)
                try database.migrate([JournalSchema.migrations[0]])
                try database.run("INSERT INTO clip (service, key, clip, state) VALUES ('s', 'k', 'boss', 'published')")
            }
            let journal = try Journal(path: path, service: "s")
            #expect(try await journal.clip("k")?.state == .published)
            #expect(try await journal.server(titleID: 7, sessionID: "one") == nil)

            var record = ServerRecord(titleID: 7, sessionID: "one", state: .intended)
            try await journal.save(record)
            #expect(try await journal.server(titleID: 7, sessionID: "one") == record)
            record.state = .fulfilled
            record.isHookDone = true
            record.report = ServerReport(titleId: 7, sessionId: "one", state: .fulfilled)
            record.report?.ports = [.init(name: "game", internal: 1, external: 2)]
            try await journal.save(record)
            let again = try Journal(path: path, service: "s")
            #expect(try await again.server(titleID: 7, sessionID: "one") == record)
            #expect(try await again.server(titleID: 8, sessionID: "one") == nil)
            #expect(try await Journal(path: path, service: "t").server(titleID: 7, sessionID: "one") == nil)
        }
    }

    @Test func `a journal from a newer version is refused and left as it is`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "journal.db").path
            do {
                let database = try SQLiteDatabase(path: path)
                try database.execute("PRAGMA user_version = 99")
            }
            let before = try Data(contentsOf: URL(filePath: path))
            #expect(throws: SchemaError.newer(path: path, version: 99)) { try Journal(path: path, service: "local") }
            #expect(try Data(contentsOf: URL(filePath: path)) == before)
        }
    }
}
