package insight

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"lacuna/graph"
)

const (
	// GapsEvery is how often gaps are found anew, at most, while somebody listens and the data changes: what is told is read by people.
	GapsEvery = time.Second

	// restShare is how many times longer the watch rests than it worked: a tenth of the time is the most that it takes from those who ask.
	restShare = 9

	readDecisions = 10 * time.Second // for the store to answer
)

// decisions is what of a store a watch reads.
type decisions interface {
	Head(ctx context.Context) (graph.Cursor, error)
	AllGapEvents(ctx context.Context) iter.Seq2[graph.GapEvent, error]
}

// GapWatch tells of gaps that change. However many listen, gaps are found once; while nobody does, it holds and computes nothing. It is
// safe for concurrent use.
type GapWatch struct {
	engine *Engine
	store  decisions
	logger *slog.Logger
	every  time.Duration

	mu  sync.Mutex
	now *watching // nil while nobody listens
}

// watching is the time from the first listener to the last. All but head is guarded by the lock of the watch.
type watching struct {
	listeners map[*GapListener]struct{}
	gaps      *Gaps               // what listeners were told last
	decided   map[string]struct{} // ids of the decisions that they were told of, and of those before
	head      graph.Cursor        // of the store when its decisions were last read
	stop      context.CancelFunc
}

// NewGapWatch makes a watch of what an engine finds and of what is decided in its store. It looks once in a while.
func NewGapWatch(engine *Engine, store decisions, logger *slog.Logger, every time.Duration) *GapWatch {
	return &GapWatch{engine: engine, store: store, logger: logger, every: every}
}

// Listen begins to tell of the gaps that a query lists, until the context ends. It refuses what [View.Gaps] and [Gaps.List] refuse.
func (w *GapWatch) Listen(ctx context.Context, q GapQuery) (*GapListener, error) {
	v, err := w.engine.View()
	if err != nil {
		return nil, err
	}
	gaps, err := v.Gaps(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	if err := gaps.check(&q); err != nil {
		return nil, err
	}
	l := newGapListener(w, q)
	var begun *watching
	for !w.join(l, begun) {
		if begun, err = w.begin(ctx, gaps); err != nil {
			return nil, err
		}
	}
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.drop(l)
	})
	return l, nil
}

// begin notes what there is, so that what comes after it is told.
func (w *GapWatch) begin(ctx context.Context, gaps *Gaps) (*watching, error) {
	b := &watching{listeners: map[*GapListener]struct{}{}, gaps: gaps, decided: map[string]struct{}{}}
	var err error
	if b.head, err = w.store.Head(ctx); err != nil {
		return nil, fmt.Errorf("read the head of the feed: %w", err)
	}
	for e, err := range w.store.AllGapEvents(ctx) {
		if err != nil {
			return nil, fmt.Errorf("read what was decided about gaps: %w", err)
		}
		b.decided[e.ID] = struct{}{}
	}
	return b, nil
}

// join lets a listener in, where others listen or with what has begun for it. It is not ok where there is neither.
func (w *GapWatch) join(l *GapListener, begun *watching) (ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now == nil {
		if begun == nil {
			return false
		}
		ctx, stop := context.WithCancel(context.Background())
		begun.stop, w.now = stop, begun
		go w.run(ctx, begun)
	}
	w.now.listeners[l] = struct{}{}
	l.among = w.now
	return true
}

// drop ends a listener, once. With the last one the watch ends. The lock must be held.
func (w *GapWatch) drop(l *GapListener) {
	if _, there := l.among.listeners[l]; !there {
		return
	}
	delete(l.among.listeners, l)
	l.end()
	if len(l.among.listeners) == 0 {
		l.among.stop()
		w.now = nil
	}
}

// run looks again and again until the context ends.
func (w *GapWatch) run(ctx context.Context, n *watching) {
	timer := time.NewTimer(w.every)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		begun := w.engine.options.Now()
		if err := w.look(ctx, n); err != nil && ctx.Err() == nil {
			w.logger.Warn("it cannot be told which gaps change; it is tried again", "error", err.Error())
		}
		timer.Reset(max(w.every, restShare*w.engine.options.Now().Sub(begun)))
	}
}

// look tells of what has changed in the data, and of what was decided elsewhere.
func (w *GapWatch) look(ctx context.Context, n *watching) error {
	v, err := w.engine.View()
	if err != nil {
		return err
	}
	if n.gaps.view != v { // the lock is for writing: nobody else does
		gaps, err := v.Gaps(ctx, time.Time{})
		if err != nil {
			return fmt.Errorf("find gaps: %w", err)
		}
		w.tell(n, gaps, gaps.changesSince(n.gaps, w.numbers(n)))
	}
	return w.hear(ctx, n)
}

// numbers gives the numbers of customers that are asked for.
func (w *GapWatch) numbers(n *watching) []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := map[int]struct{}{}
	for l := range n.listeners {
		if l.query.MinCustomers > 0 {
			asked[l.query.MinCustomers] = struct{}{}
		}
	}
	return slices.Collect(maps.Keys(asked))
}

func (w *GapWatch) tell(n *watching, gaps *Gaps, changes []gapChange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n.gaps = gaps
	for l := range n.listeners {
		for i := range changes {
			if l.concerns(&changes[i]) && !l.add(changes[i].key) {
				w.drop(l)
				break
			}
		}
	}
}

// hear tells of decisions that another server, or a command, has written into the store. Each moves the head of its feed.
func (w *GapWatch) hear(ctx context.Context, n *watching) error {
	ctx, cancel := context.WithTimeout(ctx, readDecisions)
	defer cancel()
	head, err := w.store.Head(ctx)
	if err != nil {
		return fmt.Errorf("read the head of the feed: %w", err)
	}
	if head == n.head {
		return nil
	}
	for e, err := range w.store.AllGapEvents(ctx) {
		if err != nil {
			return fmt.Errorf("read what was decided about gaps: %w", err)
		}
		w.decide(n, &e)
	}
	n.head = head // read before them: what was recorded meanwhile is read again
	return nil
}

// Decided tells at once of a decision that was just recorded, which is not told again when it is read.
func (w *GapWatch) Decided(e *graph.GapEvent) {
	w.mu.Lock()
	n := w.now
	w.mu.Unlock()
	if n != nil {
		w.decide(n, e)
	}
}

func (w *GapWatch) decide(n *watching, e *graph.GapEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, told := n.decided[e.ID]; told {
		return
	}
	n.decided[e.ID] = struct{}{}
	state := n.gaps.stateOf(e.Gap)
	for l := range n.listeners {
		if l.asksFor(e.Gap) && l.query.lists(&state) && !l.add(e.Gap) {
			w.drop(l)
		}
	}
}
