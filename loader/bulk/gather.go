package bulk

import (
	"fmt"
	"slices"
	"strings"

	"lacuna/graph"
)

// pathSeparator joins the names of a category's path, which is its id since names repeat.
const pathSeparator = " > "

// maxCategories is how many categories a load remembers to be stored.
const maxCategories = 1 << 17

// gathering says which parts of the catalog a file's rows bring along, rather than state: these fill in what the store does
// not know, and never change what it has, so that a catalog of one's own stands, and loads in any order end alike.
type gathering struct {
	products   bool
	categories bool // also those that nobody has named but rows refer to
}

// complete prepares the catalog that came along with a batch's rows.
func (run *fileRun) complete(b *batch) error {
	if run.gathers.products && len(b.rows.Products) > 0 {
		if err := run.fillProducts(b.rows.Products); err != nil {
			return err
		}
	}
	if !run.gathers.categories {
		return nil
	}
	tree, err := run.loader.store.Categories(run.storing)
	if err != nil {
		return fmt.Errorf("read categories: %w", err)
	}
	for i := range b.rows.Products {
		for _, id := range b.rows.Products[i].Categories {
			run.addCategory(b, tree, id, b.origins[Products][i])
		}
	}
	for i := range b.rows.Interactions {
		if id := b.rows.Interactions[i].Category; id != "" {
			run.addCategory(b, tree, id, b.origins[Interactions][i])
		}
	}
	return nil
}

// addCategory adds a category with its ancestors unless they are stored. Its path is its id.
func (run *fileRun) addCategory(b *batch, tree *graph.CategoryTree, id string, from origin) {
	known := run.loader.categories
	if known[id] {
		return
	}
	if len(known) >= maxCategories {
		clear(known)
	}
	known[strings.Clone(id)] = true
	if tree.Category(id) != nil {
		return
	}
	row := graph.Category{ID: id, Name: id}
	if i := strings.LastIndex(id, pathSeparator); i > 0 && i+len(pathSeparator) < len(id) {
		row.Parent, row.Name = id[:i], id[i+len(pathSeparator):]
		run.addCategory(b, tree, row.Parent, from)
	}
	b.rows.Categories = append(b.rows.Categories, row)
	b.origins[Categories] = append(b.origins[Categories], from)
}

// fillProducts takes from rows what the store knows already.
func (run *fileRun) fillProducts(rows []graph.Product) error {
	ids := make([]string, 0, len(rows))
	for i := range rows {
		ids = append(ids, rows[i].ID)
	}
	for chunk := range slices.Chunk(ids, graph.MaxKeys) {
		stored, err := run.loader.store.Products(run.storing, chunk)
		if err != nil {
			return fmt.Errorf("read products: %w", err)
		}
		for i := range rows {
			if p := stored[rows[i].ID]; p != nil {
				leaveUnknown(&rows[i], p)
			}
		}
	}
	return nil
}

// leaveUnknown empties the fields of a row that are stored.
func leaveUnknown(row, stored *graph.Product) {
	if stored.Name != "" {
		row.Name = ""
	}
	if len(stored.Categories) > 0 {
		row.Categories = nil
	}
	if len(stored.Tags) > 0 {
		row.Tags = nil
	}
	if stored.Price.Known {
		row.Price, row.Currency = graph.Optional[graph.Decimal]{}, ""
	}
	if !stored.LaunchedAt.IsZero() {
		row.LaunchedAt = stored.LaunchedAt
	}
	if !stored.RetiredAt.IsZero() {
		row.RetiredAt = stored.RetiredAt
	}
	if stored.InStock.Known {
		row.InStock = stored.InStock
	}
	row.Attributes = slices.DeleteFunc(row.Attributes, func(v graph.NamedValue) bool {
		return slices.ContainsFunc(stored.Attributes, func(s graph.NamedValue) bool { return s.Name == v.Name })
	})
}
