-- An id is its customer's: another one that uses the same takes nothing away.
CREATE TABLE endings_by_customer (
    number   INTEGER PRIMARY KEY,
    at       REAL NOT NULL,
    id       TEXT NOT NULL,
    customer TEXT NOT NULL,
    state    TEXT NOT NULL,
    reason   TEXT,
    UNIQUE (id, customer)
) STRICT;

INSERT INTO endings_by_customer SELECT number, at, id, customer, state, reason FROM endings;
DROP TABLE endings;
ALTER TABLE endings_by_customer RENAME TO endings;
