package insight

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"lacuna/graph"
	"lacuna/graph/sqlitestore"
)

// benchSource opens the store that LACUNA_BENCH_STORE names, an SQLite file into which a data set was loaded, or invents one of
// LACUNA_BENCH_ROWS interactions.
func benchSource(b *testing.B) (source Source, at graph.Cursor, stats graph.Stats) {
	b.Helper()
	path := os.Getenv("LACUNA_BENCH_STORE")
	if path == "" {
		return newMade(b), "", graph.Stats{LatestAt: time.Unix(madeFirst+madeMonths*2_629_746, 0)}
	}
	store, err := sqlitestore.Open(b.Context(), path, sqlitestore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	if at, err = store.Head(b.Context()); err != nil {
		b.Fatal(err)
	}
	if stats, err = store.Stats(b.Context()); err != nil {
		b.Fatal(err)
	}
	return store, at, stats
}

// openBench reads the data, and tells how long that took beside reading without keeping.
func openBench(b *testing.B) (*View, *writer) {
	b.Helper()
	source, at, stats := benchSource(b)
	begun := time.Now()
	n := 0
	for chunk, err := range source.Scan(b.Context(), at, graph.ScanTexts|graph.ScanAttributes) {
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
	w := newWriter(source, o)
	if err := w.scan(b.Context(), at); err != nil {
		b.Fatal(err)
	}
	v := w.view(at, stats)
	took := time.Since(begun)
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.Logf("%d interactions: bare scan %v, engine %v (%.2f of it); heap %d MB, %.1f bytes an interaction", n, bare, took, bare.Seconds()/took.Seconds(), m.HeapAlloc>>20, float64(m.HeapAlloc)/float64(n))
	return v, w
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

// BenchmarkQuestions asks what dashboards and people at a playground ask, of what [benchSource] gives.
func BenchmarkQuestions(b *testing.B) {
	v, _ := openBench(b)
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
				members, err := compiled.Members(b.Context(), time.Time{})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := compiled.Growth(b.Context(), Month, graph.TimeRange{}, time.Time{}); err != nil {
					b.Fatal(err)
				}
				if _, err := compiled.CountParts(b.Context(), rule, members, time.Time{}); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	v.bucketsOf() // they are made once
	bought := graph.Rule{Event: &graph.EventRule{Types: []graph.InteractionType{graph.Purchase}, Within: &graph.Duration{Days: 90}, Count: &graph.CountRange{Gte: graph.Some(int64(2))}}}
	b.Run("narrow", demand(&narrow, ByCategory, ByPeriod))
	b.Run("wide", demand(&wide, ByCategory, ByPeriod))
	b.Run("event", demand(&bought, ByCategory, ByPeriod))
	b.Run("everybody", demand(nil, ByCategory, ByPeriod))
	b.Run("matrix", demand(nil, BySegment, ByCategory, ByPeriod))
	b.Run("preview/narrow", preview(narrow))
	b.Run("preview/wide", preview(wide))
	b.Run("preview/event", preview(bought))
	b.Run("explain", func(b *testing.B) {
		both := graph.Rule{All: []graph.Rule{wide, bought}}
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
	v, _ := openBench(b)
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

// BenchmarkSnapshot writes and reads the file of figures.
func BenchmarkSnapshot(b *testing.B) {
	_, w := openBench(b)
	file := filepath.Join(b.TempDir(), "figures")
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			if err := w.save(file, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			f, err := os.Open(file)
			if err != nil {
				b.Fatal(err)
			}
			info, err := f.Stat()
			if err != nil {
				b.Fatal(err)
			}
			r, at := newWriter(w.source, options()), graph.Cursor("")
			a := reading(f, info.Size())
			r.archive(a, &at)
			if err := errors.Join(a.err, f.Close()); err != nil {
				b.Fatal(err)
			}
			r.view(at, graph.Stats{})
			b.ReportMetric(float64(info.Size())/1e6, "MB")
		}
	})
}

// BenchmarkFollow measures how long it takes until a view has some new interactions of as many customers.
func BenchmarkFollow(b *testing.B) {
	v, w := openBench(b)
	ids, _ := v.Everyone(time.Time{}).Page(1_000_000, "")
	for _, size := range []int{1, 1_000, 10_000} {
		b.Run(fmt.Sprintf("interactions=%d", size), func(b *testing.B) {
			for b.Loop() {
				batch := newBuffer()
				touched := map[uint32]bool{}
				for n := range size {
					c := w.numberOf(ids[(n*7919+b.N*104729)%len(ids)])
					if !touched[c] {
						touched[c] = true
						batch.copyRows(c, w.pages[c>>pageBits].rows[c&(pageSize-1)])
					}
					w.interaction(batch, c, &graph.Interaction{Type: graph.View, At: time.Unix(1_790_000_000+int64(n), 0)})
				}
				w.place(batch, touched)
				w.view("", graph.Stats{})
			}
		})
	}
}

// BenchmarkGaps computes all cells of all segments and categories, and what emerges, anew each time, beside the full matrix ([BenchmarkMatrix]) of the same run.
func BenchmarkGaps(b *testing.B) {
	v, _ := openBench(b)
	b.Run("gaps", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := v.newGaps(b.Context(), v.moment(time.Time{})); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("histories", func(b *testing.B) { // of all cells that are listed or grow, and one more
		gaps, err := v.newGaps(b.Context(), v.moment(time.Time{}))
		if err != nil {
			b.Fatal(err)
		}
		b.ResetTimer()
		for b.Loop() {
			gaps.histories.cells = nil
			if _, err := gaps.historiesOf(b.Context(), []cellPlace{{0, v.catalog.walk[0]}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("values", func(b *testing.B) { // what buyers bring, and all listed gaps in order of value
		gaps, err := v.newGaps(b.Context(), v.moment(time.Time{}))
		if err != nil {
			b.Fatal(err)
		}
		b.ResetTimer()
		for b.Loop() {
			gaps.worths.worth = nil
			if _, err := gaps.List(b.Context(), GapQuery{Order: ByValue}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("emerging", func(b *testing.B) {
		gaps, err := v.newGaps(b.Context(), v.moment(time.Time{}))
		if err != nil {
			b.Fatal(err)
		}
		b.ResetTimer()
		for b.Loop() {
			if _, err := gaps.newEmerging(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
