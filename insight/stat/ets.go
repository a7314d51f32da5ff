package stat

import "math"

// DampedETS gives the next h values of a series by exponential smoothing with an additive damped trend and, where period is above 1 and there are two
// whole seasons, additive seasonal figures (Hyndman et al. 2008, ETS(A,Ad,A) and ETS(A,Ad,N)):
//
//	ŷ(n+k) = level + (φ + … + φ^k) trend + season
//
// The four parameters are those of the least squared one-step errors; for each choice of them the first level and trend are the best, and the first seasonal
// figures those of the classical decomposition. A series of fewer than three values goes on at its mean; an empty one gives zeros.
func DampedETS(y []float64, period, h int) []float64 {
	forecast := make([]float64, max(h, 0))
	switch n := len(y); {
	case n == 0:
		return forecast
	case n < 3:
		for k := range forecast {
			forecast[k] = average(y)
		}
		return forecast
	case period < 2 || n < 2*period:
		period = 1
	}
	fit := newDamped(y, period)
	best := patternSearch(fit.loss, dampedStarts())
	fit.loss(best)
	return fit.forecast(forecast)
}

// dampedParameters are α, β/α, γ/(1−α) and the place of φ between .8 and .98, the range of ets of the R package forecast; each between 0 and 1,
// so that every choice is a stable smoothing.
type dampedParameters [4]float64

const leastDamping, mostDamping = .8, .98

func dampedStarts() []dampedParameters {
	return []dampedParameters{{.1, .1, .1, .5}, {.5, .1, .1, .5}}
}

// damped is a series as it is smoothed.
type damped struct {
	y       []float64
	first   []float64 // the seasonal figures at the start
	season  []float64 // at the end
	period  int
	level   float64 // at the end, as are trend and phi
	trend   float64
	phi     float64
	figures []float64 // room for the seasonal figures of the series, of a unit of level and of a unit of trend
}

func newDamped(y []float64, period int) *damped {
	d := &damped{y: y, period: period, first: make([]float64, period), season: make([]float64, period), figures: make([]float64, 3*period)}
	if period > 1 {
		d.first = seasonalOffsets(y, period)
	}
	return d
}

// loss smooths the series and gives the sum of squared errors. Errors are linear in the first level and trend: what one unit of either does is smoothed
// beside the series, and the best of both follows by least squares.
func (d *damped) loss(p dampedParameters) float64 {
	alpha := leastAlpha + p[0]*(mostAlpha-leastAlpha)
	beta, gamma, phi := alpha*p[1], (1-alpha)*p[2], leastDamping+p[3]*(mostDamping-leastDamping)
	if d.period == 1 {
		gamma = 0
	}
	n := len(d.y)
	seasons := d.figures
	clear(seasons)
	copy(seasons, d.first)
	var level, trend [3]float64 // of the series, of a unit of level, of a unit of trend
	level[1], trend[2] = 1, 1
	var ee, el, et, ll, lt, tt float64
	for i := range n {
		s := i % d.period
		var e [3]float64
		for j := range 3 {
			place := s + j*d.period
			ahead := level[j] + phi*trend[j]
			e[j] = -ahead - seasons[place]
			if j == 0 {
				e[j] += d.y[i]
			}
			level[j] = ahead + alpha*e[j]
			trend[j] = phi*trend[j] + beta*e[j]
			seasons[place] += gamma * e[j]
		}
		ee += e[0] * e[0]
		el += e[0] * e[1]
		et += e[0] * e[2]
		ll += e[1] * e[1]
		lt += e[1] * e[2]
		tt += e[2] * e[2]
	}
	// A ridge keeps the trend at 0 where the series cannot tell it from the level.
	tt += 1e-9 * ll
	det := ll*tt - lt*lt
	first, rise := (lt*et-el*tt)/det, (lt*el-ll*et)/det
	if !(det > 1e-12*ll*tt) {
		first, rise = -el/ll, 0
	}
	d.level = level[0] + first*level[1] + rise*level[2]
	d.trend = trend[0] + first*trend[1] + rise*trend[2]
	d.phi = phi
	for s := range d.season {
		d.season[s] = seasons[s] + first*seasons[s+d.period] + rise*seasons[s+2*d.period]
	}
	loss := ee + 2*first*el + 2*rise*et + first*first*ll + 2*first*rise*lt + rise*rise*tt
	if math.IsNaN(loss) {
		return math.Inf(1)
	}
	return max(loss, 0)
}

func (d *damped) forecast(values []float64) []float64 {
	ahead, weight := 0., 1.
	for k := range values {
		weight *= d.phi
		ahead += weight
		values[k] = d.level + ahead*d.trend + d.season[(len(d.y)+k)%d.period]
	}
	return values
}

// patternSearch gives the lowest point between 0 and 1 of several descents (Hooke & Jeeves 1961): along each axis by a step, which is halved where none
// leads down.
func patternSearch(loss func(dampedParameters) float64, starts []dampedParameters) dampedParameters {
	var best dampedParameters
	least := math.Inf(1)
	for _, at := range starts {
		value := loss(at)
		for step := .2; step > .01; {
			from := value
			for i := range at {
				for _, move := range []float64{step, -step} {
					next := at
					next[i] = min(1, max(0, at[i]+move))
					if next[i] == at[i] {
						continue
					}
					if v := loss(next); v < value {
						at, value = next, v
						break
					}
				}
			}
			if !(value < from*(1-1e-7)) {
				step /= 2
			}
		}
		if value < least {
			best, least = at, value
		}
	}
	return best
}
