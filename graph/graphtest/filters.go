package graphtest

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lacuna/graph"
)

// testFilters compares filtered pages with a naive filter, first case by case, then at random.
func testFilters(t *testing.T, f Factory) {
	t.Run("each", func(t *testing.T) { filtersTable(t, f) })
	t.Run("a moved category takes its interactions along", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(catalog())
		i := view("i", "1", 0)
		i.Product = "q"
		x.accept(interactions(i))
		under := func(category string) int {
			return len(x.history("1", graph.InteractionFilter{Category: category}, 10))
		}
		x.same("before", []int{1, 1, 1, 0}, []int{under("c"), under("c/d"), under("x"), under("none")})
		x.accept(categories(graph.Category{ID: "c/d", Parent: "x"}))
		x.same("after", []int{0, 1, 1}, []int{under("c"), under("c/d"), under("x")})
		x.accept(products(graph.Product{ID: "q", Categories: []string{"c"}}))
		x.same("after the product was filed elsewhere", []int{1, 0, 0}, []int{under("c"), under("c/d"), under("x")})
	})
	t.Run("random", func(t *testing.T) {
		property(t, 12, func(rt *rapid.T) { filtersRandom(rt, t, f) })
	})
}

func filtersTable(t *testing.T, f Factory) {
	x := fresh(t, f)
	x.accept(catalog())
	row := func(id string, minute int, change func(*graph.Interaction)) graph.Interaction {
		i := view(id, "1", minute)
		change(&i)
		return i
	}
	x.accept(interactions(
		row("plain", 1, func(*graph.Interaction) {}),
		row("product", 2, func(i *graph.Interaction) { i.Product, i.Channel = "p", graph.Web }),
		row("deep", 3, func(i *graph.Interaction) { i.Product, i.Type = "q", graph.Click }),
		row("stated", 4, func(i *graph.Interaction) { i.Product, i.Category = "p", "x" }),
		row("search", 5, func(i *graph.Interaction) {
			i.Type, i.Query, i.Category = graph.Search, "Ｈｏｔｅｌ 100% 漢字_spa", "c/d"
		}),
	))
	for name, c := range map[string]struct {
		in   graph.InteractionFilter
		want []string
	}{
		"nothing":             {graph.InteractionFilter{}, []string{"search", "stated", "deep", "product", "plain"}},
		"type":                {graph.InteractionFilter{Types: []graph.InteractionType{graph.Click}}, []string{"deep"}},
		"types":               {graph.InteractionFilter{Types: []graph.InteractionType{graph.Click, graph.Search}}, []string{"search", "deep"}},
		"channel":             {graph.InteractionFilter{Channels: []graph.Channel{graph.Web}}, []string{"product"}},
		"unknown channel":     {graph.InteractionFilter{Channels: []graph.Channel{0}}, []string{"search", "stated", "deep", "plain"}},
		"root category":       {graph.InteractionFilter{Category: "c"}, []string{"search", "deep", "product"}},
		"middle category":     {graph.InteractionFilter{Category: "c/d"}, []string{"search", "deep"}},
		"stated category":     {graph.InteractionFilter{Category: "x"}, []string{"stated", "deep"}},
		"unknown category":    {graph.InteractionFilter{Category: "none"}, nil},
		"product":             {graph.InteractionFilter{Product: "p"}, []string{"stated", "product"}},
		"unknown product":     {graph.InteractionFilter{Product: "none"}, nil},
		"from":                {graph.InteractionFilter{From: at(4)}, []string{"search", "stated"}},
		"to":                  {graph.InteractionFilter{To: at(2)}, []string{"plain"}},
		"from and to":         {graph.InteractionFilter{From: at(2), To: at(4)}, []string{"deep", "product"}},
		"nothing between":     {graph.InteractionFilter{From: at(4), To: at(4)}, nil},
		"query":               {graph.InteractionFilter{Query: "OTEL 10"}, []string{"search"}},
		"query, percent":      {graph.InteractionFilter{Query: "1%"}, nil},
		"query, underscore":   {graph.InteractionFilter{Query: "字_s"}, []string{"search"}},
		"query, no wildcard":  {graph.InteractionFilter{Query: "h_tel"}, nil},
		"query, 漢":            {graph.InteractionFilter{Query: "漢"}, []string{"search"}},
		"all together":        {graph.InteractionFilter{Category: "c", Types: []graph.InteractionType{graph.View}, From: at(2)}, []string{"product"}},
		"none matches all of": {graph.InteractionFilter{Category: "c", Product: "p", Types: []graph.InteractionType{graph.Click}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			x := x.on(t)
			for size := 1; size <= 3; size++ {
				x.same("interactions", c.want, interactionIDs(x.history("1", c.in, size)))
			}
		})
	}
}

// filtersRandom writes random interactions and reads them through random filters.
func filtersRandom(rt *rapid.T, t *testing.T, f Factory) {
	x := fresh(t, f)
	x.accept(catalog())
	stored := map[string]graph.Product{}
	for _, p := range x.productPages(graph.ProductQuery{}, 10) {
		stored[p.ID] = *p
	}
	tree := x.tree()
	var list []graph.Interaction
	for n := range rapid.IntRange(1, 40).Draw(rt, "interactions") {
		i := view(fmt.Sprintf("i%d", n), "1", rapid.IntRange(0, 8).Draw(rt, "minute"))
		i.Type = rapid.SampledFrom([]graph.InteractionType{graph.View, graph.Search, graph.Purchase}).Draw(rt, "type")
		i.Channel = rapid.SampledFrom([]graph.Channel{0, graph.Web, graph.App}).Draw(rt, "channel")
		i.Product = rapid.SampledFrom([]string{"", "p", "q", "r"}).Draw(rt, "product")
		i.Category = rapid.SampledFrom([]string{"", "", "c", "c/d", "c/d/e", "x"}).Draw(rt, "category")
		i.Query = rapid.SampledFrom([]string{"", "Hotel", "HOTEL spa", "溫泉 Ｓｐａ", "100%"}).Draw(rt, "query")
		i.Owner = "1"
		list = append(list, i)
	}
	x.accept(interactions(list...))
	for range 10 {
		filter := drawFilter(rt)
		want := []graph.Interaction{}
		for _, i := range list {
			if matchesFilter(&i, filter, tree, stored) {
				want = append(want, i)
			}
		}
		sortInteractions(want)
		size := rapid.IntRange(1, 12).Draw(rt, "size")
		got := x.history("1", filter, size)
		if fmt.Sprint(interactionIDs(want)) != fmt.Sprint(interactionIDs(got)) {
			rt.Fatalf("filter %+v: got %v, want %v", filter, interactionIDs(got), interactionIDs(want))
		}
	}
	if err := x.Close(); err != nil {
		rt.Fatal(err)
	}
}

func drawFilter(rt *rapid.T) graph.InteractionFilter {
	maybe := func(minute int) time.Time {
		if minute < 0 {
			return time.Time{}
		}
		return at(minute)
	}
	return graph.InteractionFilter{
		Types: rapid.SliceOfNDistinct(rapid.SampledFrom([]graph.InteractionType{graph.View, graph.Search, graph.Purchase, graph.Share}),
			0, 2, rapid.ID).Draw(rt, "types"),
		Channels: rapid.SliceOfNDistinct(rapid.SampledFrom([]graph.Channel{0, graph.Web, graph.SMS}), 0, 2, rapid.ID).Draw(rt, "channels"),
		Category: rapid.SampledFrom([]string{"", "", "c", "c/d", "c/d/e", "x", "none"}).Draw(rt, "category"),
		Product:  rapid.SampledFrom([]string{"", "", "", "p", "q", "r"}).Draw(rt, "product"),
		From:     maybe(rapid.IntRange(-8, 8).Draw(rt, "from")),
		To:       maybe(rapid.IntRange(-8, 9).Draw(rt, "to")),
		Query:    rapid.SampledFrom([]string{"", "", "", "hot", "SPA", "%", "泉"}).Draw(rt, "query"),
	}
}
