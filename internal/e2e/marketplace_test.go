package e2e

import (
	"testing"
	"time"

	"lacuna/internal/synth"
	"lacuna/loader/bulk"
)

// TestMarketplace holds that nothing of the invented marketplace is rejected, and that loading it again changes nothing.
func TestMarketplace(t *testing.T) {
	t.Parallel()
	files := t.TempDir()
	made, err := synth.Write(files, synth.Options{Seed: 3, Customers: 300})
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(synth.Zone)
	if err != nil {
		t.Fatal(err)
	}
	store := newStore(t)
	var rows int64
	for i := range 2 {
		s, err := bulk.Load(t.Context(), store, []string{files}, bulk.Options{Zone: zone, Currency: synth.Currency})
		if err != nil || s.Rejected > 0 {
			t.Fatalf("%d rejected, %v", s.Rejected, err)
		}
		if i == 0 {
			rows = s.Accepted
		} else if s.Accepted > 0 || s.Duplicates != rows {
			t.Errorf("the second load accepts %d and knows %d of %d", s.Accepted, s.Duplicates, rows)
		}
	}
	stats, err := store.Stats(t.Context())
	if err != nil || stats.Interactions != int64(made.Interactions) || stats.Products != int64(made.Products) || stats.Customers < int64(made.Customers) {
		t.Errorf("stored %+v of %+v, %v", stats, made, err)
	}
}
