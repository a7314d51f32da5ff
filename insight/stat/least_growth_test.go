package stat

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Shares of categories drift by a few per cent a year. Where much is counted, a test against no growth at all calls every upward drift growth; against a least
// growth of a tenth it calls none, and still finds what grew by half.
func TestLeastGrowth(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 3))
	var plain, least []float64
	const cells, drifting = 400, 380
	for i := range cells {
		growth := 1 + .03*source.NormFloat64()
		if i >= drifting {
			growth = 1.5
		}
		before := int64(distuv.Poisson{Lambda: 8_000, Src: source}.Rand())
		now := int64(distuv.Poisson{Lambda: 8_000 * 1.6 * growth, Src: source}.Rand())
		for list, minimum := range map[*[]float64]float64{&plain: 0, &least: .1} {
			p, ok := GrowthChance(before, now, 1.6, minimum)
			if !ok {
				t.Fatal("no chance")
			}
			*list = append(*list, p)
		}
	}
	flagged := func(p []float64) (drift, grown int) {
		for i, q := range BenjaminiHochberg(p) {
			switch {
			case q > .1:
			case i < drifting:
				drift++
			default:
				grown++
			}
		}
		return drift, grown
	}
	if drift, grown := flagged(least); drift > 0 || grown < cells-drifting {
		t.Errorf("with a least growth: %d of drift, %d of %d that grew", drift, grown, cells-drifting)
	}
	if drift, _ := flagged(plain); drift < 20 {
		t.Errorf("without a least growth only %d of drift are called growing: it is not needed", drift)
	}
}
