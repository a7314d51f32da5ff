package insight

import (
	"slices"

	"lacuna/graph"
)

// gapState is what a cell is listed by. The zero value is that of a cell that is not there, which nothing lists.
type gapState struct {
	gapNews
	leaf      bool // the category has none below it
	customers uint32
}

// gapNews is what of a cell those who listen are told of when it changes.
type gapNews struct {
	verdict Verdict
	cause   Cause
	ranked  bool
	growing bool
}

func (g *Gaps) state(s int, k uint32) gapState {
	d, c := &g.decisions[s][k], &g.view.catalog.categories[k]
	return gapState{gapNews{d.verdict, d.cause, g.ranked[s][k], g.growing(s, k)}, c.to == c.from+1, d.customers}
}

// stateOf gives the state of a cell by its ids, the zero one where it is not there.
func (g *Gaps) stateOf(key graph.GapKey) gapState {
	ref, err := g.Find(key.Segment, key.Category)
	if err != nil {
		return gapState{}
	}
	return g.state(ref.segment, ref.category)
}

// lists tells whether a query lists a cell in such a state, if it asks for its segment and category.
func (q *GapQuery) lists(x *gapState) bool {
	flagged := flaggedVerdict(x.verdict)
	if len(q.Verdicts) == 0 && !flagged || len(q.Verdicts) > 0 && !slices.Contains(q.Verdicts, x.verdict) || int(x.customers) < q.MinCustomers {
		return false
	}
	if q.Growing != nil && *q.Growing != x.growing {
		return false
	}
	switch q.Level {
	case Ranked:
		return !flagged || x.ranked
	case LeafLevel:
		return x.leaf
	default:
		return true
	}
}

// check refuses a query that names a segment or category that is not there, as [Gaps.List] does.
func (g *Gaps) check(q *GapQuery) error {
	if _, err := g.segmentPlaces(q.Segments); err != nil {
		return err
	}
	_, err := g.categoryPlaces(q.Categories)
	return err
}

// View gives the data that the gaps were found in.
func (g *Gaps) View() *View { return g.view }

// gapChange is a cell that is in another state than before.
type gapChange struct {
	key           graph.GapKey
	before, after gapState
}

// changesSince finds the cells that are listed elsewhere or told of otherwise than in gaps before, in order of segments and categories. Of those that
// have merely more customers or fewer, it finds those that have reached or left one of the given numbers. A cell that is not there any more is no change.
func (g *Gaps) changesSince(before *Gaps, numbers []int) (changes []gapChange) {
	places := make(map[string]int, len(before.segments))
	for s := range before.segments {
		places[before.segments[s].id] = s
	}
	walk := g.view.catalog.walk
	handles := make([]uint32, len(walk))
	for i, k := range walk {
		handles[i] = before.view.catalog.handle(g.categoryID(k))
	}
	for s := range g.segments {
		place, known := places[g.segments[s].id]
		for i, k := range walk {
			c := gapChange{key: graph.GapKey{Segment: g.segments[s].id, Category: g.categoryID(k)}, after: g.state(s, k)}
			if known && handles[i] != 0 {
				c.before = before.state(place, handles[i])
			}
			reached := func(n int) bool { return (int(c.before.customers) < n) != (int(c.after.customers) < n) }
			if c.before.gapNews != c.after.gapNews || c.before.leaf != c.after.leaf || slices.ContainsFunc(numbers, reached) {
				changes = append(changes, c)
			}
		}
	}
	return changes
}
