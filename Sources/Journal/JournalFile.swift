import SystemIO

/// Opens `journal.db`, and keeps its hands off what is no journal, or one that it can't know.
enum JournalFile {
    /// The journal at `path`, made if it isn't there, with today's tables.
    ///
    /// - Throws: `SQLiteError` with `isDamaged`, or `SchemaError`; the file and its write-ahead log are then as they
    ///   were, to the byte.
    static func open(_ path: String) throws -> SQLiteDatabase {
        let isThere = try JournalHeader.isThere(path)
        let isChecked = try isThere && isCheckedByReading(path)
        let database = try SQLiteDatabase(path: path)
        if !isChecked { try check(database) }
        try database.migrate(JournalSchema.migrations)
        return database
    }

    /// False for a journal that can't be read without being written to: whoever made it was killed at that, and what was
    /// half done is to be undone first.
    private static func isCheckedByReading(_ path: String) throws -> Bool {
        do {
            try check(SQLiteDatabase(path: path, mode: .reading))
            return true
        } catch let error as SQLiteError where error.needsRollback {
            return false
        }
    }

    /// What only SQLite can tell: the log may hold a later header than the file.
    private static func check(_ database: SQLiteDatabase) throws {
        let faults = try database.query("PRAGMA quick_check(1)") { row throws(SQLiteError) in row.text(0) }
        guard faults == ["ok"] else {
            throw SQLiteError(damaged: database.path, reason: faults.first ?? "it can't be checked")
        }
        func number(_ pragma: String) throws(SQLiteError) -> Int64 {
            try database.query("PRAGMA \(pragma)") { row throws(SQLiteError) in row.integer(0) }.first ?? 0
        }
        let version = Int(clamping: try number("user_version"))
        guard version <= JournalSchema.migrations.count else {
            throw SchemaError.newer(path: database.path, version: version)
        }
        let tables = Set(
            try database.query("SELECT name FROM sqlite_schema WHERE type = 'table'") { row throws(SQLiteError) in
                row.text(0)
            })
        let application = try number("application_id")
        // The first format had no id of its own.
        let isOurs =
            version == 0
            ? tables.isEmpty
            : tables.isSuperset(of: JournalSchema.firstTables)
                && application == (version == 1 ? 0 : JournalSchema.applicationID)
        guard isOurs else { throw SchemaError.foreign(path: database.path) }
    }
}

/// The first bytes of a database, which say whose it is before SQLite has opened anything.
private enum JournalHeader {
    private static let size = 100
    private static let magic = Array("SQLite format 3\0".utf8)

    /// False where there is nothing yet.
    static func isThere(_ path: String) throws -> Bool {
        // What isn't there is made; what can't be read is for SQLite to complain about.
        guard let file = try? OpenFile(path), let bytes = try? file.bytes(in: 0..<Int64(size)), !bytes.isEmpty else {
            return false
        }
        // Half of a transaction may be in the file, which says nothing until that is undone.
        guard (try? FileIdentity(of: "\(path)-journal")) == nil else { return true }
        guard bytes.count == size, bytes.starts(with: magic) else {
            throw SQLiteError(damaged: path, reason: "it does not begin as a database does")
        }
        let version = number(bytes, at: 60)
        guard version <= JournalSchema.migrations.count else { throw SchemaError.newer(path: path, version: version) }
        guard [0, Int(JournalSchema.applicationID)].contains(number(bytes, at: 68)) else {
            throw SchemaError.foreign(path: path)
        }
        return true
    }

    /// Four bytes, the highest first.
    private static func number(_ bytes: [UInt8], at place: Int) -> Int {
        bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }
}
