package graphtest

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"lacuna/graph"
)

// testFind checks the lists of customers: three orders, and search.
func testFind(t *testing.T, f Factory) {
	t.Run("orders", func(t *testing.T) { findOrders(fresh(t, f)) })
	t.Run("search", func(t *testing.T) { findSearch(t, f) })
	t.Run("customers that come while paging", func(t *testing.T) { findWhileWriting(fresh(t, f)) })
	t.Run("random", func(t *testing.T) {
		property(t, 8, func(rt *rapid.T) { findRandom(rt, t, f) })
	})
}

func findOrders(x *fixture) {
	add := func(id, name string, created int) {
		u := graph.CustomerUpsert{ID: id, Name: name, Source: "s", ObservedAt: at(0)}
		if created >= 0 {
			u.CreatedAt = at(created)
		}
		x.accept(customers(u))
	}
	add("d", "bo", 5)
	add("Z", "Ann", 5)
	add("a", "Bo", -1)
	add("漢", "", 9)
	add("é", "ann", 0)
	add("b", "", -1)
	add("c", "Ａnn", 7) // full width
	add("😀", "漢字", -1)
	for name, c := range map[string]struct {
		order graph.CustomerOrder
		want  []string
	}{
		"by id":     {graph.ByCustomerID, []string{"Z", "a", "b", "c", "d", "é", "漢", "😀"}},
		"by name":   {graph.ByName, []string{"Z", "c", "é", "a", "d", "😀", "b", "漢"}},
		"by newest": {graph.ByNewest, []string{"漢", "c", "Z", "d", "é", "a", "b", "😀"}},
	} {
		for size := 1; size <= len(c.want); size++ {
			x.same(name, c.want, customerIDs(x.everyone("", c.order, size)))
		}
		p, err := x.FindCustomers(x.ctx(), graph.CustomerQuery{Order: c.order})
		if err != nil {
			x.t.Fatal(err)
		}
		x.same("first of none", graph.CustomerPage{More: true}, p)
	}
	// A name that changes moves its customer.
	x.accept(customers(graph.CustomerUpsert{ID: "b", Name: "Aa", Source: "s", ObservedAt: at(1)}))
	x.same("first by name", "b", x.everyone("", graph.ByName, 10)[0].ID)
}

func findSearch(t *testing.T, f Factory) {
	x := fresh(t, f)
	x.accept(customers(
		person("1", "Chen Mei-Ling", email("ml@example.com"), phone("+886912")), person("2", "MEI  Wang 王美"),
		person("3", "100% O'Neil_x", graph.Identity{Kind: graph.LoyaltyCard, Value: "Card-9"}), person("4", "Ｅlodie Ｄuval"),
		person("5", "E\u0301lodie"), person("6", "mei mei"), person("7", ""), person("8", "Straße Groß")))
	for search, want := range map[string][]string{
		"":             {"1", "2", "3", "4", "5", "6", "7", "8"},
		"mei":          {"1", "2", "6"},
		"MEI-l":        {"1"},
		"ling":         {"1"},
		"NEIL":         {"3"},
		"eil":          nil,
		"chen mei":     {"1"},
		"wang 王":       {"2"},
		"mei wang":     {"2"},
		"王":            {"2"},
		"美":            nil,
		"ml@":          {"1"},
		"ML@Example":   {"1"},
		"example":      nil,
		"+8869":        {"1"},
		"card-":        {"3"},
		"100%":         {"3"},
		"1%":           nil,
		"o'n":          {"3"},
		"o'neil_":      {"3"},
		"_":            nil,
		"%":            nil,
		"elodie":       {"4"},
		"\u00e9lo":     {"5"},
		"strasse":      {"8"},
		"ＧＲＯＳＳ":        {"8"},
		"nobody":       nil,
		"\"":           nil,
		"*":            nil,
		"\\":           nil,
		"mei mei mei":  nil,
		"\U0010FFFF":   nil,
		"chen mei-lin": {"1"},
	} {
		t.Run(search, func(t *testing.T) {
			x := x.on(t)
			for _, order := range []graph.CustomerOrder{graph.ByCustomerID, graph.ByName, graph.ByNewest} {
				got := x.everyone(search, order, 2)
				if !slices.IsSortedFunc(got, func(a, b *graph.Customer) int { return compareKeys(order, a.Key(), b.Key()) }) {
					t.Errorf("not in order %d: %v", order, customerIDs(got))
				}
				ids := customerIDs(got)
				slices.Sort(ids)
				x.same("found", want, ids)
			}
		})
	}
	t.Run("what a merged customer was known by", func(t *testing.T) {
		x := x.on(t)
		m := x.merge("7", "1")
		x.same("by identity", []string{"7"}, customerIDs(x.everyone("ml@", graph.ByName, 5)))
		x.same("by name", []string{"7"}, customerIDs(x.everyone("chen", graph.ByName, 5)))
		x.unmerge(m.MergeID)
		x.same("after the unmerge", []string{"1"}, customerIDs(x.everyone("ml@", graph.ByName, 5)))
	})
}

func findWhileWriting(x *fixture) {
	ids := numbered("c", 40)
	var b graph.Batch
	for n, id := range ids {
		u := person(id, fmt.Sprintf("N%03d", n/3))
		u.CreatedAt = at(n / 4)
		b.Customers = append(b.Customers, u)
	}
	x.accept(b)
	for _, order := range []graph.CustomerOrder{graph.ByCustomerID, graph.ByName, graph.ByNewest} {
		want := customerIDs(x.everyone("", order, 1000))
		var seen []string
		q := graph.CustomerQuery{Order: order, First: 6}
		for round := 0; ; round++ {
			p, err := x.FindCustomers(x.ctx(), q)
			if err != nil {
				x.t.Fatal(err)
			}
			seen = append(seen, customerIDs(p.Customers)...)
			if !p.More {
				break
			}
			last := p.Customers[len(p.Customers)-1]
			key := last.Key()
			q.After = &key
			tag := fmt.Sprintf("-%d-%d", order, round)
			x.accept(customers(person("0"+tag, "A"+tag), person(last.ID+tag, last.Name), person("z"+tag, "Z"+tag)))
		}
		stood := slices.DeleteFunc(slices.Clone(seen), func(id string) bool { return !slices.Contains(want, id) })
		x.same("those that stood before", want, stood)
		slices.Sort(seen)
		x.same("each once", slices.Compact(slices.Clone(seen)), seen)
	}
}

// findRandom compares random lists with the naive search over all profiles.
func findRandom(rt *rapid.T, t *testing.T, f Factory) {
	x := fresh(t, f)
	word := rapid.SampledFrom([]string{"a", "A", "ab", "Ab c", "b", "漢", "漢 a", "é", "e\u0301", "", "ß", "Ａ"})
	var rows []graph.CustomerUpsert
	for n := range rapid.IntRange(1, 25).Draw(rt, "customers") {
		u := graph.CustomerUpsert{ID: fmt.Sprintf("c%d", n), Source: "s", ObservedAt: at(0), Name: word.Draw(rt, "name")}
		if rapid.Bool().Draw(rt, "created") {
			u.CreatedAt = at(rapid.IntRange(0, 4).Draw(rt, "minute"))
		}
		if v := word.Draw(rt, "identity"); v != "" {
			u.Identities = claims(graph.Identity{Kind: graph.Custom, Value: fmt.Sprintf("%s%d", v, n)})
		}
		rows = append(rows, u)
	}
	x.accept(customers(rows...))
	all := x.everyone("", graph.ByCustomerID, graph.MaxPage)
	if len(all) != len(rows) {
		rt.Fatalf("%d customers, want %d", len(all), len(rows))
	}
	for range 8 {
		order := graph.CustomerOrder(rapid.IntRange(0, 2).Draw(rt, "order"))
		search := word.Draw(rt, "search")
		want := slices.DeleteFunc(slices.Clone(all), func(c *graph.Customer) bool { return !matchesSearch(c, search) })
		slices.SortFunc(want, func(a, b *graph.Customer) int { return compareKeys(order, a.Key(), b.Key()) })
		got := x.everyone(search, order, rapid.IntRange(1, 9).Draw(rt, "size"))
		if !slices.Equal(customerIDs(want), customerIDs(got)) {
			rt.Fatalf("search %q, order %d: got %v, want %v", search, order, customerIDs(got), customerIDs(want))
		}
	}
	if err := x.Close(); err != nil {
		rt.Fatal(err)
	}
}
