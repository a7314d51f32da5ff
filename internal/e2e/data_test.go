package e2e

import (
	"cmp"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"lacuna/graph"
	"lacuna/insight"
	"lacuna/loader/bulk"
)

// publishedData gives a folder of the published data sets: below LACUNA_SHARED, else beside the repository. The test is skipped where it is
// absent.
func publishedData(t *testing.T, name string) string {
	t.Helper()
	if underRace {
		t.Skip("the large data sets are read without the race detector")
	}
	root := cmp.Or(os.Getenv("LACUNA_SHARED"), filepath.Join("..", "..", "..", "shared"))
	dir := filepath.Join(root, "data", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the data set %s is not at hand; set LACUNA_SHARED to the folder that has data/%s", name, name)
	}
	return dir
}

// figuresOf loads a folder by a map of the examples and gives the figures of it.
func figuresOf(t *testing.T, dir, example string) (*insight.View, graph.Store) {
	t.Helper()
	path := filepath.Join("..", "..", "examples", example)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := bulk.ParseMap(path, text)
	if err != nil {
		t.Fatal(err)
	}
	store := newStore(t)
	if _, err := bulk.Load(t.Context(), store, []string{dir}, bulk.Options{Map: m}); err != nil {
		t.Fatal(err)
	}
	engine := insight.New(insight.Options{Logger: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx, store) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	<-engine.Tried()
	view, err := engine.View()
	if err != nil {
		t.Fatal(err)
	}
	return view, store
}

// TestOnlineRetailFigures compares with the published figures of UCI Online Retail, and with a reading of the file itself.
func TestOnlineRetailFigures(t *testing.T) {
	dir := publishedData(t, "online_retail")
	view, _ := figuresOf(t, dir, "online_retail.yaml")
	p, err := view.Population(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	spent, returned := readRetail(t, filepath.Join(dir, "online_retail.csv.gz"))
	var values []float64
	revenue := 0.
	for _, v := range spent {
		values = append(values, v)
		revenue += v
	}
	slices.SortFunc(values, func(a, b float64) int { return cmp.Compare(b, a) })
	top := 0.
	for _, v := range values[:int(math.Round(.2*float64(len(values))))] {
		top += v
	}
	if p.Buyers != len(spent) || p.Buyers != 4_339 {
		t.Errorf("%d buyers, the file has %d", p.Buyers, len(spent))
	}
	if p.TopFifth == nil || math.Abs(*p.TopFifth-top/revenue) > 1e-6 || math.Abs(*p.TopFifth-.746) > .0005 {
		t.Errorf("the top fifth made %v, in the file %.4f, published .746", p.TopFifth, top/revenue)
	}
	if got := float64(p.Revenue) / graph.DecimalScale; math.Abs(got-revenue) > 1 {
		t.Errorf("revenue %.2f, in the file %.2f", got, revenue)
	}
	if got := float64(p.Returns) / graph.DecimalScale; math.Abs(got-returned) > 1 {
		t.Errorf("returns %.2f, in the file %.2f", got, returned)
	}
	sum := 0
	for _, cell := range p.RFM {
		sum += cell.Customers
	}
	if sum != p.Buyers || p.Lifecycles[graph.LifecycleProspect].Customers != p.Customers-p.Buyers {
		t.Errorf("%d in the grid, %d prospects of %d", sum, p.Lifecycles[graph.LifecycleProspect].Customers, p.Customers)
	}
}

// readRetail adds up the lines of invoices by customer, and all returns.
func readRetail(t *testing.T, path string) (spent map[string]float64, returned float64) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows := csv.NewReader(unpacked)
	spent = map[string]float64{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return spent, returned
		}
		if err != nil {
			t.Fatal(err)
		}
		quantity, _ := strconv.ParseFloat(row[3], 64)
		price, _ := strconv.ParseFloat(row[5], 64)
		switch {
		case row[0] == "InvoiceNo" || row[6] == "":
		case strings.HasPrefix(row[0], "C"):
			returned -= quantity * price
		default:
			spent[row[6]] += quantity * price
		}
	}
}

type (
	journeyProduct struct {
		ID         int64  `parquet:"product_id"`
		Department string `parquet:"department"`
	}
	journeyHousehold struct {
		ID   int64  `parquet:"household_id"`
		Kids string `parquet:"kids_count"`
	}
	journeyPurchase struct {
		Household int64   `parquet:"household_id"`
		Product   int64   `parquet:"product_id"`
		Value     float64 `parquet:"sales_value"`
	}
)

// TestCompleteJourneyFamilies compares what families and all others bought, department by department, with a reading of the files themselves.
func TestCompleteJourneyFamilies(t *testing.T) {
	dir := publishedData(t, "complete_journey")
	view, store := figuresOf(t, dir, "complete_journey.yaml")
	kids := func(values ...string) graph.Rule {
		r := &graph.AttributeRule{Name: "kids_count", Op: graph.OpIn}
		for _, v := range values {
			r.Values = append(r.Values, graph.TextValue(v))
		}
		return graph.Rule{Attribute: r}
	}
	with := kids("1", "2", "3+")
	families, err := view.Compile(with, "rule")
	if err != nil {
		t.Fatal(err)
	}
	others, err := view.Compile(graph.Rule{Not: &with}, "rule")
	if err != nil {
		t.Fatal(err)
	}
	members, err := families.Members(t.Context(), time.Time{})
	if err != nil || members.Len() != 288 {
		t.Errorf("%d families, %v; published 288", members.Len(), err)
	}
	tree, err := store.Categories(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var roots []string
	names := map[string]string{}
	for _, root := range tree.Children("") {
		roots = append(roots, root.ID)
		names[root.ID] = root.Name
	}
	want := readJourney(t, dir)
	for group, rule := range map[bool]*insight.Rule{true: families, false: others} {
		table, err := view.Demand(t.Context(), insight.DemandQuery{By: []insight.Dimension{insight.ByCategory}, Categories: roots, Rule: rule,
			Measures: []insight.Measure{insight.Customers, insight.Purchases, insight.Revenue}})
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for row := range table.Rows {
			department := names[*table.Labels[0].Names[table.Labels[0].Codes[row]]]
			w := want[group][department]
			if w == nil {
				t.Errorf("%s is no department", department)
				continue
			}
			seen++
			if int(table.Numbers[0].Values[row]) != len(w.households) || int(table.Numbers[1].Values[row]) != w.purchases || math.Abs(table.Numbers[2].Values[row]-w.value) > .01 {
				t.Errorf("families %v, %s: %v households, %v purchases, %v; in the files %d, %d, %.2f", group, department,
					table.Numbers[0].Values[row], table.Numbers[1].Values[row], table.Numbers[2].Values[row], len(w.households), w.purchases, w.value)
			}
		}
		if seen != len(want[group]) || seen < 20 {
			t.Errorf("%d departments, in the files %d", seen, len(want[group]))
		}
	}
}

// bought is what one group of households bought in one department.
type bought struct {
	households map[int64]bool
	purchases  int
	value      float64
}

// readJourney adds up the files by whether there are children, and department.
func readJourney(t *testing.T, dir string) map[bool]map[string]*bought {
	t.Helper()
	departments, families := map[int64]string{}, map[int64]bool{}
	products, err := parquet.ReadFile[journeyProduct](filepath.Join(dir, "products.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range products {
		departments[p.ID] = p.Department
	}
	households, err := parquet.ReadFile[journeyHousehold](filepath.Join(dir, "demographics.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range households {
		families[h.ID] = h.Kids != "0"
	}
	purchases, err := parquet.ReadFile[journeyPurchase](filepath.Join(dir, "transactions.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	sums := map[bool]map[string]*bought{true: {}, false: {}}
	for _, x := range purchases {
		department, known := departments[x.Product]
		if !known {
			continue // rejected when it was loaded
		}
		group := sums[families[x.Household]]
		if group[department] == nil {
			group[department] = &bought{households: map[int64]bool{}}
		}
		b := group[department]
		b.households[x.Household] = true
		b.purchases++
		b.value += x.Value
	}
	return sums
}
