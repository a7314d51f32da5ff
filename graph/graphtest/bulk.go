package graphtest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"lacuna/graph"
)

// testBulk checks that one large load ends as the same writes one by one would.
func testBulk(t *testing.T, f Factory) {
	t.Run("ends as single writes do", func(t *testing.T) { bulkEqual(t, f) })
	t.Run("a load that fails can be run again", func(t *testing.T) { bulkFails(fresh(t, f)) })
	t.Run("a load of nothing", func(t *testing.T) {
		x := fresh(t, f)
		x.bulk(func(graph.Writer) error { return nil })
		x.same("stats", graph.Stats{}, x.counts())
		x.accept(everyKind())
		x.bulk(func(graph.Writer) error { return nil })
		x.scannedState()
	})
	t.Run("others read what was committed before", func(t *testing.T) { bulkReaders(fresh(t, f)) })
	t.Run("the feed tells all of it once", func(t *testing.T) {
		x := fresh(t, f)
		head := x.head()
		ids := numbered("i", 500)
		x.bulk(func(w graph.Writer) error {
			for n := 0; n < len(ids); n += 50 {
				var b graph.Batch
				for _, id := range slices.Concat(ids[n:n+50], ids[max(0, n-10):n]) { // ten of the batch before come again
					b.Interactions = append(b.Interactions, view(id, "1", n))
				}
				for i := range b.Interactions[50:] {
					b.Interactions[50+i].At = at(n - 50)
				}
				if _, err := w.Write(x.ctx(), &b); err != nil {
					return err
				}
			}
			return nil
		})
		told, _ := x.changes(head, 70)
		x.same("changes", append([]string{"1"}, ids...), changeIDs(told))
		x.scannedState()
	})
	t.Run("a batch that is too large, and a context that has ended", func(t *testing.T) {
		x := fresh(t, f)
		x.bulk(func(w graph.Writer) error {
			if _, err := w.Write(x.ctx(), tooLarge()); !errors.Is(err, graph.ErrInvalid) {
				t.Errorf("Write of too many rows: %v, want ErrInvalid", err)
			}
			_, err := w.Write(x.ctx(), new(everyKind()))
			return err
		})
		x.same("customers", int64(2), x.stats().Customers)
		ctx, cancel := context.WithCancel(x.ctx())
		err := x.Bulk(ctx, func(w graph.Writer) error {
			if _, err := w.Write(ctx, new(interactions(view("k", "1", 0)))); err != nil {
				return err
			}
			cancel()
			_, err := w.Write(ctx, new(interactions(view("l", "1", 0))))
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Bulk whose context was cancelled: %v", err)
		}
		if x.page(graph.InteractionQuery{Customer: "1", First: 1000}); x.stats().Interactions > 3 {
			t.Error("a write with an ended context was stored")
		}
	})
}

func (x *fixture) bulk(load func(graph.Writer) error) {
	x.t.Helper()
	if err := x.Bulk(x.ctx(), load); err != nil {
		x.t.Fatalf("Bulk: %v", err)
	}
}

// bulkBatches are batches with rows of every sort of outcome.
func bulkBatches() []graph.Batch {
	again := everyKind()
	more := graph.Batch{
		Customers: []graph.CustomerUpsert{person("9", "Nine", email("new@x")), person("8", "Eight", email("a@x")), {ID: ""}},
		Interactions: []graph.Interaction{
			view("k", "9", 5), view("i", "1", 77), view("k", "9", 5), viewBy("l", phone("77"), 6), view("gone", "7", 8), {ID: "bad"},
		},
	}
	var large graph.Batch
	owners := numbered("c", 40)
	for n, id := range numbered("n", 3_000) {
		large.Interactions = append(large.Interactions, view(id, owners[n%len(owners)], n))
	}
	return []graph.Batch{everyKind(), again, more, retractions("gone", "none"), interactions(view("gone", "7", 8)), large}
}

func bulkEqual(t *testing.T, f Factory) {
	for _, filled := range []bool{false, true} {
		t.Run(map[bool]string{false: "into an empty store", true: "into a full one"}[filled], func(t *testing.T) {
			var want state
			var wantCodes []string
			for _, bulk := range []bool{false, true} {
				x := fresh(t, f)
				if filled {
					x.accept(interactions(view("before", "1", 1), view("i-before", "0", 1)))
				}
				var codes []string
				load := func(w graph.Writer) error {
					for _, b := range bulkBatches() {
						o, err := w.Write(x.ctx(), &b)
						if err != nil {
							return err
						}
						codes = append(codes, words(flat(o))...)
					}
					return nil
				}
				if !bulk {
					if err := load(x); err != nil {
						t.Fatal(err)
					}
					want, wantCodes = x.state(), codes
				} else {
					x.bulk(load)
					x.same("outcomes", wantCodes, codes)
					x.same("state", want, x.state())
					x.scannedState()
					x.reopen()
					x.same("state after reopening", want, x.state())
				}
				if err := x.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func bulkFails(x *fixture) {
	x.accept(interactions(view("before", "1", 1)))
	failure := errors.New("the file is torn")
	for range 2 {
		err := x.Bulk(x.ctx(), func(w graph.Writer) error {
			if _, err := w.Write(x.ctx(), new(everyKind())); err != nil {
				return err
			}
			return failure
		})
		if !errors.Is(err, failure) {
			x.t.Fatalf("Bulk: %v, want the load's own error", err)
		}
		x.scannedState()
		if !slices.Contains(x.ids("1"), "before") {
			x.t.Fatal("what was there before is gone")
		}
	}
	x.bulk(func(w graph.Writer) error {
		_, err := w.Write(x.ctx(), new(everyKind()))
		return err
	})
	x.repeat(everyKind())
	x.same("interactions", int64(3), x.stats().Interactions)
	x.scannedState()
}

func bulkReaders(x *fixture) {
	x.accept(everyKind())
	want := x.state()
	other := x.handle()
	x.bulk(func(w graph.Writer) error {
		var b graph.Batch
		for n, id := range numbered("n", 2_000) {
			b.Interactions = append(b.Interactions, view(id, "late", n))
		}
		if _, err := w.Write(x.ctx(), &b); err != nil {
			return err
		}
		for _, s := range []graph.Store{x.Store, other} {
			y := *x
			y.Store = s
			y.same("what was there before", want.History["1"], y.history("1", graph.InteractionFilter{}, 10))
			if n := y.stats().Interactions; n != 2 && n != 2_002 {
				x.t.Errorf("a reader counts %d interactions: half a batch", n)
			}
		}
		return nil
	})
	x.same("interactions", int64(2_002), x.stats().Interactions)
}
