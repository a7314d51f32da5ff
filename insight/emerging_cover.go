package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"lacuna/graph"
)

// has tells whether a customer is in a slice.
func (s *slicing) has(x *emergingSlice, customer uint32) bool {
	for i, a := range s.subsets[x.subset] {
		if s.codes[a][customer] != x.values[i] {
			return false
		}
	}
	return true
}

// related tells whether one of two categories is in the other; the whole is related to all.
func (s *slicing) related(a, b uint32) bool {
	if a == 0 || b == 0 {
		return true
	}
	x, y := &s.view.catalog.categories[a], &s.view.catalog.categories[b]
	return x.from <= y.from && y.to <= x.to || y.from <= x.from && x.to <= y.to
}

// lists gives the touches of a category in both windows; 0 is the whole.
func (s *slicing) lists(category uint32) [2][]touch {
	if category == 0 {
		return s.active
	}
	return [2][]touch{s.touches.now[category], s.touches.before[category]}
}

// cover takes the surest slice, leaves its customers out, and tests the rest again at the same threshold, until nothing is left. Customers of slices that
// were taken before are out from the beginning.
func (s *slicing) cover(found, before []emergingSlice) (own []emergingSlice) {
	threshold, taken := 0., slices.Clone(before)
	for i := range found {
		threshold = max(threshold, found[i].p)
	}
	if len(before) > 0 {
		found = s.again(found, taken, threshold)
	}
	for len(found) > 0 && len(own) < mostEmerging {
		slices.SortStableFunc(found, func(a, b emergingSlice) int {
			return cmp.Or(cmp.Compare(a.p, b.p), cmp.Compare(len(a.values), len(b.values)), cmp.Compare(a.category, b.category), cmp.Compare(a.subset, b.subset), slices.Compare(a.values, b.values))
		})
		best := s.parentOf(found[0], found, taken)
		if !s.outlasts(&best, taken) {
			first := found[0]
			found = slices.DeleteFunc(found, func(x emergingSlice) bool { return s.same(&x, &best) || s.same(&x, &first) })
			continue
		}
		taken, own = append(taken, best), append(own, best)
		found = s.again(found, taken, threshold)
	}
	return own
}

// again tests slices without the customers of those taken, and gives those that still grow.
func (s *slicing) again(found, taken []emergingSlice, threshold float64) []emergingSlice {
	kept := found[:0]
	for _, x := range found {
		if x.p, x.now, x.before = s.without(&x, taken, 0).chance(&x); x.p <= threshold && x.now >= emergingSupport {
			kept = append(kept, x)
		}
	}
	return kept
}

// same tells whether two slices are one.
func (s *slicing) same(a, b *emergingSlice) bool {
	return a.subset == b.subset && a.category == b.category && slices.Equal(a.values, b.values)
}

// parentOf gives a slice with a condition less, as long as there is one that was found to grow and grows also without the slice: a child must beat its parent.
func (s *slicing) parentOf(child emergingSlice, found, taken []emergingSlice) emergingSlice {
	for {
		better := -1
		for i := range found {
			x := &found[i]
			if x.category != child.category || len(x.values) != len(child.values)-1 || !s.contains(x, &child) {
				continue
			}
			if p, _, _ := s.without(x, append(slices.Clip(taken), child), 0).chance(x); p < guardP && (better < 0 || x.p < found[better].p) {
				better = i
			}
		}
		if better < 0 {
			return child
		}
		child = found[better]
	}
}

// contains tells whether a slice has all conditions of another and some more.
func (s *slicing) contains(parent, child *emergingSlice) bool {
	for i, a := range s.subsets[parent.subset] {
		at := slices.Index(s.subsets[child.subset], a)
		if at < 0 || child.values[at] != parent.values[i] {
			return false
		}
	}
	return true
}

// guardShare is the share of its distance from the least growth, in standard deviations, that a slice keeps whichever weeks are left out. The surest of thousands
// of slices would often keep enough for a single test by chance: of real growth, nine of thirteen weeks show .83, and .6 at least with a chance of nine in ten.
const guardShare = .6

// outlasts tells whether a slice grows whichever weeks in a row are left out.
func (s *slicing) outlasts(x *emergingSlice, taken []emergingSlice) bool {
	t := &s.view.options.Thresholds
	z := distuv.UnitNormal.Quantile(1 - max(x.p, 1e-15))
	for first := 0; t.GuardWeeks > 0 && first+t.GuardWeeks <= t.Window; first++ {
		if p, _, _ := s.without(x, taken, (uint64(1)<<t.GuardWeeks-1)<<first).chance(x); p >= guardP || distuv.UnitNormal.Quantile(1-p) < guardShare*z {
			return false
		}
	}
	return true
}

// tell turns slices into what is told.
func (s *slicing) tell(ctx context.Context, taken []emergingSlice) ([]EmergingSegment, error) {
	out := make([]EmergingSegment, 0, len(taken))
	for i := range taken {
		x := &taken[i]
		var rules []graph.Rule
		var words, id []string
		for j, a := range s.subsets[x.subset] {
			attribute := &s.view.attributes[s.attributes[a].number]
			value := attribute.values[s.attributes[a].codes[x.values[j]]]
			rules = append(rules, graph.Rule{Attribute: &graph.AttributeRule{Name: attribute.name, Op: graph.OpEq, Values: []graph.Value{value}}})
			words = append(words, attribute.name+" is "+value.String())
			id = append(id, attribute.name+"="+value.String())
		}
		e := EmergingSegment{ID: strings.Join(id, "&"), Description: strings.Join(words, ", "), Rule: graph.Rule{All: rules}}
		if len(rules) == 1 {
			e.Rule = rules[0]
		}
		if x.category != 0 {
			c := &s.view.catalog.categories[x.category]
			e.Category = c.ID
			e.ID += "@" + c.ID
			e.Description += ": growing in " + c.Name
		}
		rule, err := s.view.Compile(e.Rule, "rule")
		if err != nil {
			return nil, fmt.Errorf("emerging segment %s: %w", e.ID, err)
		}
		set, err := rule.members(ctx, s.at)
		if err != nil {
			return nil, err
		}
		before, err := rule.members(ctx, s.before[1]-1)
		if err != nil {
			return nil, err
		}
		e.members, e.Size = Members{s.view, set}, set.Len()
		e.Growth = s.growthOfSlice(x, [2]int{before.Len(), e.Size})
		out = append(out, e)
	}
	return out, nil
}

// growthOfSlice is a slice's growth with all its customers.
func (s *slicing) growthOfSlice(x *emergingSlice, members [2]int) Growth {
	now, before := s.without(x, nil, 0).count(x)
	cell := cellGrowth{ok: now+before > 0, base: x.base, q: x.q, guard: true}
	all := [2]int{s.segments[0].before.Len(), s.segments[0].now.Len()}
	return s.tellGrowth(0, &cell, now, before, &members, &all)
}
