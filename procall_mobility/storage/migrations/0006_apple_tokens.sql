-- Which token Apple was given last for a key, so that the next daemon makes the same: its time, and
-- since when it is used, in Unix seconds.  Nothing here is a secret; the key is a file elsewhere.
CREATE TABLE apple_tokens (
    team   TEXT NOT NULL,
    key_id TEXT NOT NULL,
    issued INTEGER NOT NULL,
    since  REAL NOT NULL,
    PRIMARY KEY (team, key_id)
) STRICT, WITHOUT ROWID;
