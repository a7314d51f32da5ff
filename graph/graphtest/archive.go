package graphtest

import (
	"errors"
	"testing"

	"lacuna/graph"
)

// testArchive checks that a store can be moved into another one. The random model moves stores as well, and goes on with them.
func testArchive(t *testing.T, f Factory) {
	x := fresh(t, f)
	if _, ok := x.Store.(graph.Archive); !ok {
		t.Skip("the store is no archive")
	}
	x.accept(everyKind())
	before, merges := x.moveSomebody()
	t.Run("everything arrives", func(t *testing.T) {
		y := x.on(t)
		y.move()
		y.same("state", before, y.state())
		got, err := y.Merges(y.ctx(), "1")
		if err != nil {
			t.Fatal(err)
		}
		y.same("merges", merges, got)
		y.same("retracted before", []string{"duplicate"}, y.codes(interactions(view("gone", "1", 3))))
		y.same("erased before", []string{"erased"}, y.codes(customers(person("erased", "E"))))
		contested, err := y.Contested(y.ctx(), 10)
		if err != nil {
			t.Fatal(err)
		}
		y.same("contested", 1, len(contested))
		if _, err := y.Changes(y.ctx(), "", 10); !errors.Is(err, graph.ErrCursorExpired) {
			t.Errorf("the feed from its beginning: %v", err)
		}
		y.same("what is recorded afterwards is in the feed", 1, len(y.recordedAfter(y.head(), "afterwards")))
		if _, err := y.Unmerge(y.ctx(), merges[0].ID); err != nil {
			t.Fatal(err)
		}
		y.same("the one who was merged", "3", y.owner(graph.ByID("3")))
	})
	t.Run("only in order, and only where nothing is", func(t *testing.T) {
		y := fresh(t, f)
		y.accept(everyKind())
		portions := y.export()
		y.renew()
		a := y.Store.(graph.Archive)
		at := graph.Restoration{Version: portions[0].Header.Version}
		restore := func(n int64, of *graph.Portion) error {
			return a.Restore(y.ctx(), graph.Restoration{Version: at.Version, Portions: n}, of)
		}
		refused := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, graph.ErrConflict) {
				t.Errorf("%s: %v", what, err)
			}
		}
		refused("the second portion first", restore(1, portions[1]))
		if err := restore(0, portions[0]); err != nil {
			t.Fatal(err)
		}
		refused("the first portion again", restore(0, portions[0]))
		refused("a portion left out", restore(2, portions[2]))
		refused("another export's", a.Restore(y.ctx(), graph.Restoration{Version: "other", Portions: 1}, portions[1]))
		y.reopen()
		a = y.Store.(graph.Archive)
		for n, p := range portions[1:] {
			found, err := a.Restoring(y.ctx())
			if err != nil {
				t.Fatal(err)
			}
			y.same("restoration", graph.Restoration{Version: at.Version, Portions: int64(n + 1)}, found)
			if err := restore(int64(n+1), p); err != nil {
				t.Fatal(err)
			}
		}
		found, err := a.Restoring(y.ctx())
		if err != nil {
			t.Fatal(err)
		}
		y.same("restoration of a store that is whole", graph.Restoration{}, found)
		refused("a portion more", restore(int64(len(portions)), portions[1]))
		refused("the first one to a store that is whole", restore(0, portions[0]))
		y.accept(interactions(view("more", "1", 9)))
	})
}

// moveSomebody makes what only an archive tells of: merges, a retraction, an erasure, a contested identity.
func (x *fixture) moveSomebody() (state, []graph.Merge) {
	x.t.Helper()
	owned := person("3", "C")
	owned.Identities = []graph.IdentityClaim{{Identity: email("c@example.com")}}
	referred := person("4", "D")
	referred.ReferredBy = graph.ByID("3")
	x.accept(customers(owned, referred, person("5", "E"), person("erased", "F")))
	x.accept(interactions(view("gone", "1", 3), view("of 3", "3", 4), view("kept", "erased", 5)))
	x.accept(retractions("gone"))
	claim := person("5", "E")
	claim.Identities = []graph.IdentityClaim{{Identity: email("c@example.com")}}
	x.same("a claim", []string{"identity_taken"}, x.codes(customers(claim)))
	for _, pair := range [][2]string{{"3", "5"}, {"1", "3"}} {
		if _, err := x.Merge(x.ctx(), pair[0], pair[1], false); err != nil {
			x.t.Fatal(err)
		}
	}
	x.same("another claim", []string{"identity_taken"}, x.codes(customers(graph.CustomerUpsert{ID: "6", Source: "test", Identities: claim.Identities})))
	if _, err := x.Erase(x.ctx(), "erased", true); err != nil {
		x.t.Fatal(err)
	}
	merges, err := x.Merges(x.ctx(), "1")
	if err != nil {
		x.t.Fatal(err)
	}
	return x.state(), merges
}

// recordedAfter writes an interaction and gives what the feed tells of it.
func (x *fixture) recordedAfter(head graph.Cursor, id string) []graph.Change {
	x.t.Helper()
	x.accept(interactions(view(id, "1", 8)))
	return first(x.changes(head, 10))
}

func (x *fixture) export() (portions []*graph.Portion) {
	x.t.Helper()
	for p, err := range x.Store.(graph.Archive).Export(x.ctx()) {
		if err != nil {
			x.t.Fatalf("Export: %v", err)
		}
		portions = append(portions, p)
	}
	return portions
}

// renew closes the store and opens an empty one at another location.
func (x *fixture) renew() {
	x.t.Helper()
	if err := x.Close(); err != nil {
		x.t.Fatal(err)
	}
	x.location = x.f.NewLocation(x.t)
	x.Store = x.handle()
}

// move puts the store's content into another one, with which the fixture goes on.
func (x *fixture) move() {
	x.t.Helper()
	portions := x.export()
	x.renew()
	for n, p := range portions {
		if err := x.Store.(graph.Archive).Restore(x.ctx(), graph.Restoration{Version: portions[0].Header.Version, Portions: int64(n)}, p); err != nil {
			x.t.Fatalf("Restore portion %d: %v", n, err)
		}
	}
}
