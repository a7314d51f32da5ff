package sqlitestore

import (
	"context"
	"fmt"

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
			out[i] = refused[i].Outcome()
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
		out[i] = graph.NewOutcome(yes || fresh[i])
	}
	return out, nil
}

// judgeCategories tells which rows cannot be taken.
func (t *tx) judgeCategories(rows []graph.Category, createMissing bool) ([]*graph.Rejection, error) {
	stored := map[string]string{}
	if err := t.eachCategory(func(_ int64, category graph.Category) error {
		stored[category.ID] = category.Parent
		return nil
	}); err != nil {
		return nil, err
	}
	return graph.CheckCategories(rows, stored, createMissing), nil
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
