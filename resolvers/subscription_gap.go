package resolvers

import (
	"context"

	"lacuna/graph"
	"lacuna/graph/model"
	"lacuna/insight"
)

// GapChanged tells of gaps as they change.
func (r subscription) GapChanged(ctx context.Context, where *model.GapWhere) (<-chan *model.Gap, error) {
	q, err := gapQuery(where)
	if err != nil {
		return nil, err
	}
	if r.watch == nil {
		return nil, insight.ErrNotReady
	}
	listener, err := r.watch.Listen(ctx, q)
	if err != nil {
		return nil, err
	}
	events := make(chan *model.Gap)
	go func() {
		defer close(events)
		r.tellGaps(ctx, listener, events)
	}()
	return events, nil
}

// tellGaps tells what a listener hears until that ends, or the catalog cannot be read: who is cut off listens again, and misses nothing.
func (r subscription) tellGaps(ctx context.Context, listener *insight.GapListener, events chan<- *model.Gap) {
	var tree *graph.CategoryTree
	var of *insight.Gaps // that the tree was read for
	for {
		gaps, ref, ok := listener.Next(ctx)
		if !ok {
			return
		}
		if gaps != of {
			var err error
			if tree, err = r.store.Categories(ctx); err != nil {
				return
			}
			of = gaps
		}
		event := gapOf(gaps.View(), tree, gaps, ref)
		noteView(ctx, gaps.View())
		select {
		case events <- &event:
		case <-ctx.Done():
			return
		}
	}
}
