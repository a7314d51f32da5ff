package sqlitestore

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

// feedOf reads the whole feed after a cursor in pages of a few.
func feedOf(t testing.TB, s *Store, after graph.Cursor) (all []graph.Change) {
	t.Helper()
	for {
		page, err := s.Changes(t.Context(), after, 3)
		if err != nil {
			t.Fatalf("Changes: %v", err)
		}
		all = append(all, page.Changes...)
		after = page.Next
		if !page.More {
			return all
		}
	}
}

func profileOf(t testing.TB, s *Store, ref string) *graph.Customer {
	t.Helper()
	r := graph.ParseCustomerRef(ref)
	m, err := s.Customers(t.Context(), []graph.CustomerRef{r})
	if err != nil {
		t.Fatalf("Customers: %v", err)
	}
	return m[r]
}

// TestLifeOfACustomer goes once through what may happen to a customer.
func TestLifeOfACustomer(t *testing.T) {
	s := fresh(t)
	if !s.Created() {
		t.Error("Created() = false for a new file")
	}
	write(t, s, catalog())
	write(t, s, graph.Batch{Interactions: []graph.Interaction{event("i1", "EMAIL:mei@example.com", 5), event("i2", "c1", 4)}})
	claim := graph.CustomerUpsert{ID: "c1", Name: "Chen Mei-Ling", Source: "crm", Household: "h1",
		Identities: []graph.IdentityClaim{{Identity: graph.Identity{Kind: graph.EmailAddress, Value: "Mei@Example.com"}, Verified: true}},
		Attributes: []graph.NamedValue{{Name: "party", Value: graph.TextValue("family")}}, Consents: []graph.Consent{{Purpose: "email", Granted: true}}}
	for _, want := range []graph.Status{graph.Accepted, graph.Duplicate} {
		if got := write(t, s, graph.Batch{Customers: []graph.CustomerUpsert{claim}}).Customers[0].Status; got != want {
			t.Errorf("upsert gives status %d, want %d", got, want)
		}
	}
	c := profileOf(t, s, "EMAIL:mei@example.com")
	if c == nil || c.ID != "c1" || len(c.MergedIDs) != 1 || c.Name != "Chen Mei-Ling" || !c.LastSeenAt.Equal(testNow.Add(-4*time.Minute)) {
		t.Fatalf("after the claim: %+v", c)
	}
	merges, err := s.Merges(t.Context(), "c1")
	if err != nil || len(merges) != 1 || merges[0].Reason != "identity" {
		t.Fatalf("Merges: %+v, %v", merges, err)
	}
	counts, err := s.CountInteractions(t.Context(), []graph.InteractionQuery{{Customer: "c1"}})
	if diff := cmp.Diff([]int64{2}, counts); diff != "" || err != nil {
		t.Errorf("CountInteractions: %v %s", err, diff)
	}
	if _, err := s.Unmerge(t.Context(), merges[0].ID); err != nil {
		t.Fatal(err)
	}
	if c := profileOf(t, s, "EMAIL:mei@example.com"); c == nil || c.ID == "c1" {
		t.Errorf("after Unmerge: %+v", c)
	}
	report, err := s.Merge(t.Context(), "c1", c.MergedIDs[0], false)
	if err != nil || report.Interactions != 1 {
		t.Fatalf("Merge: %+v, %v", report, err)
	}
	again, err := s.Merge(t.Context(), "c1", c.MergedIDs[0], false)
	if diff := cmp.Diff(report, again); diff != "" || err != nil {
		t.Errorf("Merge again: %v %s", err, diff)
	}
	erased, err := s.Erase(t.Context(), c.MergedIDs[0], true)
	if err != nil || erased.Interactions != 2 || erased.Identities != 1 {
		t.Fatalf("Erase: %+v, %v", erased, err)
	}
	out, err := s.Write(t.Context(), &graph.Batch{Customers: []graph.CustomerUpsert{claim}, Interactions: []graph.Interaction{event("i1", "EMAIL:mei@example.com", 5)}})
	if err != nil || out.Customers[0].Rejection.Code != graph.RejectErased || out.Interactions[0].Rejection.Code != graph.RejectErased {
		t.Errorf("loaded again: %+v, %v", out, err)
	}
	stats, err := s.Stats(t.Context())
	if err != nil || stats.Customers != 0 || stats.Interactions != 2 || stats.Products != 5000 {
		t.Errorf("Stats: %+v, %v", stats, err)
	}
	for _, change := range feedOf(t, s, "") {
		if change.Interaction != nil && !change.Interaction.Customer.IsZero() {
			t.Errorf("kept interaction still names %v", change.Interaction.Customer)
		}
	}
}

// TestFeedAndScanAgree compares what a scan gives with what the feed gives, over bulk loads and writes.
func TestFeedAndScanAgree(t *testing.T) {
	s := fresh(t)
	if err := s.Bulk(t.Context(), func(w graph.Writer) error {
		write(t, w, catalog())
		write(t, w, graph.Batch{Interactions: events(0, 20_000, 500)})
		out := write(t, w, graph.Batch{Interactions: events(10_000, 20_000, 500)})
		for i, o := range out.Interactions {
			if want := map[bool]graph.Status{true: graph.Duplicate, false: graph.Accepted}[i < 10_000]; o.Status != want {
				t.Fatalf("row %d has status %d, want %d", i, o.Status, want)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	write(t, s, graph.Batch{Interactions: events(30_000, 5_000, 500)})
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fed := map[string]graph.Interaction{}
	after := graph.Cursor("")
	for more := true; more; {
		page, err := s.Changes(t.Context(), after, 7_000)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range page.Changes {
			if change.Interaction != nil {
				fed[change.ID] = *change.Interaction
			}
		}
		after, more = page.Next, page.More
	}
	names := map[uint32]string{}
	n := 0
	for chunk, err := range s.Scan(t.Context(), head, graph.ScanAll) {
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range chunk.Customers {
			names[c.Handle] = c.ID
		}
		cols := chunk.Interactions
		if cols == nil {
			continue
		}
		for i := range cols.Len {
			n++
			f := fed[cols.ID[i]]
			if f.Customer != cols.Ref[i] || f.Owner != names[cols.Customer[i]] || f.At.UnixMicro() != cols.AtMicros[i] || f.Query != cols.Query[i] ||
				f.Session != cols.Session[i] || f.Amount.Value != cols.Amount[i] || f.Source != cols.Source[i] || !cmp.Equal(f.Attributes, cols.Attributes[i], cmp.Comparer(func(a, b graph.Value) bool { return a == b })) {
				t.Fatalf("row %d of the scan differs from %+v", i, f)
			}
		}
	}
	if n != 35_000 || len(fed) != 35_000 {
		t.Errorf("scan has %d interactions, feed %d, want 35000", n, len(fed))
	}
}

// TestTwoHandles writes through two handles in turn: each must see the other's.
func TestTwoHandles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	a, b := open(t, path, testOptions()), open(t, path, testOptions())
	if b.Created() {
		t.Error("the second handle says that it made the file")
	}
	for i := range 20 {
		s := []*Store{a, b}[i%2]
		write(t, s, graph.Batch{
			Interactions:  []graph.Interaction{event(fmt.Sprint("i", i), "c1", i), event(fmt.Sprint("j", i), "EMAIL:x@example.com", i)},
			CreateMissing: true,
		})
		if i == 10 {
			if _, err := a.Merge(t.Context(), "c1", graph.DerivedCustomerID(graph.Identity{Kind: graph.EmailAddress, Value: "x@example.com"}), false); err != nil {
				t.Fatal(err)
			}
		}
	}
	stats, err := b.Stats(t.Context())
	if err != nil || stats.Interactions != 40 || stats.Customers != 1 {
		t.Errorf("Stats: %+v, %v", stats, err)
	}
	counts, err := a.CountInteractions(t.Context(), []graph.InteractionQuery{{Customer: "c1"}})
	if err != nil || counts[0] != 40 {
		t.Errorf("the merged customer has %d interactions, want 40 (%v)", counts[0], err)
	}
}

// TestCancelledWriteLeavesNothing gives up in the middle of a batch.
func TestCancelledWriteLeavesNothing(t *testing.T) {
	s := fresh(t)
	write(t, s, catalog())
	before, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Write(ctx, &graph.Batch{Interactions: events(0, 100_000, 500)}); err == nil {
		t.Skip("the machine was too quick")
	}
	after, err := s.Stats(t.Context())
	if diff := cmp.Diff(before, after); diff != "" || err != nil {
		t.Errorf("Stats after a cancelled write: %v %s", err, diff)
	}
}
