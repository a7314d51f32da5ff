package stat

import "math"

// The bounds of a smoothing parameter, those of ets of the R package forecast.
const leastAlpha, mostAlpha = 1e-4, 1 - 1e-4

// simpleSmoothing gives the last level of simple exponential smoothing from the first value on, and the parameter of the least squared one-step errors.
// The series has at least one value.
func simpleSmoothing(y []float64) (level, alpha float64) {
	alpha = lowest(leastAlpha, mostAlpha, func(alpha float64) float64 { _, loss := smoothed(y, alpha); return loss })
	level, _ = smoothed(y, alpha)
	return level, alpha
}

// smoothed gives the last level and the sum of squared errors.
func smoothed(y []float64, alpha float64) (level, loss float64) {
	level = y[0]
	for _, v := range y[1:] {
		d := v - level
		loss += d * d
		level += alpha * d
	}
	return level, loss
}

// lowest gives where a function is least between low and high: the best inside by a grid, then a golden section beside it. An edge is taken only where that leads there.
func lowest(low, high float64, f func(float64) float64) float64 {
	const cells, ratio = 100, .6180339887498949
	step := (high - low) / cells
	best, least := low, math.Inf(1)
	for i := 1; i < cells; i++ {
		x := low + float64(i)*step
		if v := f(x); v < least {
			best, least = x, v
		}
	}
	a, b := max(low, best-step), min(high, best+step)
	x, y := b-ratio*(b-a), a+ratio*(b-a)
	for fx, fy := f(x), f(y); b-a > 1e-9*(high-low); {
		if fx <= fy {
			b, y, fy = y, x, fx
			x = b - ratio*(b-a)
			fx = f(x)
		} else {
			a, x, fx = x, y, fy
			y = a + ratio*(b-a)
			fy = f(y)
		}
	}
	if x := (a + b) / 2; f(x) < least {
		return x
	}
	return best
}

// slope gives that of the regression line over the places of the values; 0 for one value.
func slope(y []float64) float64 {
	middle, mean, xy, xx := float64(len(y)-1)/2, average(y), 0., 0.
	for i, v := range y {
		x := float64(i) - middle
		xy += x * (v - mean)
		xx += x * x
	}
	if xx == 0 {
		return 0
	}
	return xy / xx
}
