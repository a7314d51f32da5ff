package graphtest

import (
	"testing"

	"lacuna/graph"
)

// testProducts checks upserts of products and the lists of them.
func testProducts(t *testing.T, f Factory) {
	full := func() graph.Product {
		return graph.Product{
			ID: "p", Name: "Spa 溫泉", Categories: []string{"x", "c"}, Tags: []string{"new", "hot", "new"}, Price: graph.Some(graph.Decimal(125_000)),
			Currency: "TWD", LaunchedAt: at(1), RetiredAt: at(2), InStock: graph.Some(false),
			Attributes: []graph.NamedValue{number("stars", 4), {Name: "pool", Value: graph.BooleanValue(true)}},
		}
	}
	t.Run("every field reads as it was written", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(graph.Batch{Categories: catalog().Categories, Products: []graph.Product{full(), {ID: "bare"}}})
		want := full()
		want.Normalize()
		x.same("product", &want, x.product("p"))
		x.same("tags in their order, each once", []string{"new", "hot"}, x.product("p").Tags)
		x.same("bare product", &graph.Product{ID: "bare"}, x.product("bare"))
		x.repeat(products(full()))
	})
	t.Run("patches", func(t *testing.T) { productsPatches(t, f, full) })
	t.Run("unknown categories are refused, or created", func(t *testing.T) {
		x := fresh(t, f)
		x.reject(products(graph.Product{ID: "p", Categories: []string{"none"}}), graph.RejectUnknownCategory, "categories")
		b := products(graph.Product{ID: "p", Categories: []string{"made"}})
		b.CreateMissing = true
		x.accept(b)
		x.same("categories", []graph.Category{{ID: "made", Name: "made"}}, treeList(x.tree()))
	})
	t.Run("money needs a currency", func(t *testing.T) {
		x := fresh(t, f)
		x.reject(products(graph.Product{ID: "p", Price: graph.Some(graph.Decimal(1))}), graph.RejectNoCurrency, "price")
		x.reject(products(graph.Product{ID: "p", Price: graph.Some(graph.Decimal(-1)), Currency: "TWD"}), graph.RejectOutOfRange, "price")
		x.reject(products(graph.Product{ID: "p", Currency: "twd"}), graph.RejectUnknownCurrency, "currency")
	})
	t.Run("lists", func(t *testing.T) { productsLists(t, f) })
}

func productsPatches(t *testing.T, f Factory, full func() graph.Product) {
	for name, c := range map[string]struct {
		patch graph.Product
		want  func(*graph.Product)
	}{
		"name":        {graph.Product{Name: "New"}, func(p *graph.Product) { p.Name = "New" }},
		"categories":  {graph.Product{Categories: []string{"c"}}, func(p *graph.Product) { p.Categories = []string{"c"} }},
		"their order": {graph.Product{Categories: []string{"c", "x"}}, func(p *graph.Product) { p.Categories = []string{"c", "x"} }},
		"tags":        {graph.Product{Tags: []string{"old"}}, func(p *graph.Product) { p.Tags = []string{"old"} }},
		"price": {graph.Product{Price: graph.Some(graph.Decimal(0)), Currency: "EUR"},
			func(p *graph.Product) { p.Price, p.Currency = graph.Some(graph.Decimal(0)), "EUR" }},
		"launch":     {graph.Product{LaunchedAt: at(9)}, func(p *graph.Product) { p.LaunchedAt = at(9) }},
		"retirement": {graph.Product{RetiredAt: at(9)}, func(p *graph.Product) { p.RetiredAt = at(9) }},
		"stock":      {graph.Product{InStock: graph.Some(true)}, func(p *graph.Product) { p.InStock = graph.Some(true) }},
		"attribute":  {graph.Product{Attributes: []graph.NamedValue{number("stars", 5)}}, func(p *graph.Product) { p.Attributes[1] = number("stars", 5) }},
		"one attribute more": {graph.Product{Attributes: []graph.NamedValue{text("view", "sea")}},
			func(p *graph.Product) { p.Attributes = append(p.Attributes, text("view", "sea")) }},
	} {
		t.Run(name, func(t *testing.T) {
			x := fresh(t, f)
			x.accept(graph.Batch{Categories: catalog().Categories, Products: []graph.Product{full()}})
			x.repeat(products(graph.Product{ID: "p"}))
			c.patch.ID = "p"
			x.accept(products(c.patch))
			want := full()
			want.Normalize()
			c.want(&want)
			x.same("product", &want, x.product("p"))
			x.repeat(products(c.patch))
		})
	}
}

func productsLists(t *testing.T, f Factory) {
	x := fresh(t, f)
	yes, no := graph.Some(true), graph.Some(false)
	x.accept(graph.Batch{Categories: catalog().Categories, Products: []graph.Product{
		{ID: "b", Name: "Hotel Ａ", Categories: []string{"c/d/e"}, Tags: []string{"new"}, InStock: yes},
		{ID: "Z", Name: "hot 100%", Categories: []string{"c"}, InStock: no},
		{ID: "漢", Name: "HOTEL spa", Categories: []string{"x", "c/d"}, Tags: []string{"new", "hot"}},
		{ID: "a", Tags: []string{"new"}, InStock: yes},
	}})
	for name, c := range map[string]struct {
		in   graph.ProductQuery
		want []string
	}{
		"all":              {graph.ProductQuery{}, []string{"Z", "a", "b", "漢"}},
		"category":         {graph.ProductQuery{Category: "c"}, []string{"Z", "b", "漢"}},
		"category below":   {graph.ProductQuery{Category: "c/d"}, []string{"b", "漢"}},
		"leaf":             {graph.ProductQuery{Category: "c/d/e"}, []string{"b"}},
		"unknown category": {graph.ProductQuery{Category: "none"}, nil},
		"tag":              {graph.ProductQuery{Tag: "new"}, []string{"a", "b", "漢"}},
		"part of a tag":    {graph.ProductQuery{Tag: "ne"}, nil},
		"search":           {graph.ProductQuery{Search: "HOTEL"}, []string{"b", "漢"}},
		"search folded":    {graph.ProductQuery{Search: "hotel a"}, []string{"b"}},
		"not a later word": {graph.ProductQuery{Search: "spa"}, nil},
		"no wildcard":      {graph.ProductQuery{Search: "h%"}, nil},
		"percent":          {graph.ProductQuery{Search: "hot 100%"}, []string{"Z"}},
		"in stock":         {graph.ProductQuery{InStock: yes}, []string{"a", "b"}},
		"out of stock":     {graph.ProductQuery{InStock: no}, []string{"Z"}},
		"all together":     {graph.ProductQuery{Category: "c", Tag: "new", Search: "h", InStock: yes}, []string{"b"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := x.on(t)
			for size := 1; size <= 5; size++ {
				var got []string
				for _, p := range x.productPages(c.in, size) {
					got = append(got, p.ID)
				}
				x.same("products", c.want, got)
			}
			p, err := x.FindProducts(x.ctx(), c.in)
			if err != nil {
				t.Fatal(err)
			}
			x.same("first of none", graph.ProductPage{More: len(c.want) > 0}, p)
		})
	}
	found, err := x.Products(x.ctx(), []string{"a", "none", "Z", "a"})
	if err != nil {
		t.Fatal(err)
	}
	x.same("found", []string{"Z", "a"}, sortedKeys(found))
}
