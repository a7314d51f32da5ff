package evaluate

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"lacuna/internal/synth/planted"
)

// powered is the chance with which a plant must pass at its true values to count for recall.
const powered = .9

// family is the tests of a level: how many cells there are, and how many are truly growing.
type family struct{ cells, growing float64 }

func (s *scorer) families() map[int]family {
	list := map[int]family{}
	for i := range s.truth.Cells {
		c := &s.truth.Cells[i]
		if c.Customers+c.Before < 30 {
			continue
		}
		f := list[c.Level]
		f.cells++
		if c.Growth > .25 {
			f.growing++
		}
		list[c.Level] = f
	}
	return list
}

// growthPowered tells whether a plant would pass the growth test at its true values: the test at the level that Benjamini and Hochberg's correction comes to
// when half of what truly grows is found, and the guard, which leaves nine of the thirteen weeks.
func growthPowered(c *planted.Cell, f family) bool {
	cut := .1 * max(1, f.growing/2) / max(1, f.cells)
	ratio := (1 + c.Growth) / 1.1
	pass := func(share, cut float64) float64 {
		now, before := c.Customers*share, c.Known*share // as far as the segment is known
		sd := math.Sqrt(1/now + 1/before)
		return distuv.UnitNormal.CDF(math.Log(ratio)/sd - distuv.UnitNormal.Quantile(1-cut))
	}
	// The guard holds where each of its ten ways holds; they are all but one.
	return pass(1, cut)*pass(.75, .05) >= powered
}

// emergingPowered tells whether a group would pass the growth test at its true values, where as many slices are tested as there are.
func emergingPowered(p *planted.Plant) bool {
	cut := 1e-5
	if p.Category != "" {
		cut = 1e-6 // as many again for each category
	}
	sd := math.Sqrt(1/p.Customers + 1/p.Before)
	return distuv.UnitNormal.CDF(math.Log((1+p.Growth)/1.1)/sd-distuv.UnitNormal.Quantile(1-cut)) >= powered
}

// gapPowered tells whether a plant would pass the rule of its verdict at its true values.
func gapPowered(p *planted.Plant, c, everyone *planted.Cell) bool {
	if c == nil || p.Verdict == "WATCH" {
		return false
	}
	n := c.Customers
	if p.Verdict == "RESTOCK" {
		return n >= 60 && p.Factor > .45
	}
	rate := func(theta float64) float64 { return math.Log(-math.Log1p(-theta)) }
	variance := func(theta, n float64) float64 { return theta / (n * (1 - theta) * math.Pow(math.Log1p(-theta), 2)) }
	// The reference is of the other customers, and a segment differs from others by about 5 % from category to category; what is planted for everyone is
	// compared with siblings, which differ by about 17 %.
	spread := .05*.05 + variance(c.Reference, max(1, everyone.Customers-n))
	if p.Kind == "absence" || p.Kind == "quality" || p.Kind == "synonym" {
		spread = .17 * .17
	}
	own := variance(c.Served, n)
	apart := rate(servedShare*c.Reference) - rate(c.Served)
	pass := distuv.UnitNormal.CDF((apart - 1.645*math.Sqrt(own+spread)) / math.Sqrt(own+spread))
	pass *= 1 - distuv.Poisson{Lambda: n}.CDF(30)
	if p.Verdict == "DEVELOP" {
		// The index is shrunk to 1, as if by some twenty customers more.
		pass *= distuv.UnitNormal.CDF((math.Log((n+20)/(c.Expected+20)))*math.Sqrt(n) - 1.645)
	}
	return pass >= powered
}
