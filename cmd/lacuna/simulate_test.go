package main

import (
	"log/slog"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"lacuna/graph"
	"lacuna/insight"
	"lacuna/internal/evaluate"
	"lacuna/internal/synth/planted"
	"lacuna/loader/bulk"
)

// gapsOf loads a folder of planted data and finds its gaps.
func gapsOf(t *testing.T, dir string) *insight.Gaps {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	store, err := place{path: filepath.Join(t.TempDir(), "planted.db")}.open(t.Context(), logger, func(string, ...any) {})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}()
	var files []string
	for _, name := range []string{"categories.csv", "products.csv", "customers.csv", "interactions.csv", "segments.ndjson"} {
		files = append(files, filepath.Join(dir, name))
	}
	if _, err := bulk.Load(t.Context(), store, files, bulk.Options{Source: "generate", Zone: time.UTC}); err != nil {
		t.Fatal(err)
	}
	view, err := viewOf(t.Context(), store, insight.Options{Zone: time.UTC}, logger)
	if err != nil {
		t.Fatal(err)
	}
	gaps, err := view.Gaps(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return gaps
}

// What an idea is said to bring is what comes when planted holes are filled: the same world is made once more with what was taken out on its shelves, and the segment's further
// buyers there are held against those that were told before.
func TestSimulationIsWhatComes(t *testing.T) {
	if testing.Short() {
		t.Skip("loads two million interactions")
	}
	options := planted.Options{Seed: 8, Plant: []string{"absence", "price-band", "attribute"}, Confounders: []string{"base-growth", "season", "proxy"}}
	dir := planting(t, options)
	options.Fill = true
	before, after := gapsOf(t, dir), gapsOf(t, planting(t, options))
	truth, err := evaluate.ReadTruth(dir)
	if err != nil {
		t.Fatal(err)
	}
	var errors []float64
	told, came := 0., 0.
	for i := range truth.Plants {
		p := &truth.Plants[i]
		idea := &insight.ProductIdea{Categories: []string{p.Category}, Variants: min(100, p.Removed)}
		switch p.Kind {
		case "price-band":
			price, err := graph.DecimalFromFloat(p.Price)
			if err != nil {
				t.Fatal(err)
			}
			idea.Price = graph.Some(price)
		case "attribute":
			idea.Attributes = []graph.NamedValue{{Name: p.Detail, Value: graph.BooleanValue(true)}}
		}
		s, err := before.Simulate(t.Context(), idea)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(s.Gaps, func(c insight.Closure) bool {
			segment, category := before.Names(c.Ref)
			return segment == p.Segment && category == p.Category && c.Closes
		})
		if at < 0 {
			continue // it was not found to be a gap of such a cause
		}
		buyers := func(g *insight.Gaps) float64 {
			ref, err := g.Find(p.Segment, p.Category)
			if err != nil {
				t.Fatal(err)
			}
			return float64(g.Gap(ref).Served.Buyers)
		}
		further := buyers(after) - buyers(before)
		mid := s.Gaps[at].Customers.Mid
		t.Logf("%s %s × %s: %d variants reach %.2f: told %.0f, came %.0f", p.Kind, p.Segment, p.Category, idea.Variants, s.Gaps[at].Reach, mid, further)
		errors = append(errors, math.Abs(mid-further)/further)
		told, came = told+mid, came+further
	}
	if len(errors) < 6 {
		t.Fatalf("of twelve holes %d were found", len(errors))
	}
	slices.Sort(errors)
	if median := errors[len(errors)/2]; median > .3 || math.Abs(told/came-1) > .2 {
		t.Errorf("of %d holes the median error is %.2f; in all %.0f further buyers were told and %.0f came", len(errors), median, told, came)
	}
}
