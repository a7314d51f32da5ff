package planted

import (
	"math"
	"slices"
)

// taste is that a group wants a leaf more than others do.
type taste struct {
	rule   slice
	leaf   int
	factor float64
}

// plantedGrowth is that a group comes to want a leaf more, or everything: log of the factor a year.
type plantedGrowth struct {
	rule slice
	leaf int // -1 for everything
	log  float64
}

// world is everything there is.
type world struct {
	Options
	categories   []category
	leaves       []leaf
	products     []product
	traits       [traits]trait
	people       []person
	segments     []segment
	segmentIndex map[string]int
	plants       []Plant
	holes        map[int][]hole
	tastes       []taste
	growth       []plantedGrowth
	emerging     []slice
	decoys       []Decoy
	free         []int
	shares       []float64 // of customers, by segment
	taken        map[int]bool
	spared       map[int]bool     // leaves that something passes over, or that are odd otherwise
	unfilled     map[int]unfilled // by leaf: what would be there, were holes not filled

	base     []float64   // by week: factor of all rates
	dynamics [][]float64 // by leaf and week: seasons and what passes
	lasting  [][]float64 // the same without what passes
	popular  float64     // sum of popularities

	interactions []interaction
}

func (w *world) confounder(name string) bool { return slices.Contains(w.Confounders, name) }

func newWorld(o Options) *world {
	w := &world{
		Options: o, holes: map[int][]hole{}, taken: map[int]bool{}, spared: map[int]bool{}, unfilled: map[int]unfilled{}, segmentIndex: map[string]int{},
	}
	w.makeTree()
	w.makePeople()
	w.makeSegments()
	w.makePlants()
	w.makeDynamics()
	w.makeLaunches()
	w.makeTastes()
	return w
}

// makeDynamics lays out how the wish for each leaf moves with time, plants aside.
func (w *world) makeDynamics() {
	s := newStream(w.Seed, "dynamics")
	w.base = make([]float64, w.Weeks)
	yearly := 1.
	if w.confounder("base-growth") {
		yearly = 1.6
	}
	for t := range w.base {
		w.base[t] = math.Pow(yearly, float64(t-w.Weeks)/52)
	}
	w.dynamics = make([][]float64, len(w.leaves))
	phase, amplitude := map[int]float64{}, map[int]float64{}
	for n := range w.leaves {
		l := &w.leaves[n]
		w.popular += l.popularity
		if _, ok := phase[l.root]; !ok {
			phase[l.root], amplitude[l.root] = s.within(0, 2*math.Pi), s.within(.1, .45)
		}
		drift := 0.
		if w.confounder("drift") {
			drift = s.NormFloat64() * .03
		}
		w.dynamics[n] = make([]float64, w.Weeks)
		for t := range w.dynamics[n] {
			d := math.Exp(drift * float64(t-w.Weeks) / 52)
			if w.confounder("season") {
				d *= 1 + amplitude[l.root]*math.Sin(phase[l.root]+2*math.Pi*float64(t-w.Weeks)/52)
			}
			w.dynamics[n][t] = d
		}
	}
	for _, weeks := range w.dynamics {
		w.lasting = append(w.lasting, slices.Clone(weeks))
	}
	w.passing(s)
}

// passing is what comes and goes: holidays that move, promotions, outages.
func (w *world) passing(s stream) {
	first := w.Weeks - window // of the last window
	multiply := func(n, from, weeks int, factor float64) {
		for t := max(0, from); t < min(w.Weeks, from+weeks); t++ {
			w.dynamics[n][t] *= factor
		}
	}
	// What passes meets each leaf once: what comes again is a season. An outage is of a leaf that enough customers want to be missed.
	met := map[int]bool{}
	pick := func(least float64) int {
		for {
			if n := w.spare(s); !met[n] && w.leaves[n].popularity > least {
				met[n] = true
				return n
			}
		}
	}
	if w.confounder("holiday") {
		// This year's lies in the window, last year's before it.
		now, then := first+2+s.IntN(8), first-52-1-s.IntN(3)
		for range 6 {
			n := pick(0)
			multiply(n, now, 1, 4)
			multiply(n, then, 1, 4)
		}
	}
	if w.confounder("promotion") {
		for range 4 {
			multiply(pick(0), first+s.IntN(10), 2, s.within(3, 5))
		}
	}
	if w.confounder("outage") {
		for range 6 {
			multiply(pick(1.5), first-52+s.IntN(10), 3, .03)
		}
	}
	if w.confounder("slow-category") {
		for range 4 {
			w.leaves[w.spare(s)].convert *= .35
		}
	}
	if w.confounder("well-supplied") {
		for range 6 {
			w.tastes = append(w.tastes, taste{w.segments[s.IntN(len(w.segments)-1)].rule, w.spare(s), s.within(1.8, 3)})
		}
	}
	if w.confounder("unneeded-attribute") {
		for range 6 {
			n, style := w.spare(s), styles[s.IntN(len(styles))]
			for _, i := range w.leaves[n].products {
				if w.products[i].style == style {
					w.products[i].style = styles[(slices.Index(styles, style)+1)%len(styles)]
				}
			}
		}
	}
	if w.confounder("catalog-growth") {
		for range 15 {
			n := w.spare(s)
			for range 6 + s.IntN(8) {
				w.addProduct(product{leaf: n, band: s.IntN(bands), style: styles[s.IntN(len(styles))], price: w.leaves[n].price * s.within(.5, 1.6), launched: end.AddDate(0, 0, -7*s.IntN(40))})
			}
		}
	}
}

// spare gives a leaf in which nothing is planted, of some size.
func (w *world) spare(s stream) int {
	for {
		if n := s.IntN(len(w.leaves)); !w.taken[n] && w.leaves[n].popularity > .5 {
			w.spared[n] = true
			return n
		}
	}
}

// makeTastes settles how much each customer wants each leaf, beside its popularity.
func (w *world) makeTastes() {
	s := newStream(w.Seed, "tastes")
	// What is natural: every value of a trait has a few leaves that it likes more, and less.
	for t := range traits - 1 {
		for v := range w.traits[t].values {
			for range 12 {
				w.tastes = append(w.tastes, taste{slice{t: uint8(v)}, s.IntN(len(w.leaves)), s.lognormal(.45)})
			}
		}
	}
	byLeaf := make([][]taste, len(w.leaves))
	for _, t := range w.tastes {
		byLeaf[t.leaf] = append(byLeaf[t.leaf], t)
	}
	for i := range w.people {
		p := &w.people[i]
		p.weight = make([]float64, len(w.leaves))
		for g := range w.growth {
			if w.growth[g].rule.has(p) {
				p.growth = append(p.growth, g)
			}
		}
		for n := range w.leaves {
			x := w.leaves[n].popularity / w.popular
			for _, t := range byLeaf[n] {
				if t.rule.has(p) {
					x *= t.factor
				}
			}
			p.weight[n] = x
		}
	}
}

// growthOf is by how much a person wants a leaf more in a week, as a log.
func (w *world) growthOf(p *person, n, week int) (log float64) {
	return w.yearlyOf(p, n) * w.ramp(week)
}

// ramp is how many years of growth have passed in a week, from the middle of the window before.
func (w *world) ramp(week int) float64 {
	return math.Max(-.25, float64(week-(w.Weeks-52-window/2-1))/52)
}

// yearlyOf is by how much a person wants a leaf more in a year, as a log.
func (w *world) yearlyOf(p *person, n int) (log float64) {
	for _, i := range p.growth {
		if g := &w.growth[i]; g.leaf < 0 || g.leaf == n {
			log += g.log
		}
	}
	return log
}

// factor is by how much more than its weight a leaf is wanted by a person in a week.
func (w *world) factor(p *person, n, week int, log float64) float64 {
	if week < p.born {
		return 0
	}
	return w.base[week] * w.dynamics[n][week] * math.Exp(log)
}

// passes is by how much a leaf is wanted more in a week because of what passes.
func (w *world) passes(n, week int) float64 { return w.dynamics[n][week] / w.lasting[n][week] }

// chances are how an occasion can end.
type chances struct {
	buy         float64 // where everything is found and can be had
	star        float64 // the same without what is planted
	unavailable float64 // share of occasions that meet what cannot be had
	wrongWord   float64 // share of searches
}

// Of those who meet an empty shelf, so many look at something else; of those who find nothing, so many try another word.
const (
	lookFurther = .25
	tryAgain    = .1
	searching   = .8  // share of occasions that begin with a search
	misfit      = .08 // of the chance of buying where nothing fits
)

// chancesOf are a person's chances in a leaf as things are at the end, and all through the last window.
func (w *world) chancesOf(p *person, n int) chances { return w.chancesIn(p, n, w.Weeks-1) }

// chancesIn are a person's chances in a leaf in a week.
func (w *world) chancesIn(p *person, n, week int) (c chances) {
	l := &w.leaves[n]
	convert := l.convert * p.convert
	if l.lift > 0 && week >= l.lifted {
		convert *= l.lift
	}
	c.star = math.Min(.85, convert)
	c.buy = c.star
	for i := range w.holes[n] {
		h := &w.holes[n][i]
		switch {
		case !h.rule.has(p):
		case h.kind == "launch" && week >= h.from:
			c.buy *= h.after
		case h.kind == "cut", h.kind == "absence", h.kind == "quality", h.kind == "launch":
			c.buy *= h.factor
		case h.kind == "price-band":
			c.buy *= 1 - p.band[h.band]*(1-misfit)
		case h.kind == "attribute":
			c.buy *= 1 - p.needs[h.feature]*(1-misfit)
		case h.kind == "stock-out" && week >= h.from:
			c.unavailable = h.factor
		case h.kind == "synonym":
			c.wrongWord = h.factor
		}
	}
	return c
}

// sale is the chance that an occasion ends with a purchase.
func (c *chances) sale() float64 {
	return c.buy * (1 - c.unavailable*(1-lookFurther)) * (1 - searching*c.wrongWord*(1-tryAgain))
}
