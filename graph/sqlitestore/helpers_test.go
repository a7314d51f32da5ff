package sqlitestore

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"lacuna/graph"
)

// testNow is where the clock of every test stands.
var testNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var testSeed atomic.Uint64

// testRand gives other bytes at every call, the same ones in every run.
func testRand() io.Reader {
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], testSeed.Add(1))
	return rand.NewChaCha8(seed)
}

func testOptions() Options {
	return Options{Clock: func() time.Time { return testNow }, Rand: testRand(), CreateIfMissing: true}
}

// open opens a store that is closed when the test ends.
func open(t testing.TB, path string, opts Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, opts)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// fresh opens a new store.
func fresh(t testing.TB) *Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "store.db"), testOptions())
}

// write writes a batch of which no row may be rejected.
func write(t testing.TB, w graph.Writer, b graph.Batch) *graph.Outcomes {
	t.Helper()
	out, err := w.Write(t.Context(), &b)
	if err != nil {
		t.Fatalf("Write: %v", err)
	}
	for _, list := range [][]graph.Outcome{out.Categories, out.Products, out.Customers, out.Segments, out.Interactions, out.Retractions, out.DeleteSegments} {
		for i, o := range list {
			if o.Status == graph.Rejected {
				t.Fatalf("row %d rejected: %v", i, o.Rejection)
			}
		}
	}
	return out
}

// event is an interaction n minutes before the clock's time.
func event(id, customer string, n int) graph.Interaction {
	return graph.Interaction{
		ID: id, Type: graph.View, At: testNow.Add(-time.Duration(n) * time.Minute), Customer: graph.ParseCustomerRef(customer), Channel: graph.Web, Source: "test",
	}
}

// events gives n interactions of many customers with everything that a usual file has.
func events(from, n, customers int) []graph.Interaction {
	list := make([]graph.Interaction, n)
	for i := range list {
		k := from + i
		h := uint64(k+1) * 0x9e3779b97f4a7c15
		e := &list[i]
		*e = graph.Interaction{
			ID: fmt.Sprintf("e-%08x", uint32(h>>16)) + fmt.Sprint(k), Type: graph.InteractionType(h>>8%8 + 1), At: testNow.Add(-time.Duration(h>>20%(720*24*3600)) * time.Second),
			Customer: graph.ByID(fmt.Sprintf("c%06d", h>>33%uint64(customers))), Channel: graph.Channel(h>>50%3 + 1),
			Product: fmt.Sprintf("p%05d", h>>40%5000), Session: fmt.Sprintf("s%07d", k/4), Source: "events.csv",
		}
		switch e.Type {
		case graph.Search:
			e.Query, e.Results = "beach hotel with pool", graph.Some(int64(h>>10%40))
			e.Product = ""
			e.Attributes = []graph.NamedValue{{Name: "party", Value: graph.TextValue("family")}, {Name: "nights", Value: graph.NumberValue(float64(h >> 12 % 9))}}
		case graph.Purchase:
			e.Amount, e.Currency, e.Quantity = graph.Some(graph.Decimal(h>>10%9_000_000)), "TWD", graph.Some(graph.Decimal(10000))
		}
	}
	return list
}

// catalog gives the categories and products that events names.
func catalog() graph.Batch {
	var b graph.Batch
	for i := range 500 {
		c := graph.Category{ID: fmt.Sprintf("k%03d", i)}
		if i >= 20 {
			c.Parent = fmt.Sprintf("k%03d", i%20)
		}
		b.Categories = append(b.Categories, c)
	}
	for i := range 5000 {
		b.Products = append(b.Products, graph.Product{ID: fmt.Sprintf("p%05d", i), Name: fmt.Sprintf("Product %d", i), Categories: []string{fmt.Sprintf("k%03d", i%500)}})
	}
	return b
}
