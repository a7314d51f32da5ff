package bulk

import (
	"slices"
	"strings"

	"lacuna/graph"
)

// orderCategories puts the categories of a file, whose parents may come later in it, into an order in which parents come
// first, and takes out those that would contain themselves.
func orderCategories(b *batch) {
	rows, origins := b.rows.Categories, b.origins[Categories]
	o := categoryOrder{rowsOf: map[string][]int{}, parent: map[string]string{}, done: map[string]bool{}}
	for i := range rows {
		id := rows[i].ID
		o.rowsOf[id] = append(o.rowsOf[id], i)
		if rows[i].Parent != "" {
			o.parent[id] = rows[i].Parent
		}
	}
	sorted := make([]graph.Category, 0, len(rows))
	sortedOrigins := make([]origin, 0, len(rows))
	for i := range rows {
		for _, id := range o.chain(rows[i].ID) {
			for _, row := range o.rowsOf[id] {
				sorted, sortedOrigins = append(sorted, rows[row]), append(sortedOrigins, origins[row])
			}
		}
		for _, cycle := range o.cycles {
			reason := graph.Reject(graph.RejectCycle, "parent", "a category would contain itself: %s", cyclePath(cycle))
			for _, id := range cycle {
				for _, row := range o.rowsOf[id] {
					b.rejects = append(b.rejects, reject{origin: origins[row], reason: reason})
				}
			}
		}
		o.cycles = nil
	}
	b.rows.Categories, b.origins[Categories] = sorted, sortedOrigins
}

type categoryOrder struct {
	rowsOf map[string][]int // by id
	parent map[string]string
	done   map[string]bool // put in order, or found in a cycle
	cycles [][]string      // found since last looked at
}

// chain gives the ids from the topmost ancestor that is not done yet down to id.
func (o *categoryOrder) chain(id string) []string {
	var up []string
	place := map[string]int{}
	for o.rowsOf[id] != nil && !o.done[id] {
		if from, ok := place[id]; ok {
			o.cycles = append(o.cycles, up[from:])
			up = up[:from]
			break
		}
		place[id] = len(up)
		up = append(up, id)
		id = o.parent[id]
	}
	down := make([]string, 0, len(up))
	for _, id := range slices.Backward(up) {
		down = append(down, id)
	}
	for id := range place {
		o.done[id] = true
	}
	return down
}

// cyclePath writes "a → b → a", without the middle of a long one.
func cyclePath(cycle []string) string {
	const most = 20
	shown := make([]string, 0, most+2)
	for i, id := range cycle {
		if i == most {
			shown = append(shown, "…")
			break
		}
		shown = append(shown, graph.Clip(id))
	}
	return strings.Join(append(shown, graph.Clip(cycle[0])), " → ")
}
