package insight

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"lacuna/graph"
)

// ErrNotReady is answered until the data has been read for the first time. It is [graph.ErrUnavailable].
var ErrNotReady = notReady{}

type notReady struct{}

func (notReady) Error() string {
	return "figures are being prepared: the data is read for the first time"
}
func (notReady) Unwrap() error { return graph.ErrUnavailable }

// Options says how figures are computed. Zero values mean the defaults beside them.
type Options struct {
	Logger *slog.Logger     // required
	Now    func() time.Time // the clock that ages are told by; time.Now
	Zone   *time.Location   // of months and weeks; UTC
	Poll   time.Duration    // how often the change feed is looked at; 50 ms

	// Snapshot is a file to keep what was read in, so that the next start need not read it again; "" for none. It has personal data.
	Snapshot string

	// Rates convert amounts into one currency; nil leaves them as they are, and what needs a sum of several currencies is not computed.
	Rates *Rates

	Thresholds Thresholds
}

func (o *Options) fill() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Poll == 0 {
		o.Poll = 50 * time.Millisecond
	}
	o.Thresholds.fill()
}

// Engine keeps a view of a store current. It is safe for concurrent use.
type Engine struct {
	options Options
	current atomic.Pointer[View]
	seen    atomic.Int64 // when the feed was last found at its end, in nanoseconds since 1970
	tried   chan struct{}
	once    sync.Once
}

// New makes an engine that knows nothing yet: see [Engine.Run].
func New(o Options) *Engine {
	o.fill()
	return &Engine{options: o, tried: make(chan struct{})}
}

// View gives the data of now, or [ErrNotReady]. It never waits.
func (e *Engine) View() (*View, error) {
	if v := e.current.Load(); v != nil {
		return v, nil
	}
	return nil, ErrNotReady
}

// Tried is closed when there is a view for the first time, or reading has failed, which is tried again.
func (e *Engine) Tried() <-chan struct{} { return e.tried }

// Age is how long ago the view was known to hold all that the store held; 0 while there is none.
func (e *Engine) Age() time.Duration {
	if e.seen.Load() == 0 {
		return 0
	}
	return e.options.Now().Sub(time.Unix(0, e.seen.Load()))
}

// Run reads the source, publishes a view of it, and keeps it current until the context ends, whose error it returns. What
// cannot be read is tried again, the last view staying.
func (e *Engine) Run(ctx context.Context, source Source) error {
	tick := time.NewTicker(e.options.Poll)
	defer tick.Stop()
	for {
		err := e.follow(ctx, source, tick.C)
		e.once.Do(func() { close(e.tried) })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !errors.Is(err, graph.ErrCursorExpired) {
			e.options.Logger.Error("figures are not kept current; the data is read again", "error", err.Error())
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(retryAfter):
			}
		}
	}
}

const (
	retryAfter = time.Second
	perPage    = 10_000 // changes read at a time
	// Blocks beside the base are united with it when their rows are more than a quarter of its, and no fewer than this.
	leastTail = 100_000
)

// follow reads everything, then the changes, until something fails.
func (e *Engine) follow(ctx context.Context, source Source, tick <-chan time.Time) error {
	w, at, err := e.begin(ctx, source)
	if err != nil {
		return err
	}
	if at, err = e.catchUp(ctx, w, at, true); err != nil {
		return err
	}
	saved := at
	if e.options.Snapshot != "" {
		if !w.kept {
			e.save(w, at)
		}
		w.due = e.options.Now().Add(saveEvery)
		defer func() {
			if at != saved || !w.kept {
				e.save(w, at)
			}
		}()
	}
	away := false // the store does not answer, which was said
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick:
		}
		reached, err := e.catchUp(ctx, w, at, false)
		if errors.Is(err, graph.ErrUnavailable) {
			if !away {
				e.options.Logger.Warn("the change feed cannot be read; figures stay as they are", "error", err.Error())
			}
			away = true
			continue
		}
		if err != nil {
			return err
		}
		if away {
			e.options.Logger.Info("the change feed is read again; figures are current")
		}
		at, away = reached, false
		if e.options.Snapshot != "" && at != saved && e.options.Now().After(w.due) {
			e.save(w, at)
			saved, w.due = at, e.options.Now().Add(saveEvery)
		}
	}
}

// saveEvery is how often a snapshot is written while the data changes.
const saveEvery = 10 * time.Minute

// begin reads a snapshot or, where there is none of use, everything.
func (e *Engine) begin(ctx context.Context, source Source) (*writer, graph.Cursor, error) {
	begun := e.options.Now()
	if e.options.Snapshot != "" {
		w := newWriter(source, e.options)
		at, err := w.restore(ctx, e.options.Snapshot)
		if err == nil {
			w.kept = true
			e.options.Logger.Info("figures begin from a snapshot", "customers", w.next, "interactions", len(w.base.second), "seconds", e.options.Now().Sub(begun).Seconds())
			return w, at, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			e.options.Logger.Warn("the snapshot of figures is of no use; the data is read", "error", err.Error())
		}
		if ctx.Err() != nil {
			return nil, "", ctx.Err()
		}
	}
	at, err := source.Head(ctx)
	if err != nil {
		return nil, "", err
	}
	w := newWriter(source, e.options)
	if err := w.scan(ctx, at); err != nil {
		return nil, "", err
	}
	e.options.Logger.Info("the data was read", "customers", w.next, "interactions", len(w.base.second), "seconds", e.options.Now().Sub(begun).Seconds())
	debug.FreeOSMemory() // reading takes several times what is kept
	return w, at, nil
}

// save writes the snapshot. Where that fails figures go on, and the next start reads everything.
func (e *Engine) save(w *writer, at graph.Cursor) {
	if err := w.save(e.options.Snapshot, at); err != nil {
		e.options.Logger.Warn("no snapshot of figures was written; the next start reads everything", "error", err.Error())
		return
	}
	w.kept = true
}

// catchUp takes all changes after a position and publishes what comes of them, a view a page. It gives the position that it reached.
func (e *Engine) catchUp(ctx context.Context, w *writer, at graph.Cursor, publish bool) (graph.Cursor, error) {
	for {
		looked := e.options.Now()
		w.reread.begin()
		page, err := w.source.Changes(ctx, at, perPage)
		if err != nil {
			return at, err
		}
		if len(page.Changes) > 0 || publish {
			stats, err := w.source.Stats(ctx)
			if err != nil {
				return at, err
			}
			c := newChange()
			c.add(page.Changes)
			if len(c.gone) > 0 && e.options.Snapshot != "" { // who was erased is not to be found there
				w.kept, w.due = false, time.Time{}
				if err := dropSnapshot(e.options.Snapshot); err != nil {
					return at, err
				}
			}
			if err := w.apply(ctx, c); err != nil {
				return at, err
			}
			if w.tailRows > max(leastTail, len(w.base.second)/4) {
				w.compact()
			}
			e.current.Store(w.view(page.Next, stats))
			e.once.Do(func() { close(e.tried) })
			publish = false
		}
		at = page.Next
		if !page.More {
			w.reread.atEnd()
			e.seen.Store(looked.UnixNano())
			return at, nil
		}
	}
}
