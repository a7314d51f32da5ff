package graphtest

import (
	"testing"

	"lacuna/graph"
)

// testIdentities checks who an identity belongs to.
func testIdentities(t *testing.T, f Factory) {
	t.Run("an identity belongs to one customer", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(customers(person("1", "A", email("a@x"))))
		x.reject(customers(person("2", "B", email("A@x"))), graph.RejectIdentityTaken, "identities")
		x.same("owner", "1", x.owner(graph.ByIdentity(email("a@x"))))
		x.same("outcomes in one batch", []string{"accepted", "identity_taken"},
			x.codes(customers(person("3", "C", phone("1")), person("4", "D", phone("1")))))
	})
	t.Run("kinds are apart", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(customers(person("1", "A", graph.Identity{Kind: graph.Device, Value: "v"}),
			person("2", "B", graph.Identity{Kind: graph.Cookie, Value: "v"})))
		x.same("owner", "2", x.owner(graph.ByIdentity(graph.Identity{Kind: graph.Cookie, Value: "v"})))
	})
	t.Run("a second source adds nothing but its voucher", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(customers(person("1", "", email("a@x"))))
		again := person("1", "", email("a@x"))
		again.Source, again.ObservedAt = "shop", at(9)
		x.repeat(customers(again))
		again.Identities[0].Verified = true
		x.accept(customers(again))
		x.same("verified", true, x.customer(graph.ByID("1")).Identities[0].Verified)
		x.repeat(customers(again))
		x.repeat(customers(person("1", "", email("a@x"))))
	})
	t.Run("a customer is made from an identity", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(interactions(viewBy("i", email("A@x"), 1), viewBy("j", email("a@x "), 2)))
		id := graph.DerivedCustomerID(email("a@x"))
		x.same("owner", id, x.owner(graph.ByIdentity(email("a@x"))))
		x.same("interactions", []string{"j", "i"}, x.ids(id))
		c := x.customer(graph.ByID(id))
		x.same("identities", []graph.Identity{email("a@x")}, []graph.Identity{c.Identities[0].Identity})
		x.same("customers", int64(1), x.stats().Customers)
	})
	t.Run("an interaction goes to whoever has the identity", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(customers(person("1", "A", email("a@x"))))
		x.accept(interactions(viewBy("i", email("a@x"), 1)))
		got := x.history("1", graph.InteractionFilter{}, 10)
		x.same("reference and owner", []string{"EMAIL:a@x", "1"}, []string{got[0].Customer.String(), got[0].Owner})
	})
	t.Run("a claim takes in who was made from it", func(t *testing.T) { identitiesStub(fresh(t, f)) })
	t.Run("a claim does not take in who is more than it", func(t *testing.T) {
		x := fresh(t, f)
		id := graph.DerivedCustomerID(email("a@x"))
		x.accept(interactions(viewBy("i", email("a@x"), 1)))
		x.write(customers(graph.CustomerUpsert{ID: id, Name: "Named", Source: "s", ObservedAt: at(0)}))
		x.reject(customers(person("1", "A", email("a@x"))), graph.RejectIdentityTaken, "identities")
	})
	t.Run("a claim of two takes in both", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(interactions(viewBy("i", email("a@x"), 1), viewBy("j", phone("9"), 2)))
		x.accept(customers(person("1", "A", email("a@x"), phone("9"))))
		x.same("interactions", []string{"j", "i"}, x.ids("1"))
		x.same("merges", 2, len(x.merges("1")))
		x.same("customers", int64(1), x.stats().Customers)
	})
	t.Run("a claim that is rejected takes in nobody", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(interactions(viewBy("i", email("a@x"), 1)))
		x.accept(customers(person("2", "B", phone("9"))))
		x.reject(customers(person("1", "A", email("a@x"), phone("9"))), graph.RejectIdentityTaken, "identities")
		x.same("owner", graph.DerivedCustomerID(email("a@x")), x.owner(graph.ByIdentity(email("a@x"))))
	})
}

func identitiesStub(x *fixture) {
	stub := graph.DerivedCustomerID(email("a@x"))
	x.accept(interactions(viewBy("i", email("a@x"), 1)))
	head := x.head()
	b := customers(person("1", "Ann", email("a@x")))
	x.accept(b)
	c := x.customer(graph.ByIdentity(email("a@x")))
	x.same("profile", []any{"1", []string{stub}, "Ann"}, []any{c.ID, c.MergedIDs, c.Name})
	x.same("interactions", []string{"i"}, x.ids("1"))
	x.same("customers", int64(1), x.stats().Customers)
	log := x.merges("1")
	if len(log) != 1 || log[0].Keep != "1" || log[0].Retired != stub || log[0].Reason != "identity" || log[0].At != start {
		x.t.Fatalf("merges are %+v", log)
	}
	told, _ := x.changes(head, 100)
	if n := countChanges(told, graph.Change{Kind: graph.CustomersMerged, ID: stub, Customer: "1"}); n != 1 {
		x.t.Errorf("the feed tells of the merge %d times", n)
	}
	x.repeat(b)
	x.repeat(interactions(viewBy("i", email("a@x"), 1)))
	x.accept(interactions(viewBy("k", email("a@x"), 3)))
	x.unmerge(log[0].ID)
	x.same("owner after the unmerge", stub, x.owner(graph.ByIdentity(email("a@x"))))
	x.same("interactions of who is back", []string{"k", "i"}, x.ids(stub))
	x.same("interactions of who goes on", []string{}, x.ids("1"))
}

// countChanges counts entries that name the same.
func countChanges(list []graph.Change, want graph.Change) int {
	n := 0
	for _, c := range list {
		if c.Kind == want.Kind && c.ID == want.ID && c.Customer == want.Customer {
			n++
		}
	}
	return n
}
