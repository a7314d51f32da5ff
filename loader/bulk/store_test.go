package bulk

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"lacuna/graph"
)

// memory is as much of a store as a load needs: it keeps rows as they were written, and takes interactions once.
type memory struct {
	graph.Store // nil: whatever else is called panics
	mu          sync.Mutex
	categories  []graph.Category
	products    []graph.Product
	customers   []graph.CustomerUpsert
	segments    []graph.Segment
	rows        map[string]graph.Interaction
	types       map[graph.AttributeKey]graph.ValueKind
	discard     bool                     // keep nothing, for benchmarks
	before      func(*graph.Batch) error // called by Write
	bulkErr     error
}

func newMemory() *memory {
	return &memory{rows: map[string]graph.Interaction{}, types: map[graph.AttributeKey]graph.ValueKind{}}
}

func (m *memory) AttributeTypes(context.Context) (map[graph.AttributeKey]graph.ValueKind, error) {
	return maps.Clone(m.types), nil
}

func (m *memory) Categories(context.Context) (*graph.CategoryTree, error) {
	return graph.NewCategoryTree(slices.Clone(m.categories)), nil
}

func (m *memory) Segments(context.Context) ([]graph.Segment, error) { return m.segments, nil }

func (m *memory) FindProducts(context.Context, graph.ProductQuery) (graph.ProductPage, error) {
	page := graph.ProductPage{}
	for i := range m.products {
		page.Products = append(page.Products, &m.products[i])
	}
	return page, nil
}

func (m *memory) Products(_ context.Context, ids []string) (map[string]*graph.Product, error) {
	found := map[string]*graph.Product{}
	for i := range m.products { // A later row fills in what earlier ones left open.
		row := m.products[i]
		if !slices.Contains(ids, row.ID) {
			continue
		}
		if stored := found[row.ID]; stored != nil {
			merged := *stored
			leaveUnknown(&row, stored)
			merged.Name = cmp.Or(stored.Name, row.Name)
			if len(stored.Categories) == 0 {
				merged.Categories = row.Categories
			}
			if !stored.Price.Known {
				merged.Price, merged.Currency = row.Price, row.Currency
			}
			merged.Attributes = append(slices.Clone(stored.Attributes), row.Attributes...)
			row = merged
		}
		found[row.ID] = &row
	}
	return found, nil
}

func (m *memory) Bulk(_ context.Context, load func(graph.Writer) error) error {
	if err := load(m); err != nil {
		return err
	}
	return m.bulkErr
}

func (m *memory) Write(_ context.Context, b *graph.Batch) (*graph.Outcomes, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.before != nil {
		if err := m.before(b); err != nil {
			return nil, err
		}
	}
	out := &graph.Outcomes{
		Categories: make([]graph.Outcome, len(b.Categories)), Products: make([]graph.Outcome, len(b.Products)),
		Customers: make([]graph.Outcome, len(b.Customers)), Segments: make([]graph.Outcome, len(b.Segments)),
		Interactions: make([]graph.Outcome, len(b.Interactions)),
	}
	for i := range b.Categories {
		b.Categories[i].Normalize()
		if out.Categories[i] = outcome(b.Categories[i].Check()); out.Categories[i].Rejection == nil {
			m.categories = append(m.categories, b.Categories[i])
		}
	}
	for i := range b.Products {
		b.Products[i].Normalize()
		if out.Products[i] = outcome(b.Products[i].Check()); out.Products[i].Rejection == nil {
			m.products = append(m.products, b.Products[i])
			m.settle(graph.ProductScope, b.Products[i].Attributes)
		}
	}
	for i := range b.Customers {
		if m.discard {
			out.Customers[i].Status = graph.Accepted
			continue
		}
		b.Customers[i].Normalize()
		if out.Customers[i] = outcome(b.Customers[i].Check()); out.Customers[i].Rejection == nil {
			m.customers = append(m.customers, b.Customers[i])
			m.settle(graph.CustomerScope, b.Customers[i].Attributes)
		}
	}
	for i := range b.Segments {
		if out.Segments[i] = outcome(b.Segments[i].Check()); out.Segments[i].Rejection == nil {
			m.segments = append(m.segments, b.Segments[i])
		}
	}
	for i := range b.Interactions {
		out.Interactions[i] = m.interaction(&b.Interactions[i])
	}
	return out, nil
}

func (m *memory) interaction(row *graph.Interaction) graph.Outcome {
	if m.discard {
		return graph.Outcome{Status: graph.Accepted}
	}
	row.Normalize()
	if r := row.Check(); r != nil {
		return outcome(r)
	}
	if before, ok := m.rows[row.ID]; ok {
		if before.SameContent(row) {
			return graph.Outcome{Status: graph.Duplicate}
		}
		return outcome(graph.Reject(graph.RejectConflict, "id", "is stored with other content"))
	}
	m.rows[row.ID] = *row
	m.settle(graph.InteractionScope, row.Attributes)
	return graph.Outcome{Status: graph.Accepted}
}

func (m *memory) settle(scope graph.Scope, values []graph.NamedValue) {
	for _, v := range values {
		if key := (graph.AttributeKey{Scope: scope, Name: v.Name}); m.types[key] == 0 {
			m.types[key] = v.Value.Kind()
		}
	}
}
