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
	var first, last, orders uint32
	paid, amounts := r.block.amount.between(r.lo, r.hi)
	sum, days, lastPaid := 0., 0, uint32(0)
	for row := r.lo; row < r.hi; row++ {
		for len(paid) > 0 && paid[0] < row {
			paid, amounts = paid[1:], amounts[1:]
		}
		if typeOf(r.block.kind[row]) != graph.Purchase {
			continue
		}
		day := r.block.second[row] / 86_400
		if orders == 0 {
			first = day
		}
		if orders == 0 || day != last {
			orders, last = orders+1, day
		}
		if len(paid) > 0 && paid[0] == row {
			if sum += amounts[0].amount.Float(); days == 0 || lastPaid != day {
				days, lastPaid = days+1, day
			}
		}
	}
	if orders == 0 {
		return b, s, false
	}
	b = stat.Buyer{Repeat: float64(orders) - 1, Recency: float64(last-first) / daysOfWeek, Age: float64(dayOf(asOf)+1-first) / daysOfWeek, Weight: 1}
	if days > 0 {
		s = stat.Spender{Transactions: float64(days), Mean: sum / float64(days), Weight: 1}
	}
	return b, s, true
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
	type history struct{ repeat, recency, age int }
	counts := map[history]float64{}
	var spenders []stat.Spender
	for c := range v.everyone(asOf).each() {
		b, s, ok := v.buyerOf(c, asOf)
		if !ok {
			continue
		}
		counts[history{int(b.Repeat), int(b.Recency), int(b.Age)}]++
		if s.Mean > 0 {
			spenders = append(spenders, s)
		}
	}
	buyers := buyersOf(len(counts), func(yield func(repeat, recency, age int, n float64)) {
		for h, n := range counts {
			yield(h.repeat, h.recency, h.age, n)
		}
	})
	var err error
	if l.orders, _, err = stat.FitBGNBD(buyers); err != nil {
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

// buyersOf lists counted histories in an order of their own, so that the same ones give the same fit.
func buyersOf(n int, each func(func(repeat, recency, age int, n float64))) []stat.Buyer {
	buyers := make([]stat.Buyer, 0, n)
	each(func(repeat, recency, age int, n float64) {
		buyers = append(buyers, stat.Buyer{Repeat: float64(repeat), Recency: float64(recency), Age: float64(age), Weight: n})
	})
	slices.SortFunc(buyers, func(a, b stat.Buyer) int {
		return slices.Compare([]float64{a.Repeat, a.Recency, a.Age}, []float64{b.Repeat, b.Recency, b.Age})
	})
	return buyers
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
