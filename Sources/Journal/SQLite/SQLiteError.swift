import CSQLite

/// A call of SQLite that failed.
public struct SQLiteError: Error, Hashable, Sendable {
    /// SQLite's extended result code.
    public let code: Int32
    /// SQLite's own words.
    public let reason: String
    /// The database's path.
    public let path: String
    /// The statement, where there was one.
    public let statement: String?

    /// Another process holds the database.
    public var isBusy: Bool { code & 0xff == SQLITE_BUSY }
    /// There is no room on the disk for it, its log or the log's index (`SQLITE_FULL`, `SQLITE_IOERR_SHMSIZE`,
    /// `SQLITE_IOERR_SHMMAP`).
    public var isFull: Bool {
        code & 0xff == SQLITE_FULL || [SQLITE_IOERR | 19 << 8, SQLITE_IOERR | 21 << 8].contains(code)
    }
    /// Its last writer was killed in the middle of a transaction that only one who may write can undo
    /// (`SQLITE_READONLY_ROLLBACK`).
    var needsRollback: Bool { code == SQLITE_READONLY | 3 << 8 }
    /// It has a write-ahead log, or is to have one, and whoever reads it may not make the files for that
    /// (`SQLITE_READONLY_DIRECTORY`, `SQLITE_READONLY_CANTINIT`, `SQLITE_CANTOPEN`).
    var needsWritableFolder: Bool {
        [SQLITE_READONLY | 6 << 8, SQLITE_READONLY | 5 << 8, SQLITE_CANTOPEN].contains(code)
    }
    /// The file is not a database or is damaged.
    public var isDamaged: Bool { [SQLITE_NOTADB, SQLITE_CORRUPT].contains(code & 0xff) }
}

extension SQLiteError {
    /// A database that SQLite can read but that does not hold what was written.
    init(damaged path: String, reason: String) {
        self.init(code: SQLITE_CORRUPT, reason: reason, path: path, statement: nil)
    }
}

extension SQLiteError: CustomStringConvertible {
    public var description: String {
        if isFull { return "\(path): there is no room left on its disk (SQLite \(code))" }
        let statement = statement.map { " in \"\($0)\"" } ?? ""
        return "\(path): \(reason) (SQLite \(code))\(statement)"
    }
}
