package graphtest

import (
	"slices"
	"testing"

	"lacuna/graph"
)

// testProfiles checks that profiles hold what the plural reads give. Each history that the suite reads is compared as well.
func testProfiles(t *testing.T, f Factory) {
	x := fresh(t, f)
	x.accept(catalog())
	u := person("1", "A")
	u.Identities = []graph.IdentityClaim{{Identity: email("a@example.com")}}
	x.accept(customers(u, person("2", "B"), person("3", "C")))
	first, second, third := view("i1", "1", 1), view("i2", "1", 2), view("i3", "2", 3)
	first.Product, second.Product, third.Product = "p", "q", "p"
	x.accept(interactions(first, second, third))
	if _, err := x.Merge(x.ctx(), "1", "3", false); err != nil {
		t.Fatal(err)
	}
	t.Run("by every kind of reference, in the order of the queries", func(t *testing.T) {
		refs := []graph.CustomerRef{graph.ByID("2"), graph.ByIdentity(email("a@example.com")), graph.ByID("none"), graph.ByID("3"), graph.ByID("1"), graph.ByID("2"), graph.ByIdentity(email("none@example.com"))}
		var queries []graph.ProfileQuery
		for _, ref := range refs {
			queries = append(queries, graph.ProfileQuery{Customer: ref, Newest: 1, Count: true})
		}
		var ids, newest []string
		var counts []int64
		for _, p := range x.on(t).profiles(queries...).List {
			if p.Customer == nil {
				ids, newest, counts = append(ids, ""), append(newest, ""), append(counts, p.Count)
				continue
			}
			x.on(t).same("customer", x.customer(graph.ByID(p.Customer.ID)), p.Customer)
			ids, newest, counts = append(ids, p.Customer.ID), append(newest, p.Newest.Interactions[0].ID), append(counts, p.Count)
		}
		x.on(t).same("customers", []string{"2", "1", "", "1", "1", "2", ""}, ids)
		x.on(t).same("newest", []string{"i3", "i2", "", "i2", "i2", "i3", ""}, newest)
		x.on(t).same("counts", []int64{1, 2, 0, 2, 2, 1, 0}, counts)
	})
	t.Run("without interactions, of nobody, and of none", func(t *testing.T) {
		found := x.on(t).profiles(graph.ProfileQuery{Customer: graph.ByID("1")}, graph.ProfileQuery{Customer: graph.ByID("none"), Count: true})
		x.on(t).same("profiles", graph.Profiles{List: []graph.Profile{{Customer: x.customer(graph.ByID("1"))}, {}}}, found)
		x.on(t).same("none", 0, len(x.on(t).profiles().List))
	})
	t.Run("as many as are asked for", func(t *testing.T) {
		q := func(n int) graph.ProfileQuery { return graph.ProfileQuery{Customer: graph.ByID("1"), Newest: n} }
		var got [][]string
		var more []bool
		for _, p := range x.on(t).profiles(q(0), q(1), q(2), q(3), q(graph.MaxPage)).List {
			got, more = append(got, interactionIDs(p.Newest.Interactions)), append(more, p.Newest.More)
		}
		x.on(t).same("newest", [][]string{{}, {"i2"}, {"i2", "i1"}, {"i2", "i1"}, {"i2", "i1"}}, got)
		x.on(t).same("more", []bool{false, true, false, false, false}, more)
	})
	profilesCatalog(t, x)
}

// profiles asks for some.
func (x *fixture) profiles(queries ...graph.ProfileQuery) graph.Profiles {
	x.t.Helper()
	found, err := x.Profiles(x.ctx(), queries)
	if err != nil {
		x.t.Fatalf("Profiles: %v", err)
	}
	return found
}

// profilesCatalog checks what comes along of the catalog, and whose it is.
func profilesCatalog(t *testing.T, x *fixture) {
	t.Run("the catalog where it is asked for", func(t *testing.T) {
		found := x.on(t).profiles(graph.ProfileQuery{Customer: graph.ByID("1"), Newest: 1, Catalog: true}, graph.ProfileQuery{Customer: graph.ByID("2"), Newest: 1})
		x.on(t).same("products", []string{"q"}, sortedKeys(found.Products))
		x.on(t).same("category", "c", found.Tree.Category("c/d").Parent)
		x.accept(products(graph.Product{ID: "q", Name: "new"}))
		found = x.on(t).profiles(graph.ProfileQuery{Customer: graph.ByID("1"), Newest: 1, Catalog: true})
		x.on(t).same("name after it was changed", "new", found.Products["q"].Name)
		other := x.handle()
		if _, err := other.Write(x.ctx(), new(products(graph.Product{ID: "q", Name: "newer"}))); err != nil {
			t.Fatal(err)
		}
		found = x.on(t).profiles(graph.ProfileQuery{Customer: graph.ByID("1"), Newest: 1, Catalog: true})
		x.on(t).same("name after another handle has changed it", "newer", found.Products["q"].Name)
		if err := other.Close(); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("callers may change what they were given", func(t *testing.T) {
		q := graph.ProfileQuery{Customer: graph.ByID("1"), Newest: 1, Catalog: true}
		found := x.on(t).profiles(q)
		if found.Products["q"] == nil {
			t.Fatal("product q is not there")
		}
		found.Products["q"].Name, found.List[0].Customer.Name = "changed", "changed"
		slices.Reverse(found.List[0].Customer.Identities)
		again := x.on(t).profiles(q)
		x.on(t).same("product", "newer", again.Products["q"].Name)
		x.on(t).same("customer", x.customer(graph.ByID("1")), again.List[0].Customer)
	})
}
