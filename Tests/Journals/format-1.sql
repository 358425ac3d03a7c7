-- A journal of the first format: its tables as `sqlite3 journal.db .schema` printed them, and rows of each kind.
-- This file is never changed: every later clipship has to be able to go on with such a journal.
PRAGMA journal_mode = WAL;
PRAGMA user_version = 1;
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
INSERT INTO clip VALUES('local','k-intended','intended','intended',NULL,NULL,NULL,NULL,NULL);
INSERT INTO clip VALUES('local','k-requested','requested','requested','id-2','/upload/2','/upload/2/large','/upload/2/small',NULL);
INSERT INTO clip VALUES('local','k-committed','committed','committed','id-3','/upload/3',NULL,NULL,NULL);
INSERT INTO clip VALUES('local','k-published','published','published','id-4','/upload/4',NULL,NULL,NULL);
INSERT INTO clip VALUES('local','k-failed','failed','failed','id-5','/upload/5',NULL,NULL,'the service ended the clip in the state Flagged');
INSERT INTO clip VALUES('https://gameclipsmetadata.xboxlive.com','k-published','published','requested','id-6','https://gameclipstransfer.xboxlive.com/6',NULL,NULL,NULL);
INSERT INTO block VALUES('local','k-requested',0);
INSERT INTO block VALUES('local','k-requested',3);
INSERT INTO block VALUES('local','k-committed',0);
INSERT INTO thumbnail VALUES('local','k-requested','Large');
INSERT INTO prepared VALUES('../clips/published.mp4','2049 17 300563 1762632000000000000 1762632000000000000','options','published',NULL,'k-published',0.7,300563,1);
INSERT INTO prepared VALUES('../clips/broken.mp4','2049 18 10 1762632000000000000 1762632000000000000','options','broken','there is no video in it',NULL,NULL,NULL,NULL);
