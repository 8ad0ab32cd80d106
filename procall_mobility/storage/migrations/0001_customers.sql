CREATE TABLE customers (
    ucsid    TEXT PRIMARY KEY,
    enabled  INTEGER NOT NULL DEFAULT 1,
    password TEXT NOT NULL,              -- scrypt$n$r$p$salt$hash, the last two in base64
    switches TEXT NOT NULL DEFAULT '{}', -- JSON, only what differs from the defaults
    note     TEXT NOT NULL DEFAULT '',
    created  REAL NOT NULL               -- unix seconds
) STRICT, WITHOUT ROWID;

CREATE TABLE aliases (
    alias TEXT PRIMARY KEY,
    ucsid TEXT NOT NULL REFERENCES customers (ucsid) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX aliases_of_a_customer ON aliases (ucsid);

-- What changed, so that a running daemon can take it over; rows are numbered for ever.
CREATE TABLE changes (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    ucsid       TEXT NOT NULL,
    credentials INTEGER NOT NULL
) STRICT;
