package sqlitestore

import (
	"context"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// productMatch is one query over products: walked in order of id, with each condition tested on the way.
const productMatch = ` FROM products p WHERE p.id > ?1
	AND (?2 IS NULL OR (p.name_fold >= ?2 AND p.name_fold < ?3))
	AND (?4 IS NULL OR p.in_stock = ?4)
	AND (?5 IS NULL OR EXISTS (SELECT 1 FROM product_tags t WHERE t.product = p.key AND t.tag = ?5))
	AND (?6 IS NULL OR EXISTS (SELECT 1 FROM product_categories c WHERE c.product = p.key
		AND c.category IN (SELECT value FROM json_each(?6))))`

const findProducts = "SELECT " + productColumns + productMatch + " ORDER BY p.id LIMIT ?7"

const countProducts = "SELECT count(*)" + productMatch

// FindProducts gives one page of products.
func (s *Store) FindProducts(ctx context.Context, q graph.ProductQuery) (page graph.ProductPage, err error) {
	if err := graph.CheckCount("products", q.First, graph.MaxPage); err != nil {
		return page, err
	}
	err = s.read(ctx, "find products", func(c *conn) error {
		args, err := s.productArgs(c, &q)
		if err != nil {
			return err
		}
		var keys []int64
		err = c.rows(findProducts, func(st *sqlite.Stmt) error {
			if len(page.Products) == q.First {
				page.More = true
				return nil
			}
			p, err := c.columnProduct(st)
			page.Products = append(page.Products, &p)
			keys = append(keys, st.ColumnInt64(0))
			return err
		}, append(args, q.First+1)...)
		if err != nil {
			return err
		}
		for i, key := range keys {
			if err := c.completeProduct(key, page.Products[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return graph.ProductPage{}, err
	}
	return page, nil
}

// CountProducts counts what FindProducts pages through.
func (s *Store) CountProducts(ctx context.Context, q graph.ProductQuery) (n int64, err error) {
	q.After = ""
	err = s.read(ctx, "count products", func(c *conn) error {
		args, err := s.productArgs(c, &q)
		if err != nil {
			return err
		}
		n, err = c.number(countProducts, args...)
		return err
	})
	return n, err
}

func (s *Store) productArgs(c *conn, q *graph.ProductQuery) ([]any, error) {
	var low, high, inStock, tag, categories any
	if q.Search != "" {
		prefix := graph.Fold(q.Search)
		low, high = prefix, afterPrefix(prefix)
	}
	if q.InStock.Known {
		inStock = q.InStock.Value
	}
	if q.Tag != "" {
		tag = q.Tag
	}
	if q.Category != "" {
		keys, err := s.descendants(c, q.Category)
		if err != nil {
			return nil, err
		}
		text, err := toJSON(keys)
		if err != nil {
			return nil, err
		}
		categories = text
	}
	return []any{q.After, low, high, inStock, tag, categories}, nil
}

// descendants gives the keys of a category and all below it; none when it is unknown.
func (s *Store) descendants(c *conn, id string) ([]int64, error) {
	tree, err := s.categoryTree(c)
	if err != nil {
		return nil, err
	}
	keys := []int64{}
	for _, id := range tree.Descendants(id) {
		key, err := c.number("SELECT key FROM categories WHERE id = ?", id)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// afterPrefix gives the least text that is greater than all that begin with prefix, which is not empty.
func afterPrefix(prefix string) string {
	b := []byte(prefix)
	b[len(b)-1]++ // no byte of UTF-8 is 0xff
	return string(b)
}
