package insight

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"lacuna/insight/stat"
)

// Gaps are how well the catalog serves each segment in each category as of a moment. They are computed once a view and moment, and never change.
type Gaps struct {
	gapWork
	supply    *supply
	priors    []*stat.GammaMixture // by level; nil where it cannot be learned
	decisions [][]decision         // by segment, by category's handle
	growth    [][][]cellGrowth     // by level, segment, place in the level
	place     []int                // of each category's handle in its level
	absent    []bool               // by category's handle: there is hardly any product
	impaired  []bool               // by category's handle: everyone is served badly
	ranked    [][]bool             // by segment, by category's handle: carried by no category below
	deficits  deficits
	emerging  emergingEntry
	histories histories
	worths    worthEntry
	launches  launchEntry
	members   [][2]int // of each segment, at the end of the window before and now
}

// gapsEntry computes gaps once, whoever asks.
type gapsEntry struct {
	mu   sync.Mutex
	gaps *Gaps
}

// Gaps gives the gaps as of a moment. Without interactions there are no cells.
func (v *View) Gaps(ctx context.Context, asOf time.Time) (*Gaps, error) {
	at := v.moment(asOf)
	v.cache.mu.Lock()
	entry := v.cache.gaps[at]
	if entry == nil {
		if len(v.cache.gaps) >= keptGaps {
			clear(v.cache.gaps)
		}
		entry = &gapsEntry{}
		v.cache.gaps[at] = entry
	}
	v.cache.mu.Unlock()
	entry.mu.Lock()
	defer entry.mu.Unlock()
	if entry.gaps == nil {
		gaps, err := v.newGaps(ctx, at)
		if err != nil {
			return nil, err
		}
		entry.gaps = gaps
	}
	return entry.gaps, nil
}

// keptGaps is for how many moments a view keeps gaps.
const keptGaps = 4

// newGapWork looks through the data and counts: the last window as of a moment, and the same weeks a year before.
func (v *View) newGapWork(ctx context.Context, at moment) (*gapWork, error) {
	if at == latest {
		return v.workOf(ctx, at, [2]moment{}, [2]moment{})
	}
	now, before := v.windows(at)
	first, _ := v.spread()
	length, yearless := now[1]-now[0], first > before[0]
	if yearless {
		before = [2]moment{now[0] - length, now[0]}
		if first > before[0] {
			before[1] = before[0] // too little to compare with
		}
	}
	g, err := v.workOf(ctx, at, now, before)
	if err == nil {
		g.yearless = yearless
	}
	return g, err
}

// workOf looks through the data and counts two windows.
func (v *View) workOf(ctx context.Context, at moment, now, before [2]moment) (*gapWork, error) {
	g := &gapWork{view: v, at: at, now: now, before: before}
	g.layLevels()
	if at == latest {
		g.segments = []gapSegment{{id: Everyone, now: make(Set, len(v.pages)), before: make(Set, len(v.pages)), known: 1}}
	} else if err := g.gapSegments(ctx); err != nil {
		return nil, err
	}
	var err error
	if g.touches, err = v.touchesOf(ctx, g.now, g.before); err != nil {
		return nil, err
	}
	g.coverage()
	return g, g.countAll(ctx)
}

func (v *View) newGaps(ctx context.Context, at moment) (*Gaps, error) {
	work, err := v.newGapWork(ctx, at)
	if err != nil {
		return nil, err
	}
	g := &Gaps{gapWork: *work}
	if g.supply, err = work.newSupply(ctx); err != nil {
		return nil, err
	}
	handles := len(v.catalog.categories)
	g.absent, g.impaired = make([]bool, handles), make([]bool, handles)
	g.place, g.decisions, g.ranked = make([]int, handles), make([][]decision, len(g.segments)), make([][]bool, len(g.segments))
	for s := range g.segments {
		g.decisions[s], g.ranked[s] = make([]decision, handles), make([]bool, handles)
		g.members = append(g.members, [2]int{g.segments[s].before.Len(), g.segments[s].now.Len()})
	}
	for i := range g.levels {
		l := &g.levels[i]
		for n, k := range l.categories {
			g.place[k] = n
		}
		if err := g.level(ctx, l); err != nil {
			return nil, err
		}
	}
	if err := inParallel(ctx, len(g.segments), g.rank); err != nil {
		return nil, err
	}
	g.learnDeficits()
	return g, nil
}

// level settles all cells of a level: demand, then the served rates, three times: cells with a cause are no peers the next time.
func (g *Gaps) level(ctx context.Context, l *level) error {
	g.findImpaired(l)
	growth, err := g.growthOf(ctx, l)
	if err != nil {
		return err
	}
	g.growth = append(g.growth, growth)
	prior := g.demandOf(l)
	g.priors = append(g.priors, prior)
	if prior == nil {
		prior = &stat.GammaMixture{}
	}
	flagged := make([][]bool, len(g.segments))
	for s := range flagged {
		flagged[s] = make([]bool, len(g.view.catalog.categories))
	}
	var j *judge
	for range 3 {
		j, err = g.newJudge(ctx, l, func(s int, k uint32) bool { return flagged[s][k] }, func(k uint32) bool { return g.impaired[k] })
		if err != nil {
			return err
		}
		j.lost = g.lostByOthers
		err = inParallel(ctx, len(g.segments), func(s int) {
			for _, k := range l.categories {
				d := &g.decisions[s][k]
				d.cause, d.hole = 0, nil
				d.servedCell = j.cell(s, k, &d.counts, j.others(s, k))
				g.decide(s, k, d, prior)
			}
		})
		if err != nil {
			return err
		}
		for s := range flagged {
			for _, k := range l.categories {
				flagged[s][k] = g.decisions[s][k].cause != 0
			}
		}
	}
	for s := range g.segments {
		for _, k := range l.categories {
			j.hear(k, &g.decisions[s][k])
		}
	}
	return nil
}

// demandOf compares how many customers want what with how many would if segments and categories were independent, and gives the prior of the ratio, nil
// where there are too few cells to learn it.
func (g *Gaps) demandOf(l *level) *stat.GammaMixture {
	var n, e []float64
	for s := range g.segments {
		for _, k := range l.categories {
			d := &g.decisions[s][k]
			d.counts = g.cells[s][k]
			if s == 0 {
				continue
			}
			root, circular := g.circularIn(s, k)
			d.circular = circular
			switch {
			case !circular:
				d.expected = l.expected(s, l.byCategory[k])
				if d.expected > 0 {
					n, e = append(n, float64(d.customers)), append(e, d.expected)
				}
			case root != 0 && root != k && g.cells[0][root].customers > 0:
				// Below what the rule asks for: judged within the segment.
				d.expected = float64(g.cells[s][root].customers) * float64(g.cells[0][k].customers) / float64(g.cells[0][root].customers)
			}
		}
	}
	prior, err := stat.FitMGPS(n, e)
	if err != nil {
		return nil
	}
	for s := 1; s < len(g.segments); s++ {
		for _, k := range l.categories {
			if d := &g.decisions[s][k]; d.expected > 0 {
				d.posterior = prior.Posterior(float64(d.customers), d.expected)
			}
		}
	}
	return &prior
}

// lostByOthers is the share of purchases that others than a segment make in price bands, in the sibling categories, where the segment looks for these bands and the category lacks them: so
// many of theirs are lost there, too, and what they buy is no measure of a catalog that serves. Of attributes it cannot be told, as others buy what has them by chance.
func (g *Gaps) lostByOthers(s int, k uint32) (lost float64) {
	if !slices.ContainsFunc(g.supply.sought[s], g.seeksBand) {
		return 0
	}
	for _, h := range g.supply.holes(s, k) {
		if g.seeksBand(h.need) {
			lost += g.supply.others[s][h.feature] * (1 - h.offered/h.usual)
		}
	}
	return min(lost, .5)
}

// seeksBand tells of what a segment looks for whether it is surely a price band.
func (g *Gaps) seeksBand(n need) bool {
	return g.supply.features[n.feature].band > 0 && n.lift >= strongLift
}

// flaggedVerdict tells whether a verdict asks for something to be done.
func flaggedVerdict(v Verdict) bool { return v == Develop || v == Restock || v == FixFindability }

// rank finds the flagged cells of a segment that stay flagged once the flagged categories below are taken out. Categories below come first.
func (g *Gaps) rank(s int) {
	walk := g.view.catalog.walk
	for _, k := range slices.Backward(walk) {
		if !flaggedVerdict(g.decisions[s][k].verdict) {
			continue
		}
		c := &g.view.catalog.categories[k]
		below := false
		for _, other := range walk[c.from+1 : c.to] {
			below = below || flaggedVerdict(g.decisions[s][other].verdict)
		}
		g.ranked[s][k] = !below || g.carriesMore(s, k)
	}
}

// carriesMore judges a cell anew without the flagged categories below it.
func (g *Gaps) carriesMore(s int, k uint32) bool {
	rest := g.rest(s, k)
	counts := g.count(rest, nil)
	d := decision{counts: counts[s], circular: g.decisions[s][k].circular}
	l := &g.levels[g.depth[k]]
	prior := g.priors[g.depth[k]]
	if prior != nil && s > 0 && !d.circular {
		if d.expected = l.expected(s, g.strataOf(rest)); d.expected > 0 {
			d.posterior = prior.Posterior(float64(d.customers), d.expected)
		}
	}
	// The reference is that of the whole cell, or of the others in what is left.
	d.servedCell = g.decisions[s][k].servedCell
	if s > 0 {
		others := counts[0].less(&counts[s])
		if others.served() >= leastPeers {
			r, whole := others.rate(), g.cells[0][k].less(&g.cells[s][k])
			d.log += r.log - whole.rate().log
		}
	}
	d.perHead = d.meanTries()
	d.alpha, d.beta = float64(d.buyers)+.5, d.served()-float64(d.buyers)+.5
	d.theta = d.alpha / (d.alpha + d.beta)
	if prior == nil {
		prior = &stat.GammaMixture{}
	}
	g.decide(s, k, &d, prior)
	return flaggedVerdict(d.verdict)
}

// rest gives the touches of a category without those of the flagged categories below it.
func (g *Gaps) rest(s int, k uint32) []touch {
	catalog := g.view.catalog
	kept, inChild := map[uint32]touch{}, map[uint32]bool{}
	var children []uint32
	for _, other := range catalog.walk[catalog.categories[k].from+1 : catalog.categories[k].to] {
		if catalog.categories[other].parent == k {
			children = append(children, other)
		}
	}
	for _, child := range children {
		for i := range g.touches.now[child] {
			inChild[g.touches.now[child][i].customer] = true
		}
		list := g.touches.now[child]
		if flaggedVerdict(g.decisions[s][child].verdict) {
			continue
		}
		if c := &catalog.categories[child]; c.to > c.from+1 {
			list = g.rest(s, child)
		}
		for _, t := range list {
			if have, ok := kept[t.customer]; ok {
				t.facts |= have.facts
				t.weeks |= have.weeks
				t.tries = uint8(min(255, int(t.tries)+int(have.tries)))
				t.stratum = min(t.stratum, have.stratum)
			}
			kept[t.customer] = t
		}
	}
	var out []touch
	for _, t := range g.touches.now[k] {
		if have, ok := kept[t.customer]; ok {
			have.tries = min(have.tries, t.tries)
			out = append(out, have)
		} else if !inChild[t.customer] {
			out = append(out, t)
		}
	}
	return out
}

// supplyIndex is 100 × the category's share of what is on offer for a segment over its share of what the segment wants.
func (g *Gaps) supplyIndex(s int, k uint32) (index float64, reason string) {
	l := &g.levels[g.depth[k]]
	offered, wanted := 0., 0.
	for _, other := range l.categories {
		offered += g.supply.offers(s, other).weight
		wanted += float64(g.cells[s][other].customers)
	}
	own := float64(g.cells[s][k].customers)
	switch {
	case offered == 0:
		return 0, reasonNoProducts
	case own == 0:
		return 0, reasonNoDemand
	}
	return 100 * g.supply.offers(s, k).weight / offered / (own / wanted), ""
}

// unmet draws from what is known of demand and served rate.
func (g *Gaps) unmet(s int, k uint32) (*Estimate, string) {
	d := &g.decisions[s][k]
	switch {
	case d.customers == 0:
		return nil, reasonNoDemand
	case !d.reference:
		return nil, reasonNoReference
	}
	e := d.drawUnmet(g.segments[s].id, g.view.catalog.categories[k].ID, g.view.options.Thresholds.Draws, &g.deficits)
	if math.IsNaN(e.Mid) {
		return nil, reasonNoReference
	}
	return &e, ""
}
