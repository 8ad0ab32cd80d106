-- Public keys by which customers' servers sign tokens, instead of showing their password.
CREATE TABLE customer_keys (
    ucsid TEXT NOT NULL REFERENCES customers (ucsid) ON DELETE CASCADE,
    id    TEXT NOT NULL, -- the beginning of the digest of the key
    pem   TEXT NOT NULL,
    added REAL NOT NULL, -- Unix seconds
    PRIMARY KEY (ucsid, id)
) STRICT, WITHOUT ROWID;
