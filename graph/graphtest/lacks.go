package graphtest

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"lacuna/graph"
)

// testLacks checks what a store keeps of which segments lack what.
func testLacks(t *testing.T, f Factory) {
	t.Run("put and removed", func(t *testing.T) { lacksWrites(fresh(t, f)) })
	t.Run("without the lease", func(t *testing.T) { lacksWithoutLease(fresh(t, f)) })
	t.Run("what is not there", func(t *testing.T) { lacksPassedOver(fresh(t, f)) })
	t.Run("refused", func(t *testing.T) { lacksRefused(fresh(t, f)) })
	t.Run("deleted segments", func(t *testing.T) { lacksDeleted(fresh(t, f)) })
	t.Run("not moved", func(t *testing.T) { lacksNotMoved(fresh(t, f)) })
	t.Run("many", func(t *testing.T) { lacksMany(fresh(t, f)) })
}

// lack is a row of which as much is known as may be.
func lack(segment, category string) graph.Lack {
	return graph.Lack{
		Segment: segment, Category: category, Verdict: "DEVELOP", Cause: "PRICE_BAND", Customers: 120, Unmet: graph.Some(14.25), Value: graph.Some(98_765.5),
		Currency: "TWD", Since: at(-1).Add(time.Microsecond), AsOf: at(0),
	}
}

// bare is a row of which no more is known than must be.
func bare(segment, category string) graph.Lack {
	return graph.Lack{Segment: segment, Category: category, Verdict: "RESTOCK"}
}

// writeLacks writes what must not fail.
func (x *fixture) writeLacks(put []graph.Lack, remove ...graph.GapKey) {
	x.t.Helper()
	if err := x.WriteLacks(x.ctx(), holder, put, remove); err != nil {
		x.t.Fatalf("WriteLacks: %v", err)
	}
}

func (x *fixture) lacks() []graph.Lack {
	x.t.Helper()
	list, err := x.Lacks(x.ctx())
	if err != nil {
		x.t.Fatalf("Lacks: %v", err)
	}
	return list
}

func lacksWrites(x *fixture) {
	x.same("of an empty store", []graph.Lack{}, x.lacks())
	x.market()
	x.lease()
	head, stats, before := x.head(), x.stats(), x.state()
	precise := lack("s1", "c")
	precise.Since = precise.Since.Add(999 * time.Nanosecond).In(time.FixedZone("", 8*3600))
	zero := lack("s1", "x")
	zero.Unmet, zero.Value = graph.Some(0.0), graph.Some(0.0)
	list := []graph.Lack{bare("s2", "c/d"), precise, zero, lack("s2", "c")}
	want := []graph.Lack{lack("s1", "c"), zero, lack("s2", "c"), bare("s2", "c/d")}
	for range 2 {
		x.writeLacks(list)
		x.same("lacks", want, x.lacks())
	}
	x.same("the caller's row", precise, list[1])
	x.writeLacks([]graph.Lack{bare("s1", "c"), lack("s1", "c/d")}, graph.GapKey{Segment: "s2", Category: "c"}, graph.GapKey{Segment: "s2", Category: "x"})
	want = []graph.Lack{bare("s1", "c"), lack("s1", "c/d"), zero, bare("s2", "c/d")}
	x.same("lacks later", want, x.lacks())
	x.same("the feed", head, x.head())
	x.same("the version", stats, x.stats())
	x.same("the graph", before, x.state())
	x.scannedState()
	if zone := x.lacks()[1].AsOf.Location(); zone != time.UTC {
		x.t.Errorf("a moment is in %v", zone)
	}
	x.reopen()
	x.same("after reopening", want, x.lacks())
	x.same("by another handle", want, (&fixture{Store: x.handle(), t: x.t}).lacks())
	x.put(nil)
	x.writeLacks(nil, want[0].Gap(), want[1].Gap(), want[2].Gap(), want[3].Gap())
	x.same("when all are removed", []graph.Lack{}, x.lacks())
}

func lacksWithoutLease(x *fixture) {
	x.market()
	refused := func(when string) {
		x.t.Helper()
		if err := x.WriteLacks(x.ctx(), holder, []graph.Lack{lack("s2", "c")}, []graph.GapKey{{Segment: "s1", Category: "c"}}); !errors.Is(err, graph.ErrConflict) {
			x.t.Fatalf("WriteLacks %s is %v, want ErrConflict", when, err)
		}
	}
	refused("before there was a lease")
	x.lease()
	x.writeLacks([]graph.Lack{lack("s1", "c")})
	x.clock.advance(time.Hour)
	refused("after it has ended")
	if held, err := x.LeaseMemberships(x.ctx(), "another", time.Hour); err != nil || !held {
		x.t.Fatal(held, err)
	}
	refused("of another")
	x.same("lacks", []graph.Lack{lack("s1", "c")}, x.lacks())
}

func lacksPassedOver(x *fixture) {
	x.market()
	x.lease()
	x.writeLacks([]graph.Lack{lack(graph.EveryoneID, "c"), lack("none", "c"), lack("s1", "none"), lack("s1", "c")}, graph.GapKey{Segment: "none", Category: "c"}, graph.GapKey{Segment: "s1", Category: "none"})
	x.same("lacks", []graph.Lack{lack("s1", "c")}, x.lacks())
	x.accept(segments(graph.Segment{ID: "none", Rule: attributeIs("city", "Taipei")}))
	x.same("lacks of what came later", []graph.Lack{lack("s1", "c")}, x.lacks())
}

func lacksRefused(x *fixture) {
	x.market()
	x.lease()
	x.writeLacks([]graph.Lack{lack("s1", "c")})
	for field, change := range map[string]func(*graph.Lack){
		"segment": func(l *graph.Lack) { l.Segment = "" }, "category": func(l *graph.Lack) { l.Category = "c\n" }, "verdict": func(l *graph.Lack) { l.Verdict = "" },
		"cause": func(l *graph.Lack) { l.Cause = "\xff" }, "customers": func(l *graph.Lack) { l.Customers = -1 }, "unmet": func(l *graph.Lack) { l.Unmet.Value = math.NaN() },
		"value": func(l *graph.Lack) { l.Value.Value = math.Inf(1) }, "currency": func(l *graph.Lack) { l.Currency = "XYZ1" },
		"since": func(l *graph.Lack) { l.Since = time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC) }, "as_of": func(l *graph.Lack) { l.AsOf = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		l := lack("s2", "c/d")
		change(&l)
		err := x.WriteLacks(x.ctx(), holder, []graph.Lack{lack("s2", "c"), l}, []graph.GapKey{{Segment: "s1", Category: "c"}})
		if r, ok := errors.AsType[*graph.Rejection](err); !ok || !errors.Is(err, graph.ErrInvalid) || r.Field != field {
			x.t.Errorf("with a wrong %s: %v, want ErrInvalid of it", field, err)
		}
	}
	if err := x.WriteLacks(x.ctx(), holder, make([]graph.Lack, 1), make([]graph.GapKey, graph.MaxBatch)); !errors.Is(err, graph.ErrInvalid) || strings.Contains(err.Error(), "required") {
		x.t.Errorf("too many are %v, want ErrInvalid for their number", err)
	}
	x.same("lacks", []graph.Lack{lack("s1", "c")}, x.lacks())
}

func lacksDeleted(x *fixture) {
	x.market()
	x.lease()
	x.writeLacks([]graph.Lack{lack("s1", "c"), lack("s1", "x"), lack("s2", "c")})
	x.accept(graph.Batch{DeleteSegments: []string{"s1"}})
	x.same("after one was deleted", []graph.Lack{lack("s2", "c")}, x.lacks())
	rule := attributeIs("city", "Taipei")
	x.accept(segments(graph.Segment{ID: "s1", Rule: rule}, graph.Segment{ID: "s2", Name: "changed", Rule: rule}))
	x.accept(categories(graph.Category{ID: "c", Name: "changed"}))
	x.same("after it was saved again, and others changed", []graph.Lack{lack("s2", "c")}, x.lacks())
}

func lacksNotMoved(x *fixture) {
	if _, ok := x.Store.(graph.Archive); !ok {
		x.t.Skip("the store is no archive")
	}
	x.market()
	x.lease()
	x.writeLacks([]graph.Lack{lack("s1", "c")})
	x.move()
	x.same("lacks", []graph.Lack{}, x.lacks())
}

func lacksMany(x *fixture) {
	x.market()
	x.lease()
	var b graph.Batch
	var want []graph.Lack
	for i := range 2*graph.MaxPage + 1 {
		b.Categories = append(b.Categories, graph.Category{ID: fmt.Sprintf("many-%05d", i)})
		want = append(want, lack("s1", b.Categories[i].ID))
	}
	for _, id := range []string{"\uffff", "😀"} { // by bytes, which is not the order of UTF-16
		b.Categories, want = append(b.Categories, graph.Category{ID: id}), append(want, bare("s1", id))
	}
	x.accept(b)
	x.writeLacks(want)
	x.same("lacks", want, x.lacks())
}
