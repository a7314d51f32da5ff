package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"lacuna/graph"
)

// ProductIdea is a product that is thought of.
type ProductIdea struct {
	Categories []string // ids; at least one
	Price      graph.Optional[graph.Decimal]
	Currency   string // "" is that of the catalog
	Tags       []string
	Attributes []graph.NamedValue
	Variants   int // how many such products; 1 to 100
}

// Simulation is what an idea would do to the gaps of today, and to the products of today.
type Simulation struct {
	Gaps []Closure // flagged gaps in the idea's categories and above, those that it closes most first
	// Customers are those of all gaps that it closes, each once, and Value what they would bring, as 10, 50 and 90 %. Value is nil where none can be told.
	Customers Estimate
	Value     *Estimate
	Currency  string
	// Takes are the products like it that lose customers to it, those that lose most first, and TakenValue what that costs in the horizon; nil without prices.
	Takes      []Taken
	TakenValue *float64
	Notes      []string // what of the idea has no part in it
}

// Closure is what an idea does to one gap.
type Closure struct {
	Ref       GapRef
	Closes    bool
	Why       string   // in words
	Reach     float64  // share of those who want it that so many products serve, by what the most bought ones take in the categories beside
	Customers Estimate // who would buy
	Value     *Estimate
}

// Taken is a product that loses customers.
type Taken struct {
	Product string // id
	Buyers  float64
	Of      int // buyers in the year
}

const (
	mostVariants = 100
	leastReach   = 10 // purchases in a category that a reach is told of
)

// Simulate tells which gaps an idea would close, for how many customers, worth what, and what it takes from the products that are there. An idea that names what is not there
// is [graph.ErrInvalid].
func (g *Gaps) Simulate(ctx context.Context, idea *ProductIdea) (*Simulation, error) {
	own, err := g.simulated(idea)
	if err != nil {
		return nil, err
	}
	out := &Simulation{Notes: own.notes}
	list, err := g.List(ctx, GapQuery{Order: ByValue, Level: EveryLevel})
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(r GapRef) bool { return !slices.Contains(own.way, r.category) || !g.leafOf(r, own) })
	values, _, err := g.Values(ctx, list)
	if err != nil {
		return nil, err
	}
	for i, ref := range list {
		c := g.closure(ref, own)
		if v := values[i]; v != nil && c.Closes {
			out.Currency = v.Currency
			c.Value = &Estimate{v.Low * c.Reach, v.Mid * c.Reach, v.High * c.Reach}
		}
		out.Gaps = append(out.Gaps, c)
	}
	slices.SortStableFunc(out.Gaps, func(a, b Closure) int { return cmp.Compare(b.Customers.Low, a.Customers.Low) })
	g.addUp(out)
	return out, g.takes(ctx, out, own)
}

// simulatedIdea is an idea as the engine sees products.
type simulatedIdea struct {
	*ProductIdea
	categories []uint32
	way        []uint32 // these and all above
	features   []uint32
	notes      []string
}

func (g *Gaps) simulated(idea *ProductIdea) (*simulatedIdea, error) {
	own := &simulatedIdea{ProductIdea: idea}
	if len(idea.Categories) == 0 {
		return nil, fmt.Errorf("product.categories: name one at least: %w", graph.ErrInvalid)
	}
	if idea.Variants < 1 || idea.Variants > mostVariants {
		return nil, fmt.Errorf("product.variants: must be 1 to %d: %w", mostVariants, graph.ErrInvalid)
	}
	catalog := g.view.catalog
	for i, id := range idea.Categories {
		k := catalog.handle(id)
		if k == 0 {
			return nil, fmt.Errorf("product.categories[%d]: there is no category %q: %w", i, graph.Clip(id), graph.ErrInvalid)
		}
		own.categories, own.way = append(own.categories, k), catalog.upwards(k, own.way)
	}
	if idea.Price.Known && idea.Price.Value <= 0 {
		return nil, fmt.Errorf("product.price: must be above 0: %w", graph.ErrInvalid)
	}
	if currency := g.catalogCurrency(); idea.Currency != "" && currency != "" && idea.Currency != currency {
		return nil, fmt.Errorf("product.currency: prices of the catalog are in %s: give the price in it: %w", currency, graph.ErrInvalid)
	}
	has := func(f feature, what string) {
		if n := slices.Index(g.supply.features, f); n >= 0 {
			own.features = append(own.features, uint32(n))
		} else {
			own.notes = append(own.notes, "no product has "+what+", so that nothing is known of who wants it")
		}
	}
	for _, tag := range idea.Tags {
		has(feature{attribute: tagFeature, value: tag}, "the tag "+tag)
	}
	for _, a := range idea.Attributes {
		has(feature{attribute: a.Name, value: a.Value.String()}, a.Name+" "+a.Value.String())
	}
	if !idea.Price.Known {
		own.notes = append(own.notes, "without a price, gaps of a price band stay open")
	} else if scale := g.supply.scale(own.categories[0]); scale > 0 {
		has(feature{band: bandOf(idea.Price.Value.Float(), scale)}, "such a price")
	}
	return own, nil
}

// catalogCurrency is that of the prices, "" where there are none or several.
func (g *Gaps) catalogCurrency() (currency string) {
	for n := range g.view.catalog.products {
		p := &g.view.catalog.products[n]
		if !p.Price.Known || p.Currency == currency {
			continue
		}
		if currency != "" {
			return ""
		}
		currency = p.Currency
	}
	return currency
}

// leafOf tells whether a cell is the deepest flagged one of its segment on the way up from the idea's categories.
func (g *Gaps) leafOf(r GapRef, own *simulatedIdea) bool {
	for _, k := range own.way {
		if k != r.category && g.depth[k] > g.depth[r.category] && flaggedVerdict(g.decisions[r.segment][k].verdict) {
			return false
		}
	}
	return true
}

// closure tells what an idea does to a gap.
func (g *Gaps) closure(ref GapRef, own *simulatedIdea) Closure {
	c := Closure{Ref: ref}
	d := &g.decisions[ref.segment][ref.category]
	switch {
	case d.cause == StockOut:
		c.Why = "what is there is out of stock: another product does not bring it back"
		return c
	case d.cause == Findability:
		c.Why = "what is there is not found: another product would not be either"
		return c
	case d.hole != nil && !slices.Contains(own.features, d.hole.feature):
		words, _ := g.supply.words(d.hole.feature, ref.category)
		c.Why = "it lacks what is missing: " + words
		return c
	}
	for _, f := range g.supply.required[ref.segment] {
		if !slices.Contains(own.features, f) {
			words, _ := g.supply.words(f, ref.category)
			c.Why = "it lacks what these customers require: " + words
			return c
		}
	}
	for _, f := range g.supply.shunned[ref.segment] {
		if slices.Contains(own.features, f) {
			words, _ := g.supply.words(f, ref.category)
			c.Why = "these customers hardly ever buy at its price: " + words
			return c
		}
	}
	u, reason := g.unmet(ref.segment, ref.category)
	if u == nil {
		c.Why = "how many would buy cannot be told: " + reason
		return c
	}
	reach, ok := g.reach(ref, d.hole, own.Variants)
	if !ok {
		c.Why = "too little is bought in the categories beside to tell how many one product serves"
		return c
	}
	c.Closes, c.Reach = true, reach
	c.Customers = Estimate{u.Low * reach, u.Mid * reach, u.High * reach}
	c.Why = fmt.Sprintf("%d such products serve %s of those who want it, as in the categories beside", own.Variants, percent(reach))
	return c
}

// reach is the share of purchases that the most bought products take, so many of them, in the sibling categories, of products that have what is missing: the median of the siblings.
func (g *Gaps) reach(ref GapRef, h *hole, variants int) (share float64, ok bool) {
	catalog := g.view.catalog
	var shares []float64
	for _, other := range g.levels[g.depth[ref.category]].categories {
		if other == ref.category || catalog.categories[other].parent != catalog.categories[ref.category].parent || g.impaired[other] {
			continue
		}
		var list []uint32
		sum := uint32(0)
		for _, product := range g.supply.shelves[other].products {
			if h == nil || slices.Contains(g.supply.of[product], h.feature) {
				list = append(list, g.products[product].purchases)
				sum += g.products[product].purchases
			}
		}
		if sum < leastReach {
			continue
		}
		slices.SortFunc(list, func(a, b uint32) int { return cmp.Compare(b, a) })
		most := uint32(0)
		for _, n := range list[:min(variants, len(list))] {
			most += n
		}
		shares = append(shares, float64(most)/float64(sum))
	}
	if len(shares) == 0 {
		return 0, false
	}
	return medianOf(shares), true
}

// addUp counts the customers of all gaps that are closed once: each with the highest chance that a gap of theirs gives.
func (g *Gaps) addUp(out *Simulation) {
	chance, worth := map[uint32]Estimate{}, map[uint32]Estimate{}
	higher := func(of map[uint32]Estimate, customer uint32, e *Estimate, n float64) {
		x := of[customer]
		of[customer] = Estimate{max(x.Low, e.Low/n), max(x.Mid, e.Mid/n), max(x.High, e.High/n)}
	}
	for i := range out.Gaps {
		c := &out.Gaps[i]
		if !c.Closes {
			continue
		}
		n := float64(g.decisions[c.Ref.segment][c.Ref.category].customers)
		for _, t := range g.touches.now[c.Ref.category] {
			if c.Ref.segment > 0 && !g.segments[c.Ref.segment].now.has(t.customer) {
				continue
			}
			if higher(chance, t.customer, &c.Customers, n); c.Value != nil {
				higher(worth, t.customer, c.Value, n)
			}
		}
	}
	sum := func(of map[uint32]Estimate) (e Estimate) {
		customers := make([]uint32, 0, len(of))
		for c := range of {
			customers = append(customers, c)
		}
		slices.Sort(customers) // sums of fractions depend on the order
		for _, c := range customers {
			e = Estimate{e.Low + of[c].Low, e.Mid + of[c].Mid, e.High + of[c].High}
		}
		return e
	}
	out.Customers = sum(chance)
	if len(worth) > 0 {
		value := sum(worth)
		out.Value = &value
	}
}

// takes finds the products like the idea: those in its categories that share its price band, and lack nothing of what it has. Of their buyers each new product draws as
// many as each that is there.
func (g *Gaps) takes(ctx context.Context, out *Simulation, own *simulatedIdea) error {
	var alike []uint32
	for _, k := range own.categories {
		for _, product := range g.supply.shelves[k].products {
			lacks := slices.ContainsFunc(own.features, func(f uint32) bool { return !slices.Contains(g.supply.of[product], f) })
			if !lacks && !slices.Contains(alike, product) {
				alike = append(alike, product)
			}
		}
	}
	if len(alike) == 0 {
		return nil
	}
	share := float64(own.Variants) / float64(own.Variants+len(alike))
	buyers := map[uint32]int{}
	for _, b := range g.buys {
		buyers[b.product]++
	}
	taken, priced := 0., false
	for _, product := range alike {
		p := &g.view.catalog.products[product]
		out.Takes = append(out.Takes, Taken{p.ID, share * float64(buyers[product]), buyers[product]})
		if p.Price.Known {
			priced = true
			taken += share * float64(g.products[product].purchases) * p.Price.Value.Float()
		}
	}
	slices.SortStableFunc(out.Takes, func(a, b Taken) int {
		return cmp.Or(cmp.Compare(b.Buyers, a.Buyers), cmp.Compare(a.Product, b.Product))
	})
	if priced {
		t := &g.view.options.Thresholds
		taken *= float64(t.HorizonDays) / 364 * t.Margin
		out.TakenValue = &taken
	}
	return ctx.Err()
}
