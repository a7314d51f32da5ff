package insight

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"lacuna/graph"
	"lacuna/graph/sqlitestore"
)

// openBench opens the store that LACUNA_BENCH_STORE names, an SQLite file of the benchmark's data set, or makes a small one.
func openBench(b *testing.B) *View {
	b.Helper()
	path := os.Getenv("LACUNA_BENCH_STORE")
	if path == "" {
		b.Skip("LACUNA_BENCH_STORE names no SQLite file: load the benchmark's data set into one first")
	}
	store, err := sqlitestore.Open(b.Context(), path, sqlitestore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	at, err := store.Head(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	begun := time.Now()
	n := 0
	for chunk, err := range store.Scan(b.Context(), at, graph.ScanTexts|graph.ScanAttributes) {
		if err != nil {
			b.Fatal(err)
		}
		if chunk.Interactions != nil {
			n += chunk.Interactions.Len
		}
	}
	bare := time.Since(begun)
	begun = time.Now()
	o := options()
	o.Zone = time.UTC
	w := newWriter(store, o)
	if err := w.scan(b.Context(), at); err != nil {
		b.Fatal(err)
	}
	stats, err := store.Stats(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	v := w.view(at, stats)
	took := time.Since(begun)
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.Logf("%d interactions: bare scan %v, engine %v (%.2f of it); heap %d MB, %.1f bytes an interaction", n, bare, took, bare.Seconds()/took.Seconds(), m.HeapAlloc>>20, float64(m.HeapAlloc)/float64(n))
	return v
}

func attributeIn(name string, values ...string) graph.Rule {
	r := &graph.AttributeRule{Name: name, Op: graph.OpIn}
	for _, v := range values {
		r.Values = append(r.Values, graph.TextValue(v))
	}
	return graph.Rule{Attribute: r}
}

var (
	narrow = graph.Rule{All: []graph.Rule{attributeIn("a03", "v1"), attributeIn("a07", "v1")}}
	wide   = graph.Rule{All: []graph.Rule{attributeIn("a03", "v0", "v1", "v2", "v3"), attributeIn("a07", "v0", "v1", "v2")}}
)

// BenchmarkQuestions asks what dashboards and people at a playground ask, of LACUNA_BENCH_STORE.
func BenchmarkQuestions(b *testing.B) {
	v := openBench(b)
	demand := func(rule *graph.Rule, by ...Dimension) func(b *testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				q := DemandQuery{By: by, Grain: Month, Measures: []Measure{Interactions, Customers}}
				if rule != nil {
					compiled, err := v.Compile(*rule, "rule")
					if err != nil {
						b.Fatal(err)
					}
					q.Rule = compiled
				}
				if _, err := v.Demand(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	preview := func(rule graph.Rule) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				compiled, err := v.Compile(rule, "rule")
				if err != nil {
					b.Fatal(err)
				}
				if _, err := compiled.Members(b.Context(), time.Time{}); err != nil {
					b.Fatal(err)
				}
				if _, err := compiled.Growth(b.Context(), Month, graph.TimeRange{}, time.Time{}); err != nil {
					b.Fatal(err)
				}
				if _, err := v.CountParts(b.Context(), rule, time.Time{}); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	v.bucketsOf() // they are made once
	b.Run("narrow", demand(&narrow, ByCategory, ByPeriod))
	b.Run("wide", demand(&wide, ByCategory, ByPeriod))
	b.Run("everybody", demand(nil, ByCategory, ByPeriod))
	b.Run("matrix", demand(nil, BySegment, ByCategory, ByPeriod))
	b.Run("preview/narrow", preview(narrow))
	b.Run("preview/wide", preview(wide))
	event := graph.Rule{Event: &graph.EventRule{Types: []graph.InteractionType{graph.Purchase}, Within: &graph.Duration{Days: 90}, Count: &graph.CountRange{Gte: graph.Some(int64(2))}}}
	b.Run("preview/event", preview(event))
	b.Run("explain", func(b *testing.B) {
		both := graph.Rule{All: []graph.Rule{wide, event}}
		id := v.id(1000)
		for b.Loop() {
			compiled, err := v.Compile(both, "rule")
			if err != nil {
				b.Fatal(err)
			}
			if _, err := compiled.Explain(both, id, time.Time{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("population", func(b *testing.B) {
		for b.Loop() {
			v.cache = newCache()
			if _, err := v.Population(b.Context(), time.Time{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkMatrix counts all segments by category and month, without writing a table: what gaps are computed from.
func BenchmarkMatrix(b *testing.B) {
	v := openBench(b)
	ids := make([]string, 0, len(v.segments))
	for i := range v.segments {
		ids = append(ids, v.segments[i].ID)
	}
	v.bucketsOf()
	b.ReportAllocs()
	for b.Loop() {
		sets, err := v.segmentSets(b.Context(), ids, v.moment(time.Time{}))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := v.matrixOf(b.Context(), sets, v.bucketsOf()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSnapshot writes and reads the snapshot of LACUNA_BENCH_STORE.
func BenchmarkSnapshot(b *testing.B) {
	path := os.Getenv("LACUNA_BENCH_STORE")
	if path == "" {
		b.Skip("LACUNA_BENCH_STORE names no SQLite file: load the benchmark's data set into one first")
	}
	store, err := sqlitestore.Open(b.Context(), path, sqlitestore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	at, err := store.Head(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	w := newWriter(store, options())
	if err := w.scan(b.Context(), at); err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "figures")
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			if err := w.save(file, at); err != nil {
				b.Fatal(err)
			}
		}
	})
	w = nil
	b.Run("read", func(b *testing.B) {
		stats, err := store.Stats(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			r := newWriter(store, options())
			if _, err := r.restore(b.Context(), file); err != nil {
				b.Fatal(err)
			}
			r.view(at, stats)
		}
		info, err := os.Stat(file)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/1e6, "MB")
	})
}

// BenchmarkFollow measures how long a batch of new interactions takes until a view has them, beside LACUNA_BENCH_STORE's.
func BenchmarkFollow(b *testing.B) {
	path := os.Getenv("LACUNA_BENCH_STORE")
	if path == "" {
		b.Skip("LACUNA_BENCH_STORE names no SQLite file: load the benchmark's data set into one first")
	}
	store, err := sqlitestore.Open(b.Context(), path, sqlitestore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	f := follow(b, store)
	ids, _ := f.current.Load().Everyone(time.Time{}).Page(200_000, "")
	for _, size := range []int{1, 1_000, 10_000} {
		b.Run(fmt.Sprintf("interactions=%d", size), func(b *testing.B) {
			for b.Loop() {
				batch := newBuffer()
				touched := map[uint32]bool{}
				for n := range size {
					c := f.writer.numberOf(ids[(n*7919+b.N*104729)%len(ids)])
					if !touched[c] {
						touched[c] = true
						batch.copyRows(c, f.writer.pages[c>>pageBits].rows[c&(pageSize-1)])
					}
					f.writer.interaction(batch, c, &graph.Interaction{Type: graph.View, At: time.Unix(1_790_000_000+int64(n), 0), Product: "p00001"})
				}
				f.writer.place(batch, touched)
				f.writer.view(f.at, graph.Stats{})
			}
		})
	}
}
