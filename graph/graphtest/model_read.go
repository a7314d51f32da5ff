package graphtest

import (
	"context"
	"maps"
	"slices"
	"strings"

	"lacuna/graph"
)

func tooMany(n, most int) error {
	if n < 0 || n > most {
		return graph.ErrInvalid
	}
	return nil
}

func (m *model) Customers(ctx context.Context, refs []graph.CustomerRef) (map[graph.CustomerRef]*graph.Customer, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := tooMany(len(refs), graph.MaxKeys); err != nil {
		return nil, err
	}
	found := map[graph.CustomerRef]*graph.Customer{}
	for _, ref := range refs {
		if id := m.d.find(ref); id != "" {
			found[ref] = m.d.profile(id)
		}
	}
	return found, nil
}

// Profiles is the naive form of the contract: one call of each kind for each query.
func (m *model) Profiles(ctx context.Context, queries []graph.ProfileQuery) (found graph.Profiles, err error) {
	if err := tooMany(len(queries), graph.MaxKeys); err != nil {
		return found, err
	}
	var products []string
	catalog := false
	list := make([]graph.Profile, len(queries))
	for n, q := range queries {
		customers, err := m.Customers(ctx, []graph.CustomerRef{q.Customer})
		if err != nil {
			return found, err
		}
		p := graph.Profile{Customer: customers[q.Customer]}
		of := graph.InteractionQuery{First: q.Newest}
		if p.Customer != nil {
			of.Customer = p.Customer.ID
		}
		pages, err := m.Interactions(ctx, []graph.InteractionQuery{of})
		if err != nil {
			return found, err
		}
		counts, err := m.CountInteractions(ctx, []graph.InteractionQuery{of})
		if err != nil {
			return found, err
		}
		if q.Newest > 0 {
			p.Newest = pages[0]
		}
		if q.Count {
			p.Count = counts[0]
		}
		if q.Catalog {
			catalog = true
			for _, i := range p.Newest.Interactions {
				products = append(products, i.Product)
			}
		}
		list[n] = p
	}
	if catalog {
		if found.Products, err = m.Products(ctx, products); err != nil {
			return found, err
		}
		if found.Tree, err = m.Categories(ctx); err != nil {
			return found, err
		}
	}
	found.List = list
	return found, nil
}

// matching lists the customers that match a search in an order.
func (d *modelData) matching(search string, order graph.CustomerOrder) []*graph.Customer {
	var list []*graph.Customer
	for _, id := range d.current() {
		if c := d.profile(id); matchesSearch(c, search) {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b *graph.Customer) int { return compareKeys(order, a.Key(), b.Key()) })
	return list
}

// matchesSearch is the naive form of what [graph.CustomerQuery] says of Search.
func matchesSearch(c *graph.Customer, search string) bool {
	search = graph.Fold(search)
	if search == "" {
		return true
	}
	begins := func(s string) bool { return strings.HasPrefix(s, search) }
	return slices.ContainsFunc(graph.SearchTerms(c.Name), begins) ||
		slices.ContainsFunc(c.Identities, func(i graph.CustomerIdentity) bool { return begins(graph.Fold(i.Value)) })
}

// compareKeys is the naive form of the orders of customers.
func compareKeys(order graph.CustomerOrder, a, b graph.CustomerKey) int {
	last := func(a, b bool) int { // what is true comes last
		switch {
		case a == b:
			return 0
		case a:
			return 1
		default:
			return -1
		}
	}
	c := 0
	switch order {
	case graph.ByName:
		if c = last(a.Name == "", b.Name == ""); c == 0 {
			c = strings.Compare(a.Name, b.Name)
		}
	case graph.ByNewest:
		if c = last(a.CreatedAt.IsZero(), b.CreatedAt.IsZero()); c == 0 {
			c = b.CreatedAt.Compare(a.CreatedAt)
		}
	}
	if c == 0 {
		c = strings.Compare(a.ID, b.ID)
	}
	return c
}

func (m *model) FindCustomers(ctx context.Context, q graph.CustomerQuery) (graph.CustomerPage, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return graph.CustomerPage{}, err
	}
	defer leave()
	if err := tooMany(q.First, graph.MaxPage); err != nil || q.Order > graph.ByNewest {
		return graph.CustomerPage{}, graph.ErrInvalid
	}
	list := m.d.matching(q.Search, q.Order)
	if q.After != nil {
		list = slices.DeleteFunc(list, func(c *graph.Customer) bool { return compareKeys(q.Order, c.Key(), *q.After) <= 0 })
	}
	page, more := cut(list, q.First)
	return graph.CustomerPage{Customers: page, More: more}, nil
}

// cut gives the first n of a list, and whether there are further ones.
func cut[T any](list []T, n int) ([]T, bool) {
	if len(list) > n {
		return list[:n], true
	}
	return list, false
}

func (m *model) CountCustomers(ctx context.Context, q graph.CustomerQuery) (int64, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	return int64(len(m.d.matching(q.Search, graph.ByCustomerID))), nil
}

func (m *model) Related(ctx context.Context, relation graph.Relation, keys []string) (map[string][]string, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if len(keys) > graph.MaxKeys || relation < graph.HouseholdMembers || relation > graph.ReferredCustomers {
		return nil, graph.ErrInvalid
	}
	found := map[string][]string{}
	for _, id := range m.d.current() {
		c := m.d.profile(id)
		key := c.Household
		if relation == graph.ReferredCustomers {
			key = c.ReferredBy
		}
		if slices.Contains(keys, key) && key != "" && len(found[key]) < graph.MaxRelated {
			found[key] = append(found[key], id)
		}
	}
	return found, nil
}

func (m *model) Products(ctx context.Context, ids []string) (map[string]*graph.Product, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := tooMany(len(ids), graph.MaxKeys); err != nil {
		return nil, err
	}
	found := map[string]*graph.Product{}
	for _, id := range ids {
		if p, ok := m.d.products[id]; ok {
			found[id] = copyProduct(p)
		}
	}
	return found, nil
}

func copyProduct(p graph.Product) *graph.Product {
	p.Categories, p.Tags, p.Attributes = slices.Clone(p.Categories), slices.Clone(p.Tags), slices.Clone(p.Attributes)
	return &p
}

// matchingProducts lists products in order of id.
func (d *modelData) matchingProducts(q graph.ProductQuery) []*graph.Product {
	var list []*graph.Product
	for _, id := range sortedKeys(d.products) {
		if p := d.products[id]; matchesProduct(&p, q, d.tree()) {
			list = append(list, copyProduct(p))
		}
	}
	return list
}

// matchesProduct is the naive form of [graph.ProductQuery].
func matchesProduct(p *graph.Product, q graph.ProductQuery, tree *graph.CategoryTree) bool {
	return (q.Category == "" || overlap(p.Categories, tree.Descendants(q.Category))) &&
		(q.Tag == "" || slices.Contains(p.Tags, q.Tag)) &&
		(q.Search == "" || strings.HasPrefix(graph.Fold(p.Name), graph.Fold(q.Search))) &&
		(!q.InStock.Known || q.InStock == p.InStock)
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

func (m *model) FindProducts(ctx context.Context, q graph.ProductQuery) (graph.ProductPage, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return graph.ProductPage{}, err
	}
	defer leave()
	if err := tooMany(q.First, graph.MaxPage); err != nil {
		return graph.ProductPage{}, err
	}
	list := slices.DeleteFunc(m.d.matchingProducts(q), func(p *graph.Product) bool { return p.ID <= q.After })
	page, more := cut(list, q.First)
	return graph.ProductPage{Products: page, More: more}, nil
}

func (m *model) CountProducts(ctx context.Context, q graph.ProductQuery) (int64, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	return int64(len(m.d.matchingProducts(q))), nil
}

func (d *modelData) tree() *graph.CategoryTree {
	var list []graph.Category
	for _, id := range sortedKeys(d.categories) {
		list = append(list, d.categories[id])
	}
	return graph.NewCategoryTree(list)
}

func (m *model) Categories(ctx context.Context) (*graph.CategoryTree, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return m.d.tree(), nil
}

func (m *model) Segments(ctx context.Context) ([]graph.Segment, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	var list []graph.Segment
	for _, id := range sortedKeys(m.d.segments) {
		list = append(list, m.d.segments[id])
	}
	return list, nil
}

func (m *model) AttributeTypes(ctx context.Context) (map[graph.AttributeKey]graph.ValueKind, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	types := map[graph.AttributeKey]graph.ValueKind{}
	maps.Copy(types, m.d.types)
	return types, nil
}

// matchesFilter is the naive form of [graph.InteractionFilter].
func matchesFilter(i *graph.Interaction, f graph.InteractionFilter, tree *graph.CategoryTree, products map[string]graph.Product) bool {
	filed := products[i.Product].Categories
	if i.Category != "" {
		filed = []string{i.Category}
	}
	return (len(f.Types) == 0 || slices.Contains(f.Types, i.Type)) &&
		(len(f.Channels) == 0 || slices.Contains(f.Channels, i.Channel)) &&
		(f.Category == "" || overlap(filed, tree.Descendants(f.Category))) &&
		(f.Product == "" || i.Product == f.Product) &&
		(f.From.IsZero() || !i.At.Before(f.From)) && (f.To.IsZero() || i.At.Before(f.To)) &&
		strings.Contains(graph.Fold(i.Query), graph.Fold(f.Query))
}

func (d *modelData) filtered(q graph.InteractionQuery) []graph.Interaction {
	tree := d.tree()
	return slices.DeleteFunc(d.history(q.Customer), func(i graph.Interaction) bool {
		return !matchesFilter(&i, q.Filter, tree, d.products)
	})
}

func (m *model) Interactions(ctx context.Context, queries []graph.InteractionQuery) ([]graph.InteractionPage, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := tooMany(len(queries), graph.MaxKeys); err != nil {
		return nil, err
	}
	pages := make([]graph.InteractionPage, len(queries))
	for n, q := range queries {
		if err := tooMany(q.First, graph.MaxPage); err != nil {
			return nil, err
		}
		list := m.d.filtered(q)
		if q.After != nil {
			after := graph.Interaction{ID: q.After.ID, At: q.After.At}
			list = slices.DeleteFunc(list, func(i graph.Interaction) bool { return compareInteractions(i, after) <= 0 })
		}
		pages[n].Interactions, pages[n].More = cut(list, q.First)
	}
	return pages, nil
}

func (m *model) CountInteractions(ctx context.Context, queries []graph.InteractionQuery) ([]int64, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := tooMany(len(queries), graph.MaxKeys); err != nil {
		return nil, err
	}
	counts := make([]int64, len(queries))
	for n, q := range queries {
		counts[n] = int64(len(m.d.filtered(q)))
	}
	return counts, nil
}

func (m *model) Touchpoints(ctx context.Context, ids []string) (map[string][]graph.Touchpoint, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := tooMany(len(ids), graph.MaxKeys); err != nil {
		return nil, err
	}
	found := map[string][]graph.Touchpoint{}
	for _, id := range ids {
		if points := touchpoints(m.d.history(id)); len(points) > 0 {
			found[id] = points
		}
	}
	return found, nil
}

// touchpoints is the naive form of [graph.Touchpoint].
func touchpoints(list []graph.Interaction) []graph.Touchpoint {
	var points []graph.Touchpoint
	for channel := graph.Channel(0); channel <= graph.Partner; channel++ {
		for phase := graph.BeforePurchase; phase <= graph.AfterPurchase; phase++ {
			p := graph.Touchpoint{Channel: channel, Phase: phase}
			for _, i := range list { // newest first
				if i.Channel != channel || graph.PhaseOf(i.Type) != phase {
					continue
				}
				if p.Interactions == 0 {
					p.LastAt = i.At
				}
				p.FirstAt = i.At
				p.Interactions++
			}
			if p.Interactions > 0 {
				points = append(points, p)
			}
		}
	}
	return points
}

func (m *model) Stats(ctx context.Context) (graph.Stats, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return graph.Stats{}, err
	}
	defer leave()
	d := m.d
	s := graph.Stats{
		Customers: int64(len(d.facts) - len(d.leads)), Interactions: int64(len(d.interactions)), Products: int64(len(d.products)),
		Categories: int64(len(d.categories)), Segments: int64(len(d.segments)), Version: d.cursor(len(d.log)),
	}
	for _, i := range d.interactions {
		if !i.Ahead && i.At.After(s.LatestAt) {
			s.LatestAt = i.At
		}
	}
	return s, nil
}
