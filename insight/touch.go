package insight

import (
	"context"
	"slices"

	"lacuna/graph"
)

// touch is what one customer had to do with one category, or what is below it, in a window.
type touch struct {
	weeks    uint64 // with intent, a bit each, the first week of the window in bit 0
	customer uint32
	stratum  uint16 // month of the window × 16 + channel of the first intent
	facts    facts
	tries    uint8 // days with intent; each count ends at 255
}

// facts are what happened, a bit each.
type facts uint16

const (
	bought         facts = 1 << iota
	searched             // there is a search of which the number of results is known
	foundNothing         // a search without results
	foundSomething       // a search with results, or a product was looked at
	metAvailable         // a product that could be had
	metUnavailable       // a product that could not
)

// onlyUnavailable tells of who met products, none of which could be had.
func (f facts) onlyUnavailable() bool {
	return f&(metAvailable|metUnavailable|bought) == metUnavailable
}

// intent tells of which types of interactions a wish is read.
var intent = func() (is [16]bool) {
	for _, t := range []graph.InteractionType{graph.Search, graph.View, graph.Click, graph.Wishlist, graph.AddToCart, graph.Checkout, graph.Purchase} {
		is[t] = true
	}
	return is
}()

// productFacts is what happened with one product: in the last window, and purchases, returns and ratings in the year before the moment.
type productFacts struct {
	clicks             uint32 // views and clicks
	seen, available    uint32 // interactions with intent that tell whether it could be had, and those of them in which it could
	purchases, returns uint32
	ratings            uint32
	rated              int64 // sum of ratings × 1,000,000
}

func (p *productFacts) add(o *productFacts) {
	p.clicks += o.clicks
	p.seen += o.seen
	p.available += o.available
	p.purchases += o.purchases
	p.returns += o.returns
	p.ratings += o.ratings
	p.rated += o.rated
}

// buy is that a customer bought a product in the year before the moment.
type buy struct{ customer, product uint32 }

// touches is what customers had to do with categories in the last window and in the same weeks a year before. Interactions of bots are left out.
type touches struct {
	now, before [][]touch // by the category's handle, in order of customer
	products    []productFacts
	buys        []buy
	bots        Set
	way         *ways
}

// wayUp lists for each thing its categories and all above them, every one once.
func (c *catalog) wayUp() [][]uint32 {
	way := make([][]uint32, len(c.things))
	for n := range c.things {
		for _, k := range c.things[n].categories {
			way[n] = c.upwards(k, way[n])
		}
	}
	return way
}

// upwards adds a category and all above it, unless they are there.
func (c *catalog) upwards(k uint32, list []uint32) []uint32 {
	for k != 0 && c.categories[k].exists {
		if slices.Contains(list, k) {
			return list
		}
		list = append(list, k)
		k = c.categories[k].parent
	}
	return list
}

// pagesOfTask is how many pages are looked through in one piece: few enough that all processors have some to do, and many enough that putting the pieces
// together costs little.
const pagesOfTask = 8

// touchesOf looks through the interactions of both windows, once.
func (v *View) touchesOf(ctx context.Context, now, before [2]moment) (*touches, error) {
	way := v.wayUpWithQueries(ctx, before[0], now[1])
	tasks := (len(v.pages) + pagesOfTask - 1) / pagesOfTask
	parts := make([]*touches, tasks)
	t := &touches{bots: make(Set, len(v.pages)), way: way}
	err := inParallel(ctx, tasks, func(task int) {
		w := newToucher(v, way, now, before)
		for n := task * pagesOfTask; n < min(len(v.pages), (task+1)*pagesOfTask); n++ {
			w.page(n, &t.bots[n])
		}
		parts[task] = &w.touches
	})
	if err != nil {
		return nil, err
	}
	t.now, t.before = make([][]touch, len(v.catalog.categories)), make([][]touch, len(v.catalog.categories))
	t.products = make([]productFacts, len(v.catalog.products))
	err = inParallel(ctx, len(t.now), func(k int) {
		t.now[k], t.before[k] = joined(parts, func(p *touches) []touch { return p.now[k] }), joined(parts, func(p *touches) []touch { return p.before[k] })
	})
	for _, part := range parts {
		for i := range part.products {
			t.products[i].add(&part.products[i])
		}
		t.buys = append(t.buys, part.buys...)
	}
	return t, err
}

// joined puts the parts of a list behind each other.
func joined(parts []*touches, of func(*touches) []touch) []touch {
	n := 0
	for _, p := range parts {
		n += len(of(p))
	}
	list := make([]touch, 0, n)
	for _, p := range parts {
		list = append(list, of(p)...)
	}
	return list
}

// toucher looks through pages.
type toucher struct {
	touches
	view        *View
	way         *ways
	from, to    moment // of windows now and before
	window      [2][2]moment
	stamp, days []uint32 // by category, of the window under way: the customer and window last seen, and the day
	bought      []uint32 // by product: the customer + 1 who bought it last
	serial      uint32
}

func newToucher(v *View, way *ways, now, before [2]moment) *toucher {
	k := len(v.catalog.categories)
	return &toucher{
		touches: touches{now: make([][]touch, k), before: make([][]touch, k), products: make([]productFacts, len(v.catalog.products))},
		view:    v, way: way, from: before[0], to: now[1], window: [2][2]moment{now, before},
		stamp: make([]uint32, k), days: make([]uint32, k), bought: make([]uint32, len(v.catalog.products)),
	}
}

func (w *toucher) page(n int, bots *pageSet) {
	p := w.view.pages[n]
	for slot := range p.known.each() {
		all := p.rows[slot].within(w.from, w.to)
		if all.len() == 0 {
			continue
		}
		if w.view.options.Thresholds.isBot(all) {
			bots.add(slot)
			continue
		}
		customer := uint32(n)<<pageBits | uint32(slot)
		now, before := all.within(w.window[0][0], w.window[0][1]), all.within(w.window[1][0], w.window[1][1])
		w.trade(customer, all.within(w.to-364*microsPerDay, w.to))
		w.customer(customer, now, w.window[0][0], w.now)
		w.customer(customer, before, w.window[1][0], w.before)
		w.meet(now)
	}
}

// trade takes in what was bought, returned and rated.
func (w *toucher) trade(customer uint32, r rows) {
	for row := r.lo; row < r.hi; row++ {
		product := w.view.catalog.things[r.block.thing[row]].product
		if product == 0 {
			continue
		}
		switch typeOf(r.block.kind[row]) {
		case graph.Purchase:
			w.products[product].purchases++
			if w.bought[product] != customer+1 {
				w.bought[product] = customer + 1
				w.buys = append(w.buys, buy{customer, product})
			}
		case graph.Return:
			w.products[product].returns++
		case graph.Review:
			if rating, ok := r.block.rating.of(row); ok {
				w.products[product].ratings++
				w.products[product].rated += int64(rating)
			}
		}
	}
}

// meet takes in which products were met in the last window, and whether they could be had.
func (w *toucher) meet(r rows) {
	if r.len() == 0 {
		return
	}
	told, could := r.block.available.between(r.lo, r.hi)
	for row := r.lo; row < r.hi; row++ {
		for len(told) > 0 && told[0] < row {
			told, could = told[1:], could[1:]
		}
		product := w.view.catalog.things[r.block.thing[row]].product
		kind := typeOf(r.block.kind[row])
		if product == 0 || !intent[kind] {
			continue
		}
		p := &w.products[product]
		if kind == graph.View || kind == graph.Click {
			p.clicks++
		}
		if len(told) > 0 && told[0] == row {
			p.seen++
			if could[0] {
				p.available++
			}
		}
	}
}

// customer notes a customer's intents of a window.
func (w *toucher) customer(customer uint32, r rows, begin moment, into [][]touch) {
	if r.len() == 0 {
		return
	}
	w.serial++
	b, catalog := r.block, w.view.catalog
	told, could := b.available.between(r.lo, r.hi)
	counted, results := b.results.between(r.lo, r.hi)
	// Of the window, as of the data, whole seconds are counted: it begins with the first that lies in it as a whole.
	first, fraction := begin.split()
	if fraction > 0 {
		first++
	}
	for row := r.lo; row < r.hi; row++ {
		for len(told) > 0 && told[0] < row {
			told, could = told[1:], could[1:]
		}
		for len(counted) > 0 && counted[0] < row {
			counted, results = counted[1:], results[1:]
		}
		kind := b.kind[row]
		if !intent[typeOf(kind)] {
			continue
		}
		f := facts(0)
		switch typeOf(kind) {
		case graph.Purchase:
			f = bought | foundSomething
		case graph.Search:
			if len(counted) > 0 && counted[0] == row {
				f = searched | foundNothing
				if results[0] > 0 {
					f = searched | foundSomething
				}
			}
		}
		if catalog.things[b.thing[row]].product != 0 {
			f |= foundSomething
			switch {
			case len(told) == 0 || told[0] != row:
				// Nothing is said of it: it is neither.
			case could[0]:
				f |= metAvailable
			default:
				f |= metUnavailable
			}
		}
		seconds := uint32(max(0, int64(b.second[row])-first))
		for _, k := range w.way.of(b, row) {
			w.note(into, k, customer, seconds, kind, f)
		}
	}
}

// note adds an intent to what is known of a customer and a category.
func (w *toucher) note(into [][]touch, k, customer, seconds uint32, kind uint8, f facts) {
	day := seconds/86_400 + 1
	if w.stamp[k] != w.serial {
		w.stamp[k], w.days[k] = w.serial, day
		into[k] = append(into[k], touch{
			customer: customer, stratum: uint16(seconds/(30*86_400))<<4 | uint16(channelOf(kind)), weeks: 1 << (seconds / (7 * 86_400)), facts: f, tries: 1,
		})
		return
	}
	t := &into[k][len(into[k])-1]
	t.facts |= f
	t.weeks |= 1 << (seconds / (7 * 86_400))
	if w.days[k] != day {
		w.days[k] = day
		if t.tries < 255 {
			t.tries++
		}
	}
}

// without tells whether anything is left of a touch when some weeks, as bits, are left out.
func (t *touch) without(weeks uint64) bool { return t.weeks&^weeks != 0 }

// strata gives how many strata a window has.
func strata(window [2]moment) int {
	return int((window[1]-window[0])/(30*microsPerDay)+1) << 4
}
