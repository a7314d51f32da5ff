package insight

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"lacuna/graph"
)

// lackingEnd is the moment of the last interaction of [lackingWorld].
var lackingEnd = time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)

// lackingWeeks is how long its history is.
const lackingWeeks = 106

// lackingCustomers is how many there are; every other one is of a family.
const lackingCustomers = 600

// lackingShelves are categories in which all is well; of ten customers who want something there, four buy.
const lackingShelves = 10

// lackingWorld is a shop with one gap: families look for what is filed under "missing", and there is nothing, until it is launched, if it is: then they buy it
// as they buy other things. launched is the week of the launch, counted from the end; 0 is never.
func lackingWorld(t testing.TB, store graph.Store, launched int) {
	t.Helper()
	random := rand.New(rand.NewPCG(7, uint64(launched)))
	b := graph.Batch{Categories: []graph.Category{{ID: "shop", Name: "Shop"}, {ID: "missing", Name: "Missing", Parent: "shop"}}}
	price := func(n int) graph.Optional[graph.Decimal] { return graph.Some(graph.Decimal((80 + 10*n%50) * graph.DecimalScale)) }
	begin := lackingEnd.AddDate(0, 0, -7*lackingWeeks)
	for k := range lackingShelves {
		id := fmt.Sprintf("shelf%d", k)
		b.Categories = append(b.Categories, graph.Category{ID: id, Name: "Shelf " + id, Parent: "shop"})
		for n := range 8 {
			b.Products = append(b.Products, graph.Product{ID: fmt.Sprintf("%s-%d", id, n), Name: "Product " + id, Categories: []string{id}, Price: price(n), Currency: "TWD", LaunchedAt: begin})
		}
	}
	launch := lackingEnd.AddDate(0, 0, -7*launched)
	if launched > 0 {
		for n := range 8 {
			b.Products = append(b.Products, graph.Product{ID: fmt.Sprintf("missing-%d", n), Name: "Found", Categories: []string{"missing"}, Price: price(n), Currency: "TWD", LaunchedAt: launch})
		}
	}
	for _, s := range []struct{ id, name, value string }{{"families", "party", "family"}, {"north", "region", "north"}, {"south", "region", "south"}} {
		b.Segments = append(b.Segments, graph.Segment{ID: s.id, Name: s.id, Rule: graph.Rule{Attribute: &graph.AttributeRule{Name: s.name, Op: graph.OpEq, Values: []graph.Value{graph.TextValue(s.value)}}}})
	}
	serial := 0
	did := func(kind graph.InteractionType, at time.Time, customer string, change func(*graph.Interaction)) {
		serial++
		i := graph.Interaction{ID: fmt.Sprintf("i%07d", serial), Type: kind, At: at, Customer: graph.ByID(customer), Channel: graph.Web, Source: "test"}
		change(&i)
		b.Interactions = append(b.Interactions, i)
	}
	for c := range lackingCustomers {
		id := fmt.Sprintf("m%03d", c)
		party, region := "single", []string{"north", "south", "east"}[c%3]
		if c%2 == 0 {
			party = "family"
		}
		b.Customers = append(b.Customers, graph.CustomerUpsert{ID: id, Source: "test", ObservedAt: begin, CreatedAt: begin, Attributes: []graph.NamedValue{
			{Name: "party", Value: graph.TextValue(party)}, {Name: "region", Value: graph.TextValue(region)},
		}})
		visit := func(category string, buys bool) {
			at := begin.Add(time.Duration(random.Int64N(int64(lackingWeeks) * 7 * 24 * int64(time.Hour)))).Truncate(time.Second)
			there := category != "missing" || launched > 0 && !at.Before(launch)
			results := int64(8)
			if !there {
				results = 0
			}
			did(graph.Search, at, id, func(i *graph.Interaction) {
				i.Category, i.Query, i.Results = category, "words for "+category, graph.Some(results)
				i.Attributes = []graph.NamedValue{{Name: "nights", Value: graph.NumberValue(3)}}
			})
			if !there {
				return
			}
			product := fmt.Sprintf("%s-%d", category, random.IntN(8))
			did(graph.View, at.Add(time.Minute), id, func(i *graph.Interaction) { i.Product, i.Available = product, graph.Some(true) })
			if buys {
				did(graph.Purchase, at.Add(2*time.Minute), id, func(i *graph.Interaction) {
					i.Product, i.Amount, i.Currency, i.Quantity = product, graph.Some(graph.Decimal(100*graph.DecimalScale)), "TWD", graph.Some(graph.Decimal(graph.DecimalScale))
				})
			}
		}
		for k := range lackingShelves {
			for range random.IntN(7) {
				visit(fmt.Sprintf("shelf%d", k), random.Float64() < .4)
			}
		}
		wishes := 1
		if party == "family" {
			wishes = 6
		}
		for range random.IntN(2 * wishes) {
			visit("missing", random.Float64() < .4)
		}
	}
	did(graph.View, lackingEnd, "m000", func(i *graph.Interaction) { i.Product = "shelf0-0" })
	o, err := store.Write(t.Context(), &b)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Refused(); err != nil {
		t.Fatal(err)
	}
}

// lackingGaps are the gaps of [lackingWorld].
func lackingGaps(t testing.TB, launched int) *Gaps {
	t.Helper()
	store := newStore(t)
	lackingWorld(t, store, launched)
	gaps, err := follow(t, store).current.Load().Gaps(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return gaps
}
