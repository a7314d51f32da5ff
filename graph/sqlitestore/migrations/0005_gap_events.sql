-- What people have decided about gaps. The segment may be gone.
CREATE TABLE gap_events (
  id       TEXT    PRIMARY KEY,
  segment  TEXT    NOT NULL,
  category TEXT    NOT NULL,
  at       INTEGER NOT NULL,
  status   INTEGER NOT NULL,
  product  TEXT    NOT NULL,  -- '' for none
  note     TEXT    NOT NULL,
  by       TEXT    NOT NULL   -- the name of a principal
) STRICT, WITHOUT ROWID;

CREATE INDEX gap_events_by_gap  ON gap_events (segment, category, at, id);
CREATE INDEX gap_events_by_time ON gap_events (at, id);
