-- Who is in which segment, as the holder of the lease has computed it.

CREATE TABLE members (
  segment  TEXT    NOT NULL,
  customer INTEGER NOT NULL,
  since    INTEGER,            -- NULL where it is not known
  PRIMARY KEY (segment, customer)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_customer ON members (customer);

ALTER TABLE segments ADD COLUMN members INTEGER NOT NULL DEFAULT 0;

-- Who may write memberships until when.
CREATE TABLE lease (
  one    INTEGER PRIMARY KEY CHECK (one = 1),
  holder TEXT    NOT NULL,
  until  INTEGER NOT NULL
) STRICT;
