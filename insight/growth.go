package insight

import (
	"context"
	"slices"
	"time"

	"lacuna/graph"
)

// Point is the members of a rule in one period, all counts of customers.
type Point struct {
	PeriodStart       time.Time // of the calendar in the configured zone
	TotalMembers      int       // at the period's end, or as of the moment asked about where that is earlier
	MembersAdded      int       // members then who were none at the end of the period before
	MembersRemoved    int       // members at the end of the period before who are none then
	NetMembersChanged int       // added less removed
}

// usualPeriods is how many are told where no time is asked for.
const usualPeriods = 24

// Growth gives the members of a rule by period. The rule is evaluated anew at each period's own end, by what had happened until then.
// Without between it tells the last 24 periods until asOf.
func (r *Rule) Growth(ctx context.Context, grain Grain, between graph.TimeRange, asOf time.Time) ([]Point, error) {
	v := r.view
	until := v.moment(asOf)
	if until == latest { // nothing has happened
		return nil, nil
	}
	from, to := v.growthSpan(grain, between, until)
	bounds, err := v.periods(grain, from, to)
	if err != nil || len(bounds) == 0 {
		return nil, err
	}
	ends := make([]moment, len(bounds)) // the end of the period before the first one, then of each
	for i, b := range bounds {
		ends[i] = min(momentOf(b)-1, until)
	}
	var points []Point
	switch {
	case r.root.constant():
		points, err = r.constantGrowth(ctx, ends)
	case comparing(r.root):
		points, err = r.comparedGrowth(ctx, ends)
	default:
		points, err = r.pagedGrowth(ctx, ends)
	}
	for i := range points {
		points[i].PeriodStart = bounds[i]
		points[i].NetMembersChanged = points[i].MembersAdded - points[i].MembersRemoved
	}
	return points, err
}

// growthSpan settles which time is told of.
func (v *View) growthSpan(grain Grain, between graph.TimeRange, until moment) (from, to moment) {
	to = until + 1
	if !between.To.IsZero() {
		to = min(to, momentOf(between.To))
	}
	if !between.From.IsZero() {
		return momentOf(between.From), to
	}
	begin := grain.begin((to - 1).time().In(v.options.Zone))
	for range usualPeriods - 1 {
		begin = grain.begin(begin.Add(-time.Hour))
	}
	return momentOf(begin), to
}

// constantGrowth tells of a rule that holds in a customer always or never: its members change by customers who begin to exist.
func (r *Rule) constantGrowth(ctx context.Context, ends []moment) ([]Point, error) {
	v := r.view
	members, err := r.members(ctx, ends[len(ends)-1])
	if err != nil {
		return nil, err
	}
	perPage := make([][]int, len(v.pages))
	err = inParallel(ctx, len(v.pages), func(n int) {
		counts := make([]int, len(ends))
		for slot := range members[n].each() {
			i, _ := slices.BinarySearch(ends, v.pages[n].born[slot])
			counts[i]++
		}
		perPage[n] = counts
	})
	if err != nil {
		return nil, err
	}
	points, total := make([]Point, len(ends)-1), 0
	for i := range ends {
		added := 0
		for _, counts := range perPage {
			added += counts[i]
		}
		total += added
		if i > 0 {
			points[i-1].TotalMembers, points[i-1].MembersAdded = total, added
		}
	}
	return points, nil
}

// comparing tells whether a rule compares customers with each other, which is computed for all of them at once.
func comparing(n node) bool {
	switch n := n.(type) {
	case all:
		return slices.ContainsFunc(n, comparing)
	case anyOf:
		return slices.ContainsFunc(n, comparing)
	case not:
		return comparing(n.inner)
	case segmentNode:
		return comparing(n.rule)
	case rfmNode, lifecycleNode, tierNode:
		return true
	default:
		return false
	}
}

// pagedGrowth evaluates the rule at all ends page by page, so that each interaction is looked at once for all of them.
func (r *Rule) pagedGrowth(ctx context.Context, ends []moment) ([]Point, error) {
	v := r.view
	es := make([]evaluation, len(ends))
	for i, end := range ends {
		es[i] = evaluation{v, end}
	}
	perPage := make([][]Point, len(v.pages))
	err := inParallel(ctx, len(v.pages), func(n int) {
		p, points, sets := v.pages[n], make([]Point, len(ends)-1), make([]pageSet, len(ends))
		for i, end := range ends {
			sets[i] = p.existing(end)
		}
		r.root.narrow(es, n, p, sets)
		for i := range points {
			before, now := &sets[i], &sets[i+1]
			common := now.common(before)
			points[i] = Point{TotalMembers: now.count(), MembersAdded: now.count() - common, MembersRemoved: before.count() - common}
		}
		perPage[n] = points
	})
	if err != nil {
		return nil, err
	}
	points := make([]Point, len(ends)-1)
	for _, page := range perPage {
		for i := range page {
			points[i].TotalMembers += page[i].TotalMembers
			points[i].MembersAdded += page[i].MembersAdded
			points[i].MembersRemoved += page[i].MembersRemoved
		}
	}
	return points, nil
}

// comparedGrowth evaluates the rule for all customers at each end.
func (r *Rule) comparedGrowth(ctx context.Context, ends []moment) ([]Point, error) {
	before, err := r.members(ctx, ends[0])
	if err != nil {
		return nil, err
	}
	points := make([]Point, len(ends)-1)
	for i, end := range ends[1:] {
		now, err := r.members(ctx, end)
		if err != nil {
			return nil, err
		}
		points[i] = Point{TotalMembers: now.Len(), MembersAdded: now.without(before), MembersRemoved: before.without(now)}
		before = now
	}
	return points, nil
}
