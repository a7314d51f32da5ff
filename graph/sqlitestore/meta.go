package sqlitestore

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// meta is the one row that counts and numbers everything.
type meta struct {
	storeTag, seq, tag, pruned, categoriesSeq, productsSeq, nextCustomer       int64
	customers, interactions, products, categories, segments, retracted, erased int64
	latestAt                                                                   int64
	latestKnown                                                                bool
}

func (c *conn) readMeta() (m meta, err error) {
	found, err := c.row(`SELECT store_tag, seq, tag, pruned, categories_seq, products_seq, next_customer,
		customers, interactions, products, categories, segments, retracted, erased, latest_at FROM meta`, func(st *sqlite.Stmt) {
		for i, n := range m.numbers() {
			*n = st.ColumnInt64(i)
		}
		m.latestAt, m.latestKnown = st.ColumnInt64(14), !st.ColumnIsNull(14)
	})
	if err == nil && !found {
		err = damaged("read what the store counts")
	}
	return m, err
}

func (m *meta) numbers() [14]*int64 {
	return [...]*int64{
		&m.storeTag, &m.seq, &m.tag, &m.pruned, &m.categoriesSeq, &m.productsSeq, &m.nextCustomer,
		&m.customers, &m.interactions, &m.products, &m.categories, &m.segments, &m.retracted, &m.erased,
	}
}

func (c *conn) writeMeta(m *meta) error {
	var latest any
	if m.latestKnown {
		latest = m.latestAt
	}
	return c.exec(`UPDATE meta SET seq = ?, tag = ?, pruned = ?, categories_seq = ?, products_seq = ?, next_customer = ?, customers = ?,
		interactions = ?, products = ?, categories = ?, segments = ?, retracted = ?, erased = ?, latest_at = ?`,
		m.seq, m.tag, m.pruned, m.categoriesSeq, m.productsSeq, m.nextCustomer, m.customers, m.interactions, m.products, m.categories,
		m.segments, m.retracted, m.erased, latest)
}

func (m *meta) head() graph.Cursor { return graph.Position{Seq: m.seq, Tag: m.tag}.Cursor() }

// Stats reads one row.
func (s *Store) Stats(ctx context.Context) (graph.Stats, error) {
	var m meta
	err := s.read(ctx, "read statistics", func(c *conn) (err error) {
		m, err = c.readMeta()
		return err
	})
	if err != nil {
		return graph.Stats{}, err
	}
	latest := time.Time{}
	if m.latestKnown {
		latest = instant(m.latestAt)
	}
	return graph.Stats{
		Customers: m.customers, Interactions: m.interactions, Products: m.products, Categories: m.categories,
		Segments: m.segments, LatestAt: latest, Version: m.head(),
	}, nil
}
