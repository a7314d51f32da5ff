package graphtest

import (
	"slices"
	"time"

	"lacuna/graph"
)

// writeCustomer takes an upsert, all of it or nothing.
func (m *model) writeCustomer(u *graph.CustomerUpsert) graph.Outcome {
	u.Normalize()
	d := m.d
	if r := u.Check(); r != nil {
		return rejected(r)
	}
	if d.isErased(graph.ByID(u.ID)) {
		return reject(graph.RejectErased, "id")
	}
	if d.isErased(u.ReferredBy) {
		return reject(graph.RejectErased, "referred_by")
	}
	var stubs []string
	for _, claim := range u.Identities {
		owner := d.find(graph.ByIdentity(claim.Identity))
		switch {
		case d.isErased(graph.ByIdentity(claim.Identity)):
			return reject(graph.RejectErased, "identities")
		case owner == "" || owner == d.root(u.ID):
		case d.facts[owner].stub == claim.Identity && len(d.origins(owner)) == 1:
			stubs = append(stubs, owner)
		default:
			d.contest(claim.Identity, u.ID)
			return reject(graph.RejectIdentityTaken, "identities")
		}
	}
	if d.refersToItself(u) {
		return reject(graph.RejectCycle, "referred_by")
	}
	if r := m.settle(graph.CustomerScope, u.Attributes); r != nil {
		return rejected(r)
	}
	isNew := d.facts[u.ID] == nil
	m.createCustomer(graph.ByID(u.ID), u.Source, m.o.Clock())
	for _, stub := range stubs {
		m.unite(d.root(u.ID), stub, "identity")
	}
	changes := m.applyUpsert(u)
	if changes && !isNew {
		m.change(graph.CustomerChanged, d.root(u.ID), d.root(u.ID))
	}
	return changed(isNew || changes || len(stubs) > 0)
}

// applyUpsert stores what an upsert says and tells whether that changed anything.
func (m *model) applyUpsert(u *graph.CustomerUpsert) bool {
	f := m.d.facts[u.ID]
	observed := u.ObservedAt
	if observed.IsZero() {
		observed = graph.Instant(m.o.Clock())
	}
	f.stub = graph.Identity{}
	changes := false
	observe := func(field string, v graph.Value, verified bool) {
		if v.IsZero() || v == graph.TextValue("") {
			return
		}
		next := graph.Observation{Value: v, Source: u.Source, ObservedAt: observed, Verified: verified}
		if f.fields[field] == nil {
			f.fields[field] = map[string]graph.Observation{}
		}
		old, have := f.fields[field][u.Source]
		is := true
		if have {
			next, is = old.Supersedes(next)
		}
		f.fields[field][u.Source] = next
		changes = changes || is
	}
	observe("name", graph.TextValue(u.Name), u.Verified)
	observe("household", graph.TextValue(u.Household), u.Verified)
	if !u.CreatedAt.IsZero() {
		observe("created_at", graph.TextValue(u.CreatedAt.Format(time.RFC3339Nano)), false)
	}
	if !u.ReferredBy.IsZero() {
		observe("referred_by", graph.TextValue(m.createCustomer(u.ReferredBy, u.Source, observed)), false)
	}
	for _, a := range u.Attributes {
		observe("attr."+a.Name, a.Value, u.Verified)
	}
	for _, claim := range u.Identities {
		changes = m.claim(u, claim, observed) || changes
	}
	for _, c := range u.Consents {
		c.Source = firstText(c.Source, u.Source)
		if c.At.IsZero() {
			c.At = observed
		}
		if old, have := f.consents[c.Purpose]; !have || c.Replaces(old) {
			f.consents[c.Purpose] = c
			changes = true
		}
	}
	return changes
}

// claim gives an identity to the upsert's customer, or notes that a source vouches for it.
func (m *model) claim(u *graph.CustomerUpsert, claim graph.IdentityClaim, observed time.Time) bool {
	origin := m.d.origin[claim.Identity]
	if origin == "" {
		m.d.origin[claim.Identity] = u.ID
		m.d.facts[u.ID].identities[claim.Identity] = graph.CustomerIdentity{
			Identity: claim.Identity, Verified: claim.Verified, Source: u.Source, ObservedAt: observed,
		}
		return true
	}
	have := m.d.facts[origin].identities[claim.Identity]
	if have.Verified || !claim.Verified {
		return false
	}
	have.Verified = true
	m.d.facts[origin].identities[claim.Identity] = have
	return true
}

// refersToItself tells whether an upsert names as referrer an identity of the customer itself.
func (d *modelData) refersToItself(u *graph.CustomerUpsert) bool {
	who, ok := u.ReferredBy.Identity()
	if !ok {
		return false
	}
	claimed := slices.ContainsFunc(u.Identities, func(c graph.IdentityClaim) bool { return c.Identity == who })
	return claimed || d.origin[who] == u.ID
}
