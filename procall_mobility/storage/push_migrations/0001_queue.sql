-- Accepted pushes and what is remembered of them.  Tokens, content and answers are sealed with a key
-- that is not in here; hashes are made with it too.  Times are unix seconds.
--
-- Remembered things are numbered as they come, so that the oldest are found without an index.

-- One row: by what the key is told from others.
CREATE TABLE seal (
    "check" BLOB NOT NULL
) STRICT;

CREATE TABLE queue (
    number     INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE, -- UUIDv7, so that new ones stand beside each other
    customer   TEXT NOT NULL,
    app        TEXT NOT NULL,
    token      BLOB NOT NULL,        -- hash
    collapse   BLOB,                 -- hash of collapse key and token
    urgency    INTEGER NOT NULL,
    accepted   REAL NOT NULL,
    expires    REAL NOT NULL,
    not_before REAL NOT NULL,
    attempts   INTEGER NOT NULL,
    sandbox    INTEGER,
    sealed     BLOB NOT NULL
) STRICT;

CREATE TABLE endings (
    number   INTEGER PRIMARY KEY,
    at       REAL NOT NULL,
    id       TEXT NOT NULL UNIQUE,
    customer TEXT NOT NULL,
    state    TEXT NOT NULL,
    reason   TEXT
) STRICT;

-- Dead tokens.
CREATE TABLE tombstones (
    number INTEGER PRIMARY KEY,
    at     REAL NOT NULL,
    token  BLOB NOT NULL UNIQUE      -- hash
) STRICT;

-- Dead tokens for those who want to know; the numbers grow for ever.
CREATE TABLE feedback (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    at       REAL NOT NULL,
    customer TEXT NOT NULL,
    app      TEXT NOT NULL,
    token    BLOB NOT NULL UNIQUE,   -- hash
    reason   TEXT NOT NULL,
    sealed   BLOB NOT NULL           -- the token
) STRICT;

CREATE INDEX feedback_of_a_customer ON feedback (customer);

-- Answers to requests with an Idempotency-Key.
CREATE TABLE answers (
    number INTEGER PRIMARY KEY,
    at     REAL NOT NULL,
    key    BLOB NOT NULL UNIQUE,     -- hash of customer and key
    sealed BLOB NOT NULL             -- digest of the request and answer
) STRICT;
