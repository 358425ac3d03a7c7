/// The journal's tables, one migration a format. A migration that has been released is never changed.
enum JournalSchema {
    static let migrations = [
        """
        CREATE TABLE clip (
            service TEXT NOT NULL,
            key TEXT NOT NULL,
            clip TEXT NOT NULL,
            state TEXT NOT NULL,
            game_clip_id TEXT,
            upload_uri TEXT,
            large_thumbnail_uri TEXT,
            small_thumbnail_uri TEXT,
            reason TEXT,
            PRIMARY KEY (service, key)
        ) STRICT;
        CREATE TABLE block (
            service TEXT NOT NULL,
            key TEXT NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (service, key, number),
            FOREIGN KEY (service, key) REFERENCES clip ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE thumbnail (
            service TEXT NOT NULL,
            key TEXT NOT NULL,
            type TEXT NOT NULL,
            PRIMARY KEY (service, key, type),
            FOREIGN KEY (service, key) REFERENCES clip ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE prepared (
            file TEXT PRIMARY KEY,
            identity TEXT NOT NULL,
            options TEXT NOT NULL,
            clip TEXT NOT NULL,
            reason TEXT,
            key TEXT,
            duration REAL,
            size INTEGER,
            blocks INTEGER
        ) STRICT, WITHOUT ROWID;
        """,
        "PRAGMA application_id = \(applicationID);",
        // Server instances for sessions.
        """
        CREATE TABLE server (
            service TEXT NOT NULL,
            title INTEGER NOT NULL,
            session TEXT NOT NULL,
            state TEXT NOT NULL,
            report TEXT,
            hook INTEGER NOT NULL,
            PRIMARY KEY (service, title, session)
        ) STRICT;
        """,
        // How many blocks an upload has; NULL in rows from before.
        "ALTER TABLE clip ADD COLUMN blocks INTEGER;",
        // Whose upload an unfinished one is, so that it can be removed when it is nobody's any more: NULL, and for clips
        // that were not prepared here no manifest, in rows from before.
        """
        ALTER TABLE clip ADD COLUMN scid TEXT;
        CREATE TABLE manifest (
            service TEXT NOT NULL,
            key TEXT NOT NULL,
            path TEXT NOT NULL,
            file TEXT,
            PRIMARY KEY (service, key, path)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO manifest SELECT service, key, 'manifests/' || clip || '.json', NULL FROM clip
            WHERE clip IN (SELECT clip FROM prepared);
        """,
        // What a file has for as long as it is sure to be what was read, and a digest of what the manifest says of that; NULL
        // in rows from before.
        """
        ALTER TABLE prepared ADD COLUMN stamp TEXT;
        ALTER TABLE prepared ADD COLUMN content TEXT;
        """,
        // What the service was asked for, so that changed options are noticed; whose an id is; and who we are. NULL in rows
        // from before, whose ids nobody else is taken to have asked for.
        """
        ALTER TABLE clip ADD COLUMN block_size INTEGER;
        ALTER TABLE clip ADD COLUMN contents TEXT;
        ALTER TABLE clip ADD COLUMN request TEXT;
        ALTER TABLE clip ADD COLUMN changeable TEXT;
        ALTER TABLE clip ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE clip ADD COLUMN own INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE prepared ADD COLUMN contents TEXT;
        ALTER TABLE prepared ADD COLUMN request TEXT;
        ALTER TABLE prepared ADD COLUMN changeable TEXT;
        CREATE TABLE owner (
            id TEXT NOT NULL,
            machine TEXT NOT NULL,
            path TEXT NOT NULL,
            inode INTEGER NOT NULL
        ) STRICT;
        """,
        // What was written of a clip, so that a change of that is noticed; NULL in rows from before.
        """
        ALTER TABLE prepared ADD COLUMN files TEXT;
        ALTER TABLE prepared ADD COLUMN manifest TEXT;
        """,
        // Journals whose uploads this one goes on with: of a shard's earlier lives, and of the shards of a merged run.
        "CREATE TABLE former (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;",
        // When an id was last asked for whose answer is not known, in seconds since 1970: the request may still be on its way,
        // to whatever address. Of rows from before that is not known.
        "CREATE TABLE unanswered (key TEXT PRIMARY KEY, asked INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
    ]

    /// Of the first format.
    static let firstTables: Set = ["clip", "block", "thumbnail", "prepared"]
    /// `CLSP`: tells a journal from other programs' databases, from the second format on.
    static let applicationID: Int64 = 0x434c_5350
}
