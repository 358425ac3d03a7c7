import SQLite
import SystemIO

extension Journal {
    /// Takes over all that another journal of this format knows: what it says of files goes before what is here, and of two
    /// submissions of one clip the one that is further. What it has asked for is ours from now on, once this journal is
    /// opened again.
    ///
    /// The other journal must speak of files as this one does: relative to the same folder.
    ///
    /// - Throws: As opening does, and `SQLiteError` with `isBusy` while somebody is writing to the other one; nothing is
    ///   taken over then.
    public func absorb(_ path: String) throws {
        guard SharedDisk.name(of: Path.parent(of: database.path)) != nil else { return try take(path) }
        // Whoever made it may be on another machine, stopped, and seem to be there for ever: a copy is what it was when it
        // gave its last sign. One that was made in the middle of a write is undone or found not to be whole, as after a crash.
        let copy = "\(database.path)-taken"
        // What is left of them is written over by the next.
        defer { for end in Self.ends + ["-lock"] { try? Folder.removeFile(copy + end) } }
        for end in Self.ends {
            try Folder.removeFile(copy + end)
            do throws(FileError) {
                try DurableFile.copy(path + end, to: copy + end, access: .owner)
            } catch {
                guard error.isNotFound else { throw error }
            }
        }
        try take(copy)
    }

    /// What belongs to a database is called as it is, with these behind: the journal comes before what it is to undo.
    private static let ends = ["-journal", "-wal", ""]

    private func take(_ path: String) throws {
        // It is whole, and of no newer format.
        guard try JournalFile.read(path, { _ in true }) != nil else { return }
        try database.attached(path, as: "other") {
            try database.transaction {
                for statement in Self.statements { try database.run(statement) }
            }
        }
    }

    /// Keeps what the files of each prepared clip are by now, after they were moved as they are; all at once.
    ///
    /// - Parameter identities: Of the files of a clip that has so many blocks; nil where one is not there.
    public func refreshFiles(_ identities: (_ clip: String, _ blockCount: Int) -> String?) throws {
        try database.transaction {
            var last = ""
            while true {
                // There may be very many.
                let rows = try database.query(
                    "SELECT file, clip, blocks, files FROM prepared WHERE key IS NOT NULL AND manifest IS NOT NULL "
                        + "AND file > ? ORDER BY file LIMIT 1000", [.text(last)]
                ) { row throws(SQLiteError) in
                    (
                        file: row.text(0), clip: row.text(1), blocks: Int(clamping: row.integer(2)),
                        files: row.optionalText(3)
                    )
                }
                guard let next = rows.last?.file else { return }
                for row in rows {
                    guard let now = identities(row.clip, row.blocks), now != row.files else { continue }
                    try database.run("UPDATE prepared SET files = ? WHERE file = ?", [.text(now), .text(row.file)])
                }
                last = next
            }
        }
    }

    private static let statements =
        [
            // With its blocks, for they are another id's.
            "DELETE FROM main.clip WHERE EXISTS (SELECT 1 FROM other.clip AS o WHERE o.service = main.clip.service "
                + "AND o.key = main.clip.key AND \(rank("o")) > \(rank("main.clip")))",
            insert("IGNORE", "clip", clipColumns),
        ]
        + ["block": "service, key, number", "thumbnail": "service, key, type"].map { name, columns in
            insert("IGNORE", name, columns)
                + " AS part WHERE EXISTS (SELECT 1 FROM main.clip AS m JOIN other.clip AS o "
                + "USING (service, key) WHERE m.service = part.service AND m.key = part.key "
                + "AND m.game_clip_id IS o.game_clip_id)"
        } + [
            insert(
                "REPLACE", "prepared",
                "file, identity, options, clip, reason, key, duration, size, blocks, stamp, content, contents, request, "
                    + "changeable, files, manifest"),
            insert("REPLACE", "manifest", "service, key, path, file"),
            "DELETE FROM main.server WHERE state <> 'fulfilled' AND EXISTS (SELECT 1 FROM other.server AS o "
                + "WHERE o.service = main.server.service AND o.title = main.server.title "
                + "AND o.session = main.server.session)",
            insert("IGNORE", "server", "service, title, session, state, report, hook"),
            insert("IGNORE", "unanswered", "key, asked"),
            insert("IGNORE", "former", "id"),
            "INSERT OR IGNORE INTO main.former SELECT id FROM other.owner",
        ]

    private static let clipColumns =
        "service, key, clip, state, game_clip_id, upload_uri, large_thumbnail_uri, small_thumbnail_uri, reason, blocks, "
        + "scid, block_size, contents, request, changeable, confirmed, own"

    private static func insert(_ conflict: String, _ table: String, _ columns: String) -> String {
        "INSERT OR \(conflict) INTO main.\(table) (\(columns)) SELECT \(columns) FROM other.\(table)"
    }

    /// How far a submission is.
    private static func rank(_ table: String) -> String {
        let states = ["failed", "intended", "requested", "committed", "published"]
        let cases = states.enumerated().map { "WHEN '\($1)' THEN \($0)" }.joined(separator: " ")
        return "CASE \(table).state \(cases) END"
    }
}

extension SQLiteDatabase {
    /// Runs `body` while another database, which is only read, has a name here (`ATTACH`).
    fileprivate func attached(_ path: String, as name: String, _ body: () throws -> Void) throws {
        try run("ATTACH DATABASE ? AS \(name)", [.text(path)])
        let result = Result { try body() }
        try execute("DETACH DATABASE \(name)")
        try result.get()
    }
}
