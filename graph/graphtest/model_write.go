package graphtest

import (
	"context"
	"maps"
	"slices"
	"time"

	"lacuna/graph"
)

// Bulk is nothing special here.
func (m *model) Bulk(ctx context.Context, load func(graph.Writer) error) error {
	leave, err := m.enter(ctx)
	if err != nil {
		return err
	}
	leave()
	if err := load(m); err != nil {
		return err
	}
	return ctx.Err()
}

func (m *model) Write(ctx context.Context, b *graph.Batch) (*graph.Outcomes, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if b.Len() > graph.MaxBatch {
		return nil, graph.ErrInvalid
	}
	o := &graph.Outcomes{Categories: m.writeCategories(b)}
	for i := range b.Products {
		o.Products = append(o.Products, m.writeProduct(&b.Products[i], b.CreateMissing))
	}
	for i := range b.Customers {
		o.Customers = append(o.Customers, m.writeCustomer(&b.Customers[i]))
	}
	o.Segments = m.writeSegments(b.Segments)
	for i := range b.Interactions {
		o.Interactions = append(o.Interactions, m.writeInteraction(&b.Interactions[i], b.CreateMissing))
	}
	for i := range b.Retractions {
		o.Retractions = append(o.Retractions, m.retract(&b.Retractions[i]))
	}
	for _, id := range b.DeleteSegments {
		o.DeleteSegments = append(o.DeleteSegments, m.deleteSegment(id))
	}
	for i := range b.Unread {
		o.Unread = append(o.Unread, m.writeUnread(&b.Unread[i]))
	}
	return o, nil
}

func rejected(r *graph.Rejection) graph.Outcome {
	return graph.Outcome{Status: graph.Rejected, Rejection: r}
}

func reject(code graph.RejectCode, field string) graph.Outcome {
	return rejected(graph.Reject(code, field, "is not accepted"))
}

func changed(is bool) graph.Outcome {
	if is {
		return graph.Outcome{Status: graph.Accepted}
	}
	return graph.Outcome{Status: graph.Duplicate}
}

// writeCategories settles first which rows can be taken, so that a parent may stand anywhere in the batch: rows are
// refused until no row names a parent that will not be there, or itself among its parents.
func (m *model) writeCategories(b *graph.Batch) []graph.Outcome {
	outcomes := make([]graph.Outcome, len(b.Categories))
	for i := range b.Categories {
		c := &b.Categories[i]
		c.Normalize()
		if r := c.Check(); r != nil {
			outcomes[i] = rejected(r)
		}
	}
	for again := true; again; {
		again = false
		parents := map[string]string{}
		for id, c := range m.d.categories {
			parents[id] = c.Parent
		}
		for i, c := range b.Categories {
			if outcomes[i].Status == 0 {
				parents[c.ID] = firstText(c.Parent, parents[c.ID])
			}
		}
		for i, c := range b.Categories {
			if outcomes[i].Status != 0 || c.Parent == "" {
				continue
			}
			if _, ok := parents[c.Parent]; !ok && !b.CreateMissing {
				outcomes[i], again = reject(graph.RejectUnknownCategory, "parent"), true
				break
			}
			if deepest(c.ID, parents) > graph.MaxCategoryLevels {
				outcomes[i], again = reject(graph.RejectCycle, "parent"), true
				break
			}
		}
	}
	rows := map[string]bool{}
	for i, c := range b.Categories {
		rows[c.ID] = rows[c.ID] || outcomes[i].Status == 0
	}
	for i, c := range b.Categories {
		if outcomes[i].Status != 0 {
			continue
		}
		if !rows[c.Parent] {
			m.createCategory(c.Parent)
		}
		outcomes[i] = changed(m.putCategory(c))
	}
	return outcomes
}

func firstText(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// levelsAbove counts the levels down to a category; in a cycle it gives more than there may be.
func levelsAbove(id string, parents map[string]string) int {
	levels := 1
	for parents[id] != "" && levels <= graph.MaxCategoryLevels {
		id = parents[id]
		levels++
	}
	return levels
}

// deepest counts the levels down to the lowest category at or below one.
func deepest(id string, parents map[string]string) int {
	most := levelsAbove(id, parents)
	for other := range parents {
		for up, n := other, 0; up != "" && n <= graph.MaxCategoryLevels; up, n = parents[up], n+1 {
			if up == id {
				most = max(most, levelsAbove(other, parents))
			}
		}
	}
	return most
}

// createCategory creates a category with nothing but its id where there is none.
func (m *model) createCategory(id string) {
	if _, ok := m.d.categories[id]; !ok && id != "" {
		m.putCategory(graph.Category{ID: id})
	}
}

func (m *model) putCategory(c graph.Category) bool {
	old, have := m.d.categories[c.ID]
	names := maps.Clone(old.Names)
	if names == nil {
		names = map[string]string{}
	}
	maps.Copy(names, c.Names)
	next := graph.Category{ID: c.ID, Name: firstText(c.Name, old.Name, c.ID), Parent: firstText(c.Parent, old.Parent), Names: names}
	if have && next.Name == old.Name && next.Parent == old.Parent && maps.Equal(next.Names, old.Names) {
		return false
	}
	m.d.categories[c.ID] = next
	m.change(graph.CategoryChanged, c.ID, "")
	return true
}

func (m *model) writeProduct(p *graph.Product, createMissing bool) graph.Outcome {
	p.Normalize()
	if r := p.Check(); r != nil {
		return rejected(r)
	}
	if !createMissing {
		for _, id := range p.Categories {
			if _, ok := m.d.categories[id]; !ok {
				return reject(graph.RejectUnknownCategory, "categories")
			}
		}
	}
	if r := m.settle(graph.ProductScope, p.Attributes); r != nil {
		return rejected(r)
	}
	for _, id := range p.Categories {
		m.createCategory(id)
	}
	return changed(m.putProduct(*p))
}

func (m *model) putProduct(p graph.Product) bool {
	old, have := m.d.products[p.ID]
	next := *copyProduct(old)
	next.ID, next.Name, next.Currency = p.ID, firstText(p.Name, old.Name), firstText(p.Currency, old.Currency)
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
		next.Attributes = slices.DeleteFunc(next.Attributes, func(b graph.NamedValue) bool { return b.Name == a.Name })
		next.Attributes = append(next.Attributes, a)
	}
	next.Normalize()
	if have && equalProducts(next, old) {
		return false
	}
	m.d.products[p.ID] = next
	m.change(graph.ProductChanged, p.ID, "")
	return true
}

func equalProducts(a, b graph.Product) bool {
	return a.ID == b.ID && a.Name == b.Name && slices.Equal(a.Categories, b.Categories) && slices.Equal(a.Tags, b.Tags) &&
		a.Price == b.Price && a.Currency == b.Currency && a.LaunchedAt.Equal(b.LaunchedAt) && a.RetiredAt.Equal(b.RetiredAt) &&
		a.InStock == b.InStock && slices.Equal(a.Attributes, b.Attributes)
}

// fit turns values into those of the settled types, in place, and tells which does not fit.
func (m *model) fit(scope graph.Scope, values []graph.NamedValue) *graph.Rejection {
	var misfit *graph.Rejection
	for i, v := range values {
		kind := m.d.types[graph.AttributeKey{Scope: scope, Name: v.Name}]
		if kind == 0 {
			continue
		}
		if fitted, ok := v.Value.Fit(kind); ok {
			values[i].Value = fitted
		} else if misfit == nil {
			misfit = graph.Reject(graph.RejectAttributeType, "attr."+v.Name, "is of another type")
		}
	}
	return misfit
}

// settle is fit, and settles the types that are new.
func (m *model) settle(scope graph.Scope, values []graph.NamedValue) *graph.Rejection {
	if r := m.fit(scope, values); r != nil {
		return r
	}
	for _, v := range values {
		m.d.types[graph.AttributeKey{Scope: scope, Name: v.Name}] = v.Value.Kind()
	}
	return nil
}

func (m *model) writeSegments(list []graph.Segment) []graph.Outcome {
	outcomes := make([]graph.Outcome, len(list))
	rules := map[string]graph.Rule{}
	for i := range list {
		if r := list[i].Check(); r != nil {
			outcomes[i] = rejected(r)
			continue
		}
		rules[list[i].ID] = list[i].Rule
	}
	refused := graph.CheckSegmentCycles(func(id string) (graph.Rule, bool) {
		s, ok := m.d.segments[id]
		return s.Rule, ok
	}, rules)
	for i, s := range list {
		switch old, have := m.d.segments[s.ID]; {
		case outcomes[i].Status != 0:
		case refused[s.ID] != nil:
			outcomes[i] = rejected(refused[s.ID])
		default:
			s.Name, s.Description = firstText(s.Name, old.Name, s.ID), firstText(s.Description, old.Description)
			outcomes[i] = changed(!have || s.Name != old.Name || s.Description != old.Description || !s.Rule.Equal(old.Rule))
			if outcomes[i].Status == graph.Accepted {
				m.d.segments[s.ID] = s
				m.change(graph.SegmentChanged, s.ID, "")
			}
		}
	}
	return outcomes
}

func (m *model) deleteSegment(id string) graph.Outcome {
	if _, ok := m.d.segments[id]; !ok {
		return reject(graph.RejectNotFound, "")
	}
	for other, s := range m.d.segments {
		if other != id && slices.Contains(s.Rule.Segments(), id) {
			return reject(graph.RejectInUse, "")
		}
	}
	delete(m.d.segments, id)
	delete(m.d.members, id)
	maps.DeleteFunc(m.d.lacks, func(gap graph.GapKey, _ graph.Lack) bool { return gap.Segment == id })
	m.change(graph.SegmentDeleted, id, "")
	return changed(true)
}

func (m *model) writeInteraction(row *graph.Interaction, createMissing bool) graph.Outcome {
	row.Normalize()
	d := m.d
	if r := row.Check(); r != nil {
		return rejected(r)
	}
	misfit := m.fit(graph.InteractionScope, row.Attributes)
	if r, ok := d.retracted[row.ID]; ok {
		if r.content == row.ContentHash() {
			return changed(false)
		}
		return reject(graph.RejectConflict, "id")
	}
	if old := d.interactions[row.ID]; old != nil {
		if old.SameContent(row) {
			return changed(false)
		}
		return reject(graph.RejectConflict, "id")
	}
	if d.isErased(row.Customer) {
		return reject(graph.RejectErased, "customer")
	}
	if !createMissing {
		if _, ok := d.products[row.Product]; !ok && row.Product != "" {
			return reject(graph.RejectUnknownProduct, "product")
		}
		if _, ok := d.categories[row.Category]; !ok && row.Category != "" {
			return reject(graph.RejectUnknownCategory, "category")
		}
	}
	if misfit != nil {
		return rejected(misfit)
	}
	_ = m.settle(graph.InteractionScope, row.Attributes) // checked above
	m.createCategory(row.Category)
	if _, ok := d.products[row.Product]; !ok && row.Product != "" {
		m.putProduct(graph.Product{ID: row.Product})
	}
	origin := m.createCustomer(row.Customer, row.Source, m.o.Clock())
	i := *row
	i.Ahead, i.Owner, i.Attributes = i.At.After(m.o.Clock()), "", slices.Clone(row.Attributes)
	d.interactions[i.ID] = &stored{Interaction: i, origin: origin, position: len(d.log)}
	m.change(graph.InteractionRecorded, i.ID, d.root(origin))
	return changed(true)
}

// createCustomer gives the origin that a reference names, and creates it where there is none.
func (m *model) createCustomer(ref graph.CustomerRef, source string, observed time.Time) string {
	identity, byIdentity := ref.Identity()
	id := ref.Value
	if byIdentity {
		if origin := m.d.origin[identity]; origin != "" {
			return origin
		}
		id = graph.DerivedCustomerID(identity)
	}
	if m.d.facts[id] == nil {
		m.d.facts[id] = &facts{
			identities: map[graph.Identity]graph.CustomerIdentity{}, fields: map[string]map[string]graph.Observation{},
			consents: map[string]graph.Consent{},
		}
		if byIdentity {
			m.d.facts[id].stub = identity
		}
		m.change(graph.CustomerChanged, id, id)
	}
	if byIdentity {
		m.d.origin[identity] = id
		m.d.facts[id].identities[identity] = graph.CustomerIdentity{Identity: identity, Source: source, ObservedAt: graph.Instant(observed)}
	}
	return id
}

func (m *model) retract(r *graph.Retraction) graph.Outcome {
	if x := r.Check(); x != nil {
		return rejected(x)
	}
	if _, ok := m.d.retracted[r.ID]; ok {
		return changed(false)
	}
	i := m.d.interactions[r.ID]
	if i == nil {
		return reject(graph.RejectNotFound, "id")
	}
	m.d.retracted[r.ID] = retracted{content: i.ContentHash(), origin: i.origin}
	delete(m.d.interactions, r.ID)
	m.change(graph.InteractionRetracted, r.ID, m.d.root(i.origin))
	return changed(true)
}
