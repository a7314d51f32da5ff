package insight

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// rate is how often a try ends with a purchase, on the log scale: log(−log(1 − θ)/tries), where θ is the share of buyers. A customer who tries k times
// then buys with 1 − (1 − θ)^(k/tries).
type rate struct{ log, variance float64 }

// rateOf estimates it from buyers among customers; half a buyer and half another are added, so that it is finite.
func rateOf(buyers, customers, tries float64) rate {
	n := customers + 1
	theta := (buyers + .5) / n
	x := -math.Log1p(-theta)
	return rate{math.Log(x / max(tries, 1)), theta / (n * (1 - theta) * x * x)}
}

// theta is the share of buyers among customers who try so often.
func theta(log, tries float64) float64 { return -math.Expm1(-math.Exp(log) * max(tries, 1)) }

// standing of a cell against its reference.
type servedCell struct {
	theta     float64 // shrunk
	alpha     float64 // of the beta posterior of θ
	beta      float64
	log       float64 // the reference: mean and variance of the log rate
	variance  float64
	perHead   float64 // tries of a customer
	reference bool    // there is one
	siblings  bool    // it is of sibling categories
}

// star is the reference as a share, so many standard deviations off.
func (c *servedCell) star(z float64) float64 {
	return theta(c.log+z*math.Sqrt(c.variance), c.perHead)
}

// hermite are nodes and weights to integrate over the standard normal distribution (Gauss and Hermite, 9 points).
var hermite = [...][2]float64{
	{-4.512745863399783, 2.2345844007746e-05}, {-3.205429002856470, .00278914132123177}, {-2.076847978677830, .0499164067652179}, {-1.023255663789133, .244097502894939},
	{0, .406349206349206},
	{1.023255663789133, .244097502894939}, {2.076847978677830, .0499164067652179}, {3.205429002856470, .00278914132123177}, {4.512745863399783, 2.2345844007746e-05},
}

// probability gives P(θ < share × θ*).
func (c *servedCell) probability(share float64) (p float64) {
	if c.theta > 1.3*share*c.star(0) && c.variance < .02 { // far off
		return 0
	}
	for _, h := range hermite {
		p += h[1] * mathext.RegIncBeta(c.alpha, c.beta, min(1, share*c.star(h[0])))
	}
	return p
}

// perhapsLow tells at little cost of most cells that the chance of [servedCell.probability] is nowhere near sure: where the log rate is less than
// a standard deviation below, it is about .84 or less.
func (c *servedCell) perhapsLow(share float64) bool {
	low := share * c.star(0)
	if c.theta >= low {
		return false
	}
	own := rateOf(c.alpha, c.alpha+c.beta, c.perHead)
	apart := math.Log(-math.Log1p(-low)/max(c.perHead, 1)) - own.log
	return apart*apart > .8*(own.variance+c.variance)
}

// tries of a list of counts, a customer.
func (c *counts) meanTries() float64 { return float64(c.tries) / float64(max(1, c.customers)) }

func (c *counts) rate() rate { return rateOf(float64(c.buyers), c.served(), c.meanTries()) }

// less takes a part out of what was counted.
func (c counts) less(o *counts) counts {
	c.customers -= o.customers
	c.buyers -= o.buyers
	c.censored -= o.censored
	c.tries -= o.tries
	return c
}

// judge holds what the served rates of a level are compared with.
type judge struct {
	g        *gapWork
	level    *level
	flagged  func(s int, k uint32) bool
	impaired func(k uint32) bool // what is wrong with the category is wrong for everyone: others are no better off
	effect   []effect            // by segment
	spread   float64             // variance of a segment's effect between categories
	natural  map[uint32]rate     // log rates of everyone, by category
	between  float64             // variance of log rates between sibling categories
	peers    map[uint32][]counts // of categories with flagged segments: who is in none of these, by flagged segment or, at 0, all
	family   map[uint32][]uint32 // siblings by parent
	usual    map[uint32]rate     // what is usual in the siblings of each category; missing where nothing is known
	// lost is the share of purchases that the others of a category, too, do not make for want of a price band that the segment looks for.
	lost func(s int, k uint32) float64
}

// effect is how much more often than others a segment buys what it wants: sums of buyers and of what is expected of them.
type effect struct{ buyers, expected, slope float64 }

// without gives the log of the effect in other categories, shrunk to none, and its variance.
func (e effect) without(buyers, expected float64) (log, variance float64) {
	const weight = 20 // buyers that no effect counts as
	b, x := max(e.buyers-buyers, 0)+weight, max(e.expected-expected, 0)+weight
	slope := max(e.slope, .2)
	return math.Log(b/x) / slope, (1/b + .25/x) / (slope * slope)
}

// leastPeers is how many others a category's reference is of; with fewer it is of sibling categories.
const leastPeers = 50

// newJudge learns from all cells of a level that are not flagged.
func (g *gapWork) newJudge(ctx context.Context, l *level, flagged func(s int, k uint32) bool, impaired func(k uint32) bool) (*judge, error) {
	j := &judge{g: g, level: l, flagged: flagged, impaired: impaired, natural: map[uint32]rate{}, peers: map[uint32][]counts{}, family: map[uint32][]uint32{}}
	for _, k := range l.categories {
		parent := g.view.catalog.categories[k].parent
		j.family[parent] = append(j.family[parent], k)
		j.excludeFlagged(k)
		if c := &g.cells[0][k]; !flagged(0, k) && !impaired(k) && c.served() >= leastPeers {
			j.natural[k] = c.rate()
		}
	}
	j.between = j.spreadOfSiblings()
	j.usual = map[uint32]rate{}
	for _, k := range l.categories {
		if r, ok := j.siblings(k); ok {
			j.usual[k] = r
		}
	}
	j.effect = make([]effect, len(g.segments))
	residuals := make([][]deviation, len(g.segments))
	err := inParallel(ctx, len(g.segments), func(s int) {
		if s > 0 {
			residuals[s] = j.learn(s)
		}
	})
	j.spread = spreadBeyond(slices.Concat(residuals...), usualSpread)
	return j, err
}

// excludeFlagged counts who belongs to no flagged segment of a category.
func (j *judge) excludeFlagged(k uint32) {
	g := j.g
	var sets []Set
	for s := 1; s < len(g.segments); s++ {
		if j.flagged(s, k) {
			sets = append(sets, g.segments[s].now)
		}
	}
	if len(sets) == 0 {
		return
	}
	rest := make([]touch, 0, len(g.touches.now[k]))
	for _, t := range g.touches.now[k] {
		if !slices.ContainsFunc(sets, func(s Set) bool { return s.has(t.customer) }) {
			rest = append(rest, t)
		}
	}
	j.peers[k] = g.count(rest, nil)
}

// others counts the customers of a category who are in neither a segment nor a flagged one.
func (j *judge) others(s int, k uint32) counts {
	if peers, ok := j.peers[k]; ok {
		return peers[0].less(&peers[s])
	}
	return j.g.cells[0][k].less(&j.g.cells[s][k])
}

// learn sums up how a segment is served beside others, category by category, and gives the squared deviations beyond.
func (j *judge) learn(s int) (residuals []deviation) {
	type seen struct{ own, other rate }
	var list []seen
	e := &j.effect[s]
	for _, k := range j.level.categories {
		c := &j.g.cells[s][k]
		if c.customers == 0 || j.flagged(s, k) || j.impaired(k) {
			continue
		}
		other := j.others(s, k)
		if other.served() < leastPeers {
			continue
		}
		expected, slope := expectedBuyers(c, other.rate())
		e.buyers += float64(c.buyers)
		e.expected += expected
		e.slope += slope * expected
		if c.served() >= 50 && expected >= 5 {
			list = append(list, seen{c.rate(), other.rate()})
		}
	}
	if e.expected > 0 {
		e.slope /= e.expected
	}
	log, _ := e.without(0, 0)
	for _, x := range list {
		residuals = append(residuals, deviation{sq(x.own.log - x.other.log - log), x.own.variance + x.other.variance})
	}
	return residuals
}

func sq(x float64) float64 { return x * x }

// expectedBuyers is how many of a cell would buy at others' rate, and by how much a change of the rate changes it.
func expectedBuyers(c *counts, other rate) (expected, slope float64) {
	x := math.Exp(other.log) * max(c.meanTries(), 1)
	p := -math.Expm1(-x)
	return c.served() * p, x * (1 - p) / p
}

// deviation is a squared difference of logs, and the variance that sampling explains.
type deviation struct{ squared, sampling float64 }

// leastDeviations is how many cells a spread is learned from, and usualSpread what is taken where there are fewer.
const (
	leastDeviations = 10
	usualSpread     = .02
)

// spreadBeyond is the variance between cells beyond sampling: that with which half of the deviations are below the median of the chi-squared distribution.
// A few cells that are gaps do not move it.
func spreadBeyond(list []deviation, usual float64) float64 {
	if len(list) < leastDeviations {
		return usual
	}
	const median = .4549
	low, high := 0., 4.
	for range 40 {
		middle, below := (low+high)/2, 0
		for _, d := range list {
			if d.squared < median*(d.sampling+middle) {
				below++
			}
		}
		if 2*below < len(list) {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// spreadOfSiblings is the variance of log rates of everyone between categories of one parent.
func (j *judge) spreadOfSiblings() float64 {
	var list []deviation
	for _, siblings := range j.family {
		sum, n := 0., 0.
		for _, k := range siblings {
			if r, ok := j.natural[k]; ok {
				sum, n = sum+r.log, n+1
			}
		}
		for _, k := range siblings {
			if r, ok := j.natural[k]; ok && n > 1 {
				mean := (sum - r.log) / (n - 1)
				list = append(list, deviation{sq(r.log-mean) / (1 + 1/(n-1)), r.variance})
			}
		}
	}
	return spreadBeyond(list, .1)
}

// siblings gives the rate that is usual in the sibling categories of k, else in all of the level.
func (j *judge) siblings(k uint32) (r rate, ok bool) {
	parent := j.g.view.catalog.categories[k].parent
	for _, list := range [][]uint32{j.family[parent], j.level.categories} {
		var logs []float64
		for _, other := range list {
			if n, ok := j.natural[other]; ok && other != k {
				logs = append(logs, n.log)
			}
		}
		if len(logs) >= 3 {
			// The median of few values varies by half as much again as their mean.
			return rate{medianOf(logs), j.between * (1 + 1.5/float64(len(logs)))}, true
		}
	}
	return rate{}, false
}

// cell compares a cell with its reference.
func (j *judge) cell(s int, k uint32, c *counts, reference counts) servedCell {
	out := servedCell{perHead: c.meanTries()}
	everyone := &j.g.cells[0][k]
	usual := theta(everyone.rate().log, out.perHead)
	const weight = 4 // customers that the category's own rate counts as
	out.alpha, out.beta = float64(c.buyers)+weight*usual, c.served()-float64(c.buyers)+weight*(1-usual)
	out.theta = out.alpha / (out.alpha + out.beta)
	if c.customers == 0 {
		return out
	}
	other := rate{}
	if s > 0 && !j.flagged(0, k) && !j.impaired(k) && reference.served() >= leastPeers {
		other, out.reference = reference.rate(), true
		if j.lost != nil {
			other.log -= math.Log1p(-j.lost(s, k))
		}
	} else {
		other, out.reference = j.usual[k]
		out.siblings = true
	}
	if !out.reference {
		return out
	}
	out.log, out.variance = other.log, other.variance
	if s > 0 {
		expected, _ := expectedBuyers(c, other)
		buyers := float64(c.buyers)
		if j.flagged(s, k) || out.siblings {
			buyers, expected = 0, 0
		}
		log, variance := j.effect[s].without(buyers, expected)
		out.log += log
		out.variance += variance + j.spread
	}
	return out
}
