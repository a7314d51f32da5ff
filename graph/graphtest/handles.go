package graphtest

import (
	"errors"
	"testing"

	"lacuna/graph"
)

// testHandles checks that two handles on one store, as two processes would have, tell the same at once.
func testHandles(t *testing.T, f Factory) {
	t.Run("what one writes the other sees", func(t *testing.T) { handlesSee(fresh(t, f)) })
	t.Run("writers on both", func(t *testing.T) {
		x := fresh(t, f)
		head := x.head()
		other := x.handle()
		if err := workers(x.ctx(), x.Store, other)(); err != nil {
			t.Fatal(err)
		}
		for _, s := range []graph.Store{x.Store, other} {
			y := *x
			y.Store = s
			y.same("interactions", int64(3*writers*rounds), y.stats().Interactions)
			count := map[string]int{}
			for _, c := range first(y.changes(head, 50)) {
				if c.Kind == graph.InteractionRecorded {
					count[c.ID]++
				}
			}
			y.same("interactions in the feed", 3*writers*rounds, len(count))
			y.scannedState()
		}
	})
	t.Run("closing one leaves the other", func(t *testing.T) {
		x := fresh(t, f)
		other := x.handle()
		if err := other.Close(); err != nil {
			t.Fatal(err)
		}
		x.accept(everyKind())
		if _, err := other.Stats(x.ctx()); !errors.Is(err, graph.ErrClosed) {
			t.Errorf("Stats of the closed one: %v", err)
		}
	})
}

// handlesSee writes by two handles in turn. Each step depends on what the other has done, so that whatever a handle
// remembers of the store must not be older than that.
func handlesSee(x *fixture) {
	a, b := *x, *x
	b.Store = x.handle()
	agree := func(what string) {
		x.t.Helper()
		x.same("state by either handle after "+what, a.state(), b.state())
		x.same("versions after "+what, a.stats().Version, b.stats().Version)
	}
	agree("nothing")
	a.accept(everyKind())
	agree("a batch")
	b.repeat(everyKind())
	b.accept(customers(person("2", "B", email("b@x"))))
	a.reject(customers(person("3", "C", email("b@x"))), graph.RejectIdentityTaken, "identities")
	agree("an upsert by the other")
	report := b.merge("2", "1")
	a.accept(interactions(view("k", "1", 5), viewBy("l", email("a@x"), 6)))
	x.same("owner of what came by the retired id", []string{"l", "k", "i"}, a.ids("2"))
	agree("a merge")
	b.unmerge(report.MergeID)
	a.accept(interactions(view("m", "1", 7)))
	x.same("owner after the unmerge", []string{"m", "l", "k", "i"}, a.ids("1"))
	agree("an unmerge")
	b.accept(categories(graph.Category{ID: "x", Parent: "c"}, graph.Category{ID: "new"}))
	x.same("descendants", []string{"c", "c/d", "x", "c/d/e"}, a.tree().Descendants("c"))
	a.reject(categories(graph.Category{ID: "c", Parent: "x"}), graph.RejectCycle, "")
	stated := view("n", "1", 8)
	stated.Category = "new"
	a.accept(interactions(stated))
	agree("categories")
	typed := view("o", "1", 9)
	typed.Attributes = []graph.NamedValue{number("fresh", 1)}
	b.accept(interactions(typed))
	typed.ID, typed.Attributes = "p", []graph.NamedValue{text("fresh", "x")}
	a.reject(interactions(typed), graph.RejectAttributeType, "attr.fresh")
	agree("a type")
	b.accept(retractions("k"))
	a.repeat(interactions(view("k", "1", 5)))
	agree("a retraction")
	b.erase("1", false)
	a.reject(interactions(view("q", "1", 0)), graph.RejectErased, "")
	a.reject(customers(person("9", "", email("a@x"))), graph.RejectErased, "")
	agree("an erasure")
	told, _ := a.changes("", 100)
	others, _ := b.changes("", 100)
	x.same("changes by either handle", told, others)
	if err := b.Bulk(x.ctx(), func(w graph.Writer) error { return second(w.Write(x.ctx(), new(interactions(view("z", "2", 9))))) }); err != nil {
		x.t.Fatal(err)
	}
	agree("a bulk load")
	a.repeat(interactions(view("z", "2", 9)))
}
