package graphtest

import (
	"context"
	"iter"
	"time"

	"lacuna/graph"
)

// lease is who may write memberships until when.
type lease struct {
	holder string
	until  time.Time
}

// leaveSegments takes a customer out of all segments.
func (d *modelData) leaveSegments(id string) {
	for _, members := range d.members {
		delete(members, id)
	}
}

func (m *model) LeaseMemberships(ctx context.Context, holder string, duration time.Duration) (bool, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	now := m.o.Clock()
	switch {
	case holder == "" || duration < 0:
		return false, graph.ErrInvalid
	case m.d.lease.holder != holder && m.d.lease.until.After(now):
		return false, nil
	}
	m.d.lease = lease{holder, now.Add(duration)}
	return true, nil
}

func (m *model) WriteMemberships(ctx context.Context, holder string, put, remove []graph.SegmentMember) error {
	leave, err := m.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	switch {
	case len(put)+len(remove) > graph.MaxBatch:
		return graph.ErrInvalid
	case m.d.lease.holder != holder || !m.d.lease.until.After(m.o.Clock()):
		return graph.ErrConflict
	}
	for _, x := range remove {
		delete(m.d.members[x.Segment], x.Customer)
	}
	for _, x := range put {
		if _, ok := m.d.segments[x.Segment]; !ok || m.d.find(graph.ByID(x.Customer)) != x.Customer {
			continue
		}
		if m.d.members[x.Segment] == nil {
			m.d.members[x.Segment] = map[string]time.Time{}
		}
		m.d.members[x.Segment][x.Customer] = graph.Instant(x.Since)
	}
	return nil
}

func (m *model) SegmentMembers(ctx context.Context, segment string) iter.Seq2[graph.SegmentMember, error] {
	return func(yield func(graph.SegmentMember, error) bool) {
		leave, err := m.enter(ctx)
		if err != nil {
			yield(graph.SegmentMember{}, err)
			return
		}
		var list []graph.SegmentMember
		for _, id := range sortedKeys(m.d.members[segment]) {
			list = append(list, graph.SegmentMember{Segment: segment, Customer: id, Since: m.d.members[segment][id]})
		}
		leave()
		for _, x := range list {
			if !yield(x, nil) {
				return
			}
		}
	}
}

func (m *model) CountSegmentMembers(ctx context.Context) (map[string]int64, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	counts := map[string]int64{}
	for segment, members := range m.d.members {
		if len(members) > 0 {
			counts[segment] = int64(len(members))
		}
	}
	return counts, nil
}
