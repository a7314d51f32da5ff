package insight

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"lacuna/graph"

	"github.com/google/go-cmp/cmp"
)

// months counts what a segment did in a category month by month, as plainly as it can be said.
func (w *world) months(segment, category string, begins []time.Time, asOf time.Time) []monthCount {
	rule := w.segments[segment]
	out := make([]monthCount, len(begins)-1)
	for m := range out {
		end := begins[m+1].Add(-time.Microsecond)
		if end.After(asOf) {
			end = asOf
		}
		for id := range w.customers {
			if !w.exists(w.customers[id], end) || segment != Everyone && !w.holds(&rule, w.customers[id], end) {
				continue
			}
			came, bought := false, false
			for _, i := range w.interactions[id] {
				if !isIntent(i.Type) || i.At.Before(begins[m]) || i.At.After(end) || !slices.ContainsFunc(w.filed(&i), func(k string) bool { return w.below(k, category) }) {
					continue
				}
				came, bought = true, bought || i.Type == graph.Purchase
				if i.Type == graph.Search {
					out[m].searches++
					if i.Results.Known && i.Results.Value == 0 {
						out[m].zeroResults++
					}
				}
				if i.Available.Known {
					out[m].seen++
					if i.Available.Value {
						out[m].available++
					}
				}
			}
			if came {
				out[m].customers++
			}
			if bought {
				out[m].buyers++
			}
		}
	}
	return out
}

// Months of every cell are those of a plain reading of the store, and the weeks of the last window count nobody who is not in its cell.
func TestHistoriesOfCells(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			c := &chaos{Rand: rand.New(rand.NewPCG(seed, 9)), store: newStore(t)}
			c.begin(t)
			for range 40 {
				c.act(t)
			}
			view, w := follow(t, c.store).current.Load(), readWorld(t, c.store)
			g, err := view.Gaps(t.Context(), time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			var places []cellPlace
			for s := range g.segments {
				for _, k := range view.catalog.walk {
					places = append(places, cellPlace{s, k})
				}
			}
			list, err := g.historiesOf(t.Context(), places)
			if err != nil {
				t.Fatal(err)
			}
			for i, at := range places {
				segment, category := g.segments[at.segment].id, g.categoryID(at.category)
				want := w.months(segment, category, g.histories.begins, g.at.time())
				if diff := cmp.Diff(want, list[i].months, cmp.AllowUnexported(monthCount{}, weekCount{})); diff != "" {
					t.Errorf("%s × %s: %s", segment, category, diff)
				}
				most, sum := uint32(0), uint32(0)
				for _, week := range list[i].weeks[max(0, len(list[i].weeks)-13):] {
					most, sum = max(most, week.customers), sum+week.customers
				}
				if n := g.cells[at.segment][at.category].customers; !g.segments[at.segment].behavioural && (most > n || len(list[i].weeks) >= 13 && sum < n) {
					t.Errorf("%s × %s: weeks of at most %d customers, %d in all, and %d in the window", segment, category, most, sum, n)
				}
			}
		})
	}
}
