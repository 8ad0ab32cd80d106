-- Servers that hand pushes in by others' APIs, in which they show no credential: for whom, and
-- to which application.
CREATE TABLE push_senders (
    api      TEXT NOT NULL, -- matrix, mattermost
    name     TEXT NOT NULL, -- an app_id or a server_id; with * at its end, all that begin so
    platform TEXT NOT NULL, -- Mattermost's, likewise; else empty
    ucsid    TEXT NOT NULL REFERENCES customers (ucsid) ON DELETE CASCADE,
    channel  TEXT NOT NULL, -- of one of its applications
    PRIMARY KEY (api, name, platform)
) STRICT, WITHOUT ROWID;
