package planted

import (
	"math"
	"slices"
	"sort"
)

// interaction is a row of the file.
type interaction struct {
	at       int64 // seconds since the beginning of the history
	customer int32
	kind     string
	channel  uint8
	leaf     int32 // stated category; -1 for none
	word     int32 // leaf that the query is about
	product  int32 // -1 for none
	results  int32 // of a search; -1 for none
	wrong    bool  // the query is another word
	missing  bool  // the product could not be had
	rating   uint8
}

// The types of interactions that are drawn.
const (
	search    = "SEARCH"
	view      = "VIEW"
	addToCart = "ADD_TO_CART"
	purchase  = "PURCHASE"
	review    = "REVIEW"
	giveBack  = "RETURN"
)

const (
	day  = 86_400
	week = 7 * day
)

// simulate draws everybody's occasions and what comes of them.
func (w *world) simulate() {
	s := newStream(w.Seed, "occasions")
	statesCategory := s.chance(.6) // whether searches without results state a category
	top := 0.
	for n := range w.dynamics {
		for t, d := range w.dynamics[n] {
			top = math.Max(top, w.base[t]*d)
		}
	}
	sum := make([]float64, len(w.leaves)+1)
	for i := range w.people {
		p := &w.people[i]
		highest := 0.
		if len(p.growth) > 0 {
			for n := range w.leaves {
				highest = math.Max(highest, w.yearlyOf(p, n))
			}
		}
		bound := top * math.Exp(1.15*highest)
		for n, x := range p.weight {
			sum[n+1] = sum[n] + x
		}
		candidates := s.poisson(p.rate * sum[len(w.leaves)] * bound * float64(w.Weeks))
		weeks := make([]int, candidates)
		for c := range weeks {
			weeks[c] = s.IntN(w.Weeks)
		}
		slices.Sort(weeks)
		for _, t := range weeks {
			at := s.Float64() * sum[len(w.leaves)]
			n := min(sort.Search(len(w.leaves), func(n int) bool { return sum[n+1] > at }), len(w.leaves)-1)
			if s.Float64()*bound < w.factor(p, n, t, w.growthOf(p, n, t)) {
				w.happen(int32(i), n, int64(t)*week+int64(s.IntN(7))*day+int64(7*3600+s.IntN(15*3600)), statesCategory, s)
			}
		}
	}
	if w.confounder("whale") {
		w.whale(newStream(w.Seed, "whale"))
	}
	if w.confounder("bots") {
		w.bots(newStream(w.Seed, "bots"))
	}
}

// occasion is one customer's wish for something of a leaf, once.
func (w *world) occasion(customer int32, n int, at int64, statesCategory bool, s stream) {
	p, l := &w.people[customer], &w.leaves[n]
	when := int(at / week)
	c := w.chancesIn(p, n, when)
	row := interaction{at: at, customer: customer, word: int32(n), channel: uint8(s.pick(p.channel[:])), leaf: -1, product: -1, results: -1}
	emit := func(kind string, change func(*interaction)) {
		r := row
		r.kind = kind
		change(&r)
		w.interactions = append(w.interactions, r)
		row.at += 20 + int64(s.IntN(150))
	}
	band, needs := s.pick(p.band[:]), [features]bool{}
	for f := range needs {
		needs[f] = s.chance(p.needs[f])
	}
	searches := s.chance(searching)
	if searches && s.chance(c.wrongWord) {
		emit(search, func(r *interaction) { r.results, r.wrong, r.leaf = 0, true, w.stated(n, statesCategory) })
		if !s.chance(tryAgain) {
			return
		}
	}
	shelf := w.shelf(n, when)
	fitting := w.fitting(n, shelf, band, needs)
	misses, looks := len(fitting) == 0, true
	if searches {
		results := int32(3 + s.IntN(40))
		if misses && s.chance(.5) || s.chance(.04) {
			results = 0
		}
		stated := int32(n)
		if results == 0 {
			stated = w.stated(n, statesCategory)
		}
		emit(search, func(r *interaction) { r.results, r.leaf = results, stated })
		looks = results > 0 || !misses
	}
	if misses {
		fitting = shelf
	}
	available := !s.chance(c.unavailable)
	if len(fitting) > 0 && (!available || looks && s.chance(.85)) {
		emit(view, func(r *interaction) { r.product, r.missing = int32(fitting[s.IntN(len(fitting))]), !available })
	}
	if !available {
		if !s.chance(lookFurther) {
			return
		}
		emit(view, func(r *interaction) { r.product = int32(fitting[s.IntN(len(fitting))]) })
	}
	w.decide(p, l, n, &c, emit, fitting, misses, s)
}

// decide ends an occasion with a purchase or not. Whether what is needed is there is a matter of the plants alone, so that the truth is known; that nothing
// fits by the makeup of the catalog changes what is looked at.
func (w *world) decide(p *person, l *leaf, n int, c *chances, emit func(string, func(*interaction)), fitting []int, misses bool, s stream) {
	buy := c.buy
	if planted, share := w.lacks(p, n); planted {
		// Those who need what is lacking do not buy, the others as ever.
		buy = c.star * misfit
		if !misses {
			buy = (c.buy - share*c.star*misfit) / (1 - share)
		}
	}
	if len(l.products) == 0 || !s.chance(buy) {
		if s.chance(.06) && len(fitting) > 0 {
			emit(addToCart, func(r *interaction) { r.product = int32(fitting[s.IntN(len(fitting))]) })
		}
		return
	}
	bought := int32(fitting[s.IntN(len(fitting))])
	emit(purchase, func(r *interaction) { r.product = bought })
	if s.chance(.2) {
		rating := uint8(math.Round(math.Max(1, math.Min(5, l.rating+.8*s.NormFloat64()))))
		emit(review, func(r *interaction) { r.product, r.rating, r.at = bought, rating, r.at+5*day })
	}
	if s.chance(l.returns) {
		emit(giveBack, func(r *interaction) { r.product, r.at = bought, r.at+6*day })
	}
}

// lacks tells whether a leaf lacks what some need, by plan, and the share of a person's occasions in which it is needed.
func (w *world) lacks(p *person, n int) (planted bool, share float64) {
	for _, h := range w.holes[n] {
		switch h.kind {
		case "price-band":
			return true, p.band[h.band]
		case "attribute":
			return true, p.needs[h.feature]
		}
	}
	return false, 0
}

// fitting lists what is on the shelf of a leaf in a band with what is needed. Where the makeup of the catalog has none with both, what is needed comes first.
func (w *world) fitting(n int, shelf []int, band int, needs [features]bool) (list []int) {
	for _, h := range w.holes[n] {
		if h.kind == "price-band" && h.band == band || h.kind == "attribute" && needs[h.feature] {
			return nil
		}
	}
	var second []int
	for _, i := range shelf {
		p := &w.products[i]
		has := true
		for f := range needs {
			has = has && (!needs[f] || p.has[f])
		}
		switch {
		case has && p.band == band:
			list = append(list, i)
		case has:
			second = append(second, i)
		}
	}
	if len(list) == 0 {
		list = second
	}
	if len(list) == 0 {
		list = shelf
	}
	return list
}

// stated is the category that a search names.
func (w *world) stated(n int, states bool) int32 {
	if states {
		return int32(n)
	}
	return -1
}

// whale is one customer who wants one leaf all the time, and only now.
func (w *world) whale(s stream) {
	n, customer := w.spare(s), int32(s.IntN(len(w.people)))
	w.decoys = append(w.decoys, Decoy{"whale", w.leafID(n)})
	products := w.leaves[n].products
	for range 1_500 {
		at := int64(w.Weeks-window)*week + int64(s.IntN(window*week))
		kind := view
		if s.chance(.1) {
			kind = purchase
		}
		w.interactions = append(w.interactions, interaction{at: at, customer: customer, kind: kind, leaf: -1, product: int32(products[s.IntN(len(products))]), results: -1})
	}
}

// bots look at everything of one leaf, second by second. They have the traits of one group, so that it seems to grow.
func (w *world) bots(s stream) {
	for range 3 {
		n, rule := w.spare(s), w.segments[s.IntN(len(w.segments)-1)].rule
		w.decoys = append(w.decoys, Decoy{"bots", w.leafID(n)})
		products := w.leaves[n].products
		for range w.Customers / 150 {
			bot := person{born: w.Weeks - window, weight: nil}
			for t := range traits {
				bot.known[t] = true
				bot.traits[t] = uint8(s.IntN(len(w.traits[t].values)))
				if v, ok := rule[t]; ok {
					bot.traits[t] = v
				}
			}
			w.people = append(w.people, bot)
			for range 1 + s.IntN(3) {
				at := int64(w.Weeks-window)*week + int64(s.IntN(window*week-day))
				for range 80 + s.IntN(300) {
					at += int64(s.IntN(2))
					w.interactions = append(w.interactions, interaction{at: at, customer: int32(len(w.people) - 1), kind: view, leaf: -1, product: int32(products[s.IntN(len(products))]), results: -1})
				}
			}
		}
	}
}

// settleKnown settles of whom which trait is known. Coverage rises where those who come are asked, and few of the others were.
func (w *world) settleKnown() {
	if !w.confounder("coverage") {
		return
	}
	s := newStream(w.Seed, "known")
	for i := range w.people {
		p := &w.people[i]
		for _, t := range []int{traitOrigin, traitWork} {
			p.known[t] = s.chance(.5)
			if p.born > w.Weeks-window-52 {
				p.known[t] = s.chance(.97)
			}
		}
	}
}
