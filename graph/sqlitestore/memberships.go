package sqlitestore

import (
	"context"
	"fmt"
	"iter"
	"time"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// LeaseMemberships takes the lease, goes on with it, or gives it back.
func (s *Store) LeaseMemberships(ctx context.Context, holder string, duration time.Duration) (held bool, err error) {
	if holder == "" || duration < 0 {
		return false, fmt.Errorf("lease memberships: name a holder, and no time below 0: %w", graph.ErrInvalid)
	}
	err = s.write(ctx, "lease memberships", func(t *tx) error {
		held = false
		other, err := t.number("SELECT EXISTS (SELECT 1 FROM lease WHERE holder <> ? AND until > ?)", holder, t.now.UnixMicro())
		if err != nil || other != 0 {
			return err
		}
		held = true
		if duration == 0 {
			return t.exec("DELETE FROM lease")
		}
		return t.exec("INSERT INTO lease (one, holder, until) VALUES (1, ?1, ?2) ON CONFLICT DO UPDATE SET holder = ?1, until = ?2",
			holder, t.now.Add(duration).UnixMicro())
	})
	return held && err == nil, err
}

// WriteMemberships writes what the holder of the lease has computed.
func (s *Store) WriteMemberships(ctx context.Context, holder string, put, remove []graph.SegmentMember) error {
	if err := graph.CheckCount("memberships", len(put)+len(remove), graph.MaxBatch); err != nil {
		return err
	}
	return s.write(ctx, "write memberships", func(t *tx) error {
		if err := t.checkLease(holder); err != nil {
			return err
		}
		more := map[string]int64{} // members, by segment
		for _, m := range remove {
			if err := t.exec("DELETE FROM members WHERE segment = ? AND customer = (SELECT key FROM customers WHERE id = ?)", m.Segment, m.Customer); err != nil {
				return err
			}
			more[m.Segment] -= int64(t.Changes())
		}
		for _, m := range put {
			n, err := t.putMember(m)
			if err != nil {
				return err
			}
			more[m.Segment] += n
		}
		for segment, n := range more {
			if err := t.exec("UPDATE segments SET members = members + ? WHERE id = ?", n, segment); err != nil {
				return err
			}
		}
		return nil
	})
}

// checkLease refuses who does not hold the lease.
func (t *tx) checkLease(holder string) error {
	held, err := t.number("SELECT EXISTS (SELECT 1 FROM lease WHERE holder = ? AND until > ?)", holder, t.now.UnixMicro())
	if err == nil && held == 0 {
		err = fmt.Errorf("another writes memberships by now: %w", graph.ErrConflict)
	}
	return err
}

// putMember makes a customer a member, or changes since when that is. It tells how many members more there are.
func (t *tx) putMember(m graph.SegmentMember) (more int64, err error) {
	since := micros(graph.Instant(m.Since))
	if err := t.exec("UPDATE members SET since = ?3 WHERE segment = ?1 AND customer = (SELECT key FROM customers WHERE id = ?2)", m.Segment, m.Customer, since); err != nil {
		return 0, err
	}
	if t.Changes() > 0 {
		return 0, nil
	}
	err = t.exec("INSERT INTO members (segment, customer, since) SELECT s.id, c.key, ?3 FROM segments s, customers c WHERE s.id = ?1 AND c.id = ?2 AND c.live = 1",
		m.Segment, m.Customer, since)
	return int64(t.Changes()), err
}

// SegmentMembers reads what was written of a segment.
func (s *Store) SegmentMembers(ctx context.Context, segment string) iter.Seq2[graph.SegmentMember, error] {
	return func(yield func(graph.SegmentMember, error) bool) {
		last := int64(-1)
		for {
			var page []graph.SegmentMember
			after := last
			err := s.read(ctx, "read memberships", func(c *conn) error {
				page = page[:0]
				return c.rows(`SELECT m.customer, c.id, m.since FROM members m CROSS JOIN customers c ON c.key = m.customer
					WHERE m.segment = ? AND m.customer > ? ORDER BY m.customer LIMIT ?`, func(st *sqlite.Stmt) error {
					last = st.ColumnInt64(0)
					page = append(page, graph.SegmentMember{Segment: segment, Customer: st.ColumnText(1), Since: columnTime(st, 2)})
					return nil
				}, segment, after, graph.MaxPage)
			})
			if err != nil {
				yield(graph.SegmentMember{}, err)
				return
			}
			for _, m := range page {
				if !yield(m, nil) {
					return
				}
			}
			if len(page) < graph.MaxPage {
				return
			}
		}
	}
}

// CountSegmentMembers tells how many members were written of each segment.
func (s *Store) CountSegmentMembers(ctx context.Context) (counts map[string]int64, err error) {
	counts = map[string]int64{}
	err = s.read(ctx, "count memberships", func(c *conn) error {
		return c.rows("SELECT id, members FROM segments WHERE members > 0", func(st *sqlite.Stmt) error {
			counts[st.ColumnText(0)] = st.ColumnInt64(1)
			return nil
		})
	})
	return counts, err
}

// leaveSegments takes a customer out of all segments.
func (t *tx) leaveSegments(customer int64) error {
	if err := t.exec("UPDATE segments SET members = members - 1 WHERE id IN (SELECT segment FROM members WHERE customer = ?)", customer); err != nil {
		return err
	}
	return t.exec("DELETE FROM members WHERE customer = ?", customer)
}

// leaveSegments takes the person out of all segments.
func (e *erasure) leaveSegments() error { return e.tx.leaveSegments(e.owner) }
