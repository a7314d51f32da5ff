package insight

import (
	"context"

	"lacuna/graph"
)

// ways tells which categories an interaction is about: those of its thing and all above them. A search that names none is about the category that
// the same words lead to elsewhere.
type ways struct {
	things  [][]uint32
	queries [][]uint32 // by the query's code; nil where its words lead nowhere in particular
}

func (w *ways) of(b *block, row uint32) []uint32 {
	n := b.thing[row]
	if n != 0 || typeOf(b.kind[row]) != graph.Search {
		return w.things[n]
	}
	if code, ok := b.query.of(row); ok {
		return w.queries[code]
	}
	return nil
}

// A search is followed by what its words lead to when the same customer has to do with a category within ten minutes. Words lead to a category when
// at least so many customers went there, and so large a share of all who went anywhere.
const (
	leadsWithin  = 600 // seconds
	leadsLeast   = 5
	leadsMostly  = .6
	nameLeastLen = 3
)

// wayUpWithQueries learns what searches without a category are about, from the interactions of a time.
func (v *View) wayUpWithQueries(ctx context.Context, from, to moment) *ways {
	w := &ways{things: v.catalog.wayUp(), queries: make([][]uint32, len(v.queries))}
	votes := make([]map[[2]uint32]uint32, (len(v.pages)+pagesOfTask-1)/pagesOfTask) // by task: query and category
	_ = inParallel(ctx, len(votes), func(task int) {
		votes[task] = map[[2]uint32]uint32{}
		for n := task * pagesOfTask; n < min(len(v.pages), (task+1)*pagesOfTask); n++ {
			for slot := range v.pages[n].known.each() {
				v.vote(v.pages[n].rows[slot].within(from, to), votes[task])
			}
		}
	})
	type lead struct{ most, total, category uint32 }
	leads := map[uint32]lead{}
	sum := map[[2]uint32]uint32{}
	for _, part := range votes {
		for pair, n := range part {
			sum[pair] += n
		}
	}
	for pair, n := range sum {
		l := leads[pair[0]]
		l.total += n
		if n > l.most || n == l.most && pair[1] < l.category {
			l.most, l.category = n, pair[1]
		}
		leads[pair[0]] = l
	}
	names := v.categoryNames()
	for code := 1; code < len(v.queries); code++ {
		switch l, ok := leads[uint32(code)]; {
		case ok && l.most >= leadsLeast && float64(l.most) >= leadsMostly*float64(l.total):
			w.queries[code] = v.catalog.upwards(l.category, nil)
		case names[v.queries[code]] != 0:
			w.queries[code] = v.catalog.upwards(names[v.queries[code]], nil)
		}
	}
	return w
}

// vote notes for one customer where each query led to: the first category within ten minutes, whether
// the search itself names it, another search with other words, or what was looked at then.
func (v *View) vote(r rows, votes map[[2]uint32]uint32) {
	if r.len() == 0 || len(r.block.query.rows) == 0 {
		return
	}
	b, things := r.block, v.catalog.things
	rows, codes := b.query.between(r.lo, r.hi)
	for i, row := range rows {
		if typeOf(b.kind[row]) != graph.Search {
			continue
		}
		for next := row; next < r.hi && b.second[next]-b.second[row] <= leadsWithin; next++ {
			if categories := things[b.thing[next]].categories; len(categories) > 0 {
				votes[[2]uint32{codes[i], categories[0]}]++
				break
			}
		}
	}
}

// categoryNames gives categories by their names, folded as queries are, where only one has the name.
func (v *View) categoryNames() map[string]uint32 {
	names := map[string]uint32{}
	put := func(name string, k uint32) {
		name = graph.Fold(name)
		if len(name) < nameLeastLen {
			return
		}
		if _, taken := names[name]; taken {
			k = 0
		}
		names[name] = k
	}
	for _, k := range v.catalog.walk {
		c := &v.catalog.categories[k]
		own := map[string]bool{c.Name: true}
		for _, name := range c.Names {
			own[name] = true
		}
		for name := range own {
			put(name, k)
		}
	}
	return names
}
