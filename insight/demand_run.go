package insight

import (
	"context"
	"slices"
	"sync"

	"lacuna/graph"
)

// cells are the counts of a table under way, by cell. What no measure needs is nil.
type cells struct {
	basic   []basic
	buyers  []uint32
	bought  []uint32 // customer + 1 who bought last
	kinds   [16][]uint32
	zero    []uint32
	revenue []graph.Decimal
}

// basic is what is counted in every table, side by side, since all of it is touched for each interaction.
type basic struct {
	interactions uint32
	customers    uint32
	seen         uint32 // customer + 1 who counted last
}

// newCells makes room for the measures asked for.
func (d *demand) newCells() *cells {
	c := &cells{basic: make([]basic, d.cells)}
	column := func(list *[]uint32) {
		if *list == nil {
			*list = make([]uint32, d.cells)
		}
	}
	for _, m := range d.query.Measures {
		switch m {
		case Buyers, ServedRate:
			column(&c.buyers)
			column(&c.bought)
		case Searches, Views, Wishlists, Carts, Purchases:
			column(&c.kinds[measured[m]])
		case ZeroResultSearches:
			column(&c.zero)
		case Revenue:
			c.revenue = make([]graph.Decimal, d.cells)
		case Customers, Interactions:
		}
	}
	return c
}

// measured are the types that measures count.
var measured = map[Measure]graph.InteractionType{Searches: graph.Search, Views: graph.View, Wishlists: graph.Wishlist, Carts: graph.AddToCart, Purchases: graph.Purchase}

// simple tells whether nothing but interactions and customers is counted.
func (c *cells) simple() bool {
	for _, k := range c.kinds {
		if k != nil {
			return false
		}
	}
	return c.buyers == nil && c.zero == nil && c.revenue == nil
}

// run counts customer by customer.
func (d *demand) run(ctx context.Context) error {
	var mu sync.Mutex
	var free []*cells
	err := inParallel(ctx, len(d.view.pages), func(n int) {
		mu.Lock()
		var c *cells
		if len(free) > 0 {
			c, free = free[len(free)-1], free[:len(free)-1]
		}
		mu.Unlock()
		if c == nil {
			c = d.newCells()
		}
		d.page(c, n)
		mu.Lock()
		free = append(free, c)
		mu.Unlock()
	})
	if err != nil {
		return err
	}
	d.result = d.newCells()
	for _, c := range free {
		d.result.add(c)
	}
	return nil
}

// add adds the counts of other customers.
func (c *cells) add(o *cells) {
	for i := range o.basic {
		c.basic[i].interactions += o.basic[i].interactions
		c.basic[i].customers += o.basic[i].customers
	}
	sum(c.buyers, o.buyers)
	sum(c.zero, o.zero)
	sum(c.revenue, o.revenue)
	for i := range c.kinds {
		sum(c.kinds[i], o.kinds[i])
	}
}

func sum[T uint32 | graph.Decimal](to, from []T) {
	for i, n := range from {
		to[i] += n
	}
}

// page counts the customers of one page.
func (d *demand) page(c *cells, n int) {
	p := d.view.pages[n]
	simple := c.simple()
	at := make([]uint32, 0, 16)
	for slot, r := range p.rows {
		if d.among != nil && !d.among[n].has(slot) {
			continue
		}
		if r = r.within(d.from, d.to); r.len() == 0 {
			continue
		}
		at = d.customerOffsets(at[:0], p, n, slot)
		customer := uint32(n)<<pageBits | uint32(slot)
		if simple && len(at) == 1 {
			d.countSimply(c, r, customer, at[0])
			continue
		}
		d.count(c, r, customer, at)
	}
}

// customerOffsets gives where a customer counts: in each of their segments, and by the value of the attribute.
func (d *demand) customerOffsets(at []uint32, p page, n, slot int) []uint32 {
	base := uint32(0)
	if d.attribute >= 0 {
		base = d.codes[p.attribute(d.attribute, slot)]
	}
	if d.sets == nil && !slices.Contains(d.query.By, BySegment) {
		return append(at, base)
	}
	for i, s := range d.sets {
		if s[n].has(slot) {
			at = append(at, base+uint32(i*d.sliceAt))
		}
	}
	return at
}

// countSimply counts interactions and customers of a customer who counts in one place. It is what most of the time goes into.
func (d *demand) countSimply(c *cells, r rows, customer, at uint32) {
	stamp, begins, periodAt, single := customer+1, d.seconds, d.periodAt, d.single
	counts := c.basic
	second, thing, kind := r.block.second[r.lo:r.hi], r.block.thing[r.lo:r.hi], r.block.kind[r.lo:r.hi]
	period, end := 0, begins[1]
	for i, s := range second {
		for int64(s) >= end {
			period++
			end = begins[period+1]
			at += periodAt
		}
		if !d.all && !d.wanted[kind[i]] {
			continue
		}
		base := at + d.channels[kind[i]>>4]
		o := single[thing[i]]
		if o < 0 {
			if o == several {
				for _, offset := range d.offsets[thing[i]] {
					c.note(base+offset, stamp, 0, 0, false)
				}
			}
			continue
		}
		cell := &counts[base+uint32(o)]
		cell.interactions++
		if cell.seen != stamp {
			cell.seen = stamp
			cell.customers++
		}
	}
}

// count counts all measures of a customer who counts in any number of places.
func (d *demand) count(c *cells, r rows, customer uint32, at []uint32) {
	period := 0
	for row := r.lo; row < r.hi; row++ {
		kind := r.block.kind[row]
		if !d.wanted[kind] {
			continue
		}
		for int64(r.block.second[row]) >= d.seconds[period+1] {
			period++
		}
		amount, isZero := graph.Decimal(0), false
		if typeOf(kind) == graph.Purchase && c.revenue != nil {
			m, _ := r.block.amount.of(row)
			amount = m.amount
		}
		if typeOf(kind) == graph.Search && c.zero != nil {
			n, known := r.block.results.of(row)
			isZero = known && n == 0
		}
		for _, offset := range d.offsets[r.block.thing[row]] {
			for _, base := range at {
				c.note(base+offset+uint32(period)*d.periodAt+d.channels[kind>>4], customer+1, typeOf(kind), amount, isZero)
			}
		}
	}
}

// note counts one interaction in one cell.
func (c *cells) note(cell, stamp uint32, kind graph.InteractionType, amount graph.Decimal, zero bool) {
	b := &c.basic[cell]
	b.interactions++
	if b.seen != stamp {
		b.seen = stamp
		b.customers++
	}
	if c.kinds[kind] != nil {
		c.kinds[kind][cell]++
	}
	if zero {
		c.zero[cell]++
	}
	if kind != graph.Purchase {
		return
	}
	if c.bought != nil && c.bought[cell] != stamp {
		c.bought[cell] = stamp
		c.buyers[cell]++
	}
	if c.revenue != nil {
		c.revenue[cell] += amount
	}
}

// table writes the cells in which there was an interaction.
func (d *demand) table() *Table {
	t := &Table{AsOf: d.view.AsOf(d.query.AsOf), Version: d.view.version, Labels: make([]Labels, len(d.axes)), Numbers: make([]Numbers, len(d.query.Measures))}
	n := 0
	for i := range d.result.basic {
		if d.result.basic[i].interactions > 0 || len(d.axes) == 0 {
			n++
		}
	}
	t.Rows = n
	for i, a := range d.axes {
		t.Labels[i] = Labels{a.labels, make([]uint32, 0, n)}
	}
	list, places := make([]uint32, 0, n), make([]uint32, len(d.axes)) // in order, as the places of the axes are
	for cell := range d.result.basic {
		if d.result.basic[cell].interactions > 0 || len(d.axes) == 0 {
			list = append(list, uint32(cell))
			for i, place := range places {
				t.Labels[i].Codes = append(t.Labels[i].Codes, place)
			}
		}
		for i := len(places) - 1; i >= 0; i-- { // the next cell's places
			if places[i]++; int(places[i]) < len(d.axes[i].labels) {
				break
			}
			places[i] = 0
		}
	}
	for i, m := range d.query.Measures {
		t.Numbers[i] = d.numbers(m, list)
	}
	if len(d.view.currencies) == 2 {
		t.Currency = d.view.currencies[1]
	}
	if d.view.mixedCurrencies() {
		t.Reason = reasonMixed
	}
	return t
}

// numbers gives a measure in some cells.
func (d *demand) numbers(m Measure, list []uint32) Numbers {
	n := Numbers{Values: make([]float64, len(list))}
	missing := func(i int) {
		if n.Missing == nil {
			n.Missing = make([]bool, len(list))
		}
		n.Missing[i] = true
	}
	r := d.result
	counts := map[Measure][]uint32{ZeroResultSearches: r.zero, Buyers: r.buyers}[m]
	if of, ok := measured[m]; ok {
		counts = r.kinds[of]
	}
	for i, cell := range list {
		switch {
		case counts != nil:
			n.Values[i] = float64(counts[cell])
		case m == Interactions:
			n.Values[i] = float64(r.basic[cell].interactions)
		case m == Customers:
			n.Values[i] = float64(r.basic[cell].customers)
		case m == Revenue && d.view.mixedCurrencies(), m == ServedRate && r.basic[cell].customers == 0:
			missing(i)
		case m == Revenue:
			n.Values[i] = float64(r.revenue[cell]) / graph.DecimalScale
		default:
			n.Values[i] = float64(r.buyers[cell]) / float64(r.basic[cell].customers)
		}
	}
	return n
}
