-- A journal of the tenth format, which knows of requests that may still come to the service. It has no owner yet: where it was
-- made nobody could know here.
-- This file is never changed: every later clipship has to be able to go on with such a journal.
PRAGMA journal_mode = WAL;
PRAGMA user_version = 10;
PRAGMA application_id = 0x434c5350;
CREATE TABLE clip (
    service TEXT NOT NULL,
    key TEXT NOT NULL,
    clip TEXT NOT NULL,
    state TEXT NOT NULL,
    game_clip_id TEXT,
    upload_uri TEXT,
    large_thumbnail_uri TEXT,
    small_thumbnail_uri TEXT,
    reason TEXT, blocks INTEGER, scid TEXT, block_size INTEGER, contents TEXT, request TEXT, changeable TEXT, confirmed INTEGER NOT NULL DEFAULT 0, own INTEGER NOT NULL DEFAULT 1,
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
, stamp TEXT, content TEXT, contents TEXT, request TEXT, changeable TEXT, files TEXT, manifest TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE server (
    service TEXT NOT NULL,
    title INTEGER NOT NULL,
    session TEXT NOT NULL,
    state TEXT NOT NULL,
    report TEXT,
    hook INTEGER NOT NULL,
    PRIMARY KEY (service, title, session)
) STRICT;
CREATE TABLE manifest (
    service TEXT NOT NULL,
    key TEXT NOT NULL,
    path TEXT NOT NULL,
    file TEXT,
    PRIMARY KEY (service, key, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE owner (
    id TEXT NOT NULL,
    machine TEXT NOT NULL,
    path TEXT NOT NULL,
    inode INTEGER NOT NULL
) STRICT;
CREATE TABLE former (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE unanswered (key TEXT PRIMARY KEY, asked INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO clip VALUES('local','k-intended','intended','intended',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1);
INSERT INTO clip VALUES('local','k-requested','requested','requested','id-2','/upload/2','/upload/2/large','/upload/2/small',NULL,4,'00000000-0000-0012-0023-000000000070',2000000,'bytes','members','caption',1,1);
INSERT INTO clip VALUES('local','k-committed','committed','committed','id-3','/upload/3',NULL,NULL,NULL,4,'00000000-0000-0012-0023-000000000070',2000000,'bytes','members','caption',0,1);
INSERT INTO clip VALUES('local','k-published','published','published','id-4','/upload/4',NULL,NULL,NULL,NULL,'00000000-0000-0012-0023-000000000070',2000000,'bytes','members','caption',0,0);
INSERT INTO clip VALUES('local','k-failed','failed','failed','id-5','/upload/5',NULL,NULL,'the service ended the clip in the state Flagged',NULL,'00000000-0000-0012-0023-000000000070',2000000,'bytes','members','caption',0,1);
INSERT INTO clip VALUES('https://gameclipsmetadata.xboxlive.com','k-published','published','requested','id-6','https://gameclipstransfer.xboxlive.com/6',NULL,NULL,NULL,4,'00000000-0000-0012-0023-000000000070',2000000,'bytes','members','caption',1,1);
INSERT INTO block VALUES('local','k-requested',0);
INSERT INTO block VALUES('local','k-requested',3);
INSERT INTO block VALUES('local','k-committed',0);
INSERT INTO thumbnail VALUES('local','k-requested','Large');
INSERT INTO manifest VALUES('local','k-requested','manifests/requested.json','../clips/requested.mp4');
INSERT INTO manifest VALUES('local','k-requested','../elsewhere/requested.json',NULL);
INSERT INTO prepared VALUES('../clips/published.mp4','2049 17 300563 1762632000000000000 1762632000000000000','options','published',NULL,'k-published',0.7,300563,1,'boot:mount:times','digest','bytes','members','caption','1:2:3:4 5:6:7:8 9:10:11:12','digest');
INSERT INTO prepared VALUES('../clips/broken.mp4','2049 18 10 1762632000000000000 1762632000000000000','options','broken','there is no video in it',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO server VALUES('local',1739947423,'/serviceconfigs/00000000-0000-0012-0023-000000000070/sessiontemplates/quick/session/1','fulfilled','{"hostName":"10.0.0.1","region":"North Europe","sessionId":"1","status":"Fulfilled"}',1);
INSERT INTO former VALUES('00000000-0000-4000-8000-000000000001');
INSERT INTO unanswered VALUES('k-intended',1762632000);
