package stat

import (
	"cmp"
	"math"
	"slices"

	"lacuna/graph"
)

// TierCuts are where tiers end, in shares of the cumulative value of customers in descending order.
type TierCuts struct{ Diamond, Gold float64 }

// DefaultTierCuts let the best customers be DIAMOND who make half of the value, and those GOLD who make the next three tenths.
func DefaultTierCuts() TierCuts { return TierCuts{.5, .8} }

// Tiers gives each value's tier: DIAMOND while the values before it make less than the first cut, GOLD less than the second. Ties have
// the better tier of them. Who has brought nothing, or what is not a number, is REGULAR. The order of values does not matter.
func Tiers(values []float64, cuts TierCuts) []graph.ValueTier {
	order, total := descending(values)
	tiers := make([]graph.ValueTier, len(values))
	for i := range tiers {
		tiers[i] = graph.TierRegular
	}
	before := 0.
	for i := 0; i < len(order); {
		tier := graph.TierRegular
		switch share := before / total; {
		case share < cuts.Diamond:
			tier = graph.TierDiamond
		case share < cuts.Gold:
			tier = graph.TierGold
		}
		for v := values[order[i]]; i < len(order) && values[order[i]] == v; i++ {
			tiers[order[i]] = tier
			before += v
		}
	}
	return tiers
}

// descending gives the order of the values above 0 from the largest on, and their sum, added up in that order: sums of fractions depend on it.
func descending(values []float64) (order []int, total float64) {
	order = make([]int, 0, len(values))
	for i, v := range values {
		if v > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	for _, i := range order {
		total += values[i]
	}
	return order, total
}

// ParetoPoint is that the best customers of a share of all made a share of the value.
type ParetoPoint struct{ CustomersShare, ValueShare float64 }

// Pareto gives the measured curve at so many equal steps of customers, those who brought most first; nil where there is no value.
func Pareto(values []float64, points int) (curve []ParetoPoint) {
	sums := cumulative(values)
	if len(sums) == 0 || sums[len(sums)-1] <= 0 {
		return nil
	}
	for i := 1; i <= points; i++ {
		x := float64(i) / float64(points)
		curve = append(curve, ParetoPoint{x, share(sums, x)})
	}
	return curve
}

// TopShare gives the share of the value that a share of the customers made, those who brought most; the number of customers is rounded half
// up. It is NaN where there is no value.
func TopShare(values []float64, top float64) float64 {
	sums := cumulative(values)
	if len(sums) == 0 || sums[len(sums)-1] <= 0 {
		return math.NaN()
	}
	return share(sums, top)
}

// cumulative adds up values from the largest on; what is below 0 counts as 0.
func cumulative(values []float64) []float64 {
	sums := slices.Clone(values)
	slices.Sort(sums)
	slices.Reverse(sums)
	sum := 0.
	for i, v := range sums {
		sum += max(v, 0)
		sums[i] = sum
	}
	return sums
}

func share(sums []float64, top float64) float64 {
	n := min(len(sums), int(math.Floor(top*float64(len(sums))+.5)))
	if n == 0 {
		return 0
	}
	return sums[n-1] / sums[len(sums)-1]
}
