package stat

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// ErrTooFewBuyers is that fewer than 100 customers have bought again: too few to learn how often customers buy, or how much they spend.
var ErrTooFewBuyers = errors.New("fewer than 100 customers have bought again")

// leastBuyers is how many customers with a repeat purchase a model is learned from.
const leastBuyers = 100

// FitBGNBD gives the parameters of greatest likelihood and the log of it (of times in the given unit, equation 6 of the paper). The order of buyers
// makes no difference. A history that cannot be (a negative or infinite number, a Recency beyond Age) is left out; with fewer than 100 customers
// that have a repeat purchase it is [ErrTooFewBuyers].
func FitBGNBD(buyers []Buyer) (m BGNBD, logLikelihood float64, err error) {
	rows, repeaters := gatherBuyers(buyers)
	if repeaters < leastBuyers {
		return BGNBD{}, 0, ErrTooFewBuyers
	}
	fit := bgnbdFit{rows: rows}
	purchases, age := 0., 0.
	for _, b := range rows {
		fit.total += b.Weight
		purchases += b.Weight * b.Repeat
		age += b.Weight * b.Age
	}
	// In units of the mean age the parameters are of the order of 1, whatever the unit of time.
	unit := age / fit.total
	for i := range rows {
		rows[i].Recency /= unit
		rows[i].Age /= unit
		if i == 0 || rows[i].Repeat != rows[i-1].Repeat {
			fit.runs = append(fit.runs, bgnbdRun{repeat: rows[i].Repeat, from: i})
		}
		fit.runs[len(fit.runs)-1].to = i + 1
	}
	// One start for customers of whom many leave early, one for those who stay.
	rate := purchases / fit.total
	x, ok := minimum(fit.loss,
		[]float64{math.Log(.5), math.Log(.5 / rate / 2), math.Log(.7), math.Log(2)},
		[]float64{math.Log(2), math.Log(2 / rate), math.Log(.5), math.Log(10)})
	if !ok {
		return BGNBD{}, 0, ErrTooFewBuyers
	}
	m = BGNBD{math.Exp(x[0]), math.Exp(x[1]), math.Exp(x[2]), math.Exp(x[3])}
	logLikelihood = fit.logLikelihood(m, make([]float64, 4)) - purchases*math.Log(unit)
	m.Alpha *= unit
	return m, logLikelihood, nil
}

// gatherBuyers puts those of the same history together, in order of Repeat, and counts the customers with a repeat purchase.
func gatherBuyers(buyers []Buyer) (rows []Buyer, repeaters float64) {
	rows = make([]Buyer, 0, len(buyers))
	for _, b := range buyers {
		if b.Weight == 0 {
			b.Weight = 1
		}
		if b.Repeat == 0 {
			b.Recency = 0
		}
		possible := b.Repeat >= 0 && b.Recency >= 0 && b.Recency <= b.Age && b.Weight > 0
		if !possible || math.IsInf(b.Repeat+b.Age+b.Weight, 1) || (b.Repeat > 0 && b.Age == 0) {
			continue
		}
		rows = append(rows, b)
		if b.Repeat > 0 {
			repeaters += b.Weight
		}
	}
	// A fixed order of the sums below, so that the same buyers give the same parameters.
	slices.SortFunc(rows, func(a, b Buyer) int {
		return cmp.Or(cmp.Compare(a.Repeat, b.Repeat), cmp.Compare(a.Recency, b.Recency), cmp.Compare(a.Age, b.Age), cmp.Compare(a.Weight, b.Weight))
	})
	merged := rows[:0]
	for _, b := range rows {
		if last := len(merged) - 1; last >= 0 && merged[last].Repeat == b.Repeat && merged[last].Recency == b.Recency && merged[last].Age == b.Age {
			merged[last].Weight += b.Weight
		} else {
			merged = append(merged, b)
		}
	}
	return merged, repeaters
}

// bgnbdFit is the data of a fit: rows in order of Repeat, and the runs of rows with the same.
type bgnbdFit struct {
	rows  []Buyer
	runs  []bgnbdRun
	total float64 // customers
}

type bgnbdRun struct {
	repeat   float64
	from, to int
}

// loss gives the negative of the mean log-likelihood at the logs of the four parameters.
func (f bgnbdFit) loss(x, gradient []float64) float64 {
	m := BGNBD{math.Exp(x[0]), math.Exp(x[1]), math.Exp(x[2]), math.Exp(x[3])}
	value := -f.logLikelihood(m, gradient) / f.total
	for i, p := range []float64{m.R, m.Alpha, m.A, m.B} {
		gradient[i] *= -p / f.total
	}
	return bounded(x, gradient, value)
}

// logLikelihood gives the sum over all customers and writes its gradient. For a customer with x repeat purchases, the last at t, of age T it is
//
//	log Γ(r+x)/Γ(r) + r log α − (r+x) log(α+T) + log B(a,b+x)/B(a,b) + log(1 + [x>0] a/(b+x−1) × ((α+T)/(α+t))^(r+x))
//
// What depends on x alone is computed once a run.
func (f bgnbdFit) logLikelihood(m BGNBD, gradient []float64) float64 {
	logAlpha, value := math.Log(m.Alpha), 0.
	var dR, dAlpha, dA, dB float64
	var table bgnbdTable
	for _, run := range f.runs {
		table.advance(m, run.repeat)
		x := run.repeat
		n, logOdds := m.R+x, math.Log(m.A/(m.B+x-1))
		weight, left := 0., 0. // of the run; left is of those who have left by now
		for _, b := range f.rows[run.from:run.to] {
			u := m.Alpha + b.Age
			logU := math.Log(u)
			row, dr, dalpha := m.R*logAlpha-n*logU, logAlpha-logU, m.R/m.Alpha-n/u
			if x > 0 {
				v := m.Alpha + b.Recency
				span := logU - math.Log(v)
				odds := logOdds + n*span
				small := math.Exp(-math.Abs(odds))
				row += max(odds, 0) + math.Log1p(small)
				gone := 1 / (1 + small)
				if odds < 0 {
					gone *= small
				}
				dr += gone * span
				dalpha += gone * n * (1/u - 1/v)
				left += b.Weight * gone
			}
			value += b.Weight * row
			dR += b.Weight * dr
			dAlpha += b.Weight * dalpha
			weight += b.Weight
		}
		value += weight * (table.rate + table.stay)
		dR += weight * table.dR
		dA += weight*table.dA + left/m.A
		dB += weight * table.dB
		if x > 0 {
			dB -= left / (m.B + x - 1)
		}
	}
	gradient[0], gradient[1], gradient[2], gradient[3] = dR, dAlpha, dA, dB
	return value
}

// bgnbdTable holds what depends on the number of repeat purchases alone, with its derivatives. It starts at none and advances.
type bgnbdTable struct {
	repeat   float64
	rate, dR float64 // log Γ(r+x)/Γ(r)
	stay     float64 // log B(a,b+x)/B(a,b)
	dA, dB   float64
}

// directSteps is how many purchases are added up one by one, which is exact; longer gaps take differences of log-gammas.
const directSteps = 40

func (t *bgnbdTable) advance(m BGNBD, repeat float64) {
	if gap := repeat - t.repeat; gap > directSteps || gap != math.Trunc(gap) {
		ab := m.A + m.B
		t.rate += logGammaRatio(m.R+repeat, m.R+t.repeat)
		t.stay += logGammaRatio(m.B+repeat, m.B+t.repeat) - logGammaRatio(ab+repeat, ab+t.repeat)
		t.dR += mathext.Digamma(m.R+repeat) - mathext.Digamma(m.R+t.repeat)
		d := mathext.Digamma(ab+t.repeat) - mathext.Digamma(ab+repeat)
		t.dA += d
		t.dB += d + mathext.Digamma(m.B+repeat) - mathext.Digamma(m.B+t.repeat)
		t.repeat = repeat
		return
	}
	for ; t.repeat < repeat; t.repeat++ {
		r, b := m.R+t.repeat, m.B+t.repeat
		t.rate += math.Log(r)
		t.stay -= math.Log1p(m.A / b)
		t.dR += 1 / r
		t.dA -= 1 / (m.A + b)
		t.dB += m.A / (b * (m.A + b))
	}
}

// logGammaRatio gives log Γ(x)/Γ(y).
func logGammaRatio(x, y float64) float64 {
	a, _ := math.Lgamma(x)
	b, _ := math.Lgamma(y)
	return a - b
}
