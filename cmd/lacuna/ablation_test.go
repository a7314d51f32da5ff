package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"lacuna/insight"
	"lacuna/internal/evaluate"
	"lacuna/internal/synth/planted"
)

// Each guard keeps what its confounder plants out of the report; without the guard it is in.
func TestGuardsAreNeeded(t *testing.T) {
	if testing.Short() {
		t.Skip("loads many interactions")
	}
	for _, c := range []struct {
		confounder string
		customers  int
		off        insight.Thresholds
	}{
		{"promotion", 8_000, insight.Thresholds{GapThresholds: insight.GapThresholds{GuardWeeks: -1}}},
		{"outage", 20_000, insight.Thresholds{GapThresholds: insight.GapThresholds{GuardWeeks: -1}}},
		{"coverage", 10_000, insight.Thresholds{GapThresholds: insight.GapThresholds{KnownMoved: 100}}},
		{"bots", 15_000, insight.Thresholds{GapThresholds: insight.GapThresholds{BotQuick: 1 << 30}}},
	} {
		t.Run(c.confounder, func(t *testing.T) {
			dir := planting(t, planted.Options{Seed: 5, Customers: c.customers, Plant: []string{"none"}, Confounders: []string{c.confounder}})
			scores := scored(t, dir, insight.Thresholds{}, c.off)
			if scores[0].Reports > 0 {
				t.Errorf("with the guard: %v", scores[0].Notes)
			}
			if scores[1].Reports == 0 {
				t.Error("nothing is reported without the guard either: the confounder proves nothing")
			}
		})
	}
}

// What grows with everything, with the season, or by one customer, is not reported, though plain ratios call it growth: that of customers to those a year before, that
// to the weeks just before, and that of events.
func TestPlainRatiosMislead(t *testing.T) {
	dir := planting(t, planted.Options{Seed: 6, Customers: 8_000, Plant: []string{"none"}, Confounders: []string{"base-growth", "season", "whale"}})
	if score := scored(t, dir, insight.Thresholds{})[0]; score.Reports > 0 {
		t.Errorf("reported: %v", score.Notes)
	}
	truth, err := evaluate.ReadTruth(dir)
	if err != nil {
		t.Fatal(err)
	}
	leaves := leavesOf(t, dir)
	ratio := func(of func(*leafCounts) (now, before int)) (list []float64) {
		for _, l := range leaves {
			if now, before := of(l); before >= 100 {
				list = append(list, float64(now)/float64(before))
			}
		}
		slices.Sort(list)
		return list
	}
	base := ratio(func(l *leafCounts) (int, int) { return len(l.customers[0]), len(l.customers[52]) })
	if median := base[len(base)/2]; median < 1.2 {
		t.Errorf("customers of categories grew by %.2f only: dividing by the base proves nothing", median)
	}
	season := ratio(func(l *leafCounts) (int, int) { return len(l.customers[0]), len(l.customers[13]) })
	if highest, median := season[len(season)*19/20], season[len(season)/2]; highest < 1.2*median {
		t.Errorf("beside the quarter before, categories grew by %.2f, and %.2f at most: comparing the same weeks proves nothing", median, highest)
	}
	events := ratio(func(l *leafCounts) (int, int) { return l.events[0], l.events[52] })
	for _, d := range truth.Decoys {
		l := leaves[d.Category]
		if grew := float64(l.events[0]) / float64(l.events[52]); grew < 1.5*events[len(events)/2] {
			t.Errorf("events of the whale's category grew by %.2f only: counting customers proves nothing", grew)
		}
	}
	if len(truth.Decoys) != 1 {
		t.Errorf("%d decoys", len(truth.Decoys))
	}
}

// leafCounts is what a plain reading counts in a category: by how many weeks before the end a quarter of a year begins to go back.
type leafCounts struct {
	events    map[int]int
	customers map[int]map[string]bool
}

func leavesOf(t *testing.T, dir string) map[string]*leafCounts {
	t.Helper()
	read := func(name string) table {
		file, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		rows, err := csv.NewReader(file).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	products := map[string]string{}
	rows := read("products.csv")
	for _, row := range rows[1:] {
		products[row[rows.column("id")]] = row[rows.column("categories")]
	}
	rows = read("interactions.csv")
	at, customer, product, category := rows.column("at"), rows.column("customer"), rows.column("product"), rows.column("category")
	last := time.Time{}
	moments := make([]time.Time, len(rows))
	for i, row := range rows[1:] {
		moment, err := time.Parse(time.RFC3339, row[at])
		if err != nil {
			t.Fatal(err)
		}
		if moments[i+1] = moment; moment.After(last) {
			last = moment
		}
	}
	out := map[string]*leafCounts{}
	for i, row := range rows[1:] {
		id := row[category]
		if id == "" {
			id = products[row[product]]
		}
		l := out[id]
		if l == nil {
			l = &leafCounts{map[int]int{}, map[int]map[string]bool{0: {}, 13: {}, 52: {}}}
			out[id] = l
		}
		weeks := int(last.Sub(moments[i+1]) / (7 * 24 * time.Hour))
		for first, customers := range l.customers {
			if weeks >= first && weeks < first+13 {
				l.events[first]++
				customers[row[customer]] = true
			}
		}
	}
	return out
}
