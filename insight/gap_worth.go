package insight

import (
	"context"
	"sync"

	"lacuna/insight/stat"
)

// worth is what buyers bring, by category: how often they come back (BG/NBD) and how much they spend (gamma-gamma), each customer and category being a pair.
type worth struct {
	g        *Gaps
	pairs    [][]pair     // by category's handle
	sums     []sumOfWorth // of everyone, by category's handle
	levels   []levelWorth
	currency string
	reason   string // why nothing can be told
}

// levelWorth is the models of the pairs of a level.
type levelWorth struct {
	reason      string
	orders      stat.BGNBD
	spend       stat.GammaGamma  // of amounts over the price scale of the category
	calibration float64          // orders of the last year over those that the model expects, of pairs that are older
	expected    float64          // further orders in the horizon of who bought in the last window, on average
	days        float64          // days on which the customers of a category came for it in the same weeks a year before, on average
	rate        float64          // share of tries that end with an order, on average
	usual       []func() float64 // by segment: how many times more than all buyers it spends, at equal price scales; computed once it is asked for
	between     float64          // variance of the log of what a buyer spends, between categories and what siblings tell of them
}

type worthEntry struct {
	mu      sync.Mutex
	worth   *worth
	values  map[cellPlace]told
	highest *float64 // the highest low end of what is listed, once it was asked for
}

// told is the value of a cell, or why there is none.
type told struct {
	value  *Value
	reason string
}

// Reasons why a value is missing.
const (
	reasonNoAmounts  = "NO_AMOUNTS"            // purchases say nothing of what was paid
	reasonFewRepeats = "TOO_FEW_REPEAT_BUYERS" // fewer than 100 customers have bought again in the same category
)

const daysOfWeek = 7

// worthOf learns once what buyers bring.
func (g *Gaps) worthOf(ctx context.Context) (*worth, error) {
	g.worths.mu.Lock()
	defer g.worths.mu.Unlock()
	if g.worths.worth == nil {
		w, err := g.newWorth(ctx)
		if err != nil {
			return nil, err
		}
		g.worths.worth = w
	}
	return g.worths.worth, nil
}

func (g *Gaps) newWorth(ctx context.Context) (*worth, error) {
	w := &worth{g: g, levels: make([]levelWorth, len(g.levels))}
	switch {
	case g.view.mixedCurrencies():
		w.reason = reasonMixed
	case g.at == latest:
		w.reason = reasonNoInteraction
	}
	if w.reason != "" {
		return w, nil
	}
	if len(g.view.currencies) == 2 {
		w.currency = g.view.currencies[1]
	}
	var err error
	if w.pairs, err = g.pairsOf(ctx); err != nil {
		return nil, err
	}
	w.sums = make([]sumOfWorth, len(w.pairs))
	for i := range g.levels {
		if w.levels[i], err = w.learn(ctx, &g.levels[i]); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// scale is the price that spending in a category is a multiple of.
func (w *worth) scale(k uint32) float64 {
	if s := w.g.supply.scale(k); s > 0 {
		return s
	}
	return 1
}

// learn fits the models of a level, and tells of each pair what is to be expected of it.
func (w *worth) learn(ctx context.Context, l *level) (m levelWorth, err error) {
	now := float64(dayOf(w.g.at)) + 1
	counts := orderCounts{}
	var spenders []stat.Spender
	for _, k := range l.categories {
		for i := range w.pairs[k] {
			p := &w.pairs[k][i]
			b := p.buyer(now)
			counts.add(&b)
			if p.paid > 0 && p.amount > 0 {
				spenders = append(spenders, stat.Spender{Transactions: float64(p.paid), Mean: p.amount / float64(p.paid) / w.scale(k), Weight: 1})
			}
		}
	}
	if len(spenders) == 0 {
		return levelWorth{reason: reasonNoAmounts}, nil
	}
	if m.orders, _, err = stat.FitBGNBD(counts.buyers()); err == nil {
		m.spend, err = stat.FitGammaGamma(fewer(spenders))
	}
	if err != nil { // there is no other reason: what is fitted is finite and in order
		return levelWorth{reason: reasonFewRepeats}, nil
	}
	err = inParallel(ctx, len(l.categories), func(i int) { w.expect(&m, l.categories[i], now) })
	m.calibration = w.calibrate(&m, l)
	w.average(&m, l)
	for s := range w.g.segments {
		m.usual = append(m.usual, sync.OnceValue(func() float64 { return w.usualOf(s, l) }))
	}
	m.between = w.spread(l)
	return m, err
}

// average tells what is usual in the level, of everyone.
func (w *worth) average(m *levelWorth, l *level) {
	expected, buyers, days, customers, orders, tries := 0., 0., 0., 0., 0., 0.
	for _, k := range l.categories {
		w.sums[k] = w.sumIn(k, nil)
		for i := range w.pairs[k] {
			if p := &w.pairs[k][i]; p.inWindow {
				// No customer counts for more than one order a week.
				expected, buyers = expected+min(p.expected, w.horizonWeeks()), buyers+1
			}
		}
		c := &w.g.cells[0][k]
		came, n := w.g.came(0, k)
		days, customers = days+came, customers+n
		if !w.g.impaired[k] && c.served() > 0 {
			orders, tries = orders+c.served()*theta(c.rate().log, 1), tries+c.served()
		}
	}
	if buyers > 0 {
		m.expected = expected / buyers * m.calibration
	}
	if customers > 0 {
		m.days = days / customers
	}
	if tries > 0 {
		m.rate = orders / tries
	}
}

// usualOf compares what a segment spends with all, over the whole level.
func (w *worth) usualOf(s int, l *level) float64 {
	var all, own sumOfWorth
	for _, k := range l.categories {
		all.add(&w.sums[k], w.scale(k))
		if s > 0 {
			sum := w.sumIn(k, w.g.segments[s].now)
			own.add(&sum, w.scale(k))
		}
	}
	const weight = 20 // buyers that all count as beside those of the segment
	if own.n == 0 || all.spent == 0 {
		return 1
	}
	share := own.n / (own.n + weight)
	return 1 - share + share*own.spend()/all.spend()
}

// mostSpenders is how many histories spending is learned from; of more, each so manieth is taken, which changes nothing that can be told.
const mostSpenders = 20_000

func fewer(list []stat.Spender) (some []stat.Spender) {
	step := (len(list) + mostSpenders - 1) / mostSpenders
	for i := 0; i < len(list); i += step {
		some = append(some, list[i])
	}
	return some
}

// horizonWeeks is how long value is told for.
func (w *worth) horizonWeeks() float64 {
	return float64(w.g.view.options.Thresholds.HorizonDays) / daysOfWeek
}

// expect tells of each pair of a category what the models expect in the horizon.
func (w *worth) expect(m *levelWorth, k uint32, now float64) {
	horizon, scale := w.horizonWeeks(), w.scale(k)
	for i := range w.pairs[k] {
		p := &w.pairs[k][i]
		if !p.inWindow {
			continue
		}
		p.expected = m.orders.ExpectedNext(p.buyer(now), horizon)
		if p.spend = m.spend.Expected(stat.Spender{}) * scale; p.paid > 0 {
			p.spend = p.amount / float64(p.paid)
		}
	}
}

// leastOlder is how many orders of older pairs a calibration is learned from.
const leastOlder = 50

// calibrate holds the model against the last year: orders of pairs that are older, over those that it expects from what was known of them then.
func (w *worth) calibrate(m *levelWorth, l *level) float64 {
	cut := float64(dayOf(w.g.now[1] - 364*microsPerDay))
	actual, expected := 0., 0.
	for _, k := range l.categories {
		for i := range w.pairs[k] {
			p := &w.pairs[k][i]
			if p.earlier == 0 {
				continue
			}
			actual += float64(p.orders - p.earlier)
			expected += m.orders.ExpectedNext(stat.Buyer{Repeat: float64(p.earlier) - 1, Recency: float64(p.lastEarlier-p.first) / daysOfWeek, Age: (cut - float64(p.first)) / daysOfWeek}, 52)
		}
	}
	if actual < leastOlder || expected == 0 {
		return 1
	}
	return actual / expected
}
