import SystemIO
import ClipModel
import FoundationEssentials
import SQLite

/// The service's records of clips, in SQLite.
///
/// Calls hold one lock and take well under a millisecond, so that they run on whichever thread needs them.
final class ClipRecords: Sendable {
    let database: Locked<SQLiteDatabase>

    init(path: String) throws(LocalServiceError) {
        let opened = try LocalServiceError.wrapping {
            let opened = try SQLiteDatabase(path: path)
            // A commit that the end of the process can't undo is enough here; only a power cut may lose the
            // last ones.
            try opened.execute("PRAGMA synchronous = NORMAL")
            try opened.migrate(Schema.migrations)
            return opened
        }
        database = Locked(opened)
    }

    /// Closes the database; calls that come afterwards fail.
    func close() {
        database.withLock { $0.close() }
    }

    /// Adds a clip, unless the user's clips would then have more than `quota` bytes together: false.
    func add(_ clip: ClipRow, quota: Int64?) throws -> Bool {
        let request = try Self.text(clip.request)
        let titleId = try Self.text(clip.titleId)
        return try database.withLock { database in
            try database.transaction {
                if let quota {
                    let used = try database.query(Self.bytesOfUser, [.text(clip.xuid)]) {
                        row throws(SQLiteError) in
                        row.integer(0)
                    }
                    guard used.reduce(Int64(clip.request.fileSize), +) <= quota else { return false }
                }
                try database.run(
                    Self.insertion,
                    [
                        .text(clip.id), .text(clip.xuid), .text(clip.scid), .text(titleId),
                        .text(clip.sandbox),
                        .text(clip.deviceType), .text(clip.state.rawValue), .text(clip.uploadId),
                        .text(clip.downloadKey), .integer(Int64(clip.request.fileSize)),
                        .text(Self.types(clip.request.type)), .text(clip.request.visibility.rawValue),
                        .text(request), .text(clip.created.description), .text(clip.modified.description),
                    ])
                return true
            }
        }
    }

    private static let bytesOfUser = """
        SELECT COALESCE(SUM(file_size), 0) FROM clips WHERE xuid = ? AND state NOT IN ('Deleted', 'Error')
        """

    private static let insertion = """
        INSERT INTO clips (id, xuid, scid, title_id, sandbox, device_type, state, upload_id, download_key,
            file_size, types, visibility, request, created, modified)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// The clip with that id, deleted ones too; nil if there never was one.
    func clip(_ id: String) throws -> ClipRow? {
        try select("WHERE id = ?", [.text(id)]).first
    }

    /// All clips in one of the states, in order of creation.
    func clips(in states: [GameClipState]) throws -> [ClipRow] {
        let marks = states.map { _ in "?" }.joined(separator: ", ")
        return try select("WHERE state IN (\(marks)) ORDER BY sequence", states.map { .text($0.rawValue) })
    }

    /// The ids of all clips that are not deleted.
    func ids() throws -> Set<String> {
        let ids = try database.withLock { (database) throws(SQLiteError) in
            try database.query("SELECT id FROM clips WHERE state != 'Deleted'") { row throws(SQLiteError) in row.text(0)
            }
        }
        return Set(ids)
    }

    /// The order in which somebody looks at clips.
    enum Arrangement: String, CaseIterable {
        case newest
        case oldest
        case largest
        case views

        fileprivate var columns: String {
            switch self {
            case .newest: "sequence DESC"
            case .oldest: "sequence"
            case .largest: "file_size DESC, sequence DESC"
            case .views: "views DESC, sequence DESC"
            }
        }
    }

    /// In caption, id, owner or state, without regard to the case of ASCII letters; an empty text is in all.
    private static let isFound = """
        state != 'Deleted' AND instr(lower(coalesce(json_extract(request, '$.userCaption'), '') || char(10) || id
            || char(10) || xuid || char(10) || state), lower(?)) > 0
        """

    /// Some of the clips of all users in which a text is found, but for deleted ones.
    func page(_ number: Int, of size: Int, finding text: String, _ order: Arrangement) throws -> [ClipRow] {
        try select(
            "WHERE \(Self.isFound) ORDER BY \(order.columns) LIMIT ? OFFSET ?",
            [.text(text), .integer(Int64(size)), .integer(Int64(number) * Int64(size))])
    }

    /// How many there are of them.
    func count(finding text: String) throws -> Int {
        try database.withLock { (database) throws(SQLiteError) in
            try database.query("SELECT COUNT(*) FROM clips WHERE \(Self.isFound)", [.text(text)]) {
                row throws(SQLiteError) in Int(row.integer(0))
            }.first ?? 0
        }
    }

    /// How many clips are in each state.
    func counts() throws -> [(state: GameClipState, count: Int)] {
        try database.withLock { (database) throws(SQLiteError) in
            try database.query("SELECT state, COUNT(*) FROM clips GROUP BY state") { row throws(SQLiteError) in
                (GameClipState(rawValue: row.text(0)), Int(row.integer(1)))
            }
        }
    }

    /// Moves a clip on; false if it was not in `state` any more.
    @discardableResult
    func move(
        _ id: String, from state: GameClipState, to next: GameClipState, at time: Timestamp,
        failure: String? = nil
    ) throws -> Bool {
        try change(
            """
            UPDATE clips SET state = ?, modified = ?, failure = ?,
                published = CASE WHEN ? = 'Published' THEN ? ELSE published END
            WHERE id = ? AND state = ?
            """,
            [
                .text(next.rawValue), .text(time.description), .text(failure), .text(next.rawValue),
                .text(time.description), .text(id), .text(state.rawValue),
            ])
    }

    /// Puts a clip into a state, whatever state it was in; false if it was deleted, or never was.
    func moderate(_ id: String, to state: GameClipState, at time: Timestamp) throws -> Bool {
        try change(
            "UPDATE clips SET state = ?, modified = ? WHERE id = ? AND state != 'Deleted'",
            [.text(state.rawValue), .text(time.description), .text(id)])
    }

    /// Marks a clip as deleted; false if it was already, or never was.
    func delete(_ id: String, at time: Timestamp) throws -> Bool {
        try change(
            "UPDATE clips SET state = 'Deleted', modified = ? WHERE id = ? AND state != 'Deleted'",
            [.text(time.description), .text(id)])
    }

    func setThumbnail(_ type: ThumbnailType, of id: String, size: Int64, at time: Timestamp) throws -> Bool {
        let column = type == .large ? "large_thumbnail" : "small_thumbnail"
        return try change(
            "UPDATE clips SET \(column) = ?, modified = ? WHERE id = ? AND state != 'Deleted'",
            [.integer(size), .text(time.description), .text(id)])
    }

    /// Changes members of a clip's request, all at once; false if the clip is gone.
    func update(
        _ id: String, at time: Timestamp, _ change: @Sendable (inout InitialUploadRequest) -> Void
    ) throws -> Bool {
        try database.withLock { database in
            try database.transaction {
                guard
                    var clip = try Self.select(
                        "WHERE id = ? AND state != 'Deleted'", [.text(id)], in: database
                    ).first
                else { return false }
                change(&clip.request)
                let values: [SQLiteValue] = [
                    .text(try Self.text(clip.request)), .text(clip.request.visibility.rawValue),
                    .text(time.description), .text(id),
                ]
                return try database.run(
                    "UPDATE clips SET request = ?, visibility = ?, modified = ? WHERE id = ?", values) > 0
            }
        }
    }

    /// Makes the clip's URIs good from a time on, unless another refresh came before.
    func refreshURIs(of clip: ClipRow, from time: Timestamp) throws {
        _ = try change(
            "UPDATE clips SET uris_from = ? WHERE id = ? AND uris_from IS ?",
            [.text(time.description), .text(clip.id), .text(clip.urisFrom?.description)])
    }

    func countView(of id: String) throws {
        _ = try change("UPDATE clips SET views = views + 1 WHERE id = ?", [.text(id)])
    }

    private func change(_ sql: String, _ values: [SQLiteValue]) throws(SQLiteError) -> Bool {
        try database.withLock { (database) throws(SQLiteError) in try database.run(sql, values) > 0 }
    }

    /// Types between commas, so that one of them can be looked for: `,MagicMoment,Achievement,`.
    static func types(_ types: GameClipTypes) -> String {
        "," + types.types.map(\.rawValue).joined(separator: ",") + ","
    }

    private static func text(_ value: some Encodable) throws -> String {
        String(decoding: try CanonicalJSON.line(value), as: UTF8.self)
    }
}
