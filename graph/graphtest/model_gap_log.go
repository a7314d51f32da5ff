package graphtest

import (
	"context"
	"iter"
	"slices"

	"lacuna/graph"
)

func (m *model) RecordGapEvent(ctx context.Context, e graph.GapEvent) error {
	leave, err := m.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	e.Normalize()
	if r := e.Check(); r != nil {
		return r
	}
	d := m.d
	if old, ok := d.gapEvents[e.ID]; ok {
		if old == e {
			return nil
		}
		return graph.RefuseGapEvent()
	}
	if _, ok := d.segments[e.Gap.Segment]; !ok && e.Gap.Segment != graph.EveryoneID {
		return graph.RefuseGapSegment(e.Gap.Segment)
	}
	if _, ok := d.categories[e.Gap.Category]; !ok {
		return graph.RefuseCategory("category", e.Gap.Category)
	}
	if _, ok := d.products[e.Product]; !ok && e.Product != "" {
		return graph.RefuseProduct(e.Product)
	}
	d.gapEvents[e.ID] = e
	d.log = append(d.log, entry{at: m.o.Clock(), gone: true}) // a version of its own, of which the feed tells nothing
	return nil
}

// decided lists all events in order.
func (d *modelData) decided() []graph.GapEvent {
	var list []graph.GapEvent
	for _, id := range sortedKeys(d.gapEvents) {
		list = append(list, d.gapEvents[id])
	}
	slices.SortStableFunc(list, func(a, b graph.GapEvent) int { return a.At.Compare(b.At) })
	return list
}

func (m *model) GapEvents(ctx context.Context, gaps []graph.GapKey) (map[graph.GapKey][]graph.GapEvent, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := tooMany(len(gaps), graph.MaxKeys); err != nil {
		return nil, err
	}
	found := map[graph.GapKey][]graph.GapEvent{}
	for _, e := range m.d.decided() {
		if slices.Contains(gaps, e.Gap) {
			found[e.Gap] = append(found[e.Gap], e)
		}
	}
	return found, nil
}

func (m *model) AllGapEvents(ctx context.Context) iter.Seq2[graph.GapEvent, error] {
	return func(yield func(graph.GapEvent, error) bool) {
		leave, err := m.enter(ctx)
		if err != nil {
			yield(graph.GapEvent{}, err)
			return
		}
		list := m.d.decided()
		leave()
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}
