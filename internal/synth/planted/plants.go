package planted

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// slice is customers by values of traits.
type slice map[int]uint8

func (s slice) has(p *person) bool {
	for t, v := range s {
		if p.traits[t] != v {
			return false
		}
	}
	return true
}

// segment is one of those that the files name.
type segment struct {
	id   string
	rule slice
	// event segments bought in a root within half a year; circular if it is asked about the same root.
	root int // -1 for none
}

// Plant is something that is true of the world and should be found.
type Plant struct {
	Kind     string  `json:"kind"`
	Segment  string  `json:"segment"`
	Category string  `json:"category"`
	Factor   float64 `json:"factor"`
	Cause    string  `json:"cause,omitempty"`
	Verdict  string  `json:"verdict,omitempty"`
	Detail   string  `json:"detail,omitempty"`
	// Traits are what customers of an emerging group have in common.
	Traits map[string]string `json:"traits,omitempty"`
	// Customers and Before are how many of them with intent can be told to belong, in the last window and a year before; Growth is that of all, beyond others'.
	Customers float64 `json:"customers,omitempty"`
	Before    float64 `json:"before,omitempty"`
	Growth    float64 `json:"growth,omitempty"`
	// Removed is how many products the plant takes out of its category; Filled, that they are there all the same, see Options.Fill. Price is the middle of the
	// price band that is missing.
	Removed int     `json:"removed,omitempty"`
	Filled  bool    `json:"filled,omitempty"`
	Price   float64 `json:"price,omitempty"`
	// Launched is when Product was launched in a category in which the segment bought Factor times as often as it would have, Closed is the share of what is
	// missing to 1 that the launch made up for, and Wave by how much more often everybody buys in the whole group of categories from then on. Served is the
	// served rate of the 13 weeks before the launch, Gained how many more of the segment's customers buy in the 13 weeks after it, because of it.
	Launched time.Time `json:"launched,omitzero"`
	Product  string    `json:"product,omitempty"`
	Closed   float64   `json:"closed,omitempty"`
	Wave     float64   `json:"wave,omitempty"`
	Served   float64   `json:"served,omitempty"`
	Gained   float64   `json:"gained,omitempty"`

	segment int
	leaf    int // or category, for emerging groups; -1 for everything
	slice   slice
}

// Decoy is a category that one customer, or bots, look at all the time: nobody else wants it more than before.
type Decoy struct {
	Kind     string `json:"kind"` // "whale" or "bots"
	Category string `json:"category"`
}

// hole is what is wrong in a leaf.
type hole struct {
	kind    string
	band    int
	feature int
	factor  float64 // of the chance of buying, or the share of what is out of stock, or of searches by the wrong word
	rule    slice   // of whom; nil for everybody
	from    int     // first week; that of the launch
	after   float64 // factor from the launch on
}

func (w *world) makeSegments() {
	s := newStream(w.Seed, "segments")
	add := func(id string, rule slice, root int) { w.segments = append(w.segments, segment{id, rule, root}) }
	add("families", slice{traitHousehold: 2}, -1)
	add("seniors", slice{traitHousehold: 3}, -1)
	add("pet-owners", slice{traitHobby: 1}, -1)
	add("organic-age", slice{traitAge: 2}, -1)
	add("budget", slice{traitTier: 0}, -1)
	add("premium", slice{traitTier: 2}, -1)
	add("couples", slice{traitHousehold: 1}, -1)
	for _, t := range []int{traitRegion, traitOrigin, traitWork, traitHobby} {
		v := uint8(s.IntN(2))
		if t == traitHobby {
			v += 2
		}
		add("one-"+w.traits[t].name, slice{t: v}, -1)
	}
	add("two-deep", slice{traitRegion: 1, traitHousehold: 0}, -1)
	add("two-deep-more", slice{traitTier: 0, traitWork: uint8(s.IntN(2))}, -1)
	add("three-deep", slice{traitHousehold: 0, traitTier: 0, traitDevice: uint8(s.IntN(2))}, -1)
	add("recent-buyers", nil, s.IntN(len(w.roots())))
	for _, part := range w.segments {
		w.segmentIndex[part.id] = len(w.segmentIndex)
	}
}

// roots lists the categories without a parent.
func (w *world) roots() (list []int) {
	for k := range w.categories {
		if w.categories[k].parent < 0 {
			list = append(list, k)
		}
	}
	return list
}

// makePlants chooses leaves for plants, at most a quarter of them, the popular first.
func (w *world) makePlants() {
	s := newStream(w.Seed, "plants")
	order := make([]int, 0, len(w.leaves))
	for n := range w.leaves {
		order = append(order, n)
	}
	s.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	w.free = order
	w.shares = make([]float64, len(w.segments))
	for i := range w.segments {
		for p := range w.people {
			if w.segments[i].root < 0 && w.segments[i].rule.has(&w.people[p]) {
				w.shares[i] += 1 / float64(len(w.people))
			}
		}
	}
	for _, kind := range w.Plant {
		switch kind {
		case "growth":
			for range 9 {
				segment := w.anySegment(s)
				w.plantGrowth(segment, w.take(segment, .4, s), []float64{1.3, 1.5, 2}[s.IntN(3)])
			}
		case "emerging":
			w.plantEmerging(s)
		case "launch": // see makeLaunches
		default:
			for range 4 {
				w.plantHole(kind, s)
			}
		}
	}
}

// anySegment gives one of a tenth of the customers or more, by what is known of them.
func (w *world) anySegment(s stream) int {
	for {
		if i := s.IntN(len(w.segments)); w.shares[i] >= .1 {
			return i
		}
	}
}

// take gives a leaf in which nothing is planted, and which some customers of a segment that wants it so many times more than others want. How many differs.
func (w *world) take(segment int, factor float64, s stream) int {
	occasions := 0.
	for i := range w.people {
		occasions += w.people[i].rate * window
	}
	all := 0.
	for n := range w.leaves {
		all += w.leaves[n].popularity
	}
	for least := 230 * s.lognormal(.35); ; least *= .8 {
		for i, n := range w.free {
			if w.leaves[n].popularity/all*occasions*w.shares[segment]*factor >= least {
				w.free = append(w.free[:i:i], w.free[i+1:]...)
				w.taken[n] = true
				return n
			}
		}
	}
}

func (w *world) plantGrowth(segment, leaf int, factor float64) {
	w.growth = append(w.growth, plantedGrowth{w.segments[segment].rule, leaf, math.Log(factor)})
	w.plants = append(w.plants, Plant{Kind: "growth", Segment: w.segments[segment].id, Category: w.leafID(leaf), Factor: factor, segment: segment, leaf: leaf})
}

// plantEmerging has groups by one, two and three traits grow: as a whole, by customers who come, and, by one or two, in one of the groups of
// leaves that some quarter of the customers want: where nearly everyone wants something, no more of them can.
func (w *world) plantEmerging(s stream) {
	const factor = 1.5
	wanted := w.wantedGroups()
	for _, e := range []struct {
		depth int
		whole bool
		least float64
	}{{1, true, .08}, {2, true, .03}, {3, true, .02}, {1, false, .25}, {2, false, .12}} {
		traits := []int{traitRegion, traitHobby, traitDevice, traitAge}
		if e.whole { // of enough customers, even where what is known of them changes
			traits = append(traits, traitOrigin, traitWork)
		}
		rule := w.newGroup(traits, e.depth, e.least, s)
		p := Plant{Kind: "emerging", Factor: factor, Traits: w.named(rule), segment: -1, leaf: -1, slice: rule}
		if e.whole {
			// Of those who are there in the end, a third come in the year between the windows.
			for i := range w.people {
				if q := &w.people[i]; rule.has(q) && s.chance(1-1/factor) {
					q.born = w.Weeks - window - 52 + window + s.IntN(52-window)
				}
			}
		} else {
			k := wanted[0]
			wanted = wanted[1:]
			p.Category, p.leaf = w.categories[k].id, k
			for _, n := range w.categories[k].leaves {
				w.growth = append(w.growth, plantedGrowth{rule, n, math.Log(factor)})
			}
		}
		w.plants = append(w.plants, p)
		w.emerging = append(w.emerging, rule)
	}
}

// wantedGroups lists the groups of leaves, first those half as popular as the most popular one.
func (w *world) wantedGroups() (list []int) {
	popularity := make([]float64, len(w.categories))
	for k := range w.categories {
		if w.categories[k].level == 1 {
			list = append(list, k)
		}
		for _, n := range w.categories[k].leaves {
			popularity[k] += w.leaves[n].popularity
		}
	}
	most := 0.
	for _, k := range list {
		most = max(most, popularity[k])
	}
	off := func(k int) float64 { return math.Abs(popularity[k] - most/2) }
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(off(a), off(b)) })
	return list
}

// newGroup chooses values of some traits that so large a share of the customers have, all of them, and that no other group has.
func (w *world) newGroup(of []int, depth int, least float64, s stream) slice {
	for ; ; least *= .99 {
		rule := slice{}
		for len(rule) < depth {
			t := of[s.IntN(len(of))]
			rule[t] = uint8(s.IntN(len(w.traits[t].values)))
		}
		size := 1.
		for t, v := range rule {
			size *= w.traits[t].shares[v] / total(w.traits[t].shares)
		}
		if size >= least && size <= .3 && !w.overlaps(rule) {
			return rule
		}
	}
}

// overlaps tells whether a group has a value of another one in it.
func (w *world) overlaps(rule slice) bool {
	for _, other := range w.emerging {
		for t, v := range rule {
			if u, ok := other[t]; ok && u == v {
				return true
			}
		}
	}
	return false
}

func total(list []float64) (sum float64) {
	for _, x := range list {
		sum += x
	}
	return sum
}

func (w *world) named(rule slice) map[string]string {
	names := map[string]string{}
	for t, v := range rule {
		names[w.traits[t].name] = w.traits[t].values[v]
	}
	return names
}

// plantHole takes something out of a leaf, and has a segment want the leaf more than others do.
func (w *world) plantHole(kind string, s stream) {
	p := Plant{Kind: kind, Verdict: "DEVELOP", segment: w.anySegment(s)}
	h := hole{kind: kind, band: -1, feature: -1}
	switch kind {
	case "price-band":
		h.band = []int{0, 4}[s.IntN(2)]
		p.segment = w.segmentIndex["budget"]
		if h.band >= 3 {
			p.segment = w.segmentIndex["premium"]
		}
	case "attribute":
		h.feature = s.IntN(features)
		p.segment = w.segmentIndex[[]string{"families", "pet-owners", "seniors", "organic-age"}[h.feature]]
	}
	wanted := s.within(1.7, 3)
	n := w.take(p.segment, wanted, s)
	products := w.leaves[n].products
	w.damage(n, &p, &h, s)
	p.leaf, p.Category, p.Segment, p.Factor = n, w.leafID(n), w.segments[p.segment].id, h.factor
	w.holes[n] = append(w.holes[n], h)
	p.Removed = len(products) - len(w.leaves[n].products)
	if w.Fill && p.Removed > 0 {
		p.Filled = true
		w.fill(n, products)
	}
	w.tastes = append(w.tastes, taste{w.segments[p.segment].rule, n, wanted})
	w.plants = append(w.plants, p)
}

// damage does to a leaf what its plant is.
func (w *world) damage(n int, p *Plant, h *hole, s stream) {
	l := &w.leaves[n]
	switch p.Kind {
	case "cut":
		p.Verdict, h.factor, h.rule = "WATCH", s.within(.25, .5), w.segments[p.segment].rule
	case "absence":
		p.Cause, h.factor = "ABSENCE", s.within(.1, .35)
		l.products = l.products[:1+s.IntN(2)]
	case "price-band":
		p.Cause, p.Price = "PRICE_BAND", l.price*bandMiddles[h.band]
		w.remove(n, func(q *product) bool { return q.band == h.band })
	case "attribute":
		p.Cause, p.Detail = "ATTRIBUTE", featureNames[h.feature]
		w.remove(n, func(q *product) bool { return q.has[h.feature] })
	case "quality":
		p.Cause, h.factor = "QUALITY", s.within(.25, .5)
		l.rating -= s.within(1.4, 1.9)
		l.returns *= s.within(3.5, 5)
	case "stock-out":
		p.Cause, p.Verdict, h.factor = "STOCK_OUT", "RESTOCK", s.within(.5, .8)
		h.from = w.Weeks - window
	case "synonym":
		p.Cause, p.Verdict, h.factor = "FINDABILITY", "FIX_FINDABILITY", s.within(.7, .95)
	}
}

// remove takes products out of a leaf; what is left is not renumbered.
func (w *world) remove(n int, which func(*product) bool) {
	l := &w.leaves[n]
	kept := l.products[:0:0]
	for _, i := range l.products {
		if !which(&w.products[i]) {
			kept = append(kept, i)
		}
	}
	l.products = kept
}

func (w *world) leafID(n int) string { return w.categories[w.leaves[n].category].id }
