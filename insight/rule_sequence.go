package insight

import (
	"fmt"

	"lacuna/graph"
)

// sequenceNode looks for interactions that match its steps one after the other: each of them another interaction, none earlier than the
// one before. Interactions of one moment may stand in any order, since their true order is not known.
type sequenceNode struct {
	steps  []step
	within *graph.Duration
}

type step struct {
	filter *filter
	span   span
}

func (c *compiler) sequence(r *graph.SequenceRule, path string) (node, error) {
	n := sequenceNode{within: r.Within}
	for i := range r.Steps {
		f, err := c.newFilter(&r.Steps[i], fmt.Sprintf("%s.steps[%d]", path, i))
		if err != nil {
			return nil, err
		}
		n.steps = append(n.steps, step{f, span{r.Steps[i].Within, r.Steps[i].Between}})
	}
	return n, nil
}

func (n sequenceNode) narrow(es []evaluation, _ int, p page, sets []pageSet) {
	for i := range es {
		sets[i].keep(func(slot int) bool {
			_, ok := n.find(&es[i], p.rows[slot].until(es[i].asOf))
			return ok
		})
	}
}

// find gives the moments of the earliest interactions that match the steps.
func (n sequenceNode) find(e *evaluation, r rows) (at []moment, ok bool) {
	if r.len() < len(n.steps) {
		return nil, false
	}
	bounds := make([][2]moment, len(n.steps))
	for i, s := range n.steps {
		bounds[i][0], bounds[i][1] = s.span.of(e)
	}
	for from := r.lo; from < r.hi; from = next(r, from) {
		end := latest
		if n.within != nil {
			end = n.after(e, r.block.at(from))
		}
		if at, ok = n.match(r, from, end, bounds); ok || n.within == nil {
			return at, ok
		}
	}
	return nil, false
}

// after gives the last moment that is within the rule's time of a first step.
func (n sequenceNode) after(e *evaluation, first moment) moment {
	t := first.time().In(e.view.options.Zone)
	d := *n.within
	return momentOf(t.AddDate(d.Years, d.Months, d.Days).Add(d.Time))
}

// next gives the first row that is later than row's moment.
func next(r rows, row uint32) uint32 {
	m := r.block.at(row)
	for row < r.hi && r.block.at(row) == m {
		row++
	}
	return row
}

// match looks for all steps from a row on, none later than end, the first of them at that row's moment where there is an end. Each
// moment is made to hold as many further steps as it can.
func (n sequenceNode) match(r rows, from uint32, end moment, bounds [][2]moment) (at []moment, ok bool) {
	done := 0
	for row := from; row < r.hi; {
		m := r.block.at(row)
		if m > end {
			return nil, false
		}
		to := next(r, row)
		for k := n.holdAt(r.block, row, to, done, m, bounds); k > 0; k-- {
			at = append(at, m)
			done++
		}
		if done == len(n.steps) {
			return at, true
		}
		if done == 0 && end != latest {
			return nil, false
		}
		row = to
	}
	return nil, false
}

// holdAt gives how many steps from done on can be matched by different ones of the rows of one moment.
func (n sequenceNode) holdAt(b *block, lo, hi uint32, done int, m moment, bounds [][2]moment) int {
	fits := func(k int, row uint32) bool {
		return m >= bounds[k][0] && m < bounds[k][1] && n.steps[k].filter.matches(b, row)
	}
	if hi-lo == 1 { // mostly
		if fits(done, lo) {
			return 1
		}
		return 0
	}
	taken := make([]int, hi-lo) // step + 1 that a row stands for
	for k := done; k < len(n.steps); k++ {
		seen := make([]bool, hi-lo)
		// A step finds a free row, or one whose step can move to another.
		var settle func(k int) bool
		settle = func(k int) bool {
			for i := range taken {
				if seen[i] || !fits(k, lo+uint32(i)) {
					continue
				}
				seen[i] = true
				if taken[i] == 0 || settle(taken[i]-1) {
					taken[i] = k + 1
					return true
				}
			}
			return false
		}
		if !settle(k) {
			return k - done
		}
	}
	return len(n.steps) - done
}

func (sequenceNode) constant() bool { return false }
