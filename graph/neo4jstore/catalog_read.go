package neo4jstore

import (
	"context"
	"maps"
	"slices"
	"sort"
	"strings"

	"lacuna/graph"
)

// Products gives products by id.
func (s *Store) Products(ctx context.Context, ids []string) (map[string]*graph.Product, error) {
	if err := graph.CheckCount("products", len(ids), graph.MaxKeys); err != nil {
		return nil, err
	}
	c, err := s.current(ctx, "read products")
	if err != nil {
		return nil, err
	}
	found := make(map[string]*graph.Product, len(ids))
	for _, id := range ids {
		if p := c.products[id]; p != nil {
			found[id] = copyProduct(p)
		}
	}
	return found, nil
}

func copyProduct(p *graph.Product) *graph.Product {
	c := *p
	c.Categories, c.Tags, c.Attributes = slices.Clone(p.Categories), slices.Clone(p.Tags), slices.Clone(p.Attributes)
	return &c
}

// productFilter tells which products a query asks for.
func (c *catalog) productFilter(q *graph.ProductQuery) func(p *graph.Product) bool {
	var within map[string]bool
	if q.Category != "" {
		within = map[string]bool{}
		for _, id := range c.tree.Descendants(q.Category) {
			within[id] = true
		}
	}
	search := graph.Fold(q.Search)
	return func(p *graph.Product) bool {
		return (within == nil || slices.ContainsFunc(p.Categories, func(id string) bool { return within[id] })) &&
			(q.Tag == "" || slices.Contains(p.Tags, q.Tag)) &&
			(search == "" || strings.HasPrefix(graph.Fold(p.Name), search)) &&
			(!q.InStock.Known || q.InStock == p.InStock)
	}
}

// FindProducts gives one page of products.
func (s *Store) FindProducts(ctx context.Context, q graph.ProductQuery) (page graph.ProductPage, err error) {
	if err := graph.CheckCount("products", q.First, graph.MaxPage); err != nil {
		return page, err
	}
	c, err := s.current(ctx, "find products")
	if err != nil {
		return page, err
	}
	matches := c.productFilter(&q)
	begin := sort.Search(len(c.productIDs), func(i int) bool { return c.productIDs[i] > q.After })
	for _, id := range c.productIDs[begin:] {
		p := c.products[id]
		if !matches(p) {
			continue
		}
		if page.More = len(page.Products) == q.First; page.More {
			break
		}
		page.Products = append(page.Products, copyProduct(p))
	}
	return page, nil
}

// CountProducts counts products.
func (s *Store) CountProducts(ctx context.Context, q graph.ProductQuery) (n int64, err error) {
	c, err := s.current(ctx, "count products")
	if err != nil {
		return 0, err
	}
	matches := c.productFilter(&q)
	for _, p := range c.products {
		if matches(p) {
			n++
		}
	}
	return n, nil
}

// Categories gives the tree.
func (s *Store) Categories(ctx context.Context) (*graph.CategoryTree, error) {
	c, err := s.current(ctx, "read categories")
	if err != nil {
		return nil, err
	}
	return c.tree, nil
}

// Segments gives all segments in order of id.
func (s *Store) Segments(ctx context.Context) ([]graph.Segment, error) {
	c, err := s.current(ctx, "read segments")
	if err != nil {
		return nil, err
	}
	return slices.Clone(c.listed), nil
}

// AttributeTypes gives the settled types.
func (s *Store) AttributeTypes(ctx context.Context) (map[graph.AttributeKey]graph.ValueKind, error) {
	c, err := s.current(ctx, "read types")
	if err != nil {
		return nil, err
	}
	return maps.Clone(c.types), nil
}

// Stats tells how much is stored.
func (s *Store) Stats(ctx context.Context) (stats graph.Stats, err error) {
	records, err := s.read(ctx, "read stats", "state", nil)
	if err != nil {
		return stats, err
	}
	now, err := stateOf(records)
	if err != nil {
		return stats, err
	}
	stats = graph.Stats{Customers: now.Customers, Interactions: now.Interactions, Products: now.Products, Categories: now.Categories, Segments: now.Segments, Version: now.head()}
	if now.LatestAt != nil {
		stats.LatestAt = instant(*now.LatestAt)
	}
	return stats, nil
}
