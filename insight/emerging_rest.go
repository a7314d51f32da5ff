package insight

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// rest is the customers and weeks that are left when slices have been taken and weeks are left out.
type rest struct {
	*slicing
	gone  Set    // customers of slices that were taken; nil for nobody
	weeks uint64 // left out, a bit each
	bases map[uint32]float64
	known map[[2]int]float64 // by subset and category
}

// without gives what is left for a slice when others are taken before. Those taken in categories that have nothing to do with its own stay.
func (s *slicing) without(x *emergingSlice, taken []emergingSlice, weeks uint64) *rest {
	var removed []*emergingSlice
	var key strings.Builder
	for i := range taken {
		if s.related(taken[i].category, x.category) {
			removed = append(removed, &taken[i])
			fmt.Fprintf(&key, "%d %x ", taken[i].subset, taken[i].values)
		}
	}
	fmt.Fprint(&key, weeks)
	if r, ok := s.rests[key.String()]; ok {
		return r
	}
	r := &rest{slicing: s, weeks: weeks, bases: map[uint32]float64{}, known: map[[2]int]float64{}}
	if len(removed) > 0 {
		r.gone = make(Set, len(s.view.pages))
		for customer := range uint32(len(s.view.pages) * pageSize) {
			if slices.ContainsFunc(removed, func(x *emergingSlice) bool { return s.has(x, customer) }) {
				r.gone[customer>>pageBits].add(int(customer & (pageSize - 1)))
			}
		}
	}
	s.rests[key.String()] = r
	return r
}

// has tells whether a touch is left.
func (r *rest) has(t *touch) bool {
	return (r.gone == nil || !r.gone.has(t.customer)) && (r.weeks == 0 || t.without(r.weeks))
}

// each calls for the customers that are left of both windows of a category, 0 for all of them.
func (r *rest) each(category uint32, call func(window int, customer uint32)) {
	for window, list := range r.lists(category) {
		for i := range list {
			if r.has(&list[i]) {
				call(window, list[i].customer)
			}
		}
	}
}

// all counts the customers that are left of both windows.
func (r *rest) all(category uint32) (n [2]int) {
	r.each(category, func(window int, _ uint32) { n[window]++ })
	return n
}

// count counts those of a slice.
func (r *rest) count(x *emergingSlice) (now, before int64) {
	var n [2]int64
	r.each(x.category, func(window int, customer uint32) {
		if r.slicing.has(x, customer) {
			n[window]++
		}
	})
	return n[0], n[1]
}

// base is by how much customers in general grew, of those that are left: for categories the median of their level, for the whole that of single values of
// attributes.
func (r *rest) base(category uint32) float64 {
	if base, ok := r.bases[category]; ok {
		return base
	}
	if category == 0 {
		r.bases[0] = r.baseOfWhole()
		return r.bases[0]
	}
	l := &r.levels[r.depth[category]]
	for n, base := range r.basesOf(l, func(k uint32) (now, before int) {
		all := r.all(k)
		return all[0], all[1]
	}) {
		r.bases[l.categories[n]] = base
	}
	return r.bases[category]
}

func (r *rest) baseOfWhole() float64 {
	var ratios []float64
	for i, subset := range r.subsets {
		if len(subset) != 1 {
			continue
		}
		n := r.countAll(i, 0)
		for place := range n[0] {
			if now, before := n[0][place], n[1][place]; now >= emergingSupport && before > 0 {
				ratios = append(ratios, float64(now)/float64(before))
			}
		}
	}
	if len(ratios) == 0 {
		all := r.all(0)
		return float64(all[0]) / float64(max(1, all[1]))
	}
	return medianOf(ratios)
}

// countAll counts the slices of a subset in both windows.
func (r *rest) countAll(subset int, category uint32) (counts [2][]uint32) {
	counts = [2][]uint32{make([]uint32, r.sizes[subset]), make([]uint32, r.sizes[subset])}
	r.each(category, func(window int, customer uint32) {
		if place := r.place(r.subsets[subset], customer); place >= 0 {
			counts[window][place]++
		}
	})
	return counts
}

// moved is by how much more of the customers the attributes of a subset are known than were before; 1 where it is by little. Growth of knowledge is no growth:
// each slice is compared with all customers of whom its attributes are known.
func (r *rest) moved(subset int, category uint32) float64 {
	key := [2]int{subset, int(category)}
	if moved, ok := r.known[key]; ok {
		return moved
	}
	known, all := [2]float64{}, r.all(category)
	r.each(category, func(window int, customer uint32) {
		if r.place(r.subsets[subset], customer) >= 0 {
			known[window]++
		}
	})
	r.known[key] = movedBy(known, [2]float64{float64(all[0]), float64(all[1])}, r.view.options.Thresholds.KnownMoved)
	return r.known[key]
}

// movedBy is the share of the known among all now, over that before, where it differs by more than a little.
func movedBy(known, all [2]float64, little float64) float64 {
	if known[0] == 0 || known[1] == 0 {
		return 1
	}
	if moved := known[0] / all[0] / (known[1] / all[1]); math.Abs(moved-1) > little {
		return moved
	}
	return 1
}

// chance is that of such growth of a slice, were the true one no more than the least, and how many customers of it are left.
func (r *rest) chance(x *emergingSlice) (p float64, now, before int64) {
	now, before = r.count(x)
	return r.p(now, before, r.base(x.category)*r.moved(x.subset, x.category)), now, before
}
