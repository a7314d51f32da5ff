package insight

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"lacuna/insight/stat"
)

// deficits are how far below their references flagged cells are: mean and variance of log(rate/reference) beyond sampling.
type deficits struct {
	mean, variance float64
	byCause        map[Cause]float64 // means, of causes that there are
	known          bool
}

// meanOf is what is usual of gaps of a cause.
func (d *deficits) meanOf(c Cause) float64 {
	if mean, ok := d.byCause[c]; ok {
		return mean
	}
	return d.mean
}

// leastDeficits is from how many flagged cells on they tell what gaps are like in this data.
const leastDeficits = 10

// selectedSpread is by how much more gaps vary than those that are flagged, by planted truth.
const selectedSpread = 3

// leastSpread is by how much gaps vary at least, whatever a few flagged ones look like: what nobody sells is missed by more than a price band is.
const leastSpread = .07

// drawn tells whether what gaps are like in this data says something of a cell. Where hardly anything is sold next to everyone is left out, so that such a gap
// is like no other; where shelves are empty the rate says nothing.
func (d *decision) drawn() bool {
	return flaggedVerdict(d.verdict) && d.verdict != Restock && d.cause != Absence && d.reference
}

// drawnSpread is what of the standard deviations of rates is drawn: what categories differ by is learned too wide, so that with nine tenths of it 80 % intervals covered .86 of 722
// planted gaps.
const drawnSpread = .82

// restockSpread is by how much, as a standard deviation of the log, those who met only empty shelves differ from who would have bought: some met them once and came back
// another day, some would not have looked any further. By planted truth.
const restockSpread = .1

// learnDeficits looks at the flagged cells that are listed, as those above and below them have the same customers.
func (g *Gaps) learnDeficits() {
	var x, v []float64
	var causes []Cause
	for s := range g.decisions {
		for _, k := range g.view.catalog.walk {
			d := &g.decisions[s][k]
			if g.ranked[s][k] && d.drawn() {
				own := d.own()
				x, v, causes = append(x, own.log-d.log), append(v, own.variance+d.variance), append(causes, d.cause)
			}
		}
	}
	if len(x) >= leastDeficits {
		g.deficits.mean, g.deficits.variance, g.deficits.known = stat.Between(x, v)
		g.deficits.byCause = meansOf(x, v, causes, &g.deficits)
		// What is flagged is the far end of what there is, and so spreads less than gaps do.
		g.deficits.variance = max(leastSpread, selectedSpread*g.deficits.variance)
	}
}

// meansOf gives the mean of each cause, drawn to that of all gaps: who misses an attribute misses it as much in every category, but one or two gaps do not tell how much.
func meansOf(x, v []float64, causes []Cause, all *deficits) map[Cause]float64 {
	const weight = 2 // gaps that those of all count as
	sums, weights := map[Cause]float64{}, map[Cause]float64{}
	usual := 0.
	for i, c := range causes {
		w := 1 / (v[i] + all.variance)
		sums[c] += w * x[i]
		weights[c] += w
		usual += w / float64(len(x))
	}
	means := map[Cause]float64{}
	for c := range sums {
		means[c] = (sums[c] + weight*usual*all.mean) / (weights[c] + weight*usual)
	}
	return means
}

// own is the cell's rate, from its posterior.
func (d *decision) own() rate { return rateOf(d.alpha, d.alpha+d.beta, d.perHead) }

// drawUnmet gives how many customers would have bought beyond those who did, as 10, 50 and 90 % of the draws of [decision.unmetDraws].
func (d *decision) drawUnmet(segment, category string, draws int, usual *deficits) Estimate {
	return quantilesOf(d.unmetDraws(segment, category, draws, usual))
}

// unmetDraws draws λE × max(0, θ* − θ) from what is known of each. θ and θ* are those of the cell and its reference, and of what gaps are like in this
// data, where there are enough. For RESTOCK it is those who met only what could not be had × θ*. The same cell gives the same draws.
func (d *decision) unmetDraws(segment, category string, draws int, usual *deficits) []float64 {
	source := rand.New(rand.NewPCG(seedOf(segment, category), 20))
	list := make([]float64, draws)
	own := d.own()
	// Of the difference of the logs, then of the reference given it.
	v := own.variance + d.variance
	mean, variance := own.log-d.log, v
	if usual.known && d.drawn() {
		mean, variance = (mean*usual.variance+usual.meanOf(d.cause)*v)/(usual.variance+v), usual.variance*v/(usual.variance+v)
	}
	given := own.variance * d.variance / v
	for i := range list {
		if d.verdict == Restock {
			list[i] = d.drawMean(float64(d.censored), source) * d.star(drawnSpread*source.NormFloat64()) * math.Exp(restockSpread*source.NormFloat64())
			continue
		}
		apart := mean + drawnSpread*math.Sqrt(variance)*source.NormFloat64()
		reference := ((own.log-apart)*d.variance+d.log*own.variance)/v + drawnSpread*math.Sqrt(given)*source.NormFloat64()
		list[i] = d.drawCustomers(source) * max(0, theta(reference, d.perHead)-theta(reference+apart, d.perHead))
	}
	return list
}

// drawCustomers draws how many customers want it: λE where there is an index.
func (d *decision) drawCustomers(source *rand.Rand) float64 {
	if !d.indexed() {
		return d.drawMean(float64(d.customers), source)
	}
	p := d.posterior
	if source.Float64() < p.P {
		return distuv.Gamma{Alpha: p.A1, Beta: p.B1, Src: source}.Rand() * d.expected
	}
	return distuv.Gamma{Alpha: p.A2, Beta: p.B2, Src: source}.Rand() * d.expected
}

// drawMean draws the mean of a Poisson distributed number.
func (d *decision) drawMean(n float64, source *rand.Rand) float64 {
	if n == 0 {
		return 0
	}
	return distuv.Gamma{Alpha: n, Beta: 1, Src: source}.Rand()
}
