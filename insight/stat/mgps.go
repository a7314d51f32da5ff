package stat

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/optimize"
)

// GammaMixture is the prior of how many times more often than expected a pair occurs: with probability P a gamma distribution of shape A1 and
// rate B1, else one of shape A2 and rate B2 (DuMouchel 1999, the multi-item gamma Poisson shrinker).
type GammaMixture struct{ A1, B1, A2, B2, P float64 }

// Posterior gives what is known of the ratio of a pair that occurred n times where e were expected, e > 0.
func (m GammaMixture) Posterior(n, e float64) GammaMixture {
	l1, l2 := logNegativeBinomial(n, e, m.A1, m.B1), logNegativeBinomial(n, e, m.A2, m.B2)
	q := 1 / (1 + (1-m.P)/m.P*math.Exp(l2-l1))
	switch {
	case m.P >= 1:
		q = 1
	case m.P <= 0:
		q = 0
	}
	return GammaMixture{m.A1 + n, m.B1 + e, m.A2 + n, m.B2 + e, q}
}

// GeometricMean gives exp(E[log λ]); of a posterior it is the EBGM.
func (m GammaMixture) GeometricMean() float64 {
	return math.Exp(m.P*(mathext.Digamma(m.A1)-math.Log(m.B1)) + (1-m.P)*(mathext.Digamma(m.A2)-math.Log(m.B2)))
}

// Below gives P(λ ≤ x).
func (m GammaMixture) Below(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	p := 0.
	if m.P > 0 {
		p += m.P * mathext.GammaIncReg(m.A1, m.B1*x)
	}
	if m.P < 1 {
		p += (1 - m.P) * mathext.GammaIncReg(m.A2, m.B2*x)
	}
	return p
}

// Quantile gives the x with P(λ ≤ x) = p, 0 < p < 1, to nine digits.
func (m GammaMixture) Quantile(p float64) float64 {
	low, high := 0., 1.
	for m.Below(high) < p {
		low, high = high, 2*high
	}
	for range 200 {
		middle := (low + high) / 2
		if high-low <= 1e-10*high {
			break
		}
		if m.Below(middle) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// logNegativeBinomial is the log of the chance of n where a gamma distributed ratio of e is expected, up to what depends on n alone.
func logNegativeBinomial(n, e, a, b float64) float64 {
	lg1, _ := math.Lgamma(a + n)
	lg2, _ := math.Lgamma(a)
	return lg1 - lg2 - a*math.Log1p(e/b) - n*math.Log(b+e) + n*math.Log(e)
}

// squashed is pairs of about the same count and expectation as one point (DuMouchel and Pregibon 2001).
type squashed struct{ n, e, weight float64 }

// squash puts pairs together whose expectations are within 5 % and whose counts are the same or, from 16 on, within 5 %.
func squash(n, e []float64) []squashed {
	type key struct{ n, e int }
	bins := map[key]*squashed{}
	for i := range n {
		if !(e[i] > 0) {
			continue
		}
		k := key{int(n[i]), int(math.Floor(math.Log(e[i]) * 20))}
		if n[i] >= 16 {
			k.n = 1000 + int(math.Floor(math.Log(n[i])*20))
		}
		b := bins[k]
		if b == nil {
			b = &squashed{}
			bins[k] = b
		}
		b.n += n[i]
		b.e += e[i]
		b.weight++
	}
	points := make([]squashed, 0, len(bins))
	for _, b := range bins {
		points = append(points, squashed{b.n / b.weight, b.e / b.weight, b.weight})
	}
	// The sum of logs below is of a fixed order, so that the same pairs give the same prior.
	slices.SortFunc(points, func(a, b squashed) int { return cmp.Or(cmp.Compare(a.e, b.e), cmp.Compare(a.n, b.n)) })
	return points
}

// ErrNoPrior is that there are too few pairs to learn a prior from.
var ErrNoPrior = errors.New("there are too few pairs to learn from")

// leastPairs is how many pairs a prior of five parameters is learned from.
const leastPairs = 20

// FitMGPS gives the prior of greatest likelihood for pairs that occurred n times where e were expected. Pairs without an expectation are left out;
// with fewer than 20 it is [ErrNoPrior].
func FitMGPS(n, e []float64) (GammaMixture, error) {
	points := squash(n, e)
	total := 0.
	for _, p := range points {
		total += p.weight
	}
	if total < leastPairs {
		return GammaMixture{}, ErrNoPrior
	}
	loss := func(x []float64) float64 {
		m, ok := mixtureOf(x)
		if !ok {
			return math.Inf(1)
		}
		sum := 0.
		for _, p := range points {
			l1, l2 := logNegativeBinomial(p.n, p.e, m.A1, m.B1), logNegativeBinomial(p.n, p.e, m.A2, m.B2)
			top := max(l1, l2)
			sum -= p.weight * (top + math.Log(m.P*math.Exp(l1-top)+(1-m.P)*math.Exp(l2-top)))
		}
		return sum / total
	}
	best, found := GammaMixture{}, math.Inf(1)
	for _, start := range [][]float64{{math.Log(.5), math.Log(.3), math.Log(4), math.Log(4), -2}, {math.Log(2), math.Log(1.5), math.Log(20), math.Log(20), -1}} {
		result, err := optimize.Minimize(optimize.Problem{Func: loss}, start, &optimize.Settings{FuncEvaluations: 800, Converger: &optimize.FunctionConverge{Absolute: 1e-9, Iterations: 60}}, &optimize.NelderMead{})
		if result == nil || (err != nil && result.X == nil) || !(result.F < found) {
			continue
		}
		best, _ = mixtureOf(result.X)
		found = result.F
	}
	if math.IsInf(found, 1) {
		return GammaMixture{}, ErrNoPrior
	}
	return best, nil
}

// mixtureOf reads the logs of shapes and rates and the logit of P. It is not ok far outside of what ratios can be.
func mixtureOf(x []float64) (GammaMixture, bool) {
	for _, v := range x {
		if !(math.Abs(v) < 12) {
			return GammaMixture{}, false
		}
	}
	return GammaMixture{math.Exp(x[0]), math.Exp(x[1]), math.Exp(x[2]), math.Exp(x[3]), 1 / (1 + math.Exp(-x[4]))}, true
}
