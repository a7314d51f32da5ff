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

// Values gives the values of cells, nil with a reason where it cannot be told.
func (g *Gaps) Values(ctx context.Context, refs []GapRef) ([]*Value, []string, error) {
	w, err := g.worthOf(ctx)
	if err != nil {
		return nil, nil, err
	}
	values, reasons := make([]*Value, len(refs)), make([]string, len(refs))
	return values, reasons, inParallel(ctx, len(refs), func(i int) { values[i], reasons[i] = w.value(refs[i].segment, refs[i].category) })
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

// bringsIn is what a buyer of a cell would bring: one order, and as many more as are expected of those who bought in the window in sibling categories, at what
// these spend. The segment's own are drawn to those of all. Orders are as many more as these customers try more often here than there, and prices those
// of what is missing.
func (w *worth) bringsIn(s int, k uint32, d *decision) (b brings, ok bool) {
	peers := w.peers(k)
	all := w.sumOf(peers, nil)
	if all.n < leastPeersOfValue {
		return b, false
	}
	orders, spend, variance := all.orders/all.n, all.spend(), all.relativeVariance()
	if s > 0 {
		usual := &w.levels[w.g.depth[k]].usual[s]
		orders, spend = orders*usual.orders, spend*usual.spend
		own := w.sumOf(peers, w.g.segments[s].now)
		const weight = 20 // buyers that what is usual of the segment counts as
		if share := own.n / (own.n + weight); own.n > 1 {
			orders, spend = share*own.orders/own.n+(1-share)*orders, share*own.spend()+(1-share)*spend
			variance = share*share*own.relativeVariance() + (1-share)*(1-share)*variance
		}
	}
	b.orders = 1 + orders*w.wantedMore(s, k, peers, d)
	b.spend = spend * w.priceOf(k, peers, d)
	b.log = math.Log(b.orders * b.spend)
	b.variance = variance + w.levels[w.g.depth[k]].between
	return b, b.log > math.Inf(-1) && !math.IsNaN(b.log)
}

// leastPeersOfValue is how many buyers in sibling categories a value is told from.
const leastPeersOfValue = 20

// peers are the sibling categories of one, and itself, where they serve as they should, else all of the level.
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

// sumOfWorth sums up what buyers bring: their number, the further orders expected of them, and what they spend.
type sumOfWorth struct{ n, orders, spent, squares float64 }

func (s *sumOfWorth) add(o *sumOfWorth, scale float64) {
	s.n += o.n
	s.orders += o.orders
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

// sumIn sums up one category, without the one who is expected to order most: one who comes every day says nothing of others.
func (w *worth) sumIn(k uint32, of Set) (s sumOfWorth) {
	most := -1
	for i := range w.pairs[k] {
		p := &w.pairs[k][i]
		if !p.inWindow || p.spend <= 0 || of != nil && !of.has(p.customer) {
			continue
		}
		s.n++
		s.orders += p.expected
		s.spent += p.spend
		s.squares += p.spend * p.spend
		if most < 0 || p.expected > w.pairs[k][most].expected {
			most = i
		}
	}
	if s.n > 1 {
		p := &w.pairs[k][most]
		s = sumOfWorth{s.n - 1, s.orders - p.expected, s.spent - p.spend, s.squares - p.spend*p.spend}
	}
	return s
}

// wantedMore is how many times as often as in the peers the customers of a cell want it: the ratio of the means of Poisson distributions, by which share of those who
// came at all came on another day, too. One who comes every day does not move it.
func (w *worth) wantedMore(s int, k uint32, peers []uint32, d *decision) float64 {
	again, customers := 0., 0.
	for _, other := range peers {
		c := &w.g.cells[s][other]
		again, customers = again+float64(c.again), customers+float64(c.customers)
	}
	if customers == 0 || d.customers == 0 {
		return 1
	}
	usual := again / customers
	const weight = 20 // customers that the peers count as
	here := (float64(d.again) + weight*usual) / (float64(d.customers) + weight)
	return meanOfReturning(here) / meanOfReturning(usual)
}

// meanOfReturning is the mean of a Poisson distribution in which a share of the values above 0 are above 1.
func meanOfReturning(share float64) float64 {
	share = min(max(share, .005), .99)
	low, high := 0., 20.
	for range 50 {
		m := (low + high) / 2
		if 1-m*math.Exp(-m)/-math.Expm1(-m) < share {
			low = m
		} else {
			high = m
		}
	}
	return high
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
		if price, n := mean(peers, func(product uint32) bool { return slices.Contains(supply.of[product], d.hole.feature) }); n >= least {
			return price / usual
		}
		return 1
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

// spread is by how much what a buyer brings differs between categories from what their siblings tell of it, beyond sampling, as the variance of its log.
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
		d := &w.g.decisions[0][k]
		told := math.Log(all.spend() * w.priceOf(k, peers, &decision{counts: d.counts}) * (1 + all.orders/all.n*w.wantedMore(0, k, peers, d)))
		x, v = append(x, math.Log(own.spend()*(1+own.orders/own.n))-told), append(v, own.relativeVariance()+all.relativeVariance())
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
