package insight

import (
	"context"
	"slices"

	"lacuna/graph"
)

// counts are what the customers of one segment had to do with one category in the last window, each counted once.
type counts struct {
	customers    uint32 // with intent
	buyers       uint32
	censored     uint32 // met products, none of which could be had, and did not buy
	nonBuyers    uint32 // the others who did not buy, and those
	unavailable  uint32 // of the non-buyers, who met a product that could not be had
	searchers    uint32 // of the non-buyers, who searched, as far as the number of results is known
	foundNothing uint32 // of these, who had a search without results
	finders      uint32 // who found something
	tries        uint32 // days with intent, of all together
	before       uint32 // customers with intent in the same weeks a year before, by who belonged then
}

// served is whose wish could have been met: all but those whom only an empty shelf kept.
func (c *counts) served() float64 { return float64(c.customers - c.censored) }

// take adds up lists of customers, each by its facts.
func (c *counts) take(t *touch) {
	c.customers++
	c.tries += uint32(t.tries)
	if t.facts&foundSomething != 0 {
		c.finders++
	}
	if t.facts&bought != 0 {
		c.buyers++
		return
	}
	c.nonBuyers++
	if t.facts.onlyUnavailable() {
		c.censored++
	}
	if t.facts&metUnavailable != 0 {
		c.unavailable++
	}
	if t.facts&searched != 0 {
		c.searchers++
		if t.facts&foundNothing != 0 {
			c.foundNothing++
		}
	}
}

// gapSegment is a segment as gaps see it. The first is everyone.
type gapSegment struct {
	id          string
	now, before Set
	circular    []uint32 // categories that the rule itself asks intent in
	// known is by how much the share of active customers moved whose attributes, those of the rule, are known; 1 where it moved by little.
	known float64
	// behavioural tells that its rule asks what customers did: as all do more, more of them belong.
	behavioural bool
}

// level is the categories of one depth, a family of its own.
type level struct {
	categories []uint32 // handles, in order of the tree
	pairs      []float64
	// Pairs of customers and categories of the level by stratum, by segment and by category.
	bySegment  [][]float64
	byCategory map[uint32][]float64
}

// gapWork is what gaps of one moment are computed from.
type gapWork struct {
	view        *View
	at          moment
	now, before [2]moment
	yearless    bool // the window before is the one just before, as there is no year of data
	*touches
	segments []gapSegment
	levels   []level
	depth    []int      // of each category's handle
	cells    [][]counts // by segment, by category's handle
	records  [2][][]record
	skipped  []SkippedSegment
}

// gapSegments evaluates the segments at the end of both windows.
func (g *gapWork) gapSegments(ctx context.Context) error {
	v := g.view
	g.segments = []gapSegment{{id: Everyone, now: v.everyone(g.at), before: v.everyone(g.before[1] - 1), known: 1}}
	for i := range v.segments {
		s := &v.segments[i]
		now, err := v.segmentSet(ctx, s.ID, g.at)
		if err == nil {
			var before Set
			if before, err = v.segmentSet(ctx, s.ID, g.before[1]-1); err == nil {
				g.segments = append(g.segments, gapSegment{id: s.ID, now: now, before: before, circular: v.circular(s.Rule, nil), known: 1, behavioural: v.behavioural(&s.Rule, nil)})
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			g.skipped = append(g.skipped, SkippedSegment{s.ID, err.Error()})
		}
	}
	return nil
}

// circular lists the categories in which a rule asks for intent.
func (v *View) circular(r graph.Rule, open []string) (list []uint32) {
	event := func(e *graph.EventRule) {
		if len(e.Types) > 0 && !slices.ContainsFunc(e.Types, func(t graph.InteractionType) bool { return intent[t] }) {
			return
		}
		if k := v.catalog.handle(e.Category); k != 0 {
			list = append(list, k)
		}
		for n := range v.catalog.products {
			if p := &v.catalog.products[n]; e.Product != "" && p.ID == e.Product {
				list = append(list, p.categories...)
			}
		}
	}
	for _, parts := range [][]graph.Rule{r.All, r.Any} {
		for _, part := range parts {
			list = append(list, v.circular(part, open)...)
		}
	}
	switch {
	case r.Not != nil:
		list = append(list, v.circular(*r.Not, open)...)
	case r.Event != nil:
		event(r.Event)
	case r.Sequence != nil:
		for i := range r.Sequence.Steps {
			event(&r.Sequence.Steps[i])
		}
	case r.Segment != nil:
		for _, id := range r.Segments() {
			if s := v.Segment(id); s != nil && !slices.Contains(open, id) {
				list = append(list, v.circular(s.Rule, append(open, id))...)
			}
		}
	}
	return list
}

// behavioural tells whether a rule asks for what customers did, itself or by way of a segment.
func (v *View) behavioural(r *graph.Rule, open []string) bool {
	for _, parts := range [][]graph.Rule{r.All, r.Any} {
		for i := range parts {
			if v.behavioural(&parts[i], open) {
				return true
			}
		}
	}
	switch {
	case r.Not != nil:
		return v.behavioural(r.Not, open)
	case r.Segment != nil:
		return slices.ContainsFunc(r.Segments(), func(id string) bool {
			s := v.Segment(id)
			return s != nil && !slices.Contains(open, id) && v.behavioural(&s.Rule, append(open, id))
		})
	}
	return r.Event != nil || r.Sequence != nil || r.RFM != nil || r.Lifecycle != nil || r.Tier != nil
}

// circularIn tells whether a segment's rule asks for intent in a category, above or below it.
func (g *gapWork) circularIn(s int, k uint32) (root uint32, circular bool) {
	c := &g.view.catalog.categories[k]
	for _, asked := range g.segments[s].circular {
		a := &g.view.catalog.categories[asked]
		if a.from <= c.from && c.to <= a.to {
			return asked, true
		}
		if c.from <= a.from && a.to <= c.to {
			return 0, true
		}
	}
	return 0, false
}

// lay puts the categories into levels.
func (g *gapWork) layLevels() {
	catalog := g.view.catalog
	g.depth = make([]int, len(catalog.categories))
	for _, k := range catalog.walk {
		if parent := catalog.categories[k].parent; parent != 0 {
			g.depth[k] = g.depth[parent] + 1
		}
		for len(g.levels) <= g.depth[k] {
			g.levels = append(g.levels, level{byCategory: map[uint32][]float64{}})
		}
		l := &g.levels[g.depth[k]]
		l.categories = append(l.categories, k)
	}
}

// recordsOf turns sets into the segments of each customer, 256 at a time.
func (v *View) recordsOf(sets []Set) [][]record {
	var groups [][]record
	for first := 0; first < len(sets); first += recordBits {
		groups = append(groups, v.recordsIn(sets[first:min(len(sets), first+recordBits)], func(page) pageSet {
			var all pageSet
			for i := range all {
				all[i] = ^uint64(0)
			}
			return all
		}))
	}
	return groups
}

// countAll counts every segment in every category.
func (g *gapWork) countAll(ctx context.Context) error {
	sets := [2][]Set{}
	for i := range g.segments[1:] {
		sets[0], sets[1] = append(sets[0], g.segments[i+1].now), append(sets[1], g.segments[i+1].before)
	}
	g.records = [2][][]record{g.view.recordsOf(sets[0]), g.view.recordsOf(sets[1])}
	g.cells = make([][]counts, len(g.segments))
	for s := range g.cells {
		g.cells[s] = make([]counts, len(g.view.catalog.categories))
	}
	err := inParallel(ctx, len(g.touches.now), func(k int) {
		for s, c := range g.count(g.touches.now[k], g.touches.before[k]) {
			g.cells[s][k] = c
		}
	})
	if err != nil {
		return err
	}
	return inParallel(ctx, len(g.levels), func(i int) { g.countStrata(&g.levels[i]) })
}

// count counts every segment in one list of touches of the last window, and one of the window before.
func (g *gapWork) count(now, before []touch) []counts {
	out := make([]counts, len(g.segments))
	for i := range now {
		out[0].take(&now[i])
	}
	out[0].before = uint32(len(before))
	if len(g.segments) == 1 || len(now)+len(before) == 0 {
		return out
	}
	var list []uint32
	sum := make([]uint32, recordBits)
	add := func(records [][]record, to func(*counts) *uint32) {
		if len(list) == 0 {
			return
		}
		for group, r := range records {
			n := min(recordBits, len(g.segments)-1-group*recordBits)
			var k kernel
			k.reset(len(list))
			k.add(r, list, (n+63)/64)
			k.store(sum[:n], (n+63)/64)
			for i, x := range sum[:n] {
				*to(&out[1+group*recordBits+i]) += x
			}
		}
	}
	pick := func(of func(*touch) bool, to func(*counts) *uint32) {
		list = list[:0]
		for i := range now {
			if of(&now[i]) {
				list = append(list, now[i].customer)
			}
		}
		add(g.records[0], to)
	}
	has := func(want, but facts) func(*touch) bool {
		return func(t *touch) bool { return t.facts&want == want && t.facts&but == 0 }
	}
	pick(has(0, 0), func(c *counts) *uint32 { return &c.customers })
	pick(has(bought, 0), func(c *counts) *uint32 { return &c.buyers })
	pick(has(0, bought), func(c *counts) *uint32 { return &c.nonBuyers })
	pick(has(metUnavailable, bought), func(c *counts) *uint32 { return &c.unavailable })
	pick(has(metUnavailable, bought|metAvailable), func(c *counts) *uint32 { return &c.censored })
	pick(has(searched, bought), func(c *counts) *uint32 { return &c.searchers })
	pick(has(searched|foundNothing, bought), func(c *counts) *uint32 { return &c.foundNothing })
	pick(has(foundSomething, 0), func(c *counts) *uint32 { return &c.finders })
	for tries := uint8(1); ; tries++ { // the sum of tries is that of how many have at least 1, 2 … of them
		pick(func(t *touch) bool { return t.tries >= tries }, func(c *counts) *uint32 { return &c.tries })
		if len(list) == 0 || tries == 255 {
			break
		}
	}
	list = list[:0]
	for i := range before {
		list = append(list, before[i].customer)
	}
	add(g.records[1], func(c *counts) *uint32 { return &c.before })
	return out
}

// countStrata counts the pairs of a level by stratum.
func (g *gapWork) countStrata(l *level) {
	n := strata(g.now)
	l.pairs = make([]float64, n)
	customers := make([][]uint32, n)
	for _, k := range l.categories {
		l.byCategory[k] = g.strataOf(g.touches.now[k])
		for i := range g.touches.now[k] {
			t := &g.touches.now[k][i]
			customers[t.stratum] = append(customers[t.stratum], t.customer)
		}
	}
	l.bySegment = make([][]float64, len(g.segments))
	for s := range l.bySegment {
		l.bySegment[s] = make([]float64, n)
	}
	sum := make([]uint32, recordBits)
	for stratum, list := range customers {
		l.pairs[stratum], l.bySegment[0][stratum] = float64(len(list)), float64(len(list))
		for group, r := range g.records[0] {
			segments := min(recordBits, len(g.segments)-1-group*recordBits)
			var k kernel
			k.reset(len(list))
			k.add(r, list, (segments+63)/64)
			k.store(sum[:segments], (segments+63)/64)
			for i, x := range sum[:segments] {
				l.bySegment[1+group*recordBits+i][stratum] = float64(x)
			}
		}
	}
}

// strataOf counts touches by stratum.
func (g *gapWork) strataOf(list []touch) []float64 {
	counts := make([]float64, strata(g.now))
	for i := range list {
		counts[list[i].stratum]++
	}
	return counts
}

// expected is how many customers of a segment would have intent in a category, given by its strata, if segments and categories had nothing to do with
// each other: the sum over months and channels of N_s × N_c / N.
func (l *level) expected(s int, category []float64) (e float64) {
	segment := l.bySegment[s]
	for i, n := range category {
		if n > 0 {
			e += segment[i] * n / l.pairs[i]
		}
	}
	return e
}

// attributesOf lists the attributes of customers that a rule names, also by way of segments.
func (v *View) attributesOf(r *graph.Rule, open []string) (names []string) {
	add := func(more ...string) {
		for _, name := range more {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for _, parts := range [][]graph.Rule{r.All, r.Any} {
		for i := range parts {
			add(v.attributesOf(&parts[i], open)...)
		}
	}
	switch {
	case r.Not != nil:
		add(v.attributesOf(r.Not, open)...)
	case r.Attribute != nil:
		add(r.Attribute.Name)
	case r.Segment != nil:
		for _, id := range slices.Concat(r.Segment.In, r.Segment.NotIn) {
			if s := v.Segment(id); s != nil && !slices.Contains(open, id) {
				add(v.attributesOf(&s.Rule, append(open, id))...)
			}
		}
	}
	return names
}
