package stat

import "math"

// seasonalOffsets gives the additive figures of the classical decomposition: means of the differences to a centred moving average, with a mean of 0.
func seasonalOffsets(y []float64, period int) []float64 {
	offsets := besideTrend(y, period, func(v, trend float64) float64 { return v - trend })
	mean := average(offsets)
	for i := range offsets {
		offsets[i] -= mean
	}
	return offsets
}

// besideTrend gives for each part of a season the mean of its values beside a centred moving average over one. What is not a number does not count.
// It takes at least two seasons.
func besideTrend(y []float64, period int, beside func(v, trend float64) float64) []float64 {
	figures, counts, half := make([]float64, period), make([]float64, period), period/2
	for i := half; i+half < len(y); i++ {
		trend := 0.
		for j := -half; j <= half; j++ {
			weight := 1.
			if period%2 == 0 && (j == -half || j == half) {
				weight = .5
			}
			trend += weight * y[i+j]
		}
		if v := beside(y[i], trend/float64(period)); !math.IsNaN(v) {
			figures[i%period] += v
			counts[i%period]++
		}
	}
	for i := range figures {
		figures[i] /= counts[i]
	}
	return figures
}

// SeasonalNaive gives the last season again, h values of it; where period is 1 or there is not a whole season, the last value. An empty series gives
// zeros.
func SeasonalNaive(y []float64, period, h int) []float64 {
	forecast, n := make([]float64, max(h, 0)), len(y)
	if n == 0 {
		return forecast
	}
	if period < 1 || period > n {
		period = 1
	}
	for k := range forecast {
		forecast[k] = y[n-period+k%period]
	}
	return forecast
}

func average(y []float64) float64 {
	sum := 0.
	for _, v := range y {
		sum += v
	}
	return sum / float64(len(y))
}
