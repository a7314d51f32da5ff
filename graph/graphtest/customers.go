package graphtest

import (
	"testing"

	"lacuna/graph"
)

// testCustomers checks upserts of profiles and the relations between customers.
func testCustomers(t *testing.T, f Factory) {
	t.Run("a whole profile reads as it was written", func(t *testing.T) { customersWhole(fresh(t, f)) })
	t.Run("empty fields say nothing", func(t *testing.T) {
		x := fresh(t, f)
		b := everyKind()
		b.Customers[0].Household, b.Customers[0].CreatedAt = "h", at(-9)
		b.Customers[0].ReferredBy = graph.ByID("r")
		x.accept(b)
		before := x.state()
		x.expect(customers(graph.CustomerUpsert{ID: "1", Source: "other", ObservedAt: at(50)}), graph.Duplicate)
		x.same("state", before, x.state())
	})
	t.Run("a customer may be nothing but an id", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(customers(graph.CustomerUpsert{ID: "bare", Source: "s"}))
		x.same("profile", &graph.Customer{ID: "bare"}, x.customer(graph.ByID("bare")))
		x.repeat(customers(graph.CustomerUpsert{ID: "bare", Source: "s"}))
	})
	t.Run("repeats in one batch", func(t *testing.T) {
		x := fresh(t, f)
		other := person("1", "Bo")
		other.ObservedAt = at(1)
		got := x.codes(customers(person("1", "Ann"), person("1", "Ann"), other, person("1", "Ann")))
		x.same("outcomes", []string{"accepted", "duplicate", "accepted", "duplicate"}, got)
		x.same("name", "Bo", x.customer(graph.ByID("1")).Name)
	})
	t.Run("a plural read holds what was found", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(customers(person("1", "A", email("a@x")), person("2", "B")))
		refs := []graph.CustomerRef{graph.ByID("1"), graph.ByID("none"), graph.ByIdentity(email("a@x")), graph.ByIdentity(phone("1")),
			graph.ByID("2"), graph.ByID("1"), {}}
		found, err := x.Customers(x.ctx(), refs)
		if err != nil {
			t.Fatal(err)
		}
		got := map[graph.CustomerRef]string{}
		for ref, c := range found {
			got[ref] = c.ID
		}
		x.same("found", map[graph.CustomerRef]string{
			graph.ByID("1"): "1", graph.ByIdentity(email("a@x")): "1", graph.ByID("2"): "2",
		}, got)
	})
	t.Run("seen first and last", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(interactions(view("b", "1", 7), view("a", "1", 3), view("c", "1", 5)))
		c := x.customer(graph.ByID("1"))
		x.same("seen", []any{at(3), at(7)}, []any{c.FirstSeenAt, c.LastSeenAt})
		x.accept(retractions("b", "a"))
		c = x.customer(graph.ByID("1"))
		x.same("seen after retractions", []any{at(5), at(5)}, []any{c.FirstSeenAt, c.LastSeenAt})
	})
	t.Run("households", func(t *testing.T) { customersHouseholds(fresh(t, f)) })
	t.Run("referrals", func(t *testing.T) { customersReferrals(fresh(t, f)) })
	t.Run("a relation lists at most so many", func(t *testing.T) { customersManyRelated(fresh(t, f)) })
}

func customersWhole(x *fixture) {
	u := graph.CustomerUpsert{
		ID: "1", Name: "Chen Mei-Ling 陳美玲", CreatedAt: at(-500), Household: "h1", ReferredBy: graph.ByIdentity(email("friend@x")),
		Identities: []graph.IdentityClaim{{Identity: phone("+886 (9) 12.3"), Verified: true}, {Identity: email("ML@x")},
			{Identity: graph.Identity{Kind: graph.Custom, Value: "crm:1"}}},
		Attributes: []graph.NamedValue{text("city", "臺北"), {Name: "active", Value: graph.BooleanValue(true)}, number("age", 40.5),
			{Name: "born", Value: graph.DateValue(at(0))}},
		Consents: []graph.Consent{{Purpose: "MARKETING", Granted: true}, {Purpose: "ANALYTICS", Source: "form", At: at(-2)}},
		Source:   "crm", ObservedAt: at(0), Verified: true,
	}
	x.accept(customers(u))
	shown := func(v graph.Value) graph.Observation {
		return graph.Observation{Value: v, Source: "crm", ObservedAt: at(0), Verified: true}
	}
	friend := graph.DerivedCustomerID(email("friend@x"))
	x.same("profile", &graph.Customer{
		ID: "1", Name: "Chen Mei-Ling 陳美玲", CreatedAt: at(-500), Household: "h1", ReferredBy: friend,
		Identities: []graph.CustomerIdentity{
			{Identity: graph.Identity{Kind: graph.Custom, Value: "crm:1"}, Source: "crm", ObservedAt: at(0)},
			{Identity: email("ml@x"), Source: "crm", ObservedAt: at(0)},
			{Identity: phone("+886912" + "3"), Verified: true, Source: "crm", ObservedAt: at(0)},
		},
		Attributes: []graph.Attribute{
			{Name: "active", Observation: shown(graph.BooleanValue(true))}, {Name: "age", Observation: shown(graph.NumberValue(40.5))},
			{Name: "born", Observation: shown(graph.DateValue(at(0)))}, {Name: "city", Observation: shown(graph.TextValue("臺北"))},
		},
		Consents: []graph.Consent{
			{Purpose: "ANALYTICS", Source: "form", At: at(-2)}, {Purpose: "MARKETING", Granted: true, Source: "crm", At: at(0)},
		},
	}, x.customer(graph.ByID("1")))
	x.same("the referrer", friend, x.owner(graph.ByIdentity(email("friend@x"))))
	x.repeat(customers(u))
}

func customersHouseholds(x *fixture) {
	in := func(id, household string, minute int) graph.CustomerUpsert {
		return graph.CustomerUpsert{ID: id, Household: household, Source: "s", ObservedAt: at(minute)}
	}
	x.accept(customers(in("b", "h", 0), in("a", "h", 0), in("c", "g", 0), person("d", "D")))
	found, err := x.Related(x.ctx(), graph.HouseholdMembers, []string{"h", "g", "none"})
	if err != nil {
		x.t.Fatal(err)
	}
	x.same("members", map[string][]string{"h": {"a", "b"}, "g": {"c"}}, found)
	x.accept(customers(in("b", "g", 1)))
	x.same("members of h", []string{"a"}, x.related(graph.HouseholdMembers, "h"))
	x.same("members of g", []string{"b", "c"}, x.related(graph.HouseholdMembers, "g"))
	x.same("household", "g", x.customer(graph.ByID("b")).Household)
}

func customersReferrals(x *fixture) {
	by := func(id string, who graph.CustomerRef, minute int) graph.CustomerUpsert {
		return graph.CustomerUpsert{ID: id, ReferredBy: who, Source: "s", ObservedAt: at(minute)}
	}
	x.accept(customers(person("r", "R", email("r@x")), by("b", graph.ByID("r"), 0), by("a", graph.ByIdentity(email("R@x")), 0),
		by("c", graph.ByID("new"), 0), by("d", graph.ByIdentity(phone("+1 2")), 0)))
	made := graph.DerivedCustomerID(phone("+12"))
	found, err := x.Related(x.ctx(), graph.ReferredCustomers, []string{"r", "new", made, "a"})
	if err != nil {
		x.t.Fatal(err)
	}
	x.same("referred", map[string][]string{"r": {"a", "b"}, "new": {"c"}, made: {"d"}}, found)
	x.reject(customers(by("r", graph.ByID("r"), 0)), graph.RejectCycle, "referred_by")
	x.reject(customers(by("r", graph.ByIdentity(email("r@x")), 0)), graph.RejectCycle, "referred_by")
	x.accept(customers(by("c", graph.ByID("r"), 1)))
	x.same("referred by r", []string{"a", "b", "c"}, x.related(graph.ReferredCustomers, "r"))
	x.accept(customers(person("keep", "K")))
	x.merge("keep", "r")
	x.same("referred by who goes on", []string{"a", "b", "c"}, x.related(graph.ReferredCustomers, "keep"))
	x.same("the referrer's current id", "keep", x.customer(graph.ByID("a")).ReferredBy)
	x.merge("c", "a")
	x.same("referred once one of them is retired", []string{"b", "c"}, x.related(graph.ReferredCustomers, "keep"))
}

func customersManyRelated(x *fixture) {
	ids := numbered("m", graph.MaxRelated+5)
	var b graph.Batch
	for _, id := range ids {
		u := graph.CustomerUpsert{ID: id, Household: "big", ReferredBy: graph.ByID("r"), Source: "s", ObservedAt: at(0)}
		b.Customers = append(b.Customers, u)
	}
	x.accept(b)
	x.same("members", ids[:graph.MaxRelated], x.related(graph.HouseholdMembers, "big"))
	x.same("referred", ids[:graph.MaxRelated], x.related(graph.ReferredCustomers, "r"))
}
