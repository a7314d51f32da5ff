package graphtest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lacuna/graph"
)

// testLineage checks which of several sources is shown, and what stays beside it.
func testLineage(t *testing.T, f Factory) {
	t.Run("winner and alternatives", func(t *testing.T) { lineageTable(t, f) })
	t.Run("an unchanged value keeps its time", func(t *testing.T) {
		x := fresh(t, f)
		u := graph.CustomerUpsert{ID: "1", Name: "A", Source: "s", ObservedAt: at(5), Attributes: []graph.NamedValue{text("a", "v")}}
		x.accept(customers(u))
		u.ObservedAt = at(9)
		x.repeat(customers(u))
		u.ObservedAt = at(1)
		x.repeat(customers(u))
		x.same("observed at", at(5), x.customer(graph.ByID("1")).Attributes[0].ObservedAt)
	})
	t.Run("without a time the clock counts", func(t *testing.T) {
		x := fresh(t, f)
		u := graph.CustomerUpsert{ID: "1", Source: "s", Attributes: []graph.NamedValue{text("a", "v")}}
		x.accept(customers(u))
		x.clock.advance(time.Hour)
		x.repeat(customers(u))
		x.same("observed at", start, x.customer(graph.ByID("1")).Attributes[0].ObservedAt)
		u.Attributes = []graph.NamedValue{text("a", "w")}
		x.accept(customers(u))
		x.same("observed at", start.Add(time.Hour), x.customer(graph.ByID("1")).Attributes[0].ObservedAt)
	})
	t.Run("names follow the same rule", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(customers(
			graph.CustomerUpsert{ID: "1", Name: "Sure", Household: "h", Source: "a", ObservedAt: at(1), Verified: true},
			graph.CustomerUpsert{ID: "1", Name: "Later", Household: "g", Source: "b", ObservedAt: at(9)}))
		c := x.customer(graph.ByID("1"))
		x.same("shown", []string{"Sure", "h"}, []string{c.Name, c.Household})
		x.same("found by the name that is shown", []string{"1"}, customerIDs(x.everyone("sure", graph.ByCustomerID, 10)))
		x.same("found by the name that is not", []string{}, customerIDs(x.everyone("later", graph.ByCustomerID, 10)))
	})
	t.Run("any order of writing ends alike", func(t *testing.T) {
		property(t, 15, func(rt *rapid.T) { lineagePermuted(rt, t, f) })
	})
}

// says is one source's statement on the attribute "a".
type says struct {
	source, value string
	minute        int
	verified      bool
}

func (s says) upsert() graph.CustomerUpsert {
	return graph.CustomerUpsert{ID: "1", Source: s.source, ObservedAt: at(s.minute), Verified: s.verified,
		Attributes: []graph.NamedValue{text("a", s.value)}}
}

func lineageTable(t *testing.T, f Factory) {
	for name, c := range map[string]struct {
		in   []says
		want []string // the winner first
	}{
		"one source":                     {[]says{{"s", "v", 1, false}}, []string{"v/s/1"}},
		"later wins":                     {[]says{{"b", "old", 1, false}, {"a", "new", 2, false}}, []string{"new/a/2", "old/b/1"}},
		"verified wins over later":       {[]says{{"a", "sure", 1, true}, {"b", "new", 2, false}}, []string{"sure/a/1!", "new/b/2"}},
		"source name breaks ties":        {[]says{{"b", "x", 1, false}, {"a", "y", 1, false}}, []string{"y/a/1", "x/b/1"}},
		"of one source the later":        {[]says{{"s", "old", 1, false}, {"s", "new", 2, false}}, []string{"new/s/2"}},
		"of one source not the earlier":  {[]says{{"s", "new", 2, false}, {"s", "old", 1, false}}, []string{"new/s/2"}},
		"of one moment the greater":      {[]says{{"s", "b", 1, false}, {"s", "c", 1, false}, {"s", "a", 1, false}}, []string{"c/s/1"}},
		"of one moment the verified":     {[]says{{"s", "a", 1, true}, {"s", "b", 1, false}}, []string{"a/s/1!"}},
		"a source takes its word back":   {[]says{{"s", "a", 1, true}, {"s", "b", 2, false}}, []string{"b/s/2"}},
		"vouched for later":              {[]says{{"s", "a", 1, false}, {"s", "a", 2, true}}, []string{"a/s/1!"}},
		"not vouched for later stays so": {[]says{{"s", "a", 1, true}, {"s", "a", 2, false}}, []string{"a/s/1!"}},
		"the same value by two sources":  {[]says{{"a", "v", 1, false}, {"b", "v", 2, false}}, []string{"v/b/2", "v/a/1"}},
		"three sources, the winner overtaken": {[]says{{"a", "1", 1, false}, {"b", "2", 2, false}, {"c", "3", 3, false}, {"a", "4", 4, false}},
			[]string{"4/a/4", "3/c/3", "2/b/2"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := fresh(t, f)
			var rows []graph.CustomerUpsert
			for _, s := range c.in {
				rows = append(rows, s.upsert())
			}
			x.write(customers(rows...))
			x.same("observations", c.want, observations(x.customer(graph.ByID("1")).Attributes))
		})
	}
}

// observations writes those of the first attribute as value/source/minute, with "!" where they are verified.
func observations(attributes []graph.Attribute) []string {
	var list []string
	for _, a := range attributes[:min(1, len(attributes))] {
		for _, o := range append([]graph.Observation{a.Observation}, a.Alternatives...) {
			s := fmt.Sprintf("%s/%s/%d", o.Value, o.Source, int(o.ObservedAt.Sub(at(0)).Minutes()))
			if o.Verified {
				s += "!"
			}
			list = append(list, s)
		}
	}
	return list
}

// lineagePermuted writes the same statements in two orders. A source says a value only once: repeated at another time
// it keeps the time at which it was first written, so that orders are told apart there, as they should be.
func lineagePermuted(rt *rapid.T, t *testing.T, f Factory) {
	statement := rapid.Custom(func(t *rapid.T) says {
		return says{
			source: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "source"), value: rapid.StringMatching("[a-z]{1,2}").Draw(t, "value"),
			minute: rapid.IntRange(0, 3).Draw(t, "minute"), verified: rapid.Bool().Draw(t, "verified"),
		}
	})
	list := rapid.SliceOfNDistinct(statement, 1, 8, func(s says) string { return s.source + s.value }).Draw(rt, "statements")
	order := rapid.Permutation(list).Draw(rt, "order")
	var want *graph.Customer
	for _, sequence := range [][]says{list, order} {
		x := fresh(t, f)
		for _, s := range sequence {
			x.write(customers(s.upsert()))
		}
		got := x.customer(graph.ByID("1"))
		if err := x.Close(); err != nil {
			rt.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(observations(want.Attributes), observations(got.Attributes)) {
			rt.Fatalf("in order %v: %v; in order %v: %v", list, observations(want.Attributes), sequence, observations(got.Attributes))
		}
	}
}
