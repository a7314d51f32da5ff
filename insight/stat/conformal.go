package stat

import (
	"math"
	"slices"
)

// mostOrigins is how many forecasts are looked back at.
const mostOrigins = 36

// predict forecasts a series by ahead, which gives h values from the first n, and puts the interval of [Forecast] about it.
func predict(y []float64, period, horizon int, level float64, scale amountScale, method string, ahead func(n, h int) []float64) Prediction {
	p := Prediction{Mid: ahead(len(y), horizon), Naive: SeasonalNaive(y, period, horizon), Method: method}
	p.Low, p.High = make([]float64, horizon), make([]float64, horizon)
	for k, width := range widths(rollingErrors(y, period, horizon, level, scale, ahead), level) {
		middle := scale.of(p.Mid[k])
		p.Low[k], p.High[k] = scale.amount(middle-width), scale.amount(middle+width)
	}
	return p
}

// rollingErrors gives for each step the absolute errors, on the scale, of forecasts from rolling origins in the later half of the series. They start where
// three seasons are known (with fewer the seasonal figures err more than those of the whole series do), or earlier where that would leave too few.
func rollingErrors(y []float64, period, horizon int, level float64, scale amountScale, ahead func(n, h int) []float64) [][]float64 {
	n := len(y)
	start := max(n-mostOrigins, n/2, leastTrained, 3*period)
	start = min(start, max(n-2*leastErrors(level), leastTrained), n-leastErrors(level))
	errors := make([][]float64, horizon)
	for origin := start; origin < n; origin++ {
		for k, v := range ahead(origin, min(horizon, n-origin)) {
			errors[k] = append(errors[k], math.Abs(scale.of(y[origin+k])-scale.of(v)))
		}
	}
	return errors
}

// widths gives the half width of the interval of each step: the split-conformal quantile of its errors; where they are too few for one, the width before,
// growing as the square root of the step, as that of a random walk does. None is below the one before.
func widths(errors [][]float64, level float64) []float64 {
	w := make([]float64, len(errors))
	for k, e := range errors {
		slices.Sort(e)
		rank := int(math.Ceil(float64(len(e)+1)*level - 1e-9))
		switch {
		case rank <= len(e):
			w[k] = e[max(rank, 1)-1]
		case k > 0:
			w[k] = w[k-1] * math.Sqrt(float64(k+1)/float64(k))
		}
		if k > 0 {
			w[k] = max(w[k], w[k-1])
		}
	}
	return w
}
