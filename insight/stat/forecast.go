package stat

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// The methods of a [Prediction].
const (
	MethodThetaETS = "THETA_ETS" // the mean of [Theta] and [DampedETS] on the log scale
	MethodTSB      = "TSB"       // [TSB], for series that are often zero
)

// Prediction is the next values of a series, one a step, in its unit: the forecast with its interval, and what the last season again would be.
type Prediction struct {
	Low, Mid, High []float64
	Naive          []float64 // the seasonal naive forecast
	Method         string    // [MethodThetaETS] or [MethodTSB]
}

// ErrShortSeries is that a series has fewer values than its interval is learned from.
var ErrShortSeries = errors.New("the series is too short for a forecast")

const (
	leastTrained = 4  // values before the first origin
	oftenZero    = .3 // the share of zeros above which a series is intermittent
	leastValues  = 8  // of a series
	// logOffset is what is added before logs are taken, as a share of the mean: enough for a quiet period not to count as a collapse.
	logOffset = .5
)

// Forecast gives the next values of a series of amounts (finite, none below 0), oldest first, period of them a season (1 for none), with an interval
// that holds each with a chance of level. None is below 0.
//
// Mid is the mean of [Theta] and [DampedETS] (fitted to logs) on the scale log(y + c), c = half the mean of the series; where more than 30 % of
// the series is zero it is [TSB]. The interval is split conformal (Vovk et al. 2005; Stankevičiūtė et al. 2021) over rolling origins: the method forecasts the
// last values from what was known before each of up to 36 origins, and of the R absolute errors k steps ahead the ⌈(R+1) level⌉-th smallest is
// what lies on either side of mid, on the log scale (for TSB on that of the series). Where there are too few for that the interval is the one before,
// growing as the square root of the step; it never narrows with the step.
//
// It is [ErrShortSeries] with fewer than 8 or 4 + level/(1−level) values: the first step needs that many errors, each after 4 values or more.
func Forecast(y []float64, period, horizon int, level float64) (Prediction, error) {
	if err := checkForecast(period, horizon, level, y); err != nil {
		return Prediction{}, err
	}
	forecast, scale, method := forecaster(y, period)
	return predict(y, period, horizon, level, scale, method, func(n, h int) []float64 { return forecast(y[:n], h) }), nil
}

// ForecastProduct gives the next values of base × share, each of which is forecast by itself as [Forecast] does: what all buy, and what part of it is here.
// A share that was never above 1 stays there. The interval is that of the errors of the product on its log scale (on its own where it is often zero); Naive
// is the last season of the product again, and Method that of the share. Both series are of the same periods.
func ForecastProduct(base, share []float64, period, horizon int, level float64) (Prediction, error) {
	if len(base) != len(share) {
		return Prediction{}, fmt.Errorf("a base of %d values and a share of %d are not of the same periods", len(base), len(share))
	}
	if err := checkForecast(period, horizon, level, base, share); err != nil {
		return Prediction{}, err
	}
	product := make([]float64, len(base))
	for i := range product {
		product[i] = base[i] * share[i]
	}
	whole := slices.Max(share) <= 1
	forBase, _, _ := forecaster(base, period)
	forShare, _, method := forecaster(share, period)
	_, scale, _ := forecaster(product, period)
	ahead := func(n, h int) []float64 {
		next := forBase(base[:n], h)
		for k, v := range forShare(share[:n], h) {
			if whole {
				v = min(v, 1)
			}
			next[k] *= v
		}
		return next
	}
	return predict(product, period, horizon, level, scale, method, ahead), nil
}

func checkForecast(period, horizon int, level float64, series ...[]float64) error {
	if period < 1 || horizon < 1 || !(level > 0 && level < 1) {
		return fmt.Errorf("no forecast of %d steps with a season of %d at a level of %g", horizon, period, level)
	}
	for _, y := range series {
		for i, v := range y {
			if !(v >= 0) || math.IsInf(v, 1) {
				return fmt.Errorf("value %d of the series is %g, not an amount", i, v)
			}
		}
		if len(y) < max(leastValues, leastTrained+leastErrors(level)) {
			return ErrShortSeries
		}
	}
	return nil
}

// leastErrors is how many errors a conformal interval of this level takes: the least R with ⌈(R+1) level⌉ ≤ R.
func leastErrors(level float64) int { return int(math.Ceil(level/(1-level) - 1e-9)) }

// forecaster gives the method for a series and the scale of its errors, both settled by the whole of it.
func forecaster(y []float64, period int) (forecast func(y []float64, h int) []float64, scale amountScale, method string) {
	if isIntermittent(y) {
		return TSB, amountScale{}, MethodTSB
	}
	scale = amountScale{log: true, offset: logOffset * average(y)}
	return func(y []float64, h int) []float64 { return thetaETS(y, period, h, scale) }, scale, MethodThetaETS
}

// thetaETS is the mean of both on the scale, none below 0. Theta takes the series as it is: fitted to logs, the mean had a MASE of .993 over the
// 304 series of Australian tourism, and has .977 so.
func thetaETS(y []float64, period, h int, scale amountScale) []float64 {
	logs := make([]float64, len(y))
	for i, v := range y {
		logs[i] = scale.of(v)
	}
	next := Theta(y, period, h)
	for k, v := range DampedETS(logs, period, h) {
		next[k] = scale.amount((scale.of(max(next[k], 0)) + v) / 2)
	}
	return next
}

// amountScale is on what scale amounts are compared: as they are, or log(y + offset).
type amountScale struct {
	log    bool
	offset float64
}

func (s amountScale) of(v float64) float64 {
	if !s.log {
		return v
	}
	return math.Log(v + s.offset)
}

// amount is the inverse of [amountScale.of], not below 0 and finite.
func (s amountScale) amount(v float64) float64 {
	if s.log {
		v = math.Exp(v) - s.offset
	}
	return min(max(v, 0), math.MaxFloat64)
}

func isIntermittent(y []float64) bool {
	zeros := 0
	for _, v := range y {
		if v == 0 {
			zeros++
		}
	}
	return float64(zeros) > oftenZero*float64(len(y))
}
