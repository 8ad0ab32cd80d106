-- What customers' TURN users are judged by.  Secrets and passwords stand here as they are: the keys
-- of the long-term credential mechanism are made of them anew for every user name (RFC 8489 9.2),
-- so a hash would do for nothing.  The file is its owner's alone.
--
-- `since` and `until` are unix seconds; of what one customer has, the later one is always greater.

CREATE TABLE turn_secrets (
    ucsid  TEXT NOT NULL REFERENCES customers (ucsid) ON DELETE CASCADE,
    since  INTEGER NOT NULL,
    secret BLOB NOT NULL,
    PRIMARY KEY (ucsid, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE turn_users (
    ucsid    TEXT NOT NULL REFERENCES customers (ucsid) ON DELETE CASCADE,
    name     TEXT NOT NULL,
    password TEXT NOT NULL,
    since    INTEGER NOT NULL,
    PRIMARY KEY (ucsid, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE turn_peers (
    ucsid TEXT NOT NULL REFERENCES customers (ucsid) ON DELETE CASCADE,
    rule  TEXT NOT NULL, -- 192.0.2.0/24:5000-6000
    allow INTEGER NOT NULL,
    PRIMARY KEY (ucsid, rule)
) STRICT, WITHOUT ROWID;

-- Users whose credentials were taken back; the empty name is for all of a customer's.
CREATE TABLE turn_taken_back (
    ucsid TEXT NOT NULL REFERENCES customers (ucsid) ON DELETE CASCADE,
    name  TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (ucsid, name)
) STRICT, WITHOUT ROWID;
