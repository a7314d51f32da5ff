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
	Window      int            // weeks of the windows that growth compares, up to 52; 13
	LeastGrowth float64        // growth must be more than this to count; .1
	GapThresholds
}

// GapThresholds are where the figures of gaps are cut. Zero values mean the defaults beside them.
type GapThresholds struct {
	LeastCustomers   int     // of a gap; 30
	ServedShare      float64 // of the reference, below which a served rate is low; .8
	ServedSurely     float64 // chance with which it must be; .95
	FoundNothing     float64 // share of non-buying searchers; .45
	FindersServed    float64 // share of the reference at which those who find something are served; .75
	MetUnavailable   float64 // share of non-buyers; .3
	RatingFault      float64 // points under the median; 1
	ReturnsFault     float64 // multiple of the median share of returns; 3
	AbsentShare      float64 // of what its siblings offer, below which a category has hardly anything; .25
	FalseDiscoveries float64 // share among what is called growing; .1
	GuardWeeks       int     // growth must outlast leaving out so many weeks in a row; 4, negative for none
	KnownMoved       float64 // growth is beside customers of whom the rule's attributes are known, where their share moved by more than this; .1
	BotQuick         int     // looks of a second at most; 20
	BotBurst         int     // looks within ten minutes; 120
	BotDaily         int     // looks within a day; 400
	Draws            int     // of the posterior of unmet customers; 2,000
	HorizonDays      int     // of the value of a gap; 365
	Margin           float64 // share of what is paid that is value; 1
	Cannibalisation  float64 // share of value that other products lose; 0
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
	t.Window = min(t.Window, 52)
	for _, f := range []struct {
		value *float64
		usual float64
	}{
		{&t.LeastGrowth, .1}, {&t.ServedShare, .8}, {&t.ServedSurely, .95}, {&t.FoundNothing, .45}, {&t.FindersServed, .75}, {&t.MetUnavailable, .3},
		{&t.RatingFault, 1}, {&t.ReturnsFault, 3}, {&t.AbsentShare, .25}, {&t.FalseDiscoveries, .1}, {&t.KnownMoved, .1}, {&t.Margin, 1},
	} {
		if *f.value == 0 {
			*f.value = f.usual
		}
	}
	for _, n := range []struct {
		value *int
		usual int
	}{{&t.LeastCustomers, 30}, {&t.GuardWeeks, 4}, {&t.BotQuick, 20}, {&t.BotBurst, 120}, {&t.BotDaily, 400}, {&t.Draws, 2_000}, {&t.HorizonDays, 365}} {
		if *n.value == 0 {
			*n.value = n.usual
		}
	}
}
