package stat

import "math"

// TSB gives the next h values of a series that is often zero by the method of Teunter, Syntetos & Babai (2011): the chance of demand is smoothed in every
// period, the size of demand in those that have some, and the forecast is their product,
//
//	p ← p + β ([y > 0] − p),  z ← z + α (y − z) where y > 0,  ŷ = p z
//
// the same for all steps. Both start at their means over the series; α and β are those of .05, .1, .2, .3 and 0 (which keeps the mean) with the least
// squared one-step errors. So what has stopped selling fades, which Croston's method cannot say. An empty series gives zeros.
func TSB(y []float64, h int) []float64 {
	forecast := make([]float64, max(h, 0))
	sizes, demands := 0., 0.
	for _, v := range y {
		if v > 0 {
			sizes += v
			demands++
		}
	}
	if demands == 0 {
		return forecast
	}
	parameters := []float64{0, .05, .1, .2, .3}
	next, least := 0., math.Inf(1)
	for _, beta := range parameters {
		for _, alpha := range parameters {
			chance, size, loss := demands/float64(len(y)), sizes/demands, 0.
			for _, v := range y {
				loss += sq(v - chance*size)
				if v > 0 {
					chance += beta * (1 - chance)
					size += alpha * (v - size)
				} else {
					chance -= beta * chance
				}
			}
			if loss < least {
				next, least = chance*size, loss
			}
		}
	}
	for k := range forecast {
		forecast[k] = next
	}
	return forecast
}
