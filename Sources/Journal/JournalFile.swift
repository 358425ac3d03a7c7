import SQLite
import Glibc
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
        try keepToOwner(path)
        let database = try SQLiteDatabase(path: path)
        if !isChecked { _ = try check(database) }
        try database.migrate(JournalSchema.migrations)
        return database
    }

    /// Makes the file, if it isn't there, for its owner only, and takes it from others where an older clipship gave it to
    /// them: it holds upload addresses. SQLite gives the log and its index the same rights.
    private static func keepToOwner(_ path: String) throws(FileError) {
        // Whoever holds a lock on the file in this process would lose it when another descriptor of it is closed; nobody
        // does of one that isn't there.
        let made = Path.withBytes(path) {
            Glibc.open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FileAccess.owner.rawValue)
        }
        if made != -1 { close(made) }
        for file in [path, "\(path)-wal", "\(path)-shm"] {
            var status = stat()
            guard Path.withBytes(file, { lstat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG,
                status.st_mode & 0o077 != 0,
                status.st_uid == geteuid()
            else { continue }
            guard Path.withBytes(file, { chmod($0, FileAccess.owner.rawValue) }) == 0 else {
                throw FileError(operation: "protect", path: file, code: errno)
            }
        }
    }

    /// What `body` reads in the journal at `path`, all of it from one moment, whatever a run writes meanwhile; nil if
    /// there are no tables yet. Nothing in the journal is changed, and an older format stays as it is.
    ///
    /// - Throws: As `open` does.
    static func read<Value>(_ path: String, _ body: (SQLiteDatabase) throws -> Value) throws -> Value? {
        guard try JournalHeader.isThere(path) else { return nil }
        func read(_ mode: SQLiteDatabase.Mode) throws -> Value? {
            let database = try SQLiteDatabase(path: path, mode: mode)
            return try database.snapshot { try check(database) > 0 ? body(database) : nil }
        }
        do {
            return try read(.reading)
        } catch let error as SQLiteError
            // Whatever keeps it from being looked at, there is no log that could be read.
            where error.needsWritableFolder && (try? FileIdentity(of: "\(path)-wal")) == nil
        {
            // Somebody else's folder. While there is no log, all is in the file.
            return try read(.readingFileOnly)
        } catch let error as SQLiteError where error.needsRollback {
            // Elsewhere there is a rollback journal only until the write-ahead log is on, which is before there are tables.
            guard SharedDisk.name(of: Path.parent(of: path)) != nil else { return nil }
            return try read(.durable)
        }
    }

    /// False for a journal that can't be read without being written to: whoever made it was killed at that, and what was
    /// half done is to be undone first.
    private static func isCheckedByReading(_ path: String) throws -> Bool {
        do {
            let database = try SQLiteDatabase(path: path, mode: .reading)
            _ = try database.snapshot { try check(database) }
            return true
        } catch let error as SQLiteError where error.needsRollback {
            return false
        }
    }

    /// What only SQLite can tell: the log may hold a later header than the file. Answers the format, 0 without tables.
    private static func check(_ database: SQLiteDatabase) throws -> Int {
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
        return version
    }
}

/// The first bytes of a database, which say whose it is before SQLite has opened anything.
private enum JournalHeader {
    private static let size = 100
    private static let magic = Array("SQLite format 3\0".utf8)

    /// False where there is nothing yet.
    static func isThere(_ path: String) throws -> Bool {
        let bytes: [UInt8]
        do throws(FileError) {
            let file = try OpenFile(path)
            bytes = try file.bytes(in: 0..<min(Int64(size), max(0, file.identity().size)))
        } catch {
            // What isn't there is made.
            guard error.isNotFound else { throw error }
            return false
        }
        guard !bytes.isEmpty else { return false }
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
