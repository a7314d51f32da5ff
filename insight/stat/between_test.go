package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The variance that values are drawn with is found whatever the sampling variances, and none where there is none.
func TestBetweenFindsTheSpread(t *testing.T) {
	source := rand.New(rand.NewPCG(3, 4))
	for _, spread := range []float64{0, .3, 1} {
		var x, v []float64
		for range 4_000 {
			sampling := .05 + source.Float64()
			v = append(v, sampling)
			x = append(x, 2+spread*source.NormFloat64()+math.Sqrt(sampling)*source.NormFloat64())
		}
		mean, variance, ok := Between(x, v)
		if !ok || math.Abs(mean-2) > .06 || math.Abs(variance-spread*spread) > .05 {
			t.Errorf("spread %v: mean %.3f, variance %.3f, %v", spread, mean, variance, ok)
		}
	}
	if _, _, ok := Between([]float64{1}, []float64{1}); ok {
		t.Error("one value has a spread")
	}
}
