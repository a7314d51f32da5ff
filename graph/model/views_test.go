package model

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

func TestWhatIsUnknownIsNull(t *testing.T) {
	tree := graph.NewCategoryTree(nil)
	c, p, i := Customer{&graph.Customer{}}, NewProduct(&graph.Product{}, tree), Interaction{Interaction: &graph.Interaction{}, catalog: &Catalog{Tree: tree}}
	if c.Name() != nil || c.CreatedAt() != nil || c.LastSeenAt() != nil || len(c.Attributes()) != 0 {
		t.Error("an empty customer says something")
	}
	if p.Name() != nil || p.Price() != nil || p.Currency() != nil || p.LaunchedAt() != nil || p.RetiredAt() != nil || p.InStock() != nil {
		t.Error("an empty product says something")
	}
	if i.Channel() != nil || i.Query() != nil || i.Results() != nil || i.Quantity() != nil || i.Amount() != nil || i.Currency() != nil ||
		i.Campaign() != nil || i.Rating() != nil || i.Session() != nil || i.Available() != nil || i.Product() != nil || i.Category() != nil {
		t.Error("an empty interaction says something")
	}
	if (Touchpoint{}).Channel() != nil {
		t.Error("an unknown channel is not null")
	}
}

func TestZeroIsKnown(t *testing.T) {
	i := Interaction{Interaction: &graph.Interaction{Results: graph.Some(int64(0)), Quantity: graph.Some(graph.Decimal(0)),
		Amount: graph.Some(graph.Decimal(0)), Rating: graph.Some(graph.Decimal(45_000)), Available: graph.Some(false)}}
	if r := i.Results(); r == nil || *r != 0 {
		t.Error("nothing found is not unknown")
	}
	if q := i.Quantity(); q == nil || *q != 0 {
		t.Error("a quantity of zero is not unknown")
	}
	if a := i.Amount(); a == nil || *a != 0 {
		t.Error("an amount of zero is not unknown")
	}
	if r := i.Rating(); r == nil || *r != 4.5 {
		t.Error("the rating differs")
	}
	if a := i.Available(); a == nil || *a {
		t.Error("unavailable is not unknown")
	}
}

func TestCount(t *testing.T) {
	for in, want := range map[int64]int32{0: 0, 5: 5, math.MaxInt32: math.MaxInt32, math.MaxInt32 + 1: math.MaxInt32, math.MaxInt64: math.MaxInt32} {
		if got := Count(in); got != want {
			t.Errorf("Count(%d) = %d, want %d", in, got, want)
		}
	}
}

func TestAttributes(t *testing.T) {
	at := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	said := func(text, source string) graph.Observation {
		return graph.Observation{Value: graph.TextValue(text), Source: source, ObservedAt: at}
	}
	c := Customer{&graph.Customer{Attributes: []graph.Attribute{{Name: "city", Observation: said("Taipei", "crm"),
		Alternatives: []graph.Observation{said("Tainan", "app"), said("Hualien", "web")}}}}}
	attributes := c.Attributes()
	if len(attributes) != 1 || !attributes[0].IsWinner || attributes[0].Name != "city" || attributes[0].Source != "crm" {
		t.Fatalf("attributes are %v", attributes)
	}
	var others []string
	for _, a := range attributes[0].Alternatives() {
		if a.IsWinner || a.Name != "city" || len(a.Alternatives()) != 0 {
			t.Errorf("alternative %v", a)
		}
		others = append(others, a.Source)
	}
	if diff := cmp.Diff([]string{"app", "web"}, others); diff != "" {
		t.Error(diff)
	}
}

func TestCategories(t *testing.T) {
	tree := graph.NewCategoryTree([]graph.Category{{ID: "a", Name: "A", Names: map[string]string{"zh": "甲"}}, {ID: "b", Name: "B", Parent: "a"}})
	if CategoryIn(tree, "none") != nil {
		t.Error("an unknown category is not null")
	}
	a, b := CategoryIn(tree, "a"), CategoryIn(tree, "b")
	if a.Parent() != nil || b.Parent().ID != "a" || len(a.Children()) != 1 || a.Children()[0].ID != "b" || len(b.Children()) != 0 {
		t.Error("the tree differs")
	}
	lang, other := "zh-TW", "ja"
	if a.Name(nil) != "A" || a.Name(&lang) != "甲" || a.Name(&other) != "A" {
		t.Error("the name differs")
	}
	if roots := ChildrenIn(tree, ""); len(roots) != 1 || roots[0].ID != "a" {
		t.Errorf("roots are %v", roots)
	}
}

// TestCategoryOfAnInteraction holds that it is the stated one, else the product's first.
func TestCategoryOfAnInteraction(t *testing.T) {
	catalog := &Catalog{Tree: graph.NewCategoryTree([]graph.Category{{ID: "a"}, {ID: "b"}}),
		Products: map[string]*graph.Product{"p": {ID: "p", Categories: []string{"b", "a"}}, "bare": {ID: "bare"}}}
	for in, want := range map[[2]string]string{{"p", "a"}: "a", {"p", ""}: "b", {"", "a"}: "a", {"", ""}: "", {"bare", ""}: "", {"gone", ""}: "", {"p", "gone"}: ""} {
		i := Interaction{Interaction: &graph.Interaction{Product: in[0], Category: in[1]}, catalog: catalog}
		got := ""
		if c := i.Category(); c != nil {
			got = c.ID
		}
		if got != want {
			t.Errorf("product %q, category %q: %q, want %q", in[0], in[1], got, want)
		}
		if p := i.Product(); (p != nil) != (in[0] == "p" || in[0] == "bare") {
			t.Errorf("product %q is %v", in[0], p)
		}
	}
	if filed := catalog.Product("p").Categories(); len(filed) != 2 || filed[0].ID != "b" {
		t.Errorf("filed in %v", filed)
	}
}

func TestConnections(t *testing.T) {
	cursor := func(p Product) string { return "after " + p.ID }
	page := NewProductConnection(graph.ProductPage{Products: []*graph.Product{{ID: "p"}, {ID: "q"}}, More: true}, graph.ProductQuery{Tag: "t"},
		graph.NewCategoryTree(nil), cursor)
	end := "after q"
	if diff := cmp.Diff(PageInfo{HasNextPage: true, EndCursor: &end}, page.PageInfo()); diff != "" {
		t.Error(diff)
	}
	if e := page.Edges(); len(e) != 2 || e[0].Cursor != "after p" || e[0].Node.ID != "p" || len(page.Nodes()) != 2 || page.Query.Tag != "t" {
		t.Errorf("edges are %v", e)
	}
	empty := NewCustomerConnection(graph.CustomerPage{}, graph.CustomerQuery{}, nil)
	if diff := cmp.Diff(PageInfo{}, empty.PageInfo()); diff != "" || empty.Nodes() == nil || empty.Edges() == nil {
		t.Errorf("an empty page is not an empty list: %s", diff)
	}
	if none := NewInteractionConnection(graph.InteractionPage{}, nil, &Catalog{}, nil); none.Nodes() == nil || none.Edges() == nil {
		t.Error("an empty page is not an empty list")
	}
}

func TestMergeReport(t *testing.T) {
	r := MergeReport{graph.MergeReport{Interactions: 7, Conflicts: []graph.MergeConflict{{Field: "name", Keep: "a", Retired: "b", Result: "a"}}}}
	if diff := cmp.Diff([]MergeConflict{{Field: "name", Keep: "a", Merge: "b", Result: "a"}}, r.Conflicts()); diff != "" || r.Interactions() != 7 {
		t.Error(diff)
	}
}
