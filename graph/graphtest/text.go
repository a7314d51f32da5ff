package graphtest

import (
	"testing"

	"lacuna/graph"
)

// strange are texts that a store may be tempted to change, cut or unite.
var strange = []string{
	"漢字", "ひらがな", "😀👩‍👩‍👧", "é", "e\u0301", "Ａ", "A", "a", "ß", "ss", "İ", "ı", "ﬁ", "'", "\"", "\\", "%", "_", "$1", "?", ":x", "--", "`", "{}", "null", "NULL",
	"0", "00", "1e3", "true", "\u200b", "a\u00a0b", "\U0010FFFF", "\uFFFD", "\uFEFFbom", "x;y", "a|b", "\x01", "\x7f", "مرحبا", "שלום",
}

// testText checks that text is kept byte by byte, and that what is no text is refused.
func testText(t *testing.T, f Factory) {
	t.Run("kept as it is", func(t *testing.T) { textKept(fresh(t, f)) })
	t.Run("refused", func(t *testing.T) { textRefused(t, f) })
}

func textKept(x *fixture) {
	b := graph.Batch{}
	for _, s := range strange {
		u := graph.CustomerUpsert{ID: s, Name: s, Household: s, Source: s, ObservedAt: at(0), Attributes: []graph.NamedValue{text(s, s)},
			Identities: claims(graph.Identity{Kind: graph.Custom, Value: s}), Consents: []graph.Consent{{Purpose: s, Granted: true}}}
		i := graph.Interaction{ID: s, Type: graph.Search, At: at(0), Customer: graph.ByID(s), Product: s, Category: s, Query: s, Campaign: s,
			Session: s, Source: s, Attributes: []graph.NamedValue{text(s, s)}}
		b.Categories = append(b.Categories, graph.Category{ID: s, Name: s, Names: map[string]string{"zh": s}})
		b.Products = append(b.Products, graph.Product{ID: s, Name: s, Categories: []string{s}, Tags: []string{s}, Attributes: []graph.NamedValue{text(s, s)}})
		b.Customers = append(b.Customers, u)
		b.Segments = append(b.Segments, graph.Segment{ID: s, Name: s, Description: s, Rule: attributeIs(s, s)})
		b.Interactions = append(b.Interactions, i)
	}
	x.accept(b)
	for n, s := range strange {
		got := x.history(s, graph.InteractionFilter{Category: s, Product: s, Query: s}, 5)
		if len(got) != 1 {
			x.t.Fatalf("%q has %d interactions, want 1", s, len(got))
		}
		got[0].Owner = ""
		x.same("interaction", b.Interactions[n], got[0])
		c := x.customer(graph.ByIdentity(graph.Identity{Kind: graph.Custom, Value: s}))
		x.same("customer", []string{s, s, s, s, s}, []string{c.ID, c.Name, c.Household, c.Attributes[0].Name, c.Consents[0].Purpose})
		x.same("household", []string{s}, x.related(graph.HouseholdMembers, s))
		x.same("product", &b.Products[n], x.product(s))
		x.same("category", &b.Categories[n], x.tree().Category(s))
		x.same("by tag", 1, len(x.productPages(graph.ProductQuery{Tag: s}, 10)))
	}
	x.scannedState()
	kept := x.state()
	x.reopen()
	x.same("state after reopening", kept, x.state())
}

func textRefused(t *testing.T, f Factory) {
	for name, bad := range map[string]string{"NUL": "a\x00b", "invalid UTF-8": "a\xffb", "half a character": "a\xe6\xbc", "surrogate": "\xed\xa0\x80"} {
		t.Run(name, func(t *testing.T) {
			x := fresh(t, f)
			i := func(change func(*graph.Interaction)) graph.Batch {
				row := view("i", "1", 0)
				change(&row)
				return interactions(row)
			}
			u := func(change func(*graph.CustomerUpsert)) graph.Batch {
				row := person("1", "A")
				change(&row)
				return customers(row)
			}
			for n, b := range []graph.Batch{
				u(func(u *graph.CustomerUpsert) { u.ID = bad }), u(func(u *graph.CustomerUpsert) { u.Name = bad }),
				u(func(u *graph.CustomerUpsert) { u.Source = bad }), u(func(u *graph.CustomerUpsert) { u.Household = bad }),
				u(func(u *graph.CustomerUpsert) { u.Identities = claims(email(bad)) }),
				u(func(u *graph.CustomerUpsert) { u.ReferredBy = graph.ByID(bad) }),
				u(func(u *graph.CustomerUpsert) { u.Attributes = []graph.NamedValue{text(bad, "v")} }),
				u(func(u *graph.CustomerUpsert) { u.Attributes = []graph.NamedValue{text("a", bad)} }),
				u(func(u *graph.CustomerUpsert) { u.Consents = []graph.Consent{{Purpose: bad}} }),
				i(func(i *graph.Interaction) { i.ID = bad }), i(func(i *graph.Interaction) { i.Customer = graph.ByID(bad) }),
				i(func(i *graph.Interaction) { i.Customer = graph.ByIdentity(phone(bad)) }), i(func(i *graph.Interaction) { i.Query = bad }),
				i(func(i *graph.Interaction) { i.Session = bad }), i(func(i *graph.Interaction) { i.Campaign = bad }),
				i(func(i *graph.Interaction) { i.Attributes = []graph.NamedValue{text("a", bad)} }),
				categories(graph.Category{ID: bad}), categories(graph.Category{ID: "c", Name: bad}), products(graph.Product{ID: bad}),
				products(graph.Product{ID: "p", Name: bad}), products(graph.Product{ID: "p", Tags: []string{bad}}),
				segments(graph.Segment{ID: bad, Rule: attributeIs("a", "b")}), retractions(bad),
			} {
				if got := word(flat(x.write(b))[0]); got != string(graph.RejectBadText) {
					t.Errorf("row %d is %s, want bad_text", n, got)
				}
			}
			x.same("stats", graph.Stats{}, x.counts())
			found, err := x.Customers(x.ctx(), []graph.CustomerRef{graph.ByID(bad)})
			if len(found) != 0 || err != nil {
				t.Errorf("Customers by what no id can be: %d found, error %v", len(found), err)
			}
		})
	}
	t.Run("ids", func(t *testing.T) {
		x := fresh(t, f)
		for _, id := range []string{" a", "a ", "a\tb", "a\nb", "EMAIL:a@x", "phone:1"} {
			x.reject(customers(person(id, "")), graph.RejectBadID, "id")
		}
		x.reject(customers(person("", "")), graph.RejectMissing, "id")
		x.accept(customers(person("a b", ""), person("crm:1", ""), person("mail:a@x", "")))
	})
}
