package sqlitestore

import (
	"context"
	"math"
	"strings"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// Pages walk the index (customer, at DESC, id), so that they need no sorting and no page costs more than another. The rest of
// the moment at which the last page ended is walked first, by id, then what is older.
const (
	interactionConditions = ` AND (?5 >> type) & 1 AND (?6 >> channel) & 1 AND (?7 IS NULL OR product = +?7)`
	interactionsAtMoment  = "SELECT " + interactionColumns + ` FROM interactions INDEXED BY interactions_by_customer
		WHERE customer = +?1 AND at = +?2 AND id > ?3` + interactionConditions + " ORDER BY id"
	interactionsBefore = "SELECT " + interactionColumns + ` FROM interactions INDEXED BY interactions_by_customer
		WHERE customer = +?1 AND at >= ?2 AND at < ?3` + interactionConditions + " ORDER BY at DESC, id"
	countInteractions = `SELECT count(*) FROM interactions INDEXED BY interactions_by_customer WHERE customer = +?1 AND at >= ?2 AND at < ?3`
)

// Interactions answers each query with a page.
func (s *Store) Interactions(ctx context.Context, queries []graph.InteractionQuery) (pages []graph.InteractionPage, err error) {
	if err := graph.CheckPages(queries); err != nil {
		return nil, err
	}
	pages = make([]graph.InteractionPage, len(queries))
	err = s.read(ctx, "read interactions", func(c *conn) (err error) {
		for i := range queries {
			if pages[i], err = s.page(c, &queries[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return pages, nil
}

func (s *Store) page(c *conn, q *graph.InteractionQuery) (page graph.InteractionPage, err error) {
	w, err := s.newWalk(c, q)
	if err != nil {
		return page, err
	}
	err = w.run(q.After, func(st *sqlite.Stmt) (bool, error) {
		if len(page.Interactions) == q.First {
			page.More = true
			return false, nil
		}
		if page.Interactions == nil {
			page.Interactions = make([]graph.Interaction, 0, min(q.First, 32))
		}
		interaction, err := c.columnInteraction(st, q.Customer)
		page.Interactions = append(page.Interactions, interaction)
		return true, err
	})
	return page, err
}

// CountInteractions counts what each query pages through.
func (s *Store) CountInteractions(ctx context.Context, queries []graph.InteractionQuery) (counts []int64, err error) {
	if err := graph.CheckCount("queries", len(queries), graph.MaxKeys); err != nil {
		return nil, err
	}
	counts = make([]int64, len(queries))
	err = s.read(ctx, "count interactions", func(c *conn) (err error) {
		for i := range queries {
			if counts[i], err = s.count(c, &queries[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}

func (s *Store) count(c *conn, q *graph.InteractionQuery) (n int64, err error) {
	w, err := s.newWalk(c, q)
	if err != nil {
		return 0, err
	}
	if w.byIndexAlone() {
		return c.number(countInteractions, w.customer, w.from, w.to)
	}
	err = w.run(nil, func(*sqlite.Stmt) (bool, error) { n++; return true, nil })
	return n, err
}

// walk goes along one customer's interactions, newest first, and passes over those that do not match.
type walk struct {
	*conn
	customer   int64 // 0 walks along nothing
	from, to   int64
	types      int64
	channels   int64
	product    any
	categories map[int64]bool // nil for any
	filed      map[int64]bool // products looked up: whether one of their categories is among them
	query      string
}

func (s *Store) newWalk(c *conn, q *graph.InteractionQuery) (*walk, error) {
	f := &q.Filter
	w := &walk{conn: c, from: math.MinInt64, to: math.MaxInt64, types: -1, channels: -1, query: graph.Fold(f.Query)}
	var err error
	if w.customer, err = c.number("SELECT key FROM customers WHERE id = ? AND live = 1", q.Customer); err != nil || w.customer == 0 {
		return w, err
	}
	if !f.From.IsZero() {
		w.from = graph.CeilMicros(f.From)
	}
	if !f.To.IsZero() {
		w.to = graph.CeilMicros(f.To)
	}
	if len(f.Types) > 0 {
		w.types = 0
		for _, t := range f.Types {
			w.types |= 1 << min(t, 62)
		}
	}
	if len(f.Channels) > 0 {
		w.channels = 0
		for _, channel := range f.Channels {
			w.channels |= 1 << min(channel, 62)
		}
	}
	if f.Product != "" {
		key, err := c.number("SELECT key FROM products WHERE id = ?", f.Product)
		if err != nil {
			return nil, err
		}
		if w.product = key; key == 0 {
			w.customer = 0 // nothing is about a product that is not there
		}
	}
	if f.Category == "" {
		return w, nil
	}
	keys, err := s.descendants(c, f.Category)
	w.categories, w.filed = make(map[int64]bool, len(keys)), map[int64]bool{}
	for _, key := range keys {
		w.categories[key] = true
	}
	return w, err
}

// byIndexAlone tells whether no row needs to be looked at.
func (w *walk) byIndexAlone() bool {
	return w.types == -1 && w.channels == -1 && w.product == nil && w.categories == nil && w.query == ""
}

// run visits what comes after a key until visit has enough.
func (w *walk) run(after *graph.InteractionKey, visit func(*sqlite.Stmt) (bool, error)) error {
	if w.customer == 0 {
		return nil
	}
	to := w.to
	if after != nil {
		at := after.At.UnixMicro()
		if at >= w.from && at < w.to {
			if more, err := w.along(interactionsAtMoment, visit, w.customer, at, after.ID, nil, w.types, w.channels, w.product); !more || err != nil {
				return err
			}
		}
		to = min(to, at)
	}
	_, err := w.along(interactionsBefore, visit, w.customer, w.from, to, nil, w.types, w.channels, w.product)
	return err
}

func (w *walk) along(query string, visit func(*sqlite.Stmt) (bool, error), args ...any) (more bool, err error) {
	more = true
	err = w.rows(query, func(st *sqlite.Stmt) error {
		if ok, err := w.matches(st); !ok || err != nil {
			return err
		}
		var err error
		if more, err = visit(st); err == nil && !more {
			return errStopped
		}
		return err
	}, args...)
	if !more && err != nil {
		err = ignoreStopped(err)
	}
	return more, err
}

// matches tests what SQL does not.
func (w *walk) matches(st *sqlite.Stmt) (bool, error) {
	if w.query != "" && !strings.Contains(graph.Fold(st.ColumnText(17)), w.query) {
		return false, nil
	}
	if w.categories == nil {
		return true, nil
	}
	if stated := st.ColumnInt64(3); stated != 0 {
		return w.categories[stated], nil
	}
	product := st.ColumnInt64(2)
	if product == 0 {
		return false, nil
	}
	yes, ok := w.filed[product]
	if !ok {
		if err := w.rows("SELECT category FROM product_categories WHERE product = ?", func(st *sqlite.Stmt) error {
			yes = yes || w.categories[st.ColumnInt64(0)]
			return nil
		}, product); err != nil {
			return false, err
		}
		w.filed[product] = yes
	}
	return yes, nil
}
