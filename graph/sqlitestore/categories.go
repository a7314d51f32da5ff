package sqlitestore

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// cachedTree is the tree as of the last change of a category. Two stores never share one.
type cachedTree struct {
	seq  int64
	tree *graph.CategoryTree
}

// Categories reads the tree only when a category has changed since it was last read.
func (s *Store) Categories(ctx context.Context) (tree *graph.CategoryTree, err error) {
	err = s.read(ctx, "read categories", func(c *conn) (err error) {
		tree, err = s.categoryTree(c)
		return err
	})
	return tree, err
}

// categoryTree gives the tree as the connection's snapshot has it.
func (s *Store) categoryTree(c *conn) (*graph.CategoryTree, error) {
	seq, err := c.number("SELECT categories_seq FROM meta")
	if err != nil {
		return nil, err
	}
	if known := s.tree.Load(); known != nil && known.seq == seq {
		return known.tree, nil
	}
	var list []graph.Category
	if err := c.eachCategory(func(_ int64, category graph.Category) error {
		list = append(list, category)
		return nil
	}); err != nil {
		return nil, err
	}
	tree := graph.NewCategoryTree(list)
	s.tree.Store(&cachedTree{seq, tree})
	return tree, nil
}

func (c *conn) eachCategory(each func(key int64, category graph.Category) error) error {
	return c.rows(`SELECT c.key, c.id, c.name, c.names, p.id FROM categories c LEFT JOIN categories p ON p.key = c.parent
		ORDER BY c.key`, func(st *sqlite.Stmt) error {
		category := graph.Category{ID: st.ColumnText(1), Name: st.ColumnText(2), Parent: st.ColumnText(4)}
		if category.Name == "" {
			category.Name = category.ID
		}
		if err := fromJSON("read the names of a category", st.ColumnText(3), &category.Names); err != nil {
			return err
		}
		return each(st.ColumnInt64(0), category)
	})
}

// categoryKey finds a category, 0 when there is none of that id.
func (t *tx) categoryKey(id string) (int64, error) {
	if key, ok := t.categories[id]; ok {
		return key, nil
	}
	key, err := t.number("SELECT key FROM categories WHERE id = ?", id)
	if err == nil && key != 0 {
		rememberID(t.categories, id, key)
	}
	return key, err
}

// createCategory writes a category of which nothing but its id is known.
func (t *tx) createCategory(id string) (int64, error) {
	if err := t.exec("INSERT INTO categories (id) VALUES (?)", id); err != nil {
		return 0, err
	}
	key := t.LastInsertRowID()
	rememberID(t.categories, id, key)
	t.m.categories++
	return key, t.categoryChanged(key)
}

func (t *tx) categoryChanged(key int64) error {
	if err := t.change(graph.CategoryChanged, key, "", 0); err != nil {
		return err
	}
	t.m.categoriesSeq = t.m.seq
	return nil
}

// writeCategories writes rows whose places in the tree were judged together, since each may name a parent that comes later.
func (t *tx) writeCategories(rows []graph.Category, createMissing bool) ([]graph.Outcome, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	refused, err := t.judgeCategories(rows, createMissing)
	if err != nil {
		return nil, err
	}
	out, fresh := make([]graph.Outcome, len(rows)), make([]bool, len(rows))
	for i := range rows {
		if refused[i] != nil {
			out[i] = rejected(refused[i])
			continue
		}
		// First all come into being, so that parents have keys.
		key, err := t.categoryKey(rows[i].ID)
		if err != nil {
			return nil, err
		}
		if key == 0 {
			if _, err := t.createCategory(rows[i].ID); err != nil {
				return nil, err
			}
			fresh[i] = true
		}
	}
	for i := range rows {
		if refused[i] != nil {
			continue
		}
		yes, err := t.patchCategory(&rows[i], fresh[i])
		if err != nil {
			return nil, err
		}
		out[i] = changed(yes || fresh[i])
	}
	return out, nil
}

// judgeCategories tells which rows cannot be taken.
func (t *tx) judgeCategories(rows []graph.Category, createMissing bool) ([]*graph.Rejection, error) {
	refused := make([]*graph.Rejection, len(rows))
	stored := map[string]string{}
	if err := t.eachCategory(func(_ int64, category graph.Category) error {
		stored[category.ID] = category.Parent
		return nil
	}); err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i].Normalize()
		refused[i] = rows[i].Check()
	}
	for again := true; again; {
		again = refuseUnknownParents(rows, refused, stored, createMissing)
		again = refuseMisplaced(rows, refused, stored) || again
	}
	return refused, nil
}

// refuseUnknownParents refuses rows that name a parent which neither is stored nor comes with the batch.
func refuseUnknownParents(rows []graph.Category, refused []*graph.Rejection, stored map[string]string, createMissing bool) (some bool) {
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
			refused[i] = graph.Reject(graph.RejectUnknownCategory, "parent", "names category %q, which is not stored", graph.Clip(parent))
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
func refuseMisplaced(rows []graph.Category, refused []*graph.Rejection, stored map[string]string) (some bool) {
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
				refused[i] = graph.Reject(graph.RejectCycle, "parent", "would make category %q contain itself", graph.Clip(node))
				some = true
			}
		}
	}
	if some {
		return true
	}
	for id := range parents {
		climb(id, parents, level)
		if level[id] <= graph.MaxCategoryLevels {
			continue
		}
		for node := id; node != ""; node = parents[node] {
			if i, ok := mover[node]; ok {
				if refused[i] == nil {
					refused[i] = graph.Reject(graph.RejectTooMany, "parent", "would lie, or what is below it would lie, more than %d levels deep", graph.MaxCategoryLevels)
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

// patchCategory writes what a row says of a category that is there.
func (t *tx) patchCategory(row *graph.Category, fresh bool) (yes bool, err error) {
	key, err := t.categoryKey(row.ID)
	if err != nil {
		return false, err
	}
	var name string
	var parent int64
	var names string
	if _, err := t.row("SELECT name, names, parent FROM categories WHERE key = ?", func(st *sqlite.Stmt) {
		name, names, parent = st.ColumnText(0), st.ColumnText(1), st.ColumnInt64(2)
	}, key); err != nil {
		return false, err
	}
	newParent := parent
	if row.Parent != "" {
		if newParent, err = t.categoryKey(row.Parent); err == nil && newParent == 0 {
			newParent, err = t.createCategory(row.Parent)
		}
		if err != nil {
			return false, err
		}
	}
	merged := map[string]string{}
	if err := fromJSON("read the names of a category", names, &merged); err != nil {
		return false, err
	}
	before := len(merged)
	differ := false
	for lang, text := range row.Names {
		differ = differ || merged[lang] != text
		merged[lang] = text
	}
	newName := name
	if row.Name != "" {
		newName = row.Name
	}
	if newName == name && newParent == parent && !differ && before == len(merged) {
		return false, nil
	}
	if names, err = namesJSON(merged); err != nil {
		return false, err
	}
	if err := t.exec("UPDATE categories SET name = ?, names = ?, parent = ? WHERE key = ?", orNull(newName), orNull(names), newParent, key); err != nil {
		return false, fmt.Errorf("write category: %w", err)
	}
	if fresh {
		return true, nil // its coming into being is in the feed already
	}
	return true, t.categoryChanged(key)
}

func namesJSON(names map[string]string) (string, error) {
	if len(names) == 0 {
		return "", nil
	}
	return toJSON(names)
}
