import SQLite
import ClipModel
import Foundation
import Journal
import TestSupport
import Testing

/// Journals of earlier clipships, and what is no journal of ours.
@Suite struct FormatTests {
    private static let formats = Places.root.appending(path: "Tests/Journals")

    /// Every format that was ever written, as SQL.
    private static let numbers = 1...10

    /// Runs `body` with a journal of a format.
    private func withJournal(_ format: Int, _ body: (String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "journal.db").path
            let sql = try Data(contentsOf: Self.formats.appending(path: "format-\(format).sql"))
            try await run("sqlite3", ["-bail", path], input: sql).expectSuccess()
            try await body(path)
        }
    }

    @Test(arguments: numbers) func `a journal of any format is gone on with`(format: Int) async throws {
        try await withJournal(format) { path in
            let journal = try Journal(path: path, service: "local")
            let clips = try await journal.clips()
            #expect(
                clips.mapValues(\.state) == [
                    "k-intended": .intended, "k-requested": .requested, "k-committed": .committed,
                    "k-published": .published, "k-failed": .failed,
                ])
            var requested = try #require(clips["k-requested"])
            #expect(requested.clip == "requested" && requested.gameClipId == "id-2")
            #expect(requested.uploadUri == "/upload/2")
            #expect(
                requested.largeThumbnailUri == "/upload/2/large" && requested.smallThumbnailUri == "/upload/2/small")
            #expect(requested.acknowledgedBlocks == [0, 3] && requested.acknowledgedThumbnails == [.large])
            #expect(clips["k-failed"]?.reason == "the service ended the clip in the state Flagged")

            let prepared = try await journal.prepared()
            #expect(prepared["../clips/broken.mp4"]?.outcome == .refused(reason: "there is no video in it"))
            let summary = ClipSummary(durationSeconds: 0.7, size: ByteCount(300_563), blockCount: 1)
            #expect(prepared["../clips/published.mp4"]?.outcome == .ready(key: "k-published", summary))

            let stamp = PreparedRecord.Stamp(file: "boot:mount:times", content: "digest")
            #expect(prepared["../clips/published.mp4"]?.stamp == (format < 6 ? nil : stamp))

            // From the fifth format on it is known what a clip was submitted by; before, for clips made here, guessed.
            #expect(requested.scid == (format < 5 ? nil : "00000000-0000-0012-0023-000000000070"))
            let elsewhere = ManifestLocation(path: "../elsewhere/requested.json", file: nil)
            let here = ManifestLocation(path: "manifests/requested.json", file: "../clips/requested.mp4")
            #expect(try await journal.manifests(of: "k-requested") == (format < 5 ? [] : [elsewhere, here]))
            let published = ManifestLocation(path: "manifests/published.json", file: nil)
            #expect(try await journal.manifests(of: "k-published") == (format < 5 ? [published] : []))

            // From the seventh on it is known what was asked for; before, an upload is gone on with as it is.
            let digests = SubmissionDigests(contents: "bytes", request: "members", changeable: "caption")
            #expect(requested.digests == (format < 7 ? nil : digests))
            #expect(requested.blockSize == (format < 7 ? nil : 2_000_000) && requested.isConfirmed == (format >= 7))
            #expect(requested.isOwn && clips["k-published"]?.isOwn == (format < 7))
            #expect(prepared["../clips/published.mp4"]?.digests == (format < 7 ? nil : digests))

            // From the eighth on it is known what was written.
            let files = PreparedRecord.Files(identities: "1:2:3:4 5:6:7:8 9:10:11:12", manifest: "digest")
            #expect(prepared["../clips/published.mp4"]?.files == (format < 8 ? nil : files))

            // From the tenth on, that a request may still come, whatever service it was sent to.
            let asked = Timestamp(seconds: 1_762_632_000)
            #expect(clips["k-intended"]?.unanswered == (format < 10 ? nil : asked) && requested.unanswered == nil)
            #expect(try await journal.unanswered() == (format < 10 ? [:] : ["k-intended": asked]))

            try await journal.acknowledged(block: 1, of: "k-requested")
            requested.state = .committed
            try await journal.save(requested)
            let again = try await Journal(path: path, service: "local").clip("k-requested")
            #expect(again?.state == .committed && again?.acknowledgedBlocks == [0, 1, 3])
        }
    }

    @Test func `today's journal has the tables of the last format that is kept here`() async throws {
        try await withJournal(Self.numbers.upperBound) { kept in
            try await withTemporaryFolder { folder in
                let path = folder.appending(path: "journal.db").path
                _ = try Journal(path: path, service: "local")
                let question = [
                    "PRAGMA user_version; PRAGMA application_id; SELECT sql FROM sqlite_schema ORDER BY name"
                ]
                let today = try await run("sqlite3", [path] + question)
                let before = try await run("sqlite3", [kept] + question)
                #expect(today.outputText == before.outputText)
                #expect(today.outputText.hasPrefix("\(Self.numbers.upperBound)\n"))
            }
        }
    }

    @Test func `a journal whose maker was killed before it was complete is made again`() async throws {
        try await withTemporaryFolder { folder in
            // In the middle of a transaction, with pages in the file and the old ones in a rollback journal.
            let commands = [
                "PRAGMA cache_size = 1; BEGIN; CREATE TABLE t (a);",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500)"
                    + " INSERT INTO t SELECT randomblob(500) FROM n;",
                ".shell cp half.db journal.db && cp half.db-journal journal.db-journal",
            ]
            try await run("sqlite3", ["-bail", "half.db"] + commands, in: folder).expectSuccess()
            let path = folder.appending(path: "journal.db").path
            #expect(try Data(contentsOf: URL(filePath: path)).count > 0)
            let half = try Self.bytes(path)
            #expect(try JournalOverview.entries(path: path).isEmpty)
            #expect(try Self.bytes(path) == half)
            let journal = try Journal(path: path, service: "local")
            #expect(try await journal.clips().isEmpty)
            #expect(try JournalOverview.entries(path: path).isEmpty)
        }
    }

    @Test(arguments: Damage.allCases)
    func `what is damaged, newer or another program's is refused and left as it is, to the byte`(
        damage: Damage
    ) async throws {
        try await withJournal(Self.numbers.upperBound) { path in
            try await damage.happen(to: path)
            let before = try Self.bytes(path)
            var refusals: [any Error] = []
            for _ in 1...2 {
                do { _ = try Journal(path: path, service: "local") } catch { refusals.append(error) }
            }
            do { _ = try JournalOverview.entries(path: path) } catch { refusals.append(error) }
            #expect(refusals.count == 3 && refusals.allSatisfy { damage.isNamed(by: $0) }, "\(refusals)")
            #expect(try Self.bytes(path) == before)
        }
    }

    @Test(arguments: numbers) func `an overview of a journal of any format leaves it as it is`(format: Int) async throws
    {
        try await withJournal(format) { path in
            // As it is after a run has ended, in WAL mode, with nobody who has it open.
            try await run("sqlite3", ["-bail", path, "PRAGMA journal_mode = WAL"]).expectSuccess()
            let before = try Self.bytes(path)
            let entries = try JournalOverview.entries(path: path)
            #expect(entries.contains { $0.clip == "requested" && $0.acknowledgedBlocks == 2 })
            #expect(try Self.bytes(path) == before)
            #expect(try JournalOverview.entries(path: path) == entries)

            // As it is after a run was killed: the latest is in the log, which nobody has open.
            try await run(
                "sqlite3",
                [
                    "-bail", path, ".dbconfig no_ckpt_on_close on",
                    "UPDATE clip SET clip = 'late' WHERE clip = 'requested'",
                ]
            ).expectSuccess()
            let killed = try Self.bytes(path)
            #expect(!killed[1].isEmpty)
            #expect(try JournalOverview.entries(path: path).contains { $0.clip == "late" })
            #expect(try Self.bytes(path) == killed)
        }
    }

    @Test func `an overview makes no journal, and finds none in one that was just begun`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "journal.db").path
            #expect(try JournalOverview.entries(path: path).isEmpty)
            #expect(!FileManager.default.fileExists(atPath: path))
            try await run("sqlite3", ["-bail", path, "PRAGMA journal_mode = WAL"]).expectSuccess()
            #expect(try JournalOverview.entries(path: path).isEmpty)
        }
    }

    /// Of the journal and its log.
    private static func bytes(_ path: String) throws -> [Data] {
        let log = try? Data(contentsOf: URL(filePath: path + "-wal"))
        return [try Data(contentsOf: URL(filePath: path)), log ?? Data()]
    }
}

/// What can have become of a journal.
enum Damage: CaseIterable, Sendable {
    case truncated, cutInsideAPage, emptyButForSomeBytes, garbage, garbageInside, otherApplication, otherTables, newer
    /// As a newer clipship leaves it that was killed: what it is stands in the log.
    case newerInTheLog

    func happen(to path: String) async throws {
        let file = URL(filePath: path)
        var bytes = try Data(contentsOf: file)
        switch self {
        case .truncated: bytes = bytes.prefix(bytes.count / 2 / 4096 * 4096)
        // The last page is of a table that may be empty.
        case .cutInsideAPage: bytes = bytes.dropLast(5_096)
        case .emptyButForSomeBytes: bytes = bytes.prefix(50)
        case .garbage: bytes = Data(repeating: 0x47, count: bytes.count)
        case .garbageInside: bytes.replaceSubrange(4_096..<12_288, with: Data(repeating: 0x47, count: 8_192))
        case .otherApplication: return try await change(path, "PRAGMA application_id = 252006673")
        case .otherTables:
            try FileManager.default.removeItem(at: file)
            return try await change(path, "CREATE TABLE photos (a); PRAGMA user_version = 1")
        case .newer: return try await change(path, "PRAGMA journal_mode = DELETE; PRAGMA user_version = 99")
        case .newerInTheLog:
            let log = URL(filePath: path + "-wal")
            try await change(path, ".dbconfig no_ckpt_on_close on", "PRAGMA user_version = 99")
            #expect(try Data(contentsOf: log).count > 0)
            return
        }
        try bytes.write(to: file)
    }

    private func change(_ path: String, _ commands: String...) async throws {
        try await run("sqlite3", ["-bail", path] + commands).expectSuccess()
    }

    func isNamed(by error: any Error) -> Bool {
        switch self {
        case .otherApplication, .otherTables:
            (error as? SchemaError).map { "\($0)".contains("another program's") } ?? false
        case .newer, .newerInTheLog:
            (error as? SchemaError).map { "\($0)".contains("newer clipship (schema 99)") } ?? false
        default: (error as? SQLiteError)?.isDamaged ?? false
        }
    }
}
