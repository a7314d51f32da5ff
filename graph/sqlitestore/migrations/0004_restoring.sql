-- How far the store has been restored from another one; no row for a store that is whole.
CREATE TABLE restoring (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  version  TEXT    NOT NULL,
  portions INTEGER NOT NULL
) STRICT;
