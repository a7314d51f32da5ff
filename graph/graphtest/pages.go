package graphtest

import (
	"slices"
	"testing"
	"time"

	"lacuna/graph"
)

// testPages checks the order of interactions and the paging through them.
func testPages(t *testing.T, f Factory) {
	x := fresh(t, f)
	var list []graph.Interaction
	for n, id := range []string{"b", "a", "é", "Z", "漢", "c", "😀", "d"} {
		i := view(id, "1", 7)
		i.At = i.At.Add(time.Duration(n/5) * time.Microsecond) // five at one moment, three a microsecond later
		list = append(list, i)
	}
	list = append(list, view("early", "1", 1), view("late", "1", 9), view("other", "2", 5))
	x.accept(interactions(list...))
	want := []string{"late", "c", "d", "😀", "Z", "a", "b", "é", "漢", "early"}
	for size := 1; size <= len(want)+1; size++ {
		x.same("newest first, then by id", want, interactionIDs(x.history("1", graph.InteractionFilter{}, size)))
	}
	t.Run("first of none", func(t *testing.T) {
		p := x.on(t).page(graph.InteractionQuery{Customer: "1"})
		x.on(t).same("page", graph.InteractionPage{More: true}, p)
		x.on(t).same("page of nobody", graph.InteractionPage{}, x.on(t).page(graph.InteractionQuery{Customer: "none"}))
	})
	t.Run("many queries, answered in their order", func(t *testing.T) {
		q := func(customer string, first int) graph.InteractionQuery {
			return graph.InteractionQuery{Customer: customer, First: first}
		}
		queries := []graph.InteractionQuery{q("2", 5), q("none", 5), q("1", 2), q("2", 0), q("1", 1)}
		pages, err := x.Interactions(x.ctx(), queries)
		if err != nil {
			t.Fatal(err)
		}
		var got [][]string
		for _, p := range pages {
			got = append(got, interactionIDs(p.Interactions))
		}
		x.on(t).same("pages", [][]string{{"other"}, {}, want[:2], {}, want[:1]}, got)
		counts, err := x.CountInteractions(x.ctx(), queries)
		if err != nil {
			t.Fatal(err)
		}
		x.on(t).same("counts", []int64{1, 0, 10, 1, 10}, counts)
	})
	t.Run("after a key that is not there", func(t *testing.T) {
		key := graph.InteractionKey{At: at(7), ID: "az"}
		p := x.on(t).page(graph.InteractionQuery{Customer: "1", First: 2, After: &key})
		x.on(t).same("page", []string{"b", "é"}, interactionIDs(p.Interactions))
		key = graph.InteractionKey{At: at(0), ID: ""}
		p = x.on(t).page(graph.InteractionQuery{Customer: "1", First: 2, After: &key})
		x.on(t).same("page beyond the last", graph.InteractionPage{}, p)
	})
	t.Run("rows that come while paging", func(t *testing.T) { pagesWhileWriting(fresh(t, f)) })
	t.Run("a thousand to a page", func(t *testing.T) {
		x := fresh(t, f)
		var b graph.Batch
		ids := numbered("i", graph.MaxPage+3)
		for n, id := range ids {
			b.Interactions = append(b.Interactions, view(id, "1", -n))
		}
		x.accept(b)
		p := x.page(graph.InteractionQuery{Customer: "1", First: graph.MaxPage})
		x.same("page", ids[:graph.MaxPage], interactionIDs(p.Interactions))
		x.same("more", true, p.More)
		x.same("all", ids, x.ids("1"))
	})
}

// pagesWhileWriting pages in every order while rows come and go before, in and after the page.
func pagesWhileWriting(x *fixture) {
	ids := numbered("i", 60)
	var b graph.Batch
	for n, id := range ids {
		b.Interactions = append(b.Interactions, view(id, "1", -10*(n/3)))
	}
	x.accept(b)
	var seen []string
	q := graph.InteractionQuery{Customer: "1", First: 7}
	for round := 0; ; round++ {
		p := x.page(q)
		for i := range p.Interactions {
			seen = append(seen, p.Interactions[i].ID)
		}
		if !p.More {
			break
		}
		key := p.Interactions[len(p.Interactions)-1].Key()
		q.After = &key
		name := numbered("new", 100)[round]
		x.accept(interactions(view(name, "1", 5), view(name+"-mid", "1", -10*round), view(name+"-end", "1", -1000)))
		x.accept(retractions(key.ID))
	}
	stood := slices.DeleteFunc(slices.Clone(seen), func(id string) bool { return !slices.Contains(ids, id) })
	x.same("those that stood before", ids, stood)
	slices.Sort(seen)
	x.same("each once", slices.Compact(slices.Clone(seen)), seen)
}

// sortInteractions puts interactions into the order of pages.
func sortInteractions(list []graph.Interaction) { slices.SortFunc(list, compareInteractions) }
