package sqlitestore

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// Head gives the position after the latest commit.
func (s *Store) Head(ctx context.Context) (head graph.Cursor, err error) {
	err = s.read(ctx, "read head of feed", func(c *conn) error {
		m, err := c.readMeta()
		head = m.head()
		return err
	})
	return head, err
}

// Changes reads a run of the feed: the union, in order of position, of changes and interactions.
func (s *Store) Changes(ctx context.Context, after graph.Cursor, limit int) (page graph.ChangePage, err error) {
	if err := graph.CheckCount("changes", limit, graph.MaxBatch); err != nil {
		return page, err
	}
	err = s.read(ctx, "read feed", func(c *conn) error {
		m, err := c.readMeta()
		if err != nil {
			return err
		}
		from, err := c.locate(after, &m)
		if err != nil {
			return err
		}
		page, err = c.feedPage(from, limit, &m)
		return err
	})
	if err != nil {
		return graph.ChangePage{}, err
	}
	return page, nil
}

func (c *conn) feedPage(from int64, limit int, m *meta) (graph.ChangePage, error) {
	changes, err := c.loggedChanges(from, limit+1)
	if err != nil {
		return graph.ChangePage{}, err
	}
	// Interactions beyond the last of a full run of changes come later than this page's end.
	until := m.seq
	if len(changes) > limit {
		until = changes[limit].Seq
	}
	recorded, err := c.recordedInteractions(from, until, limit+1)
	if err != nil {
		return graph.ChangePage{}, err
	}
	page := graph.ChangePage{Next: m.head()}
	var last int64
	if page.Changes, last, page.More = graph.JoinChanges(changes, recorded, from, limit); page.More {
		tag, err := c.tagAt(last, m)
		page.Next = graph.Position{Seq: last, Tag: tag}.Cursor()
		return page, err
	}
	return page, nil
}

// loggedChanges reads entries of the log. The ids come from the rows that they name; customers are never removed but by
// erasure, which removes their entries too.
func (c *conn) loggedChanges(from int64, limit int) (changes []graph.NumberedChange, err error) {
	err = c.rows(`SELECT seq, kind, key, text, customer, owner FROM changes WHERE seq > ? ORDER BY seq LIMIT ?`, func(st *sqlite.Stmt) error {
		n := graph.NumberedChange{Seq: st.ColumnInt64(0), Change: graph.Change{Kind: graph.ChangeKind(st.ColumnInt64(1)), ID: st.ColumnText(3)}}
		key, customer := st.ColumnInt64(2), st.ColumnInt64(4)
		var err error
		switch n.Kind {
		case graph.CategoryChanged:
			n.ID, err = c.names.category(c, key)
		case graph.ProductChanged:
			n.ID, err = c.names.product(c, key)
		case graph.CustomerChanged, graph.CustomersMerged, graph.CustomersUnmerged:
			if key != 0 { // else erased since
				n.ID, err = c.idOf(key)
			}
		case graph.CustomerErased:
			n.Customer = st.ColumnText(5)
		}
		if n.Kind == graph.CustomersUnmerged && customer == 0 { // from somebody who was erased since
			n.Customer = st.ColumnText(5)
		}
		if err == nil && customer != 0 {
			n.Customer, err = c.idOf(customer)
		}
		changes = append(changes, n)
		return err
	}, from, limit)
	return changes, err
}

func (c *conn) recordedInteractions(from, until int64, limit int) (recorded []graph.NumberedChange, err error) {
	owners := map[int64]string{}
	err = c.rows("SELECT "+interactionColumns+" FROM interactions WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?", func(st *sqlite.Stmt) error {
		key := st.ColumnInt64(1)
		owner, ok := owners[key]
		if !ok {
			var err error
			if owner, err = c.idOf(key); err != nil {
				return err
			}
			owners[key] = owner
		}
		i, err := c.columnInteraction(st, owner)
		recorded = append(recorded, graph.NumberedChange{Seq: st.ColumnInt64(0), Change: graph.Change{Kind: graph.InteractionRecorded, ID: i.ID, Customer: owner, Interaction: &i}})
		return err
	}, from, until, limit)
	return recorded, err
}

// PruneChanges forgets entries of the feed. Commits are forgotten up to the first one that is not before the moment,
// also where the clock was set back in between.
func (s *Store) PruneChanges(ctx context.Context, before time.Time) error {
	return s.write(ctx, "prune feed", func(t *tx) error {
		keep, err := t.number("SELECT min(seq) FROM commits WHERE at >= ?", graph.CeilMicros(before))
		if err != nil {
			return err
		}
		if keep == 0 {
			keep = t.m.seq + 1
		}
		last, err := t.number("SELECT max(seq) FROM commits WHERE seq < ?", keep)
		if err != nil || last <= t.m.pruned {
			return err
		}
		t.m.pruned = last
		s.unclean = true // entries of erased customers name their ids
		if err := t.exec("DELETE FROM changes WHERE seq <= ?", last); err != nil {
			return err
		}
		return t.exec("DELETE FROM commits WHERE seq < ?", last)
	})
}
