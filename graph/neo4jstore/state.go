package neo4jstore

import (
	"encoding/json"
	"time"

	"lacuna/graph"
)

// state is what one node tells of the whole store. It is one property, so that readers see it whole.
type state struct {
	Seq          int64 // number of the latest change
	Tag          int64 // of the commit that wrote it
	StoreTag     int64 // what makes this store different from all others
	Pruned       int64 // changes up to here are forgotten
	Catalog      int64 // moves with every change of products, categories, segments and types of attributes
	Customers    int64 // current ones
	Interactions int64
	Products     int64
	Categories   int64
	Segments     int64
	Erased       int64 // hashes that are kept
	Retracted    int64
	Lanes        bool   `json:",omitempty"` // a large load may have left interactions that nothing here tells of, see lanes.go
	LatestAt     *int64 `json:",omitempty"` // microseconds; of the latest interaction that was not ahead
}

func (s *state) position() graph.Position { return graph.Position{Seq: s.Seq, Tag: s.Tag} }

func (s *state) head() graph.Cursor { return s.position().Cursor() }

func parseState(value any) (s state, err error) {
	text, ok := value.(string)
	if !ok {
		return s, damaged("read the state of the store")
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, damaged("read the state of the store")
	}
	return s, nil
}

func (s state) text() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // numbers alone
	}
	return string(text)
}

// begin takes the lock of writers and reads where the store stands. Whoever holds it sees all that others have committed.
func (t *tx) begin() error {
	records, err := t.run("lock", nil)
	if err != nil {
		return err
	}
	if len(records) == 0 {
		return damaged("find the state of the store")
	}
	if t.state, err = parseState(records[0].Values[0]); err != nil {
		return err
	}
	t.start, t.now = t.state, graph.Instant(t.s.opts.Clock())
	if t.state.Lanes && t.role != looking {
		return t.adopt()
	}
	return nil
}

// finish writes what is left to be written before the commit.
func (t *tx) finish() error {
	if t.latest {
		if err := t.findLatest(); err != nil {
			return err
		}
	}
	if t.state.Seq != t.start.Seq {
		var err error
		if t.state.Tag, err = graph.RandomTag(t.s.opts.Rand); err != nil {
			return err
		}
		if err := t.each("change_create", t.changes); err != nil {
			return err
		}
		if _, err := t.run("commit_create", params{"seq": t.state.Seq, "tag": t.state.Tag, "at": t.now.UnixMicro()}); err != nil {
			return err
		}
	}
	if c := t.catalog; c != nil && c.changed {
		t.state.Catalog++
		t.state.Products, t.state.Categories, t.state.Segments = int64(len(c.products)), int64(len(c.categories)), int64(len(c.segments))
		c.version, c.changed = t.state.Catalog, false
		c.sort()
	}
	if t.state == t.start {
		return nil
	}
	_, err := t.run("state_set", params{"state": t.state.text()})
	return err
}

// change adds an entry to the feed.
func (t *tx) change(kind graph.ChangeKind, id, customer string) {
	t.state.Seq++
	t.changes = append(t.changes, params{"seq": t.state.Seq, "kind": int64(kind), "key": id, "customer": customer})
}

// findLatest finds the latest interaction anew, which takes a walk over all of them.
func (t *tx) findLatest() error {
	records, err := t.run("interaction_latest", nil)
	if err != nil {
		return err
	}
	t.state.LatestAt = nil
	if at, ok := records[0].Values[0].(int64); ok {
		t.state.LatestAt = &at
	}
	return nil
}

// sawAt notes that an interaction was recorded.
func (t *tx) sawAt(at int64) {
	if t.state.LatestAt == nil || at > *t.state.LatestAt {
		t.state.LatestAt = &at
	}
}

// goneAt notes that one was removed.
func (t *tx) goneAt(at int64) {
	t.latest = t.latest || t.state.LatestAt != nil && at >= *t.state.LatestAt
}

func instant(us int64) time.Time { return time.UnixMicro(us).UTC() }

// moment reads a time that may be missing.
func moment(value any) time.Time {
	if us, ok := value.(int64); ok {
		return instant(us)
	}
	return time.Time{}
}

// micros writes a time that may be missing.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
