package insight

import (
	"time"

	"lacuna/insight/stat"
)

// Thresholds are where figures are cut. Zero values mean the defaults beside them.
type Thresholds struct {
	Lifecycle   stat.Multiples // of the personal purchase cycle; 1, 2, 3
	CycleWeight float64        // gaps that the population's cycle counts as in a customer's own; 2
	Tiers       stat.TierCuts  // of cumulative value; .5, .8
	StaleAfter  time.Duration  // an attribute that was not observed for so long is stale; two years
	Window      int            // weeks of the windows that growth compares; 13
	LeastGrowth float64        // growth must be more than this to count; .1
}

func (t *Thresholds) fill() {
	if t.Lifecycle == (stat.Multiples{}) {
		t.Lifecycle = stat.DefaultMultiples()
	}
	if t.CycleWeight == 0 {
		t.CycleWeight = 2
	}
	if t.Tiers == (stat.TierCuts{}) {
		t.Tiers = stat.DefaultTierCuts()
	}
	if t.StaleAfter == 0 {
		t.StaleAfter = 2 * 365 * 24 * time.Hour
	}
	if t.Window == 0 {
		t.Window = 13
	}
	if t.LeastGrowth == 0 {
		t.LeastGrowth = .1
	}
}
