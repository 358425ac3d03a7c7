public import ClipModel
import SystemIO

/// The crash-safe record of what has been asked of a service and what it answered. When a method returns, what it
/// recorded is on disk, unless it says otherwise; a killed program loses nothing in any case.
public actor Journal {
    private nonisolated let executor: BlockingExecutor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let database: SQLiteDatabase
    /// Which service the records of this run are about; records about others are left alone.
    let service: String

    /// Opens the journal at `path`, which is made if it isn't there, for records about `service`.
    ///
    /// - Throws: `SQLiteError`, or `SchemaError` for a journal from a newer clipship or another program's database.
    public init(path: String, service: String) throws {
        executor = BlockingExecutor("journal")
        database = try JournalFile.open(path)
        self.service = service
    }
}

// MARK: - Submission

extension Journal {
    /// Every clip's record, by key.
    public func clips() throws -> [String: ClipRecord] {
        try records(condition: "service = ?", [.text(service)])
    }

    /// One clip's record; nil if nothing was asked for it yet.
    public func clip(_ key: String) throws -> ClipRecord? {
        try records(condition: "service = ? AND key = ?", [.text(service), .text(key)])[key]
    }

    private func records(condition: String, _ values: [SQLiteValue]) throws -> [String: ClipRecord] {
        var records: [String: ClipRecord] = [:]
        let rows = try database.query(
            """
            SELECT key, clip, state, game_clip_id, upload_uri, large_thumbnail_uri, small_thumbnail_uri, reason, blocks,
                scid
            FROM clip WHERE \(condition)
            """, values
        ) { row throws(SQLiteError) in try ClipRecord(row, path: database.path) }
        for record in rows { records[record.key] = record }
        let blocks = try database.query("SELECT key, number FROM block WHERE \(condition)", values) {
            row throws(SQLiteError) in (row.text(0), Int(row.integer(1)))
        }
        for (key, number) in blocks { records[key]?.acknowledgedBlocks.insert(number) }
        let thumbnails = try database.query("SELECT key, type FROM thumbnail WHERE \(condition)", values) {
            row throws(SQLiteError) in (row.text(0), row.text(1))
        }
        for (key, type) in thumbnails {
            records[key]?.acknowledgedThumbnails.insert(ThumbnailType(rawValue: type))
        }
        return records
    }

    /// An id is about to be asked for. Must return before the request is sent.
    public func intend(_ key: String, clip: String, scid: String) throws -> ClipRecord {
        try database.run(
            "INSERT OR REPLACE INTO clip (service, key, clip, scid, state) VALUES (?, ?, ?, ?, 'intended')",
            [.text(service), .text(key), .text(clip), .text(scid)])
        return ClipRecord(key: key, clip: clip, scid: scid, state: .intended)
    }

    /// The service has issued an id. Must return before the first block is sent.
    ///
    /// - Parameter blocks: How many blocks it was told to expect.
    public func requested(
        _ record: ClipRecord, answer: InitialUploadResponse, blocks: Int
    ) throws -> ClipRecord {
        var record = record
        record.state = .requested
        record.expectedBlocks = blocks
        record.gameClipId = answer.gameClipId
        record.uploadUri = answer.uploadUri
        record.largeThumbnailUri = answer.largeThumbnailUri
        record.smallThumbnailUri = answer.smallThumbnailUri
        try save(record)
        return record
    }

    /// The service has acknowledged a block. Not flushed: a power cut costs no more than sending it again, and there
    /// may be hundreds a second.
    public func acknowledged(block number: Int, of key: String) throws {
        try database.runUnflushed(
            "INSERT OR IGNORE INTO block VALUES (?, ?, ?)", [.text(service), .text(key), .integer(Int64(number))])
    }

    /// The service turned out not to have what it had acknowledged.
    public func forgetBlocks(of record: ClipRecord) throws -> ClipRecord {
        try database.run("DELETE FROM block WHERE service = ? AND key = ?", [.text(service), .text(record.key)])
        var record = record
        record.acknowledgedBlocks = []
        return record
    }

    /// The service has acknowledged a thumbnail; as for a block.
    public func acknowledged(thumbnail type: ThumbnailType, of key: String) throws {
        try database.runUnflushed(
            "INSERT OR IGNORE INTO thumbnail VALUES (?, ?, ?)", [.text(service), .text(key), .text(type.rawValue)])
    }

    /// Records a later state, and the id that it is about where that was learnt by looking.
    public func reached(
        _ state: ClipRecord.State, _ record: ClipRecord, gameClipId: String? = nil, reason: String? = nil
    ) throws -> ClipRecord {
        var record = record
        record.state = state
        record.gameClipId = gameClipId ?? record.gameClipId
        record.reason = reason
        try save(record)
        return record
    }

    /// Nothing of a clip is on the service any more.
    public func forget(_ key: String) throws {
        try database.run("DELETE FROM clip WHERE service = ? AND key = ?", [.text(service), .text(key)])
    }

    private func save(_ record: ClipRecord) throws {
        let blocks: SQLiteValue = record.expectedBlocks.map { SQLiteValue.integer(Int64($0)) } ?? nil
        try database.run(
            """
            INSERT INTO clip (service, key, clip, state, game_clip_id, upload_uri, large_thumbnail_uri,
                small_thumbnail_uri, reason, blocks, scid) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET clip = excluded.clip, state = excluded.state,
                game_clip_id = excluded.game_clip_id, upload_uri = excluded.upload_uri,
                large_thumbnail_uri = excluded.large_thumbnail_uri,
                small_thumbnail_uri = excluded.small_thumbnail_uri, reason = excluded.reason,
                blocks = excluded.blocks, scid = excluded.scid
            """,
            [
                .text(service), .text(record.key), .text(record.clip), .text(record.state.rawValue),
                .text(record.gameClipId), .text(record.uploadUri), .text(record.largeThumbnailUri),
                .text(record.smallThumbnailUri), .text(record.reason),
                blocks, .text(record.scid),
            ])
    }
}

// MARK: - Manifests

extension Journal {
    /// A clip is about to be submitted by a manifest. Not flushed by itself, but with what is written next.
    public func submits(_ key: String, by manifest: ManifestPlace) throws {
        try database.runUnflushed(
            """
            INSERT INTO manifest VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET file = excluded.file WHERE file IS NOT excluded.file
            """, [.text(service), .text(key), .text(manifest.path), .text(manifest.file)])
    }

    /// Every manifest that a clip was ever submitted by; none for one from before that was kept.
    public func manifests(of key: String) throws -> [ManifestPlace] {
        try database.query(
            "SELECT path, file FROM manifest WHERE service = ? AND key = ?", [.text(service), .text(key)]
        ) { row throws(SQLiteError) in ManifestPlace(path: row.text(0), file: row.optionalText(1)) }
    }
}

// MARK: - Preparation

extension Journal {
    /// What came of each input file, by its path relative to the output folder.
    public func prepared() throws -> [String: PreparedRecord] {
        var records: [String: PreparedRecord] = [:]
        _ = try database.query(
            """
            SELECT file, identity, options, clip, reason, key, duration, size, blocks, stamp, content
            FROM prepared
            """
        ) { row throws(SQLiteError) in
            let record = PreparedRecord(row)
            records[record.file] = record
        }
        return records
    }

    /// Keeps what came of an input file.
    public func save(_ record: PreparedRecord) throws {
        var values: [SQLiteValue] = [
            .text(record.file), .text(record.identity), .text(record.options), .text(record.clip),
        ]
        switch record.outcome {
        case .refused(let reason):
            values += [.text(reason), nil, nil, nil, nil]
        case .ready(let key, let summary):
            values += [
                nil, .text(key), .real(summary.durationSeconds), .integer(summary.size.bytes),
                .integer(Int64(summary.blockCount)),
            ]
        }
        values += [.text(record.stamp?.file), .text(record.stamp?.content)]
        try database.run("INSERT OR REPLACE INTO prepared VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
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
            outcome: row.optionalText(5).map { .ready(key: $0, summary) } ?? .refused(reason: row.text(4)))
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
    }
}
