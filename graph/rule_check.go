package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Segments lists the ids of the segments that the rule refers to, in order, each once.
func (r Rule) Segments() []string {
	ids := map[string]bool{}
	r.walk(func(node *Rule) {
		if node.Segment != nil {
			for _, id := range node.Segment.In {
				ids[id] = true
			}
			for _, id := range node.Segment.NotIn {
				ids[id] = true
			}
		}
	})
	return slices.Sorted(maps.Keys(ids))
}

// Categories lists the ids of the categories that the rule names, in order, each once.
func (r Rule) Categories() []string {
	ids := map[string]bool{}
	r.walk(func(node *Rule) {
		if node.Event != nil {
			ids[node.Event.Category] = true
		}
		if node.Sequence != nil {
			for i := range node.Sequence.Steps {
				ids[node.Sequence.Steps[i].Category] = true
			}
		}
	})
	delete(ids, "")
	return slices.Sorted(maps.Keys(ids))
}

// walk visits the rule and all rules in it, parents first.
func (r *Rule) walk(visit func(*Rule)) {
	visit(r)
	for i := range r.All {
		r.All[i].walk(visit)
	}
	for i := range r.Any {
		r.Any[i].walk(visit)
	}
	if r.Not != nil {
		r.Not.walk(visit)
	}
}

// CheckSegmentCycles tells which of the changed rules, by id of segment, cannot be saved: those that refer to a segment
// which exists neither in the store nor among them ([RejectUnknownSegment]), and those by which a segment would refer to
// itself, directly or through others ([RejectCycle], naming the way round: "a → b → a"). A changed segment that is refused
// stays as it was in the store, or unknown, and what depends on it is judged by that; all others can be saved
// together. The answer does not depend on any order. The stored rules, which existing gives by id, have no cycles.
func CheckSegmentCycles(existing func(id string) (Rule, bool), changed map[string]Rule) map[string]*Rejection {
	c := &segmentChecker{existing: existing, changed: changed, links: map[string][]string{}, stored: map[string]storedSegment{},
		refused: map[string]*Rejection{}}
	for id, rule := range changed {
		c.links[id] = rule.Segments()
	}
	for {
		c.refuseUnknown()
		if !c.refuseCycles() { // else stored rules came back, and what named a new segment now names none
			return c.refused
		}
	}
}

// segmentChecker holds what [CheckSegmentCycles] knows; refused only grows.
type segmentChecker struct {
	existing func(string) (Rule, bool)
	changed  map[string]Rule
	links    map[string][]string // of changed rules
	stored   map[string]storedSegment
	refused  map[string]*Rejection
}

type storedSegment struct {
	known bool
	links []string
}

func (c *segmentChecker) fromStore(id string) storedSegment {
	s, ok := c.stored[id]
	if !ok {
		rule, known := c.existing(id)
		s = storedSegment{known: known, links: rule.Segments()}
		c.stored[id] = s
	}
	return s
}

// changes tells whether id is among those that will be saved.
func (c *segmentChecker) changes(id string) bool {
	_, ok := c.changed[id]
	return ok && c.refused[id] == nil
}

// next lists what a segment will refer to.
func (c *segmentChecker) next(id string) []string {
	if c.changes(id) {
		return c.links[id]
	}
	return c.fromStore(id).links
}

// refuseUnknown refuses what refers to an unknown segment, then what refers to new segments refused thereby, and on.
func (c *segmentChecker) refuseUnknown() {
	dependents := map[string][]string{}
	for id, links := range c.links {
		for _, link := range links {
			dependents[link] = append(dependents[link], id)
		}
	}
	round := slices.Collect(maps.Keys(c.changed))
	for len(round) > 0 {
		found := map[string]*Rejection{}
		for _, id := range round {
			if c.refused[id] != nil || found[id] != nil {
				continue
			}
			for _, link := range c.links[id] {
				if !c.changes(link) && !c.fromStore(link).known {
					found[id] = Reject(RejectUnknownSegment, "rule", "refers to segment %q, which does not exist", Clip(link))
					break
				}
			}
		}
		maps.Copy(c.refused, found)
		round = round[:0]
		for id := range found {
			round = append(round, dependents[id]...)
		}
	}
}

// refuseCycles refuses every changed segment that lies on a cycle, and tells whether there was one.
func (c *segmentChecker) refuseCycles() bool {
	core := c.core()
	found := map[string]*Rejection{}
	for id := range core {
		if !c.changes(id) {
			continue
		}
		if way := wayRound(id, core); way != nil {
			found[id] = Reject(RejectCycle, "rule", "would contain itself: %s", joinWay(way))
		}
	}
	maps.Copy(c.refused, found)
	return len(found) > 0
}

// core gives the links among those segments, of all that can be reached from changed ones, that lie on a cycle or
// between two: the rest is peeled off from its ends, so that the usual case costs no search.
func (c *segmentChecker) core() map[string][]string {
	links := map[string][]string{}
	dependents := map[string][]string{}
	open := map[string]int{} // links not yet peeled off
	var todo, ends []string
	for id := range c.changed {
		if c.changes(id) {
			links[id] = c.next(id)
			todo = append(todo, id)
		}
	}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if open[id] = len(links[id]); open[id] == 0 {
			ends = append(ends, id)
		}
		for _, link := range links[id] {
			dependents[link] = append(dependents[link], id)
			if _, seen := links[link]; !seen {
				links[link] = c.next(link)
				todo = append(todo, link)
			}
		}
	}
	for len(ends) > 0 {
		id := ends[len(ends)-1]
		ends = ends[:len(ends)-1]
		delete(links, id)
		for _, dependent := range dependents[id] {
			if open[dependent]--; open[dependent] == 0 {
				ends = append(ends, dependent)
			}
		}
	}
	return links
}

// wayRound gives the shortest way from a segment back to itself, the first in order of ids where several are as short;
// nil when there is none.
func wayRound(id string, links map[string][]string) []string {
	from := map[string]string{}
	for todo := []string{id}; len(todo) > 0; todo = todo[1:] {
		for _, link := range links[todo[0]] {
			if link == id {
				way := []string{id}
				for at := todo[0]; at != id; at = from[at] {
					way = append(way, at)
				}
				slices.Reverse(way[1:])
				return append(way, id)
			}
			if _, seen := from[link]; !seen && links[link] != nil {
				from[link] = todo[0]
				todo = append(todo, link)
			}
		}
	}
	return nil
}

// joinWay writes a way round; of a very long one it leaves out the middle.
func joinWay(way []string) string {
	const most = 50
	if over := len(way) - most; over > 0 {
		way = slices.Concat(way[:most-1], []string{fmt.Sprintf("… %d more …", over)}, way[len(way)-1:])
	}
	return strings.Join(way, " → ")
}
