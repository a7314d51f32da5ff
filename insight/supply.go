package insight

import (
	"context"
	"math"
	"slices"
	"strings"

	"lacuna/graph"
)

// feature is what a product has that a customer may look for: a tag, a value of an attribute, or a price band.
type feature struct {
	attribute string // a column of products, or tagFeature, or ""
	value     string
	band      int // 1 to 5; 0 is no band
}

const tagFeature = "tag"

// bandEnds are the upper ends of price bands as multiples of the parent category's median price; the last is open. Terciles of the category itself would
// hide a hole.
var bandEnds = [...]float64{.5, .8, 1.25, 2}

// mostFeatureValues is of how many values a product attribute may be to be a feature.
const mostFeatureValues = 50

// shelf is the active products of one category and what is below it.
type shelf struct {
	products []uint32
	features []uint32 // how many of them have each feature
	priced   int
	rated    float64 // mean rating; NaN without
	ratings  uint32
	returned float64 // returns over purchases; NaN with few purchases
	// What returned is of.
	returns, purchases float64
	clicks             []uint32
}

// supply is what the catalog offers, and what segments look for.
type supply struct {
	g        *gapWork
	features []feature
	of       [][]uint32 // features by product's handle
	weight   []float64  // availability × quality by product's handle; 0 where it is not active
	active   []bool
	medians  []float64 // price by category's handle; 0 where none is known
	shelves  []shelf   // by category's handle
	beside   []beside  // by category's handle
	// sought is by segment what it buys more often than others do, and required the part of it that rules out what lacks it.
	sought                     [][]need
	required                   [][]uint32
	shunned                    [][]uint32  // bands that the segment hardly ever buys in
	bought                     [][]float64 // by category's handle: of purchases there, the share that has each feature
	purchases                  []float64   // by category's handle
	others                     [][]float64 // by segment: of what the others buy, the share that has each feature
	everyone                   []float64   // of purchases, the share with each feature
	medianRating, medianReturn []float64   // by level
}

// beside is the products of the sibling categories of one, and how many of them have each feature.
type beside struct {
	products int
	features []uint32
}

// fillBeside sums up the siblings of each category.
func (s *supply) fillBeside() {
	s.beside = make([]beside, len(s.shelves))
	catalog := s.g.view.catalog
	for i := range s.g.levels {
		families := map[uint32]*beside{}
		for _, k := range s.g.levels[i].categories {
			all := families[catalog.categories[k].parent]
			if all == nil {
				all = &beside{features: make([]uint32, len(s.features))}
				families[catalog.categories[k].parent] = all
			}
			all.products += len(s.shelves[k].products)
			sum(all.features, s.shelves[k].features)
		}
		for _, k := range s.g.levels[i].categories {
			all, own := families[catalog.categories[k].parent], &s.shelves[k]
			b := beside{all.products - len(own.products), slices.Clone(all.features)}
			for f, n := range own.features {
				b.features[f] -= n
			}
			s.beside[k] = b
		}
	}
}

// need is a feature that a segment looks for.
type need struct {
	feature uint32
	share   float64 // of what it buys that has it
	lift    float64 // over what others buy in the same categories
	extra   float64 // the share of what it buys that it would not, did it buy as others do; of everyone, the whole share
}

// newSupply looks at the catalog as of the moment.
func (g *gapWork) newSupply(ctx context.Context) (*supply, error) {
	s := &supply{g: g}
	s.findActive()
	s.findFeatures()
	s.fillShelves()
	s.fillBeside()
	return s, s.findNeeds(ctx)
}

func (s *supply) findActive() {
	products := s.g.view.catalog.products
	at := s.g.at.time()
	s.active, s.weight = make([]bool, len(products)), make([]float64, len(products))
	for n := 1; n < len(products); n++ {
		p := &products[n]
		if len(p.categories) == 0 || p.LaunchedAt.After(at) || !p.RetiredAt.IsZero() && !p.RetiredAt.After(at) {
			continue
		}
		s.active[n] = true
		// Availability is that of the window, with the state now as four interactions more.
		f := &s.g.products[n]
		seen, available := float64(f.seen)+4, float64(f.available)+4
		if p.InStock.Known && !p.InStock.Value {
			available -= 4
		}
		s.weight[n] = available / seen
	}
}

// inOrderOf gives handles in order of ids: handles are in the order in which a store tells of things, and sums of fractions depend on the order.
func inOrderOf[T any](list []T, id func(*T) string) []uint32 {
	order := make([]uint32, len(list))
	for n := range order {
		order[n] = uint32(n)
	}
	slices.SortFunc(order, func(a, b uint32) int { return strings.Compare(id(&list[a]), id(&list[b])) })
	return order
}

// medianPrice of the active products of a category and what is below it.
func (s *supply) medianPrice(k uint32) float64 {
	var prices []float64
	for _, n := range s.shelves[k].products {
		if price := s.g.view.catalog.products[n].Price; price.Known {
			prices = append(prices, price.Value.Float())
		}
	}
	if len(prices) == 0 {
		return 0
	}
	slices.Sort(prices)
	return (prices[(len(prices)-1)/2] + prices[len(prices)/2]) / 2
}

// scale is the price that bands in a category are multiples of: the median of its parent, or its own where it is a root.
func (s *supply) scale(k uint32) float64 {
	if parent := s.g.view.catalog.categories[k].parent; parent != 0 {
		return s.medians[parent]
	}
	return s.medians[k]
}

func bandOf(price, scale float64) int {
	for i, end := range bandEnds {
		if price < end*scale {
			return i + 1
		}
	}
	return len(bandEnds) + 1
}

func (s *supply) findFeatures() {
	catalog := s.g.view.catalog
	s.shelves, s.medians = make([]shelf, len(catalog.categories)), make([]float64, len(catalog.categories))
	for _, n := range inOrderOf(catalog.products, func(p *product) string { return p.ID }) {
		if !s.active[n] {
			continue
		}
		var way []uint32
		for _, k := range catalog.products[n].categories {
			way = catalog.upwards(k, way)
		}
		for _, k := range way {
			s.shelves[k].products = append(s.shelves[k].products, n)
		}
	}
	for _, k := range catalog.walk {
		s.medians[k] = s.medianPrice(k)
	}
	values := map[string]map[string]bool{}
	for n := range catalog.products {
		for _, a := range catalog.products[n].Attributes {
			if values[a.Name] == nil {
				values[a.Name] = map[string]bool{}
			}
			values[a.Name][a.Value.String()] = true
		}
	}
	number := map[feature]uint32{}
	s.of = make([][]uint32, len(catalog.products))
	for n := range catalog.products {
		p := &catalog.products[n]
		add := func(f feature) {
			i, ok := number[f]
			if !ok {
				i = uint32(len(s.features))
				number[f] = i
				s.features = append(s.features, f)
			}
			s.of[n] = append(s.of[n], i)
		}
		for _, tag := range p.Tags {
			add(feature{attribute: tagFeature, value: tag})
		}
		for _, a := range p.Attributes {
			if len(values[a.Name]) <= mostFeatureValues {
				add(feature{attribute: a.Name, value: a.Value.String()})
			}
		}
		if p.Price.Known && len(p.categories) > 0 {
			if scale := s.scale(p.categories[0]); scale > 0 {
				add(feature{band: bandOf(p.Price.Value.Float(), scale)})
			}
		}
	}
}

// leastRatings and leastPurchases are how many a mean rating and a share of returns are told of.
const (
	leastRatings   = 8
	leastPurchases = 15
)

func (s *supply) fillShelves() {
	catalog := s.g.view.catalog
	for k := range s.shelves {
		shelf := &s.shelves[k]
		shelf.features = make([]uint32, len(s.features))
		shelf.rated, shelf.returned = math.NaN(), math.NaN()
		var sum productFacts
		for _, n := range shelf.products {
			for _, f := range s.of[n] {
				shelf.features[f]++
			}
			facts := &s.g.products[n]
			sum.add(facts)
			if facts.clicks > 0 {
				shelf.clicks = append(shelf.clicks, facts.clicks)
			}
			if catalog.products[n].Price.Known {
				shelf.priced++
			}
		}
		slices.SortFunc(shelf.clicks, func(a, b uint32) int { return int(b) - int(a) })
		if shelf.ratings = sum.ratings; sum.ratings >= leastRatings {
			shelf.rated = float64(sum.rated) / graph.DecimalScale / float64(sum.ratings)
		}
		if sum.purchases >= leastPurchases {
			shelf.returns, shelf.purchases = float64(sum.returns), float64(sum.purchases)
			shelf.returned = shelf.returns / shelf.purchases
		}
	}
	for i := range s.g.levels {
		var ratings, returns []float64
		for _, k := range s.g.levels[i].categories {
			ratings, returns = append(ratings, s.shelves[k].rated), append(returns, s.shelves[k].returned)
		}
		s.medianRating, s.medianReturn = append(s.medianRating, medianOf(ratings)), append(s.medianReturn, medianOf(returns))
	}
	// Quality takes off what a product is rated below the median, as a share of it.
	for n := range s.weight {
		f := &s.g.products[n]
		if len(s.medianRating) == 0 || !s.active[n] || f.ratings == 0 || len(catalog.products[n].categories) == 0 {
			continue
		}
		usual := s.medianRating[s.g.depth[catalog.products[n].categories[0]]]
		if math.IsNaN(usual) || usual <= 0 {
			continue
		}
		const weight = 5 // ratings that the median counts as
		mean := (float64(f.rated)/graph.DecimalScale + weight*usual) / (float64(f.ratings) + weight)
		s.weight[n] *= min(1, max(.1, mean/usual))
	}
}

// medianOf leaves out what is not a number; it is not a number where nothing is left.
func medianOf(list []float64) float64 {
	kept := slices.DeleteFunc(slices.Clone(list), math.IsNaN)
	if len(kept) == 0 {
		return math.NaN()
	}
	slices.Sort(kept)
	return (kept[(len(kept)-1)/2] + kept[len(kept)/2]) / 2
}

// topFive is the share of views and clicks that the five most clicked products take.
func (s *shelf) topFive() *float64 {
	sum, five := 0., 0.
	for i, n := range s.clicks {
		sum += float64(n)
		if i < 5 {
			five += float64(n)
		}
	}
	if sum == 0 {
		return nil
	}
	share := five / sum
	return &share
}

// findNeeds compares what each segment bought in the year, feature by feature, with what all customers bought in the same categories.
func (s *supply) findNeeds(ctx context.Context) error {
	g, catalog := s.g, s.g.view.catalog
	nf, nk := len(s.features), len(catalog.categories)
	byFeature, byCategory := make([][]uint32, nf), make([][]uint32, nk)
	s.bought, s.purchases = make([][]float64, nk), make([]float64, nk)
	for _, b := range g.buys {
		p := &catalog.products[b.product]
		if len(p.categories) == 0 {
			continue
		}
		k := p.categories[0]
		if s.bought[k] == nil {
			s.bought[k] = make([]float64, nf)
		}
		s.purchases[k]++
		byCategory[k] = append(byCategory[k], b.customer)
		for _, f := range s.of[b.product] {
			s.bought[k][f]++
			byFeature[f] = append(byFeature[f], b.customer)
		}
	}
	features, err := g.countLists(ctx, byFeature)
	if err != nil {
		return err
	}
	categories, err := g.countLists(ctx, byCategory)
	if err != nil {
		return err
	}
	s.everyone = make([]float64, nf)
	total := 0.
	for k := range s.bought {
		total += s.purchases[k]
		for f, n := range s.bought[k] {
			s.everyone[f] += n
			s.bought[k][f] = n / s.purchases[k]
		}
	}
	for f := range s.everyone {
		s.everyone[f] /= max(1, total)
	}
	s.others = make([][]float64, len(g.segments))
	s.sought, s.required, s.shunned = make([][]need, len(g.segments)), make([][]uint32, len(g.segments)), make([][]uint32, len(g.segments))
	order := inOrderOf(catalog.categories, func(c *category) string { return c.ID })
	err = inParallel(ctx, len(g.segments), func(segment int) {
		expected, all := make([]float64, nf), 0.
		for _, k := range order {
			n := 0.
			if segment > 0 {
				n = float64(categories[k][segment-1])
			}
			if all += n; n == 0 {
				continue
			}
			for f, share := range s.bought[k] {
				expected[f] += n * share
			}
		}
		s.others[segment] = make([]float64, nf)
		for f := range expected {
			if segment > 0 {
				n := float64(features[f][segment-1])
				s.weigh(segment, uint32(f), n, expected[f], all)
				s.others[segment][f] = max(0, s.everyone[f]*total-n) / max(1, total-all)
			}
		}
	})
	s.needsOfEveryone(total, order)
	return err
}

// What a segment buys more often than others, it looks for: the lower end of the ratio's interval is above 1, and the ratio is no trifle. What four
// fifths of its purchases have is required; a band in which it buys less than a quarter as often as others is ruled out.
const (
	leastBuys     = 10
	leastLift     = 1.15
	requiredShare = .8
	shunnedLift   = .25
)

func (s *supply) weigh(segment int, f uint32, n, expected, all float64) {
	if expected <= 0 || all < leastBuys {
		return
	}
	lift := n / expected
	if expected >= leastBuys && s.features[f].band > 0 && (n+2)/expected < shunnedLift {
		s.shunned[segment] = append(s.shunned[segment], f)
	}
	if n < leastBuys || lift < leastLift || math.Log(lift)-2.576/math.Sqrt(n) <= 0 {
		return
	}
	s.sought[segment] = append(s.sought[segment], need{f, n / all, lift, n / all * (1 - 1/lift)})
	if n/all >= requiredShare && s.features[f].band == 0 {
		s.required[segment] = append(s.required[segment], f)
	}
}

// needsOfEveryone are what all customers buy more often than it is offered. Price bands count where they buy as often as is offered, as a band is
// nothing that one can do without.
func (s *supply) needsOfEveryone(total float64, order []uint32) {
	if total < leastBuys {
		return
	}
	offered := make([]float64, len(s.features))
	for _, k := range order {
		if n := float64(len(s.shelves[k].products)); n > 0 && s.purchases[k] > 0 {
			for f, have := range s.shelves[k].features {
				offered[f] += s.purchases[k] * float64(have) / n
			}
		}
	}
	for f := range s.features {
		n := s.everyone[f] * total
		if offered[f] <= 0 || n < leastBuys {
			continue
		}
		lift := n / offered[f]
		if s.features[f].band > 0 && lift >= .8 || lift >= leastLift && math.Log(lift)-2.576/math.Sqrt(n) > 0 {
			s.sought[0] = append(s.sought[0], need{uint32(f), s.everyone[f], lift, s.everyone[f]})
		}
	}
}

// countLists counts for lists of customers how many of each belong to each segment.
func (g *gapWork) countLists(ctx context.Context, lists [][]uint32) ([][]uint32, error) {
	out := make([][]uint32, len(lists))
	err := inParallel(ctx, len(lists), func(i int) {
		out[i] = make([]uint32, len(g.segments)-1)
		for group, r := range g.records[0] {
			n := min(recordBits, len(g.segments)-1-group*recordBits)
			var k kernel
			k.reset(len(lists[i]))
			k.add(r, lists[i], (n+63)/64)
			k.store(out[i][group*recordBits:group*recordBits+n], (n+63)/64)
		}
	})
	return out, err
}

// fits tells whether nothing rules a product out for a segment.
func (s *supply) fits(segment int, product uint32) bool {
	for _, f := range s.required[segment] {
		if !slices.Contains(s.of[product], f) {
			return false
		}
	}
	for _, f := range s.shunned[segment] {
		if slices.Contains(s.of[product], f) {
			return false
		}
	}
	return true
}

// offer is what a category has for a segment.
type offer struct {
	active, fitting int
	weight          float64 // sum of availability × quality of what fits
	available       float64 // sum of availability
}

func (s *supply) offers(segment int, k uint32) (o offer) {
	for _, n := range s.shelves[k].products {
		o.active++
		if s.fits(segment, n) {
			o.fitting++
			o.weight += s.weight[n]
		}
		f := &s.g.products[n]
		o.available += (float64(f.available) + 1) / (float64(f.seen) + 1)
	}
	return o
}

// hole is a feature that a category offers too little of.
type hole struct {
	need
	offered, usual float64 // shares of the category's products, and of those of its siblings
}

// What a category offers less of than this share of what its siblings do is a hole.
const (
	holeShare     = .25
	bandHoleShare = .35
	leastUsual    = .05 // share of the siblings' products
)

// holes lists what a segment looks for and a category has hardly any of, what it looks for most first.
func (s *supply) holes(segment int, k uint32) (list []hole) {
	siblings := &s.beside[k]
	others := siblings.products
	own := &s.shelves[k]
	if others == 0 || len(own.products) == 0 {
		return nil
	}
	for _, n := range s.sought[segment] {
		h := hole{n, float64(own.features[n.feature]) / float64(len(own.products)), float64(siblings.features[n.feature]) / float64(others)}
		limit := holeShare
		if s.features[n.feature].band > 0 {
			limit = bandHoleShare
		}
		if h.usual >= leastUsual && h.usual*float64(len(own.products)) >= 1 && h.offered < limit*h.usual {
			list = append(list, h)
		}
	}
	slices.SortStableFunc(list, func(a, b hole) int {
		switch x, y := a.weight(), b.weight(); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return strings.Compare(s.features[a.feature].attribute+s.features[a.feature].value, s.features[b.feature].attribute+s.features[b.feature].value)
	})
	return list
}

// weight is how much of what the segment buys the hole keeps it from.
func (h *hole) weight() float64 { return h.extra * (1 - h.offered/h.usual) }
