package neo4jstore

import (
	"context"
	"fmt"
	"iter"
	"time"

	"lacuna/graph"
)

// LeaseMemberships takes the lease, goes on with it, or gives it back.
func (s *Store) LeaseMemberships(ctx context.Context, holder string, duration time.Duration) (held bool, err error) {
	if holder == "" || duration < 0 {
		return false, fmt.Errorf("lease memberships: name a holder, and no time below 0: %w", graph.ErrInvalid)
	}
	err = s.write(ctx, "lease memberships", func(t *tx) error {
		records, err := t.run("lease", params{"holder": holder, "now": t.now.UnixMicro(), "until": t.now.Add(duration).UnixMicro()})
		held = err == nil && len(records) > 0
		return err
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
		if err := t.each("member_delete", memberRows(remove)); err != nil {
			return err
		}
		return t.each("member_put", memberRows(put))
	})
}

// checkLease refuses who does not hold the lease.
func (t *tx) checkLease(holder string) error {
	records, err := t.run("lease_held", params{"holder": holder, "now": t.now.UnixMicro()})
	if err == nil && len(records) == 0 {
		err = fmt.Errorf("another writes memberships by now: %w", graph.ErrConflict)
	}
	return err
}

func memberRows(list []graph.SegmentMember) []params {
	rows := make([]params, len(list))
	for i, m := range list {
		rows[i] = params{"segment": m.Segment, "customer": m.Customer, "since": micros(graph.Instant(m.Since))}
	}
	return rows
}

// SegmentMembers reads what was written of a segment.
func (s *Store) SegmentMembers(ctx context.Context, segment string) iter.Seq2[graph.SegmentMember, error] {
	return func(yield func(graph.SegmentMember, error) bool) {
		last := ""
		for {
			records, err := s.read(ctx, "read memberships", "members", params{"segment": segment, "after": last, "limit": int64(graph.MaxKeys)})
			if err != nil {
				yield(graph.SegmentMember{}, err)
				return
			}
			for _, r := range records {
				last = text(r.Values[0])
				if !yield(graph.SegmentMember{Segment: segment, Customer: last, Since: moment(r.Values[1])}, nil) {
					return
				}
			}
			if len(records) < graph.MaxKeys {
				return
			}
		}
	}
}

// CountSegmentMembers tells how many members were written of each segment.
func (s *Store) CountSegmentMembers(ctx context.Context) (map[string]int64, error) {
	records, err := s.read(ctx, "count memberships", "members_count", nil)
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for _, r := range records {
		counts[text(r.Values[0])], _ = r.Values[1].(int64)
	}
	return counts, nil
}
