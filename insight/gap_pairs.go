package insight

import (
	"context"

	"lacuna/graph"
	"lacuna/insight/stat"
)

// pair is what one customer bought in one category, and what is below it, until the moment. All purchases of a day are one order.
type pair struct {
	customer      uint32
	orders        uint32
	first, last   uint32  // day of the first and the last order, since 1970
	earlier       uint32  // orders until a year before the moment
	lastEarlier   uint32  // day of the last of these
	amount        float64 // sum of what was paid
	paid          uint32  // orders with an amount
	amountOfYear  float64 // of the last 364 days
	inWindow      bool    // there is an order in the last window
	expected      float64 // further orders in the horizon, as far as the model tells
	spend         float64 // mean of its orders, what is usual where nothing was told
	lastPaidOrder uint32  // day of the last order with an amount
}

// order takes in a purchase of a day, in order of time; it is true for the first one of the day.
func (x *pair) order(day uint32) bool {
	if x.orders > 0 && x.last == day {
		return false
	}
	if x.orders == 0 {
		x.first = day
	}
	x.orders, x.last = x.orders+1, day
	return true
}

// pay takes in what was paid for a purchase.
func (x *pair) pay(day uint32, amount float64) {
	if x.paid == 0 || x.lastPaidOrder != day {
		x.paid, x.lastPaidOrder = x.paid+1, day
	}
	x.amount += amount
}

// buyer is the history as the model of orders has it, in weeks, as of the end of a day.
func (x *pair) buyer(now float64) stat.Buyer {
	return stat.Buyer{Repeat: float64(x.orders) - 1, Recency: float64(x.last-x.first) / daysOfWeek, Age: (now - float64(x.first)) / daysOfWeek, Weight: 1}
}

// pairsOf gathers pairs by the category's handle, in order of customer. Bots are left out.
func (g *gapWork) pairsOf(ctx context.Context) ([][]pair, error) {
	v := g.view
	tasks := (len(v.pages) + pagesOfTask - 1) / pagesOfTask
	parts := make([][][]pair, tasks)
	err := inParallel(ctx, tasks, func(task int) {
		p := &pairing{g: g, pairs: make([][]pair, len(v.catalog.categories)), window: dayOf(g.now[0]), year: dayOf(g.now[1] - 364*microsPerDay)}
		for n := task * pagesOfTask; n < min(len(v.pages), (task+1)*pagesOfTask); n++ {
			for slot := range v.pages[n].known.each() {
				if !g.bots[n].has(slot) {
					p.customer(uint32(n)<<pageBits|uint32(slot), v.pages[n].rows[slot].until(g.at))
				}
			}
		}
		parts[task] = p.pairs
	})
	if err != nil {
		return nil, err
	}
	out := make([][]pair, len(v.catalog.categories))
	return out, inParallel(ctx, len(out), func(k int) {
		for _, part := range parts {
			out[k] = append(out[k], part[k]...)
		}
	})
}

func dayOf(m moment) uint32 {
	second, _ := m.split()
	return uint32(max(0, second) / 86_400)
}

// pairing gathers the pairs of some customers.
type pairing struct {
	g            *gapWork
	pairs        [][]pair
	window, year uint32 // first days
}

func (p *pairing) customer(customer uint32, r rows) {
	if r.len() == 0 {
		return
	}
	b := r.block
	paid, amounts := b.amount.between(r.lo, r.hi)
	for row := r.lo; row < r.hi; row++ {
		for len(paid) > 0 && paid[0] < row {
			paid, amounts = paid[1:], amounts[1:]
		}
		if typeOf(b.kind[row]) != graph.Purchase {
			continue
		}
		amount, known := 0., len(paid) > 0 && paid[0] == row
		if known {
			amount = amounts[0].amount.Float()
		}
		day := b.second[row] / 86_400
		for _, k := range p.g.way.of(b, row) {
			p.note(k, customer, day, amount, known)
		}
	}
}

func (p *pairing) note(k, customer, day uint32, amount float64, known bool) {
	list := p.pairs[k]
	if len(list) == 0 || list[len(list)-1].customer != customer {
		list = append(list, pair{customer: customer})
		p.pairs[k] = list
	}
	x := &list[len(list)-1]
	if x.order(day) && day < p.year {
		x.earlier, x.lastEarlier = x.earlier+1, day
	}
	x.inWindow = x.inWindow || day >= p.window
	if !known {
		return
	}
	if x.pay(day, amount); day >= p.year {
		x.amountOfYear += amount
	}
}
