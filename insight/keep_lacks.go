package insight

import (
	"context"
	"time"

	"lacuna/graph"
)

// keptGraph is where the engine writes what it has found, for who looks at the graph with the store's own tools.
type keptGraph interface {
	graph.Memberships
	graph.Lacks
}

// lacks writes the gaps that are listed of segments, where they differ from what the store holds. Everyone is no segment, and has none.
func (k *keeper) lacks(ctx context.Context, v *View) (written int, err error) {
	gaps, err := v.Gaps(ctx, time.Time{})
	if err != nil {
		return 0, err
	}
	list, err := gaps.List(ctx, GapQuery{Order: ByValue})
	if err != nil {
		return 0, err
	}
	values, _, err := gaps.Values(ctx, list)
	if err != nil {
		return 0, err
	}
	stored, err := k.store.Lacks(ctx)
	if err != nil {
		return 0, err
	}
	was := make(map[graph.GapKey]*graph.Lack, len(stored))
	for i := range stored {
		was[stored[i].Gap()] = &stored[i]
	}
	var put []graph.Lack
	for i, ref := range list {
		if ref.segment == 0 {
			continue
		}
		l := gaps.lack(ref, values[i])
		before := was[l.Gap()]
		delete(was, l.Gap())
		if before != nil {
			l.Since = before.Since
			if same := *before; same.AsOf.Before(l.AsOf) {
				same.AsOf = l.AsOf
				if same == l { // nothing but the moment is another one
					continue
				}
			}
		}
		put = append(put, l)
	}
	remove := make([]graph.GapKey, 0, len(was))
	for gap := range was {
		remove = append(remove, gap)
	}
	if len(put)+len(remove) == 0 {
		return 0, nil
	}
	return len(put) + len(remove), k.store.WriteLacks(ctx, k.holder, put, remove)
}

// lack is a gap as the graph holds it.
func (g *Gaps) lack(ref GapRef, v *Value) graph.Lack {
	d := &g.decisions[ref.segment][ref.category]
	segment, category := g.Names(ref)
	l := graph.Lack{Segment: segment, Category: category, Verdict: d.verdict.String(), Cause: d.cause.String(), Customers: int64(d.customers), Since: g.AsOf(), AsOf: g.AsOf()}
	if u, _ := g.unmet(ref.segment, ref.category); u != nil {
		l.Unmet = graph.Some(u.Mid)
	}
	if v != nil {
		l.Value, l.Currency = graph.Some(v.Mid), v.Currency
	}
	return l
}
