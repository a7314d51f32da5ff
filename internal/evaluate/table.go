package evaluate

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
)

// Table is what came of several folders together.
type Table struct {
	Rows []Row `json:"rows"`
}

// Row is one figure beside its target.
type Row struct {
	Name   string   `json:"name"`
	Value  *float64 `json:"value"` // nil where there was nothing to judge
	N      int      `json:"n"`     // what it is of
	Target string   `json:"target"`
	Met    bool     `json:"met"`
}

// manyCustomers is from how many on emerging segments are judged: in fewer, small groups cannot be told from chance.
const manyCustomers = 60_000

// Summarise puts scores together.
func Summarise(scores []*Score) Table {
	var t Table
	mean := func(name string, most float64, of func(*Score) Count) {
		sum, n := 0., 0
		for _, s := range scores {
			if s.Null {
				continue
			}
			n++
			if c := of(s); c.Of > 0 {
				sum += c.Share()
			}
		}
		t.add(name, sum/float64(n), n, "≤", most)
	}
	pooled := func(name, sign string, bound float64, of func(*Score) Count) {
		var all Count
		for _, s := range scores {
			c := of(s)
			all.Hits, all.Of = all.Hits+c.Hits, all.Of+c.Of
		}
		t.add(name, all.Share(), all.Of, sign, bound)
	}
	mean("false discoveries among DEVELOP, mean of seeds", .05, func(s *Score) Count { return s.FalseDevelop })
	mean("false discoveries among growing, mean of seeds", .05, func(s *Score) Count { return s.FalseGrowth })
	pooled("recall of powered gaps", "≥", .95, func(s *Score) Count { return s.Gaps })
	pooled("recall of powered growth", "≥", .98, func(s *Score) Count { return s.Growth })
	var null Count
	for _, s := range scores {
		if s.Null {
			null.add(s.Reports > 0)
		}
	}
	t.add("nothing planted: seeds with a report", null.Share(), null.Of, "≤", .1)
	for _, kind := range []string{"whale", "bots", "stock-out", "synonym"} {
		pooled(kind+" labelled DEVELOP", "≤", .03, func(s *Score) Count { return s.Mislabelled[kind] })
	}
	pooled("cause and verdict right, all planted gaps", "≥", .85, func(s *Score) Count { return s.Causes })
	for _, kind := range kindsOf(scores) {
		pooled("  of these, "+kind, "", 0, func(s *Score) Count { return s.ByKind[kind] })
	}
	large := func(of func(*Score) Count) func(*Score) Count {
		return func(s *Score) Count {
			if s.Customers < manyCustomers {
				return Count{}
			}
			return of(s)
		}
	}
	pooled("emerging segments, 60,000 customers: precision", "≥", .95, large(func(s *Score) Count { return s.Emerging.Precise }))
	pooled("emerging segments, 60,000 customers: recall", "≥", .9, large(func(s *Score) Count { return s.Emerging.Found }))
	pooled("emerging segments, 60,000 customers: reports of one", "≤", 1.1, large(func(s *Score) Count { return Count{s.Emerging.Precise.Hits, s.Emerging.Groups} }))
	pooled("launches that did nothing called a success", "≤", .1, func(s *Score) Count { return s.Launches.Idle })
	pooled("launches that closed half and more seen", "≥", .8, func(s *Score) Count { return s.Launches.Worked })
	pooled("  share of the gap closed: 90 % interval covers", "", 0, func(s *Score) Count { return s.Launches.Covered })
	medianOf := func(name, sign string, bound float64, of func(*Score) []float64) {
		var list []float64
		for _, s := range scores {
			list = append(list, of(s)...)
		}
		slices.Sort(list)
		median := math.NaN()
		if len(list) > 0 {
			median = list[len(list)/2]
		}
		t.add(name, median, len(list), sign, bound)
	}
	medianOf("unmet customers: median error", "≤", .15, func(s *Score) []float64 { return s.UnmetErrors })
	pooled("unmet customers: 80 % interval covers", "in", .8, func(s *Score) Count { return s.UnmetCovered })
	medianOf("value: median error", "≤", .15, func(s *Score) []float64 { return s.ValueErrors })
	pooled("value: 80 % interval covers", "in", .8, func(s *Score) Count { return s.ValueCovered })
	sum, n := 0., 0
	for _, s := range scores {
		if s.Ranking != nil {
			sum, n = sum+*s.Ranking, n+1
		}
	}
	t.add("ranking by value: NDCG@10, mean of seeds", sum/float64(n), n, "≥", .95)
	return t
}

func kindsOf(scores []*Score) (kinds []string) {
	for _, s := range scores {
		for kind := range s.ByKind {
			if !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
	}
	slices.Sort(kinds)
	return kinds
}

func (t *Table) add(name string, value float64, n int, sign string, bound float64) {
	row := Row{Name: name, N: n, Target: fmt.Sprintf("%s %g", sign, bound)}
	if !math.IsNaN(value) && n > 0 {
		row.Value = &value
	}
	switch sign {
	case "≤":
		row.Met = row.Value == nil || value <= bound
	case "≥":
		row.Met = row.Value == nil || value >= bound
	case "in":
		row.Target, row.Met = ".76–.84", row.Value == nil || value >= .76 && value <= .84
	default:
		row.Target, row.Met = "", true
	}
	t.Rows = append(t.Rows, row)
}

// Print writes the table for people.
func (t *Table) Print(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "figure\tvalue\tof\ttarget\t")
	for _, r := range t.Rows {
		value, met := "–", ""
		if r.Value != nil {
			value = fmt.Sprintf("%.3f", *r.Value)
		}
		if !r.Met {
			met = "missed"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\n", r.Name, value, r.N, r.Target, met)
	}
	return w.Flush()
}
