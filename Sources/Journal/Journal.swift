import SQLite
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
    /// Whose ids the service is asked for from here: no other output folder has it.
    public nonisolated let owner: String
    /// Who asked for ids that this journal goes on with: journals that it has taken over.
    public nonisolated let formerOwners: Set<String>

    /// Opens the journal at `path`, which is made if it isn't there, for records about `service`.
    ///
    /// - Throws: `SQLiteError`, or `SchemaError` for a journal from a newer clipship or another program's database.
    public init(path: String, service: String) throws {
        executor = BlockingExecutor("journal")
        database = try JournalFile.open(path)
        owner = try JournalOwner.identify(database)
        formerOwners = try JournalOwner.former(database)
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
                scid, block_size, contents, request, changeable, confirmed, own,
                (SELECT asked FROM unanswered WHERE unanswered.key = clip.key)
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

    /// When ids were last asked for whose answers are not known, by key; whatever service it was that was asked.
    public func unanswered() throws -> [String: Timestamp] {
        let rows = try database.query("SELECT key, asked FROM unanswered") { row throws(SQLiteError) in
            (row.text(0), Timestamp(seconds: row.integer(1)))
        }
        return Dictionary(rows) { first, _ in first }
    }

    /// Keeps what is known of a clip's submission, all at once. What the journal has of its acknowledged blocks and
    /// thumbnails, and of a request without an answer, goes where the record has none.
    public func save(_ record: ClipRecord) throws {
        try database.transaction {
            if record.acknowledgedBlocks.isEmpty { try forget("block", of: record.key) }
            if record.acknowledgedThumbnails.isEmpty { try forget("thumbnail", of: record.key) }
            try write(record)
            try keep(record.unanswered, of: record.key)
        }
    }

    private func keep(_ unanswered: Timestamp?, of key: String) throws {
        if let unanswered {
            try database.run(
                "INSERT OR REPLACE INTO unanswered VALUES (?, ?)", [.text(key), .integer(unanswered.seconds)])
        } else {
            try database.run("DELETE FROM unanswered WHERE key = ?", [.text(key)])
        }
    }

    private func forget(_ parts: String, of key: String) throws {
        try database.run("DELETE FROM \(parts) WHERE service = ? AND key = ?", [.text(service), .text(key)])
    }

    private func write(_ record: ClipRecord) throws {
        func integer(_ value: Int64?) -> SQLiteValue { value.map { .integer($0) } ?? nil }
        let values: [(column: String, value: SQLiteValue)] = [
            ("clip", .text(record.clip)), ("state", .text(record.state.rawValue)),
            ("game_clip_id", .text(record.gameClipId)), ("upload_uri", .text(record.uploadUri)),
            ("large_thumbnail_uri", .text(record.largeThumbnailUri)),
            ("small_thumbnail_uri", .text(record.smallThumbnailUri)), ("reason", .text(record.reason)),
            ("blocks", integer(record.expectedBlocks.map(Int64.init))), ("scid", .text(record.scid)),
            ("block_size", integer(record.blockSize)), ("contents", .text(record.digests?.contents)),
            ("request", .text(record.digests?.request)), ("changeable", .text(record.digests?.changeable)),
            ("confirmed", .integer(record.isConfirmed ? 1 : 0)), ("own", .integer(record.isOwn ? 1 : 0)),
        ]
        let columns = values.map(\.column)
        try database.run(
            """
            INSERT INTO clip (service, key, \(columns.joined(separator: ", ")))
                VALUES (?, ?\(String(repeating: ", ?", count: columns.count)))
            ON CONFLICT DO UPDATE SET \(columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
            """,
            [.text(service), .text(record.key)] + values.map(\.value))
    }

    /// Nobody else had asked for the clip before. Not flushed: a power cut costs no more than another look.
    public func confirmed(_ key: String) throws {
        try database.runUnflushed(
            "UPDATE clip SET confirmed = 1 WHERE service = ? AND key = ?", [.text(service), .text(key)])
    }

    /// The service has acknowledged a block. Not flushed: a power cut costs no more than sending it again, and there
    /// may be hundreds a second.
    public func acknowledged(block number: Int, of key: String) throws {
        try database.runUnflushed(
            "INSERT OR IGNORE INTO block VALUES (?, ?, ?)", [.text(service), .text(key), .integer(Int64(number))])
    }

    /// The service has acknowledged a thumbnail; as for a block.
    public func acknowledged(thumbnail type: ThumbnailType, of key: String) throws {
        try database.runUnflushed(
            "INSERT OR IGNORE INTO thumbnail VALUES (?, ?, ?)", [.text(service), .text(key), .text(type.rawValue)])
    }

    /// Nothing of a clip is on the service any more.
    ///
    /// - Parameter unanswered: When an id was last asked for whose answer is not known: that may still come.
    public func forget(_ key: String, unanswered: Timestamp? = nil) throws {
        try database.transaction {
            try database.run("DELETE FROM clip WHERE service = ? AND key = ?", [.text(service), .text(key)])
            try keep(unanswered, of: key)
        }
    }
}

// MARK: - Manifests

extension Journal {
    /// A clip is about to be submitted by a manifest. Not flushed by itself, but with what is written next.
    public func submits(_ key: String, by manifest: ManifestLocation) throws {
        try database.runUnflushed(
            """
            INSERT INTO manifest VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET file = excluded.file WHERE file IS NOT excluded.file
            """, [.text(service), .text(key), .text(manifest.path), .text(manifest.file)])
    }

    /// Every manifest that a clip was ever submitted by; none for one from before that was kept.
    public func manifests(of key: String) throws -> [ManifestLocation] {
        try database.query(
            "SELECT path, file FROM manifest WHERE service = ? AND key = ?", [.text(service), .text(key)]
        ) { row throws(SQLiteError) in ManifestLocation(path: row.text(0), file: row.optionalText(1)) }
    }
}

// MARK: - Preparation

extension Journal {
    /// What came of each input file, by its path relative to the output folder.
    public func prepared() throws -> [String: PreparedRecord] {
        var records: [String: PreparedRecord] = [:]
        _ = try database.query(
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
        values += [
            .text(record.digests?.contents), .text(record.digests?.request), .text(record.digests?.changeable),
            .text(record.files?.identities), .text(record.files?.manifest),
        ]
        let places = Array(repeating: "?", count: values.count).joined(separator: ", ")
        try database.run("INSERT OR REPLACE INTO prepared VALUES (\(places))", values)
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
