package insight

import (
	"maps"
	"slices"

	"lacuna/graph"
)

// forgetUnused removes texts and values that nobody has any more from what codes stand for: an erased person may have been the only one who
// had them. Views that were made before keep theirs until nobody looks at them.
func (w *writer) forgetUnused() {
	profile := make([][]bool, len(w.attributes.list))
	event := make([][]bool, len(w.eventAttributes.list))
	queries := make([]bool, len(w.queries.list))
	for i := range profile {
		profile[i] = make([]bool, len(w.attributes.list[i].values))
	}
	for i := range event {
		event[i] = make([]bool, len(w.eventAttributes.list[i].values))
	}
	for n := range w.next {
		p, slot := w.pages[n>>pageBits], int(n&(pageSize-1))
		for number := range profile {
			profile[number][p.attribute(number, slot)] = true
		}
		r := p.rows[slot]
		if r.len() == 0 {
			continue
		}
		_, codes := r.block.query.between(r.lo, r.hi)
		for _, code := range codes {
			queries[code] = true
		}
		for number, column := range r.block.values {
			_, codes := column.between(r.lo, r.hi)
			for _, code := range codes {
				event[number][code] = true
			}
		}
	}
	w.attributes.keep(profile)
	w.eventAttributes.keep(event)
	list := slices.Clone(w.queries.list)
	for code := range list {
		if !queries[code] {
			list[code] = ""
		}
	}
	w.queries.list = list
	maps.DeleteFunc(w.queries.code, func(_ string, code uint32) bool { return code != 0 && !queries[code] })
}

// keep forgets values that are not used. Codes keep their meaning.
func (a *attributeNames) keep(used [][]bool) {
	a.list = slices.Clone(a.list)
	for number := range a.list {
		values := slices.Clone(a.list[number].values)
		for code := range values {
			if !used[number][code] {
				values[code] = graph.Value{}
			}
		}
		a.list[number].values = values
		maps.DeleteFunc(a.codes[number], func(_ graph.Value, code uint32) bool { return !used[number][code] })
	}
}
