package graphtest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"lacuna/graph"
)

// call is one method of the port.
type call struct {
	name string
	run  func(ctx context.Context, s graph.Store) error
}

// calls lists every method but Close.
func calls() []call {
	return []call{
		{"Customers", func(ctx context.Context, s graph.Store) error {
			return second(s.Customers(ctx, []graph.CustomerRef{graph.ByID("1")}))
		}},
		{"Profiles", func(ctx context.Context, s graph.Store) error {
			return second(s.Profiles(ctx, []graph.ProfileQuery{{Customer: graph.ByID("1"), Newest: 1, Count: true, Catalog: true}}))
		}},
		{"FindCustomers", func(ctx context.Context, s graph.Store) error {
			return second(s.FindCustomers(ctx, graph.CustomerQuery{First: 1}))
		}},
		{"CountCustomers", func(ctx context.Context, s graph.Store) error {
			return second(s.CountCustomers(ctx, graph.CustomerQuery{Search: "a"}))
		}},
		{"Related", func(ctx context.Context, s graph.Store) error {
			return second(s.Related(ctx, graph.HouseholdMembers, []string{"h"}))
		}},
		{"Products", func(ctx context.Context, s graph.Store) error { return second(s.Products(ctx, []string{"p"})) }},
		{"FindProducts", func(ctx context.Context, s graph.Store) error {
			return second(s.FindProducts(ctx, graph.ProductQuery{First: 1}))
		}},
		{"CountProducts", func(ctx context.Context, s graph.Store) error {
			return second(s.CountProducts(ctx, graph.ProductQuery{}))
		}},
		{"Categories", func(ctx context.Context, s graph.Store) error { return second(s.Categories(ctx)) }},
		{"Segments", func(ctx context.Context, s graph.Store) error { return second(s.Segments(ctx)) }},
		{"AttributeTypes", func(ctx context.Context, s graph.Store) error { return second(s.AttributeTypes(ctx)) }},
		{"Interactions", func(ctx context.Context, s graph.Store) error {
			return second(s.Interactions(ctx, []graph.InteractionQuery{{Customer: "1", First: 1}}))
		}},
		{"CountInteractions", func(ctx context.Context, s graph.Store) error {
			return second(s.CountInteractions(ctx, []graph.InteractionQuery{{Customer: "1"}}))
		}},
		{"Touchpoints", func(ctx context.Context, s graph.Store) error { return second(s.Touchpoints(ctx, []string{"1"})) }},
		{"Write", func(ctx context.Context, s graph.Store) error {
			return second(s.Write(ctx, new(interactions(view("new", "1", 7)))))
		}},
		{"Bulk", func(ctx context.Context, s graph.Store) error {
			return s.Bulk(ctx, func(w graph.Writer) error { return second(w.Write(ctx, new(interactions(view("new", "1", 7))))) })
		}},
		{"Merge", func(ctx context.Context, s graph.Store) error { return second(s.Merge(ctx, "1", "2", false)) }},
		{"Unmerge", func(ctx context.Context, s graph.Store) error { return second(s.Unmerge(ctx, "none")) }},
		{"Merges", func(ctx context.Context, s graph.Store) error { return second(s.Merges(ctx, "1")) }},
		{"Erase", func(ctx context.Context, s graph.Store) error { return second(s.Erase(ctx, "1", false)) }},
		{"Head", func(ctx context.Context, s graph.Store) error { return second(s.Head(ctx)) }},
		{"Scan", func(ctx context.Context, s graph.Store) error {
			for _, err := range s.Scan(ctx, "", graph.ScanAll) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"Changes", func(ctx context.Context, s graph.Store) error { return second(s.Changes(ctx, "", 10)) }},
		{"PruneChanges", func(ctx context.Context, s graph.Store) error { return s.PruneChanges(ctx, start.Add(time.Hour)) }},
		{"Contested", func(ctx context.Context, s graph.Store) error { return second(s.Contested(ctx, 1)) }},
		{"Unread", func(ctx context.Context, s graph.Store) error { return second(s.Unread(ctx, 1)) }},
		{"WriteLacks", func(ctx context.Context, s graph.Store) error { return s.WriteLacks(ctx, holder, nil, nil) }},
		{"Lacks", func(ctx context.Context, s graph.Store) error { return second(s.Lacks(ctx)) }},
		{"RecordGapEvent", func(ctx context.Context, s graph.Store) error {
			return s.RecordGapEvent(ctx, graph.GapEvent{Gap: graph.GapKey{Segment: "s", Category: "c"}, ID: "1", At: start, Status: graph.GapLaunched})
		}},
		{"GapEvents", func(ctx context.Context, s graph.Store) error {
			return second(s.GapEvents(ctx, []graph.GapKey{{Segment: "s", Category: "c"}}))
		}},
		{"AllGapEvents", func(ctx context.Context, s graph.Store) error {
			for _, err := range s.AllGapEvents(ctx) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"Stats", func(ctx context.Context, s graph.Store) error { return second(s.Stats(ctx)) }},
	}
}

// testErrors checks what a call answers that cannot be answered.
func testErrors(t *testing.T, f Factory) {
	t.Run("closed", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(everyKind())
		for range 3 {
			if err := x.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
		}
		for _, c := range calls() {
			if err := c.run(x.ctx(), x.Store); !errors.Is(err, graph.ErrClosed) {
				t.Errorf("%s after Close: %v, want ErrClosed", c.name, err)
			}
		}
		x.Store = x.handle()
		x.same("interactions", int64(2), x.stats().Interactions)
	})
	t.Run("cancelled before", func(t *testing.T) {
		x := fresh(t, f)
		x.accept(everyKind())
		x.accept(customers(person("2", "B")))
		before, head := x.state(), x.head()
		cancelled, cancel := context.WithCancel(x.ctx())
		cancel()
		late, cancel := context.WithDeadline(x.ctx(), time.Unix(1, 0))
		defer cancel()
		for _, c := range calls() {
			if err := c.run(cancelled, x.Store); !errors.Is(err, context.Canceled) {
				t.Errorf("%s with a cancelled context: %v", c.name, err)
			}
			if err := c.run(late, x.Store); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s beyond its deadline: %v", c.name, err)
			}
		}
		x.same("state", before, x.state())
		x.same("changes", []graph.Change{}, first(x.changes(head, 10)))
		x.same("nothing was pruned", "c", first(x.changes("", 10))[0].ID)
	})
	t.Run("cancelled meanwhile", func(t *testing.T) { errorsCancelledMeanwhile(fresh(t, f)) })
}

// errorsCancelledMeanwhile writes with ever longer deadlines, until one is long enough: whatever is answered, a batch is
// there or it is not.
func errorsCancelledMeanwhile(x *fixture) {
	x.accept(catalog())
	const rows = 1_500
	cut, n := 0, 0
	for deadline := 20 * time.Microsecond; ; deadline = deadline * 3 / 2 {
		n++
		var b graph.Batch
		for _, id := range numbered(fmt.Sprintf("%d-", n), rows) {
			b.Interactions = append(b.Interactions, rich(id, fmt.Sprint("c", n), 0))
		}
		before := x.counts()
		ctx, cancel := context.WithTimeout(x.ctx(), deadline)
		_, err := x.Write(ctx, &b)
		cancel()
		after := x.counts()
		if err == nil {
			x.same("interactions of a batch that was acknowledged", before.Interactions+rows, after.Interactions)
			break
		}
		cut++
		if !errors.Is(err, context.DeadlineExceeded) {
			x.t.Fatalf("a write cut short: %v, want the context's error", err)
		}
		x.same("stats after a write that was cut short", before, after)
		if x.lookup(graph.ByID(fmt.Sprint("c", n))) != nil {
			x.t.Fatal("a customer is left of a write that was cut short")
		}
	}
	if cut == 0 {
		x.t.Log("no deadline was short enough")
	}
	x.scannedState()
}
