import CSQLite
import SystemIO
import Glibc

/// One connection to a SQLite database.
///
/// On a disk that machines share (`SharedDisk`) there is one connection at a time, with a rollback journal in place of the
/// write-ahead log, whose index is memory that all connections share through a file.
///
/// Not thread-safe: one actor on an executor of its own, or one lock, owns it.
public final class SQLiteDatabase {
    public let path: String
    /// Nil once it is closed.
    private var handle: OpaquePointer?
    private var statements: [String: Prepared] = [:]
    /// On a disk that machines share: keeps all others out, for SQLite's own locks can't be counted on there. Nil elsewhere.
    private var guardian: SharedGuard?

    private final class Prepared {
        let statement: SQLiteStatement
        init(_ statement: consuming SQLiteStatement) { self.statement = statement }
    }

    /// How safely and by whom a database is used.
    public enum Mode: Sendable {
        /// Write-ahead log, every commit flushed to disk; waits up to 5 s for other processes.
        case durable
        /// The same, but a database that another process has open is refused at once (`isBusy`).
        case durableExclusive
        /// Nothing is written, not even when it is closed: its write-ahead log stays as it is.
        case reading
        /// The file alone, without a lock or its write-ahead log, which only somebody who may write to the folder can
        /// use: for a database that nobody has open.
        case readingFileOnly
    }

    /// Opens the database at `path`, which is made if it isn't there, except for reading
    /// (`sqlite3_open_v2`).
    public init(path: String, mode: Mode = .durable) throws(SQLiteError) {
        MappedRoom.isReserved
        var opened: OpaquePointer?
        let access =
            switch mode {
            case .durable, .durableExclusive: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .reading: SQLITE_OPEN_READONLY
            case .readingFileOnly: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
            }
        let flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let name = mode == .readingFileOnly ? Self.immutableURI(of: path) : path
        Blocking.note("open \(name)")
        let isShared = mode != .readingFileOnly && SharedDisk.name(of: Path.parent(of: path)) != nil
        guardian = isShared ? try SharedGuard(path, waits: mode != .durableExclusive) : nil
        let system = isShared ? SharedGuard.system : nil
        var code = Path.withBytes(name) { sqlite3_open_v2($0, &opened, flags, system) }
        // What can't be opened for writing is opened for reading, without a word why: it may have been for a moment.
        if access & SQLITE_OPEN_READWRITE != 0, code == SQLITE_OK, sqlite3_db_readonly(opened, "main") == 1 {
            sqlite3_close_v2(opened)
            code = Path.withBytes(name) { sqlite3_open_v2($0, &opened, flags, system) }
        }
        guard let opened else {
            throw SQLiteError(code: code, reason: "out of memory", path: path, statement: nil)
        }
        guard code == SQLITE_OK else {
            let reason = String(cString: sqlite3_errmsg(opened))
            let systemCode = sqlite3_system_errno(opened)
            sqlite3_close_v2(opened)
            throw SQLiteError(code: code, reason: reason, path: path, statement: nil, systemCode: systemCode)
        }
        self.path = path
        handle = opened
        sqlite3_busy_timeout(handle, 5_000)
        // Then the index of a write-ahead log that is there is in this process's own memory.
        if mode == .durableExclusive || isShared { try execute("PRAGMA locking_mode = EXCLUSIVE") }
        if mode == .reading || mode == .readingFileOnly {
            _ = csqlite_keep_log_on_close(handle, 1)
            return
        }
        if mode == .durableExclusive { sqlite3_busy_timeout(handle, 0) }
        try execute("PRAGMA journal_mode = \(isShared ? "TRUNCATE" : "WAL")")
        try execute("PRAGMA synchronous = FULL")
        try execute("PRAGMA foreign_keys = ON")
    }

    deinit {
        close()
    }

    /// Closes the files (`sqlite3_close_v2`), whoever holds this still; what is asked for afterwards fails.
    public func close() {
        statements.removeAll()
        sqlite3_close_v2(handle)
        handle = nil
        guardian = nil
    }

    /// <https://www.sqlite.org/uri.html>
    private static func immutableURI(of path: String) -> String {
        var uri = path.hasPrefix("/") ? "file://" : "file:"
        for character in path.unicodeScalars {
            switch character {
            case "%": uri += "%25"
            case "?": uri += "%3f"
            case "#": uri += "%23"
            default: uri.unicodeScalars.append(character)
            }
        }
        return uri + "?immutable=1"
    }

    /// Runs statements that take no values and give no rows back (`sqlite3_exec`).
    public func execute(_ sql: String) throws(SQLiteError) {
        let handle = try opened(for: sql)
        errno = 0
        Blocking.note(sql)
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code, sql) }
    }

    /// Runs one statement; answers how many rows it changed.
    @discardableResult
    public func run(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) -> Int {
        try step(sql, values) { (_: borrowing SQLiteRow) throws(SQLiteError) in }
        return Int(sqlite3_changes64(handle))
    }

    /// Runs one statement whose change is kept when the program is killed, but may be lost by a power cut that comes
    /// before the next change that `run` makes (`PRAGMA synchronous = NORMAL`).
    ///
    /// With a rollback journal it is flushed all the same, without which a power cut could leave half of it.
    public func runUnflushed(_ sql: String, _ values: [SQLiteValue]) throws(SQLiteError) {
        guard guardian == nil else {
            try run(sql, values)
            return
        }
        try execute("PRAGMA synchronous = NORMAL")
        let result: Result<Void, SQLiteError>
        do throws(SQLiteError) {
            try run(sql, values)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try execute("PRAGMA synchronous = FULL")
        try result.get()
    }

    /// Runs one statement and maps each row that it gives.
    public func query<Value>(
        _ sql: String, _ values: [SQLiteValue] = [],
        _ map: (borrowing SQLiteRow) throws(SQLiteError) -> Value
    ) throws(SQLiteError) -> [Value] {
        var rows: [Value] = []
        try step(sql, values) { (row: borrowing SQLiteRow) throws(SQLiteError) in rows.append(try map(row)) }
        return rows
    }

    /// Runs `body`; all that it wrote is on disk when this returns, or nothing of it if it throws.
    public func transaction<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws -> Value {
        try execute("BEGIN IMMEDIATE")
        do {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            // What failed has rolled it back already, or the next statement does: the first error is told.
            try? execute("ROLLBACK")
            throw error
        }
    }

    /// Runs `body`, which only reads; all that it reads is from one moment, whatever others write meanwhile.
    public func snapshot<Value>(_ body: () throws -> Value) throws -> Value {
        try execute("BEGIN")
        // There is nothing to keep, nor to undo.
        defer { try? execute("ROLLBACK") }
        return try body()
    }

    /// Brings the schema up to date: runs, in one transaction each, the migrations that this database has not seen
    /// (`PRAGMA user_version` counts them).
    ///
    /// - Throws: `SchemaError.newer` for a database that has seen more migrations than there are.
    public func migrate(_ migrations: [String]) throws {
        while try version() < migrations.count {
            try transaction {
                // Another process may have done it before this one had the lock.
                let seen = try version()
                guard seen < migrations.count else { return }
                try execute(migrations[seen])
                try execute("PRAGMA user_version = \(seen + 1)")
            }
        }
        let seen = try version()
        guard seen == migrations.count else { throw SchemaError.newer(path: path, version: seen) }
    }

    /// How many migrations the database has seen.
    private func version() throws(SQLiteError) -> Int {
        Int(clamping: try query("PRAGMA user_version") { row throws(SQLiteError) in row.integer(0) }.first ?? 0)
    }

    private func step(
        _ sql: String, _ values: [SQLiteValue], _ row: (borrowing SQLiteRow) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        let prepared = try prepare(sql)
        defer { prepared.statement.reset() }
        var code = prepared.statement.bind(values)
        guard code == SQLITE_OK else { throw error(code, sql) }
        errno = 0
        Blocking.note(sql)
        code = sqlite3_step(prepared.statement.handle)
        while code == SQLITE_ROW {
            try row(SQLiteRow(handle: prepared.statement.handle))
            code = sqlite3_step(prepared.statement.handle)
        }
        guard code == SQLITE_DONE else { throw error(code, sql) }
    }

    private func prepare(_ sql: String) throws(SQLiteError) -> Prepared {
        if let known = statements[sql] { return known }
        let handle = try opened(for: sql)
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw error(code, sql) }
        let prepared = Prepared(SQLiteStatement(handle: statement))
        statements[sql] = prepared
        return prepared
    }

    private func opened(for sql: String) throws(SQLiteError) -> OpaquePointer {
        guard let handle else {
            throw SQLiteError(code: SQLITE_MISUSE, reason: "it is closed", path: path, statement: sql)
        }
        return handle
    }

    private func error(_ code: Int32, _ sql: String) -> SQLiteError {
        var error = SQLiteError(
            code: code, reason: String(cString: sqlite3_errmsg(handle)), path: path, statement: sql)
        // SQLite forgets it where a commit fails; then it is what the last call of the system left.
        let last = errno
        if [SQLITE_IOERR, SQLITE_CANTOPEN].contains(code & 0xff) {
            let known = sqlite3_system_errno(handle)
            error.systemCode = known == 0 ? last : known
        }
        return error
    }
}

/// Why a database can't be brought up to date.
public enum SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    case newer(path: String, version: Int)
    /// Some other program's.
    case foreign(path: String)

    public var description: String {
        switch self {
        case .newer(let path, let version):
            "\(path) was written by a newer clipship (schema \(version)); use that one, or another output folder"
        case .foreign(let path):
            "\(path) is another program's database; it was left as it is: move it away, or use another output folder"
        }
    }
}
