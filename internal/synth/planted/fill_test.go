package planted

import (
	"math"
	"slices"
	"testing"
)

// A filled world has the products that plants take out, and nothing is missing there; all else is as it was, row by row.
func TestFilledWorld(t *testing.T) {
	o := Options{Seed: 2, Customers: 2_500, Plant: []string{"price-band", "attribute", "absence", "cut", "stock-out"}, Confounders: []string{"season", "whale"}}
	holed, truth := drawn(o)
	o.Fill = true
	full, filled := drawn(o)
	closed := map[int32]bool{}
	unmet, further := 0., 0.
	for i := range holed.plants {
		p, q := &holed.plants[i], &full.plants[i]
		was, is := cell(t, truth, "everyone", p.Category), cell(t, filled, "everyone", p.Category)
		if p.Kind == "cut" || p.Kind == "stock-out" {
			if q.Filled || q.Removed > 0 || math.Abs(was.Unmet-is.Unmet) > 1e-9 {
				t.Errorf("%s was filled: %+v, unmet %.1f and then %.1f", p.Kind, q, was.Unmet, is.Unmet)
			}
			continue
		}
		closed[int32(p.leaf)] = true
		if p.Filled || !q.Filled || p.Removed == 0 || p.Removed != q.Removed || len(full.leaves[p.leaf].products) != len(holed.leaves[p.leaf].products)+p.Removed {
			t.Errorf("%s: %d products, filled %d: %+v", p.Kind, len(holed.leaves[p.leaf].products), len(full.leaves[p.leaf].products), q)
		}
		if is.Unmet > 1e-9 || is.Cause != "" || was.Unmet < 1 {
			t.Errorf("%s: unmet %.2f, filled %.2f %s", p.Kind, was.Unmet, is.Unmet, is.Cause)
		}
		if (p.Kind == "price-band") != (p.Price > 0) {
			t.Errorf("%s: the price of what is missing is %.2f", p.Kind, p.Price)
		}
		leaf, from := []int{p.leaf}, holed.Weeks-window
		unmet += was.Unmet
		further += full.count(0, leaf, from, full.Weeks).buyers - holed.count(0, leaf, from, holed.Weeks).buyers
	}
	if len(closed) != 12 {
		t.Fatalf("%d holes, want 12", len(closed))
	}
	if math.Abs(further/unmet-1) > .1 {
		t.Errorf("%.0f more bought in the filled world, unmet were %.0f", further, unmet)
	}
	elsewhere := func(w *world) (list []interaction) {
		for _, r := range w.interactions {
			if !closed[r.word] {
				list = append(list, r)
			}
		}
		return list
	}
	if !slices.Equal(elsewhere(holed), elsewhere(full)) {
		t.Error("what happened elsewhere is not the same")
	}
}

// In a filled price band and with a filled attribute, the products that were out are those with it.
func TestFilledProducts(t *testing.T) {
	o, _ := Options{Customers: 1_000, Plant: []string{"price-band", "attribute"}, Fill: true}.withDefaults()
	w := newWorld(o)
	for i := range w.plants {
		p, count := &w.plants[i], 0
		for _, n := range w.leaves[p.leaf].products {
			q := &w.products[n]
			feature := slices.Index(featureNames[:], p.Detail)
			if p.Kind == "price-band" && math.Abs(q.price/p.Price-1) < .1 || p.Kind == "attribute" && q.has[feature] {
				count++
			}
		}
		if count != p.Removed {
			t.Errorf("%s %s: %d products have it, %d were out", p.Kind, p.Detail, count, p.Removed)
		}
	}
}
