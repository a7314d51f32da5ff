package graph

import (
	"maps"
	"slices"
)

// CheckCategories puts rows of categories into the form in which they are stored and tells which of them cannot be taken, each by itself
// and by its place in the tree: stored is the parent of each category that is stored, "" for a root. Rows are judged together, since each
// may name a parent that comes later.
func CheckCategories(rows []Category, stored map[string]string, createMissing bool) []*Rejection {
	refused := make([]*Rejection, len(rows))
	for i := range rows {
		rows[i].Normalize()
		refused[i] = rows[i].Check()
	}
	for again := true; again; {
		again = refuseUnknownParents(rows, refused, stored, createMissing)
		again = refuseMisplaced(rows, refused, stored) || again
	}
	return refused
}

// refuseUnknownParents refuses rows that name a parent which neither is stored nor comes with the batch.
func refuseUnknownParents(rows []Category, refused []*Rejection, stored map[string]string, createMissing bool) (some bool) {
	if createMissing {
		return false
	}
	coming := map[string]int{} // rows that bring a new category
	children := map[string][]int{}
	for i := range rows {
		if refused[i] != nil {
			continue
		}
		if _, ok := stored[rows[i].ID]; !ok {
			coming[rows[i].ID]++
		}
		if parent := rows[i].Parent; parent != "" {
			children[parent] = append(children[parent], i)
		}
	}
	var lost []string
	for parent := range children {
		if _, ok := stored[parent]; !ok && coming[parent] == 0 {
			lost = append(lost, parent)
		}
	}
	for len(lost) > 0 {
		parent := lost[len(lost)-1]
		lost = lost[:len(lost)-1]
		for _, i := range children[parent] {
			if refused[i] != nil {
				continue
			}
			some = true
			refused[i] = RefuseCategory("parent", parent)
			id := rows[i].ID
			if _, ok := stored[id]; !ok {
				if coming[id]--; coming[id] == 0 {
					lost = append(lost, id)
				}
			}
		}
	}
	return some
}

// refuseMisplaced refuses rows by which a category would contain itself or lie too deep.
func refuseMisplaced(rows []Category, refused []*Rejection, stored map[string]string) (some bool) {
	parents, mover := maps.Clone(stored), map[string]int{} // the tree as it would be, and the row that moves each
	for i := range rows {
		if refused[i] != nil {
			continue
		}
		if rows[i].Parent != "" {
			parents[rows[i].ID], mover[rows[i].ID] = rows[i].Parent, i
		}
	}
	level := make(map[string]int, len(parents)) // from 1; -1 on a way that leads into a circle
	for id := range mover {
		for _, node := range climb(id, parents, level) {
			if i, ok := mover[node]; ok && refused[i] == nil {
				refused[i] = Reject(RejectCycle, "parent", "would make category %q contain itself", Clip(node))
				some = true
			}
		}
	}
	if some {
		return true
	}
	for id := range parents {
		climb(id, parents, level)
		if level[id] <= MaxCategoryLevels {
			continue
		}
		for node := id; node != ""; node = parents[node] {
			if i, ok := mover[node]; ok {
				if refused[i] == nil {
					refused[i] = Reject(RejectTooMany, "parent", "would lie, or what is below it would lie, more than %d levels deep", MaxCategoryLevels)
					some = true
				}
				break
			}
		}
	}
	return some
}

// climb finds the level of a category and of all above it. It gives the categories of a circle when it runs into one.
func climb(id string, parents map[string]string, level map[string]int) (circle []string) {
	var path []string
	on := map[string]int{}
	node := id
	for node != "" && level[node] == 0 {
		if at, ok := on[node]; ok {
			for _, n := range path {
				level[n] = -1
			}
			return path[at:]
		}
		on[node] = len(path)
		path = append(path, node)
		node = parents[node]
	}
	base := level[node]
	for _, node := range slices.Backward(path) {
		if base >= 0 {
			base++
		}
		level[node] = base
	}
	return nil
}
