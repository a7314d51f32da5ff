package insight

import (
	"slices"
	"time"

	"lacuna/graph"
)

// Segments gives all segments in order of id.
func (v *View) Segments() []graph.Segment { return v.segments }

// Segment gives one, nil where there is none of that id.
func (v *View) Segment(id string) *graph.Segment {
	if i, ok := v.segment[id]; ok {
		return &v.segments[i]
	}
	return nil
}

// UsedBy lists the ids of the segments whose rules name a segment.
func (v *View) UsedBy(id string) (ids []string) {
	for i := range v.segments {
		if slices.Contains(v.segments[i].Rule.Segments(), id) {
			ids = append(ids, v.segments[i].ID)
		}
	}
	return ids
}

// Membership is that a customer belongs to a segment.
type Membership struct {
	Segment string
	// Since is the moment from which on the customer has belonged without a break, judged by their own interactions. It is zero where the
	// rule compares customers with each other, or it cannot be told.
	Since time.Time
}

// SegmentsOf lists the segments that a customer, given by current id, belongs to as of a moment, in order of id. Segments whose
// rule cannot be evaluated are left out.
func (v *View) SegmentsOf(customer string, asOf time.Time) (list []Membership) {
	number, ok := v.find(customer)
	if !ok {
		return nil
	}
	e := &evaluation{v, v.moment(asOf)}
	p, slot := v.at(number)
	if p.born[slot] > e.asOf {
		return nil
	}
	for i := range v.segments {
		rule, err := v.segmentRule(v.segments[i].ID)
		if err != nil || !holdsIn(e, rule.root, number) {
			continue
		}
		list = append(list, Membership{v.segments[i].ID, rule.since(number, e.asOf)})
	}
	return list
}

// since looks back through the moments at which the rule's answer can have changed for a customer, from the latest one on.
func (r *Rule) since(customer uint32, asOf moment) time.Time {
	v := r.view
	p, slot := v.at(customer)
	if r.root.constant() {
		if p.born[slot] == earliest {
			return time.Time{}
		}
		return p.born[slot].time()
	}
	changes, ok := turningPoints(r.root, v, p.rows[slot].until(asOf))
	if !ok || asOf == latest {
		return time.Time{}
	}
	if p.born[slot] != earliest {
		changes = append(changes, p.born[slot])
	}
	slices.Sort(changes)
	since := asOf
	for _, m := range slices.Backward(changes) {
		if m > asOf || m < p.born[slot] {
			continue
		}
		if !holdsIn(&evaluation{v, m}, r.root, customer) {
			return since.time()
		}
		since = m
	}
	return since.time()
}

// mostTurningPoints bounds the work of telling since when.
const mostTurningPoints = 5_000

// turningPoints lists the moments at which a node's answer can change for a customer who has these interactions: when one happens, and when
// one leaves a window of time. It is not ok for rules that compare customers with each other.
func turningPoints(n node, v *View, r rows) (list []moment, ok bool) {
	var inner []node
	switch n := n.(type) {
	case all:
		inner = n
	case anyOf:
		inner = n
	case not:
		inner = []node{n.inner}
	case segmentNode:
		for _, s := range slices.Concat(n.in, n.notIn) {
			inner = append(inner, s.node)
		}
	case eventNode:
		return n.span.turningPoints(v, r)
	case sequenceNode:
		for _, s := range n.steps {
			more, ok := s.span.turningPoints(v, r)
			if !ok {
				return nil, false
			}
			list = append(list, more...)
		}
		return list, len(list) <= mostTurningPoints
	default:
		return nil, n.constant()
	}
	for _, x := range inner {
		more, ok := turningPoints(x, v, r)
		if list = append(list, more...); !ok || len(list) > mostTurningPoints {
			return nil, false
		}
	}
	return list, true
}

func (s span) turningPoints(v *View, r rows) (list []moment, ok bool) {
	if r.len() > mostTurningPoints {
		return nil, false
	}
	for row := r.lo; row < r.hi; row++ {
		at := r.block.at(row)
		list = append(list, at)
		if s.within != nil {
			t := at.time().In(v.options.Zone)
			list = append(list, momentOf(t.AddDate(s.within.Years, s.within.Months, s.within.Days).Add(s.within.Time)))
		}
	}
	if s.between != nil && !s.between.From.IsZero() {
		list = append(list, momentOf(s.between.From))
	}
	return list, true
}
