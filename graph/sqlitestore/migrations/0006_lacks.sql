-- Which segments lack which categories, as the holder of the lease has computed it.
CREATE TABLE lacks (
  segment   TEXT    NOT NULL,
  category  TEXT    NOT NULL,
  verdict   TEXT    NOT NULL,
  cause     TEXT    NOT NULL,  -- '' where it is not known
  customers INTEGER NOT NULL,
  unmet     REAL,
  value     REAL,
  currency  TEXT    NOT NULL,  -- '' where there is none
  since     INTEGER,           -- NULL where it is not known
  as_of     INTEGER,
  PRIMARY KEY (segment, category)
) STRICT, WITHOUT ROWID;
