import CSQLite

/// Owns a prepared statement (`sqlite3_prepare_v3`, `sqlite3_finalize`).
struct SQLiteStatement: ~Copyable {
    let handle: OpaquePointer

    init(handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Binds `values` to the statement's parameters in order; a SQLite result code.
    func bind(_ values: [SQLiteValue]) -> Int32 {
        for (index, value) in zip(Int32(1)..., values) {
            let code =
                switch value {
                case .null: sqlite3_bind_null(handle, index)
                case .integer(let number): sqlite3_bind_int64(handle, index, number)
                case .real(let number): sqlite3_bind_double(handle, index, number)
                case .text(let text):
                    Int32(exactly: text.utf8.count).map { csqlite_bind_text(handle, index, text, $0) } ?? SQLITE_TOOBIG
                case .blob(let bytes):
                    Int32(exactly: bytes.count).map { csqlite_bind_blob(handle, index, bytes, $0) } ?? SQLITE_TOOBIG
                }
            guard code == SQLITE_OK else { return code }
        }
        return SQLITE_OK
    }

    /// Makes the statement ready for its next use and lets go of what was bound.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }
}

/// One row of an answer; valid only inside the closure that it is lent to.
public struct SQLiteRow: ~Copyable {
    let handle: OpaquePointer

    public func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    public func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(handle, column)
    }

    public func real(_ column: Int32) -> Double {
        sqlite3_column_double(handle, column)
    }

    /// The text of a column; empty where it is null.
    public func text(_ column: Int32) -> String {
        optionalText(column) ?? ""
    }

    public func optionalText(_ column: Int32) -> String? {
        guard let bytes = sqlite3_column_text(handle, column) else { return nil }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    public func optionalInteger(_ column: Int32) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    public func blob(_ column: Int32) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(handle, column) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(handle, column))))
    }
}

/// A value that a statement takes or a row holds.
public enum SQLiteValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

extension SQLiteValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(nilLiteral: ()) { self = .null }
}

extension SQLiteValue {
    public static func text(_ value: String?) -> Self { value.map { .text($0) } ?? .null }
    public static func integer(_ value: Int64?) -> Self { value.map { .integer($0) } ?? .null }
}
