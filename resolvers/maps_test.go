package resolvers

import (
	"testing"

	"lacuna/graph/model"
)

// TestEveryNameIsMapped holds that each dimension, measure and grain of the schema has one of the engine, no two the same.
func TestEveryNameIsMapped(t *testing.T) {
	for _, d := range model.AllDimension {
		if dimensions[d] == 0 {
			t.Errorf("dimension %s is not mapped", d)
		}
	}
	for _, m := range model.AllMeasure {
		if measures[m] == 0 {
			t.Errorf("measure %s is not mapped", m)
		}
	}
	for _, g := range model.AllGrain {
		if grains[g] == 0 {
			t.Errorf("grain %s is not mapped", g)
		}
	}
	for _, v := range model.AllGapVerdict {
		if _, ok := verdicts[v]; !ok {
			t.Errorf("verdict %s is not mapped", v)
		}
	}
	for _, o := range model.AllGapOrder {
		if _, ok := gapOrders[o]; !ok {
			t.Errorf("order %s is not mapped", o)
		}
	}
	for _, m := range model.AllGapMeasure {
		if _, ok := gapMeasures[m]; !ok {
			t.Errorf("measure %s is not mapped", m)
		}
	}
	if distinct(verdicts) != len(verdicts) || distinct(gapOrders) != len(gapOrders) || distinct(gapMeasures) != len(gapMeasures) {
		t.Error("two names of gaps mean the same")
	}
	if distinct(dimensions) != len(dimensions) || distinct(measures) != len(measures) || distinct(grains) != len(grains) {
		t.Error("two names mean the same")
	}
}

func distinct[K, V comparable](m map[K]V) int {
	seen := map[V]bool{}
	for _, v := range m {
		seen[v] = true
	}
	return len(seen)
}
