package stat

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Growth is by how much a number grew beyond the base: .25 is a quarter more.
type Growth struct {
	Rate, Low, High float64 // with its 90 % interval
	P               float64 // of the hypothesis that it grew by no more than a minimum
}

// GrowthTest compares n1 customers in the later window with n0 in the earlier one, base being the factor by which all grew. Given n0 + n1, n1 is
// binomial with p = f(1+δ) / (1 + f(1+δ)), f = base; so rate = n1 / (n0 × f) − 1, its interval is Clopper and Pearson's of p (1934) put through the
// same formula, and P = P(X ≥ n1) at δ = minimum. It is not ok where there is nobody or no base, a count is negative, or minimum is no more than −1.
// With n0 = 0 rate and high are infinite.
func GrowthTest(n0, n1 int64, base, minimum float64) (g Growth, ok bool) {
	if g.P, ok = GrowthChance(n0, n1, base, minimum); !ok {
		return g, false
	}
	n := n0 + n1
	rate := func(p float64) float64 { return p/(1-p)/base - 1 }
	low, high := clopperPearson(n1, n, .1)
	g.Rate, g.Low, g.High = rate(float64(n1)/float64(n)), rate(low), rate(high)
	return g, true
}

// GrowthChance is P of [GrowthTest] alone.
func GrowthChance(n0, n1 int64, base, minimum float64) (p float64, ok bool) {
	n := n0 + n1
	if n0 < 0 || n1 < 0 || n == 0 || !(base > 0) || math.IsInf(base, 0) || !(minimum > -1) || math.IsInf(minimum, 0) {
		return 0, false
	}
	odds := base * (1 + minimum)
	return atLeast(n1, n, odds/(1+odds)), true
}

// atLeast gives P(X ≥ k) for X binomial of n and p: the regularised incomplete beta function I_p(k, n−k+1).
func atLeast(k, n int64, p float64) float64 {
	if k <= 0 {
		return 1
	}
	return mathext.RegIncBeta(float64(k), float64(n-k+1), p)
}

// clopperPearson gives the exact interval of a proportion with error alpha.
func clopperPearson(k, n int64, alpha float64) (low, high float64) {
	high = 1
	if k > 0 {
		low = mathext.InvRegIncBeta(float64(k), float64(n-k+1), alpha/2)
	}
	if k < n {
		high = mathext.InvRegIncBeta(float64(k+1), float64(n-k), 1-alpha/2)
	}
	return low, high
}

// BenjaminiHochberg gives for each p value the smallest rate of false discoveries at which it is one (1995). What is not a number stays
// so, and does not count.
func BenjaminiHochberg(p []float64) []float64 {
	q, order := make([]float64, len(p)), make([]int, 0, len(p))
	for i := range p {
		q[i] = math.NaN()
		if !math.IsNaN(p[i]) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	least := 1.
	for rank := len(order); rank > 0; rank-- {
		i := order[rank-1]
		least = min(least, p[i]*float64(len(order))/float64(rank))
		q[i] = least
	}
	return q
}
