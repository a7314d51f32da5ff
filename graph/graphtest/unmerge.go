package graphtest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"lacuna/graph"
)

// testUnmerge checks that a merge can be undone, whatever came since.
func testUnmerge(t *testing.T, f Factory) {
	t.Run("puts everything back", func(t *testing.T) {
		x := fresh(t, f)
		x.couple()
		before := x.state()
		m := x.merge("K", "R")
		x.clock.advance(time.Minute)
		got := x.unmerge(m.MergeID)
		x.same("answer", []any{m.MergeID, "K", "R", start, start.Add(time.Minute), "requested"},
			[]any{got.ID, got.Keep, got.Retired, got.At, got.UndoneAt, got.Reason})
		x.same("state", before, x.state())
		x.scannedState()
		x.repeat(couple())
		x.reopen()
		x.same("state after reopening", before, x.state())
	})
	t.Run("gives back what came since", func(t *testing.T) { unmergeLater(fresh(t, f)) })
	t.Run("newest first", func(t *testing.T) { unmergeOrder(fresh(t, f)) })
	t.Run("chains", func(t *testing.T) { unmergeChain(fresh(t, f)) })
	t.Run("again, and unknown", func(t *testing.T) {
		x := fresh(t, f)
		x.couple()
		if _, err := x.Unmerge(x.ctx(), "none"); !errors.Is(err, graph.ErrNotFound) {
			t.Errorf("unknown merge: %v, want ErrNotFound", err)
		}
		m := x.merge("K", "R")
		first := x.unmerge(m.MergeID)
		x.clock.advance(time.Hour)
		version := x.stats().Version
		x.same("answer", first, x.unmerge(m.MergeID))
		x.same("version", version, x.stats().Version)
	})
	t.Run("merged once more", func(t *testing.T) {
		x := fresh(t, f)
		x.couple()
		m := x.merge("K", "R")
		merged := x.state()
		x.unmerge(m.MergeID)
		again := x.merge("K", "R")
		if again.MergeID == m.MergeID {
			t.Error("a merge that was undone and a new one share an id")
		}
		x.same("state", merged, x.state())
		x.unmerge(again.MergeID)
		x.merge("R", "K") // the other way round
		x.same("owner", "R", x.owner(graph.ByID("K")))
		x.same("interactions", []string{"r2", "r1", "k2", "k1"}, x.ids("R"))
	})
	t.Run("the log tells that it was undone", func(t *testing.T) {
		x := fresh(t, f)
		x.couple()
		x.unmerge(x.merge("K", "R").MergeID)
		for _, id := range []string{"K", "R"} {
			log := x.merges(id)
			if len(log) != 1 || !log[0].UndoneAt.Equal(start) {
				t.Errorf("log of %s: %+v", id, log)
			}
		}
	})
}

func unmergeLater(x *fixture) {
	x.couple()
	m := x.merge("K", "R")
	late := person("R", "Newer", email("late@x"))
	late.Source, late.ObservedAt, late.Attributes = "shop", at(70), []graph.NamedValue{text("hair", "grey"), text("shoe", "44")}
	own := person("K", "", email("own@x"))
	own.Attributes = []graph.NamedValue{text("hat", "7")}
	x.accept(graph.Batch{
		Customers: []graph.CustomerUpsert{late, own},
		Interactions: []graph.Interaction{
			view("byR", "R", 10), viewBy("byPhone", phone("1"), 11), viewBy("byLate", email("late@x"), 12),
			view("byK", "K", 13), viewBy("byOwn", email("own@x"), 14), viewBy("byMail", email("k@x"), 15),
		},
	})
	x.unmerge(m.MergeID)
	x.same("interactions of who is back", []string{"byLate", "byPhone", "byR", "r2", "r1"}, x.ids("R"))
	x.same("interactions of who goes on", []string{"byMail", "byOwn", "byK", "k2", "k1"}, x.ids("K"))
	back, on := x.customer(graph.ByID("R")), x.customer(graph.ByID("K"))
	x.same("names", []string{"Newer", "Keep"}, []string{back.Name, on.Name})
	x.same("attributes of who is back", map[string]string{"city": "Tainan", "hair": "grey", "same": "v", "shoe": "44"}, shownAttributes(back))
	x.same("attributes of who goes on", map[string]string{"city": "Taipei", "age": "40", "same": "v", "hat": "7"}, shownAttributes(on))
	for who, want := range map[graph.Identity]string{
		email("late@x"): "R", phone("1"): "R", email("r@x"): "R", email("own@x"): "K", email("k@x"): "K",
	} {
		x.same("owner of "+who.String(), want, x.owner(graph.ByIdentity(who)))
	}
	x.same("seen by who is back", at(12), back.LastSeenAt)
	x.scannedState()
}

func unmergeOrder(x *fixture) {
	x.couple()
	x.accept(customers(person("S", "Sam"), person("T", "Tom")))
	one := x.merge("K", "R")
	two := x.merge("K", "S")
	three := x.merge("T", "K")
	for _, c := range []struct{ undo, inTheWay string }{{one.MergeID, three.MergeID}, {two.MergeID, three.MergeID}} {
		before := x.state()
		_, err := x.Unmerge(x.ctx(), c.undo)
		if !errors.Is(err, graph.ErrConflict) || !strings.Contains(err.Error(), c.inTheWay) {
			x.t.Errorf("undoing an earlier merge: %v, want ErrConflict that names %s", err, c.inTheWay)
		}
		x.same("state", before, x.state())
	}
	x.unmerge(three.MergeID)
	if _, err := x.Unmerge(x.ctx(), one.MergeID); !errors.Is(err, graph.ErrConflict) || !strings.Contains(err.Error(), two.MergeID) {
		x.t.Errorf("undoing an earlier merge: %v, want ErrConflict that names %s", err, two.MergeID)
	}
	x.unmerge(two.MergeID)
	x.unmerge(one.MergeID)
	x.same("customers", []string{"K", "R", "S", "T"}, customerIDs(x.everyone("", graph.ByCustomerID, 10)))
}

func unmergeChain(x *fixture) {
	x.couple()
	x.accept(graph.Batch{Customers: []graph.CustomerUpsert{person("S", "Sam", email("s@x"))}, Interactions: []graph.Interaction{view("s1", "S", 7)}})
	start := x.state()
	inner := x.merge("R", "S")
	half := x.state()
	outer := x.merge("K", "R")
	x.accept(interactions(view("s2", "S", 20), viewBy("s3", email("s@x"), 21)))
	x.unmerge(outer.MergeID)
	x.same("interactions that go back with the chain", []string{"s3", "s2", "s1", "r2", "r1"}, x.ids("R"))
	x.same("merged ids", []string{"S"}, x.customer(graph.ByID("R")).MergedIDs)
	x.same("owner", "R", x.owner(graph.ByID("S")))
	x.accept(retractions("s2", "s3"))
	x.same("state with the inner merge", half, x.state())
	x.unmerge(inner.MergeID)
	x.same("state without merges", start, x.state())
}
