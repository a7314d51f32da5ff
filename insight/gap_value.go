package insight

import (
	"context"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"

	"lacuna/insight/stat"
)

// Value is what a gap is worth in the horizon: customers who would buy, times what a buyer brings.
type Value struct {
	Estimate        // in Currency; 10, 50 and 90 % of the draws
	Currency        string
	HorizonDays     int
	Margin          float64 // share of what is paid that is value
	Cannibalisation float64 // share that other products lose
	OrdersPerBuyer  float64 // the order that a customer would have made, and those that are expected to follow in the horizon
	SpendPerOrder   float64 // in Currency
	// FairShare is what the category lacks to have that share of the sales beside it that it has of the demand, in Currency and the horizon: a plain figure
	// to hold the value against. It is nil where nothing is sold there or beside.
	FairShare *float64
}

// brings is what a buyer brings in the horizon: the log of its mean, and what that varies by.
type brings struct{ orders, spend, log, variance float64 }

// Values gives the values of cells, nil with a reason where it cannot be told. Each is drawn once, whoever asks.
func (g *Gaps) Values(ctx context.Context, refs []GapRef) ([]*Value, []string, error) {
	w, err := g.worthOf(ctx)
	if err != nil {
		return nil, nil, err
	}
	values, reasons := make([]*Value, len(refs)), make([]string, len(refs))
	err = inParallel(ctx, len(refs), func(i int) {
		t := w.told(cellPlace{refs[i].segment, refs[i].category})
		values[i], reasons[i] = t.value, t.reason
	})
	return values, reasons, err
}

// told gives the value of a cell, drawn once.
func (w *worth) told(at cellPlace) told {
	t, ok := w.g.worths.known(at)
	if !ok {
		t.value, t.reason = w.value(at.segment, at.category)
		w.g.worths.keep(at, t)
	}
	return t
}

func (e *worthEntry) known(at cellPlace) (t told, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	t, ok = e.values[at]
	return t, ok
}

func (e *worthEntry) keep(at cellPlace, t told) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.values == nil {
		e.values = map[cellPlace]told{}
	}
	e.values[at] = t
}

func (w *worth) value(s int, k uint32) (*Value, string) {
	g := w.g
	d := &g.decisions[s][k]
	switch {
	case w.reason != "":
		return nil, w.reason
	case d.customers == 0:
		return nil, reasonNoDemand
	case !d.reference:
		return nil, reasonNoReference
	case w.levels[g.depth[k]].reason != "":
		return nil, w.levels[g.depth[k]].reason
	}
	b, ok := w.bringsIn(s, k, d)
	if !ok {
		return nil, reasonNoReference
	}
	t := &g.view.options.Thresholds
	factor := t.Margin * (1 - t.Cannibalisation)
	v := &Value{
		Currency: w.currency, HorizonDays: t.HorizonDays, Margin: t.Margin, Cannibalisation: t.Cannibalisation, OrdersPerBuyer: b.orders, SpendPerOrder: b.spend,
		FairShare: w.fairShare(s, k),
	}
	draws := d.unmetDraws(g.segments[s].id, g.categoryID(k), t.Draws, &g.deficits)
	source := rand.New(rand.NewPCG(seedOf(g.segments[s].id, g.categoryID(k)), 21))
	for i := range draws {
		draws[i] *= factor * math.Exp(b.log+math.Sqrt(b.variance)*source.NormFloat64())
	}
	v.Estimate = quantilesOf(draws)
	return v, ""
}

// seedOf is the same for the same cell.
func seedOf(segment, category string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(segment + "\x00" + category))
	return h.Sum64()
}

// quantilesOf gives 10, 50 and 90 % of draws, which it puts in order.
func quantilesOf(draws []float64) Estimate {
	slices.Sort(draws)
	at := func(p float64) float64 { return draws[int(math.Round(p*float64(len(draws)-1)))] }
	return Estimate{at(.1), at(.5), at(.9)}
}

// bringsIn is what a buyer of a cell would bring: one order, and as many more as are expected of buyers in the horizon, at what is spent on one. Orders are as many more as these customers come
// more often for the category than customers do for others; spending is that of who bought in the window in the sibling categories, the segment's own drawn to those of all, at as many times
// more as the segment spends elsewhere, and at the prices of what is missing.
func (w *worth) bringsIn(s int, k uint32, d *decision) (b brings, ok bool) {
	peers := w.peers(k)
	all := w.sumOf(peers, nil)
	if all.n < leastPeersOfValue {
		return b, false
	}
	m, scale := &w.levels[w.g.depth[k]], w.scale(k)
	spend, variance := all.spend(), all.relativeVariance()
	if s > 0 && !w.bandMissing(d) { // whoever buys in a band pays its price
		usual := spend * m.usual[s]()
		own := w.sumOf(peers, w.g.segments[s].now)
		const weight = 20 // buyers that what is usual of the segment counts as
		spend = usual
		if share := own.n / (own.n + weight); own.n > 1 {
			spend = share*own.spend() + (1-share)*usual
			variance = share*share*own.relativeVariance() + (1-share)*(1-share)*variance
		}
	}
	// The mean of many buyers is drawn to what is usual of one as that of one who ordered as often.
	spend = m.spend.Expected(stat.Spender{Transactions: all.n, Mean: spend / scale}) * scale
	b.orders = 1 + m.expected*w.comesMore(s, k)*w.buysMore(d, m)
	b.spend = spend * w.priceOf(k, peers, d)
	b.log = math.Log(b.orders * b.spend)
	b.variance = variance + max(leastBetween, m.between)
	return b, b.log > math.Inf(-1) && !math.IsNaN(b.log)
}

// bandMissing tells whether it is a price band that is missing.
func (w *worth) bandMissing(d *decision) bool {
	return d.hole != nil && w.g.supply.features[d.hole.feature].band > 0
}

// leastBetween is by how much, as the variance of the log, what a buyer brings differs at least from what is told of it, orders and spending together. By planted truth.
const leastBetween = .01

// leastPeersOfValue is how many buyers in sibling categories a value is told from.
const leastPeersOfValue = 20

// peers are the sibling categories of one, where they serve as they should, else all of the level.
func (w *worth) peers(k uint32) (list []uint32) {
	g := w.g
	parent := g.view.catalog.categories[k].parent
	for _, other := range g.levels[g.depth[k]].categories {
		if other != k && g.view.catalog.categories[other].parent == parent && !g.impaired[other] {
			list = append(list, other)
		}
	}
	if w.sumOf(list, nil).n >= leastPeersOfValue {
		return list
	}
	list = list[:0]
	for _, other := range g.levels[g.depth[k]].categories {
		if other != k && !g.impaired[other] {
			list = append(list, other)
		}
	}
	return list
}

// sumOfWorth sums up what buyers spend on an order.
type sumOfWorth struct{ n, spent, squares float64 }

func (s *sumOfWorth) add(o *sumOfWorth, scale float64) {
	s.n += o.n
	s.spent += o.spent / scale
	s.squares += o.squares / (scale * scale)
}

func (s *sumOfWorth) spend() float64 { return s.spent / s.n }

// relativeVariance is that of the mean of what is spent, over its square: that of its log.
func (s *sumOfWorth) relativeVariance() float64 {
	mean := s.spend()
	return max(0, s.squares/s.n-mean*mean) / s.n / (mean * mean)
}

// sumOf sums up those who bought in the window in categories, of a set of customers where one is given.
func (w *worth) sumOf(categories []uint32, of Set) (s sumOfWorth) {
	for _, k := range categories {
		own := w.sums[k]
		if of != nil {
			own = w.sumIn(k, of)
		}
		s.add(&own, 1)
	}
	return s
}

// sumIn sums up one category.
func (w *worth) sumIn(k uint32, of Set) (s sumOfWorth) {
	for i := range w.pairs[k] {
		if p := &w.pairs[k][i]; p.inWindow && p.spend > 0 && (of == nil || of.has(p.customer)) {
			s.n++
			s.spent += p.spend
			s.squares += p.spend * p.spend
		}
	}
	return s
}

// mostDays is how many days of one customer in a window count: one who comes every day says nothing of others.
const mostDays = 13

// came is on how many days the customers of a cell's last window came for it in the same weeks a year before, which tells how often they come without having been chosen for it, and of how many
// customers.
func (g *Gaps) came(s int, k uint32) (days, customers float64) {
	before := g.touches.before[k]
	for _, t := range g.touches.now[k] {
		if s > 0 && !g.segments[s].now.has(t.customer) {
			continue
		}
		customers++
		for len(before) > 0 && before[0].customer < t.customer {
			before = before[1:]
		}
		if len(before) > 0 && before[0].customer == t.customer {
			days += float64(min(mostDays, before[0].tries))
		}
	}
	return days, customers
}

// comesMore is how many times as often customers come for a cell as they do for categories of the level in general.
func (w *worth) comesMore(s int, k uint32) float64 {
	m := &w.levels[w.g.depth[k]]
	if w.g.yearless || m.days == 0 {
		return 1
	}
	const weight = 20 // customers that what is usual counts as
	days, customers := w.g.came(s, k)
	return (days + weight*m.days) / (customers + weight) / m.days
}

// buysMore is how many times as often a try ends with an order where the cell is served as it should be, as in categories of the level in general.
func (w *worth) buysMore(d *decision, m *levelWorth) float64 {
	if !d.reference || m.rate == 0 {
		return 1
	}
	return theta(d.log, 1) / m.rate
}

// priceOf is the price of what is missing over that of what is bought in the peers: that of products which have it, where something is known to be missing, else
// that of the category's own products, where there are some.
func (w *worth) priceOf(k uint32, peers []uint32, d *decision) float64 {
	supply := w.g.supply
	mean := func(categories []uint32, has func(product uint32) bool) (price, n float64) {
		for _, k := range categories {
			for _, product := range supply.shelves[k].products {
				if p := &w.g.view.catalog.products[product]; p.Price.Known && has(product) {
					weight := float64(w.g.products[product].purchases)
					price, n = price+weight*p.Price.Value.Float(), n+weight
				}
			}
		}
		return price / n, n
	}
	const least = 10 // purchases that a price is told of
	usual, n := mean(peers, func(uint32) bool { return true })
	if n < least || !(usual > 0) {
		return 1
	}
	if d.hole != nil {
		price, n := mean(peers, func(product uint32) bool { return slices.Contains(supply.of[product], d.hole.feature) })
		if n < least {
			return 1
		}
		if supply.features[d.hole.feature].band > 0 {
			return price / usual
		}
		// What the segment spends is mostly on what has it already.
		return math.Pow(price/usual, (1-d.hole.share)/max(1-supply.everyone[d.hole.feature], 1-d.hole.share, .01))
	}
	own, theirs := supply.medians[k], make([]float64, 0, len(peers))
	for _, other := range peers {
		if supply.medians[other] > 0 {
			theirs = append(theirs, supply.medians[other])
		}
	}
	if len(supply.shelves[k].products) < 5 || own <= 0 || len(theirs) == 0 {
		return 1
	}
	return own / medianOf(theirs)
}

// spread is by how much what a buyer spends differs between categories from what their siblings tell of it, beyond sampling, as the variance of its log.
func (w *worth) spread(l *level) float64 {
	var x, v []float64
	for _, k := range l.categories {
		own := w.sumOf([]uint32{k}, nil)
		if w.g.impaired[k] || own.n < 30 {
			continue
		}
		peers := w.peers(k)
		all := w.sumOf(peers, nil)
		if all.n < leastPeersOfValue {
			continue
		}
		told := math.Log(all.spend() * w.priceOf(k, peers, &decision{}))
		x, v = append(x, math.Log(own.spend())-told), append(v, own.relativeVariance()+all.relativeVariance())
	}
	const usual = .05
	if len(x) < leastDeviations {
		return usual
	}
	if _, variance, ok := stat.Between(x, v); ok {
		return variance
	}
	return usual
}

// fairShare is what the category lacks to have that share of the sales beside it that it has of the demand, in the horizon.
func (w *worth) fairShare(s int, k uint32) *float64 {
	g := w.g
	parent := g.view.catalog.categories[k].parent
	sales, own, wanted := 0., 0., 0.
	for _, other := range g.levels[g.depth[k]].categories {
		if g.view.catalog.categories[other].parent != parent {
			continue
		}
		sum := 0.
		for i := range w.pairs[other] {
			if p := &w.pairs[other][i]; s == 0 || g.segments[s].now.has(p.customer) {
				sum += p.amountOfYear
			}
		}
		sales, wanted = sales+sum, wanted+float64(g.cells[s][other].customers)
		if other == k {
			own = sum
		}
	}
	if sales <= 0 || wanted <= 0 {
		return nil
	}
	t := &g.view.options.Thresholds
	fair := (float64(g.cells[s][k].customers)/wanted - own/sales) * sales * float64(t.HorizonDays) / 364 * t.Margin
	return &fair
}
