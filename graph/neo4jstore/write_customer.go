package neo4jstore

import (
	"cmp"
	"slices"
	"time"

	"lacuna/graph"
)

// writeCustomer takes an upsert, all of it or nothing.
func (w *writer) writeCustomer(u *graph.CustomerUpsert) (graph.Outcome, error) {
	stubs, rejection, err := w.judgeCustomer(u)
	if err != nil {
		return graph.Outcome{}, err
	}
	if rejection != nil {
		return rejection.Outcome(), nil
	}
	if err := w.settle(graph.CustomerScope, u.Attributes); err != nil {
		return graph.Outcome{}, err
	}
	fresh := w.people.records[u.ID] == nil
	w.createCustomer(graph.ByID(u.ID), u.Source, w.now)
	for _, stub := range stubs {
		if _, err := w.unite(w.people.root(u.ID), stub, "identity"); err != nil {
			return graph.Outcome{}, err
		}
	}
	is, err := w.applyUpsert(u)
	if err != nil {
		return graph.Outcome{}, err
	}
	root := w.people.root(u.ID)
	if is {
		w.people.changed[root] = true
		if !fresh {
			w.change(graph.CustomerChanged, root, root)
		}
	}
	return graph.NewOutcome(fresh || is || len(stubs) > 0), nil
}

// judgeCustomer tells why an upsert cannot be taken, and who was made from nothing but one of its identities.
func (w *writer) judgeCustomer(u *graph.CustomerUpsert) (stubs []string, r *graph.Rejection, err error) {
	p := w.people
	if r := u.Check(); r != nil {
		return nil, r, nil
	}
	if p.isErased(graph.ByID(u.ID)) {
		return nil, graph.RefuseErased("id"), nil
	}
	if p.isErased(u.ReferredBy) {
		return nil, graph.RefuseErased("referred_by"), nil
	}
	for _, claim := range u.Identities {
		owner := p.find(graph.ByIdentity(claim.Identity))
		switch {
		case p.isErased(graph.ByIdentity(claim.Identity)):
			return nil, graph.RefuseErased("identities"), nil
		case owner == "" || owner == p.root(u.ID):
		default:
			if err := w.complete([]string{owner}); err != nil {
				return nil, nil, err
			}
			if p.records[owner].stub != claim.String() || len(p.members[owner]) != 1 {
				err := w.contest(claim.Identity, u.ID)
				return nil, graph.RefuseTaken(claim.Kind), err
			}
			stubs = append(stubs, owner)
		}
	}
	if who, ok := u.ReferredBy.Identity(); ok {
		known := p.identities[who]
		if slices.ContainsFunc(u.Identities, func(c graph.IdentityClaim) bool { return c.Identity == who }) || known != nil && known.origin == u.ID {
			return nil, graph.RefuseSelf(), nil
		}
	}
	return stubs, w.fit(graph.CustomerScope, u.Attributes), nil
}

// createCustomer gives the id under which what comes by a reference is kept, and makes the customer where there is none.
func (w *writer) createCustomer(ref graph.CustomerRef, source string, observed time.Time) (origin string) {
	p := w.people
	i, byIdentity := ref.Identity()
	id := ref.Value
	if byIdentity {
		if known := p.identities[i]; known != nil {
			return known.origin
		}
		id = graph.DerivedCustomerID(i)
	}
	if p.records[id] == nil {
		r := &record{id: id, root: id, whole: true, fresh: true, dirty: true}
		if byIdentity {
			r.stub = i.String()
		}
		p.records[id] = r
		p.place(r)
		p.complete[id] = true
		w.state.Customers++
		w.change(graph.CustomerChanged, id, id)
		p.changed[id] = true
	}
	if byIdentity {
		known := &identity{CustomerIdentity: graph.CustomerIdentity{Identity: i, Source: source, ObservedAt: observed}, origin: id, dirty: true}
		p.identities[i] = known
		p.own(known)
		p.changed[p.root(id)] = true
	}
	return id
}

// applyUpsert notes what an upsert says and tells whether that changed anything.
func (w *writer) applyUpsert(u *graph.CustomerUpsert) (is bool, err error) {
	r := w.people.records[u.ID]
	observed := u.ObservedAt
	if observed.IsZero() {
		observed = w.now
	}
	if r.stub != "" {
		r.stub, r.dirty = "", true
	}
	observe := func(field string, v graph.Value, verified bool) {
		if err != nil {
			return
		}
		var yes bool
		yes, err = r.facts.observe(field, graph.Observation{Value: v, Source: u.Source, ObservedAt: observed, Verified: verified})
		is = is || yes
	}
	observe("name", graph.TextValue(u.Name), u.Verified)
	observe("household", graph.TextValue(u.Household), u.Verified)
	if !u.CreatedAt.IsZero() {
		observe("created_at", createdText(u.CreatedAt), false)
	}
	if !u.ReferredBy.IsZero() {
		observe("referred_by", graph.TextValue(w.createCustomer(u.ReferredBy, u.Source, observed)), false)
	}
	for _, a := range u.Attributes {
		observe("attr."+a.Name, a.Value, u.Verified)
	}
	for _, claim := range u.Identities {
		is = w.claim(u, claim, observed) || is
	}
	for _, c := range u.Consents {
		c.Source = cmp.Or(c.Source, u.Source)
		if c.At.IsZero() {
			c.At = observed
		}
		is = r.facts.consent(c) || is
	}
	r.dirty = r.dirty || is
	return is, err
}

// claim gives an identity to the upsert's customer, or notes that a source vouches for it.
func (w *writer) claim(u *graph.CustomerUpsert, claim graph.IdentityClaim, observed time.Time) bool {
	known := w.people.identities[claim.Identity]
	if known == nil {
		known = &identity{
			CustomerIdentity: graph.CustomerIdentity{Identity: claim.Identity, Verified: claim.Verified, Source: u.Source, ObservedAt: observed}, origin: u.ID, dirty: true,
		}
		w.people.identities[claim.Identity] = known
		w.people.own(known)
		return true
	}
	if known.Verified || !claim.Verified {
		return false
	}
	known.Verified, known.dirty = true, true
	return true
}
