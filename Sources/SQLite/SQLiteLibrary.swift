import CSQLite

/// The library below.
public enum SQLiteLibrary {
    /// Such as `3.46.1` (`sqlite3_libversion`).
    public static var version: String { sqlite3_libversion().map { String(cString: $0) } ?? "unknown" }
}
