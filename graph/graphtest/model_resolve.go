package graphtest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"lacuna/graph"
)

func (m *model) Merge(ctx context.Context, keep, retire string, dryRun bool) (graph.MergeReport, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return graph.MergeReport{}, err
	}
	defer leave()
	d := m.d
	k, r := d.find(graph.ByID(keep)), d.find(graph.ByID(retire))
	if k == "" || r == "" {
		return graph.MergeReport{}, fmt.Errorf("merge: no such customer: %w", graph.ErrNotFound)
	}
	if k == r {
		for _, x := range d.merges {
			if x.UndoneAt.IsZero() && x.Keep == keep && x.Retired == retire {
				return graph.MergeReport{MergeID: x.ID, Keep: x.Keep, Retired: x.Retired}, nil
			}
		}
		return graph.MergeReport{}, fmt.Errorf("merge: they are one customer already: %w", graph.ErrConflict)
	}
	if dryRun {
		return d.report(k, r), nil
	}
	report := d.report(k, r)
	report.MergeID = m.unite(k, r, "requested")
	after := d.profile(k)
	for i := range report.Conflicts {
		report.Conflicts[i].Result = fieldsOf(after)[report.Conflicts[i].Field]
	}
	return report, nil
}

// unite merges two current customers and gives the merge's id.
func (m *model) unite(keep, retire, reason string) string {
	d := m.d
	x := &graph.Merge{
		ID: randomID(m.o.Rand), Keep: keep, Retired: retire, At: graph.Instant(m.o.Clock()), Reason: reason,
		Before: [2]graph.Customer{*d.profile(keep), *d.profile(retire)},
	}
	d.merges = append(d.merges, x)
	d.leads[retire] = keep
	d.leaveSegments(retire)
	d.settleContested()
	m.change(graph.CustomersMerged, retire, keep)
	return x.ID
}

// report tells what a merge would move, by trying it.
func (d *modelData) report(keep, retire string) graph.MergeReport {
	k, r := d.profile(keep), d.profile(retire)
	d.leads[retire] = keep
	after := fieldsOf(d.profile(keep))
	delete(d.leads, retire)
	report := graph.MergeReport{Keep: keep, Retired: retire, Interactions: int64(len(d.history(retire)))}
	for _, i := range r.Identities {
		report.Identities = append(report.Identities, i.Identity)
	}
	ours, theirs := fieldsOf(k), fieldsOf(r)
	for _, field := range slices.SortedFunc(maps.Keys(theirs), graph.CompareMergeFields) {
		if ours[field] == "" {
			if name, ok := strings.CutPrefix(field, "attr."); ok {
				report.Attributes = append(report.Attributes, name)
			}
			if purpose, ok := strings.CutPrefix(field, "consent."); ok {
				report.Consents = append(report.Consents, purpose)
			}
		} else if ours[field] != theirs[field] {
			c := graph.MergeConflict{Field: field, Keep: ours[field], Retired: theirs[field], Result: after[field]}
			report.Conflicts = append(report.Conflicts, c)
		}
	}
	return report
}

// fieldsOf lists what a profile shows by the names that [graph.MergeConflict] uses.
func fieldsOf(c *graph.Customer) map[string]string {
	fields := map[string]string{}
	set := func(name, value string) {
		if value != "" {
			fields[name] = value
		}
	}
	set("name", c.Name)
	set("household", c.Household)
	set("referred_by", c.ReferredBy)
	if !c.CreatedAt.IsZero() {
		set("created_at", c.CreatedAt.String())
	}
	for _, a := range c.Attributes {
		set("attr."+a.Name, a.Value.String())
	}
	for _, consent := range c.Consents {
		set("consent."+consent.Purpose, map[bool]string{true: "GRANTED", false: "DENIED"}[consent.Granted])
	}
	return fields
}

func (m *model) Unmerge(ctx context.Context, mergeID string) (graph.Merge, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return graph.Merge{}, err
	}
	defer leave()
	d := m.d
	n := slices.IndexFunc(d.merges, func(x *graph.Merge) bool { return x.ID == mergeID })
	if n < 0 {
		return graph.Merge{}, fmt.Errorf("unmerge: no such merge: %w", graph.ErrNotFound)
	}
	x := d.merges[n]
	if !x.UndoneAt.IsZero() {
		return *x, nil
	}
	for _, later := range slices.Backward(d.merges[n+1:]) {
		if later.UndoneAt.IsZero() && (later.Keep == x.Keep || later.Retired == x.Keep) {
			return graph.Merge{}, fmt.Errorf("unmerge: undo merge %s first: %w", later.ID, graph.ErrConflict)
		}
	}
	x.UndoneAt, x.Before = graph.Instant(m.o.Clock()), [2]graph.Customer{}
	delete(d.leads, x.Retired)
	m.change(graph.CustomersUnmerged, x.Retired, x.Keep)
	return *x, nil
}

func (m *model) Merges(ctx context.Context, customer string) ([]graph.Merge, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	id := m.d.find(graph.ByID(customer))
	if id == "" {
		return nil, fmt.Errorf("merges: no such customer: %w", graph.ErrNotFound)
	}
	var list []graph.Merge
	for _, x := range slices.Backward(m.d.merges) {
		if x.Keep == customer || x.Retired == customer || m.d.root(x.Keep) == id || m.d.root(x.Retired) == id {
			list = append(list, *x)
		}
	}
	return list, nil
}

func (m *model) Erase(ctx context.Context, customer string, keepStatistics bool) (graph.EraseReport, error) {
	leave, err := m.enter(ctx)
	if err != nil {
		return graph.EraseReport{}, err
	}
	defer leave()
	d := m.d
	id := d.find(graph.ByID(customer))
	if id == "" {
		return graph.EraseReport{}, fmt.Errorf("erase: no such customer: %w", graph.ErrNotFound)
	}
	report := graph.EraseReport{Customer: id, Identities: int64(len(d.profile(id).Identities))}
	ids := d.origins(id)
	standing := len(d.merges)
	d.merges = slices.DeleteFunc(d.merges, func(x *graph.Merge) bool {
		return slices.Contains(ids, x.Keep) || slices.Contains(ids, x.Retired)
	})
	report.Merges = int64(standing - len(d.merges))
	for n := range d.log {
		c := &d.log[n]
		if c.Kind != graph.CustomersMerged && c.Kind != graph.CustomersUnmerged { // by which readers find what to forget
			c.gone = c.gone || slices.Contains(ids, c.Customer)
		}
	}
	var kept []*stored
	for _, i := range d.history(id) {
		kept = append(kept, d.interactions[i.ID])
		delete(d.interactions, i.ID)
	}
	report.Interactions = int64(len(kept))
	for _, o := range append(slices.DeleteFunc(ids, func(o string) bool { return o == id }), id) {
		m.forget(o)
		m.change(graph.CustomerErased, o, id)
	}
	d.settleContested()
	if keepStatistics {
		m.keepNameless(kept)
	}
	return report, nil
}

// isErased tells whether a reference leads to nobody because who it led to was erased, or who would be made from it.
func (d *modelData) isErased(ref graph.CustomerRef) bool {
	i, byIdentity := ref.Identity()
	return d.find(ref) == "" && (d.erased[ref] || byIdentity && d.erased[graph.ByID(graph.DerivedCustomerID(i))])
}

// forget removes what came under one id.
func (m *model) forget(origin string) {
	d := m.d
	d.leaveSegments(origin)
	d.erased[graph.ByID(origin)] = true
	for i := range d.facts[origin].identities {
		d.erased[graph.ByIdentity(i)] = true
		delete(d.origin, i)
	}
	delete(d.facts, origin)
	delete(d.leads, origin)
	maps.DeleteFunc(d.retracted, func(_ string, r retracted) bool { return r.origin == origin })
	for _, x := range d.merges {
		for i := range x.Before {
			if x.Before[i].ReferredBy == origin {
				x.Before[i].ReferredBy = ""
			}
		}
	}
	for _, f := range d.facts {
		maps.DeleteFunc(f.fields["referred_by"], func(_ string, o graph.Observation) bool { return o.Value == graph.TextValue(origin) })
	}
}

// keepNameless stores interactions again without anything that leads to a person.
func (m *model) keepNameless(list []*stored) {
	owner := randomID(m.o.Rand)
	for _, i := range list {
		n := graph.Interaction{
			ID: randomID(m.o.Rand), Type: i.Type, At: i.At, Channel: i.Channel, Product: i.Product, Category: i.Category, Results: i.Results,
			Quantity: i.Quantity, Amount: i.Amount, Currency: i.Currency, Rating: i.Rating, Available: i.Available, Ahead: i.Ahead,
		}
		m.d.interactions[n.ID] = &stored{Interaction: n, origin: owner, position: len(m.d.log)}
		m.change(graph.InteractionRecorded, n.ID, owner)
	}
}
