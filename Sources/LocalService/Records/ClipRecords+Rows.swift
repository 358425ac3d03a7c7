import ClipModel
import FoundationEssentials
import SQLite

extension ClipRecords {
    /// The clips that `clause` picks; one whose row can't be read is left out.
    func select(_ clause: String, _ values: [SQLiteValue]) throws(SQLiteError) -> [ClipRow] {
        try database.withLock { (database) throws(SQLiteError) in
            try Self.select(clause, values, in: database)
        }
    }

    static func select(
        _ clause: String, _ values: [SQLiteValue], in database: SQLiteDatabase
    ) throws(SQLiteError) -> [ClipRow] {
        let columns = """
            sequence, id, xuid, scid, title_id, sandbox, device_type, state, upload_id, download_key, request,
            rating, rating_count, views, large_thumbnail, small_thumbnail, created, modified, published, failure,
            uris_from
            """
        return try database.query("SELECT \(columns) FROM clips \(clause)", values) {
            row throws(SQLiteError) in
            guard let clip = ClipRow(row) else {
                throw SQLiteError(damaged: database.path, reason: "the clip \(row.text(1)) makes no sense")
            }
            return clip
        }
    }
}

extension ClipRow {
    fileprivate init?(_ row: borrowing SQLiteRow) {
        let decoder = JSONDecoder()
        // Whoever reads the row says that it makes no sense.
        guard let request = try? decoder.decode(InitialUploadRequest.self, from: Data(row.text(10).utf8)),
            let titleId = try? decoder.decode(JSONValue.self, from: Data(row.text(4).utf8)),
            let created = Timestamp(parsing: row.text(16)), let modified = Timestamp(parsing: row.text(17))
        else { return nil }
        self.init(
            sequence: row.integer(0), id: row.text(1), xuid: row.text(2), scid: row.text(3), titleId: titleId,
            sandbox: row.text(5), deviceType: row.text(6), state: GameClipState(rawValue: row.text(7)),
            uploadId: row.text(8), downloadKey: row.text(9), request: request, rating: row.real(11),
            ratingCount: row.integer(12), views: row.integer(13), largeThumbnail: row.optionalInteger(14),
            smallThumbnail: row.optionalInteger(15), created: created, modified: modified,
            published: row.optionalText(18).flatMap(Timestamp.init(parsing:)), failure: row.optionalText(19),
            urisFrom: row.optionalText(20).flatMap(Timestamp.init(parsing:)))
    }
}
