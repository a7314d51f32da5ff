package insight

import (
	"slices"
	"sync"
	"time"

	"lacuna/graph"
	"lacuna/insight/stat"
)

// CLV is what one customer has brought and is expected to bring. What cannot be told is nil, and Reason says why.
type CLV struct {
	Historic          *graph.Decimal // sum of purchases so far
	Currency          string
	ExpectedPurchases *float64 // orders in the horizon (BG/NBD)
	ProbabilityAlive  *float64 // of being a customer still (BG/NBD)
	ExpectedValue     *float64 // orders × spend per order (gamma-gamma) × margin, in Currency
	HorizonDays       int
	Model             string // of the expectations; "" without
	Reason            string // TOO_FEW_REPEAT_BUYERS, NO_ORDERS, NO_AMOUNTS, MIXED_CURRENCY
}

const (
	clvModel       = "BG/NBD, gamma-gamma"
	reasonNoOrders = "NO_ORDERS"
)

// lifetime is the models of all customers as of a moment.
type lifetime struct {
	once    sync.Once
	orders  stat.BGNBD
	spend   stat.GammaGamma
	reason  string // why there are no models
	noSpend string // why there is none of spending
}

// buyerOf reads the orders of a customer, all of a day being one, in weeks; not ok without any.
func (v *View) buyerOf(c uint32, asOf moment) (b stat.Buyer, s stat.Spender, ok bool) {
	p, slot := v.at(c)
	r := p.rows[slot].until(asOf)
	if r.len() == 0 {
		return b, s, false
	}
	var all pair
	paid, amounts := r.block.amount.between(r.lo, r.hi)
	for row := r.lo; row < r.hi; row++ {
		for len(paid) > 0 && paid[0] < row {
			paid, amounts = paid[1:], amounts[1:]
		}
		if typeOf(r.block.kind[row]) != graph.Purchase {
			continue
		}
		day := r.block.second[row] / 86_400
		all.order(day)
		if len(paid) > 0 && paid[0] == row {
			all.pay(day, amounts[0].amount.Float())
		}
	}
	if all.orders == 0 {
		return b, s, false
	}
	if all.paid > 0 {
		s = stat.Spender{Transactions: float64(all.paid), Mean: all.amount / float64(all.paid), Weight: 1}
	}
	return all.buyer(float64(dayOf(asOf)) + 1), s, true
}

// lifetimeOf fits the models once a view and moment.
func (v *View) lifetimeOf(asOf moment) *lifetime {
	v.cache.mu.Lock()
	l := v.cache.lifetimes[asOf]
	if l == nil {
		if len(v.cache.lifetimes) >= keptStandings {
			clear(v.cache.lifetimes)
		}
		l = &lifetime{}
		v.cache.lifetimes[asOf] = l
	}
	v.cache.mu.Unlock()
	l.once.Do(func() { l.fit(v, asOf) })
	return l
}

func (l *lifetime) fit(v *View, asOf moment) {
	counts := orderCounts{}
	var spenders []stat.Spender
	for c := range v.everyone(asOf).each() {
		b, s, ok := v.buyerOf(c, asOf)
		if !ok {
			continue
		}
		counts.add(&b)
		if s.Mean > 0 {
			spenders = append(spenders, s)
		}
	}
	var err error
	if l.orders, _, err = stat.FitBGNBD(counts.buyers()); err != nil {
		l.reason = reasonFewRepeats
		return
	}
	switch {
	case v.mixedCurrencies():
		l.noSpend = reasonMixed
	case len(spenders) == 0:
		l.noSpend = reasonNoAmounts
	default:
		if l.spend, err = stat.FitGammaGamma(fewer(spenders)); err != nil {
			l.noSpend = reasonFewRepeats
		}
	}
}

// orderCounts is how many have the same history of orders, by whole weeks.
type orderCounts map[orderHistory]float64

type orderHistory struct{ repeat, recency, age int }

func (c orderCounts) add(b *stat.Buyer) {
	c[orderHistory{int(b.Repeat), int(b.Recency), int(b.Age)}]++
}

// buyers lists them in an order of their own, so that the same ones give the same fit.
func (c orderCounts) buyers() []stat.Buyer {
	list := make([]stat.Buyer, 0, len(c))
	for h, n := range c {
		list = append(list, stat.Buyer{Repeat: float64(h.repeat), Recency: float64(h.recency), Age: float64(h.age), Weight: n})
	}
	slices.SortFunc(list, func(a, b stat.Buyer) int {
		return slices.Compare([]float64{a.Repeat, a.Recency, a.Age}, []float64{b.Repeat, b.Recency, b.Age})
	})
	return list
}

// CLV gives the value of a customer, by current id, as of a moment; not ok for who does not exist then.
func (v *View) CLV(customer string, asOf time.Time) (out CLV, ok bool) {
	c, ok := v.find(customer)
	at := v.moment(asOf)
	p, slot := v.at(c)
	if !ok || p.born[slot] > at {
		return out, false
	}
	t := &v.options.Thresholds
	out.HorizonDays = t.HorizonDays
	if f, _ := v.Figures(customer, asOf); f.Monetary != nil {
		out.Historic, out.Currency = f.Monetary, f.Currency
	}
	b, s, bought := v.buyerOf(c, at)
	if !bought {
		out.Reason = reasonNoOrders
		return out, true
	}
	l := v.lifetimeOf(at)
	if l.reason != "" {
		out.Reason = l.reason
		return out, true
	}
	orders, alive := l.orders.ExpectedNext(b, float64(t.HorizonDays)/daysOfWeek), l.orders.Alive(b)
	out.ExpectedPurchases, out.ProbabilityAlive, out.Model = &orders, &alive, clvModel
	if out.Reason = l.noSpend; out.Reason == "" {
		value := orders * l.spend.Expected(s) * t.Margin
		out.ExpectedValue = &value
	}
	return out, true
}
