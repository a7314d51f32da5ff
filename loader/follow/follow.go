// Package follow tells of what is newly recorded: one reader of a store's change feed, shared by all who listen.
package follow

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"lacuna/graph"
)

const (
	// Every is how often the feed is looked at while somebody listens.
	Every = 250 * time.Millisecond

	perLook = 1_000
	// buffered is how far a listener may fall behind before it is cut off.
	buffered = 256
)

// Follower follows one store. It reads only while somebody listens. It is safe for concurrent use.
type Follower struct {
	feed   graph.Feed
	logger *slog.Logger
	every  time.Duration

	mu        sync.Mutex
	listeners map[*listener]struct{}
	running   bool
}

type listener struct {
	customer string // current id; "" is everybody
	events   chan *graph.Interaction
}

// New makes a follower of a store's feed.
func New(feed graph.Feed, logger *slog.Logger, every time.Duration) *Follower {
	return &Follower{feed: feed, logger: logger, every: every, listeners: map[*listener]struct{}{}}
}

// Interactions gives the interactions that are recorded from now on, of a customer given by current id, or of everybody ("").
// Where the customer is merged into another, theirs follow. The channel is closed when the context ends, and for a listener
// who has fallen behind by 256, who may listen again.
func (f *Follower) Interactions(ctx context.Context, customer string) (<-chan *graph.Interaction, error) {
	at, err := f.feed.Head(ctx)
	if err != nil {
		return nil, err
	}
	l := &listener{customer: customer, events: make(chan *graph.Interaction, buffered)}
	f.mu.Lock()
	f.listeners[l] = struct{}{}
	if !f.running {
		f.running = true
		go f.run(at)
	}
	f.mu.Unlock()
	context.AfterFunc(ctx, func() { f.drop(l) })
	return l.events, nil
}

// drop ends a listener, once.
func (f *Follower) drop(l *listener) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, there := f.listeners[l]; there {
		delete(f.listeners, l)
		close(l.events)
	}
}

// run reads the feed until nobody listens any more.
func (f *Follower) run(at graph.Cursor) {
	tick := time.NewTicker(f.every)
	defer tick.Stop()
	for range tick.C {
		var err error
		if at, err = f.look(at); err != nil {
			f.logger.Warn("the change feed could not be read; it is tried again", "error", err.Error())
		}
		f.mu.Lock()
		if len(f.listeners) == 0 {
			f.running = false
			f.mu.Unlock()
			return
		}
		f.mu.Unlock()
	}
}

// look tells of what was committed after a position, and gives the position after it.
func (f *Follower) look(at graph.Cursor) (graph.Cursor, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for {
		page, err := f.feed.Changes(ctx, at, perLook)
		if errors.Is(err, graph.ErrCursorExpired) { // another store lies there now, or a pause was very long
			head, err := f.feed.Head(ctx)
			if err != nil {
				return at, err
			}
			return head, nil
		}
		if err != nil {
			return at, err
		}
		f.tell(page.Changes)
		if at = page.Next; !page.More {
			return at, nil
		}
	}
}

func (f *Follower) tell(changes []graph.Change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range changes {
		c := &changes[i]
		for l := range f.listeners {
			switch {
			case c.Kind == graph.CustomersMerged && l.customer == c.ID:
				l.customer = c.Customer
			case c.Kind == graph.InteractionRecorded && c.Interaction != nil && (l.customer == "" || l.customer == c.Customer):
				select {
				case l.events <- c.Interaction:
				default:
					delete(f.listeners, l)
					close(l.events)
				}
			}
		}
	}
}
