package neo4jstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"lacuna/graph"
)

// A large load is written in groups of batches. A group holds the lock of writers, judges one batch after the other by what is committed and by what
// it has judged itself, and lets lanes make the interactions meanwhile; its commit tells of all of them. Others write between groups.
const (
	groupRows = 32_768
	groupTime = time.Second // after which others may write
)

// Bulk writes groups of batches. A batch is answered when it is judged. When load fails, what was answered may be there in part; the same
// load can be run again.
func (s *Store) Bulk(ctx context.Context, load func(graph.Writer) error) (err error) {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.calls.Leave()
	w := &bulkWriter{s: s, ctx: ctx}
	defer func() {
		err = errors.Join(err, w.end())
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
	s      *Store
	ctx    context.Context // of the load: a group goes on when a call has ended
	marked bool            // the state said that there are lanes, when it was last looked at
	group  *group          // the one under way, if any
}

// group is batches that are committed together.
type group struct {
	batches chan groupedBatch // closed when no more come
	done    chan struct{}     // closed when it is committed, or has failed
	err     error
}

type groupedBatch struct {
	*graph.Batch
	answer chan<- groupAnswer // has room for one
}

type groupAnswer struct {
	out *graph.Outcomes
	err error
}

// Write stores a batch.
func (w *bulkWriter) Write(ctx context.Context, b *graph.Batch) (*graph.Outcomes, error) {
	if len(b.Interactions) < laneRows || b.Len() != len(b.Interactions) || b.Len() > graph.MaxBatch {
		if err := w.end(); err != nil {
			return nil, err
		}
		return w.s.Write(ctx, b)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("write batch: %w", err)
	}
	for {
		if w.group == nil {
			if err := w.begin(ctx); err != nil {
				return nil, err
			}
		}
		answer := make(chan groupAnswer, 1)
		select {
		case w.group.batches <- groupedBatch{b, answer}:
		case <-w.group.done: // it takes no more
			if err := w.end(); err != nil {
				return nil, err
			}
			continue
		}
		a := <-answer
		if a.err != nil {
			return nil, cmp.Or(w.end(), a.err) // the group tells more
		}
		return a.out, nil
	}
}

// begin begins a group.
func (w *bulkWriter) begin(ctx context.Context) error {
	if !w.marked {
		err := w.s.writeAs(ctx, loading, "begin load", func(t *tx) error {
			t.state.Lanes = true
			_, err := t.run("lanes_make", params{"lanes": int64(laneCount)})
			return err
		})
		if err != nil {
			return err
		}
		w.marked = true
	}
	g := &group{batches: make(chan groupedBatch), done: make(chan struct{})}
	w.group = g
	go func() {
		defer close(g.done)
		g.err = w.s.writeAs(w.ctx, loading, "write batch", func(t *tx) error { return t.group(g.batches) })
	}()
	return nil
}

// end waits until the group is committed.
func (w *bulkWriter) end() error {
	g := w.group
	if g == nil {
		return nil
	}
	w.group = nil
	close(g.batches)
	<-g.done
	return g.err
}

// group writes batches until no more come, or others are to have their turn.
func (t *tx) group(batches <-chan groupedBatch) error {
	lanes := newLanes(t)
	enough := time.After(groupTime)
	w := newWriter(t)
	w.lanes = lanes
	var failed error
	for rows, open := 0, true; open && failed == nil && rows < groupRows && w.lanes != nil; {
		select {
		case b, more := <-batches:
			if open = more; !more {
				break
			}
			rows += b.Len()
			out, err := w.batch(b.Batch)
			b.answer <- groupAnswer{out, err}
			failed = err
		case <-enough:
			open = false
		}
	}
	return cmp.Or(lanes.wait(), failed)
}
