package stat

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// The example of the vignette of openEBGM.
func TestPublishedPosterior(t *testing.T) {
	prior := GammaMixture{A1: 3.2538, B1: .3999, A2: 2.0261, B2: 1.9081, P: .06535}
	posterior := prior.Posterior(16, .4064)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"EBGM", posterior.GeometricMean(), 23.26},
		{"5 %", posterior.Quantile(.05), 15.68},
		{"95 %", posterior.Quantile(.95), 33.48},
	} {
		if math.Abs(c.got-c.want) > .05 {
			t.Errorf("%s is %.2f, published %.2f", c.name, c.got, c.want)
		}
	}
}

// Where ratios are drawn from a mixture, the fitted prior says of every ratio what the true one says.
func TestFittedPriorFindsTheTrueOne(t *testing.T) {
	source := rand.New(rand.NewPCG(7, 7))
	truth := GammaMixture{A1: 4, B1: 1.5, A2: 30, B2: 32, P: .1}
	var n, e []float64
	for range 8_000 {
		expected := math.Exp(source.Float64()*5 - 1)
		gamma := distuv.Gamma{Alpha: truth.A2, Beta: truth.B2, Src: source}
		if source.Float64() < truth.P {
			gamma = distuv.Gamma{Alpha: truth.A1, Beta: truth.B1, Src: source}
		}
		n, e = append(n, distuv.Poisson{Lambda: expected * gamma.Rand(), Src: source}.Rand()), append(e, expected)
	}
	fitted, err := FitMGPS(n, e)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []float64{.6, .8, 1, 1.3, 2, 4} {
		if got, want := fitted.Below(x), truth.Below(x); math.Abs(got-want) > .03 {
			t.Errorf("P(λ ≤ %v) = %.3f, true %.3f (prior %+v)", x, got, want, fitted)
		}
	}
	for i, p := range []float64{.05, .5, .95} {
		if q := fitted.Quantile(p); math.Abs(fitted.Below(q)-p) > 1e-6 {
			t.Errorf("quantile %d: %v", i, q)
		}
	}
}

func TestTooFewPairsHaveNoPrior(t *testing.T) {
	if _, err := FitMGPS([]float64{1, 2}, []float64{1, 2}); err == nil {
		t.Error("two pairs gave a prior")
	}
}
