package insight

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"lacuna/graph"
)

// Dimension is what a table of demand is broken down by.
type Dimension uint8

// The dimensions.
const (
	BySegment   Dimension = iota + 1 // a customer counts in each of their segments
	ByCategory                       // where it is filed directly, or each category asked for with its descendants
	ByProduct                        //
	ByChannel                        //
	ByPeriod                         // first day, 2006-01-02
	ByAttribute                      // the winning value of an attribute of the customer
)

// Measure is a figure of a table of demand.
type Measure uint8

// The measures. All count the selected interactions alone.
const (
	Customers          Measure = iota + 1 // distinct customers
	Interactions                          //
	Searches                              //
	ZeroResultSearches                    // that said they found nothing
	Views                                 //
	Wishlists                             //
	Carts                                 // ADD_TO_CART
	Purchases                             //
	Buyers                                // distinct customers with a purchase
	Revenue                               // sum of the amounts of purchases
	ServedRate                            // buyers / customers
)

// DemandQuery asks for a table of demand.
type DemandQuery struct {
	By         []Dimension
	Attribute  string // of ByAttribute
	Measures   []Measure
	Between    graph.TimeRange
	Grain      Grain
	Rule       *Rule    // of the customers that count; nil for all
	Segments   []string // customers in any of them; all when empty
	Categories []string // each with its descendants; all when empty
	Types      []graph.InteractionType
	Channels   []graph.Channel
	AsOf       time.Time
}

// Table is columns of equal length: the dimensions as asked for, then the measures. It has a row for each combination in which there was
// an interaction, in order of the dimensions; without dimensions it has one row.
type Table struct {
	Rows    int
	Labels  []Labels  // of each dimension
	Numbers []Numbers // of each measure
	AsOf    time.Time
	Version graph.Cursor
	// Currency is that of Revenue; "" where there are no amounts, or several currencies, when Reason says so.
	Currency string
	Reason   string
}

// Labels is a column of names.
type Labels struct {
	Names []*string // each once; nil for what is not known
	Codes []uint32  // of each row: which of the names
}

// Numbers is a column of figures.
type Numbers struct {
	Values  []float64
	Missing []bool // of each row: the figure cannot be computed; nil where all can
}

// mostCells bounds what one question may take in memory.
const mostCells = 10_000_000

// What stands in place of a thing's only offset.
const (
	nowhere = -1
	several = -2
)

// axis is one dimension: how many places it has and what they are called, in order of their names, those without one last.
type axis struct {
	labels []*string
	place  []uint32 // of each code
	stride int
}

// newAxis makes the axis of codes with these names.
func newAxis(names []*string) axis {
	order := make([]uint32, len(names))
	for code := range order {
		order[code] = uint32(code)
	}
	slices.SortStableFunc(order, func(x, y uint32) int {
		switch p, q := names[x], names[y]; {
		case p == nil && q == nil:
			return 0
		case p == nil:
			return 1
		case q == nil:
			return -1
		default:
			return strings.Compare(*p, *q)
		}
	})
	a := axis{labels: make([]*string, len(names)), place: make([]uint32, len(names))}
	for place, code := range order {
		a.labels[place], a.place[code] = names[code], uint32(place)
	}
	return a
}

// Demand computes a table. A segment, category or attribute that does not exist is [graph.ErrInvalid], so is a table too large.
func (v *View) Demand(ctx context.Context, q DemandQuery) (*Table, error) {
	d, err := v.newDemand(ctx, &q)
	if err != nil {
		return nil, err
	}
	if d.byBuckets() {
		if err := d.runBuckets(ctx); err != nil {
			return nil, err
		}
	} else if err := d.run(ctx); err != nil {
		return nil, err
	}
	return d.table(), nil
}

// demand is a table under way.
type demand struct {
	view     *View
	query    *DemandQuery
	axes     []axis
	cells    int
	among    Set // nil for everybody, what is kept of erased customers included
	from, to moment

	sets       []Set       // of the segment axis
	sliceAt    int         // stride of segments
	attribute  int         // number of the attribute axis; -1 for none
	codes      []uint32    // offset of each of its values' codes
	offsets    [][]uint32  // of each thing: where its interactions count; empty for nowhere
	single     []int32     // of each thing: its only offset, or nowhere, or several
	channels   [16]uint32  // offset of each channel
	periods    []time.Time // first moments; the last entry is where the last one ends
	begins     []moment
	seconds    []int64 // the same in seconds since 1970
	periodAt   uint32  // stride
	wanted     [256]bool
	all        bool // types and channels
	categories [][]bool

	result *cells
}

func (v *View) newDemand(ctx context.Context, q *DemandQuery) (*demand, error) {
	d := &demand{view: v, query: q, attribute: -1, from: earliest, to: latest, seconds: []int64{0, math.MaxInt64}}
	if len(q.Measures) == 0 {
		return nil, fmt.Errorf("measures: ask for at least one: %w", graph.ErrInvalid)
	}
	if asOf := v.moment(q.AsOf); asOf != latest {
		d.to = asOf + 1
	}
	if !q.Between.From.IsZero() {
		d.from = momentOf(q.Between.From)
	}
	if !q.Between.To.IsZero() {
		d.to = min(d.to, momentOf(q.Between.To))
	}
	for kind := range d.wanted {
		d.wanted[kind] = (len(q.Types) == 0 || slices.Contains(q.Types, typeOf(uint8(kind)))) && (len(q.Channels) == 0 || slices.Contains(q.Channels, channelOf(uint8(kind))))
	}
	d.all = len(q.Types) == 0 && len(q.Channels) == 0
	if err := d.choose(ctx); err != nil {
		return nil, err
	}
	return d, d.lay(ctx)
}

// choose settles which customers count.
func (d *demand) choose(ctx context.Context) (err error) {
	v, q := d.view, d.query
	asOf := v.moment(q.AsOf)
	if q.Rule != nil {
		if d.among, err = q.Rule.members(ctx, asOf); err != nil {
			return err
		}
	}
	if len(q.Segments) == 0 {
		return nil
	}
	sets, err := v.segmentSets(ctx, q.Segments, asOf)
	if err != nil {
		return err
	}
	united := make(Set, len(v.pages))
	for n := range united {
		for _, s := range sets {
			for i := range s[n] {
				united[n][i] |= s[n][i]
			}
		}
		if d.among != nil {
			for i := range united[n] {
				united[n][i] &= d.among[n][i]
			}
		}
	}
	d.among = united
	return nil
}

// segmentSets gives the members of segments as of a moment.
func (v *View) segmentSets(ctx context.Context, ids []string, asOf moment) (sets []Set, err error) {
	sets = make([]Set, len(ids))
	for i, id := range ids {
		if sets[i], err = v.segmentSet(ctx, id, asOf); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

// segmentSet gives the members of a segment as of a moment. It is kept with the view.
func (v *View) segmentSet(ctx context.Context, id string, asOf moment) (Set, error) {
	key := setKey{id, asOf}
	v.cache.mu.Lock()
	set := v.cache.sets[key]
	v.cache.mu.Unlock()
	if set != nil {
		return set, nil
	}
	rule, err := v.segmentRule(id)
	if err != nil {
		return nil, err
	}
	if set, err = rule.members(ctx, asOf); err != nil {
		return nil, err
	}
	v.cache.mu.Lock()
	defer v.cache.mu.Unlock()
	if len(v.cache.sets) >= keptSets {
		clear(v.cache.sets)
	}
	v.cache.sets[key] = set
	return set, nil
}

// RuleOf gives the rule of a segment. What is computed of one of the view's own is kept with the view.
func (v *View) RuleOf(s *graph.Segment) (*Rule, error) {
	if v.Segment(s.ID) == s {
		return v.segmentRule(s.ID)
	}
	return v.Compile(s.Rule, "rule")
}

// segmentRule compiles a segment's rule, once a view.
func (v *View) segmentRule(id string) (*Rule, error) {
	i, ok := v.segment[id]
	if !ok {
		return nil, fmt.Errorf("segment %q does not exist: %w", graph.Clip(id), graph.ErrInvalid)
	}
	if kept, ok := v.cache.rules.Load(id); ok {
		return kept.(*Rule), nil
	}
	rule, err := v.Compile(v.segments[i].Rule, "segment "+graph.Clip(id)+": rule")
	if err != nil {
		return nil, err
	}
	rule.segment = id
	v.cache.rules.Store(id, rule)
	return rule, nil
}

// lay lays out the axes, the first of them slowest.
func (d *demand) lay(ctx context.Context) error {
	v, q := d.view, d.query
	d.axes = make([]axis, len(q.By))
	for i, dimension := range q.By {
		if slices.Contains(q.By[:i], dimension) {
			return fmt.Errorf("by: a dimension is named twice: %w", graph.ErrInvalid)
		}
		var names []*string
		var err error
		switch dimension {
		case BySegment:
			names, err = d.laySegments(ctx)
		case ByCategory:
			names = d.categoryLabels()
		case ByProduct:
			for p := range v.catalog.products {
				names = append(names, label(v.catalog.products[p].ID))
			}
		case ByChannel:
			for c := range graph.Channel(16) {
				names = append(names, label(c.String()))
			}
		case ByPeriod:
			names, err = d.layPeriods()
		case ByAttribute:
			names, err = d.layAttribute()
		default:
			err = fmt.Errorf("by: there is no such dimension: %w", graph.ErrInvalid)
		}
		if err != nil {
			return err
		}
		d.axes[i] = newAxis(names)
	}
	d.cells = 1
	for i := len(d.axes) - 1; i >= 0; i-- {
		d.axes[i].stride = d.cells
		if d.cells *= max(1, len(d.axes[i].labels)); d.cells > mostCells {
			return fmt.Errorf("by: the table would have more than %d cells: ask for fewer dimensions, or narrow them: %w", mostCells, graph.ErrInvalid)
		}
	}
	return d.layThings()
}

func label(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (d *demand) laySegments(ctx context.Context) (names []*string, err error) {
	ids := slices.Clone(d.query.Segments)
	if len(ids) == 0 {
		for i := range d.view.segments {
			ids = append(ids, d.view.segments[i].ID)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for _, id := range ids {
		names = append(names, label(id))
	}
	d.sets, err = d.view.segmentSets(ctx, ids, d.view.moment(d.query.AsOf))
	return names, err
}

func (d *demand) layPeriods() (names []*string, err error) {
	if d.query.Grain == 0 {
		d.query.Grain = Month
	}
	from, to := d.from, d.to
	if from == earliest || to == latest {
		first, last := d.view.spread()
		from, to = max(from, first), min(to, last+1)
	}
	if d.periods, err = d.view.periods(d.query.Grain, from, to); err != nil {
		return nil, err
	}
	d.seconds = d.seconds[:0]
	for i, begin := range d.periods {
		d.seconds = append(d.seconds, begin.Unix())
		d.begins = append(d.begins, momentOf(begin))
		if i < len(d.periods)-1 {
			day := begin.Format(time.DateOnly)
			names = append(names, &day)
		}
	}
	return names, nil
}

// spread gives the moments of the first and the last interaction.
func (v *View) spread() (first, last moment) {
	first, last = latest, earliest
	for _, p := range v.pages {
		first, last = min(first, p.first), max(last, p.last)
	}
	return first, last
}

func (d *demand) layAttribute() (names []*string, err error) {
	for number := range d.view.attributes {
		x := &d.view.attributes[number]
		if x.name != d.query.Attribute {
			continue
		}
		d.attribute = number
		names = append(names, nil)
		for _, value := range x.values[1:] {
			names = append(names, label(value.String()))
		}
		return names, nil
	}
	return nil, fmt.Errorf("attribute: nobody has an attribute %q: %w", graph.Clip(d.query.Attribute), graph.ErrInvalid)
}

// categoryLabels gives the names of the category axis.
func (d *demand) categoryLabels() (labels []*string) {
	catalog := d.view.catalog
	if len(d.query.Categories) == 0 {
		for k := range catalog.categories {
			labels = append(labels, label(catalog.categories[k].ID))
		}
		return labels
	}
	for _, id := range d.query.Categories {
		labels = append(labels, label(id))
	}
	return labels
}

// axis of a dimension, nil where it is not asked for.
func (d *demand) axis(of Dimension) *axis {
	if i := slices.Index(d.query.By, of); i >= 0 {
		return &d.axes[i]
	}
	return nil
}

// offset gives how far into the cells a code leads.
func (a *axis) offset(code int) uint32 {
	if a == nil {
		return 0
	}
	return a.place[code] * uint32(a.stride)
}

// layThings computes where the interactions about each thing count.
func (d *demand) layThings() error {
	catalog := d.view.catalog
	for _, id := range d.query.Categories {
		k := catalog.handle(id)
		if k == 0 {
			return fmt.Errorf("categories: %q does not exist: %w", graph.Clip(id), graph.ErrInvalid)
		}
		d.categories = append(d.categories, catalog.within(k))
	}
	byCategory, byProduct := d.axis(ByCategory), d.axis(ByProduct)
	offsets, at := make([]uint32, 0, 2*len(catalog.things)), make([]int, 0, 16)
	d.offsets, d.single = make([][]uint32, len(catalog.things)), make([]int32, len(catalog.things))
	for n := range catalog.things {
		t := &catalog.things[n]
		at = d.categoriesOf(t, at[:0])
		if byCategory == nil && len(at) > 0 {
			at = append(at[:0], 0)
		}
		begin := len(offsets)
		for _, k := range at {
			offsets = append(offsets, byCategory.offset(k)+byProduct.offset(int(t.product)))
		}
		d.offsets[n] = offsets[begin:len(offsets):len(offsets)]
		switch len(at) {
		case 0:
			d.single[n] = nowhere
		case 1:
			d.single[n] = int32(offsets[begin])
		default:
			d.single[n] = several
		}
	}
	for c := range d.channels {
		d.channels[c] = d.axis(ByChannel).offset(c)
	}
	if a := d.axis(ByPeriod); a != nil {
		d.periodAt = uint32(a.stride)
	}
	if a := d.axis(BySegment); a != nil {
		d.sliceAt = a.stride
	}
	if d.attribute >= 0 {
		d.codes = make([]uint32, len(d.view.attributes[d.attribute].values))
		for code := range d.codes {
			d.codes[code] = d.axis(ByAttribute).offset(code)
		}
	}
	return nil
}

// categoriesOf gives the codes of the category axis for a thing: 0 is no category where no categories are asked for.
func (d *demand) categoriesOf(t *thing, at []int) []int {
	if len(d.query.Categories) == 0 {
		if len(t.categories) == 0 {
			return append(at, 0)
		}
		for _, k := range t.categories {
			at = append(at, int(k))
		}
		return at
	}
	for i, within := range d.categories {
		if slices.ContainsFunc(t.categories, func(k uint32) bool { return within[k] }) {
			at = append(at, i)
		}
	}
	return at
}
