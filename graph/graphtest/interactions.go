package graphtest

import (
	"testing"

	"lacuna/graph"
)

// testInteractions checks that interactions are kept as they came, once.
func testInteractions(t *testing.T, f Factory) {
	t.Run("every field reads as it was written", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(catalog())
		x.accept(interactions(rich("full", "1", 1), view("bare", "1", 0)))
		full, bare := rich("full", "1", 1), view("bare", "1", 0)
		full.Owner, bare.Owner = "1", "1"
		x.same("interactions", []graph.Interaction{full, bare}, x.history("1", graph.InteractionFilter{}, 10))
	})
	t.Run("zero is not unknown", func(t *testing.T) {
		x := fresh(t, f)
		i := view("i", "1", 0)
		i.Results, i.Quantity, i.Amount = graph.Some[int64](0), graph.Some(graph.Decimal(0)), graph.Some(graph.Decimal(0))
		i.Currency, i.Available = "EUR", graph.Some(false)
		x.accept(interactions(i))
		got := x.history("1", graph.InteractionFilter{}, 1)[0]
		got.Owner = ""
		x.same("interaction", i, got)
	})
	t.Run("the same id with other content is a conflict", func(t *testing.T) { interactionsConflicts(t, f) })
	t.Run("where a row came from is not content", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(interactions(view("i", "1", 0)))
		other := view("i", "1", 0)
		other.Source, other.Owner, other.Ahead = "elsewhere", "2", true
		x.repeat(interactions(other))
		got := x.history("1", graph.InteractionFilter{}, 1)[0]
		x.same("source, owner", []any{"web", "1", false}, []any{got.Source, got.Owner, got.Ahead})
	})
	t.Run("repeats in one batch", func(t *testing.T) {
		x := fresh(t, f)
		got := x.codes(interactions(view("i", "1", 0), view("i", "1", 0), view("i", "1", 1), view("i", "1", 0)))
		x.same("outcomes", []string{"accepted", "duplicate", "conflict", "duplicate"}, got)
		x.same("number", int64(1), x.stats().Interactions)
	})
	t.Run("content is compared by the reference, not by the owner", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(customers(person("1", "A", email("a@x"))))
		x.accept(interactions(view("i", "1", 0)))
		x.reject(interactions(viewBy("i", email("a@x"), 0)), graph.RejectConflict, "")
	})
	t.Run("an unknown customer is created", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(interactions(view("i", "new", 0)))
		c := x.customer(graph.ByID("new"))
		x.same("profile", &graph.Customer{ID: "new", FirstSeenAt: at(0), LastSeenAt: at(0)}, c)
	})
	t.Run("names of products and categories must be known", func(t *testing.T) { interactionsCreateMissing(fresh(t, f)) })
	t.Run("bad rows", func(t *testing.T) { interactionsBad(t, f) })
	t.Run("touchpoints", func(t *testing.T) { interactionsTouchpoints(fresh(t, f)) })
}

func interactionsConflicts(t *testing.T, f Factory) {
	x := fresh(t, f)
	x.accept(catalog())
	x.accept(interactions(rich("i", "1", 1)))
	for name, change := range map[string]func(*graph.Interaction){
		"type":       func(i *graph.Interaction) { i.Type = graph.Return },
		"at":         func(i *graph.Interaction) { i.At = i.At.Add(1000) },
		"customer":   func(i *graph.Interaction) { i.Customer = graph.ByID("2") },
		"channel":    func(i *graph.Interaction) { i.Channel = graph.Web },
		"no channel": func(i *graph.Interaction) { i.Channel = 0 },
		"product":    func(i *graph.Interaction) { i.Product = "q" },
		"no product": func(i *graph.Interaction) { i.Product = "" },
		"category":   func(i *graph.Interaction) { i.Category = "x" },
		"query":      func(i *graph.Interaction) { i.Query += "!" },
		"results":    func(i *graph.Interaction) { i.Results = graph.Some[int64](1) },
		"no results": func(i *graph.Interaction) { i.Results = graph.Optional[int64]{} },
		"quantity":   func(i *graph.Interaction) { i.Quantity.Value++ },
		"amount":     func(i *graph.Interaction) { i.Amount.Value++ },
		"currency":   func(i *graph.Interaction) { i.Currency = "EUR" },
		"campaign":   func(i *graph.Interaction) { i.Campaign = "autumn" },
		"rating":     func(i *graph.Interaction) { i.Rating = graph.Optional[graph.Decimal]{} },
		"session":    func(i *graph.Interaction) { i.Session = "s-2" },
		"available":  func(i *graph.Interaction) { i.Available.Value = true },
		"attribute":  func(i *graph.Interaction) { i.Attributes[3] = text("note", "other") },
		"attributes": func(i *graph.Interaction) { i.Attributes = i.Attributes[:3] },
	} {
		t.Run(name, func(t *testing.T) {
			i := rich("i", "1", 1)
			change(&i)
			x.on(t).reject(interactions(i), graph.RejectConflict, "")
		})
	}
}

func interactionsCreateMissing(x *fixture) {
	i := rich("i", "1", 0)
	x.reject(interactions(i), graph.RejectUnknownProduct, "product")
	i.Product = ""
	x.reject(interactions(i), graph.RejectUnknownCategory, "category")
	head := x.head()
	b := interactions(rich("i", "1", 0))
	b.CreateMissing = true
	x.accept(b)
	x.same("product", &graph.Product{ID: "p"}, x.product("p"))
	x.same("categories", []graph.Category{{ID: "c", Name: "c"}}, treeList(x.tree()))
	told, _ := x.changes(head, 100)
	for _, want := range []graph.Change{{Kind: graph.ProductChanged, ID: "p"}, {Kind: graph.CategoryChanged, ID: "c"}} {
		if n := countChanges(told, want); n != 1 {
			x.t.Errorf("the feed tells %d times: %s %s", n, want.Kind, want.ID)
		}
	}
	again := interactions(rich("i", "1", 0))
	again.CreateMissing = true
	x.repeat(again)
}

func interactionsBad(t *testing.T, f Factory) {
	x := fresh(t, f)
	x.accept(catalog())
	for name, c := range map[string]struct {
		change func(*graph.Interaction)
		code   graph.RejectCode
		field  string
	}{
		"no id":               {func(i *graph.Interaction) { i.ID = "" }, graph.RejectMissing, "id"},
		"no type":             {func(i *graph.Interaction) { i.Type = 0 }, graph.RejectUnknownType, "type"},
		"unknown channel":     {func(i *graph.Interaction) { i.Channel = 99 }, graph.RejectUnknownChannel, "channel"},
		"no source":           {func(i *graph.Interaction) { i.Source = "" }, graph.RejectMissing, "source"},
		"nobody":              {func(i *graph.Interaction) { i.Customer = graph.CustomerRef{} }, graph.RejectMissing, "customer"},
		"unknown kind":        {func(i *graph.Interaction) { i.Customer = graph.CustomerRef{Kind: 99, Value: "v"} }, graph.RejectUnknownKind, "customer"},
		"id like an identity": {func(i *graph.Interaction) { i.Customer = graph.ByID("EMAIL:a@x") }, graph.RejectBadID, "customer"},
		"money, no currency":  {func(i *graph.Interaction) { i.Currency = "" }, graph.RejectNoCurrency, "amount"},
		"no such currency":    {func(i *graph.Interaction) { i.Currency = "XQZ" }, graph.RejectUnknownCurrency, "currency"},
		"negative money":      {func(i *graph.Interaction) { i.Amount.Value = -1 }, graph.RejectOutOfRange, "amount"},
		"negative quantity":   {func(i *graph.Interaction) { i.Quantity.Value = -1 }, graph.RejectOutOfRange, "quantity"},
		"rating of six":       {func(i *graph.Interaction) { i.Rating.Value = 6 * graph.DecimalScale }, graph.RejectOutOfRange, "rating"},
		"negative results":    {func(i *graph.Interaction) { i.Results.Value = -1 }, graph.RejectOutOfRange, "results"},
		"attribute twice": {func(i *graph.Interaction) { i.Attributes = append(i.Attributes, text("note", "b")) },
			graph.RejectConflict, "attr.note"},
		"attribute of nothing": {func(i *graph.Interaction) { i.Attributes = []graph.NamedValue{{Name: "n"}} }, graph.RejectBadNumber, "attr.n"},
		"attribute misfit": {func(i *graph.Interaction) { i.Attributes = []graph.NamedValue{number("note", 1)} },
			graph.RejectAttributeType, "attr.note"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "attribute misfit" {
				x.on(t).accept(interactions(rich("settles", "1", 0)))
			}
			i := rich("i", "1", 1)
			c.change(&i)
			x.on(t).reject(interactions(i), c.code, c.field)
		})
	}
}

func interactionsTouchpoints(x *fixture) {
	var list []graph.Interaction
	add := func(id string, typ graph.InteractionType, channel graph.Channel, minute int) {
		i := view(id, "1", minute)
		i.Type, i.Channel = typ, channel
		list = append(list, i)
	}
	add("a", graph.View, graph.App, 5)
	add("b", graph.Search, graph.App, 2)
	add("c", graph.Purchase, graph.App, 6)
	add("d", graph.Review, graph.Web, 9)
	add("e", graph.View, 0, 1)
	add("f", graph.Checkout, graph.App, 7)
	x.accept(interactions(append(list, view("other", "2", 0))...))
	found, err := x.Touchpoints(x.ctx(), []string{"1", "none"})
	if err != nil {
		x.t.Fatal(err)
	}
	x.same("touchpoints", []graph.Touchpoint{
		{Channel: 0, Phase: graph.BeforePurchase, Interactions: 1, FirstAt: at(1), LastAt: at(1)},
		{Channel: graph.Web, Phase: graph.AfterPurchase, Interactions: 1, FirstAt: at(9), LastAt: at(9)},
		{Channel: graph.App, Phase: graph.BeforePurchase, Interactions: 2, FirstAt: at(2), LastAt: at(5)},
		{Channel: graph.App, Phase: graph.DuringPurchase, Interactions: 2, FirstAt: at(6), LastAt: at(7)},
	}, found["1"])
	if len(found["none"]) != 0 || len(found["2"]) != 0 {
		x.t.Errorf("touchpoints of customers who have none or were not asked for: %v", found)
	}
}
