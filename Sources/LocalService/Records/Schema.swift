/// The tables of `service.db`; each entry brings an older file up to date.
enum Schema {
    static let migrations = [
        """
        CREATE TABLE clips (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            xuid TEXT NOT NULL,
            scid TEXT NOT NULL COLLATE NOCASE,
            title_id TEXT NOT NULL,
            sandbox TEXT NOT NULL,
            device_type TEXT NOT NULL,
            state TEXT NOT NULL,
            upload_id TEXT NOT NULL,
            download_key TEXT NOT NULL,
            file_size INTEGER NOT NULL,
            types TEXT NOT NULL,
            visibility TEXT NOT NULL,
            request TEXT NOT NULL,
            rating REAL NOT NULL DEFAULT 0,
            rating_count INTEGER NOT NULL DEFAULT 0,
            views INTEGER NOT NULL DEFAULT 0,
            large_thumbnail INTEGER,
            small_thumbnail INTEGER,
            created TEXT NOT NULL,
            modified TEXT NOT NULL,
            published TEXT,
            failure TEXT
        );
        CREATE INDEX clips_by_user ON clips (xuid, sequence);
        CREATE INDEX clips_by_state ON clips (state);
        """,
        "ALTER TABLE clips ADD COLUMN uris_from TEXT;",
        """
        CREATE TABLE allocations (
            number INTEGER PRIMARY KEY,
            title_id TEXT NOT NULL,
            session_id TEXT NOT NULL,
            host_id TEXT NOT NULL,
            state TEXT NOT NULL,
            requested TEXT NOT NULL,
            fulfilled TEXT,
            ended TEXT
        );
        """,
    ]
}
