package insight

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

func newKeeper(f *followed, store keptGraph) *keeper {
	k := &keeper{engine: f.Engine, store: store, every: time.Minute, holder: fmt.Sprintf("%p", f)}
	k.forget()
	return k
}

// members reads since when customers are in which segment, by both.
func (k *keeper) members(t *testing.T, v *View) map[string]time.Time {
	t.Helper()
	found := map[string]time.Time{}
	for _, s := range v.Segments() {
		for m, err := range k.store.SegmentMembers(t.Context(), s.ID) {
			if err != nil {
				t.Fatal(err)
			}
			found[m.Segment+" "+m.Customer] = m.Since
		}
	}
	return found
}

// computed is what members should give.
func computed(t *testing.T, v *View) map[string]time.Time {
	t.Helper()
	found := map[string]time.Time{}
	for c := range v.everyone(v.moment(time.Time{})).each() {
		for _, m := range v.SegmentsOf(v.id(c), time.Time{}) {
			found[m.Segment+" "+v.id(c)] = m.Since
		}
	}
	return found
}

func (k *keeper) mustRound(t *testing.T) {
	t.Helper()
	if err := k.round(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// sameMembers compares who is in which segment. Since when is written when somebody becomes a member; later changes of the past are not.
func (k *keeper) sameMembers(t *testing.T, v *View, when string) {
	t.Helper()
	want, got := computed(t, v), k.members(t, v)
	for key, since := range got {
		if _, ok := want[key]; ok {
			want[key] = since
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-computed +written):\n%s", when, diff)
	}
}

// TestKeepMemberships changes whatever can be changed and looks at what is written.
func TestKeepMemberships(t *testing.T) {
	for seed := range uint64(4) {
		store := newStore(t)
		c := &chaos{Rand: rand.New(rand.NewPCG(seed, 21)), store: store}
		c.begin(t)
		f := follow(t, store)
		k := newKeeper(f, store)
		k.mustRound(t)
		if diff := cmp.Diff(computed(t, f.current.Load()), k.members(t, f.current.Load())); diff != "" {
			t.Fatalf("at first (-computed +written):\n%s", diff)
		}
		for n := range 60 {
			for range 1 + c.IntN(4) {
				c.act(t)
			}
			v := f.current.Load()
			switch n % 20 {
			case 5: // it goes and comes back
				lookers := *v.Segment("lookers")
				c.write(t, &graph.Batch{DeleteSegments: []string{"lookers"}})
				c.write(t, &graph.Batch{Segments: []graph.Segment{lookers}})
			case 10: // somebody changes the graph by hand
				if err := store.WriteMemberships(t.Context(), k.holder, nil, []graph.SegmentMember{{Segment: "far", Customer: v.id(0)}, {Segment: "far", Customer: v.id(1)}}); err != nil {
					t.Fatal(err)
				}
			case 15: // another engine goes on
				k.giveBack(t.Context())
				f = follow(t, store)
				k = newKeeper(f, store)
			case 18: // the data is read again, customers being numbered anew
				again := follow(t, store)
				f.writer, f.at = again.writer, again.at
				f.catchUp(t, true)
			}
			f.catchUp(t, false)
			k.mustRound(t)
			if k.version == "" { // what is in doubt is read once more
				k.mustRound(t)
			}
			if k.version == "" {
				t.Fatalf("seed %d, step %d: doubts remain", seed, n)
			}
			k.sameMembers(t, f.current.Load(), fmt.Sprintf("seed %d, step %d", seed, n))
		}
	}
}

// counting counts what is written to a store.
type counting struct {
	graph.Store
	written int
}

func (c *counting) WriteMemberships(ctx context.Context, holder string, put, remove []graph.SegmentMember) error {
	c.written += len(put) + len(remove)
	return c.Store.WriteMemberships(ctx, holder, put, remove)
}

// TestOnlyDifferences holds that one engine writes, and no more than has changed.
func TestOnlyDifferences(t *testing.T) {
	store := newStore(t)
	c := &chaos{Rand: rand.New(rand.NewPCG(5, 22)), store: store}
	c.begin(t)
	f, other := follow(t, store), follow(t, store)
	counted, idle := &counting{Store: store}, &counting{Store: store}
	k, waiting := newKeeper(f, counted), newKeeper(other, idle)
	k.mustRound(t)
	waiting.mustRound(t)
	if n := len(k.members(t, f.current.Load())); counted.written != n || n == 0 || idle.written != 0 {
		t.Fatalf("%d were written by the holder of the lease and %d by the other, there are %d", counted.written, idle.written, n)
	}
	counted.written = 0
	k.mustRound(t)
	if counted.written != 0 {
		t.Fatalf("%d were written though nothing has changed", counted.written)
	}
	c.write(t, &graph.Batch{Customers: []graph.CustomerUpsert{{ID: "new", Source: "crm", ObservedAt: start, CreatedAt: start,
		Attributes: []graph.NamedValue{{Name: "city", Value: graph.TextValue("Hualien")}}}}})
	f.catchUp(t, false)
	k.mustRound(t)
	if counted.written != 1 {
		t.Fatalf("%d were written, want the 1 that has changed", counted.written)
	}
	if since := k.members(t, f.current.Load())["far new"]; !since.Equal(start) {
		t.Errorf("the new one is a member since %v, want %v", since, start)
	}
	k.giveBack(t.Context())
	other.catchUp(t, false)
	waiting.mustRound(t)
	if idle.written != 0 {
		t.Fatalf("%d were written by who took over, though all was there", idle.written)
	}
	if err := store.WriteMemberships(t.Context(), k.holder, nil, nil); !errors.Is(err, graph.ErrConflict) {
		t.Errorf("who gave the lease back writes on: %v", err)
	}
}

// TestKeepRuns runs the real loop beside the engine.
func TestKeepRuns(t *testing.T) {
	store := newStore(t)
	c := &chaos{Rand: rand.New(rand.NewPCG(6, 23)), store: store}
	c.begin(t)
	e := New(options())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() { ended <- e.Run(ctx, store) }()
	go func() { ended <- e.KeepMemberships(ctx, store, 10*time.Millisecond) }()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		counts, err := store.CountSegmentMembers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(counts) == 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("members are written of %v alone", counts)
		}
	}
	cancel()
	for range 2 {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if held, err := store.LeaseMemberships(t.Context(), "another", time.Minute); err != nil || !held {
		t.Errorf("the lease was not given back: %v, %v", held, err)
	}
}

// What is listed of segments is what the store says they lack, with the moment since which it has; what is listed no longer is taken out, and nothing is written twice.
func TestKeepLacks(t *testing.T) {
	store := newStore(t)
	lackingWorld(t, store, 0)
	f := follow(t, store)
	counted := &counting{Store: store}
	k := newKeeper(f, counted)
	k.mustRound(t)
	lacks := func() []graph.Lack {
		list, err := store.Lacks(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	first := lacks()
	if len(first) != 1 || first[0].Segment != "families" || first[0].Category != "missing" || first[0].Verdict != "DEVELOP" || first[0].Cause != "ABSENCE" || first[0].Customers < 100 || !first[0].Unmet.Known || first[0].Since.IsZero() {
		t.Fatalf("the store holds %+v", first)
	}
	// A customer more moves the moment and the figures, and not since when it is lacking.
	at := first[0].AsOf.Add(time.Hour)
	if _, err := store.Write(t.Context(), &graph.Batch{Interactions: []graph.Interaction{{
		ID: "more", Type: graph.Search, At: at, Customer: graph.ByID("m000"), Category: "missing", Query: "more", Results: graph.Some(int64(0)), Source: "test",
	}}}); err != nil {
		t.Fatal(err)
	}
	f.catchUp(t, false)
	k.mustRound(t)
	if again := lacks(); len(again) != 1 || !again[0].Since.Equal(first[0].Since) {
		t.Errorf("since %v, then %+v", first[0].Since, again)
	}
	// What is there by now is lacking no more.
	var batch graph.Batch
	for n := range 12 {
		batch.Products = append(batch.Products, graph.Product{ID: fmt.Sprintf("new%d", n), Categories: []string{"missing"}, Price: graph.Some(graph.Decimal(100 * graph.DecimalScale)), Currency: "TWD"})
	}
	if _, err := store.Write(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	f.catchUp(t, false)
	k.mustRound(t)
	if left := lacks(); len(left) != 0 {
		t.Errorf("the store still holds %+v", left)
	}
}
