package graphtest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"lacuna/graph"
)

// testFeed checks what the feed tells, in which order, and which cursors it honours.
func testFeed(t *testing.T, f Factory) {
	t.Run("an empty feed", func(t *testing.T) {
		x := fresh(t, f)
		var nexts []graph.Cursor
		for _, after := range []graph.Cursor{"", x.head()} {
			told, next := x.changes(after, 10)
			x.same("changes", []graph.Change{}, told)
			nexts = append(nexts, next)
		}
		x.accept(categories(graph.Category{ID: "c"}))
		for _, next := range nexts {
			x.same("changes", []string{"c"}, changeIDs(first(x.changes(next, 10))))
		}
	})
	t.Run("every kind, in order", func(t *testing.T) { feedEveryKind(fresh(t, f)) })
	t.Run("any size of page", func(t *testing.T) { feedPages(fresh(t, f)) })
	t.Run("duplicates and rejected rows are not told", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(everyKind())
		head := x.head()
		x.expect(everyKind(), graph.Duplicate)
		x.write(interactions(view("i", "1", 99), graph.Interaction{}))
		told, _ := x.changes(head, 100)
		x.same("changes", []graph.Change{}, told)
	})
	t.Run("an interaction is told as it stands now", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(catalog())
		x.accept(interactions(rich("i", "1", 0), view("j", "1", 1)))
		x.accept(customers(person("2", "B")))
		x.merge("2", "1")
		x.accept(retractions("j"))
		told, _ := x.changes("", 100)
		want := rich("i", "1", 0)
		want.Owner = "2"
		for _, c := range told {
			if c.Kind == graph.InteractionRecorded {
				x.same("recorded", graph.Change{Kind: c.Kind, ID: "i", Customer: "2", Interaction: &want}, c)
			} else if c.Interaction != nil {
				t.Errorf("%s carries an interaction", c.Kind)
			}
		}
		if n := countChanges(told, graph.Change{Kind: graph.InteractionRetracted, ID: "j", Customer: "2"}); n != 1 {
			t.Errorf("the retraction is told %d times", n)
		}
	})
	t.Run("cursors survive reopening", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(everyKind())
		head := x.head()
		x.accept(interactions(view("k", "1", 9)))
		x.reopen()
		told, _ := x.changes(head, 100)
		x.same("changes", []string{"k"}, changeIDs(told))
	})
	t.Run("what is no cursor has expired", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(everyKind())
		head := string(x.head())
		for _, c := range []string{"x", "0", "-1", "\x00", "漢", head + head, string(make([]byte, 10_000))} {
			x.expired(graph.Cursor(c))
		}
	})
	t.Run("a cursor of another store has expired", func(t *testing.T) { feedForeign(t, f) })
	t.Run("pruning", func(t *testing.T) { feedPruning(fresh(t, f)) })
}

func changeIDs(list []graph.Change) []string {
	ids := make([]string, 0, len(list))
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	return ids
}

// expired checks that a cursor is honoured nowhere.
func (x *fixture) expired(c graph.Cursor) {
	x.t.Helper()
	if p, err := x.Changes(x.ctx(), c, 10); !errors.Is(err, graph.ErrCursorExpired) {
		x.t.Errorf("Changes after the cursor %.40q: %d changes, error %v, want ErrCursorExpired", c, len(p.Changes), err)
	}
	n := 0
	for chunk, err := range x.Scan(x.ctx(), c, graph.ScanAll) {
		n++
		if chunk != nil || !errors.Is(err, graph.ErrCursorExpired) {
			x.t.Errorf("Scan at the cursor %.40q: error %v, want ErrCursorExpired", c, err)
		}
	}
	if n != 1 {
		x.t.Errorf("Scan at the cursor %.40q yields %d times, want one error", c, n)
	}
}

func feedEveryKind(x *fixture) {
	x.accept(graph.Batch{Categories: []graph.Category{{ID: "c"}}})
	x.accept(graph.Batch{Products: []graph.Product{{ID: "p"}}})
	x.accept(customers(person("1", "A")))
	x.accept(segments(graph.Segment{ID: "s", Rule: attributeIs("a", "b")}))
	x.accept(interactions(view("i", "1", 0)))
	x.accept(interactions(view("j", "2", 0)))
	x.accept(retractions("j"))
	x.accept(graph.Batch{DeleteSegments: []string{"s"}})
	m := x.merge("1", "2")
	x.unmerge(m.MergeID)
	x.accept(customers(graph.CustomerUpsert{ID: "1", Name: "Z", Source: "crm", ObservedAt: at(9)}))
	told, _ := x.changes("", 100)
	for n := range told {
		told[n].Interaction = nil
	}
	x.same("changes", []graph.Change{
		{Kind: graph.CategoryChanged, ID: "c"},
		{Kind: graph.ProductChanged, ID: "p"},
		{Kind: graph.CustomerChanged, ID: "1", Customer: "1"},
		{Kind: graph.SegmentChanged, ID: "s"},
		{Kind: graph.InteractionRecorded, ID: "i", Customer: "1"},
		{Kind: graph.CustomerChanged, ID: "2", Customer: "2"}, // made by j, which has been retracted since
		{Kind: graph.InteractionRetracted, ID: "j", Customer: "2"},
		{Kind: graph.SegmentDeleted, ID: "s"},
		{Kind: graph.CustomersMerged, ID: "2", Customer: "1"},
		{Kind: graph.CustomersUnmerged, ID: "2", Customer: "1"},
		{Kind: graph.CustomerChanged, ID: "1", Customer: "1"},
	}, told)
	x.erase("1", false)
	after, _ := x.changes("", 100)
	if n := countChanges(after, graph.Change{Kind: graph.CustomerErased, ID: "1", Customer: "1"}); n != 1 {
		x.t.Errorf("the erasure is told %d times", n)
	}
}

func feedPages(x *fixture) {
	x.accept(everyKind())
	for n := range 9 {
		x.accept(interactions(view(fmt.Sprint("one", n), "1", n), view(fmt.Sprint("two", n), "3", n)))
	}
	x.accept(retractions("one3", "two4"))
	want, end := x.changes("", graph.MaxBatch)
	for size := 1; size <= len(want)+1; size++ {
		got, _ := x.changes("", size)
		x.same(fmt.Sprint("changes in pages of ", size), want, got)
	}
	// Every cursor on the way stands where it says.
	after := graph.Cursor("")
	for n := range want {
		p, err := x.Changes(x.ctx(), after, 1)
		if err != nil {
			x.t.Fatal(err)
		}
		if len(p.Changes) != 1 || (n+1 < len(want) && !p.More) {
			x.t.Fatalf("page %d has %d changes, more: %t", n, len(p.Changes), p.More)
		}
		rest, _ := x.changes(p.Next, graph.MaxBatch)
		x.same("the rest", want[n+1:], rest)
		after = p.Next
	}
	if told, _ := x.changes(end, 10); len(told) != 0 {
		x.t.Errorf("after the end come %v", told)
	}
}

func feedForeign(t *testing.T, f Factory) {
	x := fresh(t, f)
	empty := x.head()
	x.accept(everyKind())
	cursors := []graph.Cursor{empty, x.head(), x.stats().Version}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	y := fresh(t, f)
	for _, c := range cursors[:2] {
		y.expired(c)
	}
	y.accept(everyKind())
	for _, c := range cursors[:2] {
		y.expired(c)
	}
	if y.stats().Version == cursors[2] {
		t.Error("two stores name their states alike")
	}
}

func feedPruning(x *fixture) {
	x.accept(everyKind())
	old := x.head()
	x.clock.advance(time.Hour)
	x.accept(customers(person("2", "B")))
	x.accept(interactions(view("k", "2", 4)))
	middle := x.head()
	x.clock.advance(time.Hour)
	x.accept(customers(person("3", "C")))
	x.accept(interactions(view("l", "3", 5)))
	before := x.state()
	if err := x.PruneChanges(x.ctx(), start.Add(time.Hour)); err != nil {
		x.t.Fatal(err)
	}
	x.expired("")
	x.same("changes from the moment of the cut on", []string{"2", "k", "3", "l"}, changeIDs(first(x.changes(old, 100))))
	if err := x.PruneChanges(x.ctx(), start.Add(90*time.Minute)); err != nil {
		x.t.Fatal(err)
	}
	x.same("state after pruning", before, x.state())
	x.expired("")
	x.expired(old)
	told, next := x.changes(middle, 100)
	x.same("changes after the cut", []string{"3", "l"}, changeIDs(told))
	x.same("after the head", []string{}, changeIDs(first(x.changes(x.head(), 10))))
	x.reopen()
	x.expired(old)
	x.same("after reopening", []string{}, changeIDs(first(x.changes(next, 10))))
	if err := x.PruneChanges(x.ctx(), start.Add(-time.Hour)); err != nil {
		x.t.Fatal(err)
	}
	x.same("pruning what is pruned", []string{"3", "l"}, changeIDs(first(x.changes(middle, 100))))
}

func first[A, B any](a A, _ B) A { return a }
