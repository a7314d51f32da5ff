package stat

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lacuna/graph"
)

// alike tells whether two numbers are the same to eight digits. Infinity is like itself alone, and what is not a number like nothing.
func alike(a, b float64) bool {
	if math.IsInf(a, 0) || math.IsInf(b, 0) {
		return a == b
	}
	return math.Abs(a-b) <= 1e-8*max(1, math.Abs(a), math.Abs(b))
}

// drawValues gives whole numbers with many ties, some of them 0 or below.
func drawValues(t *rapid.T) []float64 {
	values := make([]float64, rapid.IntRange(1, 40).Draw(t, "n"))
	most := rapid.IntRange(1, 60).Draw(t, "most")
	for i := range values {
		values[i] = float64(rapid.IntRange(-2, most).Draw(t, "value"))
	}
	return values
}

// TestQuintilesOracle counts, and holds that a score can be read off the cuts.
func TestQuintilesOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := drawValues(t)
		scores, cuts := Quintiles(values)
		top := slices.Max(scores)
		for i, v := range values {
			less, read := 0, uint8(1)
			for _, other := range values {
				if other < v {
					less++
				}
			}
			for _, cut := range cuts[:top-1] {
				if v >= cut {
					read++
				}
			}
			if want := uint8(1 + 5*less/len(values)); scores[i] != want || read != want {
				t.Fatalf("%g of %v: %d, by the cuts %d, want %d", v, values, scores[i], read, want)
			}
		}
	})
}

// TestTiersOracle adds up what is larger than each value; ties are never parted, and rows in another order change nothing.
func TestTiersOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values, cuts := drawValues(t), DefaultTierCuts()
		got := Tiers(values, cuts)
		want := make([]graph.ValueTier, len(values))
		for i, v := range values {
			before, total := 0., 0.
			for _, other := range values {
				total += max(other, 0)
				if other > v {
					before += max(other, 0)
				}
			}
			want[i] = graph.TierRegular
			if v > 0 && before/total < cuts.Diamond {
				want[i] = graph.TierDiamond
			} else if v > 0 && before/total < cuts.Gold {
				want[i] = graph.TierGold
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%v: %s", values, diff)
		}
		slices.Reverse(values)
		slices.Reverse(want)
		if diff := cmp.Diff(want, Tiers(values, cuts)); diff != "" {
			t.Fatalf("backwards: %s", diff)
		}
	})
}

// TestParetoOracle holds the curve against the top share, which is counted.
func TestParetoOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := drawValues(t)
		curve := Pareto(values, 10)
		sorted := slices.Clone(values)
		slices.Sort(sorted)
		slices.Reverse(sorted)
		total := 0.
		for _, v := range sorted {
			total += max(v, 0)
		}
		if total == 0 {
			if curve != nil || !math.IsNaN(TopShare(values, .2)) {
				t.Fatalf("%v: a curve of nothing", values)
			}
			return
		}
		for i, point := range curve {
			best, sum := int(math.Floor(float64(i+1)/10*float64(len(values))+.5)), 0.
			for _, v := range sorted[:best] {
				sum += max(v, 0)
			}
			if point.ValueShare != sum/total || TopShare(values, point.CustomersShare) != point.ValueShare {
				t.Fatalf("%v: at %g %g, want %g", values, point.CustomersShare, point.ValueShare, sum/total)
			}
		}
	})
}

// TestBenjaminiHochbergOracle takes the definition: q is the least of p_j·m/rank_j over all p_j that are no smaller.
func TestBenjaminiHochbergOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 30).Draw(t, "p")
		m := float64(len(p))
		q := BenjaminiHochberg(append(slices.Clone(p), math.NaN()))
		for i := range p {
			want := 1.
			for _, larger := range p {
				rank := 0.
				for _, other := range p {
					if other <= larger {
						rank++
					}
				}
				if larger >= p[i] {
					want = min(want, larger*m/rank)
				}
			}
			if !alike(q[i], want) {
				t.Fatalf("%v: q of %g is %g, want %g", p, p[i], q[i], want)
			}
		}
		if !math.IsNaN(q[len(p)]) {
			t.Fatalf("what is not a number becomes %g", q[len(p)])
		}
	})
}
