package insight

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lacuna/graph"
)

// Members are the customers in whom a rule holds as of a moment.
type Members struct {
	view *View
	set  Set
}

// Members evaluates the rule.
func (r *Rule) Members(ctx context.Context, asOf time.Time) (Members, error) {
	if r.segment != "" {
		set, err := r.view.segmentSet(ctx, r.segment, r.view.moment(asOf))
		return Members{r.view, set}, err
	}
	set, err := r.members(ctx, r.view.moment(asOf))
	return Members{r.view, set}, err
}

// Everyone gives all customers that exist as of a moment.
func (v *View) Everyone(asOf time.Time) Members { return Members{v, v.everyone(v.moment(asOf))} }

// Len is the number of members.
func (m Members) Len() int { return m.set.Len() }

// Has tells whether the customer of an id, a current one, is a member.
func (m Members) Has(id string) bool {
	n, ok := m.view.find(id)
	return ok && m.set.has(n)
}

// Page gives up to first ids in order, those after an id, and whether there are more.
func (m Members) Page(first int, after string) (ids []string, more bool) {
	for n := range m.set.each() {
		if id := m.view.id(n); id > after {
			ids = append(ids, id)
		}
	}
	// All are put in order, since the next page begins where this one ends.
	slices.Sort(ids)
	if len(ids) > first {
		return ids[:first:first], true
	}
	return ids, false
}

// RuleCount is how many customers a part of a rule holds in by itself.
type RuleCount struct {
	Path    string // of the part, such as "rule.all[0]"
	Rule    graph.Rule
	Members int
}

// CountParts counts for each part of the rule, itself first and then in the order in which they are written, in how many of the customers it
// holds that exist as of a moment. Rules of segments that are named count as one part. Members are those of the rule, source what it
// was compiled from.
func (r *Rule) CountParts(ctx context.Context, source graph.Rule, members Members, asOf time.Time) ([]RuleCount, error) {
	counts := []RuleCount{{"rule", source, members.Len()}}
	var inner func(n node, rule graph.Rule, path string) error
	count := func(n node, rule graph.Rule, path string) error {
		set, err := (&Rule{view: r.view, root: n}).members(ctx, r.view.moment(asOf))
		if err != nil {
			return err
		}
		counts = append(counts, RuleCount{path, rule, set.Len()})
		return inner(n, rule, path)
	}
	inner = func(n node, rule graph.Rule, path string) error {
		switch n := n.(type) {
		case all:
			for i := range n {
				if err := count(n[i], rule.All[i], fmt.Sprintf("%s.all[%d]", path, i)); err != nil {
					return err
				}
			}
		case anyOf:
			for i := range n {
				if err := count(n[i], rule.Any[i], fmt.Sprintf("%s.any[%d]", path, i)); err != nil {
					return err
				}
			}
		case not:
			return count(n.inner, *rule.Not, path+".not")
		}
		return nil
	}
	err := inner(r.root, source, "rule")
	return counts, err
}

// Overlap is how many customers two segments have in common.
type Overlap struct {
	A, B    string // ids, A before B
	SizeA   int
	SizeB   int
	Common  int
	Jaccard float64 // common / in either; 0 where both are empty
}

// Overlaps compares each of some segments with each other.
func (v *View) Overlaps(ctx context.Context, ids []string, asOf time.Time) ([]Overlap, error) {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, strings.Compare)
	ids = slices.Compact(ids)
	sets, err := v.segmentSets(ctx, ids, v.moment(asOf))
	if err != nil {
		return nil, err
	}
	var overlaps []Overlap
	for i := range ids {
		for j := i + 1; j < len(ids); j++ {
			o := Overlap{A: ids[i], B: ids[j], SizeA: sets[i].Len(), SizeB: sets[j].Len(), Common: sets[i].common(sets[j])}
			if either := o.SizeA + o.SizeB - o.Common; either > 0 {
				o.Jaccard = float64(o.Common) / float64(either)
			}
			overlaps = append(overlaps, o)
		}
	}
	return overlaps, nil
}

// Jaccard is how much of both is common: customers in both over customers in either, 0 where there is nobody.
func (m Members) Jaccard(o Members) float64 {
	common := m.set.common(o.set)
	if common == 0 {
		return 0
	}
	return float64(common) / float64(m.set.Len()+o.set.Len()-common)
}
