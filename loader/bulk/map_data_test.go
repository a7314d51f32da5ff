package bulk_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"lacuna/graph"
	"lacuna/loader/bulk"
)

// sharedData gives a folder of the published data sets: below LACUNA_SHARED, else beside the repository. The test is
// skipped where it is absent.
func sharedData(t *testing.T, name string) string {
	t.Helper()
	if underRace {
		t.Skip("the large data sets are loaded without the race detector")
	}
	root := os.Getenv("LACUNA_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "data", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the data set %s is not at hand; set LACUNA_SHARED to the folder that has data/%s", name, name)
	}
	return dir
}

func exampleMap(t *testing.T, name string) *bulk.Map {
	t.Helper()
	path := filepath.Join("..", "..", "examples", name)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := bulk.ParseMap(path, text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// counts is what a load of a kind comes to.
type counts struct{ Accepted, Duplicates, Rejected int64 }

func countsOf(s bulk.Summary) map[bulk.Kind]counts {
	all := map[bulk.Kind]counts{"all": {s.Accepted, s.Duplicates, s.Rejected}}
	for kind, c := range s.Kinds {
		all[kind] = counts{c.Accepted, c.Duplicates, c.Rejected}
	}
	return all
}

// loadTwice loads paths with a map, and again, and compares both accounts.
func loadTwice(t *testing.T, m *bulk.Map, first, second string, wantFirst, wantSecond map[bulk.Kind]counts) graph.Store {
	t.Helper()
	store := openSQLite(t)
	for i, load := range []struct {
		path string
		want map[bulk.Kind]counts
	}{{first, wantFirst}, {second, wantSecond}} {
		s, err := bulk.Load(t.Context(), store, []string{load.path}, bulk.Options{Map: m})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(load.want, countsOf(s)); diff != "" {
			t.Errorf("load %d (-want +got):\n%s", i+1, diff)
		}
	}
	return store
}

// TestOnlineRetail loads UCI Online Retail by its map of at most ten lines: the folder first, then the file.
func TestOnlineRetail(t *testing.T) {
	t.Parallel()
	dir := sharedData(t, "online_retail")
	text, err := os.ReadFile("../../examples/online_retail.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines > 10 {
		t.Errorf("the map has %d lines", lines)
	}
	store := loadTwice(t, exampleMap(t, "online_retail.yaml"), dir, filepath.Join(dir, "online_retail.csv.gz"),
		map[bulk.Kind]counts{
			"all": {406_829, 0, 135_080}, "interactions": {406_829, 0, 135_080}, "customers": {4_372, 0, 0}, "products": {3_684, 0, 0}, "categories": {3_208, 0, 0},
		},
		map[bulk.Kind]counts{"all": {0, 406_829, 135_080}, "interactions": {0, 406_829, 135_080}, "customers": {0, 4_372, 0}, "products": {0, 3_684, 0}})
	at, err := store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	types := map[graph.InteractionType]int{}
	bare := 0
	for chunk, err := range store.Scan(t.Context(), at, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if chunk.Interactions == nil {
			continue
		}
		for i, kind := range chunk.Interactions.Type {
			types[kind]++
			if chunk.Interactions.Category[i] == 0 {
				bare++
			}
		}
	}
	if diff := cmp.Diff(map[graph.InteractionType]int{graph.Purchase: 397_924, graph.Return: 8_905}, types); diff != "" || bare != 1_920 {
		t.Errorf("%d without a category; types (-want +got):\n%s", bare, diff)
	}
	checkRetailCustomer(t, store)
}

// checkRetailCustomer looks at one invoice line and one return, as they stand in the file.
func checkRetailCustomer(t *testing.T, store graph.Store) {
	t.Helper()
	pages, err := store.Interactions(t.Context(), []graph.InteractionQuery{{Customer: "14527", First: 3, Filter: graph.InteractionFilter{Types: []graph.InteractionType{graph.Return}, Product: "D"}}})
	if err != nil || len(pages[0].Interactions) == 0 {
		t.Fatal(pages, err)
	}
	for _, row := range pages[0].Interactions {
		if row.Quantity.Value != graph.DecimalScale || row.Amount.Value <= 0 || row.Currency != "GBP" || row.Category != "" || !strings.HasPrefix(row.Session, "C") {
			t.Errorf("return = %+v", row)
		}
	}
	products, err := store.Products(t.Context(), []string{"85123A"})
	if err != nil || products["85123A"].Name != "WHITE HANGING HEART T-LIGHT HOLDER" || products["85123A"].Categories[0] != "85123" {
		t.Errorf("product = %+v, %v", products, err)
	}
}

// firstRows gives a folder like dir whose Parquet file of a name has its first n rows alone. Its rows have ids of their
// content, so that these are the ones that a load of the whole file has given.
func firstRows(t *testing.T, dir, name string, n int) string {
	t.Helper()
	part := t.TempDir()
	files, err := filepath.Glob(filepath.Join(dir, "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		file, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(file) != name {
			if err := os.Symlink(file, filepath.Join(part, filepath.Base(file))); err != nil {
				t.Fatal(err)
			}
			continue
		}
		copyRows(t, file, filepath.Join(part, name), n)
	}
	return part
}

func copyRows(t *testing.T, from, to string, n int) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	r := parquet.NewReader(in)
	w := parquet.NewWriter(out, r.Schema())
	rows := make([]parquet.Row, 1000)
	for left := n; left > 0; {
		got, err := r.ReadRows(rows[:min(left, len(rows))])
		if err != nil || got == 0 {
			t.Fatal(got, err)
		}
		if _, err := w.WriteRows(rows[:got]); err != nil {
			t.Fatal(err)
		}
		left -= got
	}
	if err := errors.Join(w.Close(), r.Close(), out.Close(), in.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestCompleteJourney loads dunnhumby's year of purchases by its map.
func TestCompleteJourney(t *testing.T) {
	t.Parallel()
	dir := sharedData(t, "complete_journey")
	store := loadTwice(t, exampleMap(t, "complete_journey.yaml"), dir, firstRows(t, dir, "transactions.parquet", 147_000),
		map[bulk.Kind]counts{
			"all": {1_464_471, 0, 4_836}, "interactions": {1_464_471, 0, 4_836}, "customers": {801, 0, 0}, "products": {92_331, 0, 0}, "categories": {4_203, 0, 0},
		},
		map[bulk.Kind]counts{"all": {0, 146_683, 317}, "interactions": {0, 146_683, 317}, "customers": {0, 801, 0}, "products": {0, 92_331, 0}})
	stats, err := store.Stats(t.Context())
	if err != nil || stats.Customers != 2_469 || stats.Interactions != 1_464_471 {
		t.Errorf("stats = %+v, %v", stats, err)
	}
	tree, err := store.Categories(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const path = "GROCERY > FRZN ICE > ICE - CRUSHED/CUBED"
	if c := tree.Category(path); c == nil || c.Name != "ICE - CRUSHED/CUBED" || c.Parent != "GROCERY > FRZN ICE" || len(tree.Children("")) != 32 {
		t.Errorf("category = %+v, %d departments", c, len(tree.Children("")))
	}
	found, err := store.Customers(t.Context(), []graph.CustomerRef{graph.ByID("1")})
	if err != nil || len(found[graph.ByID("1")].Attributes) != 7 {
		t.Errorf("customer = %+v, %v", found, err)
	}
}
