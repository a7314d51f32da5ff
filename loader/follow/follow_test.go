package follow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lacuna/graph"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// feed is a change feed in memory: cursors are numbers of changes.
type feed struct {
	graph.Feed

	mu      sync.Mutex
	changes []graph.Change
	failing error
	looks   int
}

func (f *feed) Head(context.Context) (graph.Cursor, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return graph.Cursor(fmt.Sprint(len(f.changes))), nil
}

func (f *feed) Changes(_ context.Context, after graph.Cursor, limit int) (graph.ChangePage, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looks++
	if err := f.failing; err != nil {
		f.failing = nil
		return graph.ChangePage{}, err
	}
	var from int
	if _, err := fmt.Sscan(string(after), &from); err != nil {
		return graph.ChangePage{}, err
	}
	to := min(len(f.changes), from+min(limit, 3))
	return graph.ChangePage{Changes: f.changes[from:to], Next: graph.Cursor(fmt.Sprint(to)), More: to < len(f.changes)}, nil
}

func (f *feed) add(changes ...graph.Change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes = append(f.changes, changes...)
}

func recorded(id, customer string) graph.Change {
	return graph.Change{Kind: graph.InteractionRecorded, ID: id, Customer: customer, Interaction: &graph.Interaction{ID: id, Owner: customer}}
}

func (f *feed) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.looks
}

func listen(t *testing.T, f *Follower, customer string) (events <-chan *graph.Interaction, stop context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	events, err := f.Interactions(ctx, customer)
	if err != nil {
		t.Fatal(err)
	}
	return events, cancel
}

func hear(t *testing.T, events <-chan *graph.Interaction) string {
	t.Helper()
	select {
	case i, open := <-events:
		if !open {
			return "closed"
		}
		return i.ID
	case <-time.After(10 * time.Second):
		t.Fatal("nothing is heard")
		return ""
	}
}

func drained(t *testing.T, events <-chan *graph.Interaction) {
	t.Helper()
	for range events {
	}
}

// TestFollower holds who hears what: everything from the moment of listening on, of the customer who was named, and of the one whom
// they became.
func TestFollower(t *testing.T) {
	f := &feed{}
	f.add(recorded("before", "a"))
	follower := New(f, slog.New(slog.DiscardHandler), time.Millisecond)
	all, stopAll := listen(t, follower, "")
	hers, stopHers := listen(t, follower, "a")
	f.add(recorded("1", "a"), recorded("2", "b"), graph.Change{Kind: graph.CustomerChanged, ID: "a", Customer: "a"}, recorded("3", "a"),
		graph.Change{Kind: graph.CustomersMerged, ID: "a", Customer: "b"}, recorded("4", "b"))
	for _, want := range []string{"1", "2", "3", "4"} {
		if id := hear(t, all); id != want {
			t.Errorf("everybody's: %s, want %s", id, want)
		}
	}
	for _, want := range []string{"1", "3", "4"} {
		if id := hear(t, hers); id != want {
			t.Errorf("hers: %s, want %s", id, want)
		}
	}
	stopHers()
	drained(t, hers)
	f.add(recorded("5", "b"))
	if id := hear(t, all); id != "5" {
		t.Errorf("after one has left: %s", id)
	}
	stopAll()
	drained(t, all)
}

// TestFollowerRecovers holds that a feed that fails is tried again, and that an expired position is left for the head.
func TestFollowerRecovers(t *testing.T) {
	f := &feed{}
	follower := New(f, slog.New(slog.DiscardHandler), time.Millisecond)
	events, stop := listen(t, follower, "")
	for _, err := range []error{graph.ErrUnavailable, errors.New("anything"), graph.ErrCursorExpired} {
		f.mu.Lock()
		f.failing = err
		f.mu.Unlock()
		for before := f.count(); f.count() < before+3; {
			time.Sleep(time.Millisecond)
		}
		f.add(recorded(err.Error(), "a"))
		if id := hear(t, events); id != err.Error() {
			t.Errorf("after %v: %s", err, id)
		}
	}
	stop()
	drained(t, events)
}

// TestFollowerCutsOff holds that a listener who does not take what is told is cut off, with what it was told before, and may come
// back.
func TestFollowerCutsOff(t *testing.T) {
	f := &feed{}
	follower := New(f, slog.New(slog.DiscardHandler), time.Millisecond)
	slow, _ := listen(t, follower, "")
	for n := range buffered + 10 {
		f.add(recorded(fmt.Sprint(n), "a"))
	}
	for listening := 1; listening > 0; time.Sleep(time.Millisecond) {
		follower.mu.Lock()
		listening = len(follower.listeners)
		follower.mu.Unlock()
	}
	n := 0
	for range slow {
		n++
	}
	if n != buffered {
		t.Errorf("it heard %d", n)
	}
	again, stop := listen(t, follower, "")
	f.add(recorded("last", "a"))
	for id := ""; id != "last"; {
		id = hear(t, again)
	}
	stop()
	drained(t, again)
}

// TestFollowerRests holds that nothing is read while nobody listens.
func TestFollowerRests(t *testing.T) {
	f := &feed{}
	follower := New(f, slog.New(slog.DiscardHandler), time.Millisecond)
	events, stop := listen(t, follower, "")
	stop()
	drained(t, events)
	for {
		follower.mu.Lock()
		running := follower.running
		follower.mu.Unlock()
		if !running {
			break
		}
		time.Sleep(time.Millisecond)
	}
	before := f.count()
	again, stop := listen(t, follower, "")
	f.add(recorded("1", "a"))
	if id := hear(t, again); id != "1" || f.count() == before {
		t.Errorf("heard %s", id)
	}
	stop()
	drained(t, again)
}
