package insight

import (
	"context"
	"math"
	"slices"

	"lacuna/insight/stat"
)

// leastFamily is how many customers of both windows a cell has at least that is tested for growth: with fewer hardly any growth could be told, and all
// the others would have to pass a stricter test for it.
const leastFamily = 150

// leastForBase is how many customers of both windows a category has at least whose growth counts in the base.
const leastForBase = 40

// cellGrowth is what is known of a cell's growth.
type cellGrowth struct {
	ok    bool
	base  float64
	own   float64 // by how much the segment's members grew beyond it because of what all do; 1 for others
	q     float64 // NaN where it is not tested
	worst float64 // the highest chance, were it no growth, of those in which some weeks in a row are left out
	guard bool    // it outlasts leaving out any weeks in a row
}

// growthOf tests all cells of a level.
func (g *gapWork) growthOf(ctx context.Context, l *level) ([][]cellGrowth, error) {
	least := g.view.options.Thresholds.LeastGrowth
	bases := g.basesOf(l, func(k uint32) (now, before int) { return len(g.touches.now[k]), len(g.touches.before[k]) })
	out := make([][]cellGrowth, len(g.segments))
	p := make([]float64, len(g.segments)*len(l.categories))
	err := inParallel(ctx, len(g.segments), func(s int) {
		out[s] = make([]cellGrowth, len(l.categories))
		own := g.ownGrowth(s, l, bases)
		for i, k := range l.categories {
			c, x := &g.cells[s][k], &out[s][i]
			p[s*len(l.categories)+i], x.q = math.NaN(), math.NaN()
			x.base, x.own = bases[i]*g.segments[s].known, own
			chance, ok := stat.GrowthChance(int64(c.before), int64(c.customers), x.base*own, least)
			if x.ok = ok; ok && c.before+c.customers >= leastFamily {
				p[s*len(l.categories)+i] = chance
			}
		}
	})
	if err != nil {
		return nil, err
	}
	for n, q := range stat.BenjaminiHochberg(p) {
		out[n/len(l.categories)][n%len(l.categories)].q = q
	}
	g.guard(l, out)
	return out, nil
}

// ownGrowth is by how much a segment by behaviour grew beyond the base, the median over its categories: as all customers do more, more of them have done
// what its rule asks for. That is no growth of a wish; only what grew more than the segment itself is.
func (g *gapWork) ownGrowth(s int, l *level, bases []float64) float64 {
	if !g.segments[s].behavioural {
		return 1
	}
	var ratios []float64
	for i, k := range l.categories {
		if c := &g.cells[s][k]; c.before > 0 && c.customers+c.before >= leastForBase {
			ratios = append(ratios, float64(c.customers)/float64(c.before)/bases[i])
		}
	}
	if len(ratios) == 0 {
		return 1
	}
	return max(1, medianOf(ratios)/g.segments[s].known)
}

// basesOf is by how much all customers grew, for each category of a level: the median over its categories. Without a year of data the categories have
// the same season only with their siblings, and are compared with these.
func (g *gapWork) basesOf(l *level, of func(k uint32) (now, before int)) []float64 {
	type ratio struct {
		parent uint32
		r      float64
	}
	var ratios []ratio
	catalog := g.view.catalog
	for _, k := range l.categories {
		if now, before := of(k); now > 0 && before > 0 && now+before >= leastForBase {
			ratios = append(ratios, ratio{catalog.categories[k].parent, float64(now) / float64(before)})
		}
	}
	median := func(keep func(ratio) bool) (float64, int) {
		var list []float64
		for _, r := range ratios {
			if keep(r) {
				list = append(list, r.r)
			}
		}
		return medianOf(list), len(list)
	}
	whole, _ := median(func(ratio) bool { return true })
	out := make([]float64, len(l.categories))
	for i, k := range l.categories {
		out[i] = whole
		if g.yearless {
			parent := catalog.categories[k].parent
			if m, n := median(func(r ratio) bool { return r.parent == parent }); n >= 4 {
				out[i] = m
			}
		}
	}
	return out
}

// guard tests what grew again, with any few weeks in a row left out of both windows: a holiday that moved, a promotion or an outage is no trend.
func (g *gapWork) guard(l *level, cells [][]cellGrowth) {
	t := &g.view.options.Thresholds
	wanted := make([]bool, len(l.categories))
	some := false
	for s := range cells {
		for i := range cells[s] {
			if cells[s][i].q <= t.FalseDiscoveries {
				wanted[i], some = true, true
			}
		}
	}
	if !some {
		return
	}
	if t.GuardWeeks < 0 {
		for s := range cells {
			for i := range cells[s] {
				cells[s][i].guard = true
			}
		}
		return
	}
	for first := 0; first+t.GuardWeeks <= t.Window; first++ {
		weeks := (uint64(1)<<t.GuardWeeks - 1) << first
		outside := func(list []touch) (n int) {
			for i := range list {
				if list[i].without(weeks) {
					n++
				}
			}
			return n
		}
		base := g.basesOf(l, func(k uint32) (now, before int) { return outside(g.touches.now[k]), outside(g.touches.before[k]) })
		for i, k := range l.categories {
			if wanted[i] {
				g.guardCategory(k, i, weeks, base[i], cells)
			}
		}
	}
	g.settleGuard(cells)
}

// settleGuard holds what has passed the first test to a share of false discoveries once more, by what is left without the weeks: where something has passed because of an
// outage, one in twenty would pass a single test of the rest by chance.
func (g *gapWork) settleGuard(cells [][]cellGrowth) {
	var tried []*cellGrowth
	var p []float64
	for s := range cells {
		for i := range cells[s] {
			if x := &cells[s][i]; x.q <= g.view.options.Thresholds.FalseDiscoveries {
				tried, p = append(tried, x), append(p, x.worst)
			}
		}
	}
	for i, q := range stat.BenjaminiHochberg(p) {
		tried[i].guard = q < guardP
	}
}

// guardP is the chance below which what is left must be more than the least growth, and the share of false discoveries among what is.
const guardP = .05

func (g *gapWork) guardCategory(k uint32, i int, weeks uint64, base float64, cells [][]cellGrowth) {
	t := &g.view.options.Thresholds
	for s := range cells {
		x := &cells[s][i]
		if !(x.q <= t.FalseDiscoveries) || x.worst >= guardP {
			continue
		}
		count := func(list []touch, of Set) (n int64) {
			for j := range list {
				if list[j].without(weeks) && (s == 0 || of.has(list[j].customer)) {
					n++
				}
			}
			return n
		}
		now, before := count(g.touches.now[k], g.segments[s].now), count(g.touches.before[k], g.segments[s].before)
		again, ok := stat.GrowthChance(before, now, base*g.segments[s].known*x.own, t.LeastGrowth)
		if !ok {
			again = 1
		}
		x.worst = max(x.worst, again)
	}
}

// tellGrowth turns what is known of a cell into what is told.
func (g *gapWork) tellGrowth(s int, x *cellGrowth, now, before int64, members, all *[2]int) Growth {
	out := Growth{SeasonSeparable: !g.yearless}
	switch {
	case g.before[1] <= g.before[0]:
		return Growth{Reason: reasonTooShort}
	case !x.ok:
		out.Reason = reasonNoInteraction
		return out
	}
	test, _ := stat.GrowthTest(before, now, x.base, g.view.options.Thresholds.LeastGrowth)
	if !math.IsNaN(x.q) {
		q := x.q
		out.QValue = &q
	}
	out.Significant = x.q <= g.view.options.Thresholds.FalseDiscoveries && x.guard
	low := test.Low
	out.Low = &low
	if math.IsInf(test.Rate, 0) {
		out.Reason = reasonNoneBefore
		return out
	}
	rate, high := test.Rate, test.High
	out.Rate, out.High = &rate, &high
	if math.IsInf(high, 0) {
		out.High = nil
	}
	if members[0] > 0 && members[1] > 0 && all[0] > 0 && all[1] > 0 {
		own := float64(members[1]) / float64(members[0]) / (float64(all[1]) / float64(all[0]) * g.segments[s].known)
		fromMembers, fromShare := own-1, (1+rate)/own-1
		out.FromMembers, out.FromShare = &fromMembers, &fromShare
	}
	switch {
	case x.q <= g.view.options.Thresholds.FalseDiscoveries && !x.guard:
		out.Reason = "FEW_WEEKS"
	case g.yearless:
		out.Reason = "UNDER_A_YEAR"
	case !out.Significant && x.own > 1:
		out.Reason = "BEHAVIOUR"
	}
	return out
}

// coverage settles for each segment by how much the knowledge of its rule's attributes moved.
func (g *gapWork) coverage() {
	v := g.view
	active := [2]Set{g.activeIn(g.touches.now), g.activeIn(g.touches.before)}
	moved := map[string]float64{}
	for s := 1; s < len(g.segments); s++ {
		rule := v.Segment(g.segments[s].id).Rule
		for _, name := range v.attributesOf(&rule, nil) {
			m, ok := moved[name]
			if !ok {
				m = v.movedKnowledge(name, active)
				moved[name] = m
			}
			if math.Abs(m-1) > v.options.Thresholds.KnownMoved {
				g.segments[s].known *= m
			}
		}
	}
}

// activeIn gives the customers of touches.
func (g *gapWork) activeIn(lists [][]touch) Set {
	set := make(Set, len(g.view.pages))
	for _, list := range lists {
		for i := range list {
			set[list[i].customer>>pageBits].add(int(list[i].customer & (pageSize - 1)))
		}
	}
	return set
}

// movedKnowledge is the share of active customers of whom an attribute is known, over that in the window before.
func (v *View) movedKnowledge(name string, active [2]Set) float64 {
	number := slices.IndexFunc(v.attributes, func(a attribute) bool { return a.name == name })
	if number < 0 {
		return 1
	}
	var known, all [2]float64
	for i := range active {
		for n := range active[i] {
			for slot := range active[i][n].each() {
				all[i]++
				if v.pages[n].attribute(number, slot) != 0 {
					known[i]++
				}
			}
		}
	}
	if known[0] == 0 || known[1] == 0 {
		return 1
	}
	return known[0] / all[0] / (known[1] / all[1])
}
