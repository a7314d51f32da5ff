package insight

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// drawUnmet gives how many customers would have bought beyond those who did: λE × max(0, θ* − θ), each drawn from what is known of it; 10, 50 and 90 % of
// the draws. For RESTOCK it is those who met only what could not be had × θ*. The same cell gives the same draws.
func (d *decision) drawUnmet(segment, category string, draws int) Estimate {
	h := fnv.New64a()
	_, _ = h.Write([]byte(segment + "\x00" + category))
	source := rand.New(rand.NewPCG(h.Sum64(), 20))
	list := make([]float64, draws)
	rate := distuv.Beta{Alpha: d.alpha, Beta: d.beta, Src: source}
	for i := range list {
		star := d.star(source.NormFloat64())
		if d.verdict == Restock {
			list[i] = d.drawMean(float64(d.censored), source) * star
			continue
		}
		customers := d.drawCustomers(source)
		list[i] = customers * max(0, star-rate.Rand())
	}
	slices.Sort(list)
	at := func(p float64) float64 { return list[int(math.Round(p*float64(draws-1)))] }
	return Estimate{at(.1), at(.5), at(.9)}
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
