package sqlitestore

import (
	"context"
	"fmt"
	"slices"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// A page of customers is one or two walks along an index: those that have what the order asks for, then those that lack it.
// Each walk continues after a key of the domain.
const (
	walkStart = "SELECT c.key FROM customers c INDEXED BY "
	// matches is what a search tests on the way where too many match to be sorted: ?1 ≤ what is found < ?2.
	walkMatches = ` AND ((c.name_fold >= ?1 AND c.name_fold < ?2)
		OR EXISTS (SELECT 1 FROM terms t WHERE t.customer = c.key AND t.term >= ?1 AND t.term < ?2)
		OR EXISTS (SELECT 1 FROM identities i WHERE i.customer = c.key AND i.folded = 1 AND i.value >= ?1 AND i.value < ?2))`
)

// customerWalk is a run along an index, with the columns of the key that it continues after.
type customerWalk struct {
	index, where, order string
	args                []any // ?3 and on
}

// walksOf gives the walks of an order from a key on.
func walksOf(order graph.CustomerOrder, after *graph.CustomerKey) []customerWalk {
	switch order {
	case graph.ByName:
		return walksByName(after)
	case graph.ByNewest:
		return walksByNewest(after)
	default:
		w := customerWalk{index: "sqlite_autoindex_customers_1", where: "c.live = 1 AND c.id > ?3", order: "c.id", args: []any{""}}
		if after != nil {
			w.args[0] = after.ID
		}
		return []customerWalk{w}
	}
}

func walksByName(after *graph.CustomerKey) []customerWalk {
	named := customerWalk{"customers_by_name", "c.live = 1 AND c.name_fold > ?3", "c.name_fold, c.id", []any{""}}
	same := customerWalk{"customers_by_name", "c.live = 1 AND c.name_fold = +?3 AND c.id > ?4", "c.id", nil}
	nameless := customerWalk{"customers_by_name", "c.live = 1 AND c.name_fold IS NULL AND c.id > ?3", "c.id", []any{""}}
	switch {
	case after == nil:
		return []customerWalk{named, nameless}
	case after.Name == "":
		nameless.args = []any{after.ID}
		return []customerWalk{nameless}
	default:
		same.args, named.args = []any{after.Name, after.ID}, []any{after.Name}
		return []customerWalk{same, named, nameless}
	}
}

func walksByNewest(after *graph.CustomerKey) []customerWalk {
	dated := customerWalk{"customers_by_created", "c.live = 1 AND c.created_at < ?3", "c.created_at DESC, c.id", []any{int64(1<<63 - 1)}}
	same := customerWalk{"customers_by_created", "c.live = 1 AND c.created_at = +?3 AND c.id > ?4", "c.id", nil}
	dateless := customerWalk{"customers_by_created", "c.live = 1 AND c.created_at IS NULL AND c.id > ?3", "c.id", []any{""}}
	switch {
	case after == nil:
		return []customerWalk{dated, dateless}
	case after.CreatedAt.IsZero():
		dateless.args = []any{after.ID}
		return []customerWalk{dateless}
	default:
		at := after.CreatedAt.UnixMicro()
		same.args, dated.args = []any{at, after.ID}, []any{at}
		return []customerWalk{same, dated, dateless}
	}
}

// query writes the walk in SQL; the search's bounds are ?1 and ?2.
func (w *customerWalk) query(searching bool) string {
	text := walkStart + w.index + " WHERE " + w.where
	if searching {
		text += walkMatches
	}
	return text + " ORDER BY " + w.order + " LIMIT ?5"
}

// FindCustomers gives one page of customers.
func (s *Store) FindCustomers(ctx context.Context, q graph.CustomerQuery) (page graph.CustomerPage, err error) {
	if err := graph.CheckCount("customers", q.First, graph.MaxPage); err != nil {
		return page, err
	}
	if q.Order > graph.ByNewest {
		return page, fmt.Errorf("find customers: there is no order %d: %w", q.Order, graph.ErrInvalid)
	}
	err = s.read(ctx, "find customers", func(c *conn) error {
		keys, err := c.findCustomers(&q)
		if err != nil {
			return err
		}
		if page.More = len(keys) > q.First; page.More {
			keys = keys[:q.First]
		}
		for _, key := range keys {
			customer, err := c.profile(key)
			if err != nil {
				return err
			}
			page.Customers = append(page.Customers, customer)
		}
		return nil
	})
	if err != nil {
		return graph.CustomerPage{}, err
	}
	return page, nil
}

// findCustomers gives the keys of a page and of one customer more, if there is one.
func (c *conn) findCustomers(q *graph.CustomerQuery) ([]int64, error) {
	var low, high any
	if prefix := graph.Fold(q.Search); prefix != "" {
		matches, all, err := c.searchCustomers(prefix)
		if err != nil {
			return nil, err
		}
		if all {
			return c.sortMatches(matches, q)
		}
		low, high = prefix, afterPrefix(prefix)
	}
	var keys []int64
	for _, w := range walksOf(q.Order, q.After) {
		args := append([]any{low, high}, w.args...)
		for len(args) < 4 {
			args = append(args, nil)
		}
		if err := c.rows(w.query(low != nil), func(st *sqlite.Stmt) error {
			keys = append(keys, st.ColumnInt64(0))
			return nil
		}, append(args, q.First+1-len(keys))...); err != nil {
			return nil, err
		}
		if len(keys) > q.First {
			break
		}
	}
	return keys, nil
}

// maxSorted is up to how many matches a search sorts. Where more match, one in so many customers does, and walking along
// the order finds them soon.
const maxSorted = 2_000

// searchRange is all rows that match a prefix; a customer may be in it several times.
const searchRange = ` FROM (
	SELECT key AS customer FROM customers INDEXED BY customers_by_name WHERE live = 1 AND name_fold >= ?1 AND name_fold < ?2
	UNION ALL SELECT customer FROM terms INDEXED BY terms_by_term WHERE term >= ?1 AND term < ?2
	UNION ALL SELECT customer FROM identities INDEXED BY identities_by_value
		WHERE kind IN (1, 2, 3, 4, 5, 6, 7) AND value >= ?1 AND value < ?2 AND folded = 1)`

// searchCustomers gives the keys of all who match, unless there are too many.
func (c *conn) searchCustomers(prefix string) (keys []int64, all bool, err error) {
	err = c.rows("SELECT customer"+searchRange+" LIMIT ?3", func(st *sqlite.Stmt) error {
		keys = append(keys, st.ColumnInt64(0))
		return nil
	}, prefix, afterPrefix(prefix), maxSorted+1)
	if err != nil || len(keys) > maxSorted {
		return nil, false, err
	}
	slices.Sort(keys)
	return slices.Compact(keys), true, nil
}

// placed is a customer's key with its place in every order.
type placed struct {
	key int64
	graph.CustomerKey
}

// sortMatches gives the page out of all who match.
func (c *conn) sortMatches(keys []int64, q *graph.CustomerQuery) ([]int64, error) {
	matches := make([]placed, 0, len(keys))
	for _, key := range keys {
		p := placed{key: key}
		if _, err := c.row("SELECT id, name_fold, created_at FROM customers WHERE key = ?", func(st *sqlite.Stmt) {
			p.ID, p.Name, p.CreatedAt = st.ColumnText(0), st.ColumnText(1), columnTime(st, 2)
		}, key); err != nil {
			return nil, err
		}
		if q.After == nil || q.Order.Compare(&p.CustomerKey, q.After) > 0 {
			matches = append(matches, p)
		}
	}
	slices.SortFunc(matches, func(a, b placed) int { return q.Order.Compare(&a.CustomerKey, &b.CustomerKey) })
	page := keys[:0]
	for _, p := range matches[:min(len(matches), q.First+1)] {
		page = append(page, p.key)
	}
	return page, nil
}

// CountCustomers counts what FindCustomers pages through.
func (s *Store) CountCustomers(ctx context.Context, q graph.CustomerQuery) (n int64, err error) {
	err = s.read(ctx, "count customers", func(c *conn) error {
		prefix := graph.Fold(q.Search)
		if prefix == "" {
			m, err := c.readMeta()
			n = m.customers
			return err
		}
		n, err = c.number("SELECT count(DISTINCT customer)"+searchRange, prefix, afterPrefix(prefix))
		return err
	})
	return n, err
}
