package insight

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

// lines gives a table as text, a line a row.
func (t *Table) lines() (list []string) {
	for row := range t.Rows {
		var cells []string
		for _, column := range t.Labels {
			cells = append(cells, text(column.Names[column.Codes[row]]))
		}
		for _, column := range t.Numbers {
			if column.Missing != nil && column.Missing[row] {
				cells = append(cells, "-")
			} else {
				cells = append(cells, fmt.Sprintf("%.6g", column.Values[row]))
			}
		}
		list = append(list, strings.Join(cells, " "))
	}
	return list
}

func text(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

var allMeasures = []Measure{Customers, Interactions, Searches, ZeroResultSearches, Views, Wishlists, Carts, Purchases, Buyers, Revenue, ServedRate}

// tally is a cell of the oracle's table.
type tally struct {
	counts    map[Measure]float64
	customers map[string]bool
	buyers    map[string]bool
}

// demand computes a table as plainly as it can be said.
func (w *world) demand(q DemandQuery, rule *graph.Rule, asOf time.Time) []string {
	cells := map[string]*tally{}
	if len(q.By) == 0 {
		cells[""] = newTally()
	}
	for id, list := range w.interactions {
		c := w.customers[id]
		if rule != nil && (!w.exists(c, asOf) || !w.holds(rule, c, asOf)) {
			continue
		}
		if len(q.Segments) > 0 && !slices.ContainsFunc(q.Segments, func(s string) bool { r := w.segments[s]; return w.exists(c, asOf) && w.holds(&r, c, asOf) }) {
			continue
		}
		for k := range list {
			i := &list[k]
			if i.At.After(asOf) || !q.Between.Contains(i.At) || len(q.Types) > 0 && !slices.Contains(q.Types, i.Type) || len(q.Channels) > 0 && !slices.Contains(q.Channels, i.Channel) {
				continue
			}
			for _, key := range w.keys(q, c, i, asOf) {
				if cells[key] == nil {
					cells[key] = newTally()
				}
				cells[key].note(i, id)
			}
		}
	}
	var lines []string
	for key, cell := range cells {
		line := strings.TrimSpace(key)
		for _, m := range q.Measures {
			line += " " + cell.measure(m)
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	slices.Sort(lines)
	return lines
}

func newTally() *tally {
	return &tally{counts: map[Measure]float64{}, customers: map[string]bool{}, buyers: map[string]bool{}}
}

func (a *tally) note(i *graph.Interaction, customer string) {
	a.counts[Interactions]++
	a.customers[customer] = true
	a.counts[map[graph.InteractionType]Measure{graph.Search: Searches, graph.View: Views, graph.Wishlist: Wishlists, graph.AddToCart: Carts, graph.Purchase: Purchases}[i.Type]]++
	if i.Type == graph.Search && i.Results.Known && i.Results.Value == 0 {
		a.counts[ZeroResultSearches]++
	}
	if i.Type == graph.Purchase {
		a.buyers[customer] = true
		a.counts[Revenue] += float64(i.Amount.Value) / graph.DecimalScale
	}
}

func (a *tally) measure(m Measure) string {
	n := a.counts[m]
	switch m {
	case Customers:
		n = float64(len(a.customers))
	case Buyers:
		n = float64(len(a.buyers))
	case ServedRate:
		if len(a.customers) == 0 {
			return "-"
		}
		n = float64(len(a.buyers)) / float64(len(a.customers))
	}
	return fmt.Sprintf("%.6g", n)
}

// keys lists the rows in which an interaction counts.
func (w *world) keys(q DemandQuery, c *graph.Customer, i *graph.Interaction, asOf time.Time) []string {
	categories := w.filed(i)
	if len(q.Categories) > 0 {
		categories = nil
		for _, root := range q.Categories {
			if slices.ContainsFunc(w.filed(i), func(k string) bool { return w.below(k, root) }) {
				categories = append(categories, root)
			}
		}
		if len(categories) == 0 {
			return nil
		}
	}
	keys := []string{""}
	for _, d := range q.By {
		var values []string
		switch d {
		case BySegment:
			for id, r := range w.segments {
				if (len(q.Segments) == 0 || slices.Contains(q.Segments, id)) && w.exists(c, asOf) && w.holds(&r, c, asOf) {
					values = append(values, id)
				}
			}
		case ByCategory:
			values = categories
			if len(values) == 0 {
				values = []string{"-"}
			}
		case ByProduct:
			values = []string{i.Product}
		case ByChannel:
			values = []string{i.Channel.String()}
		case ByPeriod:
			values = []string{q.Grain.begin(i.At.In(w.zone)).Format(time.DateOnly)}
		case ByAttribute:
			values = []string{""}
			for _, a := range c.Attributes {
				if a.Name == q.Attribute {
					values = []string{a.Value.String()}
				}
			}
		}
		var next []string
		for _, key := range keys {
			for _, v := range values {
				if v == "" {
					v = "-"
				}
				next = append(next, key+" "+v)
			}
		}
		keys = next
	}
	return keys
}

// query makes any question about demand.
func (c *chaos) query() DemandQuery {
	q := DemandQuery{Grain: Grain(1 + c.IntN(5)), Attribute: "children"}
	dimensions := []Dimension{BySegment, ByCategory, ByProduct, ByChannel, ByPeriod, ByAttribute}
	c.Shuffle(len(dimensions), func(i, j int) { dimensions[i], dimensions[j] = dimensions[j], dimensions[i] })
	q.By = dimensions[:c.IntN(4)]
	q.Measures = pick(c, allMeasures, []Measure{Customers, Interactions}, []Measure{Interactions}, []Measure{ServedRate, Revenue})
	if c.IntN(3) == 0 {
		q.Between = pick(c, graph.TimeRange{From: c.at()}, graph.TimeRange{To: c.at()}, graph.TimeRange{From: start.AddDate(0, 1, 0), To: start.AddDate(0, 6, 9)})
	}
	if c.IntN(3) == 0 {
		q.Segments = pick(c, []string{"far"}, []string{"lookers", "far"})
	}
	if c.IntN(3) == 0 {
		q.Categories = []string{"k0", c.category()}
		q.Categories = slices.Compact(q.Categories)
	}
	if c.IntN(3) == 0 {
		q.Types = []graph.InteractionType{graph.View, graph.Purchase}
	}
	if c.IntN(3) == 0 {
		q.Channels = []graph.Channel{graph.Web, 0}
	}
	return q
}

func (c *chaos) manySegments(t *testing.T) {
	t.Helper()
	b := &graph.Batch{}
	for i := range 70 {
		b.Segments = append(b.Segments, graph.Segment{ID: fmt.Sprintf("s%02d", i), Rule: c.rule(2)})
	}
	c.write(t, b)
}

// TestDemand compares tables of demand with the oracle's: any dimensions, measures and conditions, on data that came bit by bit, so
// that some customers' interactions stand in the base and some beside it.
func TestDemand(t *testing.T) {
	for seed := range uint64(4) {
		c := &chaos{Rand: rand.New(rand.NewPCG(seed, 8)), store: newStore(t)}
		c.begin(t)
		if seed%2 == 1 { // enough of them for the matrix by buckets
			c.manySegments(t)
		}
		f := follow(t, c.store)
		for round := range 3 {
			for range 20 * round {
				c.act(t)
			}
			v, w := f.catchUp(t, false), readWorld(t, c.store)
			ghosts := v.everyone(latest).Len() != v.withInteractions().Len()
			for range 60 {
				q := c.query()
				if c.IntN(2) == 0 {
					q.By, q.Measures, q.Grain, q.Types, q.Channels, q.Categories = []Dimension{BySegment, ByPeriod, ByCategory}, []Measure{Customers, Interactions}, Month, nil, nil, nil
				}
				if c.IntN(3) == 0 { // a set by buckets
					q.By, q.Measures, q.Grain, q.Types, q.Channels, q.Categories = []Dimension{ByPeriod, ByCategory}, []Measure{Customers, Interactions}, Month, nil, nil, nil
				}
				var rule *graph.Rule
				if c.IntN(3) == 0 || ghosts && len(q.Segments) == 0 && !slices.Contains(q.By, BySegment) {
					r := c.rule(1)
					rule = &r
					compiled, err := v.Compile(r, "rule")
					if err != nil {
						t.Fatal(err)
					}
					q.Rule = compiled
				}
				q.AsOf = pick(c, c.at(), start.AddDate(3, 0, 0))
				table, err := v.Demand(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				got := table.lines()
				slices.Sort(got)
				if diff := cmp.Diff(w.demand(q, rule, q.AsOf), got); diff != "" && len(got)+len(w.demand(q, rule, q.AsOf)) > 0 {
					t.Fatalf("seed %d, round %d: %+v, rule %+v\n%s", seed, round, q, rule, diff)
				}
			}
		}
	}
}

// withInteractions gives those customers that are known, and all who have interactions.
func (v *View) withInteractions() Set {
	set := v.everyone(latest)
	for n, p := range v.pages {
		for slot, r := range p.rows {
			if r.len() > 0 {
				set[n].add(slot)
			}
		}
	}
	return set
}

// TestInAnyOrder holds that what came bit by bit answers as what was read at once: late, doubled, retracted, merged, unmerged and erased
// records, and categories that move; also after the blocks were united.
func TestInAnyOrder(t *testing.T) {
	for seed := range uint64(5) {
		c := &chaos{Rand: rand.New(rand.NewPCG(seed, 9)), store: newStore(t)}
		f := follow(t, c.store) // of an empty store
		c.begin(t)
		c.manySegments(t)
		for round := range 12 {
			for range 1 + c.IntN(20) {
				c.act(t)
			}
			if round%3 == 1 {
				f.writer.compact()
			}
			v, fresh := f.catchUp(t, true), follow(t, c.store).current.Load()
			for _, by := range [][]Dimension{nil, {BySegment}, {ByCategory, ByPeriod}, {ByProduct}, {ByAttribute, ByChannel}, {BySegment, ByPeriod, ByCategory}} {
				for _, measures := range [][]Measure{allMeasures, {Customers, Interactions}} {
					q := DemandQuery{By: by, Attribute: "city", Grain: Month, Measures: measures}
					got, err := v.Demand(t.Context(), q)
					if err != nil {
						t.Fatal(err)
					}
					want, err := fresh.Demand(t.Context(), q)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(want.lines(), got.lines()); diff != "" {
						t.Fatalf("seed %d, round %d, %v: %s", seed, round, by, diff)
					}
				}
			}
			if diff := cmp.Diff(answers(t, fresh), answers(t, v)); diff != "" {
				t.Fatalf("seed %d, round %d: %s", seed, round, diff)
			}
			if a, b := v.AsOf(time.Time{}), fresh.AsOf(time.Time{}); !a.Equal(b) {
				t.Errorf("as of %v, not %v", a, b)
			}
		}
	}
}

// TestWhileWriting holds that an engine which follows while several writers write ends up with what is stored: what it reads of a customer is
// already ahead of the feed then.
func TestWhileWriting(t *testing.T) {
	store := newStore(t)
	first := &chaos{Rand: rand.New(rand.NewPCG(1, 10)), store: store}
	first.begin(t)
	f := follow(t, store)
	var writers sync.WaitGroup
	var left atomic.Int32
	for n := range 3 {
		left.Add(1)
		writers.Go(func() {
			defer left.Add(-1)
			c := &chaos{Rand: rand.New(rand.NewPCG(uint64(n), 11)), store: store, last: 1_000_000 * (n + 1)}
			for range 150 {
				c.act(t)
			}
		})
	}
	for left.Load() > 0 {
		f.catchUp(t, false)
	}
	writers.Wait()
	v, fresh := f.catchUp(t, true), follow(t, store).current.Load()
	for _, by := range [][]Dimension{nil, {BySegment}, {ByCategory, ByPeriod}, {ByProduct, ByAttribute}} {
		q := DemandQuery{By: by, Attribute: "city", Grain: Month, Measures: allMeasures}
		got, err := v.Demand(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		want, err := fresh.Demand(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.lines(), got.lines()); diff != "" {
			t.Errorf("%v: %s", by, diff)
		}
	}
}
