package neo4jstore

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
)

// The benchmarks ask a real server, as set up for tests. LACUNA_BENCH_ROWS is how many interactions it holds.
const (
	benchBatch   = 8_192 // as loading writes them
	perCustomer  = 20
	benchCallers = 32
)

func benchRows() int {
	n, err := strconv.Atoi(os.Getenv("LACUNA_BENCH_ROWS"))
	if err != nil {
		n = 100_000
	}
	return n
}

func benchBatches(rows int) (list []*graph.Batch) {
	random := rand.New(rand.NewPCG(1, 1))
	for n := 0; n < rows; n += benchBatch {
		b := &graph.Batch{CreateMissing: true}
		for i := n; i < min(n+benchBatch, rows); i++ {
			b.Interactions = append(b.Interactions, graph.Interaction{
				ID: fmt.Sprint("i", i), Customer: graph.ByID(benchCustomer(random.IntN(rows / perCustomer))), Type: graph.View, Channel: graph.Web,
				At: instant(1_700_000_000_000_000 + int64(i)*1e6), Product: fmt.Sprint("p", random.IntN(1_000)), Source: "bench", Session: fmt.Sprint("s", i/7),
			})
		}
		list = append(list, b)
	}
	return list
}

func benchCustomer(n int) string { return fmt.Sprint("c", n) }

// bareCreate is the best bare form of loading: what exists is skipped, the path of the rest is created.
const bareCreate = `UNWIND $rows AS row
OPTIONAL MATCH (old:Interaction {id: row.id}) WITH row WHERE old IS NULL
MATCH (c:Customer {id: row.customerId}) MATCH (p:Product {id: row.product})
CREATE (c)-[:MADE]->(i:Interaction)-[:ABOUT]->(p) SET i = row`

// BenchmarkLoad loads interactions, beside the bare form with two writers and the same constraints. Customers and products are there before.
func BenchmarkLoad(b *testing.B) {
	rows := benchRows()
	s := fresh(b)
	list := benchBatches(rows)
	var took, bare, again time.Duration
	const forget = "MATCH (i:Interaction) CALL (i) { DETACH DELETE i } IN TRANSACTIONS OF 10000 ROWS"
	load(b, s, list) // customers and products, and a server that has warmed up
	for b.Loop() {
		run(b, s, forget, nil)
		begun := time.Now()
		load(b, s, list)
		took = time.Since(begun)
		begun = time.Now()
		load(b, s, list)
		again = time.Since(begun)
		run(b, s, forget, nil)
		begun = time.Now()
		var writers sync.WaitGroup
		for w := range 2 {
			writers.Go(func() {
				for n := w; n < len(list); n += 2 {
					for half := range slices.Chunk(list[n].Interactions, 5_000) {
						var given []params
						for i := range half {
							row := half[i]
							row.Owner = row.Customer.Value
							given = append(given, interactionRow(&row, row.Owner, int64(n*benchBatch+i)))
						}
						run(b, s, bareCreate, params{"rows": given})
					}
				}
			})
		}
		writers.Wait()
		bare = time.Since(begun)
	}
	b.ReportMetric(float64(rows)/took.Seconds(), "rows/s")
	b.ReportMetric(float64(rows)/again.Seconds(), "again-rows/s")
	b.ReportMetric(float64(rows)/bare.Seconds(), "bare-rows/s")
	b.ReportMetric(bare.Seconds()/took.Seconds(), "ratio")
}

func load(b *testing.B, s *Store, list []*graph.Batch) {
	b.Helper()
	err := s.Bulk(b.Context(), func(w graph.Writer) error {
		for _, batch := range list {
			if _, err := w.Write(b.Context(), batch); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func run(b *testing.B, s *Store, text string, p params) {
	session := s.session(b.Context(), neo4j.AccessModeWrite)
	if err := execute(b.Context(), session, text, p); err != nil {
		b.Error(err)
	}
	if err := session.Close(b.Context()); err != nil {
		b.Error(err)
	}
}

// bareProfile is the obvious Cypher of a profile: the customer, the newest interactions with their products, how many there are.
const bareProfile = `MATCH (c:Customer {id: $id})
CALL (c) { MATCH (i:Interaction) WHERE i.customerId = c.id AND i.at IS NOT NULL WITH i ORDER BY i.customerId DESC, i.at DESC LIMIT 20
  MATCH (i)-[:ABOUT]->(p:Product) OPTIONAL MATCH (p)-[:IN_CATEGORY]->(k:Category)
  RETURN collect([i.id, i.at, i.type, i.channel, p.id, p.name, k.id, k.name]) AS newest }
CALL (c) { MATCH (i:Interaction) WHERE i.customerId = c.id AND i.at IS NOT NULL RETURN count(i) AS total }
RETURN c.id, c.profile, newest, total`

// BenchmarkProfile asks for profiles with 32 callers, beside the obvious query by the bare driver.
func BenchmarkProfile(b *testing.B) {
	rows := benchRows()
	s := fresh(b)
	load(b, s, benchBatches(rows))
	callers := func(b *testing.B, ask func(id string) error) float64 {
		b.SetParallelism(benchCallers / 2)
		begun := time.Now()
		b.RunParallel(func(pb *testing.PB) {
			random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
			for pb.Next() {
				if err := ask(benchCustomer(random.IntN(rows / perCustomer))); err != nil {
					b.Error(err)
				}
			}
		})
		return float64(b.N) / time.Since(begun).Seconds()
	}
	var bare float64
	b.Run("bare", func(b *testing.B) {
		bare = callers(b, func(id string) error {
			session := s.driver.NewSession(b.Context(), neo4j.SessionConfig{AccessMode: neo4j.AccessModeRead, DatabaseName: s.opts.Database})
			result, err := session.Run(b.Context(), bareProfile, params{"id": id})
			if err != nil {
				return err
			}
			if _, err := result.Collect(b.Context()); err != nil {
				return err
			}
			return session.Close(b.Context())
		})
	})
	b.Run("store", func(b *testing.B) {
		rate := callers(b, func(id string) error { return storeProfile(b, s, id) })
		b.ReportMetric(rate/bare, "of-bare")
	})
}

// storeProfile reads what the bare profile does, by the port.
func storeProfile(b *testing.B, s *Store, id string) error {
	_, err := s.Profiles(b.Context(), []graph.ProfileQuery{{Customer: graph.ByID(id), Newest: 20, Count: true, Catalog: true}})
	return err
}

// BenchmarkScan reads everything, beside the same query by the bare driver.
func BenchmarkScan(b *testing.B) {
	rows := benchRows()
	s := fresh(b)
	load(b, s, benchBatches(rows))
	var bare float64
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			begun := time.Now()
			if err := s.stream(b.Context(), "scan_interactions", params{"until": int64(1 << 62)}, func([]any) error { return nil }); err != nil {
				b.Fatal(err)
			}
			bare = float64(rows) / time.Since(begun).Seconds()
		}
		b.ReportMetric(bare, "rows/s")
	})
	b.Run("store", func(b *testing.B) {
		rate := 0.0
		for b.Loop() {
			head, err := s.Head(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			begun := time.Now()
			for _, err := range s.Scan(b.Context(), head, graph.ScanTexts|graph.ScanAttributes) {
				if err != nil {
					b.Fatal(err)
				}
			}
			rate = float64(rows) / time.Since(begun).Seconds()
		}
		b.ReportMetric(rate, "rows/s")
		b.ReportMetric(rate/bare, "of-bare")
	})
}

// BenchmarkWriters writes by ever more writers, each with a handle of its own as another process would have: they take turns.
func BenchmarkWriters(b *testing.B) {
	list := benchBatches(benchRows())
	for _, writers := range []int{1, 2, 4} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			s := fresh(b)
			load(b, s, list[:1])
			begun := time.Now()
			var group sync.WaitGroup
			for w := range writers {
				handle, err := Open(b.Context(), s.opts)
				if err != nil {
					b.Fatal(err)
				}
				group.Go(func() {
					for n := 1 + w; n < len(list); n += writers {
						if _, err := handle.Write(b.Context(), list[n]); err != nil {
							b.Error(err)
						}
					}
				})
				defer handle.Close()
			}
			group.Wait()
			b.ReportMetric(float64((len(list)-1)*benchBatch)/time.Since(begun).Seconds(), "rows/s")
		})
	}
}
