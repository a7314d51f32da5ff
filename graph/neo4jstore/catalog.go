package neo4jstore

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
)

// catalog is what is small and asked for everywhere, held in memory: products, categories, segments and the types of attributes. It is
// immutable once it is published.
type catalog struct {
	version    int64 // of [state.Catalog]
	products   map[string]*graph.Product
	categories map[string]graph.Category
	segments   map[string]graph.Segment
	types      map[graph.AttributeKey]graph.ValueKind

	// In order, for reads.
	productIDs []string
	tree       *graph.CategoryTree
	listed     []graph.Segment

	changed bool // by the transaction that holds it
}

// sort makes what reads need.
func (c *catalog) sort() {
	c.productIDs = slices.Sorted(maps.Keys(c.products))
	list := make([]graph.Category, 0, len(c.categories))
	for _, id := range slices.Sorted(maps.Keys(c.categories)) {
		list = append(list, c.categories[id])
	}
	c.tree = graph.NewCategoryTree(list)
	c.listed = make([]graph.Segment, 0, len(c.segments))
	for _, id := range slices.Sorted(maps.Keys(c.segments)) {
		c.listed = append(c.listed, c.segments[id])
	}
}

// parentsFirst lists the categories, each after its parent.
func (c *catalog) parentsFirst() (list []graph.Category) {
	var visit func(parent string)
	visit = func(parent string) {
		for _, child := range c.tree.Children(parent) {
			list = append(list, *child)
			visit(child.ID)
		}
	}
	visit("")
	return list
}

// clone gives a copy that may be changed.
func (c *catalog) clone() *catalog {
	return &catalog{
		version: c.version, products: maps.Clone(c.products), categories: maps.Clone(c.categories), segments: maps.Clone(c.segments), types: maps.Clone(c.types),
		productIDs: c.productIDs, tree: c.tree, listed: c.listed, changed: true,
	}
}

// current gives the catalog as of the latest commit seen.
func (s *Store) current(ctx context.Context, what string) (*catalog, error) {
	records, err := s.read(ctx, what, "state", nil)
	if err != nil {
		return nil, err
	}
	now, err := stateOf(records)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return s.catalogOf(ctx, what, now.Catalog)
}

func stateOf(records []*neo4j.Record) (state, error) {
	if len(records) == 0 {
		return state{}, damaged("find the state of the store")
	}
	return parseState(records[0].Values[0])
}

// catalogOf gives a catalog that is not older than a version.
func (s *Store) catalogOf(ctx context.Context, what string, version int64) (*catalog, error) {
	if c := s.catalog.Load(); c != nil && c.version >= version {
		return c, nil
	}
	// It is read while nobody writes, so that it is of one version.
	err := s.write(ctx, what, func(t *tx) error { return t.useCatalog() })
	if err != nil {
		return nil, err
	}
	return s.catalog.Load(), nil
}

// useCatalog gives the transaction the catalog of now.
func (t *tx) useCatalog() error {
	if t.catalog != nil {
		return nil
	}
	if c := t.s.catalog.Load(); c != nil && c.version == t.start.Catalog {
		t.catalog = c
		return nil
	}
	c := &catalog{version: t.start.Catalog, products: map[string]*graph.Product{}, categories: map[string]graph.Category{}, segments: map[string]graph.Segment{}, types: map[graph.AttributeKey]graph.ValueKind{}}
	for name, read := range map[string]func(values []any) error{"products": c.readProduct, "categories": c.readCategory, "segments": c.readSegment, "types": c.readType} {
		records, err := t.run(name, nil)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := read(r.Values); err != nil {
				return err
			}
		}
	}
	c.sort()
	t.catalog = c
	return nil
}

// ownCatalog gives the transaction a catalog that it may change.
func (t *tx) ownCatalog() (*catalog, error) {
	if err := t.useCatalog(); err != nil {
		return nil, err
	}
	if !t.catalog.changed {
		t.catalog = t.catalog.clone()
	}
	return t.catalog, nil
}

func (c *catalog) readProduct(v []any) error {
	p := &graph.Product{ID: text(v[0]), Name: text(v[1]), Categories: texts(v[2]), Tags: texts(v[3]), Currency: text(v[5]), LaunchedAt: moment(v[6]), RetiredAt: moment(v[7])}
	if price, ok := v[4].(int64); ok {
		p.Price = graph.Some(graph.Decimal(price))
	}
	if stock, ok := v[8].(bool); ok {
		p.InStock = graph.Some(stock)
	}
	var err error
	p.Attributes, err = decodeValues(text(v[9]))
	c.products[p.ID] = p
	return err
}

func (c *catalog) readCategory(v []any) error {
	category := graph.Category{ID: text(v[0]), Name: text(v[1]), Parent: text(v[3])}
	if category.Name == "" {
		category.Name = category.ID
	}
	if names := text(v[2]); names != "" {
		if err := json.Unmarshal([]byte(names), &category.Names); err != nil {
			return damaged("read the names of a category")
		}
	}
	c.categories[category.ID] = category
	return nil
}

func (c *catalog) readSegment(v []any) error {
	segment := graph.Segment{ID: text(v[0]), Name: text(v[1]), Description: text(v[2])}
	var err error
	if segment.Rule, err = graph.ParseRule([]byte(text(v[3]))); err != nil {
		return damaged("read the rule of a segment")
	}
	c.segments[segment.ID] = segment
	return nil
}

func (c *catalog) readType(v []any) error {
	scope, _ := v[0].(int64)
	kind, _ := v[2].(int64)
	c.types[graph.AttributeKey{Scope: graph.Scope(scope), Name: text(v[1])}] = graph.ValueKind(kind)
	return nil
}

func texts(value any) (list []string) {
	values, _ := value.([]any)
	for _, v := range values {
		list = append(list, text(v))
	}
	return list
}
