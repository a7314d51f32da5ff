package neo4jstore

import (
	"context"
	"errors"
	"fmt"

	"lacuna/graph"
)

// Bulk writes batch by batch. A batch that goes in lanes is answered when it is judged: while the server makes its interactions, the next one is
// read for. When load fails, batches that were answered may be there in part; the same load can be run again.
func (s *Store) Bulk(ctx context.Context, load func(graph.Writer) error) (err error) {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.calls.Leave()
	w := &bulkWriter{s: s, ctx: ctx}
	defer func() {
		err = errors.Join(err, w.wait())
		if w.marked { // whoever takes the lock next would do the same
			err = errors.Join(err, s.write(context.WithoutCancel(ctx), "end load", func(*tx) error { return nil }))
		}
	}()
	if err := load(w); err != nil {
		return err
	}
	return ctx.Err()
}

// bulkWriter writes the batches of a large load.
type bulkWriter struct {
	s        *Store
	ctx      context.Context // of the load: a batch may go on when its call has ended
	marked   bool            // the state said that there are lanes, when it was last looked at
	underWay *underWay       // the last batch; nil before the first one that goes in lanes
}

// underWay is a batch on its way into the store.
type underWay struct {
	done          chan struct{}
	out           *graph.Outcomes
	err           error
	before, after graph.Position // of the store, when it is done
	events        *events        // which it has brought, or found
}

// wait waits until the last batch is committed.
func (w *bulkWriter) wait() error {
	if w.underWay == nil {
		return nil
	}
	<-w.underWay.done
	return w.underWay.err
}

// Write stores a batch.
func (w *bulkWriter) Write(ctx context.Context, b *graph.Batch) (*graph.Outcomes, error) {
	inLanes := len(b.Interactions) >= laneRows && b.Len() == len(b.Interactions) && b.Len() <= graph.MaxBatch
	var ahead *writer
	if inLanes && w.underWay != nil {
		ahead = w.readAhead(ctx, b)
	}
	if err := w.wait(); err != nil {
		return nil, err
	}
	if !inLanes {
		w.underWay = nil
		return w.s.Write(ctx, b)
	}
	if err := w.mark(ctx); err != nil {
		return nil, err
	}
	working, cancel := context.WithCancel(w.ctx)
	run, judged := &underWay{done: make(chan struct{})}, make(chan *graph.Outcomes, 1)
	last := w.underWay
	go func() {
		defer close(run.done)
		defer cancel()
		run.err = w.s.writeInLanes(working, b, ahead, last, run, judged)
	}()
	w.underWay = run
	select {
	case out := <-judged:
		return out, nil
	case <-run.done:
		return run.out, run.err
	case <-ctx.Done():
		cancel()
		<-run.done
		return nil, fmt.Errorf("write batch: %w", ctx.Err())
	}
}

// mark has the state say that there are lanes.
func (w *bulkWriter) mark(ctx context.Context) error {
	if w.marked {
		return nil
	}
	err := w.s.writeAs(ctx, loading, "begin load", func(t *tx) error {
		t.state.Lanes = true
		_, err := t.run("lanes_make", params{"lanes": int64(laneCount)})
		return err
	})
	w.marked = err == nil
	return err
}

// readAhead reads what a batch is judged by, without the lock. Nil where that fails: it is read again with the lock then.
func (w *bulkWriter) readAhead(ctx context.Context, b *graph.Batch) *writer {
	records, err := w.s.read(ctx, "read ahead", "state", nil)
	if err != nil {
		return nil
	}
	now, err := stateOf(records)
	if err != nil {
		return nil
	}
	c, err := w.s.catalogOf(ctx, "read ahead", now.Catalog)
	if err != nil {
		return nil
	}
	ahead := newWriter(&tx{s: w.s, ctx: ctx, role: loading, state: now, start: now, catalog: c})
	if err := ahead.prepare(b); err != nil {
		return nil
	}
	return ahead
}

// writeInLanes stores a batch and tells of its outcomes as soon as they are known.
func (s *Store) writeInLanes(ctx context.Context, b *graph.Batch, ahead *writer, last, run *underWay, judged chan<- *graph.Outcomes) error {
	var done *writer
	err := s.writeAs(ctx, loading, "write batch", func(t *tx) (err error) {
		w := newWriter(t)
		w.takeAhead(ahead, last)
		ahead = nil // where the batch is tried again, it is read for again
		w.judged = func() {
			select {
			case judged <- w.out:
			default: // at an earlier try
			}
		}
		done = w
		run.out, err = w.batch(b)
		return err
	})
	if err == nil {
		run.before, run.after, run.events = done.start.position(), done.state.position(), done.events
	}
	return err
}

// takeAhead takes what was read before the transaction began, if only the last batch was committed since: what that one has brought is known.
func (w *writer) takeAhead(ahead *writer, last *underWay) {
	if ahead == nil || last == nil || w.start.position() != last.after {
		return
	}
	if at := ahead.start.position(); at != last.before && at != last.after {
		return
	}
	w.people, w.events = ahead.people, ahead.events
	for id := range w.events.stored {
		if i := last.events.stored[id]; i != nil {
			w.events.stored[id], w.events.origins[id] = i, last.events.origins[id]
		}
	}
}
