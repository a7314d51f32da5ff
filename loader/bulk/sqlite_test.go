package bulk_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
	"lacuna/graph/sqlitestore"
	"lacuna/loader/bulk"
)

func openSQLite(t testing.TB) graph.Store {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "lacuna.db"), sqlitestore.Options{CreateIfMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// TestLoadIntoSQLite loads a small folder into the embedded store, twice, and reads it back.
func TestLoadIntoSQLite(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"categories.csv": "id,name,parent,name_zh\ntours,Tours,travel,行程\ntravel,Travel,,旅遊\n",
		"products.csv":   "id,name,categories,price,currency,attr.days\np1,Taroko,tours,1200.5,TWD,2\np2,Lost,nowhere,1,TWD,2\n",
		"customers.csv":  "id,name,identities,consents,attr.party\nc1,陳美玲,EMAIL:a@x.tw;verified,MARKETING:GRANTED,family\nc2,Lin,EMAIL:a@x.tw,,couple\n",
		"segments.ndjson": `{"id":"both","rule":{"segment":{"in":["families"]}}}` + "\n" +
			`{"id":"families","rule":{"attribute":{"name":"party","eq":"family"}}}`,
		"interactions.csv": "type,at,customer,product,query,results\nVIEW,2026-01-01,c1,p1,,\nVIEW,2026-01-01,c1,p1,,\nSEARCH,2026-01-02,EMAIL:b@x.tw,,kayak,0\nVIEW,2026-01-03,c1,p9,,\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store := openSQLite(t)
	first, err := bulk.Load(t.Context(), store, []string{dir}, bulk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantReasons := map[graph.RejectCode]int64{"unknown_category": 1, "identity_taken": 1, "unknown_product": 1}
	if diff := cmp.Diff(wantReasons, first.Reasons); diff != "" || first.Accepted != 9 {
		t.Fatalf("accepted %d, reasons (-want +got):\n%s", first.Accepted, diff)
	}
	second, err := bulk.Load(t.Context(), store, []string{dir}, bulk.Options{})
	if err != nil || second.Accepted != 0 || second.Duplicates != 9 || second.Rejected != 3 {
		t.Errorf("second load: %+v %v", second.Counts, err)
	}
	stats, err := store.Stats(t.Context())
	if err != nil || stats.Interactions != 3 || stats.Customers != 2 || stats.Segments != 2 || stats.Categories != 2 {
		t.Errorf("stats = %+v %v", stats, err)
	}
	found, err := store.Customers(t.Context(), []graph.CustomerRef{graph.ParseCustomerRef("EMAIL:A@X.tw")})
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	for _, c := range found {
		if c.ID != "c1" || c.Attributes[0].Source != "customers.csv" || !c.Identities[0].Verified {
			t.Errorf("customer = %+v", c)
		}
	}
}

// BenchmarkLoadSQLite loads interactions of 20,000 customers into an empty store: LACUNA_BENCH_ROWS of them, or 200,000.
func BenchmarkLoadSQLite(b *testing.B) {
	rows := 200_000
	if n, err := strconv.Atoi(os.Getenv("LACUNA_BENCH_ROWS")); err == nil {
		rows = n
	}
	path := filepath.Join(b.TempDir(), "interactions.csv")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("id,type,at,customer,channel,query,results\n")
	for i := range rows {
		fmt.Fprintf(&text, "i%09d,SEARCH,2026-%02d-%02dT%02d:00:00Z,c%07d,WEB,query %d,%d\n", i, 1+i%12, 1+i%28, i%24, i*7919%20_000, i%2000, i%60)
		if text.Len() > 1<<20 || i == rows-1 {
			if _, err := file.WriteString(text.String()); err != nil {
				b.Fatal(err)
			}
			text.Reset()
		}
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	debug.FreeOSMemory()
	b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s, err := bulk.Load(b.Context(), openSQLite(b), []string{path}, bulk.Options{})
			if err != nil || s.Accepted != int64(rows) {
				b.Fatal(s.Counts, err)
			}
		}
		b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
		b.ReportMetric(peakMemory(b), "MB-peak")
	})
}

// peakMemory gives the most memory that the process has had, in MB; 0 where the system does not tell.
func peakMemory(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kb, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(strings.SplitN(rest, "\n", 2)[0]), "kB")), 64)
	if err != nil {
		return 0
	}
	return kb / 1024
}
