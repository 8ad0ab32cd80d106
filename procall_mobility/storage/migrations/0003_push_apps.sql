-- Applications that pushes can go to.  Their credentials are files of the operator's; here is only
-- where those are.
CREATE TABLE push_apps (
    ucsid      TEXT REFERENCES customers (ucsid) ON DELETE CASCADE, -- NULL: for every customer
    name       TEXT NOT NULL, -- the channel customers' servers name
    provider   TEXT NOT NULL,
    credential TEXT NOT NULL, -- a path
    options    TEXT NOT NULL  -- a JSON object of texts
) STRICT;

CREATE UNIQUE INDEX push_apps_by_name ON push_apps (ifnull(ucsid, ''), name);

-- One row: grows with every change of the table above, so that a running daemon notices.
CREATE TABLE push_apps_changes (number INTEGER NOT NULL) STRICT;
INSERT INTO push_apps_changes VALUES (0);
