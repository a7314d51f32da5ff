package sqlitestore

import (
	"context"
	"iter"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

const productColumns = "key, id, name, price, currency, launched_at, retired_at, in_stock, attributes"

// columnProduct reads productColumns; categories and tags are read apart.
func (c *conn) columnProduct(st *sqlite.Stmt) (graph.Product, error) {
	p := graph.Product{
		ID: st.ColumnText(1), Name: st.ColumnText(2), Currency: st.ColumnText(4),
		LaunchedAt: columnTime(st, 5), RetiredAt: columnTime(st, 6),
	}
	if !st.ColumnIsNull(3) {
		p.Price = graph.Some(graph.Decimal(st.ColumnInt64(3)))
	}
	if !st.ColumnIsNull(7) {
		p.InStock = graph.Some(st.ColumnBool(7))
	}
	var err error
	p.Attributes, err = parseNamedValues(st.ColumnText(8), func(name string) (graph.ValueKind, error) {
		return c.names.kindOf(c, graph.ProductScope, name)
	})
	return p, err
}

// completeProduct adds categories and tags.
func (c *conn) completeProduct(key int64, p *graph.Product) error {
	err := c.rows("SELECT category FROM product_categories WHERE product = +? ORDER BY position", func(st *sqlite.Stmt) error {
		id, err := c.names.category(c, st.ColumnInt64(0))
		p.Categories = append(p.Categories, id)
		return err
	}, key)
	if err != nil {
		return err
	}
	return c.rows("SELECT tag FROM product_tags WHERE product = +? ORDER BY position", func(st *sqlite.Stmt) error {
		p.Tags = append(p.Tags, st.ColumnText(0))
		return nil
	}, key)
}

// productByID gives a product with its key, and a key of 0 when there is none.
func (c *conn) productByID(id string) (key int64, p graph.Product, err error) {
	var readErr error
	_, err = c.row("SELECT "+productColumns+" FROM products WHERE id = ?", func(st *sqlite.Stmt) {
		key = st.ColumnInt64(0)
		p, readErr = c.columnProduct(st)
	}, id)
	if err == nil {
		err = readErr
	}
	if err != nil || key == 0 {
		return 0, graph.Product{}, err
	}
	return key, p, c.completeProduct(key, &p)
}

// Products reads products by id.
func (s *Store) Products(ctx context.Context, ids []string) (map[string]*graph.Product, error) {
	if err := graph.CheckCount("products", len(ids), graph.MaxKeys); err != nil {
		return nil, err
	}
	var products map[string]*graph.Product
	err := s.read(ctx, "read products", func(c *conn) (err error) {
		products, err = s.productsByID(c, slices.Values(ids))
		return err
	})
	if err != nil {
		return nil, err
	}
	return products, nil
}

// productsByID reads products as the connection's snapshot has them.
func (s *Store) productsByID(c *conn, ids iter.Seq[string]) (map[string]*graph.Product, error) {
	seq, err := c.number("SELECT products_seq FROM meta")
	if err != nil {
		return nil, err
	}
	products := map[string]*graph.Product{}
	for id := range ids {
		if products[id] != nil {
			continue
		}
		if p := s.products.get(seq, id); p != nil {
			products[id] = p
			continue
		}
		key, p, err := c.productByID(id)
		if err != nil {
			return nil, err
		}
		if key != 0 {
			products[id] = &p
			s.products.put(seq, &p)
		}
	}
	return products, nil
}

// productKey finds a product, 0 when there is none of that id.
func (t *tx) productKey(id string) (int64, error) {
	if key, ok := t.products[id]; ok {
		return key, nil
	}
	key, err := t.number("SELECT key FROM products WHERE id = ?", id)
	if err == nil && key != 0 {
		rememberID(t.products, id, key)
	}
	return key, err
}

// createProduct writes a product of which nothing but its id is known.
func (t *tx) createProduct(id string) (int64, error) {
	if err := t.exec("INSERT INTO products (id) VALUES (?)", id); err != nil {
		return 0, err
	}
	key := t.LastInsertRowID()
	rememberID(t.products, id, key)
	t.m.products++
	return key, t.productChanged(key)
}

func (t *tx) productChanged(key int64) error {
	if err := t.change(graph.ProductChanged, key, "", 0); err != nil {
		return err
	}
	t.m.productsSeq = t.m.seq
	return nil
}

// writeProduct writes what a row says of a product.
func (t *tx) writeProduct(row *graph.Product, createMissing bool) (graph.Outcome, error) {
	row.Normalize()
	if r := row.Check(); r != nil {
		return r.Outcome(), nil
	}
	categories := make([]int64, len(row.Categories))
	for i, id := range row.Categories {
		key, err := t.categoryKey(id)
		if err != nil {
			return graph.Outcome{}, err
		}
		if key == 0 && !createMissing {
			return graph.RefuseCategory("categories", id).Outcome(), nil
		}
		categories[i] = key
	}
	if r, err := t.checkKinds(graph.ProductScope, row.Attributes); r != nil || err != nil {
		return r.Outcome(), err
	}
	key, stored, err := t.productByID(row.ID)
	if err != nil {
		return graph.Outcome{}, err
	}
	next := patchProduct(stored, row)
	if key != 0 && sameProduct(&stored, &next) {
		return graph.NewOutcome(false), nil
	}
	for i, id := range row.Categories {
		if categories[i] == 0 {
			if categories[i], err = t.createCategory(id); err != nil {
				return graph.Outcome{}, err
			}
		}
	}
	if err := t.settleAll(graph.ProductScope, row.Attributes); err != nil {
		return graph.Outcome{}, err
	}
	if key == 0 {
		if key, err = t.createProduct(row.ID); err != nil {
			return graph.Outcome{}, err
		}
	} else if err := t.productChanged(key); err != nil {
		return graph.Outcome{}, err
	}
	return graph.NewOutcome(true), t.putProduct(key, &stored, &next, categories)
}

// patchProduct gives the product as it is after a row: what is empty in the row stays.
func patchProduct(stored graph.Product, row *graph.Product) graph.Product {
	next := stored
	next.ID = row.ID
	if row.Name != "" {
		next.Name = row.Name
	}
	if len(row.Categories) > 0 {
		next.Categories = row.Categories
	}
	if len(row.Tags) > 0 {
		next.Tags = row.Tags
	}
	if row.Price.Known {
		next.Price, next.Currency = row.Price, row.Currency
	} else if row.Currency != "" && next.Price.Known {
		next.Currency = row.Currency
	}
	if !row.LaunchedAt.IsZero() {
		next.LaunchedAt = row.LaunchedAt
	}
	if !row.RetiredAt.IsZero() {
		next.RetiredAt = row.RetiredAt
	}
	if row.InStock.Known {
		next.InStock = row.InStock
	}
	next.Attributes = slices.Clone(stored.Attributes)
	for _, v := range row.Attributes {
		at, found := slices.BinarySearchFunc(next.Attributes, v, func(a, b graph.NamedValue) int { return strings.Compare(a.Name, b.Name) })
		if found {
			next.Attributes[at] = v
		} else {
			next.Attributes = slices.Insert(next.Attributes, at, v)
		}
	}
	return next
}

func sameProduct(a, b *graph.Product) bool {
	return a.Name == b.Name && slices.Equal(a.Categories, b.Categories) && slices.Equal(a.Tags, b.Tags) && a.Price == b.Price &&
		a.Currency == b.Currency && a.LaunchedAt.Equal(b.LaunchedAt) && a.RetiredAt.Equal(b.RetiredAt) && a.InStock == b.InStock &&
		slices.Equal(a.Attributes, b.Attributes)
}

// putProduct writes the product as it is now. categories are the keys of next.Categories where the row gave them.
func (t *tx) putProduct(key int64, stored, next *graph.Product, categories []int64) error {
	var price, inStock, attributes any
	if next.Price.Known {
		price = int64(next.Price.Value)
	}
	if next.InStock.Known {
		inStock = next.InStock.Value
	}
	if len(next.Attributes) > 0 {
		text, err := appendNamedValues(nil, next.Attributes)
		if err != nil {
			return err
		}
		attributes = string(text)
	}
	if err := t.exec(`UPDATE products SET name = ?, name_fold = ?, price = ?, currency = ?, launched_at = ?, retired_at = ?, in_stock = ?, attributes = ?
		WHERE key = ?`, orNull(next.Name), foldOrNull(next.Name), price, orNull(next.Currency), micros(next.LaunchedAt), micros(next.RetiredAt), inStock, attributes, key); err != nil {
		return err
	}
	if !slices.Equal(stored.Categories, next.Categories) {
		if err := t.exec("DELETE FROM product_categories WHERE product = ?", key); err != nil {
			return err
		}
		for i, category := range categories {
			if err := t.exec("INSERT INTO product_categories (product, position, category) VALUES (?, ?, ?)", key, i, category); err != nil {
				return err
			}
		}
	}
	if slices.Equal(stored.Tags, next.Tags) {
		return nil
	}
	if err := t.exec("DELETE FROM product_tags WHERE product = ?", key); err != nil {
		return err
	}
	for i, tag := range next.Tags {
		if err := t.exec("INSERT INTO product_tags (product, position, tag) VALUES (?, ?, ?)", key, i, tag); err != nil {
			return err
		}
	}
	return nil
}
