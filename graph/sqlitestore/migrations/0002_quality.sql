-- What came and could not be stored as it came.

-- Identities that rows of other customers claimed, with keyed hashes of these customers' ids.
CREATE TABLE contested (
  identity INTEGER NOT NULL,
  claimant BLOB    NOT NULL,
  PRIMARY KEY (identity, claimant)
) STRICT, WITHOUT ROWID;

-- Records of files that are not read.
CREATE TABLE unread (
  source  TEXT    NOT NULL,
  file    TEXT    NOT NULL,
  name    TEXT    NOT NULL,
  records INTEGER NOT NULL,
  PRIMARY KEY (source, file, name)
) STRICT, WITHOUT ROWID;
