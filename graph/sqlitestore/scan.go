package sqlitestore

import (
	"context"
	"fmt"
	"slices"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// scanChunk is how many records a chunk holds at most.
const scanChunk = 4096

// Scan reads everything from one snapshot. Handles are the store's keys. What was kept of erased customers has handles of its
// own, one a person, to which no customer belongs.
func (s *Store) Scan(ctx context.Context, at graph.Cursor, fields graph.ScanFields) graph.Scan {
	return func(yield func(*graph.ScanChunk, error) bool) {
		stopped := false
		err := s.read(ctx, "scan store", func(c *conn) error {
			m, err := c.readMeta()
			if err != nil {
				return err
			}
			until, err := c.locate(at, &m)
			if err != nil {
				return err
			}
			sc := &scanner{conn: c, s: s, fields: fields, until: until, give: func(chunk *graph.ScanChunk) error {
				if !yield(chunk, nil) {
					stopped = true
					return errStopped
				}
				return ctx.Err()
			}}
			return sc.run()
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

// errStopped ends a scan whose reader has enough; nobody sees it.
var errStopped = fmt.Errorf("scan was stopped")

// scanner is one scan under way.
type scanner struct {
	*conn
	s      *Store
	fields graph.ScanFields
	until  int64 // the last position given
	give   func(*graph.ScanChunk) error
}

func (sc *scanner) run() error {
	for _, part := range []func() error{sc.categories, sc.products, sc.segments, sc.customers, sc.interactions} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

func (sc *scanner) categories() error {
	var chunk []graph.ScannedCategory
	if err := sc.eachCategory(func(key int64, category graph.Category) error {
		chunk = append(chunk, graph.ScannedCategory{Handle: uint32(key), Category: category})
		return nil
	}); err != nil {
		return err
	}
	for part := range slices.Chunk(chunk, scanChunk) {
		if err := sc.give(&graph.ScanChunk{Categories: part}); err != nil {
			return err
		}
	}
	return nil
}

func (sc *scanner) products() error {
	for last := int64(0); ; {
		var chunk []graph.ScannedProduct
		err := sc.rows("SELECT "+productColumns+" FROM products WHERE key > ? ORDER BY key LIMIT ?", func(st *sqlite.Stmt) error {
			p, err := sc.columnProduct(st)
			last = st.ColumnInt64(0)
			chunk = append(chunk, graph.ScannedProduct{Handle: uint32(last), Product: p})
			return err
		}, last, scanChunk)
		if err != nil {
			return err
		}
		if len(chunk) == 0 {
			return nil
		}
		for i := range chunk {
			if err := sc.completeProduct(int64(chunk[i].Handle), &chunk[i].Product); err != nil {
				return err
			}
		}
		if err := sc.give(&graph.ScanChunk{Products: chunk}); err != nil {
			return err
		}
	}
}

func (sc *scanner) segments() error {
	segments, err := sc.readSegments()
	if err != nil {
		return err
	}
	for part := range slices.Chunk(segments, scanChunk) {
		if err := sc.give(&graph.ScanChunk{Segments: part}); err != nil {
			return err
		}
	}
	return nil
}

// customers reads runs of customers, and what belongs to each run in one query a table.
func (sc *scanner) customers() error {
	for last := int64(0); ; {
		var chunk []graph.ScannedCustomer
		err := sc.rows(`SELECT c.key, c.id, c.name, c.created_at, c.household, o.id FROM customers c
			LEFT JOIN customers k ON k.key = c.referrer LEFT JOIN customers o ON o.key = k.owner
			WHERE c.key > ? AND c.live = 1 ORDER BY c.key LIMIT ?`, func(st *sqlite.Stmt) error {
			last = st.ColumnInt64(0)
			chunk = append(chunk, graph.ScannedCustomer{Handle: uint32(last), Customer: graph.Customer{
				ID: st.ColumnText(1), Name: st.ColumnText(2), CreatedAt: columnTime(st, 3), Household: st.ColumnText(4), ReferredBy: st.ColumnText(5),
			}})
			return nil
		}, last, scanChunk)
		if err != nil {
			return err
		}
		if len(chunk) == 0 {
			return nil
		}
		if err := sc.completeCustomers(chunk, last); err != nil {
			return err
		}
		if err := sc.give(&graph.ScanChunk{Customers: chunk}); err != nil {
			return err
		}
	}
}

// completeCustomers adds what stands in other tables to a run of customers in order of key, of which the last is last.
func (sc *scanner) completeCustomers(chunk []graph.ScannedCustomer, last int64) error {
	first := int64(chunk[0].Handle)
	find := func(key int64) *graph.Customer {
		i, _ := slices.BinarySearchFunc(chunk, key, func(c graph.ScannedCustomer, key int64) int { return int(int64(c.Handle) - key) })
		return &chunk[i].Customer
	}
	if err := sc.rows(`SELECT owner, id FROM customers WHERE merged <> 0 AND owner BETWEEN ? AND ?`, func(st *sqlite.Stmt) error {
		c := find(st.ColumnInt64(0))
		c.MergedIDs = append(c.MergedIDs, st.ColumnText(1))
		return nil
	}, first, last); err != nil {
		return err
	}
	if err := sc.rows(`SELECT customer, kind, value, verified, source, observed_at FROM identities WHERE customer BETWEEN ? AND ?`, func(st *sqlite.Stmt) error {
		source, err := sc.names.source(sc.conn, st.ColumnInt64(4))
		c := find(st.ColumnInt64(0))
		c.Identities = append(c.Identities, graph.CustomerIdentity{
			Identity: graph.Identity{Kind: graph.IdentityKind(st.ColumnInt64(1)), Value: st.ColumnText(2)},
			Verified: st.ColumnBool(3), Source: source, ObservedAt: instant(st.ColumnInt64(5)),
		})
		return err
	}, first, last); err != nil {
		return err
	}
	if err := sc.completeAttributes(first, last, find); err != nil {
		return err
	}
	if err := sc.rows(`SELECT customer, purpose, granted, source, at FROM consents WHERE customer BETWEEN ? AND ?`, func(st *sqlite.Stmt) error {
		consent, err := sc.columnConsent(st, 1)
		c := find(st.ColumnInt64(0))
		c.Consents = append(c.Consents, consent)
		return err
	}, first, last); err != nil {
		return err
	}
	for i := range chunk {
		c := &chunk[i].Customer
		slices.Sort(c.MergedIDs)
		sortIdentities(c.Identities)
		c.Consents = settleConsents(c.Consents)
	}
	return nil
}

func (sc *scanner) completeAttributes(first, last int64, find func(int64) *graph.Customer) error {
	var g attributeGatherer
	var current int64
	err := sc.rows(`SELECT customer, field, source, value, observed_at, verified FROM observations
		WHERE customer BETWEEN ? AND ? AND field >= 16 ORDER BY customer, field`, func(st *sqlite.Stmt) error {
		if key := st.ColumnInt64(0); key != current {
			if current != 0 {
				find(current).Attributes = g.finish()
			}
			current = key
		}
		return g.add(sc.conn, st, 1)
	}, first, last)
	if err == nil && current != 0 {
		find(current).Attributes = g.finish()
	}
	return err
}
