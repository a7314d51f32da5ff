package stat

import (
	"math"
	"testing"
)

// TestGrowthTestScale compares with scipy 1.17 (binom.sf, beta.ppf) at counts from none to millions.
func TestGrowthTestScale(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		n0, n1        int64
		base, minimum float64
		want          Growth
	}{
		{0, 3, 1, .1, Growth{inf, -0.41671154663812193, inf, 0.14372098045567439}},
		{1, 12, .5, .1, Growth{23, 3.3223161384724937, 504.88952700798836, 3.483208671873742e-05}},
		{30, 0, 1.6, .1, Growth{-1, -1, -0.9343664310295265, 1}},
		{4_000, 4_500, 1, .1, Growth{0.125, 0.0852510896487424, 0.16622376898026592, 0.15307705925317233}},
		{100_000, 112_000, 1, .1, Growth{0.12, 0.11200341542243208, 0.12805478067471143, 1.7366362507630965e-05}},
		{5_000_000, 5_600_000, 1.6, 0, Growth{-0.3, -0.3007082034397841, -0.29929107078761275, 1}},
	} {
		got, ok := GrowthTest(c.n0, c.n1, c.base, c.minimum)
		if !ok || !alike(got.Rate, c.want.Rate) || !alike(got.Low, c.want.Low) || !alike(got.High, c.want.High) || !alike(got.P, c.want.P) {
			t.Errorf("%d, %d, %g: %+v %v, want %+v", c.n0, c.n1, c.base, got, ok, c.want)
		}
	}
}

// TestProportionsPublished are further examples of Newcombe (1998), table II, method 10.
func TestProportionsPublished(t *testing.T) {
	for _, c := range []struct {
		k, n, ko, no int64
		low, high    float64
	}{
		{6, 7, 2, 7, .0582, .8062}, {0, 10, 0, 10, -.2775, .2775}, {10, 10, 0, 20, .6791, 1}, {10, 10, 0, 10, .6075, 1},
	} {
		d, ok := Proportions(c.k, c.n, c.ko, c.no)
		if !ok || math.Abs(d.Low-c.low) > 1e-4 || math.Abs(d.High-c.high) > 1e-4 {
			t.Errorf("%d/%d, %d/%d: %.4f to %.4f, want %g to %g", c.k, c.n, c.ko, c.no, d.Low, d.High, c.low, c.high)
		}
	}
	if d, _ := Proportions(3, 10, 0, 10); !math.IsInf(d.Lift, 1) {
		t.Errorf("nobody else: lift %g", d.Lift)
	}
	if d, _ := Proportions(2, 10, 1, 10); d.Lift != 2 {
		t.Errorf("lift %g, want 2", d.Lift)
	}
}
