import CSQLite
import Glibc
import SystemIO

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
    /// The C library's error number, where it was a call of the system that failed; 0 where not (`sqlite3_system_errno`).
    public var systemCode: Int32 = 0

    /// Another process holds the database.
    public var isBusy: Bool { code & 0xff == SQLITE_BUSY }
    /// There is no room on the disk for it, its log or the log's index (`SQLITE_FULL`, `SQLITE_IOERR_SHMSIZE`,
    /// `SQLITE_IOERR_SHMMAP`).
    public var isFull: Bool {
        code & 0xff == SQLITE_FULL || [SQLITE_IOERR | 19 << 8, SQLITE_IOERR | 21 << 8].contains(code)
    }
    /// Its last writer was killed in the middle of a transaction that only one who may write can undo
    /// (`SQLITE_READONLY_ROLLBACK`).
    public var needsRollback: Bool { code == SQLITE_READONLY | 3 << 8 }
    /// It has a write-ahead log, or is to have one, and whoever reads it may not make the files for that
    /// (`SQLITE_READONLY_DIRECTORY`, `SQLITE_READONLY_CANTINIT`, `SQLITE_CANTOPEN`).
    public var needsWritableFolder: Bool {
        [SQLITE_READONLY | 6 << 8, SQLITE_READONLY | 5 << 8, SQLITE_CANTOPEN].contains(code)
    }
    /// Whether the same may succeed later although nobody has mended anything.
    public var isTemporary: Bool {
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_PROTOCOL: true
        // Where the system's own number is lost: SQLite tries files that need not be there last.
        case SQLITE_IOERR, SQLITE_CANTOPEN:
            isFull || ([0, ENOENT].contains(systemCode) && isWritable) || Errno(systemCode).isTemporary
        // It opens what it can't open for writing for reading, and does not say why.
        case SQLITE_READONLY: isWritable
        default: isFull
        }
    }
    /// As far as rights go; the folder gets the log and its index where they are not there yet.
    private var isWritable: Bool {
        Path.withBytes(Path.parent(of: path)) { access($0, W_OK) } == 0
            && ["", "-wal", "-shm"].allSatisfy { ending in
                Path.withBytes(path + ending) { access($0, W_OK) } == 0 || errno == ENOENT
            }
    }
    /// The file is not a database or is damaged.
    public var isDamaged: Bool { [SQLITE_NOTADB, SQLITE_CORRUPT].contains(code & 0xff) }
}

extension SQLiteError {
    /// A database that SQLite can read but that does not hold what was written.
    public init(damaged path: String, reason: String) {
        self.init(code: SQLITE_CORRUPT, reason: reason, path: path, statement: nil)
    }
}

extension SQLiteError {
    /// Another process has the database, and who that is.
    init(busy path: String, holder: String) {
        self.init(code: SQLITE_BUSY, reason: "it is in use (\(holder))", path: path, statement: nil)
    }

    /// What keeps others out can't be had.
    init(_ error: FileError, of path: String) {
        self.init(
            code: SQLITE_CANTOPEN, reason: "it can't be locked", path: path, statement: nil, systemCode: error.code)
    }
}

extension SQLiteError: CustomStringConvertible {
    public var description: String {
        if isFull { return "\(path): there is no room left on its disk (SQLite \(code))" }
        let statement = statement.map { " in \"\($0)\"" } ?? ""
        let cause = systemCode == 0 ? "" : ": \(FileError(operation: "use", path: path, code: systemCode).reason)"
        return "\(path): \(reason)\(cause) (SQLite \(code))\(statement)"
    }
}
