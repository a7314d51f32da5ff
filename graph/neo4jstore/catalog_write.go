package neo4jstore

import (
	"cmp"
	"maps"
	"slices"

	"lacuna/graph"
)

// catalogRows are rows of the catalog that a transaction writes, by id: those changed twice are written once.
type catalogRows struct {
	products, categories, segments map[string]bool
	types                          []params
}

func newCatalogRows() *catalogRows {
	return &catalogRows{products: map[string]bool{}, categories: map[string]bool{}, segments: map[string]bool{}}
}

func (w *writer) writeCategories(rows []graph.Category, createMissing bool) ([]graph.Outcome, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	if err := w.useCatalog(); err != nil {
		return nil, err
	}
	parents := make(map[string]string, len(w.catalog.categories))
	for id, c := range w.catalog.categories {
		parents[id] = c.Parent
	}
	refused := graph.CheckCategories(rows, parents, createMissing)
	taken := map[string]bool{} // ids that rows bring
	for i := range rows {
		taken[rows[i].ID] = taken[rows[i].ID] || refused[i] == nil
	}
	out := make([]graph.Outcome, len(rows))
	for i := range rows {
		if refused[i] != nil {
			out[i] = refused[i].Outcome()
			continue
		}
		if rows[i].Parent != "" && !taken[rows[i].Parent] {
			if err := w.createCategory(rows[i].Parent); err != nil {
				return nil, err
			}
		}
		is, err := w.putCategory(rows[i])
		if err != nil {
			return nil, err
		}
		out[i] = graph.NewOutcome(is)
	}
	return out, nil
}

// createCategory makes a category of which nothing but its id is known, where there is none.
func (w *writer) createCategory(id string) error {
	if _, ok := w.catalog.categories[id]; ok || id == "" {
		return nil
	}
	_, err := w.putCategory(graph.Category{ID: id})
	return err
}

func (w *writer) putCategory(row graph.Category) (is bool, err error) {
	old, have := w.catalog.categories[row.ID]
	next := graph.Category{ID: row.ID, Name: cmp.Or(row.Name, old.Name, row.ID), Parent: cmp.Or(row.Parent, old.Parent), Names: maps.Clone(old.Names)}
	if next.Names == nil && len(row.Names) > 0 {
		next.Names = map[string]string{}
	}
	maps.Copy(next.Names, row.Names)
	if have && next.Name == old.Name && next.Parent == old.Parent && maps.Equal(next.Names, old.Names) {
		return false, nil
	}
	c, err := w.ownCatalog()
	if err != nil {
		return false, err
	}
	c.categories[row.ID] = next
	w.rows.categories[row.ID] = true
	w.change(graph.CategoryChanged, row.ID, "")
	return true, nil
}

func (w *writer) writeProduct(p *graph.Product, createMissing bool) (graph.Outcome, error) {
	p.Normalize()
	if r := p.Check(); r != nil {
		return r.Outcome(), nil
	}
	if err := w.useCatalog(); err != nil {
		return graph.Outcome{}, err
	}
	if !createMissing {
		for _, id := range p.Categories {
			if _, ok := w.catalog.categories[id]; !ok {
				return graph.RefuseCategory("categories", id).Outcome(), nil
			}
		}
	}
	if r := w.fit(graph.ProductScope, p.Attributes); r != nil {
		return r.Outcome(), nil
	}
	if err := w.settle(graph.ProductScope, p.Attributes); err != nil {
		return graph.Outcome{}, err
	}
	for _, id := range p.Categories {
		if err := w.createCategory(id); err != nil {
			return graph.Outcome{}, err
		}
	}
	is, err := w.putProduct(p)
	return graph.NewOutcome(is), err
}

func (w *writer) putProduct(p *graph.Product) (is bool, err error) {
	old, have := w.catalog.products[p.ID]
	if !have {
		old = &graph.Product{}
	}
	next := *copyProduct(old)
	next.ID, next.Name, next.Currency = p.ID, cmp.Or(p.Name, old.Name), cmp.Or(p.Currency, old.Currency)
	if len(p.Categories) > 0 {
		next.Categories = slices.Clone(p.Categories)
	}
	if len(p.Tags) > 0 {
		next.Tags = slices.Clone(p.Tags)
	}
	if p.Price.Known {
		next.Price = p.Price
	}
	if p.InStock.Known {
		next.InStock = p.InStock
	}
	if !p.LaunchedAt.IsZero() {
		next.LaunchedAt = p.LaunchedAt
	}
	if !p.RetiredAt.IsZero() {
		next.RetiredAt = p.RetiredAt
	}
	for _, a := range p.Attributes {
		next.Attributes = append(slices.DeleteFunc(next.Attributes, func(b graph.NamedValue) bool { return b.Name == a.Name }), a)
	}
	next.Normalize()
	if have && sameProduct(&next, old) {
		return false, nil
	}
	c, err := w.ownCatalog()
	if err != nil {
		return false, err
	}
	c.products[p.ID] = &next
	w.rows.products[p.ID] = true
	w.change(graph.ProductChanged, p.ID, "")
	return true, nil
}

func sameProduct(a, b *graph.Product) bool {
	return a.ID == b.ID && a.Name == b.Name && slices.Equal(a.Categories, b.Categories) && slices.Equal(a.Tags, b.Tags) &&
		a.Price == b.Price && a.Currency == b.Currency && a.LaunchedAt.Equal(b.LaunchedAt) && a.RetiredAt.Equal(b.RetiredAt) &&
		a.InStock == b.InStock && slices.Equal(a.Attributes, b.Attributes)
}

// fit turns values into those of the settled types, in place, and refuses what does not fit.
func (w *writer) fit(scope graph.Scope, values []graph.NamedValue) *graph.Rejection {
	for i, v := range values {
		kind := w.catalog.types[graph.AttributeKey{Scope: scope, Name: v.Name}]
		if kind == 0 {
			continue
		}
		fitted, ok := v.Value.Fit(kind)
		if !ok {
			return graph.RefuseType(v, kind)
		}
		values[i].Value = fitted
	}
	return nil
}

// settle settles the types of attributes that have none yet.
func (w *writer) settle(scope graph.Scope, values []graph.NamedValue) error {
	for _, v := range values {
		key := graph.AttributeKey{Scope: scope, Name: v.Name}
		if _, ok := w.catalog.types[key]; ok {
			continue
		}
		c, err := w.ownCatalog()
		if err != nil {
			return err
		}
		c.types[key] = v.Value.Kind()
		w.rows.types = append(w.rows.types, typeRow(key, v.Value.Kind()))
	}
	return nil
}

func (w *writer) writeSegments(rows []graph.Segment) ([]graph.Outcome, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	if err := w.useCatalog(); err != nil {
		return nil, err
	}
	out, last := make([]graph.Outcome, len(rows)), map[string]graph.Rule{}
	for i := range rows {
		r := rows[i].Check()
		if r == nil {
			r = rows[i].Rule.Check()
		}
		if r != nil {
			out[i] = r.Outcome()
			continue
		}
		last[rows[i].ID] = rows[i].Rule
	}
	refused := graph.CheckSegmentCycles(func(id string) (graph.Rule, bool) {
		s, ok := w.catalog.segments[id]
		return s.Rule, ok
	}, last)
	for i := range rows {
		row := &rows[i]
		old, have := w.catalog.segments[row.ID]
		switch {
		case out[i].Status == graph.Rejected:
		case refused[row.ID] != nil:
			out[i] = refused[row.ID].Outcome()
		default:
			row.Name, row.Description = cmp.Or(row.Name, old.Name, row.ID), cmp.Or(row.Description, old.Description)
			out[i] = graph.NewOutcome(!have || old.Name != row.Name || old.Description != row.Description || !old.Rule.Equal(row.Rule))
			if out[i].Status == graph.Accepted {
				c, err := w.ownCatalog()
				if err != nil {
					return nil, err
				}
				c.segments[row.ID] = *row
				w.rows.segments[row.ID] = true
				w.change(graph.SegmentChanged, row.ID, "")
			}
		}
	}
	return out, nil
}

func (w *writer) deleteSegment(id string) (graph.Outcome, error) {
	if err := w.useCatalog(); err != nil {
		return graph.Outcome{}, err
	}
	if _, ok := w.catalog.segments[id]; !ok {
		return graph.RefuseMissing("segment", id).Outcome(), nil
	}
	for _, other := range slices.Sorted(maps.Keys(w.catalog.segments)) {
		s := w.catalog.segments[other]
		if other != id && slices.Contains(s.Rule.Segments(), id) {
			return graph.RefuseInUse(other).Outcome(), nil
		}
	}
	c, err := w.ownCatalog()
	if err != nil {
		return graph.Outcome{}, err
	}
	delete(c.segments, id)
	delete(w.rows.segments, id)
	w.change(graph.SegmentDeleted, id, "")
	_, err = w.run("segment_delete", params{"id": id})
	return graph.NewOutcome(true), err
}

// flushCatalog writes what has changed of the catalog.
func (w *writer) flushCatalog() error {
	var categories, products, segments []params
	for _, id := range slices.Sorted(maps.Keys(w.rows.categories)) {
		c := w.catalog.categories[id]
		categories = append(categories, categoryRow(&c))
	}
	for _, id := range slices.Sorted(maps.Keys(w.rows.products)) {
		products = append(products, productRow(w.catalog.products[id]))
	}
	for _, id := range slices.Sorted(maps.Keys(w.rows.segments)) {
		s := w.catalog.segments[id]
		segments = append(segments, segmentRow(&s))
	}
	if err := w.steps([]step{{"category_put", categories}, {"category_place", categories}, {"product_put", products}, {"segment_put", segments}, {"type_put", w.rows.types}}); err != nil {
		return err
	}
	w.rows = newCatalogRows()
	return nil
}

func categoryRow(c *graph.Category) params {
	row := params{"id": c.ID, "name": c.Name, "names": nil, "parent": orNull(c.Parent)}
	if len(c.Names) > 0 {
		row["names"] = toJSON(c.Names)
	}
	return row
}

func segmentRow(s *graph.Segment) params {
	return params{"id": s.ID, "name": s.Name, "description": s.Description, "rule": toJSON(s.Rule)}
}

func productRow(p *graph.Product) params {
	row := params{
		"id": p.ID, "name": orNull(p.Name), "categories": p.Categories, "tags": p.Tags, "price": nil, "currency": orNull(p.Currency),
		"launchedAt": micros(p.LaunchedAt), "retiredAt": micros(p.RetiredAt), "inStock": nil, "attributes": orNull(encodeValues(p.Attributes)),
	}
	if p.Price.Known {
		row["price"] = int64(p.Price.Value)
	}
	if p.InStock.Known {
		row["inStock"] = p.InStock.Value
	}
	return row
}
