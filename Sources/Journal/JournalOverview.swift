import SQLite
import ClipModel

/// One clip of a journal, for whoever asks where things stand.
public struct JournalEntry: Hashable, Sendable, Codable {
    public var clip: String
    /// The services that it was submitted to; nil for a clip that is only prepared.
    public var service: String?
    /// `prepared`, `refused`, or a `ClipRecord.State`.
    public var state: String
    public var gameClipId: String?
    public var acknowledgedBlocks: Int
    public var expectedBlocks: Int?
    /// Bytes.
    public var fileSize: Int64?
    public var durationSeconds: Double?
    public var reason: String?
}

/// Reads a journal that a run may be writing at the same moment.
public enum JournalOverview {
    /// Every clip, in the order of names; none if there is no journal yet. Blocks the calling thread.
    ///
    /// - Throws: `SQLiteError`, or `SchemaError` for a journal from a newer clipship or another program's database.
    public static func entries(path: String) throws -> [JournalEntry] {
        try JournalFile.read(path, entries) ?? []
    }

    /// What each prepared file is called, by its path relative to the journal's folder; empty if there is no journal yet.
    /// Blocks the calling thread.
    ///
    /// - Throws: As `entries` does.
    public static func names(path: String) throws -> [String: String] {
        let rows = try JournalFile.read(path) { database in
            try database.query("SELECT file, clip FROM prepared") { row throws(SQLiteError) in
                (row.text(0), row.text(1))
            }
        }
        return Dictionary(rows ?? [], uniquingKeysWith: { first, _ in first })
    }

    /// With the tables of the first format, which every journal has.
    private static func entries(_ database: SQLiteDatabase) throws -> [JournalEntry] {
        try database.query(
            """
            SELECT prepared.clip, clip.service, coalesce(clip.state, iif(prepared.key IS NULL, 'refused', 'prepared')),
                clip.game_clip_id,
                (SELECT count(*) FROM block WHERE block.service = clip.service AND block.key = clip.key),
                prepared.blocks, prepared.size, prepared.duration, coalesce(clip.reason, prepared.reason)
            FROM prepared LEFT JOIN clip ON clip.key = prepared.key
            UNION ALL
            SELECT clip, service, state, game_clip_id,
                (SELECT count(*) FROM block WHERE block.service = clip.service AND block.key = clip.key),
                NULL, NULL, NULL, reason
            FROM clip WHERE key NOT IN (SELECT key FROM prepared WHERE key IS NOT NULL)
            ORDER BY 1, 2
            """
        ) { row throws(SQLiteError) in
            JournalEntry(
                clip: row.text(0), service: row.optionalText(1), state: row.text(2), gameClipId: row.optionalText(3),
                acknowledgedBlocks: Int(clamping: row.integer(4)),
                expectedBlocks: row.optionalInteger(5).map { Int(clamping: $0) }, fileSize: row.optionalInteger(6),
                durationSeconds: row.isNull(7) ? nil : row.real(7), reason: row.optionalText(8))
        }
    }
}
