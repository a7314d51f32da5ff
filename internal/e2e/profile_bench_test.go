package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"lacuna/graph"
	"lacuna/graph/sqlitestore"
	"lacuna/server"
)

const (
	callers      = 32
	perCustomer  = 40
	manyProducts = 2_000
)

// BenchmarkProfile asks for a customer with the 20 newest interactions, their products and categories, and the total:
// as the same SQL in a bare loop on all cores, over HTTP by 32 callers, and over HTTP from a store that answers from memory. The
// ratio is a throughput over the bare loop's.
func BenchmarkProfile(b *testing.B) {
	rows := benchRows(200_000)
	path := filepath.Join(b.TempDir(), "bench.db")
	store, err := sqlitestore.Open(b.Context(), path, sqlitestore.Options{CreateIfMissing: true})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	customers := rows / perCustomer
	fill(b, store, rows, customers)

	var bare float64
	b.Run(fmt.Sprintf("bare/rows=%d", rows), func(b *testing.B) { bare = measure(b, runtime.GOMAXPROCS(0), bareProfiles(b, path, customers)) })
	over := func(url string) func(*testing.B) {
		return func(b *testing.B) {
			rate := measure(b, callers, posts(b, url+"/graphql", customers, byID))
			if bare > 0 {
				b.ReportMetric(rate/bare, "of-bare")
			}
		}
	}
	b.Run(fmt.Sprintf("http/rows=%d/callers=%d", rows, callers), over(served(b, store)))
	b.Run(fmt.Sprintf("http-without-store/callers=%d", callers), over(served(b, freeze(b, store))))
}

// benchRows is how many interactions a benchmark is made with.
func benchRows(byDefault int) int {
	if n, err := strconv.Atoi(os.Getenv("LACUNA_BENCH_ROWS")); err == nil {
		return n
	}
	return byDefault
}

// served serves a store over HTTP until the benchmark ends, and gives where.
func served(b *testing.B, store graph.Store) (url string) {
	s := server.New(server.Options{Logger: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry()})
	s.Attach(store)
	web := httptest.NewServer(s)
	b.Cleanup(web.Close)
	return web.URL
}

// frozen answers every read with what one customer's was, from memory: what is left is HTTP, GraphQL and the callers.
type frozen struct {
	graph.Store
	profiles graph.Profiles
}

func freeze(b *testing.B, store graph.Store) *frozen {
	b.Helper()
	found, err := store.Profiles(b.Context(), []graph.ProfileQuery{{Customer: graph.ByID(customerID(0)), Newest: 20, Count: true, Catalog: true}})
	if err != nil {
		b.Fatal(err)
	}
	return &frozen{store, found}
}

func (f *frozen) Profiles(context.Context, []graph.ProfileQuery) (graph.Profiles, error) {
	return f.profiles, nil
}

// measure runs b.N calls on so many goroutines and reports the rate and how long calls took.
func measure(b *testing.B, workers int, newCall func() func(*rand.Rand) error) (rate float64) {
	calls := make([]func(*rand.Rand) error, workers)
	for i := range calls {
		calls[i] = newCall()
	}
	b.ReportAllocs()
	b.ResetTimer()
	begun, spent := time.Now(), cpuTime(b)
	var lock sync.Mutex
	var all []time.Duration
	var group sync.WaitGroup
	for w, call := range calls {
		n := b.N / workers
		if w < b.N%workers {
			n++
		}
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 1))
			took := make([]time.Duration, 0, n)
			for range n {
				start := time.Now()
				if err := call(random); err != nil {
					b.Error(err)
					return
				}
				took = append(took, time.Since(start))
			}
			lock.Lock()
			all = append(all, took...)
			lock.Unlock()
		})
	}
	group.Wait()
	rate = float64(len(all)) / time.Since(begun).Seconds()
	if len(all) == 0 {
		return rate
	}
	slices.Sort(all)
	b.ReportMetric(rate, "profiles/s")
	b.ReportMetric(float64((cpuTime(b)-spent).Microseconds())/float64(len(all)), "cpu-µs/op")
	b.ReportMetric(float64(all[len(all)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-µs")
	return rate
}

// cpuTime is what this process has used of all cores, callers included. Unlike the rate, it does not depend on what else runs
// on the machine.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

const profileQuery = `query($by: CustomerBy!) { customer(by: $by) { id name lastSeenAt identities { kind value }
	interactions(first: 20) { totalCount nodes { id type at channel amount product { id name categories { id name } } } } } }`

// byID asks for a customer by id.
func byID(n int) any {
	return map[string]any{"query": profileQuery, "variables": map[string]any{"by": map[string]string{"id": customerID(n)}}}
}

// bareProfiles reads what the query asks for with prepared statements and no more code than it takes. As in the store, +?
// keeps SQLite from planning a statement anew for each value.
func bareProfiles(b *testing.B, path string, customers int) func() func(*rand.Rand) error {
	return func() func(*rand.Rand) error {
		conn, err := sqlite.OpenConn(path, sqlite.OpenReadOnly)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		if err := sqlitex.ExecuteTransient(conn, "PRAGMA cache_size=-16384", nil); err != nil { // as the store's readers have
			b.Fatal(err)
		}
		return func(random *rand.Rand) error {
			id := customerID(random.IntN(customers))
			var key int64
			each := func(query string, visit func(*sqlite.Stmt), args ...any) {
				if err == nil {
					err = sqlitex.Execute(conn, query, &sqlitex.ExecOptions{Args: args, ResultFunc: func(st *sqlite.Stmt) error { visit(st); return nil }})
				}
			}
			all := func(st *sqlite.Stmt) {
				for i := range st.ColumnCount() {
					if st.ColumnType(i) == sqlite.TypeText {
						_ = st.ColumnText(i)
					} else {
						_ = st.ColumnInt64(i)
					}
				}
			}
			each("BEGIN", all)
			each("SELECT key, id, name, created_at, household, referrer FROM customers WHERE id = ?", func(st *sqlite.Stmt) { key = st.ColumnInt64(0); all(st) }, id)
			each("SELECT kind, value, verified, source, observed_at FROM identities WHERE customer = ?", all, key)
			each("SELECT at FROM interactions WHERE customer = +? ORDER BY at DESC LIMIT 1", all, key)
			products := map[int64]bool{}
			each(`SELECT seq, customer, product, category, at, type, channel, known, results, quantity, amount, rating, currency, id, origin, identity,
				source, query, session, campaign, attributes FROM interactions WHERE customer = +? ORDER BY at DESC, id LIMIT 21`, func(st *sqlite.Stmt) {
				products[st.ColumnInt64(2)] = true
				all(st)
			}, key)
			each("SELECT count(*) FROM interactions WHERE customer = ?", all, key)
			for product := range products {
				each("SELECT id, name, price, currency, launched_at, retired_at, in_stock, attributes FROM products WHERE key = ?", all, product)
				each("SELECT c.id, c.name FROM product_categories p JOIN categories c ON c.key = p.category WHERE p.product = +? ORDER BY p.position", all, product)
			}
			each("COMMIT", all)
			return err
		}
	}
}

func customerID(n int) string { return fmt.Sprintf("c%07d", n) }

// fill writes customers with two identities each and interactions spread over them, in no order of time.
func fill(b *testing.B, store graph.Store, rows, customers int) {
	b.Helper()
	batch := &graph.Batch{}
	for i := range 100 {
		batch.Categories = append(batch.Categories, graph.Category{ID: fmt.Sprintf("k%03d", i), Name: fmt.Sprintf("Category %d", i)})
	}
	for i := range manyProducts {
		batch.Products = append(batch.Products, graph.Product{ID: fmt.Sprintf("p%05d", i), Name: fmt.Sprintf("Product %d", i),
			Categories: []string{fmt.Sprintf("k%03d", i%100)}, Price: graph.Some(graph.Decimal(1_250_000)), Currency: "TWD"})
	}
	err := store.Bulk(b.Context(), func(w graph.Writer) error {
		flush := func() error {
			outcomes, err := w.Write(b.Context(), batch)
			if err == nil {
				for _, o := range slices.Concat(outcomes.Categories, outcomes.Products, outcomes.Customers, outcomes.Interactions) {
					if o.Status != graph.Accepted {
						return o.Rejection
					}
				}
			}
			batch = &graph.Batch{}
			return err
		}
		for i := range customers {
			batch.Customers = append(batch.Customers, graph.CustomerUpsert{ID: customerID(i), Name: fmt.Sprintf("Customer %d", i), Source: "bench",
				Identities: []graph.IdentityClaim{{Identity: graph.Identity{Kind: graph.EmailAddress, Value: fmt.Sprintf("c%d@example.com", i)}},
					{Identity: graph.Identity{Kind: graph.Phone, Value: fmt.Sprintf("+8869%08d", i)}}}})
			if batch.Len() > 10_000 {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		random := rand.New(rand.NewPCG(1, 2))
		start := time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)
		for i := range rows {
			batch.Interactions = append(batch.Interactions, graph.Interaction{ID: fmt.Sprintf("i%09d", i), Type: graph.InteractionType(1 + i%7),
				At: start.Add(time.Duration(random.IntN(730*86400)) * time.Second), Customer: graph.ByID(customerID(i % customers)), Channel: graph.Web,
				Product: fmt.Sprintf("p%05d", random.IntN(manyProducts)), Source: "bench"})
			if batch.Len() > 20_000 {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		return flush()
	})
	if err != nil {
		b.Fatal(err)
	}
}
