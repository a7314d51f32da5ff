package neo4jstore

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"lacuna/graph"
)

// laneBatch has interactions of many customers with a few products, which both lanes need.
func laneBatch(n int) *graph.Batch {
	b := &graph.Batch{CreateMissing: true}
	for i := range 3 * laneRows {
		b.Interactions = append(b.Interactions, graph.Interaction{
			ID: fmt.Sprintf("%d-%05d", n, i), Customer: graph.ByID(fmt.Sprint("c", i%300)), Type: graph.View, At: instant(1e15 + int64(i)), Product: fmt.Sprint("p", i%7), Source: "test",
		})
	}
	return b
}

// acceptedOf counts what was accepted of interactions.
func acceptedOf(o *graph.Outcomes) (n int) {
	for _, outcome := range o.Interactions {
		if outcome.Status == graph.Accepted {
			n++
		}
	}
	return n
}

// TestLanes loads what goes in lanes: all of it is there and in the feed once, in order, also where somebody else writes in between.
func TestLanes(t *testing.T) {
	s := fresh(t)
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const batches = 4
	err = s.Bulk(t.Context(), func(w graph.Writer) error {
		for n := range batches {
			o, err := w.Write(t.Context(), laneBatch(n))
			if err != nil {
				return err
			}
			if got := acceptedOf(o); got != 3*laneRows {
				t.Errorf("%d of batch %d were accepted", got, n)
			}
			if _, err := s.Write(t.Context(), row(fmt.Sprint("between ", n))); err != nil {
				return err
			}
		}
		o, err := w.Write(t.Context(), laneBatch(0))
		if got := acceptedOf(o); err != nil || got != 0 {
			t.Errorf("%d were accepted again, %v", got, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	stats, err := s.Stats(t.Context())
	if want := int64(batches * (3*laneRows + 1)); err != nil || stats.Interactions != want {
		t.Errorf("%d interactions, want %d, %v", stats.Interactions, want, err)
	}
	var told []string
	for more := true; more; {
		page, err := s.Changes(t.Context(), head, 5_000)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range page.Changes {
			if change.Kind == graph.InteractionRecorded {
				told = append(told, change.ID)
			}
		}
		head, more = page.Next, page.More
	}
	n := 0
	for batch := range batches {
		for i := range 3 * laneRows {
			if n >= len(told) || told[n] != fmt.Sprintf("%d-%05d", batch, i) {
				t.Fatalf("the feed tells of %d interactions; number %d is not row %d of batch %d", len(told), n, i, batch)
			}
			n++
		}
		if told[n] != fmt.Sprint("between ", batch) {
			t.Fatalf("the feed tells of %s, not of what was written after batch %d", told[n], batch)
		}
		n++
	}
}

// TestLanesLeft ends loads when some of a batch may have been committed: whoever writes next counts that, and the load can be run again.
func TestLanesLeft(t *testing.T) {
	s := fresh(t)
	if err := s.Bulk(t.Context(), func(w graph.Writer) error { _, err := w.Write(t.Context(), laneBatch(0)); return err }); err != nil {
		t.Fatal(err) // customers and products
	}
	// What a load leaves that dies when one lane was committed and the other was not.
	if err := s.writeAs(t.Context(), loading, "begin load", func(tx *tx) error { tx.state.Lanes = true; return nil }); err != nil {
		t.Fatal(err)
	}
	dies := errors.New("it dies")
	left := laneBatch(1)
	err := s.writeAs(t.Context(), loading, "load", func(tx *tx) error {
		w := newWriter(tx)
		if err := w.prepare(left); err != nil {
			return err
		}
		for i := range left.Interactions {
			w.record(&left.Interactions[i])
		}
		var rows []params
		for _, r := range w.events.create {
			if partOf(r["customerId"].(string)) <= 1 {
				rows = append(rows, r)
			}
		}
		return errors.Join(s.lane(t.Context(), 0, []step{{"interaction_create_product", rows}}), dies)
	})
	if !errors.Is(err, dies) {
		t.Fatal(err)
	}
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(t.Context(), row("after")); err != nil {
		t.Fatal(err)
	}
	told := recordedSince(t, s, head)
	stats, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(told) - 1; n == 0 || n == 3*laneRows || stats.Interactions != int64(3*laneRows+n+1) || told["after"] != 1 {
		t.Errorf("%d are stored, the feed tells of %d since", stats.Interactions, len(told))
	}
	err = s.Bulk(t.Context(), func(w graph.Writer) error {
		o, err := w.Write(t.Context(), laneBatch(1))
		if err == nil && acceptedOf(o) != 3*laneRows-(len(told)-1) {
			t.Errorf("%d were accepted of what was left out", acceptedOf(o))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if stats, err = s.Stats(t.Context()); err != nil || stats.Interactions != 6*laneRows+1 {
		t.Errorf("%d interactions, %v", stats.Interactions, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Bulk(ctx, func(graph.Writer) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a load whose context has ended: %v", err)
	}
}
