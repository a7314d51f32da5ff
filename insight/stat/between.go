package stat

import "math"

// Between estimates the mean and the variance of true values of which there are estimates x with sampling variances v, after Paule and Mandel (1982): the
// variance with which the weighted squares sum to their expectation, 0 where sampling alone explains them. It is not ok with fewer than two.
func Between(x, v []float64) (mean, variance float64, ok bool) {
	if len(x) < 2 || len(x) != len(v) {
		return 0, 0, false
	}
	excess := func(t float64) (mean, sum float64) {
		weights := 0.
		for i := range x {
			w := 1 / (v[i] + t)
			mean, weights = mean+w*x[i], weights+w
		}
		mean /= weights
		for i := range x {
			sum += (x[i] - mean) * (x[i] - mean) / (v[i] + t)
		}
		return mean, sum - float64(len(x)-1)
	}
	low, high := 0., 1.
	if m, sum := excess(0); sum <= 0 {
		return m, 0, true
	}
	for {
		if _, sum := excess(high); sum <= 0 || math.IsInf(high, 0) {
			break
		}
		high *= 2
	}
	for range 100 {
		middle := (low + high) / 2
		if _, sum := excess(middle); sum > 0 {
			low = middle
		} else {
			high = middle
		}
	}
	mean, _ = excess(high)
	return mean, high, true
}
