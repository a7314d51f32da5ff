package insight

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"lacuna/graph"
)

// wishes are one customer's intents in a category and a window, as plainly as it can be said.
type wishes struct {
	days                                        map[int64]bool
	bought, searched, nothing, some, could, not bool
}

func isIntent(t graph.InteractionType) bool {
	return slices.Contains([]graph.InteractionType{graph.Search, graph.View, graph.Click, graph.Wishlist, graph.AddToCart, graph.Checkout, graph.Purchase}, t)
}

// wishesOf reads a customer's intents in a category.
func (w *world) wishesOf(customer, category string, window [2]moment) *wishes {
	out := &wishes{days: map[int64]bool{}}
	for _, i := range w.interactions[customer] {
		if !isIntent(i.Type) || i.At.Before(window[0].time()) || !i.At.Before(window[1].time()) || !slices.ContainsFunc(w.filed(&i), func(k string) bool { return w.below(k, category) }) {
			continue
		}
		// Days begin where the window does, and are of whole seconds.
		first := window[0].time().Add(time.Second - time.Microsecond).Unix()
		out.days[max(0, i.At.Unix()-first)/86_400] = true
		results, counted := i.Results.Value, i.Type == graph.Search && i.Results.Known
		out.bought = out.bought || i.Type == graph.Purchase
		out.searched = out.searched || counted
		out.nothing = out.nothing || counted && results == 0
		out.some = out.some || counted && results > 0 || i.Type == graph.Purchase || i.Product != ""
		if i.Product != "" && i.Available.Known {
			out.could, out.not = out.could || i.Available.Value, out.not || !i.Available.Value
		}
	}
	return out
}

// cell counts a segment in a category.
func (w *world) cell(segment, category string, now, before [2]moment) (c counts) {
	rule := w.segments[segment]
	belongs := func(id string, at time.Time) bool {
		return w.exists(w.customers[id], at) && (segment == Everyone || w.holds(&rule, w.customers[id], at))
	}
	for id := range w.customers {
		if belongs(id, before[1].time().Add(-time.Microsecond)) && len(w.wishesOf(id, category, before).days) > 0 {
			c.before++
		}
		x := w.wishesOf(id, category, now)
		if len(x.days) == 0 || !belongs(id, now[1].time().Add(-time.Microsecond)) {
			continue
		}
		c.customers++
		c.tries += uint32(len(x.days))
		add := func(n *uint32, is bool) {
			if is {
				*n++
			}
		}
		add(&c.finders, x.some)
		add(&c.buyers, x.bought)
		add(&c.nonBuyers, !x.bought)
		add(&c.censored, !x.bought && x.not && !x.could)
		add(&c.unavailable, !x.bought && x.not)
		add(&c.searchers, !x.bought && x.searched)
		add(&c.foundNothing, !x.bought && x.nothing)
	}
	return c
}

// The counts behind every cell are those of a plain reading of the store, whatever was written to it.
func TestGapCounts(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			c := &chaos{Rand: rand.New(rand.NewPCG(seed, 8)), store: newStore(t)}
			c.begin(t)
			for range 60 {
				c.act(t)
			}
			f := follow(t, c.store)
			view, w := f.current.Load(), readWorld(t, c.store)
			first, last := view.spread()
			for _, asOf := range []time.Time{{}, last.time().Add(-30 * 24 * time.Hour), first.time().Add(200 * 24 * time.Hour)} {
				g, err := view.Gaps(t.Context(), asOf)
				if err != nil {
					t.Fatal(err)
				}
				for s := range g.segments {
					for _, k := range view.catalog.walk {
						id := view.catalog.categories[k].ID
						if got, want := g.cells[s][k], w.cell(g.segments[s].id, id, g.now, g.before); got != want {
							t.Errorf("as of %v, %s × %s: %+v, want %+v", asOf, g.segments[s].id, id, got, want)
						}
					}
				}
			}
		})
	}
}
