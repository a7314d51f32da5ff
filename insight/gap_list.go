package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"lacuna/graph"
	"lacuna/insight/stat"
)

// GapLevel is which categories are listed.
type GapLevel uint8

// The levels.
const (
	Ranked     GapLevel = iota // flagged cells at the deepest category that carries them
	LeafLevel                  // categories without any below them
	EveryLevel                 // all
)

// GapQuery says which cells are asked for. Without Verdicts they are those that ask for something to be done.
type GapQuery struct {
	Segments     []string // ids, with Everyone; all when empty
	Categories   []string // ids; all when empty
	Verdicts     []Verdict
	Level        GapLevel
	Growing      *bool
	MinCustomers int
	Order        GapOrder
}

// GapOrder is by what gaps are put in order, the largest first; equal ones by segment and category.
type GapOrder uint8

// The orders.
const (
	ByValue     GapOrder = iota // the low end of the value; what has none after what has, by the low end of unmet customers
	ByUnmet                     // the low end of unmet customers
	ByCustomers                 // customers with intent
	ByGrowth                    // the low end of growth
	ByIndex                     // the low end of the demand index
)

// GapRef names a cell of [Gaps].
type GapRef struct {
	segment  int
	category uint32
	key      float64
}

// segmentPlaces finds segments by id, in the order asked for; all where none is named.
func (g *Gaps) segmentPlaces(ids []string) (list []int, err error) {
	if len(ids) == 0 {
		for s := range g.segments {
			list = append(list, s)
		}
		return list, nil
	}
	for i, id := range ids {
		s := slices.IndexFunc(g.segments, func(s gapSegment) bool { return s.id == id })
		if s < 0 {
			for _, skipped := range g.skipped {
				if skipped.Segment == id {
					return nil, fmt.Errorf("segments[%d]: %s: %w", i, skipped.Reason, graph.ErrInvalid)
				}
			}
			return nil, fmt.Errorf("segments[%d]: there is no segment %q: %w", i, graph.Clip(id), graph.ErrInvalid)
		}
		list = append(list, s)
	}
	return list, nil
}

// categoryPlaces finds categories by id, in the order asked for; all where none is named.
func (g *Gaps) categoryPlaces(ids []string) (list []uint32, err error) {
	if len(ids) == 0 {
		return g.view.catalog.walk, nil
	}
	for i, id := range ids {
		k := g.view.catalog.handle(id)
		if k == 0 {
			return nil, fmt.Errorf("categories[%d]: there is no category %q: %w", i, graph.Clip(id), graph.ErrInvalid)
		}
		list = append(list, k)
	}
	return list, nil
}

// List finds cells, in order. A segment or category that is not there is [graph.ErrInvalid].
func (g *Gaps) List(ctx context.Context, q GapQuery) ([]GapRef, error) {
	segments, err := g.segmentPlaces(q.Segments)
	if err != nil {
		return nil, err
	}
	categories, err := g.categoryPlaces(q.Categories)
	if err != nil {
		return nil, err
	}
	var list []GapRef
	for _, s := range segments {
		for _, k := range categories {
			if state := g.state(s, k); q.lists(&state) {
				list = append(list, GapRef{s, k, g.orderKey(s, k, q.Order)})
			}
		}
	}
	if q.Order == ByValue {
		if err := g.orderByValue(ctx, list); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list, func(a, b GapRef) int {
		return cmp.Or(cmp.Compare(b.key, a.key), cmp.Compare(b.customers(g), a.customers(g)), cmp.Compare(g.segments[a.segment].id, g.segments[b.segment].id), cmp.Compare(g.categoryID(a.category), g.categoryID(b.category)))
	})
	return list, nil
}

// orderByValue puts values in the place of unmet customers, which order what has none. Values are above 0, and what comes after them below.
func (g *Gaps) orderByValue(ctx context.Context, list []GapRef) error {
	values, _, err := g.Values(ctx, list)
	if err != nil {
		return err
	}
	for i, v := range values {
		if list[i].key = -1 / (2 + list[i].key); v != nil {
			list[i].key = v.Low
		}
	}
	return nil
}

// Names gives the ids of a cell's segment and category.
func (g *Gaps) Names(r GapRef) (segment, category string) {
	return g.segments[r.segment].id, g.categoryID(r.category)
}

func (r *GapRef) customers(g *Gaps) uint32 { return g.decisions[r.segment][r.category].customers }

func (g *Gaps) categoryID(k uint32) string { return g.view.catalog.categories[k].ID }

func (g *Gaps) growthAt(s int, k uint32) *cellGrowth { return &g.growth[g.depth[k]][s][g.place[k]] }

func (g *Gaps) growing(s int, k uint32) bool {
	x := g.growthAt(s, k)
	return x.q <= g.view.options.Thresholds.FalseDiscoveries && x.guard
}

func (g *Gaps) orderKey(s int, k uint32, order GapOrder) float64 {
	d := &g.decisions[s][k]
	switch order {
	case ByCustomers:
		return float64(d.customers)
	case ByGrowth:
		if x := g.growthAt(s, k); x.ok {
			c := &g.cells[s][k]
			test, _ := stat.GrowthTest(int64(c.before), int64(c.customers), x.base, g.view.options.Thresholds.LeastGrowth)
			return test.Low
		}
		return -1
	case ByIndex:
		if d.indexed() {
			return d.posterior.Quantile(.05)
		}
		return -1
	default:
		if !flaggedVerdict(d.verdict) {
			return -1
		}
		if e, _ := g.unmet(s, k); e != nil {
			return e.Low
		}
		return -1
	}
}

// Find names one cell, flagged or not. A segment or category that is not there is [graph.ErrInvalid].
func (g *Gaps) Find(segment, category string) (GapRef, error) {
	s, err := g.segmentPlaces([]string{segment})
	if err != nil {
		return GapRef{}, err
	}
	k, err := g.categoryPlaces([]string{category})
	if err != nil {
		return GapRef{}, err
	}
	return GapRef{segment: s[0], category: k[0]}, nil
}

// Gap gives a cell with all its figures.
func (g *Gaps) Gap(ref GapRef) Gap {
	s, k := ref.segment, ref.category
	d := &g.decisions[s][k]
	gap := Gap{
		Segment: g.segments[s].id, Category: g.categoryID(k), Level: g.depth[k], Verdict: d.verdict, Cause: d.cause, Detail: g.detail(d, k), Ranked: g.ranked[s][k],
		Demand: g.demandAt(s, k), Supply: g.supplyAt(s, k), Served: g.servedAt(s, k),
		Growth: g.tellGrowth(s, g.growthAt(s, k), int64(d.customers), int64(g.cells[s][k].before), &g.members[s], &g.members[0]),
	}
	if g.at != latest {
		gap.From, gap.To = g.now[0].time(), g.now[1].time()
	}
	gap.Unmet, gap.UnmetReason = g.unmet(s, k)
	return gap
}

// detail names what is missing.
func (g *Gaps) detail(d *decision, k uint32) (detail CauseDetail) {
	h := d.hole
	if h == nil {
		return detail
	}
	f := g.supply.features[h.feature]
	detail.Note = fmt.Sprintf("%.0f %% of the products here have it, %.0f %% of those beside; %.0f %% of what these customers buy elsewhere has it", 100*h.offered, 100*h.usual, 100*h.share)
	if f.band == 0 {
		detail.Attribute, detail.Value = f.attribute, f.value
		return detail
	}
	detail.PriceLow, detail.PriceHigh = g.supply.band(f.band, k)
	for _, n := range g.supply.shelves[k].products {
		if currency := g.view.catalog.products[n].Currency; currency != "" {
			detail.Currency = currency
			break
		}
	}
	return detail
}

func (g *Gaps) demandAt(s int, k uint32) Demand {
	d := &g.decisions[s][k]
	out := Demand{Customers: int(d.customers)}
	pairs := 0.
	for _, n := range g.levels[g.depth[k]].bySegment[s] {
		pairs += n
	}
	if pairs > 0 {
		out.Share = float64(d.customers) / pairs
	}
	switch {
	case s == 0:
		out.IndexReason = reasonEveryone
	case d.circular && d.expected == 0:
		out.IndexReason = reasonCircular
	case d.expected == 0:
		out.IndexReason = reasonNoDemand
	case !d.indexed():
		out.IndexReason = reasonTooFewPairs
	default:
		out.Index = &Estimate{100 * d.posterior.Quantile(.05), 100 * d.posterior.GeometricMean(), 100 * d.posterior.Quantile(.95)}
	}
	for _, t := range g.touches.now[k] {
		if s == 0 || g.segments[s].now.has(t.customer) {
			g.addInteractions(&out, t.customer, k)
		}
	}
	return out
}

// addInteractions counts what a customer did in a category in the window.
func (g *Gaps) addInteractions(d *Demand, customer, k uint32) {
	p, slot := g.view.at(customer)
	r := p.rows[slot].within(g.now[0], g.now[1])
	for row := r.lo; row < r.hi; row++ {
		if !slices.Contains(g.way.of(r.block, row), k) {
			continue
		}
		switch typeOf(r.block.kind[row]) {
		case graph.Search:
			d.Searches++
			if n, ok := r.block.results.of(row); ok && n == 0 {
				d.ZeroResultSearches++
			}
		case graph.View, graph.Click:
			d.Views++
		case graph.Wishlist:
			d.Wishlists++
		case graph.AddToCart:
			d.Carts++
		case graph.Purchase:
			d.Purchases++
		}
	}
}

func (g *Gaps) supplyAt(s int, k uint32) Supply {
	o := g.supply.offers(s, k)
	out := Supply{ActiveProducts: o.active, FittingProducts: o.fitting, TopFiveClickShare: g.supply.shelves[k].topFive()}
	if o.active > 0 {
		share := o.available / float64(o.active)
		out.AvailableShare = &share
	}
	if index, reason := g.supplyIndex(s, k); reason == "" {
		out.Index = &index
	} else {
		out.IndexReason = reason
	}
	return out
}

func (g *Gaps) servedAt(s int, k uint32) Service {
	d := &g.decisions[s][k]
	out := Service{Buyers: int(d.buyers), Customers: int(d.customers - d.censored)}
	if out.Customers > 0 {
		out.Raw = float64(out.Buyers) / float64(out.Customers)
	}
	switch {
	case d.customers == 0:
		out.Reason = reasonNoDemand
		return out
	case !d.reference:
		out.Reason = reasonNoReference
	}
	rate := d.theta
	out.Rate = &rate
	if d.reference {
		star, below := d.star(0), d.probability(g.view.options.Thresholds.ServedShare)
		out.Reference, out.Below = &star, &below
		out.Basis = "OTHER_CUSTOMERS"
		if d.siblings {
			out.Basis = "SIBLING_CATEGORIES"
		}
	}
	return out
}

// AsOf is the moment that the gaps are of, the zero time where nothing has happened.
func (g *Gaps) AsOf() time.Time {
	if g.at == latest {
		return time.Time{}
	}
	return g.at.time()
}
