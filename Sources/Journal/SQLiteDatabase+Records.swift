import ClipModel
import SQLite

/// Reads records, for whoever has the journal open.
extension SQLiteDatabase {
    /// Clips by their keys, of rows that meet a condition.
    func clips(condition: String, _ values: [SQLiteValue]) throws -> [String: ClipRecord] {
        var records: [String: ClipRecord] = [:]
        let rows = try query(
            """
            SELECT key, clip, state, game_clip_id, upload_uri, large_thumbnail_uri, small_thumbnail_uri, reason, blocks,
                scid, block_size, contents, request, changeable, confirmed, own,
                (SELECT asked FROM unanswered WHERE unanswered.key = clip.key)
            FROM clip WHERE \(condition)
            """, values
        ) { row throws(SQLiteError) in try ClipRecord(row, path: path) }
        for record in rows { records[record.key] = record }
        let blocks = try query("SELECT key, number FROM block WHERE \(condition)", values) {
            row throws(SQLiteError) in (row.text(0), Int(row.integer(1)))
        }
        for (key, number) in blocks { records[key]?.acknowledgedBlocks.insert(number) }
        let thumbnails = try query("SELECT key, type FROM thumbnail WHERE \(condition)", values) {
            row throws(SQLiteError) in (row.text(0), row.text(1))
        }
        for (key, type) in thumbnails {
            records[key]?.acknowledgedThumbnails.insert(ThumbnailType(rawValue: type))
        }
        return records
    }

    /// What came of input files, by their paths.
    func prepared() throws -> [String: PreparedRecord] {
        var records: [String: PreparedRecord] = [:]
        _ = try query(
            """
            SELECT file, identity, options, clip, reason, key, duration, size, blocks, stamp, content, contents, request,
                changeable, files, manifest
            FROM prepared
            """
        ) { row throws(SQLiteError) in
            let record = PreparedRecord(row)
            records[record.file] = record
        }
        return records
    }
}

extension PreparedRecord {
    fileprivate init(_ row: borrowing SQLiteRow) {
        let summary = ClipSummary(
            durationSeconds: row.real(6), size: ByteCount(row.integer(7)), blockCount: Int(clamping: row.integer(8)))
        let stamp = row.optionalText(9).flatMap { file in row.optionalText(10).map { Stamp(file: file, content: $0) } }
        self.init(
            file: row.text(0), identity: row.text(1), stamp: stamp, options: row.text(2),
            clip: row.text(3),
            outcome: row.optionalText(5).map { .ready(key: $0, summary) } ?? .refused(reason: row.text(4)),
            digests: SubmissionDigests(row, from: 11),
            files: row.optionalText(14).flatMap { identities in
                row.optionalText(15).map { Files(identities: identities, manifest: $0) }
            })
    }
}

extension SubmissionDigests {
    /// Nil where a row has none.
    fileprivate init?(_ row: borrowing SQLiteRow, from column: Int32) {
        guard let contents = row.optionalText(column), let request = row.optionalText(column + 1),
            let changeable = row.optionalText(column + 2)
        else { return nil }
        self.init(contents: contents, request: request, changeable: changeable)
    }
}

extension ClipRecord {
    fileprivate init(_ row: borrowing SQLiteRow, path: String) throws(SQLiteError) {
        guard let state = State(rawValue: row.text(2)) else {
            throw SQLiteError(damaged: path, reason: "a clip has the state \"\(row.text(2))\"")
        }
        self.init(key: row.text(0), clip: row.text(1), scid: row.optionalText(9), state: state)
        gameClipId = row.optionalText(3)
        uploadUri = row.optionalText(4)
        largeThumbnailUri = row.optionalText(5)
        smallThumbnailUri = row.optionalText(6)
        reason = row.optionalText(7)
        expectedBlocks = row.optionalInteger(8).map { Int(clamping: $0) }
        blockSize = row.optionalInteger(10)
        digests = SubmissionDigests(row, from: 11)
        isConfirmed = row.integer(14) != 0
        isOwn = row.integer(15) != 0
        unanswered = row.optionalInteger(16).map { Timestamp(seconds: $0) }
    }
}
