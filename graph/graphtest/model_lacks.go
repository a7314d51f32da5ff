package graphtest

import (
	"context"
	"maps"
	"slices"

	"lacuna/graph"
)

func (m *model) WriteLacks(ctx context.Context, holder string, put []graph.Lack, remove []graph.GapKey) error {
	leave, err := m.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	list, err := graph.PrepareLacks(put, remove)
	if err != nil {
		return err
	}
	if m.d.lease.holder != holder || !m.d.lease.until.After(m.o.Clock()) {
		return graph.ErrConflict
	}
	for _, gap := range remove {
		delete(m.d.lacks, gap)
	}
	for _, l := range list {
		_, segment := m.d.segments[l.Segment]
		if _, category := m.d.categories[l.Category]; segment && category {
			m.d.lacks[l.Gap()] = l
		}
	}
	return nil
}

func (m *model) Lacks(ctx context.Context) ([]graph.Lack, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return slices.SortedFunc(maps.Values(m.d.lacks), func(a, b graph.Lack) int { return a.Compare(&b) }), nil
}
