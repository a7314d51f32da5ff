package planted

import (
	"math"
	"slices"
)

// How launches go: they make up for half of what is missing or more, or for nothing, or for nothing while everybody comes to buy more in the whole group.
const (
	launchWorked  = "worked"
	launchNothing = "nothing"
	launchWave    = "wave"
)

const (
	sinceLaunch = window + 1 // weeks: whole ones enough for a window, and the last window is all after it
	waveWeeks   = 4          // how long a wave brings more customers: a month passes, a window would be growth
)

// makeLaunches plants gaps for which a product was launched. It comes after all else that is planted or passes, and draws from a stream of its own, so that
// these are the same with launches and without.
func (w *world) makeLaunches() {
	if !slices.Contains(w.Plant, "launch") {
		return
	}
	s := newStream(w.Seed, "launch")
	for _, how := range []string{launchWorked, launchWorked, launchNothing, launchNothing, launchWave, launchWave} {
		w.plantLaunch(how, s)
	}
}

// plantLaunch has a segment want a leaf more than others do and buy less there, without evidence of a cause, and launches a product for it.
func (w *world) plantLaunch(how string, s stream) {
	segment, wanted := w.anySegment(s), s.within(1.7, 3)
	w.free = slices.DeleteFunc(w.free, func(n int) bool { return w.spared[n] || w.launchedBeside(n) })
	n := w.take(segment, wanted, s)
	from := w.Weeks - sinceLaunch
	p := Plant{
		Kind: "launch", Segment: w.segments[segment].id, Category: w.leafID(n), Factor: s.within(.25, .45), Detail: how, Launched: w.begin().AddDate(0, 0, 7*from),
		segment: segment, leaf: n,
	}
	switch how {
	case launchWorked:
		p.Closed = s.within(.5, 1)
	case launchWave:
		p.Wave = s.within(1.15, 1.35)
		w.raise(w.categories[w.leaves[n].category].parent, from, p.Wave, s.within(1.15, 1.35))
	}
	rule := w.segments[segment].rule
	w.holes[n] = append(w.holes[n], hole{kind: "launch", band: -1, feature: -1, factor: p.Factor, rule: rule, from: from, after: p.Factor + p.Closed*(1-p.Factor)})
	w.tastes = append(w.tastes, taste{rule, n, wanted})
	product := w.invent(n, len(w.leaves[n].products), s.pick(bandShares[:]), s)
	product.launched = p.Launched
	p.Product = productID(len(w.products))
	w.addProduct(product)
	w.plants = append(w.plants, p)
}

// launchedBeside tells whether something is launched, or planted to grow, in the group of a leaf.
func (w *world) launchedBeside(n int) bool {
	group := w.categories[w.leaves[n].category].parent
	return slices.ContainsFunc(w.plants, func(p Plant) bool {
		return p.Kind == "emerging" && p.leaf == group || p.Kind == "launch" && w.categories[w.leaves[p.leaf].category].parent == group
	})
}

// raise is a wave: everybody buys so much more often in a group from a week on, and some more come for a while, which passes.
func (w *world) raise(group, from int, buy, come float64) {
	for _, n := range w.categories[group].leaves {
		w.leaves[n].lift, w.leaves[n].lifted = buy, from
		for t := from; t < min(w.Weeks, from+waveWeeks); t++ {
			w.dynamics[n][t] *= come
		}
	}
}

// shelf lists the products of a leaf that are there in a week, as far as launches that are planted go. What is launched is the last of its leaf.
func (w *world) shelf(n, week int) []int {
	products := w.leaves[n].products
	for i := range w.holes[n] {
		if h := &w.holes[n][i]; h.kind == "launch" && week < h.from {
			return products[:len(products)-1]
		}
	}
	return products
}

// launch is what customers of a segment did in the category of a launch: how many came and bought in the 13 weeks before, and how many more bought in the 13
// weeks after because of it.
type launch struct{ customers, buyers, gained float64 }

func (l *launch) add(o *launch) {
	l.customers += o.customers
	l.buyers += o.buyers
	l.gained += o.gained
}

// addLaunches takes in one customer for the launches.
func (t *tally) addLaunches(number int) {
	w := t.w
	p := &w.people[number]
	for i := range w.plants {
		plant := &w.plants[i]
		if plant.Kind != "launch" {
			continue
		}
		if known, _ := w.belongs(plant.segment+1, number); !known {
			continue
		}
		n, from := plant.leaf, w.Weeks-sinceLaunch
		before, after := 0., 0.
		for k := range window {
			before += w.factor(p, n, from-window+k, w.growthOf(p, n, from-window+k))
			after += w.factor(p, n, from+k, w.growthOf(p, n, from+k))
		}
		rate, then, now := p.rate*p.weight[n], w.chancesIn(p, n, from-1), w.chancesOf(p, n)
		idle := now
		idle.buy = now.star * plant.Factor
		t.launch[i].add(&launch{
			customers: -math.Expm1(-rate * before), buyers: -math.Expm1(-rate * before * then.sale()),
			gained: math.Expm1(-rate*after*idle.sale()) - math.Expm1(-rate*after*now.sale()),
		})
	}
}

// tellLaunches puts down what is true of the launches.
func (t *tally) tellLaunches() {
	for i := range t.launch {
		if l := &t.launch[i]; l.customers > 0 {
			t.w.plants[i].Served, t.w.plants[i].Gained = l.buyers/l.customers, l.gained
		}
	}
}
