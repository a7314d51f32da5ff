package graphtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"lacuna/graph"
)

// testGapLog checks what a store keeps of what people decided about gaps.
func testGapLog(t *testing.T, f Factory) {
	t.Run("recorded and read", func(t *testing.T) { gapLogRecords(fresh(t, f)) })
	t.Run("an id once", func(t *testing.T) { gapLogRepeats(fresh(t, f)) })
	t.Run("refused", func(t *testing.T) { gapLogRefuses(fresh(t, f)) })
	t.Run("order", func(t *testing.T) { gapLogOrder(fresh(t, f)) })
	t.Run("many", func(t *testing.T) { gapLogMany(fresh(t, f)) })
	t.Run("a version, and nothing in the feed", func(t *testing.T) { gapLogVersion(fresh(t, f)) })
	t.Run("deleted segments", func(t *testing.T) { gapLogDeleted(fresh(t, f)) })
	t.Run("moved", func(t *testing.T) { gapLogMoved(fresh(t, f)) })
}

// decides is an event of a gap of segment s1 and category c; see [fixture.market].
func decides(id string, status graph.GapStatus, minute int) graph.GapEvent {
	return graph.GapEvent{Gap: graph.GapKey{Segment: "s1", Category: "c"}, ID: id, At: at(minute), Status: status, By: "mei"}
}

// market writes two segments, categories and a product.
func (x *fixture) market() {
	x.t.Helper()
	x.accept(catalog())
	x.families()
}

func (x *fixture) record(list ...graph.GapEvent) {
	x.t.Helper()
	for _, e := range list {
		if err := x.RecordGapEvent(x.ctx(), e); err != nil {
			x.t.Fatalf("RecordGapEvent(%s): %v", e.ID, err)
		}
	}
}

func (x *fixture) gapEvents(gaps ...graph.GapKey) map[graph.GapKey][]graph.GapEvent {
	x.t.Helper()
	found, err := x.GapEvents(x.ctx(), gaps)
	if err != nil {
		x.t.Fatalf("GapEvents: %v", err)
	}
	return found
}

// decided lists all events.
func (x *fixture) decided() (list []graph.GapEvent) {
	x.t.Helper()
	for e, err := range x.AllGapEvents(x.ctx()) {
		if err != nil {
			x.t.Fatalf("AllGapEvents: %v", err)
		}
		list = append(list, e)
	}
	return list
}

func gapLogRecords(x *fixture) {
	x.same("of an empty store", []graph.GapEvent{}, x.decided())
	x.market()
	launched := decides("3", graph.GapLaunched, 3)
	launched.Product, launched.Note = "p", strings.Repeat("漢", graph.MaxNoteChars-3)+"\n\"é"
	everyone := decides("2", graph.GapReviewing, 2)
	everyone.Gap.Segment, everyone.By = graph.EveryoneID, ""
	precise := decides("4", graph.GapDismissed, 0)
	precise.At = at(4).Add(1_500 * time.Nanosecond).In(time.FixedZone("", 8*3600))
	x.record(launched, everyone, decides("1", graph.GapInDevelopment, 1), precise)
	precise.At = at(4).Add(time.Microsecond)
	of := launched.Gap
	x.same("all", []graph.GapEvent{decides("1", graph.GapInDevelopment, 1), everyone, launched, precise}, x.decided())
	want := map[graph.GapKey][]graph.GapEvent{of: {decides("1", graph.GapInDevelopment, 1), launched, precise}, everyone.Gap: {everyone}}
	asked := []graph.GapKey{everyone.Gap, of, {Segment: "s2", Category: "c"}, {Segment: "s1", Category: "none"}, of, {}}
	x.same("of some gaps", want, x.gapEvents(asked...))
	x.same("of no gaps", map[graph.GapKey][]graph.GapEvent{}, x.gapEvents())
	if zone := x.decided()[3].At.Location(); zone != time.UTC {
		x.t.Errorf("a moment is in %v", zone)
	}
	x.reopen()
	x.same("after reopening", want, x.gapEvents(asked...))
	x.same("by another handle", want, (&fixture{Store: x.handle(), t: x.t}).gapEvents(asked...))
}

func gapLogRepeats(x *fixture) {
	x.market()
	e := decides("1", graph.GapLaunched, 1)
	e.Product, e.Note, e.At = "p", "n", at(1).Add(time.Microsecond)
	x.record(e)
	stats := x.stats()
	same := e
	same.At = e.At.Add(999 * time.Nanosecond).In(time.FixedZone("", -3600))
	x.record(e, same)
	for what, change := range map[string]func(*graph.GapEvent){
		"segment": func(e *graph.GapEvent) { e.Gap.Segment = "s2" }, "category": func(e *graph.GapEvent) { e.Gap.Category = "c/d" },
		"at": func(e *graph.GapEvent) { e.At = e.At.Add(time.Microsecond) }, "status": func(e *graph.GapEvent) { e.Status = graph.GapNew },
		"product": func(e *graph.GapEvent) { e.Product = "" }, "note": func(e *graph.GapEvent) { e.Note = "N" },
		"by": func(e *graph.GapEvent) { e.By = "bo" }, "segment, to one that is not there": func(e *graph.GapEvent) { e.Gap.Segment = "none" },
	} {
		other := e
		change(&other)
		if err := x.RecordGapEvent(x.ctx(), other); !errors.Is(err, graph.ErrConflict) {
			x.t.Errorf("with another %s: %v, want ErrConflict", what, err)
		}
	}
	x.same("stats", stats, x.stats())
	x.same("events", []graph.GapEvent{e}, x.decided())
}

func gapLogRefuses(x *fixture) {
	x.market()
	stats := x.stats()
	for _, c := range []struct {
		field  string
		code   graph.RejectCode
		change func(*graph.GapEvent)
	}{
		{"segment", graph.RejectUnknownSegment, func(e *graph.GapEvent) { e.Gap.Segment = "none" }},
		{"category", graph.RejectUnknownCategory, func(e *graph.GapEvent) { e.Gap.Category = "none" }},
		{"category", graph.RejectUnknownCategory, func(e *graph.GapEvent) { e.Gap = graph.GapKey{Segment: graph.EveryoneID, Category: graph.EveryoneID} }},
		{"product", graph.RejectUnknownProduct, func(e *graph.GapEvent) { e.Product = "none" }},
		{"product", graph.RejectBadID, func(e *graph.GapEvent) { e.Product = " p" }},
		{"segment", graph.RejectMissing, func(e *graph.GapEvent) { e.Gap.Segment = "" }},
		{"category", graph.RejectMissing, func(e *graph.GapEvent) { e.Gap.Category = "" }},
		{"id", graph.RejectMissing, func(e *graph.GapEvent) { e.ID = "" }},
		{"id", graph.RejectTooLong, func(e *graph.GapEvent) { e.ID = strings.Repeat("i", graph.MaxIDBytes+1) }},
		{"at", graph.RejectMissing, func(e *graph.GapEvent) { e.At = time.Time{} }},
		{"at", graph.RejectBadTime, func(e *graph.GapEvent) { e.At = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"status", graph.RejectMissing, func(e *graph.GapEvent) { e.Status = 0 }},
		{"status", graph.RejectOutOfRange, func(e *graph.GapEvent) { e.Status = graph.GapDismissed + 1 }},
		{"note", graph.RejectTooLong, func(e *graph.GapEvent) { e.Note = strings.Repeat("漢", graph.MaxNoteChars+1) }},
		{"note", graph.RejectBadText, func(e *graph.GapEvent) { e.Note = "\xff" }},
		{"note", graph.RejectBadText, func(e *graph.GapEvent) { e.Note = "a\x00b" }},
		{"by", graph.RejectBadText, func(e *graph.GapEvent) { e.By = "\xff" }},
		{"by", graph.RejectTooLong, func(e *graph.GapEvent) { e.By = strings.Repeat("b", graph.MaxIDBytes+1) }},
	} {
		e := decides("1", graph.GapLaunched, 1)
		c.change(&e)
		err := x.RecordGapEvent(x.ctx(), e)
		r, ok := errors.AsType[*graph.Rejection](err)
		if !ok || !errors.Is(err, graph.ErrInvalid) || r.Field != c.field || r.Code != c.code {
			x.t.Errorf("%s of %.40q: %v, want ErrInvalid of %s as %s", c.field, fmt.Sprint(e), err, c.field, c.code)
		}
	}
	x.same("stats", stats, x.stats())
	x.same("events", []graph.GapEvent{}, x.decided())
	if _, err := x.GapEvents(x.ctx(), make([]graph.GapKey, graph.MaxKeys+1)); !errors.Is(err, graph.ErrInvalid) {
		x.t.Errorf("of too many gaps: %v, want ErrInvalid", err)
	}
	x.same("of as many gaps as there may be", map[graph.GapKey][]graph.GapEvent{}, x.gapEvents(make([]graph.GapKey, graph.MaxKeys)...))
}

// gapLogOrder holds that events stand by their moment and then by the bytes of their ids, whenever they came.
func gapLogOrder(x *fixture) {
	x.market()
	first, last := decides("z", graph.GapNew, 0), decides("a", graph.GapNew, 0)
	first.At, last.At = time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	want := []graph.GapEvent{first}
	for _, id := range []string{"B", "b", "b 1", "é", "\uffff", "😀"} {
		want = append(want, decides(id, graph.GapReviewing, 5))
	}
	want = append(want, decides("0", graph.GapNew, 6), last)
	for _, n := range []int{8, 4, 6, 2, 0, 7, 1, 5, 3} {
		x.record(want[n])
	}
	x.same("all", want, x.decided())
	x.same("of the gap", map[graph.GapKey][]graph.GapEvent{first.Gap: want}, x.gapEvents(first.Gap))
}

func gapLogMany(x *fixture) {
	x.market()
	n := graph.MaxPage + 7
	want := map[graph.GapKey][]graph.GapEvent{}
	var all []graph.GapEvent
	for i := range n {
		e := decides(fmt.Sprintf("%06d", i), graph.GapReviewing, i/3)
		if i%2 == 0 {
			e.Gap.Segment = "s2"
		}
		all, want[e.Gap] = append(all, e), append(want[e.Gap], e)
	}
	x.record(all...)
	x.same("all", all, x.decided())
	x.same("by gap", want, x.gapEvents(graph.GapKey{Segment: "s1", Category: "c"}, graph.GapKey{Segment: "s2", Category: "c"}))
	for _, err := range x.AllGapEvents(x.ctx()) { // who stops early must leave nothing behind
		if err != nil {
			x.t.Fatal(err)
		}
		break
	}
	x.record(decides("last", graph.GapNew, n))
}

func gapLogVersion(x *fixture) {
	x.market()
	head, version := x.head(), x.stats().Version
	before := x.counts()
	x.record(decides("1", graph.GapLaunched, 1), decides("2", graph.GapLaunched, 2))
	if x.stats().Version == version || x.head() == head {
		x.t.Error("the version or the head is as it was before an event")
	}
	x.same("counts", before, x.counts())
	told, next := x.changes(head, 10)
	x.same("the feed", []graph.Change{}, told)
	x.same("the position after it", x.head(), next)
	x.accept(interactions(view("i", "1", 1)))
	x.record(decides("3", graph.GapLaunched, 3))
	told, next = x.changes(head, 10)
	x.same("the feed tells of what came between", "i", told[len(told)-1].ID)
	x.same("the position at last", x.head(), next)
	x.scannedState()
	version = x.stats().Version
	x.record(decides("3", graph.GapLaunched, 3))
	x.same("the version after a repeated event", version, x.stats().Version)
}

func gapLogDeleted(x *fixture) {
	x.market()
	e := decides("1", graph.GapLaunched, 1)
	x.record(e)
	x.accept(graph.Batch{DeleteSegments: []string{"s1"}})
	x.same("after its segment went", []graph.GapEvent{e}, x.decided())
	x.record(e)
	if err := x.RecordGapEvent(x.ctx(), decides("2", graph.GapLaunched, 2)); !errors.Is(err, graph.ErrInvalid) {
		x.t.Errorf("a new one of a segment that is gone: %v, want ErrInvalid", err)
	}
	x.accept(segments(graph.Segment{ID: "s1", Rule: attributeIs("city", "Taipei")}))
	x.record(decides("2", graph.GapDismissed, 2))
	x.same("after it came again", map[graph.GapKey][]graph.GapEvent{e.Gap: {e, decides("2", graph.GapDismissed, 2)}}, x.gapEvents(e.Gap))
	x.erase("1", false)
	x.same("after an erasure", 2, len(x.decided()))
}

func gapLogMoved(x *fixture) {
	if _, ok := x.Store.(graph.Archive); !ok {
		x.t.Skip("the store is no archive")
	}
	x.market()
	launched, everyone := decides("1", graph.GapLaunched, 1), decides("2", graph.GapDismissed, 1)
	launched.Product, launched.Note = "p", "for families,\n\"漢\""
	everyone.Gap.Segment, everyone.By = graph.EveryoneID, ""
	gone := decides("3", graph.GapReviewing, 0)
	gone.Gap.Segment = "s2"
	x.record(launched, everyone, gone)
	x.accept(graph.Batch{DeleteSegments: []string{"s2"}})
	want := []graph.GapEvent{gone, launched, everyone}
	x.move()
	x.same("events", want, x.decided())
	x.record(launched)
	x.record(decides("4", graph.GapNew, 4))
	x.same("events later", append(want, decides("4", graph.GapNew, 4)), x.decided())
}
