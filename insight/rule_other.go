package insight

import (
	"slices"

	"lacuna/graph"
)

// segmentNode holds in members of any of some segments who are in none of others.
type segmentNode struct {
	in, notIn []namedNode
	rule      node // what they come to
}

type namedNode struct {
	id string
	node
}

func (c *compiler) segment(r *graph.SegmentRule, path string) (node, error) {
	in, err := c.segments(r.In, path+".in")
	if err != nil {
		return nil, err
	}
	notIn, err := c.segments(r.NotIn, path+".notIn")
	rule := all{}
	if len(r.In) > 0 {
		rule = append(rule, anyOf(nodesOf(in)))
	}
	return segmentNode{in, notIn, append(rule, not{anyOf(nodesOf(notIn))})}, err
}

func nodesOf(named []namedNode) (nodes []node) {
	for _, n := range named {
		nodes = append(nodes, n.node)
	}
	return nodes
}

func (c *compiler) segments(ids []string, path string) (nodes []namedNode, err error) {
	for _, id := range ids {
		i, ok := c.view.segment[id]
		if !ok {
			return nil, wrong(path, "names segment %q, which does not exist", graph.Clip(id))
		}
		if slices.Contains(c.open, id) {
			return nil, wrong(path, "would contain itself: %s", graph.Clip(id))
		}
		c.open = append(c.open, id)
		n, err := c.compile(&c.view.segments[i].Rule, "segment "+graph.Clip(id)+": rule")
		c.open = c.open[:len(c.open)-1]
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, namedNode{id, n})
	}
	return nodes, nil
}

func (n segmentNode) narrow(es []evaluation, number int, p page, sets []pageSet) {
	n.rule.narrow(es, number, p, sets)
}

func (n segmentNode) constant() bool { return n.rule.constant() }

// consentNode holds in those who gave an answer to a purpose.
type consentNode struct {
	purpose string
	number  int // 0 where nobody was asked
	answer  consent
}

func (c *compiler) consent(r *graph.ConsentRule) node {
	n := consentNode{purpose: r.Purpose, answer: denied}
	if r.Granted {
		n.answer = granted
	}
	if i := slices.Index(c.view.purposes, r.Purpose); i > 0 {
		n.number = i
	}
	return n
}

func (n consentNode) narrow(_ []evaluation, _ int, p page, sets []pageSet) {
	if n.number == 0 || n.number >= len(p.consents) || p.consents[n.number] == nil {
		clear(sets)
		return
	}
	for i := range sets {
		sets[i].keep(func(slot int) bool { return p.consents[n.number][slot] == n.answer })
	}
}

func (consentNode) constant() bool { return true }

// householdNode holds by whether there is a household, and how many members it has.
type householdNode struct{ rule graph.HouseholdRule }

func (n householdNode) narrow(es []evaluation, _ int, p page, sets []pageSet) {
	for i := range sets {
		sets[i].keep(func(slot int) bool { return n.holdsOf(es[i].view, p.household[slot]) })
	}
}

func (n householdNode) holdsOf(v *View, household uint32) bool {
	if n.rule.Exists != nil && *n.rule.Exists != (household != 0) {
		return false
	}
	return n.rule.Size == nil || household != 0 && n.rule.Size.Contains(int64(v.sizes[household]))
}

func (householdNode) constant() bool { return true }
