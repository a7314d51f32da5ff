package insight

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"sync"

	"lacuna/graph"
	"lacuna/insight/stat"
)

// EmergingSegment is a group of customers that was found in the data, and grows.
type EmergingSegment struct {
	ID          string
	Rule        graph.Rule
	Description string
	Size        int // members as of the moment
	Growth      Growth
	Category    string // in which it grows; "" where it grows as a whole
	members     Members
}

// Members are the customers of the group.
func (e *EmergingSegment) Members() Members { return e.members }

const (
	emergingSupport = 40 // customers of the last window of a slice that is tested at all
	emergingDepth   = 3  // conditions of a slice
	mostConditions  = 12 // attributes that slices are made of, the best known first
	mostSliceValues = 30 // values of such an attribute
	mostSlices      = 60_000
	mostEmerging    = 50

	emergingDiscoveries = .025 // share of false ones among what is told
)

// slicing is what slices are made of: up to three attributes, each with one value.
type slicing struct {
	*gapWork
	attributes []sliceAttribute
	codes      [][]uint8  // by attribute, by customer: the value's place, 0 for none
	subsets    [][]int    // attributes' places
	sizes      []int      // number of codes of each subset
	tested     []int      // slices, by family
	active     [2][]touch // one touch a customer: the weeks with any intent
	rests      map[string]*rest
}

type sliceAttribute struct {
	number int
	codes  []uint32 // values by place; the first is none
}

// slice is one that grows, as far as was told at first sight.
type emergingSlice struct {
	subset   int
	values   []uint8
	category uint32 // 0 for the whole
	base     float64
	p, q     float64
	now      int64
	before   int64
}

// Emerging finds groups that grow, as a whole or in one category: slices by up to three attributes whose customers with intent grew beyond the base, by the
// same test and guard as gaps, with the share of false discoveries held over all slices tested. Of the slices that overlap, the surest is taken, its
// customers are left out, and the rest is tested again at the same threshold.
func (g *Gaps) Emerging(ctx context.Context) ([]EmergingSegment, error) {
	g.emerging.mu.Lock()
	defer g.emerging.mu.Unlock()
	if !g.emerging.done {
		list, err := g.newEmerging(ctx)
		if err != nil {
			return nil, err
		}
		g.emerging.list, g.emerging.done = list, true
	}
	return g.emerging.list, nil
}

// emergingEntry keeps what was found.
type emergingEntry struct {
	mu   sync.Mutex
	done bool
	list []EmergingSegment
}

func (g *Gaps) newEmerging(ctx context.Context) ([]EmergingSegment, error) {
	if g.at == latest || g.before[1] <= g.before[0] {
		return nil, nil
	}
	s := &slicing{gapWork: &g.gapWork, rests: map[string]*rest{}}
	s.active = [2][]touch{s.united(g.touches.now), s.united(g.touches.before)}
	s.choose()
	if err := s.encode(ctx); err != nil {
		return nil, err
	}
	found, err := s.test(ctx)
	if err != nil {
		return nil, err
	}
	// Wholes first: what grows everywhere is not told again of every category. What overlaps was discovered many times over, so that what is left
	// is held against all that were tested once more; as it is few, a false one weighs more.
	var taken []emergingSlice
	for family := range s.tested {
		own := slices.DeleteFunc(slices.Clone(found), func(x emergingSlice) bool { return s.family(&x) != family })
		taken = append(taken, s.discoveries(s.cover(own, taken), s.tested[family], emergingDiscoveries)...)
	}
	return s.tell(ctx, taken)
}

// united gives one touch a customer of those of all root categories.
func (s *slicing) united(lists [][]touch) []touch {
	weeks := make([]uint64, len(s.view.pages)*pageSize)
	for _, k := range s.view.catalog.walk {
		if s.depth[k] == 0 {
			for i := range lists[k] {
				weeks[lists[k][i].customer] |= lists[k][i].weeks
			}
		}
	}
	var list []touch
	for customer, w := range weeks {
		if w != 0 {
			list = append(list, touch{customer: uint32(customer), weeks: w})
		}
	}
	return list
}

// choose picks the attributes that slices are made of, and the values that enough customers have.
func (s *slicing) choose() {
	v := s.view
	type counted struct {
		sliceAttribute
		known int
	}
	var list []counted
	for number := range v.attributes {
		counts := make([]int, len(v.attributes[number].values))
		known := 0
		for _, t := range s.active[0] {
			p, slot := v.at(t.customer)
			if code := p.attribute(number, slot); code != 0 {
				counts[code]++
				known++
			}
		}
		a := counted{sliceAttribute{number, []uint32{0}}, known}
		for code, n := range counts {
			if code > 0 && n >= emergingSupport {
				a.codes = append(a.codes, uint32(code))
			}
		}
		if len(a.codes) > 1 && len(a.codes)-1 <= mostSliceValues {
			list = append(list, a)
		}
	}
	slices.SortStableFunc(list, func(a, b counted) int {
		return cmp.Or(cmp.Compare(b.known, a.known), strings.Compare(v.attributes[a.number].name, v.attributes[b.number].name))
	})
	for _, a := range list[:min(len(list), mostConditions)] {
		s.attributes = append(s.attributes, a.sliceAttribute)
	}
	var add func(from int, subset []int)
	add = func(from int, subset []int) {
		if size := s.sizeOf(subset); len(subset) > 0 && size <= mostSlices {
			s.subsets, s.sizes = append(s.subsets, slices.Clone(subset)), append(s.sizes, size)
		}
		if len(subset) < emergingDepth {
			for a := from; a < len(s.attributes); a++ {
				add(a+1, append(subset, a))
			}
		}
	}
	add(0, nil)
}

func (s *slicing) sizeOf(subset []int) int {
	size := 1
	for _, a := range subset {
		size *= len(s.attributes[a].codes)
	}
	return size
}

// encode notes each customer's values.
func (s *slicing) encode(ctx context.Context) error {
	v := s.view
	s.codes = make([][]uint8, len(s.attributes))
	return inParallel(ctx, len(s.attributes), func(a int) {
		place := make([]uint8, len(v.attributes[s.attributes[a].number].values))
		for i, code := range s.attributes[a].codes[1:] {
			place[code] = uint8(i + 1)
		}
		s.codes[a] = make([]uint8, len(v.pages)*pageSize)
		for n, p := range v.pages {
			for slot := range p.known.each() {
				s.codes[a][n<<pageBits|slot] = place[p.attribute(s.attributes[a].number, slot)]
			}
		}
	})
}

// place is which slice of a subset a customer is in; -1 where a value is not known, or rare.
func (s *slicing) place(subset []int, customer uint32) int {
	n := 0
	for _, a := range subset {
		code := int(s.codes[a][customer])
		if code == 0 {
			return -1
		}
		n = n*len(s.attributes[a].codes) + code
	}
	return n
}

// values are a slice's, by its place.
func (s *slicing) values(subset []int, place int) []uint8 {
	values := make([]uint8, len(subset))
	for i := len(subset) - 1; i >= 0; i-- {
		size := len(s.attributes[subset[i]].codes)
		values[i] = uint8(place % size)
		place /= size
	}
	return values
}

// test tests all slices, as wholes and in each category, and gives those that grow.
func (s *slicing) test(ctx context.Context) ([]emergingSlice, error) {
	walk := s.view.catalog.walk
	all := s.without(&emergingSlice{}, nil, 0)
	for _, l := range s.levels {
		if len(l.categories) > 0 {
			all.base(l.categories[0]) // of the whole level
		}
	}
	all.base(0)
	parts := make([][]emergingSlice, len(walk)+1)
	err := inParallel(ctx, len(parts), func(i int) {
		k := uint32(0)
		if i < len(walk) {
			k = walk[i]
		}
		parts[i] = s.testIn(all, k)
	})
	if err != nil {
		return nil, err
	}
	// The whole and each level of the tree are families of their own.
	families := make([][]emergingSlice, len(s.levels)+1)
	for i := range parts {
		family := 0
		if i < len(walk) {
			family = 1 + s.depth[walk[i]]
		}
		families[family] = append(families[family], parts[i]...)
	}
	s.tested = make([]int, len(families))
	var found []emergingSlice
	for i, all := range families {
		s.tested[i] = len(all)
		found = append(found, s.discoveries(all, len(all), s.view.options.Thresholds.FalseDiscoveries)...)
	}
	return found, nil
}

// discoveries are the slices of a family that grow, by Benjamini and Hochberg's rule, out of so many that were tested, with such a share of false ones.
func (s *slicing) discoveries(list []emergingSlice, tested int, share float64) (found []emergingSlice) {
	p := make([]float64, tested)
	for i := range p {
		p[i] = 1
	}
	for i := range list {
		p[i] = list[i].p
	}
	for i, q := range stat.BenjaminiHochberg(p)[:len(list)] {
		if q <= share {
			list[i].q = q
			found = append(found, list[i])
		}
	}
	return found
}

// family is the whole or a level of the tree.
func (s *slicing) family(x *emergingSlice) int {
	if x.category == 0 {
		return 0
	}
	return 1 + s.depth[x.category]
}

// testIn tests the slices of enough customers in one category, or as wholes.
func (s *slicing) testIn(all *rest, k uint32) (out []emergingSlice) {
	n, base, little := all.all(k), all.bases[k], s.view.options.Thresholds.KnownMoved
	if n[0] < emergingSupport || n[1] == 0 || math.IsNaN(base) {
		return nil
	}
	for i, subset := range s.subsets {
		counts := all.countAll(i, k)
		var sum [2]float64
		for place := range counts[0] {
			sum[0] += float64(counts[0][place])
			sum[1] += float64(counts[1][place])
		}
		if sum[0] == 0 || sum[1] == 0 {
			continue
		}
		known := base * movedBy(sum, [2]float64{float64(n[0]), float64(n[1])}, little)
		for place, now := range counts[0] {
			if now < emergingSupport {
				continue
			}
			x := emergingSlice{subset: i, category: k, base: known, p: 1, now: int64(now), before: int64(counts[1][place])}
			if float64(now) > float64(x.before)*known*(1+s.view.options.Thresholds.LeastGrowth) {
				x.p = s.p(x.now, x.before, known)
				x.values = s.values(subset, place)
			}
			out = append(out, x)
		}
	}
	return out
}

// p is the chance of such growth were the true one no more than the least.
func (s *slicing) p(now, before int64, base float64) float64 {
	if p, ok := stat.GrowthChance(before, now, base, s.view.options.Thresholds.LeastGrowth); ok {
		return p
	}
	return 1
}
