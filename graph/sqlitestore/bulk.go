package sqlitestore

import (
	"context"
	"errors"
	"fmt"

	"lacuna/graph"
)

// Bulk runs one large load. Into a store without interactions it is one transaction that keeps no indexes, see fastLoad; from
// Options.BulkRows rows on, and into a filled store, it goes on in commits of many batches each.
func (s *Store) Bulk(ctx context.Context, load func(graph.Writer) error) (err error) {
	const what = "load in bulk"
	if err := s.calls.Enter(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer s.calls.Leave()
	if err := s.lockWriter(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, translate(ctx, err))
	}
	s.bulk.Store(true)
	defer func() {
		s.bulk.Store(false)
		s.writeLock <- struct{}{}
	}()
	w := &bulkWriter{s: s, ctx: ctx}
	defer func() { // also when load panics
		if w.t != nil {
			err = errors.Join(err, w.t.end(nil))
			w.t = nil
		}
		w.done = true
	}()
	if err := load(w); err != nil {
		return err
	}
	if err := w.finish(); err != nil {
		return fmt.Errorf("%s: %w", what, translate(ctx, err))
	}
	return nil
}

// bulkWriter writes batches into transactions that are longer than a batch.
type bulkWriter struct {
	s       *Store
	ctx     context.Context // of the whole load
	t       *tx             // nil between two commits
	rows    int             // written since the last commit
	failure error           // once a write has failed, what was written with it is gone, and nothing more is taken
	done    bool
}

// Write stores a batch. An error is final for the whole load.
func (w *bulkWriter) Write(ctx context.Context, b *graph.Batch) (*graph.Outcomes, error) {
	if w.done {
		return nil, fmt.Errorf("write batch: the load is over: %w", graph.ErrClosed)
	}
	if w.failure != nil {
		return nil, fmt.Errorf("write batch: an earlier batch of this load has failed: %w", w.failure)
	}
	if err := graph.CheckCount("rows", b.Len(), graph.MaxBatch); err != nil {
		return nil, err
	}
	out, err := w.write(ctx, b)
	if err != nil {
		w.failure = translate(ctx, err)
		if w.t != nil {
			w.failure = w.t.end(w.failure)
			w.t = nil
		}
		return nil, fmt.Errorf("write batch: %w", w.failure)
	}
	return out, nil
}

func (w *bulkWriter) write(ctx context.Context, b *graph.Batch) (*graph.Outcomes, error) {
	for _, c := range []context.Context{w.ctx, ctx} {
		if err := c.Err(); err != nil {
			return nil, err
		}
	}
	if w.t == nil {
		t, err := w.s.begin(w.ctx)
		if err != nil {
			return nil, err
		}
		w.t = t
		if t.m.interactions == 0 {
			if err := t.enterFast(); err != nil {
				return nil, err
			}
		}
	}
	w.t.SetInterrupt(ctx.Done())
	defer w.t.SetInterrupt(nil)
	w.t.now = graph.Instant(w.s.opts.Clock())
	out, err := w.t.batch(ctx, b)
	if err != nil {
		return nil, err
	}
	w.rows += b.Len()
	if w.t.fast != nil && w.t.m.interactions < int64(w.s.opts.BulkRows) || w.t.fast == nil && w.rows < w.s.opts.BulkCommitRows {
		return out, nil
	}
	return out, w.finish()
}

// finish commits what is written.
func (w *bulkWriter) finish() error {
	if w.failure != nil {
		return w.failure
	}
	t := w.t
	if t == nil {
		return nil
	}
	w.t, w.rows = nil, 0
	t.SetInterrupt(w.ctx.Done())
	err := t.leaveFast()
	if err == nil {
		err = t.commit(w.ctx)
	}
	return t.end(err)
}
