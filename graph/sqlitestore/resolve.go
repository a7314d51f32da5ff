package sqlitestore

import (
	"crypto/sha256"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// place is where a reference leads: the customer under whom it is filed, who that is today, and the identity's key where
// the reference is by identity.
type place struct {
	origin, owner, identity int64
}

// customerRow finds a customer by id, current or retired.
func (t *tx) customerRow(id string) (r customerRow, found bool, err error) {
	if r, ok := t.customers[id]; ok {
		return r, true, nil
	}
	found, err = t.row("SELECT key, owner FROM customers WHERE id = ? AND state <> 2", func(st *sqlite.Stmt) {
		r = customerRow{st.ColumnInt64(0), st.ColumnInt64(1)}
	}, id)
	if found {
		rememberID(t.customers, id, r)
	}
	return r, found, err
}

// identityRow finds an identity.
func (t *tx) identityRow(i graph.Identity) (r identityRow, found bool, err error) {
	if r, ok := t.identities[i]; ok {
		return r, true, nil
	}
	found, err = t.row("SELECT key, origin, customer FROM identities WHERE kind = ? AND value = ?", func(st *sqlite.Stmt) {
		r = identityRow{st.ColumnInt64(0), st.ColumnInt64(1), st.ColumnInt64(2)}
	}, int64(i.Kind), i.Value)
	if found {
		t.rememberIdentity(i, r)
	}
	return r, found, err
}

func (c *caches) rememberIdentity(i graph.Identity, r identityRow) {
	i.Value = strings.Clone(i.Value)
	remember(c.identities, i, r, maxCachedIdentities)
}

// find tells where a normalized reference leads.
func (t *tx) find(ref graph.CustomerRef) (p place, found bool, err error) {
	if identity, ok := ref.Identity(); ok {
		r, found, err := t.identityRow(identity)
		return place{r.origin, r.owner, r.key}, found, err
	}
	r, found, err := t.customerRow(ref.Value)
	return place{origin: r.key, owner: r.owner}, found, err
}

// findOrCreate makes the customer of a reference that leads nowhere yet: with the id referred to, or the identity's. An
// erased one must have been refused before.
func (t *tx) findOrCreate(ref graph.CustomerRef, source string, at time.Time) (place, error) {
	p, found, err := t.find(ref)
	if found || err != nil {
		return p, err
	}
	identity, ok := ref.Identity()
	if !ok {
		key, err := t.createCustomer(ref.Value, known, &shown{})
		return place{origin: key, owner: key}, err
	}
	// The id may be there without the identity: somebody has named it.
	id := graph.DerivedCustomerID(identity)
	r, found, err := t.customerRow(id)
	if err != nil {
		return place{}, err
	}
	if !found {
		if r.key, err = t.createCustomer(id, stub, &shown{}); err != nil {
			return place{}, err
		}
		r.owner = r.key
	}
	sourceKey, err := t.source(source)
	if err != nil {
		return place{}, err
	}
	key, err := t.putIdentity(identity, r, false, sourceKey, at)
	return place{r.key, r.owner, key}, err
}

// createCustomer writes a new customer with what is shown of it.
func (t *tx) createCustomer(id string, state int64, show *shown) (key int64, err error) {
	key = t.m.nextCustomer
	if err := t.exec(`INSERT INTO customers (key, id, owner, state, name, name_fold, created_at, household) VALUES (?1, ?2, ?1, ?3, ?4, ?5, ?6, ?7)`,
		key, id, state, orNull(show.name), foldOrNull(show.name), show.createdAt, orNull(show.household)); err != nil {
		return 0, err
	}
	t.m.nextCustomer++
	t.m.customers++
	rememberID(t.customers, id, customerRow{key, key})
	return key, t.change(graph.CustomerChanged, key, "", key)
}

// putIdentity writes a new identity of a customer.
func (t *tx) putIdentity(i graph.Identity, r customerRow, verified bool, source int64, at time.Time) (key int64, err error) {
	fold := graph.Fold(i.Value)
	if err := t.exec(`INSERT INTO identities (kind, value, folded, customer, origin, verified, source, observed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, int64(i.Kind), i.Value, fold == i.Value, r.owner, r.key, verified, source, at.UnixMicro()); err != nil {
		return 0, err
	}
	key = t.LastInsertRowID()
	t.rememberIdentity(i, identityRow{key, r.key, r.owner})
	if fold != i.Value {
		err = t.addTerm(r.owner, fold)
	}
	return key, err
}

func (t *tx) addTerm(customer int64, term string) error {
	return t.exec("INSERT OR IGNORE INTO terms (customer, term) VALUES (?, ?)", customer, term)
}

// isErased tells whether a reference names somebody who asked to be forgotten.
func (t *tx) isErased(ref graph.CustomerRef) (bool, error) {
	if t.m.erased == 0 {
		return false, nil
	}
	hash, err := t.erasedHash(ref)
	if err != nil {
		return false, err
	}
	n, err := t.number("SELECT 1 FROM erased WHERE hash = ?", hash)
	if n != 0 || err != nil {
		return n != 0, err
	}
	// The id that an erased identity would be given again is gone with it.
	if identity, ok := ref.Identity(); ok {
		return t.isErased(graph.ByID(graph.DerivedCustomerID(identity)))
	}
	return false, nil
}

// erasedHash is [graph.ErasedHash] with the store's key.
func (t *tx) erasedHash(ref graph.CustomerRef) ([]byte, error) {
	key := make([]byte, sha256.Size)
	if _, err := t.row("SELECT erase_key FROM meta", func(st *sqlite.Stmt) { st.ColumnBytes(0, key) }); err != nil {
		return nil, err
	}
	return graph.ErasedHash(key, ref), nil
}
