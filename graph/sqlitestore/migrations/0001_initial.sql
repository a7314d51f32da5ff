-- The first schema. Text compares by bytes; times are microseconds since 1970 in UTC; amounts are 1/10,000 of a unit.

-- One row: what is counted and numbered, changed in the transaction that changes what it tells of.
CREATE TABLE meta (
  one            INTEGER PRIMARY KEY CHECK (one = 1),
  store_tag      INTEGER NOT NULL,            -- random; the tag of the position before the first commit
  erase_key      BLOB    NOT NULL,            -- random; the key of the hashes in erased
  seq            INTEGER NOT NULL DEFAULT 0,  -- the last position that was given out
  tag            INTEGER NOT NULL,            -- of the last commit
  pruned         INTEGER NOT NULL DEFAULT 0,  -- cursors before this position have expired
  categories_seq INTEGER NOT NULL DEFAULT 0,  -- the last change of a category
  products_seq   INTEGER NOT NULL DEFAULT 0,  -- the last change of a product
  next_customer  INTEGER NOT NULL DEFAULT 1,  -- keys of customers are never used again
  customers      INTEGER NOT NULL DEFAULT 0,
  interactions   INTEGER NOT NULL DEFAULT 0,
  products       INTEGER NOT NULL DEFAULT 0,
  categories     INTEGER NOT NULL DEFAULT 0,
  segments       INTEGER NOT NULL DEFAULT 0,
  retracted      INTEGER NOT NULL DEFAULT 0,
  erased         INTEGER NOT NULL DEFAULT 0,
  latest_at      INTEGER                      -- of the interactions that were not ahead
) STRICT;

-- One row a commit: the last position in it, and its random tag.
CREATE TABLE commits (
  seq INTEGER PRIMARY KEY,
  tag INTEGER NOT NULL,
  at  INTEGER NOT NULL
) STRICT;

-- What was committed, but for interactions, which carry their position themselves. Positions are shared with them.
CREATE TABLE changes (
  seq      INTEGER PRIMARY KEY,
  kind     INTEGER NOT NULL,
  key      INTEGER NOT NULL DEFAULT 0,  -- of the category, product or customer
  text     TEXT,                        -- the id of a segment, a retracted interaction or an erased customer
  customer INTEGER NOT NULL DEFAULT 0,  -- the owner then
  owner    TEXT                         -- the id of the erased owner of an erased id
) STRICT;

CREATE TABLE sources (
  key  INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- Attributes and their settled types. Keys up to 15 stand for the fields that every customer has.
CREATE TABLE attributes (
  key   INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL,
  name  TEXT    NOT NULL,
  kind  INTEGER NOT NULL,
  UNIQUE (scope, name)
) STRICT;

CREATE TABLE categories (
  key    INTEGER PRIMARY KEY,
  id     TEXT    NOT NULL UNIQUE,
  name   TEXT,
  names  TEXT,                        -- JSON: name by language
  parent INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE products (
  key         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  name        TEXT,
  name_fold   TEXT,
  price       INTEGER,
  currency    TEXT,
  launched_at INTEGER,
  retired_at  INTEGER,
  in_stock    INTEGER,
  attributes  TEXT                    -- JSON: value by name
) STRICT;

CREATE TABLE product_categories (
  product  INTEGER NOT NULL,
  position INTEGER NOT NULL,
  category INTEGER NOT NULL,
  PRIMARY KEY (product, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE product_tags (
  product  INTEGER NOT NULL,
  position INTEGER NOT NULL,
  tag      TEXT    NOT NULL,
  PRIMARY KEY (product, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE segments (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL,
  description TEXT NOT NULL,
  rule        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Customers of today and retired ids. The owner of a retired id is the customer who goes on; facts belong to the owner of
-- their origin, so that a merge and its undoing only change owners. What is shown is derived from observations.
CREATE TABLE customers (
  key        INTEGER PRIMARY KEY,
  id         TEXT    NOT NULL UNIQUE,
  owner      INTEGER NOT NULL,
  merged     INTEGER NOT NULL DEFAULT 0,  -- the customer into whom this one was merged directly
  live       INTEGER NOT NULL DEFAULT 1,  -- 0: retired, or what was kept of an erased customer
  state      INTEGER NOT NULL DEFAULT 0,  -- 1: made from nothing but an identity; 2: what was kept of an erased one
  name       TEXT,
  name_fold  TEXT,
  created_at INTEGER,
  household  TEXT,
  referrer   INTEGER                      -- the customer named by the referral that is shown, as it came
) STRICT;
CREATE INDEX customers_by_owner     ON customers (owner) WHERE merged <> 0;
CREATE INDEX customers_by_name      ON customers (name_fold, id) WHERE live = 1;
CREATE INDEX customers_by_created   ON customers (created_at DESC, id) WHERE live = 1;
CREATE INDEX customers_by_household ON customers (household, id) WHERE live = 1 AND household IS NOT NULL;
CREATE INDEX customers_by_referrer  ON customers (referrer, id) WHERE live = 1 AND referrer IS NOT NULL;

CREATE TABLE identities (
  key         INTEGER PRIMARY KEY,
  kind        INTEGER NOT NULL,
  value       TEXT    NOT NULL,
  folded      INTEGER NOT NULL,  -- 1: value is its own folded form; otherwise that form is in terms
  customer    INTEGER NOT NULL,  -- the owner of origin
  origin      INTEGER NOT NULL,  -- the customer under whom it came
  verified    INTEGER NOT NULL,
  source      INTEGER NOT NULL,
  observed_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX identities_by_value ON identities (kind, value);
CREATE INDEX identities_by_customer     ON identities (customer);

CREATE TABLE observations (
  customer    INTEGER NOT NULL,  -- the owner of origin
  field       INTEGER NOT NULL,  -- 1 name, 2 created_at, 3 household, 4 referral, else a key of attributes
  origin      INTEGER NOT NULL,
  source      INTEGER NOT NULL,
  value       ANY     NOT NULL,  -- of a referral: the origin that the reference led to
  observed_at INTEGER NOT NULL,
  verified    INTEGER NOT NULL,
  PRIMARY KEY (customer, field, origin, source)
) STRICT, WITHOUT ROWID;
-- Not "field = 4": with that, every query for "field = ?" is planned anew for each value.
CREATE INDEX observations_of_referrals ON observations (value) WHERE field + 0 = 4;

CREATE TABLE consents (
  customer INTEGER NOT NULL,  -- the owner of origin
  purpose  TEXT    NOT NULL,
  origin   INTEGER NOT NULL,
  granted  INTEGER NOT NULL,
  source   INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (customer, purpose, origin)
) STRICT, WITHOUT ROWID;

-- What a customer is found by beside the folded name and the identities that are their own folded form.
CREATE TABLE terms (
  customer INTEGER NOT NULL,
  term     TEXT    NOT NULL,
  PRIMARY KEY (customer, term)
) STRICT, WITHOUT ROWID;
CREATE INDEX terms_by_term ON terms (term, customer);

CREATE TABLE merges (
  key            INTEGER PRIMARY KEY,
  id             TEXT    NOT NULL UNIQUE,
  keep           INTEGER NOT NULL,
  retired        INTEGER NOT NULL,
  at             INTEGER NOT NULL,
  reason         TEXT    NOT NULL,
  undone_at      INTEGER,
  before_keep    TEXT,  -- JSON: the profile; NULL once undone
  before_retired TEXT,
  report         TEXT   -- JSON
) STRICT;
CREATE INDEX merges_by_keep    ON merges (keep);
CREATE INDEX merges_by_retired ON merges (retired);

CREATE TABLE interactions (
  seq        INTEGER PRIMARY KEY,  -- the position in the feed
  customer   INTEGER NOT NULL,     -- the owner
  product    INTEGER NOT NULL,     -- 0: none
  category   INTEGER NOT NULL,     -- 0: none stated
  at         INTEGER NOT NULL,
  type       INTEGER NOT NULL,
  channel    INTEGER NOT NULL,
  known      INTEGER NOT NULL,     -- marks: which numbers are known; available; ahead
  results    INTEGER NOT NULL,
  quantity   INTEGER NOT NULL,
  amount     INTEGER NOT NULL,
  rating     INTEGER NOT NULL,
  currency   TEXT,
  id         TEXT    NOT NULL,
  origin     INTEGER,              -- the customer under whom it came, where that is not the owner
  identity   INTEGER,              -- the identity by which it came, where it did not come by id
  source     INTEGER NOT NULL,     -- 0: what was kept of an erased customer
  query      TEXT,
  session    TEXT,
  campaign   TEXT,
  attributes TEXT                  -- JSON: value by name
) STRICT;
CREATE UNIQUE INDEX interactions_by_id  ON interactions (id);
CREATE INDEX interactions_by_customer   ON interactions (customer, at DESC, id);

CREATE TABLE retracted (
  id      TEXT    PRIMARY KEY,
  content BLOB    NOT NULL,  -- hash of the content, so that the row sent again is known
  origin  INTEGER NOT NULL,
  reason  TEXT    NOT NULL,
  source  INTEGER NOT NULL,
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Keyed hashes of the ids and identities of erased customers.
CREATE TABLE erased (
  hash BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
