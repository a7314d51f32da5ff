package insight

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lacuna/graph"
)

// Trace is a rule and its parts, each with whether it holds in one customer, and what was seen of the customer.
type Trace struct {
	Rule     graph.Rule
	Matches  bool
	Observed string // what was compared, such as "3 interactions"; personal data
	Children []Trace
}

// Explain tells of each part of a rule whether it holds in a customer as of a moment. A customer who does not exist then is
// matched by nothing. Nobody of the id: [graph.ErrNotFound].
func (r *Rule) Explain(source graph.Rule, customer string, asOf time.Time) (Trace, error) {
	number, ok := r.view.find(customer)
	if !ok {
		return Trace{}, fmt.Errorf("customer: %w", graph.ErrNotFound)
	}
	e := &evaluation{r.view, r.view.moment(asOf)}
	t := explain(e, r.root, source, number)
	if p, slot := r.view.at(number); p.born[slot] > e.asOf {
		t.Matches, t.Observed = false, "was not known yet: since "+p.born[slot].time().Format(time.RFC3339)
	}
	return t, nil
}

// explain walks a rule beside what it was compiled to.
func explain(e *evaluation, n node, rule graph.Rule, customer uint32) Trace {
	t := Trace{Rule: rule}
	p, slot := e.view.at(customer)
	t.Matches = holdsIn(e, n, customer)
	switch n := n.(type) {
	case all:
		for i := range n {
			t.Children = append(t.Children, explain(e, n[i], rule.All[i], customer))
		}
		t.Observed = countMatches(t.Children)
	case anyOf:
		for i := range n {
			t.Children = append(t.Children, explain(e, n[i], rule.Any[i], customer))
		}
		t.Observed = countMatches(t.Children)
	case not:
		t.Children = []Trace{explain(e, n.inner, *rule.Not, customer)}
		t.Observed = "the opposite of what follows"
	case segmentNode:
		for _, s := range slices.Concat(n.in, n.notIn) {
			t.Children = append(t.Children, explain(e, s.node, e.view.segments[e.view.segment[s.id]].Rule, customer))
		}
		t.Observed = n.observe(e, p, slot)
	case observer:
		t.Observed = n.observe(e, p, slot)
	}
	return t
}

// holdsIn tells whether a node holds in one customer.
func holdsIn(e *evaluation, n node, customer uint32) bool {
	p, slot := e.view.at(customer)
	alone := make([]pageSet, 1)
	alone[0].add(slot)
	n.narrow([]evaluation{*e}, int(customer>>pageBits), p, alone)
	return alone[0].has(slot)
}

func countMatches(children []Trace) string {
	n := 0
	for _, c := range children {
		if c.Matches {
			n++
		}
	}
	return fmt.Sprintf("%d of %d match", n, len(children))
}

// observer is a node that can say what it sees of a customer.
type observer interface {
	observe(e *evaluation, p page, slot int) string
}

func (n attributeNode) observe(e *evaluation, p page, slot int) string {
	if n.number < 0 {
		return "nobody has " + n.name
	}
	code := p.attribute(n.number, slot)
	if code == 0 {
		return n.name + " is not known"
	}
	return n.name + " is " + e.view.attributes[n.number].values[code].String()
}

func (n eventNode) observe(e *evaluation, p page, slot int) string {
	from, to := n.span.of(e)
	r := p.rows[slot].within(from, to)
	if n.sum != nil {
		sum, seen := n.add(r)
		return fmt.Sprintf("%s %s of %s", strings.ToLower(n.sum.Of.String()), sum, interactions(seen))
	}
	everything := n
	everything.count = &graph.CountRange{} // so that all are counted
	count := everything.number(r)
	for row := r.hi; count > 0 && row > r.lo; row-- {
		if n.filter.matches(r.block, row-1) {
			return interactions(count) + ", the latest at " + r.block.at(row-1).time().Format(time.RFC3339)
		}
	}
	return interactions(count)
}

func interactions(n int64) string {
	if n == 1 {
		return "1 interaction"
	}
	return fmt.Sprintf("%d interactions", n)
}

func (n sequenceNode) observe(e *evaluation, p page, slot int) string {
	at, ok := n.find(e, p.rows[slot].until(e.asOf))
	if !ok {
		return "the steps were not made in this order"
	}
	times := make([]string, len(at))
	for i, m := range at {
		times[i] = m.time().Format(time.RFC3339)
	}
	return "steps at " + strings.Join(times, ", ")
}

func (n segmentNode) observe(e *evaluation, p page, slot int) string {
	var in []string
	for _, s := range slices.Concat(n.in, n.notIn) {
		if holdsIn(e, s.node, p.number(e, slot)) {
			in = append(in, s.id)
		}
	}
	if len(in) == 0 {
		return "in none of them"
	}
	return "in " + strings.Join(in, ", ")
}

func (n consentNode) observe(_ *evaluation, p page, slot int) string {
	switch {
	case n.number == 0 || p.consent(n.number, slot) == notAsked:
		return n.purpose + " was not asked"
	case p.consent(n.number, slot) == granted:
		return n.purpose + " was granted"
	default:
		return n.purpose + " was denied"
	}
}

func (n householdNode) observe(e *evaluation, p page, slot int) string {
	if p.household[slot] == 0 {
		return "in no household"
	}
	return fmt.Sprintf("in a household of %d", e.view.sizes[p.household[slot]])
}
