import Foundation
import SQLite
import TestSupport
import Testing

@Suite struct SQLiteDatabaseTests {
    @Test func `values of every kind come back as they went in`() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: folder.appending(path: "a.db").path)
            try database.execute("CREATE TABLE t (a, b, c, d, e)")
            let changed = try database.run(
                "INSERT INTO t VALUES (?, ?, ?, ?, ?)", [7, .real(1.5), "ü\0x", .blob([0, 1]), nil])
            #expect(changed == 1)
            let rows = try database.query("SELECT * FROM t") { row in
                (row.integer(0), row.real(1), row.text(2), row.blob(3), row.isNull(4))
            }
            #expect(rows.count == 1)
            #expect(rows.first ?? (0, 0, "", [], false) == (7, 1.5, "ü\0x", [0, 1], true))
        }
    }

    @Test func `a transaction that throws writes nothing`() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: folder.appending(path: "a.db").path)
            try database.execute("CREATE TABLE t (a)")
            #expect(throws: CancellationError.self) {
                try database.transaction {
                    try database.run("INSERT INTO t VALUES (1)")
                    throw CancellationError()
                }
            }
            #expect(try database.query("SELECT count(*) FROM t") { $0.integer(0) } == [0])
        }
    }

    @Test func `migrations run once, and a newer schema is refused`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "a.db").path
            let migrations = ["CREATE TABLE t (a)", "ALTER TABLE t ADD COLUMN b"]
            try SQLiteDatabase(path: path).migrate(migrations)
            try SQLiteDatabase(path: path).migrate(migrations)
            #expect(throws: SchemaError.newer(path: path, version: 2)) {
                try SQLiteDatabase(path: path).migrate(["CREATE TABLE t (a)"])
            }
        }
    }

    @Test func `the file alone can be read, whatever its name is, and no file is made beside it`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "a?b#c%25 é.db").path
            try SQLiteDatabase(path: path).execute("CREATE TABLE t (a); INSERT INTO t VALUES (7)")
            let database = try SQLiteDatabase(path: path, mode: .readingFileOnly)
            #expect(try database.query("SELECT a FROM t") { $0.integer(0) } == [7])
            #expect(throws: SQLiteError.self) { try database.execute("INSERT INTO t VALUES (8)") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
        }
    }

    @Test func `several that migrate at once do each step once`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "a.db").path
            let migrations = ["CREATE TABLE t (a)"] + (1...20).map { "ALTER TABLE t ADD COLUMN b\($0)" }
            try SQLiteDatabase(path: path).execute("CREATE TABLE other (a)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...4 { group.addTask { try SQLiteDatabase(path: path).migrate(migrations) } }
                try await group.waitForAll()
            }
            let columns = try SQLiteDatabase(path: path).query("SELECT * FROM pragma_table_info('t')") { $0.text(1) }
            #expect(columns.count == 21)
        }
    }

    @Test func `a second connection to an exclusive database is refused at once`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "a.db").path
            let first = try SQLiteDatabase(path: path, mode: .durableExclusive)
            try first.execute("CREATE TABLE t (a)")
            #expect {
                try SQLiteDatabase(path: path, mode: .durableExclusive)
            } throws: { error in
                (error as? SQLiteError)?.isBusy == true
            }
            try first.execute("DROP TABLE t")
        }
    }

    @Test func `a file that is no database is refused`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "a.db").path
            try Data(repeating: 65, count: 4096).write(to: URL(filePath: path))
            #expect { try SQLiteDatabase(path: path) } throws: { ($0 as? SQLiteError)?.isDamaged == true }
        }
    }
}
