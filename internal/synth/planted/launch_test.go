package planted

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// drawn is a world and what happened in it.
func drawn(o Options) (*world, *Truth) {
	o, err := o.withDefaults()
	if err != nil {
		panic(err)
	}
	w := newWorld(o)
	w.simulate()
	return w, w.truth()
}

// traffic is how many customers came and how many bought.
type traffic struct{ customers, buyers float64 }

func (t traffic) rate() float64 { return t.buyers / t.customers }

// count counts rows of interactions about some leaves in weeks from, up to but not including to, of customers who are known to belong to a segment; 0 is everyone.
func (w *world) count(segment int, leaves []int, from, to int) traffic {
	came, bought := map[int32]bool{}, map[int32]bool{}
	for i := range w.interactions {
		r := &w.interactions[i]
		if at := int(r.at / week); at < from || at >= to || !slices.Contains(leaves, int(r.word)) || r.kind == review || r.kind == giveBack {
			continue
		}
		if known, _ := w.belongs(segment, int(r.customer)); known {
			came[r.customer] = true
			bought[r.customer] = bought[r.customer] || r.kind == purchase
		}
	}
	t := traffic{customers: float64(len(came))}
	for _, yes := range bought {
		if yes {
			t.buyers++
		}
	}
	return t
}

// siblings are the other leaves in the group of a leaf.
func (w *world) siblings(n int) (list []int) {
	for _, sibling := range w.categories[w.categories[w.leaves[n].category].parent].leaves {
		if sibling != n {
			list = append(list, sibling)
		}
	}
	return list
}

func cell(t *testing.T, truth *Truth, segment, category string) *Cell {
	t.Helper()
	for i := range truth.Cells {
		if c := &truth.Cells[i]; c.Segment == segment && c.Category == category {
			return c
		}
	}
	t.Fatalf("there is no cell of %s and %s", segment, category)
	return nil
}

// hardlySeen is the share of customers whose only occasion leaves no row: they neither search nor look.
const hardlySeen = .03

func near(counted traffic, want float64) bool {
	return math.Abs(counted.rate()-want) < 3.5*math.Sqrt(want*(1-want)/counted.customers)+hardlySeen*want
}

// What is drawn before and after a launch is what the truth says: rates by counting rows, the share of the gap that is closed by what is left of it.
func TestLaunchesAreWhatTheTruthSays(t *testing.T) {
	w, truth := drawn(Options{Seed: 2, Customers: 8_000, Plant: []string{"launch"}, Confounders: []string{"none"}})
	hows := map[string]int{}
	for i := range w.plants {
		p := &w.plants[i]
		hows[p.Detail]++
		c, from := cell(t, truth, p.Segment, p.Category), w.Weeks-14
		if start := w.begin().AddDate(0, 0, 7*from); !p.Launched.Equal(start) || p.Launched.Weekday() != time.Monday {
			t.Errorf("launched at %s, the week begins at %s", p.Launched, start)
		}
		before := w.count(p.segment+1, []int{p.leaf}, from-window, from)
		if !near(before, p.Served) {
			t.Errorf("%s %s × %s: before the launch %.0f of %.0f bought, truth says %.3f", p.Detail, p.Segment, p.Category, before.buyers, before.customers, p.Served)
		}
		after := w.count(p.segment+1, []int{p.leaf}, w.Weeks-window, w.Weeks)
		if !near(after, c.Served) || math.Abs(after.customers-c.Customers) > 3.5*math.Sqrt(c.Customers)+hardlySeen*c.Customers {
			t.Errorf("%s %s × %s: in the end %.0f of %.0f bought, truth says %.3f of %.0f", p.Detail, p.Segment, p.Category, after.buyers, after.customers, c.Served, c.Customers)
		}
		// Of who comes once, the share of the gap that is left is that of chances; who comes again makes it a little less.
		if left := (1 - c.Served/c.Reference) / (1 - p.Factor); left > 1-p.Closed+1e-9 || left < .8*(1-p.Closed) {
			t.Errorf("%s %s × %s: %.3f of the gap is left, closed %.3f", p.Detail, p.Segment, p.Category, left, p.Closed)
		}
		if worked := p.Detail == launchWorked; worked != (p.Gained > 1) || worked != (p.Closed >= .5) {
			t.Errorf("%s: closed %.3f, gained %.1f", p.Detail, p.Closed, p.Gained)
		}
		if wave := p.Detail == launchWave; wave != (p.Wave > 1) || math.Abs(c.Growth) > .1 {
			t.Errorf("%s: wave %.3f, lasting growth %.3f", p.Detail, p.Wave, c.Growth)
		}
	}
	if want := map[string]int{launchWorked: 2, launchNothing: 2, launchWave: 2}; !cmp.Equal(hows, want) {
		t.Errorf("launches went as %v, want %v", hows, want)
	}
	t.Run("a wave raises what lies beside it", w.testWave)
	t.Run("nobody sees a product before its launch", w.testProducts)
}

func (w *world) testWave(t *testing.T) {
	from := w.Weeks - 14
	for i := range w.plants {
		p := &w.plants[i]
		siblings := w.siblings(p.leaf)
		sales := func(from, to int) (searches, purchases float64) {
			for i := range w.interactions {
				if r := &w.interactions[i]; int(r.at/week) >= from && int(r.at/week) < to && slices.Contains(siblings, int(r.word)) {
					switch r.kind {
					case purchase:
						purchases++
					case search:
						searches++
					}
				}
			}
			return searches, purchases
		}
		ratio := func(a, b, want float64, what string) {
			if math.Abs(a/b-want) > 3.5*want*math.Sqrt(1/a+1/b)+.01 {
				t.Errorf("%s: %s in the siblings of %s: %.3f times as before, want %.3f", p.Detail, what, p.Category, a/b, want)
			}
		}
		searched, bought := sales(from-26, from)
		searchedAfter, boughtAfter := sales(from, w.Weeks)
		ratio(boughtAfter, bought*searchedAfter/searched, max(1, p.Wave), "purchases a search")
		// More come for a month, compared with the weeks before and after.
		month, _ := sales(from, from+waveWeeks)
		earlier, _ := sales(from-waveWeeks, from)
		later, _ := sales(from+waveWeeks, from+2*waveWeeks)
		n := siblings[0]
		come := w.passes(n, from)
		ratio(month, (earlier+later)/2, come, "searches")
		if wave := p.Detail == launchWave; wave != (come >= 1.15) || come > 1.35 || w.passes(n, from+waveWeeks) != 1 {
			t.Errorf("%s: in the siblings of %s %.3f times as many come, in the end %.3f times", p.Detail, p.Category, come, w.passes(n, from+waveWeeks))
		}
	}
}

func (w *world) testProducts(t *testing.T) {
	for i := range w.plants {
		p := &w.plants[i]
		products := w.leaves[p.leaf].products
		product, met := products[len(products)-1], 0
		if productID(product) != p.Product {
			t.Fatalf("the last product of %s is %s, launched was %s", p.Category, productID(product), p.Product)
		}
		for i := range w.interactions {
			r := &w.interactions[i]
			if r.product != int32(product) {
				continue
			}
			if r.at < int64(w.Weeks-14)*week {
				t.Fatalf("%s: %s was met in week %d", p.Detail, p.Product, r.at/week)
			}
			met++
		}
		if met == 0 {
			t.Errorf("%s: %s was never met", p.Detail, p.Product)
		}
	}
}

// The file of products has the launched ones, in their categories.
func TestLaunchedProductsAreWritten(t *testing.T) {
	dir := t.TempDir()
	if _, err := Write(dir, Options{Customers: 1_000, Plant: []string{"launch"}}); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "products.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	launched := map[string][]string{}
	for _, row := range rows {
		launched[row[0]] = []string{row[2], row[5]}
	}
	for _, p := range readTruth(t, dir).Plants {
		if diff := cmp.Diff([]string{p.Category, p.Launched.Format(time.DateOnly)}, launched[p.Product]); diff != "" {
			t.Errorf("%s, category and day of the launch: %s", p.Product, diff)
		}
	}
}

// Launches leave the other plants, what passes and the products as they are.
func TestLaunchesChangeNothingElse(t *testing.T) {
	kinds := Plants()
	with, _ := Options{Customers: 1_000, Plant: kinds}.withDefaults()
	without, _ := Options{Customers: 1_000, Plant: kinds[:len(kinds)-1]}.withDefaults()
	a, b := newWorld(with), newWorld(without)
	if len(a.plants) != len(b.plants)+6 || len(a.products) != len(b.products)+6 {
		t.Fatalf("%d plants and %d products, without launches %d and %d", len(a.plants), len(a.products), len(b.plants), len(b.products))
	}
	for i := range b.plants {
		if a.plants[i].Kind != b.plants[i].Kind || a.plants[i].Category != b.plants[i].Category || a.plants[i].Factor != b.plants[i].Factor {
			t.Errorf("plant %d is %+v, without launches %+v", i, a.plants[i], b.plants[i])
		}
	}
	for n := range b.leaves {
		if !slices.Equal(a.lasting[n], b.lasting[n]) || a.leaves[n].lift == 0 && !slices.Equal(a.dynamics[n], b.dynamics[n]) {
			t.Errorf("the wish for leaf %d moves otherwise", n)
		}
	}
}
