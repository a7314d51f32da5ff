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
	begin := lackingEnd.AddDate(0, 0, -7*lackingWeeks)
	w := &lacking{Rand: rand.New(rand.NewPCG(7, uint64(launched))), begin: begin, launched: launched, launch: lackingEnd.AddDate(0, 0, -7*launched)}
	w.stock()
	for c := range lackingCustomers {
		id := fmt.Sprintf("m%03d", c)
		party, region, wishes := "single", []string{"north", "south", "east"}[c%3], 1
		if c%2 == 0 {
			party, wishes = "family", 6
		}
		w.Customers = append(w.Customers, graph.CustomerUpsert{ID: id, Source: "test", ObservedAt: begin, CreatedAt: begin, Attributes: []graph.NamedValue{
			{Name: "party", Value: graph.TextValue(party)}, {Name: "region", Value: graph.TextValue(region)},
		}})
		for k := range lackingShelves {
			for range w.IntN(7) {
				w.visit(id, fmt.Sprintf("shelf%d", k), w.Float64() < .4)
			}
		}
		for range w.IntN(2 * wishes) {
			w.visit(id, "missing", w.Float64() < .4)
		}
	}
	w.did(graph.View, lackingEnd, "m000", func(i *graph.Interaction) { i.Product = "shelf0-0" })
	o, err := store.Write(t.Context(), &w.Batch)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Refused(); err != nil {
		t.Fatal(err)
	}
}

// lacking is the shop under way.
type lacking struct {
	graph.Batch
	*rand.Rand
	begin, launch time.Time
	launched      int
}

// stock fills the shelves, and names the segments.
func (w *lacking) stock() {
	w.Categories = []graph.Category{{ID: "shop", Name: "Shop"}, {ID: "missing", Name: "Missing", Parent: "shop"}}
	fill := func(category, name string, since time.Time) {
		for n := range 8 {
			w.Products = append(w.Products, graph.Product{
				ID: fmt.Sprintf("%s-%d", category, n), Name: name, Categories: []string{category}, Price: graph.Some(graph.Decimal((80 + 10*n%50) * graph.DecimalScale)), Currency: "TWD", LaunchedAt: since,
			})
		}
	}
	for k := range lackingShelves {
		id := fmt.Sprintf("shelf%d", k)
		w.Categories = append(w.Categories, graph.Category{ID: id, Name: "Shelf " + id, Parent: "shop"})
		fill(id, "Product "+id, w.begin)
	}
	if w.launched > 0 {
		fill("missing", "Found", w.launch)
	}
	for _, s := range []struct{ id, name, value string }{{"families", "party", "family"}, {"north", "region", "north"}, {"south", "region", "south"}} {
		w.Segments = append(w.Segments, graph.Segment{ID: s.id, Name: s.id, Rule: graph.Rule{Attribute: &graph.AttributeRule{Name: s.name, Op: graph.OpEq, Values: []graph.Value{graph.TextValue(s.value)}}}})
	}
}

func (w *lacking) did(kind graph.InteractionType, at time.Time, customer string, change func(*graph.Interaction)) {
	i := graph.Interaction{ID: fmt.Sprintf("i%07d", len(w.Interactions)), Type: kind, At: at, Customer: graph.ByID(customer), Channel: graph.Web, Source: "test"}
	change(&i)
	w.Interactions = append(w.Interactions, i)
}

// visit is that a customer looks for something, and buys it if it is there.
func (w *lacking) visit(customer, category string, buys bool) {
	at := w.begin.Add(time.Duration(w.Int64N(int64(lackingWeeks) * 7 * 24 * int64(time.Hour)))).Truncate(time.Second)
	there, results := category != "missing" || w.launched > 0 && !at.Before(w.launch), int64(8)
	if !there {
		results = 0
	}
	w.did(graph.Search, at, customer, func(i *graph.Interaction) {
		i.Category, i.Query, i.Results = category, "words for "+category, graph.Some(results)
		i.Attributes = []graph.NamedValue{{Name: "depart", Value: graph.TextValue(at.AddDate(0, 0, 20).Format(time.DateOnly))}, {Name: "nights", Value: graph.NumberValue(3)}}
	})
	if !there {
		return
	}
	product := fmt.Sprintf("%s-%d", category, w.IntN(8))
	w.did(graph.View, at.Add(time.Minute), customer, func(i *graph.Interaction) { i.Product, i.Available = product, graph.Some(true) })
	if buys {
		w.did(graph.Purchase, at.Add(2*time.Minute), customer, func(i *graph.Interaction) {
			i.Product, i.Amount, i.Currency, i.Quantity = product, graph.Some(graph.Decimal(100*graph.DecimalScale)), "TWD", graph.Some(graph.Decimal(graph.DecimalScale))
		})
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
