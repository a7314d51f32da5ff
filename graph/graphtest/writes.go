package graphtest

import (
	"testing"

	"lacuna/graph"
)

// testWrites checks what holds for a batch of any kind: outcomes, repeats, order, whole rows.
func testWrites(t *testing.T, f Factory) {
	t.Run("an empty store is empty", func(t *testing.T) {
		x := fresh(t, f)
		x.same("state", state{History: map[string][]graph.Interaction{}, Types: map[graph.AttributeKey]graph.ValueKind{}}, x.state())
	})
	t.Run("an empty batch writes nothing", func(t *testing.T) {
		x := fresh(t, f)
		x.same("outcomes", &graph.Outcomes{}, x.write(graph.Batch{}))
	})
	t.Run("every kind, once and again", func(t *testing.T) { writesEveryKind(fresh(t, f)) })
	t.Run("outcomes stand in the places of their rows", func(t *testing.T) {
		x := fresh(t, f)
		o := x.write(graph.Batch{
			Categories:     []graph.Category{{ID: "a"}, {ID: ""}, {ID: "a"}},
			Products:       []graph.Product{{ID: "p", Categories: []string{"a"}}, {ID: "q", Categories: []string{"none"}}},
			Customers:      []graph.CustomerUpsert{person("1", "A"), {ID: "2"}},
			Interactions:   []graph.Interaction{view("i", "1", 0), {ID: "j"}, view("i", "1", 0), view("i", "1", 1)},
			Retractions:    []graph.Retraction{{ID: "none", Reason: "r", Source: "s"}, {ID: "i", Reason: "r", Source: "s"}},
			DeleteSegments: []string{"none"},
		})
		got := [][]string{words(o.Categories), words(o.Products), words(o.Customers), words(o.Segments), words(o.Interactions),
			words(o.Retractions), words(o.DeleteSegments)}
		x.same("outcomes", [][]string{
			{"accepted", "missing", "duplicate"}, {"accepted", "unknown_category"}, {"accepted", "missing"}, nil,
			{"accepted", "unknown_type", "duplicate", "conflict"}, {"not_found", "accepted"}, {"not_found"},
		}, got)
	})
	t.Run("rows are normalized in place", func(t *testing.T) {
		x := fresh(t, f)
		b := customers(person("1", "A", email(" A@Example.COM ")))
		x.accept(b)
		x.same("identity", claims(email("a@example.com")), b.Customers[0].Identities)
	})
	t.Run("later rows see earlier ones", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(graph.Batch{
			Categories:   []graph.Category{{ID: "c"}},
			Products:     []graph.Product{{ID: "p", Categories: []string{"c"}}},
			Customers:    []graph.CustomerUpsert{person("1", "A", email("a@x"))},
			Interactions: []graph.Interaction{rich("i", "1", 0), viewBy("j", email("a@x"), 1)},
			Retractions:  []graph.Retraction{{ID: "i", Reason: "wrong", Source: "s"}},
		})
		x.same("interactions", []string{"j"}, x.ids("1"))
	})
	t.Run("a rejected row leaves nothing behind", func(t *testing.T) { writesRejectedWhole(fresh(t, f)) })
	t.Run("ten thousand rows", func(t *testing.T) { writesTenThousand(fresh(t, f)) })
	t.Run("every accepted batch changes the version", func(t *testing.T) { writesVersion(fresh(t, f)) })
	t.Run("what is returned belongs to the caller", func(t *testing.T) { writesOwnCopies(fresh(t, f)) })
}

func words(list []graph.Outcome) []string {
	var all []string
	for _, o := range list {
		all = append(all, word(o))
	}
	return all
}

// everyKind is a batch with rows of every kind.
func everyKind() graph.Batch {
	b := catalog()
	b.Customers = []graph.CustomerUpsert{person("1", "Ann", email("a@x"), phone("+886 912"))}
	b.Customers[0].Attributes = []graph.NamedValue{text("city", "Taipei"), number("age", 40)}
	b.Customers[0].Consents = []graph.Consent{{Purpose: "MARKETING", Granted: true}}
	b.Segments = []graph.Segment{{ID: "s", Rule: attributeIs("city", "Taipei")}}
	b.Interactions = []graph.Interaction{rich("i", "1", 1), viewBy("j", email("new@x"), 2)}
	return b
}

func writesEveryKind(x *fixture) {
	x.accept(everyKind())
	want := graph.Stats{Customers: 2, Interactions: 2, Products: 3, Categories: 4, Segments: 1, LatestAt: at(2)}
	x.same("stats", want, x.counts())
	x.repeat(everyKind())
	kept := x.state()
	x.reopen()
	x.same("state after reopening", kept, x.state())
	x.repeat(everyKind())
}

func writesRejectedWhole(x *fixture) {
	x.accept(everyKind())
	x.accept(customers(person("other", "Bo", email("b@x"))))
	taken := person("2", "New", email("2@x"), email("b@x"))
	taken.ReferredBy = graph.ByID("referrer")
	taken.Attributes = []graph.NamedValue{text("unsettled", "x")}
	x.reject(customers(taken), graph.RejectIdentityTaken, "identities")
	for _, ref := range []graph.CustomerRef{graph.ByID("2"), graph.ByID("referrer"), graph.ByIdentity(email("2@x"))} {
		if id := x.owner(ref); id != "" {
			x.t.Errorf("%s leads to %s after a rejected row", ref, id)
		}
	}
	misfit := rich("k", "nobody", 3)
	misfit.Attributes = []graph.NamedValue{number("aaa", 1), text("guests", "two")}
	x.reject(interactions(misfit), graph.RejectAttributeType, "attr.guests")
	unknown := rich("k", "nobody", 3)
	unknown.Product = "none"
	unknown.Attributes = []graph.NamedValue{number("aaa", 1)}
	x.reject(interactions(unknown), graph.RejectUnknownProduct, "product")
	conflict := view("i", "nobody", 3)
	b := interactions(conflict)
	b.CreateMissing = true
	b.Interactions[0].Product = "made"
	x.reject(b, graph.RejectConflict, "")
	// The types that the rejected rows would have settled are still open.
	x.accept(customers(graph.CustomerUpsert{ID: "3", Source: "s", ObservedAt: at(0), Attributes: []graph.NamedValue{number("unsettled", 1)}}))
	open := view("k", "1", 3)
	open.Attributes = []graph.NamedValue{text("aaa", "x")}
	x.accept(interactions(open))
}

func writesTenThousand(x *fixture) {
	x.accept(catalog())
	ids, owners, addresses := numbered("i", 10_000), numbered("c", 700), numbered("e", 90)
	build := func() graph.Batch {
		var b graph.Batch
		for i, id := range ids {
			v := view(id, owners[i%len(owners)], i)
			if i%3 == 0 {
				v = viewBy(id, email(addresses[i%len(addresses)]), i)
			}
			b.Interactions = append(b.Interactions, v)
		}
		return b
	}
	x.accept(build())
	x.expect(build(), graph.Duplicate)
	s := x.counts()
	x.same("interactions", int64(10_000), s.Interactions)
	var sum int
	for _, c := range x.everyone("", graph.ByCustomerID, graph.MaxPage) {
		sum += len(x.ids(c.ID))
	}
	x.same("interactions of all customers", 10_000, sum)
}

func writesVersion(x *fixture) {
	seen := map[graph.Cursor]string{x.stats().Version: "the empty store"}
	step := func(name string) {
		x.t.Helper()
		v := x.stats().Version
		if earlier, ok := seen[v]; ok || v == "" {
			x.t.Errorf("the version after %q is that of %q", name, earlier)
		}
		seen[v] = name
	}
	x.accept(everyKind())
	step("a batch")
	x.accept(interactions(view("k", "2", 5)))
	step("an interaction")
	x.accept(retractions("k"))
	step("a retraction")
	m := x.merge("1", "2")
	step("a merge")
	x.unmerge(m.MergeID)
	step("an unmerge")
	x.accept(graph.Batch{DeleteSegments: []string{"s"}})
	step("a deletion")
	x.erase("2", false)
	step("an erasure")
}

func writesOwnCopies(x *fixture) {
	b := everyKind()
	b.Products[0].Attributes = []graph.NamedValue{text("color", "red")}
	x.accept(b)
	before := x.state()
	spoiled := x.state()
	for _, c := range spoiled.Customers {
		c.Name = "spoiled"
		for i := range c.Identities {
			c.Identities[i].Value = "spoiled"
		}
		for i := range c.Attributes {
			c.Attributes[i].Name = "spoiled"
		}
		for i := range c.Consents {
			c.Consents[i].Purpose = "spoiled"
		}
	}
	for _, p := range spoiled.Products {
		p.Name = "spoiled"
		for i := range p.Categories {
			p.Categories[i] = "spoiled"
		}
		for i := range p.Attributes {
			p.Attributes[i].Name = "spoiled"
		}
	}
	for key := range spoiled.Types {
		spoiled.Types[key] = 0
	}
	for _, list := range spoiled.History {
		for i := range list {
			list[i].ID = "spoiled"
			for j := range list[i].Attributes {
				list[i].Attributes[j].Name = "spoiled"
			}
		}
	}
	x.same("state after a caller has changed its copy", before, x.state())
}
