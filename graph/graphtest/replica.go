package graphtest

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

// replica is a reader that holds a copy of who owns which interaction, as the engine does: filled by a scan, kept
// current by the feed.
type replica struct {
	at     graph.Cursor
	owners map[string]string // by interaction; "" for nobody
	known  map[string]bool   // customers
}

// replica fills a copy.
func (x *fixture) replica() *replica {
	x.t.Helper()
	r := &replica{at: x.head(), owners: map[string]string{}, known: map[string]bool{}}
	s := x.scan(r.at)
	for id, i := range s.interactions {
		r.owners[id] = i.Owner
	}
	for _, i := range s.nameless {
		r.owners[i.ID] = ""
	}
	for _, c := range s.customers {
		r.known[c.ID] = true
	}
	return r
}

// follow brings the copy up to date.
func (r *replica) follow(t *testing.T, x *fixture) {
	t.Helper()
	told, next := x.on(t).changes(r.at, 3)
	for _, c := range told {
		r.apply(t, x, c)
	}
	r.at = next
}

func (r *replica) apply(t *testing.T, x *fixture, c graph.Change) {
	t.Helper()
	switch c.Kind {
	case graph.CustomerChanged:
		r.known[c.Customer] = true
	case graph.InteractionRecorded:
		r.owners[c.ID] = c.Customer
	case graph.InteractionRetracted:
		delete(r.owners, c.ID)
	case graph.CustomersMerged:
		for id, owner := range r.owners {
			if owner == c.ID {
				r.owners[id] = c.Customer
			}
		}
		delete(r.known, c.ID)
		r.known[c.Customer] = true
	case graph.CustomersUnmerged:
		r.known[c.ID] = true
		r.reread(t, x, c.ID, c.Customer)
	case graph.CustomerErased:
		r.forget(c.ID)
		r.forget(c.Customer)
	}
}

// reread forgets what customers own and reads it again, from whomever their ids lead to now.
func (r *replica) reread(t *testing.T, x *fixture, ids ...string) {
	t.Helper()
	maps.DeleteFunc(r.owners, func(_, owner string) bool { return slices.Contains(ids, owner) })
	for _, id := range ids {
		for _, i := range x.on(t).history(x.on(t).owner(graph.ByID(id)), graph.InteractionFilter{}, graph.MaxPage) {
			r.owners[i.ID] = i.Owner
		}
	}
}

func (r *replica) forget(customer string) {
	maps.DeleteFunc(r.owners, func(_, owner string) bool { return owner == customer })
	delete(r.known, customer)
}

// check compares the copy with what is stored. Owners that lead nowhere count as nobody.
func (r *replica) check(t *testing.T, x *fixture, who string) {
	t.Helper()
	want := x.on(t).replica()
	maps.DeleteFunc(r.known, func(id string, _ bool) bool { return x.on(t).lookup(graph.ByID(id)) == nil })
	for _, owners := range []map[string]string{r.owners, want.owners} {
		for id, owner := range owners {
			if x.on(t).owner(graph.ByID(owner)) == "" {
				owners[id] = ""
			}
		}
	}
	if diff := cmp.Diff(want.owners, r.owners); diff != "" {
		t.Errorf("%s holds other interactions than are stored (-want +got):\n%s", who, diff)
	}
	for id := range want.known {
		if x.on(t).owner(graph.ByID(id)) == id && !r.known[id] {
			t.Errorf("%s does not know a customer", who)
		}
	}
}
