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

    public init(clip: String, state: String, acknowledgedBlocks: Int, reason: String? = nil) {
        self.clip = clip
        self.state = state
        self.acknowledgedBlocks = acknowledgedBlocks
        self.reason = reason
    }
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

    /// What came of input files, by their paths, and the clips at `service`, by their keys; nil if there is no journal yet,
    /// or one of an earlier format, which the next run brings up to date. Blocks the calling thread.
    ///
    /// - Throws: As `entries` does.
    public static func records(
        path: String, service: String
    ) throws -> (prepared: [String: PreparedRecord], clips: [String: ClipRecord])? {
        let records = try JournalFile.read(path) {
            database -> (prepared: [String: PreparedRecord], clips: [String: ClipRecord])? in
            let format = try database.query("PRAGMA user_version") { row throws(SQLiteError) in row.integer(0) }.first
            guard format == Int64(JournalSchema.migrations.count) else { return nil }
            return try (database.prepared(), database.clips(condition: "service = ?", [.text(service)]))
        }
        return records.flatMap(\.self)
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
            var entry = JournalEntry(
                clip: row.text(0), state: row.text(2), acknowledgedBlocks: Int(clamping: row.integer(4)),
                reason: row.optionalText(8))
            entry.service = row.optionalText(1)
            entry.gameClipId = row.optionalText(3)
            entry.expectedBlocks = row.optionalInteger(5).map { Int(clamping: $0) }
            entry.fileSize = row.optionalInteger(6)
            entry.durationSeconds = row.isNull(7) ? nil : row.real(7)
            return entry
        }
    }
}
