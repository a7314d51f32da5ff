package sqlitestore

import (
	"context"

	"lacuna/graph"
)

// Write stores a batch in one transaction.
func (s *Store) Write(ctx context.Context, b *graph.Batch) (*graph.Outcomes, error) {
	if err := graph.CheckCount("rows", b.Len(), graph.MaxBatch); err != nil {
		return nil, err
	}
	var out *graph.Outcomes
	err := s.write(ctx, "write batch", func(t *tx) (err error) {
		out, err = t.batch(ctx, b)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// batch writes all kinds in their order.
func (t *tx) batch(ctx context.Context, b *graph.Batch) (*graph.Outcomes, error) {
	out := &graph.Outcomes{}
	var err error
	if out.Categories, err = t.writeCategories(b.Categories, b.CreateMissing); err != nil {
		return nil, err
	}
	if out.Products, err = eachRow(ctx, b.Products, func(p *graph.Product) (graph.Outcome, error) {
		return t.writeProduct(p, b.CreateMissing)
	}); err != nil {
		return nil, err
	}
	if out.Customers, err = eachRow(ctx, b.Customers, t.writeCustomer); err != nil {
		return nil, err
	}
	if out.Segments, err = t.writeSegments(b.Segments); err != nil {
		return nil, err
	}
	if out.Interactions, err = eachRow(ctx, b.Interactions, func(i *graph.Interaction) (graph.Outcome, error) {
		return t.writeInteraction(i, b.CreateMissing)
	}); err != nil {
		return nil, err
	}
	if err := t.stopFollowing(); err != nil {
		return nil, err
	}
	if out.Retractions, err = eachRow(ctx, b.Retractions, t.retract); err != nil {
		return nil, err
	}
	if out.DeleteSegments, err = t.deleteSegments(b.DeleteSegments); err != nil {
		return nil, err
	}
	if out.Unread, err = eachRow(ctx, b.Unread, t.writeUnread); err != nil {
		return nil, err
	}
	return out, nil
}

// eachRow writes rows one after the other. It looks at the context now and then, since a run of rows that are rejected
// never reaches the database.
func eachRow[R any](ctx context.Context, rows []R, write func(*R) (graph.Outcome, error)) ([]graph.Outcome, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	out := make([]graph.Outcome, len(rows))
	for i := range rows {
		if i%256 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		var err error
		if out[i], err = write(&rows[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
