package stat

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

func near(a, b float64) bool {
	if math.IsInf(a, 0) || math.IsInf(b, 0) {
		return a == b // or infinity were near everything
	}
	return math.Abs(a-b) <= 1e-8*max(1, math.Abs(a), math.Abs(b))
}

// TestGrowthTest compares with scipy 1.16: binom.sf, beta.ppf.
func TestGrowthTest(t *testing.T) {
	for _, c := range []struct {
		n0, n1        int64
		base, minimum float64
		want          Growth
	}{
		{100, 150, 1.1, .1, Growth{0.3636363636, 0.0948328279, 0.702264323, 0.0539274986}},
		{300, 450, 1.6, .1, Growth{-0.0625, -0.1726800622, 0.06309748484, 0.9851046653}},
		{5, 9, 1, .1, Growth{0.8, -0.3595400433, 4.548032797, 0.2679846735}},
		{20000, 23000, 1, .1, Growth{0.15, 0.131805294, 0.168491594, 2.164806658e-06}},
		{10, 0, 1, .1, Growth{-1, -1, -0.6507171523, 1}},
	} {
		got, ok := GrowthTest(c.n0, c.n1, c.base, c.minimum)
		if !ok || !near(got.Rate, c.want.Rate) || !near(got.Low, c.want.Low) || !near(got.High, c.want.High) || !near(got.P, c.want.P) {
			t.Errorf("%d, %d, %g: %+v %v, want %+v", c.n0, c.n1, c.base, got, ok, c.want)
		}
	}
	if g, ok := GrowthTest(0, 5, 1, .1); !ok || !math.IsInf(g.Rate, 1) || !math.IsInf(g.High, 1) || math.IsInf(g.Low, 0) {
		t.Errorf("from nothing: %+v %v", g, ok)
	}
	for _, base := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, ok := GrowthTest(1, 1, base, .1); ok {
			t.Errorf("a base of %g is taken", base)
		}
	}
	if _, ok := GrowthTest(0, 0, 1, .1); ok {
		t.Error("growth of nobody")
	}
}

// TestBenjaminiHochberg compares with scipy's false_discovery_control.
func TestBenjaminiHochberg(t *testing.T) {
	got := BenjaminiHochberg([]float64{.01, .04, .03, .005, .9, math.NaN()})
	for i, want := range []float64{.025, .05, .05, .025, .9} {
		if !near(got[i], want) {
			t.Errorf("%d: %g, want %g", i, got[i], want)
		}
	}
	if !math.IsNaN(got[5]) {
		t.Errorf("what is not a number becomes %g", got[5])
	}
}

// TestProportions compares P with scipy's chi2_contingency and fisher_exact, and the interval with the examples of Newcombe (1998), table II,
// method 10.
func TestProportions(t *testing.T) {
	for _, c := range []struct {
		k, n, ko, no int64
		low, high, p float64
	}{
		{56, 70, 48, 80, .0524, .3339, 0.008045081368196585},
		{9, 10, 3, 10, .1705, .8090, 0.0197666111},
		{5, 56, 0, 29, -.0381, .1926, 0.1606214432},
		{0, 10, 0, 20, -.1611, .2775, 1},
		{120, 1000, 90, 1000, math.NaN(), math.NaN(), 0.028650240398448427},
		{3, 10, 1, 90, math.NaN(), math.NaN(), 0.002807796033},
	} {
		d, ok := Proportions(c.k, c.n, c.ko, c.no)
		if !ok || !math.IsNaN(c.low) && (math.Abs(d.Low-c.low) > 1e-4 || math.Abs(d.High-c.high) > 1e-4) || math.Abs(d.P-c.p) > 1e-6 {
			t.Errorf("%d/%d, %d/%d: %+v", c.k, c.n, c.ko, c.no, d)
		}
	}
	if _, ok := Proportions(0, 0, 1, 2); ok {
		t.Error("an empty group is compared")
	}
}

func TestQuintiles(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want []uint8
	}{
		{[]float64{5, 1, 4, 2, 3}, []uint8{5, 1, 4, 2, 3}},
		{[]float64{1, 1, 1, 1, 2}, []uint8{1, 1, 1, 1, 5}},
		{[]float64{1, 2, 2, 2, 2, 2, 2, 2, 2, 9}, []uint8{1, 1, 1, 1, 1, 1, 1, 1, 1, 5}},
		{[]float64{7}, []uint8{1}},
	} {
		if got, _ := Quintiles(c.in); !cmp.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.in, got, c.want)
		}
	}
	if _, cuts := Quintiles([]float64{5, 1, 4, 2, 3}); cuts != [4]float64{2, 3, 4, 5} {
		t.Errorf("cuts %v", cuts)
	}
}

// TestRFMGroups holds that each combination of scores has a group, and that better scores are never a worse standing of its kind.
func TestRFMGroups(t *testing.T) {
	count := map[graph.RFMGroup]int{}
	for r := uint8(1); r <= 5; r++ {
		for f := uint8(1); f <= 5; f++ {
			for m := uint8(1); m <= 5; m++ {
				g := RFMGroup(r, f, m)
				if !g.Valid() || g == graph.RFMProspects {
					t.Errorf("%d%d%d is %v", r, f, m, g)
				}
				count[g]++
			}
		}
	}
	if len(count) != int(graph.RFMDormant) {
		t.Errorf("groups %v", count)
	}
	if RFMGroup(5, 5, 5) != graph.RFMChampions || RFMGroup(1, 1, 1) != graph.RFMDormant || RFMGroup(1, 5, 5) != graph.RFMPreviouslyLoyal {
		t.Error("the corners are not what they are called")
	}
}

func TestLifecycle(t *testing.T) {
	m := DefaultMultiples()
	for _, c := range []struct {
		orders       int
		since, cycle float64
		want         graph.Lifecycle
	}{
		{0, 3, 10, graph.LifecycleProspect}, {1, 10, 10, graph.LifecycleNew}, {1, 10.1, 10, graph.LifecycleDozing}, {2, 10, 10, graph.LifecycleCore},
		{2, 20, 10, graph.LifecycleDozing}, {2, 30, 10, graph.LifecycleHalfAsleep}, {2, 30.5, 10, graph.LifecycleAsleep}, {1, 31, 10, graph.LifecycleAsleep},
	} {
		if got := m.Stage(c.orders, c.since, c.cycle); got != c.want {
			t.Errorf("%+v is %v", c, got)
		}
	}
	cycles := Cycles{Median: 30, Weight: 2}
	if got := cycles.Of(1, 0); got != 30 {
		t.Errorf("one order: %g", got)
	}
	if got := cycles.Of(4, 30); got != 18 { // (30 + 60) / 5
		t.Errorf("four orders in thirty days: %g", got)
	}
}

func TestTiers(t *testing.T) {
	const d, g, r = graph.TierDiamond, graph.TierGold, graph.TierRegular
	for _, c := range []struct {
		in   []float64
		want []graph.ValueTier
	}{
		{[]float64{50, 30, 20}, []graph.ValueTier{d, g, r}},
		{[]float64{20, 50, 30}, []graph.ValueTier{r, d, g}},
		{[]float64{10, 10, 10, 10}, []graph.ValueTier{d, d, d, d}},
		{[]float64{0, 0}, []graph.ValueTier{r, r}},
		{[]float64{100, 0, -5}, []graph.ValueTier{d, r, r}},
		{nil, []graph.ValueTier{}},
	} {
		if got := Tiers(c.in, DefaultTierCuts()); !cmp.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.in, got, c.want)
		}
	}
	if got := TopShare([]float64{5, 1, 1, 1, 1, 1}, .2); got != .5 { // 1.2 customers are 1
		t.Errorf("top fifth %g", got)
	}
	if curve := Pareto([]float64{3, 1}, 2); !cmp.Equal(curve, []ParetoPoint{{.5, .75}, {1, 1}}) {
		t.Errorf("curve %v", curve)
	}
	if Pareto([]float64{0, 0}, 4) != nil {
		t.Error("a curve of nothing")
	}
}
