package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// tx is a write transaction. Rows are checked before anything is written for them, so that a rejected row leaves nothing
// behind; an error ends the whole transaction.
type tx struct {
	*conn
	s     *Store
	m     meta
	start meta // as m was at the beginning
	now   time.Time
	*caches
	fast         *fastLoad // set while the indexes of interactions are away
	likelyStored bool      // the last interaction was a duplicate, so look before inserting
	follow       follower
	latestGone   bool // the interaction that Stats.LatestAt was taken from may have gone
}

// caches are what the writer knows of committed rows and of its own transaction. They hold only while nobody else
// commits, see begin.
type caches struct {
	position   graph.Position // the last commit known to them
	customers  map[string]customerRow
	identities map[graph.Identity]identityRow
	products   map[string]int64
	categories map[string]int64
	sources    map[string]int64
	attributes map[graph.AttributeKey]attributeRow
}

type customerRow struct {
	key, owner int64
}

type identityRow struct {
	key, origin, owner int64
}

type attributeRow struct {
	key  int64
	kind graph.ValueKind
}

// The bounds of the maps, so that a load of any size takes a few tens of megabytes for them.
const (
	maxCached           = 300_000
	maxCachedIdentities = 50_000 // a load that names customers by identities names each a few times, mostly close together
)

func newCaches() *caches {
	c := &caches{}
	c.forget()
	return c
}

// forget empties all.
func (c *caches) forget() {
	c.position = graph.Position{Seq: -1}
	c.products, c.categories = map[string]int64{}, map[string]int64{}
	c.sources, c.attributes = map[string]int64{}, map[graph.AttributeKey]attributeRow{}
	c.forgetOwners()
}

// forgetOwners empties what merges and erasures change.
func (c *caches) forgetOwners() {
	c.customers, c.identities = map[string]customerRow{}, map[graph.Identity]identityRow{}
}

// remember keeps a value, and forgets all others when there are too many.
func remember[K comparable, V any](m map[K]V, k K, v V, most int) {
	if len(m) >= most {
		clear(m)
	}
	m[k] = v
}

// rememberID is remember for keys that came with a row: a copy is kept, since the text may be part of a larger one.
func rememberID[V any](m map[string]V, id string, v V) { remember(m, strings.Clone(id), v, maxCached) }

// write runs fn in one write transaction and commits it, unless it fails.
func (s *Store) write(ctx context.Context, what string, fn func(t *tx) error) (err error) {
	if err := s.calls.Enter(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer s.calls.Leave()
	if err := s.lockWriter(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, translate(ctx, err))
	}
	defer func() { s.writeLock <- struct{}{} }()
	t, err := s.begin(ctx)
	if err == nil {
		if err = fn(t); err == nil {
			err = t.commit(ctx)
		}
		err = t.end(err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, translate(ctx, err))
	}
	s.cleanLog()
	return nil
}

// cleanLog empties the write-ahead log after an erasure, since it still holds the pages as they were. Where a reader is in the
// way it is tried again with the next write.
func (s *Store) cleanLog() {
	if !s.unclean {
		return
	}
	s.writer.SetBusyTimeout(time.Second)
	busy, err := s.writer.once("PRAGMA wal_checkpoint(TRUNCATE)")
	s.writer.SetBusyTimeout(0)
	if err != nil || busy != "0" {
		s.opts.Logger.Info("the write-ahead log still holds erased bytes: it is emptied with the next write", "path", s.path)
		return
	}
	s.unclean = false
}

// lockWriter waits until nobody else writes through this store; for a Bulk only as long as for another process.
func (s *Store) lockWriter(ctx context.Context) error {
	if s.opts.ReadOnly {
		return fmt.Errorf("%w: it was opened for reading only", graph.ErrReadOnly)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	patience := time.NewTicker(s.opts.BusyTimeout)
	defer patience.Stop()
	for {
		select {
		case <-s.writeLock:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-patience.C:
			if s.bulk.Load() {
				return fmt.Errorf("%w: a large load is under way: try again when it is done", graph.ErrUnavailable)
			}
		}
	}
}

// begin takes the file's write lock. The caller holds the store's.
func (s *Store) begin(ctx context.Context) (*tx, error) {
	c := s.writer
	if err := s.retry(ctx, func() error { return c.exec("BEGIN IMMEDIATE") }); err != nil {
		return nil, err
	}
	t := &tx{conn: c, s: s, caches: s.caches}
	c.SetInterrupt(ctx.Done())
	m, err := c.readMeta()
	if err != nil {
		return nil, t.end(err)
	}
	if found := (graph.Position{Seq: m.seq, Tag: m.tag}); found != s.caches.position {
		s.caches.forget()
		s.caches.position = found
	}
	t.m, t.start = m, m
	t.now = graph.Instant(s.opts.Clock())
	return t, nil
}

// commit makes what was written durable. From here on the context is not asked any more: all or nothing.
func (t *tx) commit(ctx context.Context) error {
	if t.latestGone {
		if err := t.findLatest(); err != nil {
			return err
		}
	}
	if t.m != t.start {
		if t.m.seq != t.start.seq {
			if err := t.closeCommit(); err != nil {
				return err
			}
		}
		if err := t.writeMeta(&t.m); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	t.SetInterrupt(nil)
	if err := t.exec("COMMIT"); err != nil {
		return err
	}
	t.position = graph.Position{Seq: t.m.seq, Tag: t.m.tag}
	return nil
}

// closeCommit writes the commit's last position with its tag.
func (t *tx) closeCommit() (err error) {
	if t.m.tag, err = graph.RandomTag(t.s.opts.Rand); err != nil {
		return err
	}
	return t.exec("INSERT INTO commits (seq, tag, at) VALUES (?, ?, ?)", t.m.seq, t.m.tag, t.now.UnixMicro())
}

// end rolls back what was not committed.
func (t *tx) end(err error) error {
	t.SetInterrupt(nil)
	if t.AutocommitEnabled() {
		if err != nil {
			t.forget()
		}
		return err
	}
	t.forget()
	t.names = &names{}
	return errors.Join(err, t.exec("ROLLBACK"))
}

// newID makes an id that nobody can guess.
func (t *tx) newID(prefix string) (string, error) { return graph.RandomID(t.s.opts.Rand, prefix) }

// change adds an entry to the feed.
func (t *tx) change(kind graph.ChangeKind, key int64, text string, customer int64) error {
	t.m.seq++
	return t.exec("INSERT INTO changes (seq, kind, key, text, customer) VALUES (?, ?, ?, ?, ?)",
		t.m.seq, int64(kind), key, orNull(text), customer)
}

// findLatest finds Stats.LatestAt anew: the latest interaction of each customer that was not ahead, by the index.
func (t *tx) findLatest() error {
	t.m.latestAt, t.m.latestKnown = 0, false
	_, err := t.row(`SELECT max((SELECT at FROM interactions INDEXED BY interactions_by_customer
			WHERE customer = c.key AND known & ?1 = 0 ORDER BY at DESC LIMIT 1)) FROM customers c`,
		func(st *sqlite.Stmt) { t.m.latestAt, t.m.latestKnown = st.ColumnInt64(0), !st.ColumnIsNull(0) }, int64(graph.IsAhead))
	return err
}

// source gives the key of a source's name, which it writes where it is new.
func (t *tx) source(name string) (int64, error) {
	if key, ok := t.sources[name]; ok {
		return key, nil
	}
	key, err := t.number("SELECT key FROM sources WHERE name = ?", name)
	if err == nil && key == 0 {
		err = t.exec("INSERT INTO sources (name) VALUES (?)", name)
		key = t.LastInsertRowID()
	}
	if err == nil {
		rememberID(t.sources, name, key)
	}
	return key, err
}

// attributeRow finds an attribute's settled type; a key of 0 is none yet.
func (t *tx) attributeRow(k graph.AttributeKey) (a attributeRow, err error) {
	if a, ok := t.attributes[k]; ok {
		return a, nil
	}
	_, err = t.row("SELECT key, kind FROM attributes WHERE scope = ? AND name = ?", func(st *sqlite.Stmt) {
		a = attributeRow{st.ColumnInt64(0), graph.ValueKind(st.ColumnInt64(1))}
	}, int64(k.Scope), k.Name)
	if err == nil && a.key != 0 {
		t.rememberAttribute(k, a)
	}
	return a, err
}

func (c *caches) rememberAttribute(k graph.AttributeKey, a attributeRow) {
	k.Name = strings.Clone(k.Name)
	remember(c.attributes, k, a, maxCached)
}

// firstAttributeKey leaves room for the fields that every customer has.
const firstAttributeKey = 16

// settle gives an attribute's key and settles its type by its first value.
func (t *tx) settle(k graph.AttributeKey, kind graph.ValueKind) (int64, error) {
	a, err := t.attributeRow(k)
	if err != nil || a.key != 0 {
		return a.key, err
	}
	top, err := t.number("SELECT max(key) FROM attributes")
	if err != nil {
		return 0, err
	}
	a = attributeRow{max(top+1, firstAttributeKey), kind}
	if err := t.exec("INSERT INTO attributes (key, scope, name, kind) VALUES (?, ?, ?, ?)", a.key, int64(k.Scope), k.Name, int64(kind)); err != nil {
		return 0, err
	}
	t.rememberAttribute(k, a)
	return a.key, nil
}

// checkKinds gives values the types of their attributes, in place, and refuses what does not fit.
func (t *tx) checkKinds(scope graph.Scope, values []graph.NamedValue) (*graph.Rejection, error) {
	for i, v := range values {
		a, err := t.attributeRow(graph.AttributeKey{Scope: scope, Name: v.Name})
		if err != nil {
			return nil, err
		}
		if a.key == 0 {
			continue
		}
		var ok bool
		if values[i].Value, ok = v.Value.Fit(a.kind); !ok {
			values[i] = v
			return graph.RefuseType(v, a.kind), nil
		}
	}
	return nil, nil
}

// settleAll settles the types of all values.
func (t *tx) settleAll(scope graph.Scope, values []graph.NamedValue) error {
	for _, v := range values {
		if _, err := t.settle(graph.AttributeKey{Scope: scope, Name: v.Name}, v.Value.Kind()); err != nil {
			return err
		}
	}
	return nil
}
