package graphtest

import (
	"testing"

	"lacuna/graph"
)

// testRetract checks that a wrong interaction goes and does not come back.
func testRetract(t *testing.T, f Factory) {
	t.Run("an interaction goes", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(catalog())
		x.accept(interactions(rich("i", "1", 9), view("j", "1", 3), view("k", "2", 1)))
		x.accept(retractions("i"))
		x.same("interactions", []string{"j"}, x.ids("1"))
		x.same("stats", graph.Stats{Customers: 2, Interactions: 2, Products: 3, Categories: 4, LatestAt: at(3)}, x.counts())
		x.same("touchpoints", []graph.Touchpoint{{Phase: graph.BeforePurchase, Interactions: 1, FirstAt: at(3), LastAt: at(3)}}, x.touchpoints("1"))
		x.scannedState()
		x.accept(retractions("j", "k"))
		x.same("stats without interactions", graph.Stats{Customers: 2, Products: 3, Categories: 4}, x.counts())
	})
	t.Run("sent again it stays away", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(interactions(view("i", "1", 9)))
		x.accept(retractions("i"))
		x.repeat(interactions(view("i", "1", 9)))
		other := view("i", "1", 9)
		other.Source = "elsewhere"
		x.repeat(interactions(other))
		x.reject(interactions(view("i", "1", 8)), graph.RejectConflict, "")
		x.reopen()
		x.repeat(interactions(view("i", "1", 9)))
		x.accept(interactions(view("right", "1", 8)))
		x.same("interactions", []string{"right"}, x.ids("1"))
	})
	t.Run("taken back again", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(interactions(view("i", "1", 9)))
		x.same("outcomes", []string{"accepted", "duplicate"}, x.codes(retractions("i", "i")))
		x.repeat(retractions("i"))
		x.repeat(graph.Batch{Retractions: []graph.Retraction{{ID: "i", Reason: "another", Source: "other"}}})
	})
	t.Run("bad rows", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(interactions(view("i", "1", 9)))
		x.reject(retractions("none"), graph.RejectNotFound, "")
		x.reject(graph.Batch{Retractions: []graph.Retraction{{ID: "i", Source: "s"}}}, graph.RejectMissing, "reason")
		x.reject(graph.Batch{Retractions: []graph.Retraction{{ID: "i", Reason: "r"}}}, graph.RejectMissing, "source")
	})
	t.Run("after a merge", func(t *testing.T) {
		x := fresh(t, f)
		x.couple()
		m := x.merge("K", "R")
		x.accept(retractions("r1", "k1"))
		x.same("interactions", []string{"r2", "k2"}, x.ids("K"))
		x.unmerge(m.MergeID)
		x.same("interactions of who is back", []string{"r2"}, x.ids("R"))
		x.repeat(interactions(rich("r1", "R", 3)))
	})
}

func (x *fixture) touchpoints(customer string) []graph.Touchpoint {
	x.t.Helper()
	found, err := x.Touchpoints(x.ctx(), []string{customer})
	if err != nil {
		x.t.Fatalf("Touchpoints: %v", err)
	}
	return found[customer]
}
