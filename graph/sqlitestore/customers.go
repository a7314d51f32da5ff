package sqlitestore

import (
	"time"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// upsert is a customer's row on its way into the store.
type upsert struct {
	*graph.CustomerUpsert
	at       time.Time // when it was observed
	source   int64
	row      customerRow // the customer named by the row's id
	found    bool
	claims   []claim
	referrer place // where ReferredBy leads, if it does
	referred bool  // whether it does
	changed  bool  // the row brought something
	united   bool  // a merge was made, which is in the feed by itself
	shown    bool  // a field that is derived may have changed
}

// claim is an identity that the row gives.
type claim struct {
	graph.IdentityClaim
	identityRow
	found bool
	stub  bool // it belongs to a customer who was made from nothing but it
}

// writeCustomer writes what a row says of a customer.
func (t *tx) writeCustomer(row *graph.CustomerUpsert) (graph.Outcome, error) {
	row.Normalize()
	if r := row.Check(); r != nil {
		return r.Outcome(), nil
	}
	u := &upsert{CustomerUpsert: row, at: row.ObservedAt}
	if u.at.IsZero() {
		u.at = t.now
	}
	if r, err := t.judgeCustomer(u); r != nil || err != nil {
		return r.Outcome(), err
	}
	var err error
	if u.source, err = t.source(row.Source); err != nil {
		return graph.Outcome{}, err
	}
	created, err := t.nameCustomer(u)
	if err != nil {
		return graph.Outcome{}, err
	}
	for _, put := range []func(*upsert) error{t.putClaims, t.putFields, t.putAttributes, t.putReferral, t.putConsents} {
		if err := put(u); err != nil {
			return graph.Outcome{}, err
		}
	}
	if u.shown {
		if err := t.derive(u.row.owner, false); err != nil {
			return graph.Outcome{}, err
		}
	}
	if u.changed && !created {
		if err := t.change(graph.CustomerChanged, u.row.owner, "", u.row.owner); err != nil {
			return graph.Outcome{}, err
		}
	}
	return graph.NewOutcome(u.changed || u.united), nil
}

// judgeCustomer finds what the row refers to and tells why it cannot be taken, before anything is written.
func (t *tx) judgeCustomer(u *upsert) (*graph.Rejection, error) {
	var err error
	if u.row, u.found, err = t.customerRow(u.ID); err != nil {
		return nil, err
	}
	if !u.found {
		if gone, err := t.isErased(graph.ByID(u.ID)); gone || err != nil {
			return graph.RefuseErased("id"), err
		}
	}
	if r, err := t.judgeReferral(u); r != nil || err != nil {
		return r, err
	}
	for _, c := range u.Identities {
		r, err := t.judgeClaim(u, c)
		if r != nil || err != nil {
			return r, err
		}
	}
	return t.checkKinds(graph.CustomerScope, u.Attributes)
}

func (t *tx) judgeClaim(u *upsert, c graph.IdentityClaim) (_ *graph.Rejection, err error) {
	cl := claim{IdentityClaim: c}
	if cl.identityRow, cl.found, err = t.identityRow(c.Identity); err != nil {
		return nil, err
	}
	switch {
	case !cl.found:
		if gone, err := t.isErased(graph.ByIdentity(c.Identity)); gone || err != nil {
			return graph.RefuseErased("identities"), err
		}
	case !u.found || cl.owner != u.row.owner:
		if cl.stub, err = t.isStub(cl.owner); err != nil {
			return nil, err
		}
		if !cl.stub {
			if err := t.noteContested(cl.key, u.ID); err != nil {
				return nil, err
			}
			return graph.RefuseTaken(c.Kind), nil
		}
	}
	u.claims = append(u.claims, cl)
	return nil, nil
}

// isStub tells whether a customer was made from nothing but an identity, and is still nothing else.
func (t *tx) isStub(key int64) (bool, error) {
	n, err := t.number(`SELECT count(*) FROM customers WHERE key = ?1 AND state = 1
		AND NOT EXISTS (SELECT 1 FROM customers WHERE owner = ?1 AND merged <> 0)`, key)
	return n != 0, err
}

func (t *tx) judgeReferral(u *upsert) (_ *graph.Rejection, err error) {
	if u.ReferredBy.IsZero() {
		return nil, nil
	}
	self := graph.RefuseSelf()
	for _, c := range u.Identities {
		if u.ReferredBy == graph.ByIdentity(c.Identity) {
			return self, nil
		}
	}
	if u.referrer, u.referred, err = t.find(u.ReferredBy); err != nil {
		return nil, err
	}
	if u.referred && u.found && u.referrer.origin == u.row.key {
		return self, nil
	}
	if !u.referred {
		if gone, err := t.isErased(u.ReferredBy); gone || err != nil {
			return graph.RefuseErased("referred_by"), err
		}
	}
	return nil, nil
}

// nameCustomer makes the customer whom the row's id names, or notes that somebody has named them.
func (t *tx) nameCustomer(u *upsert) (created bool, err error) {
	if !u.found {
		key, err := t.createCustomer(u.ID, known, &shown{name: u.Name, household: u.Household, createdAt: micros(u.CreatedAt)})
		if err == nil && u.Name != "" {
			err = t.putTerms(key, u.Name, true)
		}
		u.row, u.changed = customerRow{key, key}, true
		return true, err
	}
	return false, t.exec("UPDATE customers SET state = 0 WHERE key = ? AND state = 1", u.row.key)
}

// putClaims writes the row's identities; a customer made from nothing but one of them is merged into the row's.
func (t *tx) putClaims(u *upsert) error {
	for _, c := range u.claims {
		if !c.found {
			if _, err := t.putIdentity(c.Identity, u.row, c.Verified, u.source, u.at); err != nil {
				return err
			}
			u.changed = true
			continue
		}
		if c.stub {
			if _, err := t.merge(u.row.owner, c.owner, "identity"); err != nil {
				return err
			}
			u.united, u.shown = true, true
		}
		// The first to give an identity stays its source, also where another vouches for it later.
		if c.Verified {
			if err := t.exec("UPDATE identities SET verified = 1 WHERE key = ? AND verified = 0", c.key); err != nil {
				return err
			}
			u.changed = u.changed || t.Changes() > 0
		}
	}
	return nil
}

// putFields writes the observations of name, created_at and household.
func (t *tx) putFields(u *upsert) error {
	for _, f := range []struct {
		field    int64
		given    bool
		value    graph.Value
		stored   any
		verified bool
	}{
		{nameField, u.Name != "", graph.TextValue(u.Name), u.Name, u.Verified},
		{createdField, !u.CreatedAt.IsZero(), fieldText(u.CreatedAt), u.CreatedAt.UnixMicro(), false},
		{householdField, u.Household != "", graph.TextValue(u.Household), u.Household, u.Verified},
	} {
		if !f.given {
			continue
		}
		yes, err := t.observe(u, f.field, f.value, f.stored, f.verified, func(st *sqlite.Stmt) (graph.Value, error) {
			if f.field == createdField {
				return fieldText(instant(st.ColumnInt64(0))), nil
			}
			return graph.TextValue(st.ColumnText(0)), nil
		})
		if err != nil {
			return err
		}
		// Of a new customer what this row says is what is shown, and is written already.
		u.changed, u.shown = u.changed || yes, u.shown || yes && u.found
	}
	return nil
}

func (t *tx) putAttributes(u *upsert) error {
	for _, a := range u.Attributes {
		field, err := t.settle(graph.AttributeKey{Scope: graph.CustomerScope, Name: a.Name}, a.Value.Kind())
		if err != nil {
			return err
		}
		yes, err := t.observe(u, field, a.Value, sqlValue(a.Value), u.Verified, func(st *sqlite.Stmt) (graph.Value, error) {
			return columnValue(st, 0, a.Value.Kind())
		})
		if err != nil {
			return err
		}
		u.changed = u.changed || yes
	}
	return nil
}

// observe writes an observation where it says something new. value is what is compared, stored the same as the column
// holds it, read the way back.
func (t *tx) observe(u *upsert, field int64, value graph.Value, stored any, verified bool, read func(*sqlite.Stmt) (graph.Value, error)) (bool, error) {
	if !u.found { // nothing is known of a new customer, unless it was just merged with another, whose origin is another
		return true, t.insertObservation(u, field, stored, verified)
	}
	next := graph.Observation{Value: value, Source: u.Source, ObservedAt: u.at, Verified: verified}
	old := graph.Observation{Source: u.Source}
	var readErr error
	found, err := t.row(`SELECT value, observed_at, verified FROM observations
		WHERE customer = ? AND field = ? AND origin = ? AND source = ?`, func(st *sqlite.Stmt) {
		old.Value, readErr = read(st)
		old.ObservedAt, old.Verified = instant(st.ColumnInt64(1)), st.ColumnBool(2)
	}, u.row.owner, field, u.row.key, u.source)
	if err == nil {
		err = readErr
	}
	if err != nil {
		return false, err
	}
	if !found {
		return true, t.insertObservation(u, field, stored, verified)
	}
	merged, yes := old.Supersedes(next)
	if !yes {
		return false, nil
	}
	return true, t.exec(`UPDATE observations SET value = ?, observed_at = ?, verified = ?
		WHERE customer = ? AND field = ? AND origin = ? AND source = ?`,
		stored, merged.ObservedAt.UnixMicro(), merged.Verified, u.row.owner, field, u.row.key, u.source)
}

func (t *tx) insertObservation(u *upsert, field int64, stored any, verified bool) error {
	return t.exec(`INSERT INTO observations (customer, field, origin, source, value, observed_at, verified) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		u.row.owner, field, u.row.key, u.source, stored, u.at.UnixMicro(), verified)
}

// putReferral writes who referred the customer: the origin that the reference leads to.
func (t *tx) putReferral(u *upsert) error {
	if u.ReferredBy.IsZero() {
		return nil
	}
	p, err := t.findOrCreate(u.ReferredBy, u.Source, u.at)
	if err != nil {
		return err
	}
	id, err := t.idOf(p.origin)
	if err != nil {
		return err
	}
	yes, err := t.observe(u, referralField, graph.TextValue(id), p.origin, false, func(st *sqlite.Stmt) (graph.Value, error) {
		id, err := t.idOf(st.ColumnInt64(0))
		return graph.TextValue(id), err
	})
	u.changed, u.shown = u.changed || yes, u.shown || yes
	return err
}

// identityByKey gives an identity.
func (c *conn) identityByKey(key int64) (i graph.Identity, err error) {
	found, err := c.row("SELECT kind, value FROM identities WHERE key = ?", func(st *sqlite.Stmt) {
		i = graph.Identity{Kind: graph.IdentityKind(st.ColumnInt64(0)), Value: st.ColumnText(1)}
	}, key)
	if err == nil && !found {
		err = damaged("find an identity")
	}
	return i, err
}

// putConsents writes the statements that count.
func (t *tx) putConsents(u *upsert) error {
	for _, consent := range u.Consents {
		source := u.source
		if consent.Source == "" {
			consent.Source = u.Source
		} else {
			var err error
			if source, err = t.source(consent.Source); err != nil {
				return err
			}
		}
		if consent.At.IsZero() {
			consent.At = u.at
		}
		var old graph.Consent
		found, err := t.row("SELECT granted, at FROM consents WHERE customer = ? AND purpose = ? AND origin = ?", func(st *sqlite.Stmt) {
			old.Granted, old.At = st.ColumnBool(0), instant(st.ColumnInt64(1))
		}, u.row.owner, consent.Purpose, u.row.key)
		if err != nil {
			return err
		}
		if found && !consent.Replaces(old) {
			continue
		}
		if err := t.exec("INSERT OR REPLACE INTO consents (customer, purpose, origin, granted, source, at) VALUES (?, ?, ?, ?, ?, ?)",
			u.row.owner, consent.Purpose, u.row.key, consent.Granted, source, consent.At.UnixMicro()); err != nil {
			return err
		}
		u.changed = true
	}
	return nil
}
