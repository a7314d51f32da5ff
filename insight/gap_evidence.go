package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"lacuna/graph"
)

// EvidenceKind is what a piece of evidence is about.
type EvidenceKind uint8

// The kinds, in the order in which they are told.
const (
	FoundNothing     EvidenceKind = iota + 1 // words that were searched for without a result
	MetUnavailable                           // a product that could not be had
	ViewedAndLeft                            // a product that was looked at by customers who bought nothing in the category
	SearchedFor                              // a value of an attribute of searches, such as a number of persons; of days the month
	BoughtElsewhere                          // a price band, or an attribute of products, that is bought in the categories beside
	WishedFor                                // a product, or the category, on wish lists
	RatedLow                                 // a product that was rated 1 or 2
	ContactedSupport                         // contacts about the category
)

var evidenceNames = [...]string{"", "FOUND_NOTHING", "MET_UNAVAILABLE", "VIEWED_AND_LEFT", "SEARCHED_FOR", "BOUGHT_ELSEWHERE", "WISHED_FOR", "RATED_LOW", "CONTACTED_SUPPORT"}

func (k EvidenceKind) String() string { return evidenceNames[k] }

// Evidence is one thing that customers of a cell did, and who they are.
type Evidence struct {
	Kind         EvidenceKind
	ID           string // unique among the evidence of the cell
	What         string // the words, the product's name, the band in words, the attribute and its value
	Product      string // id; "" for none
	Customers    int
	Interactions int
	Share        float64 // of the customers with intent in the cell
	// Offered is the share of the category's products that have what is bought elsewhere; nil for other kinds.
	Offered  *float64
	From, To time.Time
	members  Members
}

// Members are the customers behind it.
func (e *Evidence) Members() Members { return e.members }

const (
	// leastTold is by how many customers words and values are told at least: what fewer have typed may tell who they are.
	leastTold = 5
	mostTold  = 20 // of one kind
)

// evidenceKey names a piece while it is counted; what it is follows from the kind.
type evidenceKey struct {
	kind      EvidenceKind
	what      uint32 // code of the query or value, handle of the product, number of the feature
	attribute int    // number, for SearchedFor
	month     string // for SearchedFor of a day, in place of what: 2006-01
}

// gathered is what was counted of a piece.
type gathered struct {
	customers    []uint32
	interactions int
}

// Evidence tells what the customers of a cell did in its window, the strongest of each kind first. What fewer than five customers typed is not told.
func (g *Gaps) Evidence(ctx context.Context, ref GapRef) ([]Evidence, error) {
	if g.at == latest {
		return nil, nil
	}
	e := &evidenceWalk{g: g, s: ref.segment, k: ref.category, found: map[evidenceKey]*gathered{}, values: map[evidenceKey]evidenceKey{}}
	for i, t := range g.touches.now[ref.category] {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if ref.segment == 0 || g.segments[ref.segment].now.has(t.customer) {
			e.customer(&t)
		}
	}
	e.elsewhere()
	return e.tell(), nil
}

// evidenceWalk gathers the evidence of one cell.
type evidenceWalk struct {
	g     *Gaps
	s     int
	k     uint32
	found map[evidenceKey]*gathered
	// values are the pieces that values of attributes count in, by a piece of the value's own.
	values map[evidenceKey]evidenceKey
	all    int
}

func (e *evidenceWalk) note(key evidenceKey, customer uint32, interactions int) {
	x := e.found[key]
	if x == nil {
		x = &gathered{}
		e.found[key] = x
	}
	if n := len(x.customers); n == 0 || x.customers[n-1] != customer {
		x.customers = append(x.customers, customer)
	}
	x.interactions += interactions
}

// customer takes in what one customer did.
func (e *evidenceWalk) customer(t *touch) {
	g, v := e.g, e.g.view
	e.all++
	p, slot := v.at(t.customer)
	r := p.rows[slot].within(g.now[0], g.now[1])
	b := r.block
	for row := r.lo; row < r.hi; row++ {
		if !slices.Contains(g.way.of(b, row), e.k) {
			continue
		}
		product := v.catalog.things[b.thing[row]].product
		switch typeOf(b.kind[row]) {
		case graph.Search:
			e.search(t.customer, b, row)
		case graph.View, graph.Click, graph.AddToCart:
			if could, told := b.available.of(row); told && !could && product != 0 {
				e.note(evidenceKey{kind: MetUnavailable, what: product}, t.customer, 1)
			} else if t.facts&bought == 0 && product != 0 {
				e.note(evidenceKey{kind: ViewedAndLeft, what: product}, t.customer, 1)
			}
		case graph.Wishlist:
			e.note(evidenceKey{kind: WishedFor, what: product}, t.customer, 1)
		case graph.Review:
			if rating, ok := b.rating.of(row); ok && rating.Float() <= 2 {
				e.note(evidenceKey{kind: RatedLow, what: product}, t.customer, 1)
			}
		case graph.Support:
			e.note(evidenceKey{kind: ContactedSupport}, t.customer, 1)
		}
	}
}

func (e *evidenceWalk) search(customer uint32, b *block, row uint32) {
	if n, told := b.results.of(row); told && n == 0 {
		if code, ok := b.query.of(row); ok {
			e.note(evidenceKey{kind: FoundNothing, what: code}, customer, 1)
		}
	}
	for number := range b.values {
		column := b.values[number]
		if code, ok := column.of(row); ok && code != 0 {
			e.note(e.searchedFor(number, code), customer, 1)
		}
	}
}

// searchedFor is the piece that a value of an attribute counts in: the value's own, or its month where it is a day, as hardly two customers travel on the same one.
func (e *evidenceWalk) searchedFor(attribute int, code uint32) evidenceKey {
	value := evidenceKey{kind: SearchedFor, what: code, attribute: attribute}
	key, known := e.values[value]
	if !known {
		key = value
		if day, err := time.Parse(time.DateOnly, e.g.view.eventAttributes[attribute].values[code].String()); err == nil {
			key.what, key.month = 0, day.Format("2006-01")
		}
		e.values[value] = key
	}
	return key
}

// elsewhere takes in what these customers bought in the sibling categories in the year: the features that the segment looks for.
func (e *evidenceWalk) elsewhere() {
	g, supply := e.g, e.g.supply
	catalog := g.view.catalog
	wanted := make([]bool, len(supply.features))
	for _, n := range supply.sought[e.s] {
		wanted[n.feature] = true
	}
	siblings := map[uint32]bool{}
	for _, other := range g.levels[g.depth[e.k]].categories {
		if other != e.k && catalog.categories[other].parent == catalog.categories[e.k].parent {
			siblings[other] = true
		}
	}
	touched := make(Set, len(g.view.pages))
	for _, t := range g.touches.now[e.k] {
		if e.s == 0 || g.segments[e.s].now.has(t.customer) {
			touched[t.customer>>pageBits].add(int(t.customer & (pageSize - 1)))
		}
	}
	for _, buy := range g.buys {
		if !touched.has(buy.customer) || !slices.ContainsFunc(catalog.products[buy.product].categories, func(k uint32) bool { return siblings[g.ancestorAt(k, g.depth[e.k])] }) {
			continue
		}
		for _, f := range supply.of[buy.product] {
			if wanted[f] || supply.features[f].band > 0 {
				e.note(evidenceKey{kind: BoughtElsewhere, what: f}, buy.customer, 1)
			}
		}
	}
}

// ancestorAt is the category of a depth in which another one is, 0 where it is above.
func (g *gapWork) ancestorAt(k uint32, depth int) uint32 {
	for k != 0 && g.depth[k] > depth {
		k = g.view.catalog.categories[k].parent
	}
	if k == 0 || g.depth[k] != depth {
		return 0
	}
	return k
}

// tell puts what was gathered into words and order.
func (e *evidenceWalk) tell() []Evidence {
	g := e.g
	list := make([]Evidence, 0, len(e.found))
	for key, x := range e.found {
		if len(x.customers) < leastTold && (key.kind == FoundNothing || key.kind == SearchedFor) {
			continue
		}
		item := Evidence{Kind: key.kind, Customers: len(x.customers), Interactions: x.interactions, From: g.now[0].time(), To: g.now[1].time()}
		item.Share = float64(item.Customers) / float64(max(1, e.all))
		e.name(&item, key)
		item.ID = key.kind.String() + ":" + item.ID
		set := make(Set, len(g.view.pages))
		for _, c := range x.customers {
			set[c>>pageBits].add(int(c & (pageSize - 1)))
		}
		item.members = Members{g.view, set}
		list = append(list, item)
	}
	slices.SortFunc(list, func(a, b Evidence) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(b.Customers, a.Customers), cmp.Compare(a.ID, b.ID))
	})
	told := map[EvidenceKind]int{}
	return slices.DeleteFunc(list, func(item Evidence) bool {
		told[item.Kind]++
		return told[item.Kind] > mostTold
	})
}

func (e *evidenceWalk) name(item *Evidence, key evidenceKey) {
	v := e.g.view
	switch key.kind {
	case FoundNothing:
		item.What = v.queries[key.what]
		item.ID = item.What
	case SearchedFor:
		a := &v.eventAttributes[key.attribute]
		value, is := a.values[key.what].String(), " is "
		if key.month != "" {
			value, is = key.month, " in "
		}
		item.What, item.ID = a.name+is+value, a.name+"="+value
	case BoughtElsewhere:
		item.What, item.ID = e.g.supply.words(key.what, e.k)
		shelf := &e.g.supply.shelves[e.k]
		offered := 0.
		if len(shelf.products) > 0 {
			offered = float64(shelf.features[key.what]) / float64(len(shelf.products))
		}
		item.Offered = &offered
		item.From = (e.g.now[1] - 364*microsPerDay).time()
	default:
		item.What = v.catalog.categories[e.k].Name
		if key.what != 0 {
			product := &v.catalog.products[key.what]
			item.Product, item.What = product.ID, cmp.Or(product.Name, product.ID)
			item.ID = product.ID
		}
	}
}

// words say what a feature is, in a category.
func (s *supply) words(f, k uint32) (words, id string) {
	feature := s.features[f]
	if feature.band == 0 {
		return feature.attribute + " " + feature.value, feature.attribute + "=" + feature.value
	}
	low, high := s.band(feature.band, k)
	id = fmt.Sprintf("band=%d", feature.band)
	switch {
	case low == nil:
		return "below " + say(*high), id
	case high == nil:
		return say(*low) + " and more", id
	default:
		return say(*low) + " to " + say(*high), id
	}
}

// band gives the ends of a price band in a category, nil where it is open.
func (s *supply) band(band int, k uint32) (low, high *float64) {
	scale := s.scale(k)
	if band > 1 {
		x := bandEnds[band-2] * scale
		low = &x
	}
	if band <= len(bandEnds) {
		x := bandEnds[band-1] * scale
		high = &x
	}
	return low, high
}
