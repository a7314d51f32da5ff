package stat

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// WeeklyTrend is what many weeks of counts say of how they grow, season aside.
type WeeklyTrend struct {
	Rate, Low, High float64 // a year, beyond what the offsets explain; .25 is a quarter more; with its 90 % interval
	P               float64 // of the hypothesis that it is no more than a minimum
	Dispersion      float64 // φ: by how much more than Poisson the counts vary, at least 1
	// Confirmed tells that the median of all changes between the same weeks of two years, on the log scale (Sen's slope by season, after Hirsch, Slack
	// and Smith 1982), is more than the minimum too.
	Confirmed bool
	// Shift is the week from which on the level is another one, where one step explains the counts much better than a steady growth does; else −1.
	Shift int
	Step  float64 // by how much the level is another one; .25 is a quarter more
}

const (
	weeksOfYear = 52
	// LeastWeeks is two years, but for the days that data of two years lacks at both ends: with less, a season and a trend cannot be told apart.
	LeastWeeks = 2*weeksOfYear - 2
	// stepBetter is by how much the scaled deviance of a step must be below that of a trend, the step's place being one parameter more (log of the number of
	// weeks, as Schwarz 1978 counts it) and a margin for that it was searched for.
	stepBetter = 12
	// shiftApart is how many weeks from either end a step may lie.
	shiftApart = 8
)

// TrendOfWeeks fits a quasi-Poisson model to counts of weeks, in order of time: log E[n] = log(offset) + level + slope × weeks/52 + two harmonics of the year, by
// iterated weighted least squares; the standard error of the slope is widened by √φ, φ = Pearson's χ² over the degrees of freedom (McCullagh and Nelder
// 1989; Farrington and others 1996 use the like for counts of diseases). It is not ok with less than [LeastWeeks], where an offset is not above 0, or where
// there is nothing to count.
func TrendOfWeeks(counts, offsets []float64, minimum float64) (t WeeklyTrend, ok bool) {
	n := len(counts)
	if n < LeastWeeks || len(offsets) != n || !(sumOf(counts) > 0) || slices.ContainsFunc(offsets, func(x float64) bool { return !(x > 0) }) {
		return t, false
	}
	year := func(week int) float64 { return float64(week-n+1) / weeksOfYear }
	trend, ok := fitPoisson(counts, offsets, year)
	if !ok {
		return t, false
	}
	t.Dispersion = max(1, trend.pearson/float64(n-seasonTerms-1))
	deviation, log := trend.slopeError*math.Sqrt(t.Dispersion), math.Log1p(minimum)
	const z = 1.6448536269514722
	t.Rate, t.Low, t.High = math.Expm1(trend.slope), math.Expm1(trend.slope-z*deviation), math.Expm1(trend.slope+z*deviation)
	t.P = .5 * math.Erfc((trend.slope-log)/deviation/math.Sqrt2)
	t.Confirmed = senOfYears(counts, offsets) > log
	t.Shift = -1
	least := trend.deviance - stepBetter*t.Dispersion
	for from := shiftApart; from <= n-shiftApart; from++ {
		step, ok := fitPoisson(counts, offsets, func(week int) float64 {
			if week >= from {
				return 1
			}
			return 0
		})
		if ok && step.deviance < least {
			least, t.Shift, t.Step = step.deviance, from, math.Expm1(step.slope)
		}
	}
	return t, true
}

func sumOf(list []float64) (sum float64) {
	for _, x := range list {
		sum += x
	}
	return sum
}

// senOfYears is the median of log changes a year between the same weeks of different years; half a customer is added to each count.
func senOfYears(counts, offsets []float64) float64 {
	log := func(i int) float64 { return math.Log((counts[i] + .5) / offsets[i]) }
	var slopes []float64
	for i := range counts {
		for j := i + weeksOfYear; j < len(counts); j += weeksOfYear {
			slopes = append(slopes, (log(j)-log(i))/float64((j-i)/weeksOfYear))
		}
	}
	slices.Sort(slopes)
	return (slopes[(len(slopes)-1)/2] + slopes[len(slopes)/2]) / 2
}

// seasonTerms are the level and two harmonics.
const seasonTerms = 5

// poissonFit is a log-linear model of counts.
type poissonFit struct{ slope, slopeError, deviance, pearson float64 }

// fitPoisson fits level, season and the slope of one regressor.
func fitPoisson(counts, offsets []float64, of func(week int) float64) (f poissonFit, ok bool) {
	n := len(counts)
	const p = seasonTerms + 1
	x := make([]float64, n*p)
	for i := range n {
		angle := 2 * math.Pi * float64(i) / weeksOfYear
		copy(x[i*p:], []float64{1, math.Sin(angle), math.Cos(angle), math.Sin(2 * angle), math.Cos(2 * angle), of(i)})
	}
	beta := make([]float64, p)
	beta[0] = math.Log(sumOf(counts) / sumOf(offsets))
	mu := make([]float64, n)
	var gram mat.Cholesky
	before := math.Inf(1)
	for range 30 {
		sym, right := mat.NewSymDense(p, nil), mat.NewVecDense(p, nil)
		f.deviance, f.pearson = 0, 0
		for i, y := range counts {
			row := x[i*p : (i+1)*p]
			eta := 0.
			for j, b := range beta {
				eta += b * row[j]
			}
			m := offsets[i] * math.Exp(eta)
			mu[i] = m
			f.deviance -= 2 * (y - m)
			if y > 0 {
				f.deviance += 2 * y * math.Log(y/m)
			}
			f.pearson += (y - m) * (y - m) / m
			working := eta + (y-m)/m
			for j := range p {
				right.SetVec(j, right.AtVec(j)+m*row[j]*working)
				for k := j; k < p; k++ {
					sym.SetSym(j, k, sym.At(j, k)+m*row[j]*row[k])
				}
			}
		}
		if math.IsNaN(f.deviance) || math.IsInf(f.deviance, 0) || !gram.Factorize(sym) {
			return f, false
		}
		if math.Abs(before-f.deviance) < 1e-8*(1+math.Abs(f.deviance)) {
			break
		}
		before = f.deviance
		var solved mat.VecDense
		if err := gram.SolveVecTo(&solved, right); err != nil {
			return f, false
		}
		copy(beta, solved.RawVector().Data)
	}
	var inverse mat.SymDense
	if err := gram.InverseTo(&inverse); err != nil {
		return f, false
	}
	f.slope, f.slopeError = beta[p-1], math.Sqrt(inverse.At(p-1, p-1))
	return f, true
}
