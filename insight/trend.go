package insight

import (
	"cmp"
	"context"
	"slices"
	"time"

	"lacuna/insight/stat"
)

// Growth is by how much something grew between the same weeks a year apart, with the growth of all customers divided out: .25 is a quarter more
// than they. What cannot be computed is nil, and Reason says why.
type Growth struct {
	Rate, Low, High *float64 // Low and High bound the rate with 90 % confidence
	QValue          *float64 // of the hypothesis that it grew by no more than [Thresholds.LeastGrowth]
	Significant     bool     // QValue ≤ .1
	SeasonSeparable bool     // the windows lie a year apart
	FromMembers     *float64 // of the rate, what comes from there being more members
	FromShare       *float64 // of the rate, what comes from more of the members being active
	Reason          string   // NO_INTERACTIONS, UNDER_A_YEAR
}

const significantBelow = .1

// windows are the last weeks before a moment, and the same a year (364 days) before.
func (v *View) windows(asOf moment) (now, before [2]moment) {
	length := moment(v.options.Thresholds.Window) * 7 * microsPerDay
	const year = 364 * microsPerDay
	now = [2]moment{asOf + 1 - length, asOf + 1}
	return now, [2]moment{now[0] - year, now[1] - year}
}

// Trend tests whether a rule's members grow: distinct members who were active in the window before asOf against those in the same weeks a
// year before, the rule being evaluated at each window's own end, and the growth of all active customers divided out.
func (r *Rule) Trend(ctx context.Context, asOf time.Time) (Growth, error) {
	v := r.view
	at := v.moment(asOf)
	if at == latest {
		return Growth{Reason: "NO_INTERACTIONS"}, nil
	}
	now, before := v.windows(at)
	if first, _ := v.spread(); first > before[0] {
		return Growth{Reason: "UNDER_A_YEAR"}, nil
	}
	members1, err := r.members(ctx, now[1]-1)
	if err != nil {
		return Growth{}, err
	}
	members0, err := r.members(ctx, before[1]-1)
	if err != nil {
		return Growth{}, err
	}
	active1, active0 := v.active(now), v.active(before)
	base := float64(active1.Len()) / float64(max(1, active0.Len()))
	n1, n0 := int64(members1.common(active1)), int64(members0.common(active0))
	g, ok := stat.GrowthTest(n0, n1, base, v.options.Thresholds.LeastGrowth)
	if !ok {
		return Growth{SeasonSeparable: true, Reason: "NO_INTERACTIONS"}, nil
	}
	growth := Growth{SeasonSeparable: true, QValue: &g.P, Significant: g.P <= significantBelow}
	if n0 > 0 {
		growth.Rate, growth.Low, growth.High = &g.Rate, &g.Low, &g.High
	} else {
		growth.Low, growth.Reason = &g.Low, "NONE_BEFORE"
	}
	growth.split(members0.Len(), members1.Len(), v.everyone(before[1]-1).Len(), v.everyone(now[1]-1).Len(), active0.Len(), active1.Len())
	return growth, nil
}

// split tells how much of the rate comes from more members and how much from their being more active, each beside that of all customers:
// (1 + rate) = (1 + fromMembers) × (1 + fromShare).
func (g *Growth) split(members0, members1, all0, all1, active0, active1 int) {
	if g.Rate == nil || members0 == 0 || members1 == 0 || all0 == 0 || all1 == 0 || active0 == 0 || active1 == 0 {
		return
	}
	members := float64(members1) / float64(members0) / (float64(all1) / float64(all0))
	share := (1 + *g.Rate) / members
	fromMembers, fromShare := members-1, share-1
	g.FromMembers, g.FromShare = &fromMembers, &fromShare
}

// active gives the customers with an interaction in a window.
func (v *View) active(window [2]moment) Set {
	set := make(Set, len(v.pages))
	for n, p := range v.pages {
		for slot := range p.known.each() {
			if p.rows[slot].within(window[0], window[1]).len() > 0 {
				set[n].add(slot)
			}
		}
	}
	return set
}

// leastOfValue is how many customers must have a value for it to be compared.
const leastOfValue = 20

// Differentiators tells in what members differ from all other customers as of a moment: the values of attributes and the categories of interest that
// more or fewer of them have, those first in which the difference is surely largest. Texts with very many values are left out.
func (r *Rule) Differentiators(ctx context.Context, asOf time.Time, first int) ([]Differentiator, error) {
	v := r.view
	at := v.moment(asOf)
	members, err := r.members(ctx, at)
	if err != nil {
		return nil, err
	}
	everyone := v.everyone(at)
	n, others := int64(members.Len()), int64(everyone.without(members))
	var found []Differentiator
	compare := func(d Differentiator, inside, outside int64) {
		if inside+outside < leastOfValue {
			return
		}
		var ok bool
		if d.Difference, ok = stat.Proportions(inside, n, outside, others); ok {
			found = append(found, d)
		}
	}
	v.compareAttributes(members, everyone, compare)
	v.compareCategories(members, everyone, at, compare)
	return surest(found, first), ctx.Err()
}

// mostValues is of how many values an attribute may be to be compared value by value.
const mostValues = 200

func (v *View) compareAttributes(members, everyone Set, compare func(d Differentiator, inside, outside int64)) {
	for number := range v.attributes {
		a := &v.attributes[number]
		if len(a.values) > mostValues {
			continue
		}
		counts := make([][2]int64, len(a.values))
		for n, p := range v.pages {
			if number >= len(p.attributes) || p.attributes[number] == nil {
				continue
			}
			for slot := range everyone[n].each() {
				in := 1
				if members[n].has(slot) {
					in = 0
				}
				counts[p.attributes[number][slot]][in]++
			}
		}
		for code := 1; code < len(counts); code++ {
			compare(Differentiator{Attribute: a.name, Value: a.values[code].String()}, counts[code][0], counts[code][1])
		}
	}
}

// compareCategories compares who had anything to do with each category or what is below it.
func (v *View) compareCategories(members, everyone Set, asOf moment, compare func(d Differentiator, inside, outside int64)) {
	catalog := v.catalog
	counts := make([][2]int64, len(catalog.categories))
	stamp := make([]uint32, len(catalog.categories))
	above := make([][]uint32, len(catalog.things)) // the categories of each thing and all above them
	for n := range catalog.things {
		for _, k := range catalog.things[n].categories {
			for id := catalog.categories[k].ID; id != "" && len(above[n]) < 1_000; {
				above[n] = append(above[n], k)
				id = catalog.categories[k].Parent
				k = catalog.handle(id)
				if k == 0 {
					break
				}
			}
		}
	}
	for n, p := range v.pages {
		for slot := range everyone[n].each() {
			in, customer := 1, uint32(n)<<pageBits|uint32(slot)
			if members[n].has(slot) {
				in = 0
			}
			r := p.rows[slot].until(asOf)
			for row := r.lo; row < r.hi; row++ {
				for _, k := range above[r.block.thing[row]] {
					if stamp[k] != customer+1 {
						stamp[k] = customer + 1
						counts[k][in]++
					}
				}
			}
		}
	}
	for _, k := range catalog.walk {
		compare(Differentiator{Category: catalog.categories[k].ID}, counts[k][0], counts[k][1])
	}
}

// handle gives the handle of a category that exists, 0 for none.
func (c *catalog) handle(id string) uint32 {
	if id == "" {
		return 0
	}
	return c.byID[id]
}

// surest corrects for how many were compared, drops what may be chance, and puts the rest in order of the least difference that is sure.
func surest(found []Differentiator, first int) []Differentiator {
	p := make([]float64, len(found))
	for i := range found {
		p[i] = found[i].P
	}
	for i, q := range stat.BenjaminiHochberg(p) {
		found[i].Q = q
	}
	found = slices.DeleteFunc(found, func(d Differentiator) bool { return d.Q > significantBelow })
	sure := func(d Differentiator) float64 { return max(d.Low, -d.High, 0) }
	slices.SortStableFunc(found, func(a, b Differentiator) int { return cmp.Compare(sure(b), sure(a)) })
	return found[:min(first, len(found))]
}
