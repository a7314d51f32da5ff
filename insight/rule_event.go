package insight

import (
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

func (n eventNode) holds(e *evaluation, _ int, p page, among pageSet) (set pageSet) {
	from, to := n.span.of(e)
	for slot := range among.each() {
		if n.holdsIn(p.rows[slot].within(from, to)) {
			set.add(slot)
		}
	}
	return set
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
	if r.block == nil {
		return 0, 0
	}
	if n.sum.Of == graph.SumQuantity {
		found, quantities := r.block.quantity.between(r.lo, r.hi)
		for i, row := range found {
			if n.filter.matches(r.block, row) {
				sum, seen = sum+quantities[i], seen+1
			}
		}
		return sum, seen
	}
	found, amounts := r.block.amount.between(r.lo, r.hi)
	for i, row := range found {
		if n.filter.matches(r.block, row) {
			sum, seen = sum+amounts[i].amount, seen+1
		}
	}
	return sum, seen
}

// constant is an event rule only of a time that is over, and that is not known beforehand.
func (eventNode) constant() bool { return false }
