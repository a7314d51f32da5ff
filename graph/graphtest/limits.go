package graphtest

import (
	"errors"
	"strings"
	"testing"

	"lacuna/graph"
)

// tooLarge is a batch of one row more than there may be.
func tooLarge() *graph.Batch {
	b := &graph.Batch{Categories: []graph.Category{{ID: "c"}}}
	row := view("i", "1", 0)
	for range graph.MaxBatch {
		b.Interactions = append(b.Interactions, row)
	}
	return b
}

// testLimits checks that a call beyond its limit is refused as a whole, and one at its limit answered.
func testLimits(t *testing.T, f Factory) {
	x := fresh(t, f)
	x.accept(everyKind())
	before := x.state()
	if _, err := x.Write(x.ctx(), tooLarge()); !errors.Is(err, graph.ErrInvalid) {
		t.Errorf("Write of MaxBatch + 1 rows: %v, want ErrInvalid", err)
	}
	x.same("state", before, x.state())
	refs := func(n int) []graph.CustomerRef {
		list := make([]graph.CustomerRef, n)
		for i := range list {
			list[i] = graph.ByID("1")
		}
		return list
	}
	keys := func(n int) []string { return strings.Split(strings.Repeat("1,", n-1)+"1", ",") }
	queries := func(n, first int) []graph.InteractionQuery {
		list := make([]graph.InteractionQuery, n)
		for i := range list {
			list[i] = graph.InteractionQuery{Customer: "1", First: first}
		}
		return list
	}
	for name, c := range map[string]func(over int) error{
		"Customers": func(over int) error { return second(x.Customers(x.ctx(), refs(graph.MaxKeys+over))) },
		"Profiles": func(over int) error {
			return second(x.Profiles(x.ctx(), make([]graph.ProfileQuery, graph.MaxKeys+over)))
		},
		"interactions of a profile": func(over int) error {
			return second(x.Profiles(x.ctx(), []graph.ProfileQuery{{Customer: graph.ByID("1"), Newest: graph.MaxPage + over}}))
		},
		"negatively many of a profile": func(over int) error {
			return second(x.Profiles(x.ctx(), []graph.ProfileQuery{{Customer: graph.ByID("1"), Newest: -over}}))
		},
		"Related": func(over int) error {
			return second(x.Related(x.ctx(), graph.HouseholdMembers, keys(graph.MaxKeys+over)))
		},
		"Products":          func(over int) error { return second(x.Products(x.ctx(), keys(graph.MaxKeys+over))) },
		"Touchpoints":       func(over int) error { return second(x.Touchpoints(x.ctx(), keys(graph.MaxKeys+over))) },
		"Interactions":      func(over int) error { return second(x.Interactions(x.ctx(), queries(graph.MaxKeys+over, 1))) },
		"CountInteractions": func(over int) error { return second(x.CountInteractions(x.ctx(), queries(graph.MaxKeys+over, 1))) },
		"Changes":           func(over int) error { return second(x.Changes(x.ctx(), "", graph.MaxBatch+over)) },
		"page of interactions": func(over int) error {
			return second(x.Interactions(x.ctx(), queries(1, graph.MaxPage+over)))
		},
		"page of customers": func(over int) error {
			return second(x.FindCustomers(x.ctx(), graph.CustomerQuery{First: graph.MaxPage + over}))
		},
		"page of products": func(over int) error {
			return second(x.FindProducts(x.ctx(), graph.ProductQuery{First: graph.MaxPage + over}))
		},
		"contested identities":          func(over int) error { return second(x.Contested(x.ctx(), graph.MaxPage+over)) },
		"names of unread records":       func(over int) error { return second(x.Unread(x.ctx(), graph.MaxPage+over)) },
		"negatively many names":         func(over int) error { return second(x.Unread(x.ctx(), -over)) },
		"negatively many identities":    func(over int) error { return second(x.Contested(x.ctx(), -over)) },
		"negative page of interactions": func(over int) error { return second(x.Interactions(x.ctx(), queries(1, -over))) },
		"negative page of customers": func(over int) error {
			return second(x.FindCustomers(x.ctx(), graph.CustomerQuery{First: -over}))
		},
		"negative page of products": func(over int) error {
			return second(x.FindProducts(x.ctx(), graph.ProductQuery{First: -over}))
		},
		"unknown order": func(over int) error {
			return second(x.FindCustomers(x.ctx(), graph.CustomerQuery{Order: graph.ByNewest + graph.CustomerOrder(over), First: 1}))
		},
		"unknown relation": func(over int) error {
			return second(x.Related(x.ctx(), graph.ReferredCustomers+graph.Relation(over), []string{"1"}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c(0); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			if err := c(1); !errors.Is(err, graph.ErrInvalid) {
				t.Errorf("beyond the limit: %v, want ErrInvalid", err)
			}
		})
	}
	t.Run("rows", func(t *testing.T) { limitsRows(x.on(t)) })
}

func second[A, B any](_ A, b B) B { return b }

// limitsRows checks the longest and the most that a row may hold.
func limitsRows(x *fixture) {
	id, long := strings.Repeat("漢", graph.MaxIDBytes/3)+"x", strings.Repeat("n", graph.MaxTextBytes)
	most := graph.CustomerUpsert{ID: id, Name: long, Source: id, ObservedAt: at(0), Household: id}
	for _, name := range numbered("a", graph.MaxAttributes) {
		most.Attributes = append(most.Attributes, text(name, "v"))
	}
	most.Attributes[0] = text("a000000", long)
	for _, value := range numbered("d", graph.MaxIdentities) {
		most.Identities = append(most.Identities, claims(graph.Identity{Kind: graph.Device, Value: value})...)
	}
	for _, purpose := range numbered("p", graph.MaxListEntries) {
		most.Consents = append(most.Consents, graph.Consent{Purpose: purpose, Granted: true})
	}
	x.accept(customers(most))
	c := x.customer(graph.ByID(id))
	x.same("sizes", []int{graph.MaxTextBytes, graph.MaxAttributes, graph.MaxIdentities, graph.MaxListEntries},
		[]int{len(c.Name), len(c.Attributes), len(c.Identities), len(c.Consents)})
	x.same("found by the beginning of a long name", []string{id}, customerIDs(x.everyone(long[:2000], graph.ByName, 5)))
	x.repeat(customers(most))
	for name, c := range map[string]struct {
		change func(*graph.CustomerUpsert)
		code   graph.RejectCode
	}{
		"id":         {func(u *graph.CustomerUpsert) { u.ID += "y" }, graph.RejectTooLong},
		"name":       {func(u *graph.CustomerUpsert) { u.Name += "y" }, graph.RejectTooLong},
		"attribute":  {func(u *graph.CustomerUpsert) { u.Attributes = []graph.NamedValue{text("a", long+"y")} }, graph.RejectTooLong},
		"attributes": {func(u *graph.CustomerUpsert) { u.Attributes = append(u.Attributes, text("zz", "v")) }, graph.RejectTooMany},
		"identities": {func(u *graph.CustomerUpsert) { u.Identities = append(u.Identities, claims(phone("1"))...) }, graph.RejectTooMany},
		"consents":   {func(u *graph.CustomerUpsert) { u.Consents = append(u.Consents, graph.Consent{Purpose: "z"}) }, graph.RejectTooMany},
	} {
		u := most
		c.change(&u)
		if got := word(flat(x.write(customers(u)))[0]); got != string(c.code) {
			x.t.Errorf("a row beyond the limit of %s is %s, want %s", name, got, c.code)
		}
	}
}
