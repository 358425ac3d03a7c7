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
        try database.clips(condition: "service = ?", [.text(service)])
    }

    /// One clip's record; nil if nothing was asked for it yet.
    public func clip(_ key: String) throws -> ClipRecord? {
        try database.clips(condition: "service = ? AND key = ?", [.text(service), .text(key)])[key]
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
    public func prepared() throws -> [String: PreparedRecord] { try database.prepared() }

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
