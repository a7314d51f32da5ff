package insight

import (
	"iter"
	"slices"
	"strings"

	"lacuna/graph"
)

// filter tells which interactions match the fields of an event rule, time apart.
type filter struct {
	kinds     [256]bool
	allKinds  bool
	things    []bool // by number; nil for any
	queries   []bool // by code; nil for any
	attribute int    // number; -1 for any
	values    []bool // of the attribute, by code
}

// matches tells whether a row does.
func (f *filter) matches(b *block, row uint32) bool {
	if !f.allKinds && !f.kinds[b.kind[row]] {
		return false
	}
	if f.things != nil && !f.things[b.thing[row]] {
		return false
	}
	if f.queries != nil {
		if code, ok := b.query.of(row); !ok || !f.queries[code] {
			return false
		}
	}
	if f.values == nil {
		return true
	}
	code := uint32(0)
	if f.attribute >= 0 {
		column := b.values[f.attribute]
		code, _ = column.of(row)
	}
	return f.values[code]
}

// newFilter compiles the fields of an event rule.
func (c *compiler) newFilter(r *graph.EventRule, path string) (*filter, error) {
	f := &filter{attribute: -1}
	for kind := range f.kinds {
		f.kinds[kind] = (len(r.Types) == 0 || slices.Contains(r.Types, typeOf(uint8(kind)))) && (r.Channel == 0 || channelOf(uint8(kind)) == r.Channel)
	}
	f.allKinds = len(r.Types) == 0 && r.Channel == 0
	if r.Category != "" || r.Product != "" || r.Tag != "" || r.Price != nil {
		f.things = c.matchingThings(r)
	}
	if r.Query != "" {
		part := graph.Fold(r.Query)
		f.queries = make([]bool, len(c.view.queries))
		for code, text := range c.view.queries {
			f.queries[code] = code > 0 && strings.Contains(text, part)
		}
	}
	if r.Attribute != nil {
		var err error
		if f.attribute, f.values, err = matching(c.view.eventAttributes, r.Attribute, path+".attribute"); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (c *compiler) matchingThings(r *graph.EventRule) []bool {
	catalog := c.view.catalog
	var within []bool
	if r.Category != "" {
		within = catalog.within(catalog.handle(r.Category))
	}
	things := make([]bool, len(catalog.things))
	for n := range things {
		t := &catalog.things[n]
		p := &catalog.products[t.product]
		things[n] = (within == nil || slices.ContainsFunc(t.categories, func(k uint32) bool { return within[k] })) &&
			(r.Product == "" || t.product != 0 && p.ID == r.Product) &&
			(r.Tag == "" || slices.Contains(p.Tags, r.Tag)) &&
			(r.Price == nil || p.Price.Known && r.Price.Contains(p.Price.Value))
	}
	return things
}

// span is the time that an event rule looks at, as of a moment.
type span struct {
	within  *graph.Duration
	between *graph.TimeRange
}

// of gives the span's ends, from ≤ at < to, as of a moment.
func (s span) of(e *evaluation) (from, to moment) {
	from, to = earliest, latest
	if e.asOf != latest {
		to = e.asOf + 1
	}
	if s.within != nil && e.asOf != latest {
		from = momentOf(s.within.Before(e.asOf.time().In(e.view.options.Zone))) + 1
	}
	if s.between != nil {
		if !s.between.From.IsZero() {
			from = momentOf(s.between.From)
		}
		if !s.between.To.IsZero() {
			to = min(to, momentOf(s.between.To))
		}
	}
	return from, max(from, to)
}

// eventNode counts or adds up interactions.
type eventNode struct {
	filter *filter
	span   span
	count  *graph.CountRange
	sum    *graph.SumRange
}

func (c *compiler) event(r *graph.EventRule, path string) (node, error) {
	f, err := c.newFilter(r, path)
	if err != nil {
		return nil, err
	}
	if r.Sum != nil && r.Sum.Of == graph.SumAmount {
		if err := c.needMoney(path + ".sum"); err != nil {
			return nil, err
		}
	}
	return eventNode{f, span{r.Within, r.Between}, r.Count, r.Sum}, nil
}

// mixedCurrencies tells whether amounts of the view cannot be added up.
func (v *View) mixedCurrencies() bool { return len(v.currencies) > 2 }

func (n eventNode) narrow(es []evaluation, _ int, p page, sets []pageSet) {
	if len(es) > 1 {
		n.narrowAll(es, p, sets)
		return
	}
	from, to := n.span.of(&es[0])
	sets[0].keep(func(slot int) bool { return n.holdsIn(p.rows[slot].within(from, to)) })
}

// narrowAll looks at each interaction once, however many moments there are.
func (n eventNode) narrowAll(es []evaluation, p page, sets []pageSet) {
	froms, tos := make([]moment, len(es)), make([]moment, len(es))
	var wanted pageSet
	for i := range es {
		froms[i], tos[i] = n.span.of(&es[i])
		wanted.unite(&sets[i])
	}
	from, to := slices.Min(froms), slices.Max(tos)
	var seen matched
	for slot := range wanted.each() {
		n.match(p.rows[slot].within(from, to), &seen)
		lo, hi := 0, 0
		for i := range es {
			lo, hi = seen.first(froms[i], lo), seen.first(tos[i], hi)
			if !n.holdsBetween(&seen, lo, hi) {
				sets[i].unset(slot)
			}
		}
	}
}

// matched is one customer's interactions that match, in order of time.
type matched struct {
	at   []moment
	sums []graph.Decimal // of what is added up, before each of them and after the last; empty where they are counted
}

// match notes what matches among the interactions of a customer.
func (n eventNode) match(r rows, m *matched) {
	m.at, m.sums = m.at[:0], m.sums[:0]
	if n.sum == nil {
		for row := r.lo; row < r.hi; row++ {
			if n.filter.matches(r.block, row) {
				m.at = append(m.at, r.block.at(row))
			}
		}
		return
	}
	sum := graph.Decimal(0)
	m.sums = append(m.sums, sum)
	for row, value := range n.summands(r) {
		sum += value
		m.at, m.sums = append(m.at, r.block.at(row)), append(m.sums, sum)
	}
}

// first gives the place of the first one at or after a moment, looking from a place on, which is near it.
func (m *matched) first(from moment, near int) int {
	for near > 0 && m.at[near-1] >= from {
		near--
	}
	for near < len(m.at) && m.at[near] < from {
		near++
	}
	return near
}

// holdsBetween tells whether it holds of what matched from place lo to before hi.
func (n eventNode) holdsBetween(m *matched, lo, hi int) bool {
	if n.sum != nil {
		return n.sum.Contains(m.sums[hi] - m.sums[lo])
	}
	return n.count.Contains(int64(hi - lo))
}

// holdsIn tells whether it holds of a customer who has these interactions in the span.
func (n eventNode) holdsIn(r rows) bool {
	if n.sum != nil {
		sum, _ := n.add(r)
		return n.sum.Contains(sum)
	}
	return n.count.Contains(n.number(r))
}

// number counts the interactions that match.
func (n eventNode) number(r rows) (count int64) {
	if n.filter.allKinds && n.filter.things == nil && n.filter.queries == nil && n.filter.values == nil {
		return int64(r.len())
	}
	// Where one is enough no more are looked for.
	enough := n.count == nil || n.count.Gte.Known && n.count.Gte.Value == 1 && !n.count.Lte.Known
	for row := r.lo; row < r.hi; row++ {
		if n.filter.matches(r.block, row) {
			if count++; enough {
				return count
			}
		}
	}
	return count
}

// add adds up amounts or quantities of the interactions that match and have one; seen is how many.
func (n eventNode) add(r rows) (sum graph.Decimal, seen int64) {
	for _, value := range n.summands(r) {
		sum, seen = sum+value, seen+1
	}
	return sum, seen
}

// summands gives the rows that match and have what is added up, in order.
func (n eventNode) summands(r rows) iter.Seq2[uint32, graph.Decimal] {
	return func(yield func(uint32, graph.Decimal) bool) {
		if r.block == nil {
			return
		}
		if n.sum.Of == graph.SumQuantity {
			found, quantities := r.block.quantity.between(r.lo, r.hi)
			for i, row := range found {
				if n.filter.matches(r.block, row) && !yield(row, quantities[i]) {
					return
				}
			}
			return
		}
		found, amounts := r.block.amount.between(r.lo, r.hi)
		for i, row := range found {
			if n.filter.matches(r.block, row) && !yield(row, amounts[i].amount) {
				return
			}
		}
	}
}

// constant is an event rule only of a time that is over, and that is not known beforehand.
func (eventNode) constant() bool { return false }
