package planted

import (
	"math"
	"runtime"
	"slices"
	"sync"
)

// Truth is what is true of the data, beside what its files tell.
type Truth struct {
	Seed        uint64   `json:"seed"`
	Customers   int      `json:"customers"`
	Weeks       int      `json:"weeks"`
	Plant       []string `json:"plant"`
	Confounders []string `json:"confounders"`
	Plants      []Plant  `json:"plants"`
	Decoys      []Decoy  `json:"decoys,omitempty"`
	Cells       []Cell   `json:"cells"`
}

// Cell is the truth of a segment and a category: expectations of the model, not what was drawn.
type Cell struct {
	Segment   string  `json:"segment"`
	Category  string  `json:"category"`
	Level     int     `json:"level"`
	Customers float64 `json:"customers"`       // with intent in the last window
	Before    float64 `json:"before"`          // in the same weeks a year before
	Known     float64 `json:"known"`           // of these, who can be told to belong to the segment
	Growth    float64 `json:"growth"`          // of what lasts: customers over before, over the median of the level, less 1
	Served    float64 `json:"served"`          // share of customers who buy
	Reference float64 `json:"reference"`       // the same without what is planted
	Unmet     float64 `json:"unmet"`           // buyers that what is planted costs
	Value     float64 `json:"value"`           // what these would spend, were they served: on the order that they did not make, and in the year after, as things are at the end
	Expected  float64 `json:"expected"`        // customers, were segments and categories independent
	Cause     string  `json:"cause,omitempty"` // of the plant that costs most buyers; "NONE" for one without evidence
}

// sums are what is added up over customers for one segment and category.
type sums struct{ now, lasting, before, known, served, star, value float64 }

// truth computes what is true.
func (w *world) truth() *Truth {
	causes := map[int]string{}
	for i := range w.plants {
		if p := &w.plants[i]; p.Kind != "growth" && p.Kind != "emerging" {
			causes[p.leaf] = p.Cause
			if p.Cause == "" {
				causes[p.leaf] = "NONE"
			}
		}
	}
	workers := runtime.GOMAXPROCS(0)
	parts := make([]*tally, workers)
	var all sync.WaitGroup
	for i := range workers {
		all.Go(func() {
			parts[i] = newTally(w)
			for n := i * len(w.people) / workers; n < (i+1)*len(w.people)/workers; n++ {
				parts[i].add(n)
			}
		})
	}
	all.Wait()
	t := parts[0]
	for _, part := range parts[1:] {
		t.join(part)
	}
	cells := t.cells(causes)
	return &Truth{Seed: w.Seed, Customers: w.Customers, Weeks: w.Weeks, Plant: w.Plant, Confounders: w.Confounders, Plants: w.plants, Decoys: w.decoys, Cells: cells}
}

// tally adds up customers.
type tally struct {
	w       *world
	sums    [][]sums // by segment, the first everyone, and category
	kept    map[season][3]float64
	scratch struct{ now, lasting, before, served, star, orders, spend []float64 }
	yearly  []float64 // by leaf: how much more than its weight it is wanted in a year of seasons, at the level of the end
	groups  []group   // by plant
	launch  []launch  // by plant
	others  group     // customers of no group that is planted to grow
}

// group is how many customers of an emerging group have intent: who can be told to belong, and all.
type group struct{ now, before, allNow, allBefore float64 }

// season names how much a leaf is wanted in both windows by who takes part in some growth.
type season struct {
	leaf   int
	yearly float64
}

// seasons sums up how much more than its weight a leaf is wanted by a person in the last window, in it without what passes, and in the window before without it.
func (t *tally) seasons(p *person, n int) (now, lasting, before float64) {
	w := t.w
	key := season{n, w.yearlyOf(p, n)}
	early := p.born <= w.Weeks-window-52
	if kept, ok := t.kept[key]; ok && early {
		return kept[0], kept[1], kept[2]
	}
	for i := range window {
		a, b := w.Weeks-window+i, w.Weeks-window-52+i
		x := w.factor(p, n, a, key.yearly*w.ramp(a))
		now += x
		lasting += x / w.passes(n, a)
		before += w.factor(p, n, b, key.yearly*w.ramp(b)) / w.passes(n, b)
	}
	if early {
		t.kept[key] = [3]float64{now, lasting, before}
	}
	return now, lasting, before
}

func newTally(w *world) *tally {
	t := &tally{w: w, sums: make([][]sums, len(w.segments)+1), groups: make([]group, len(w.plants)), launch: make([]launch, len(w.plants)), kept: map[season][3]float64{}}
	for s := range t.sums {
		t.sums[s] = make([]sums, len(w.categories))
	}
	for _, list := range []*[]float64{&t.scratch.now, &t.scratch.lasting, &t.scratch.before, &t.scratch.served, &t.scratch.star, &t.scratch.orders, &t.scratch.spend} {
		*list = make([]float64, len(w.categories))
	}
	for _, weeks := range w.lasting {
		t.yearly = append(t.yearly, w.base[w.Weeks-1]*total(weeks[w.Weeks-52:]))
	}
	return t
}

// add takes in one customer.
func (t *tally) add(number int) {
	w, p := t.w, &t.w.people[number]
	if p.weight == nil {
		return
	}
	for _, list := range [][]float64{t.scratch.now, t.scratch.lasting, t.scratch.before, t.scratch.served, t.scratch.star, t.scratch.orders, t.scratch.spend} {
		clear(list)
	}
	for n := range w.leaves {
		c := w.chancesOf(p, n)
		now, lasting, before := t.seasons(p, n)
		rate := p.rate * p.weight[n]
		orders := rate * t.yearly[n] * math.Exp(w.growthOf(p, n, w.Weeks-1)) * c.star
		for k := w.leaves[n].category; k >= 0; k = w.categories[k].parent {
			t.scratch.now[k] += rate * now
			t.scratch.lasting[k] += rate * lasting
			t.scratch.before[k] += rate * before
			t.scratch.served[k] += rate * now * c.sale()
			t.scratch.star[k] += rate * now * c.star
			t.scratch.orders[k] += orders
			t.scratch.spend[k] += rate * now * c.star * w.spends(p, n)
		}
	}
	t.addGroups(p)
	t.addLaunches(number)
	var member []membership
	for s := range t.sums {
		if known, whole := w.belongs(s, number); whole {
			member = append(member, membership{s, known})
		}
	}
	for k := range w.categories {
		if t.scratch.now[k]+t.scratch.before[k] == 0 {
			continue
		}
		x := sums{now: -math.Expm1(-t.scratch.now[k]), lasting: -math.Expm1(-t.scratch.lasting[k]), before: -math.Expm1(-t.scratch.before[k]), served: -math.Expm1(-t.scratch.served[k]), star: -math.Expm1(-t.scratch.star[k])}
		for _, m := range member {
			sum := &t.sums[m.segment][k]
			sum.lasting += x.lasting
			sum.before += x.before
			if m.known {
				sum.now += x.now
				sum.known += x.before
				sum.served += x.served
				sum.star += x.star
				if star := t.scratch.star[k]; star > 0 {
					sum.value += (x.star - x.served) * (1 + t.scratch.orders[k]) * t.scratch.spend[k] / star
				}
			}
		}
	}
}

// membership is that a customer belongs to a segment, and whether it can be told.
type membership struct {
	segment int
	known   bool
}

// spends is what a person who lacks something in a leaf would pay for it: the middle of the band that is missing, or of those that the person buys in.
func (w *world) spends(p *person, n int) (price float64) {
	for _, h := range w.holes[n] {
		if h.kind == "price-band" {
			return w.leaves[n].price * bandMiddles[h.band]
		}
	}
	for band, share := range p.band {
		price += share * bandMiddles[band]
	}
	return price * w.leaves[n].price / total(p.band[:])
}

// addGroups takes in one customer for the groups that are planted to grow.
func (t *tally) addGroups(p *person) {
	w, whole, in := t.w, [2]float64{}, false
	for _, k := range w.roots() {
		whole[0] += t.scratch.lasting[k]
		whole[1] += t.scratch.before[k]
	}
	for i := range w.plants {
		plant := &w.plants[i]
		if plant.Kind != "emerging" || !plant.slice.has(p) {
			continue
		}
		x := whole
		if plant.leaf >= 0 {
			x = [2]float64{t.scratch.lasting[plant.leaf], t.scratch.before[plant.leaf]}
		} else {
			in = true
		}
		g, known := &t.groups[i], 1.
		for trait := range plant.slice {
			if !p.known[trait] {
				known = 0
			}
		}
		g.allNow -= math.Expm1(-x[0])
		g.allBefore -= math.Expm1(-x[1])
		g.now -= known * math.Expm1(-x[0])
		g.before -= known * math.Expm1(-x[1])
	}
	if !in {
		t.others.allNow -= math.Expm1(-whole[0])
		t.others.allBefore -= math.Expm1(-whole[1])
	}
}

// tellGroups puts down what is true of the groups that are planted to grow; base is that of categories, by level.
func (t *tally) tellGroups(base []float64) {
	for i := range t.w.plants {
		p, g := &t.w.plants[i], &t.groups[i]
		if p.Kind != "emerging" || g.allBefore == 0 {
			continue
		}
		usual := t.others.allNow / t.others.allBefore
		if p.leaf >= 0 {
			usual = base[t.w.categories[p.leaf].level]
		}
		p.Customers, p.Before, p.Growth = g.now, g.before, g.allNow/g.allBefore/usual-1
	}
}

func (g *group) add(o *group) {
	g.now += o.now
	g.before += o.before
	g.allNow += o.allNow
	g.allBefore += o.allBefore
}

// belongs tells whether a customer belongs to a segment, as far as is known and in truth. Segments by behaviour have no truth.
func (w *world) belongs(s, number int) (known, whole bool) {
	if s == 0 {
		return true, true
	}
	part := &w.segments[s-1]
	if part.root >= 0 {
		return false, false
	}
	p := &w.people[number]
	if whole = part.rule.has(p); !whole {
		return false, false
	}
	for t := range part.rule {
		if !p.known[t] {
			return false, true
		}
	}
	return true, true
}

func (t *tally) join(o *tally) {
	t.others.add(&o.others)
	for i := range t.groups {
		t.groups[i].add(&o.groups[i])
		t.launch[i].add(&o.launch[i])
	}
	for s := range t.sums {
		for k := range t.sums[s] {
			a, b := &t.sums[s][k], &o.sums[s][k]
			a.now += b.now
			a.lasting += b.lasting
			a.before += b.before
			a.known += b.known
			a.served += b.served
			a.star += b.star
			a.value += b.value
		}
	}
}

// cells turns sums into the truth.
func (t *tally) cells(causes map[int]string) (list []Cell) {
	w := t.w
	levels := 3
	base, wanted := make([]float64, levels), make([][]float64, levels)
	for level := range levels {
		var ratios []float64
		wanted[level] = make([]float64, len(t.sums))
		for k := range w.categories {
			if w.categories[k].level != level {
				continue
			}
			if x := t.sums[0][k]; x.before > 0 {
				ratios = append(ratios, x.lasting/x.before)
			}
			for s := range t.sums {
				wanted[level][s] += t.sums[s][k].now
			}
		}
		slices.Sort(ratios)
		base[level] = ratios[len(ratios)/2]
	}
	t.tellGroups(base)
	t.tellLaunches()
	for s := range t.sums {
		id := "everyone"
		if s > 0 {
			id = w.segments[s-1].id
			if w.segments[s-1].root >= 0 {
				continue
			}
		}
		for k := range w.categories {
			c, x := &w.categories[k], t.sums[s][k]
			cell := Cell{Segment: id, Category: c.id, Level: c.level, Customers: x.now, Before: x.before, Known: x.known, Unmet: x.star - x.served, Value: x.value}
			cell.Expected = wanted[c.level][s] * t.sums[0][k].now / wanted[c.level][0]
			if x.before > 0 {
				cell.Growth = x.lasting/x.before/base[c.level] - 1
			}
			if x.now > 0 {
				cell.Served, cell.Reference = x.served/x.now, x.star/x.now
			}
			most := .02 * x.star
			for _, n := range c.leaves {
				y := t.sums[s][w.leaves[n].category]
				if loss := y.star - y.served; loss > most && causes[n] != "" {
					most, cell.Cause = loss, causes[n]
				}
			}
			list = append(list, cell)
		}
	}
	return list
}
