package insight

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"lacuna/insight/stat"
)

// decision is what is found of one cell.
type decision struct {
	counts
	servedCell
	expected  float64 // customers, were segments and categories independent; 0 where it cannot be told
	posterior stat.GammaMixture
	circular  bool
	verdict   Verdict
	cause     Cause
	hole      *hole
}

// indexed tells whether there is a demand index.
func (d *decision) indexed() bool { return d.expected > 0 && d.posterior.A1 > 0 }

// overIndexed tells whether the segment surely wants it more than others do, also without any one customer.
func (d *decision) overIndexed(prior *stat.GammaMixture) bool {
	if !d.indexed() {
		return false
	}
	return prior.Posterior(float64(d.customers)-1, d.expected).Below(1) < .05
}

// surelyLow tells whether the served rate is surely low, also without any one customer.
func (d *decision) surelyLow(t *Thresholds) bool {
	if !d.reference || int(d.customers) <= t.LeastCustomers || !d.perhapsLow(t.ServedShare) || d.probability(t.ServedShare) < t.ServedSurely {
		return false
	}
	without := d.servedCell
	without.beta = max(without.beta-1, .1)
	without.theta = without.alpha / (without.alpha + without.beta)
	return without.probability(t.ServedShare) >= t.ServedSurely
}

// decide settles cause and verdict of a cell.
func (g *Gaps) decide(s int, k uint32, d *decision, prior *stat.GammaMixture) {
	t := &g.view.options.Thresholds
	d.verdict = Served
	if int(d.customers) < t.LeastCustomers {
		return
	}
	if g.stockOut(&d.counts) {
		d.verdict, d.cause = Restock, StockOut
		return
	}
	if !d.surelyLow(t) {
		return
	}
	d.verdict = Watch
	d.cause, d.hole = g.causeOf(s, k, d)
	switch {
	case d.cause == Findability:
		d.verdict = FixFindability
	case d.cause != 0 && (s == 0 || d.overIndexed(prior)):
		d.verdict = Develop
	}
}

// stockOut tells whether too many of those who did not buy met what could not be had.
func (g *Gaps) stockOut(c *counts) bool {
	t := &g.view.options.Thresholds
	const least = 10 // non-buyers who met it
	return c.unavailable >= least && float64(c.unavailable) > t.MetUnavailable*float64(c.nonBuyers)
}

// strongLift is from which ratio on what a segment looks for explains by itself why searches find nothing.
const strongLift = 1.5

// causeOf looks for evidence of why a wish is not met, in the order in which one cause hides another: what is not there cannot fit, and what does not fit
// is not found.
func (g *Gaps) causeOf(s int, k uint32, d *decision) (Cause, *hole) {
	if g.absent[k] {
		return Absence, nil
	}
	holes := g.supply.holes(s, k)
	causeOfHole := func(h *hole) Cause {
		if g.supply.features[h.feature].band > 0 {
			return PriceBandHole
		}
		return AttributeHole
	}
	if len(holes) > 0 && holes[0].lift >= strongLift {
		return causeOfHole(&holes[0]), &holes[0]
	}
	switch {
	case g.notFound(d):
		return Findability, nil
	case g.faulty(k):
		return QualityFault, nil
	case len(holes) > 0:
		return causeOfHole(&holes[0]), &holes[0]
	case len(g.supply.shelves[k].products) > 0 && g.supply.offers(s, k).fitting == 0:
		return Absence, nil
	}
	return 0, nil
}

// hasHardlyAny tells whether a category has hardly anything, beside what its siblings have.
func (g *Gaps) hasHardlyAny(k uint32) bool {
	own := len(g.supply.shelves[k].products)
	catalog := g.view.catalog
	parent := catalog.categories[k].parent
	var siblings, all []float64
	for _, other := range g.levels[g.depth[k]].categories {
		if other == k {
			continue
		}
		n := float64(len(g.supply.shelves[other].products))
		all = append(all, n)
		if catalog.categories[other].parent == parent {
			siblings = append(siblings, n)
		}
	}
	if len(siblings) < 3 {
		siblings = all
	}
	usual := medianOf(siblings)
	return own == 0 || !math.IsNaN(usual) && float64(own) <= g.view.options.Thresholds.AbsentShare*usual
}

// findImpaired finds the categories of a level in which there is hardly anything, and those in which there is evidence that everyone is served badly.
func (g *Gaps) findImpaired(l *level) {
	for _, k := range l.categories {
		everyone := &g.cells[0][k]
		g.absent[k] = g.hasHardlyAny(k)
		g.impaired[k] = g.absent[k] || g.faulty(k) || g.muchNotFound(everyone) || g.stockOut(everyone)
	}
}

// muchNotFound tells whether many of those who search and do not buy found nothing.
func (g *Gaps) muchNotFound(c *counts) bool {
	const least = 10 // searchers who found nothing
	return c.foundNothing >= least && float64(c.foundNothing) > g.view.options.Thresholds.FoundNothing*float64(c.searchers)
}

// notFound tells whether fitting products exist, many search without finding them, and those who find them are served.
func (g *Gaps) notFound(d *decision) bool {
	if !g.muchNotFound(&d.counts) || d.finders == 0 {
		return false
	}
	// Finders are served where nothing shows that they are not: a finder who tries once buys with the reference of one try.
	finders := servedCell{alpha: float64(d.buyers) + .5, beta: max(float64(d.finders)-float64(d.censored)-float64(d.buyers), 0) + .5, log: d.log, variance: d.variance, perHead: 1}
	return finders.probability(g.view.options.Thresholds.FindersServed) < g.view.options.Thresholds.ServedSurely
}

// faulty tells whether what is there is rated or returned much worse than is usual.
func (g *Gaps) faulty(k uint32) bool {
	t := &g.view.options.Thresholds
	shelf, level := &g.supply.shelves[k], g.depth[k]
	if shelf.rated <= g.supply.medianRating[level]-t.RatingFault {
		return true
	}
	usual := g.supply.medianReturn[level]
	return shelf.returns > 0 && shelf.returned >= t.ReturnsFault*usual && distuv.Poisson{Lambda: max(usual, .001) * shelf.purchases}.Survival(shelf.returns-1) < faultSurely
}

// faultSurely is the chance below which so many returns must be, were there as many as is usual: three of fifteen may be chance.
const faultSurely = .001
