package resolvers

import (
	"context"
	"sync"
	"time"

	"lacuna/graph"
	"lacuna/insight"
)

// data is the view of the engine that one response is answered from, and what of it was used.
type data struct {
	view func() (*insight.View, error)
	told <-chan *insight.View // the one that an event is of, where the response tells of one

	mu     sync.Mutex
	taken  *insight.View
	asOf   time.Time // the last moment asked about
	mixed  bool      // several moments were asked about
	asked  bool
	failed error
}

type (
	dataKey   struct{}
	eventsKey struct{}
)

// WithView gives a context whose response is answered from one view throughout: the one that the event is of which it tells, else the one that view
// gives when it is first needed.
func WithView(ctx context.Context, view func() (*insight.View, error)) context.Context {
	told, _ := ctx.Value(eventsKey{}).(chan *insight.View)
	return context.WithValue(ctx, dataKey{}, &data{view: view, told: told})
}

// WithEvents gives a context for a subscription, whose resolver tells with [noteView] which view each of its events is of.
func WithEvents(ctx context.Context) context.Context {
	// One for the event that is being answered, and one for the next, which waits until that is done.
	return context.WithValue(ctx, eventsKey{}, make(chan *insight.View, 2))
}

// noteView tells which view the next event of a subscription is of. Responses take one each, in the same order as events.
func noteView(ctx context.Context, v *insight.View) {
	if told, ok := ctx.Value(eventsKey{}).(chan *insight.View); ok {
		select {
		case told <- v:
		case <-ctx.Done():
		}
	}
}

// DataOf tells which version of the data, as of which moment, the response of a context used; not ok for one that used none. It is the
// default moment where figures of several moments were asked for, or none of any.
func DataOf(ctx context.Context) (version graph.Cursor, asOf time.Time, ok bool) {
	d, _ := ctx.Value(dataKey{}).(*data)
	if d == nil {
		return "", time.Time{}, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hear(); d.taken == nil {
		return "", time.Time{}, false
	}
	asOf = d.asOf
	if d.mixed || !d.asked {
		asOf = d.taken.AsOf(time.Time{})
	}
	return d.taken.Version(), asOf, true
}

// viewOf gives the view of the response, for what is the same at every moment.
func viewOf(ctx context.Context) (*insight.View, error) {
	d, _ := ctx.Value(dataKey{}).(*data)
	if d == nil {
		return nil, insight.ErrNotReady
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.take()
}

// viewAt gives the view of the response and the moment that is meant, the zero time for the default one.
func viewAt(ctx context.Context, asOf *time.Time) (v *insight.View, at time.Time, err error) {
	at = moment(asOf)
	if asOf != nil && at.IsZero() {
		return nil, at, invalidArgument("asOf is before anything could have happened")
	}
	d, _ := ctx.Value(dataKey{}).(*data)
	if d == nil {
		return nil, at, insight.ErrNotReady
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if v, err = d.take(); err != nil {
		return nil, at, err
	}
	used := v.AsOf(at)
	d.mixed = d.mixed || d.asked && !used.Equal(d.asOf)
	d.asOf, d.asked = used, true
	return v, at, nil
}

// take gives the view, the same one every time. The lock must be held.
func (d *data) take() (*insight.View, error) {
	if d.hear(); d.taken == nil && d.failed == nil {
		d.taken, d.failed = d.view()
	}
	return d.taken, d.failed
}

// hear takes the view of the event that the response tells of, where there is one. The lock must be held.
func (d *data) hear() {
	if d.taken != nil {
		return
	}
	select {
	case d.taken = <-d.told:
	default:
	}
}
