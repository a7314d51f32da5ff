package sqlitestore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// The fields that every customer has; see observations.field in the schema.
const (
	nameField      int64 = 1
	createdField   int64 = 2
	householdField int64 = 3
	referralField  int64 = 4
)

// What customers.state says.
const (
	known int64 = iota // named by somebody
	stub               // made from nothing but an identity
	ghost              // what was kept of an erased customer
)

// Customers reads profiles by reference.
func (s *Store) Customers(ctx context.Context, refs []graph.CustomerRef) (map[graph.CustomerRef]*graph.Customer, error) {
	if err := graph.CheckCount("customers", len(refs), graph.MaxKeys); err != nil {
		return nil, err
	}
	customers := make(map[graph.CustomerRef]*graph.Customer, len(refs))
	err := s.read(ctx, "read customers", func(c *conn) error {
		for _, ref := range refs {
			if customers[ref] != nil {
				continue
			}
			found, err := c.customer(ref)
			if err != nil {
				return err
			}
			if found != nil {
				customers[ref] = found
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return customers, nil
}

// customer reads whom a reference leads to, nil for nobody.
func (c *conn) customer(ref graph.CustomerRef) (*graph.Customer, error) {
	key, err := c.ownerOf(ref)
	if key == 0 || err != nil {
		return nil, err
	}
	return c.profile(key)
}

// Profiles reads customers with their newest interactions.
func (s *Store) Profiles(ctx context.Context, queries []graph.ProfileQuery) (found graph.Profiles, err error) {
	if err := graph.CheckProfiles(queries); err != nil {
		return found, err
	}
	list := make([]graph.Profile, len(queries))
	err = s.read(ctx, "read profiles", func(c *conn) (err error) {
		for i := range queries {
			if list[i], err = s.profileFor(c, &queries[i]); err != nil {
				return err
			}
		}
		named, asked := graph.NamedProducts(queries, list)
		if !asked {
			return nil
		}
		if found.Products, err = s.productsByID(c, maps.Keys(named)); err != nil {
			return err
		}
		found.Tree, err = s.categoryTree(c)
		return err
	})
	if err != nil {
		return graph.Profiles{}, err
	}
	found.List = list
	return found, nil
}

func (s *Store) profileFor(c *conn, q *graph.ProfileQuery) (p graph.Profile, err error) {
	if p.Customer, err = c.customer(q.Customer); p.Customer == nil || err != nil {
		return p, err
	}
	newest := graph.InteractionQuery{Customer: p.Customer.ID, First: q.Newest}
	if q.Newest > 0 {
		if p.Newest, err = s.page(c, &newest); err != nil {
			return p, err
		}
	}
	if q.Count {
		p.Count, err = s.count(c, &newest)
	}
	return p, err
}

// ownerOf finds whom a reference leads to today, 0 for nobody.
func (c *conn) ownerOf(ref graph.CustomerRef) (int64, error) {
	if identity, ok := ref.Identity(); ok {
		identity = identity.Normalize()
		return c.number("SELECT customer FROM identities WHERE kind = ? AND value = ?", int64(identity.Kind), identity.Value)
	}
	return c.number("SELECT owner FROM customers WHERE id = ? AND state <> 2", ref.Value)
}

// profile reads a whole customer of today.
func (c *conn) profile(key int64) (*graph.Customer, error) {
	customer := &graph.Customer{}
	var referrer int64
	found, err := c.row("SELECT id, name, created_at, household, referrer FROM customers WHERE key = ?", func(st *sqlite.Stmt) {
		customer.ID, customer.Name, customer.CreatedAt = st.ColumnText(0), st.ColumnText(1), columnTime(st, 2)
		customer.Household, referrer = st.ColumnText(3), st.ColumnInt64(4)
	}, key)
	if err == nil && !found {
		err = damaged("read a customer")
	}
	if err == nil && referrer != 0 {
		customer.ReferredBy, err = c.currentID(referrer)
	}
	if err == nil {
		err = c.readMergedIDs(key, customer)
	}
	if err == nil {
		err = c.readIdentities(key, customer)
	}
	if err == nil {
		customer.Attributes, err = c.readAttributes(key)
	}
	if err == nil {
		customer.Consents, err = c.readConsents(key)
	}
	if err == nil {
		err = c.readSeen(key, customer)
	}
	return customer, err
}

// idOf gives the id of a customer's key, current or retired.
func (c *conn) idOf(key int64) (id string, err error) {
	found, err := c.row("SELECT id FROM customers WHERE key = ?", func(st *sqlite.Stmt) { id = st.ColumnText(0) }, key)
	if err == nil && !found {
		err = damaged("find the id of a customer")
	}
	return id, err
}

// currentID gives the id of the customer whom a key leads to today, "" for nobody.
func (c *conn) currentID(key int64) (id string, err error) {
	_, err = c.row("SELECT o.id FROM customers k JOIN customers o ON o.key = k.owner WHERE k.key = ?",
		func(st *sqlite.Stmt) { id = st.ColumnText(0) }, key)
	return id, err
}

func (c *conn) readMergedIDs(key int64, customer *graph.Customer) error {
	err := c.rows("SELECT id FROM customers WHERE owner = ? AND merged <> 0", func(st *sqlite.Stmt) error {
		customer.MergedIDs = append(customer.MergedIDs, st.ColumnText(0))
		return nil
	}, key)
	slices.Sort(customer.MergedIDs)
	return err
}

func (c *conn) readIdentities(key int64, customer *graph.Customer) error {
	err := c.rows("SELECT kind, value, verified, source, observed_at FROM identities WHERE customer = ?", func(st *sqlite.Stmt) error {
		source, err := c.names.source(c, st.ColumnInt64(3))
		customer.Identities = append(customer.Identities, graph.CustomerIdentity{
			Identity: graph.Identity{Kind: graph.IdentityKind(st.ColumnInt64(0)), Value: st.ColumnText(1)},
			Verified: st.ColumnBool(2), Source: source, ObservedAt: instant(st.ColumnInt64(4)),
		})
		return err
	}, key)
	sortIdentities(customer.Identities)
	return err
}

func sortIdentities(identities []graph.CustomerIdentity) {
	slices.SortFunc(identities, func(a, b graph.CustomerIdentity) int { return graph.CompareIdentities(a.Identity, b.Identity) })
}

// readAttributes reads all observations of attributes, the winner of each first.
func (c *conn) readAttributes(key int64) ([]graph.Attribute, error) {
	var g attributeGatherer
	err := c.rows(`SELECT field, source, value, observed_at, verified FROM observations
		WHERE customer = +? AND field >= 16 ORDER BY field`, func(st *sqlite.Stmt) error {
		return g.add(c, st, 0)
	}, key)
	if err != nil {
		return nil, err
	}
	return g.finish(), nil
}

// attributeGatherer gathers rows that come in order of field into attributes.
type attributeGatherer struct {
	field      int64
	name       string
	list       []graph.Observation
	attributes []graph.Attribute
}

// add takes a row of field, source, value, observed_at, verified, from column at on.
func (g *attributeGatherer) add(c *conn, st *sqlite.Stmt, at int) error {
	field := st.ColumnInt64(at)
	a, err := c.names.attribute(c, field)
	if err != nil {
		return err
	}
	if field != g.field {
		g.close()
		g.field, g.name = field, a.Name
	}
	value, err := columnValue(st, at+2, a.kind)
	if err != nil {
		return err
	}
	o, err := c.columnObservation(st, at+1, at+3, at+4)
	o.Value = value
	g.list = append(g.list, o)
	return err
}

func (g *attributeGatherer) close() {
	if len(g.list) == 0 {
		return
	}
	first, others := graph.Winner(g.list)
	a := graph.Attribute{Name: g.name, Observation: first}
	if len(others) > 0 {
		a.Alternatives = slices.Clone(others)
	}
	g.attributes = append(g.attributes, a)
	g.list = g.list[:0]
}

// finish gives the attributes in order of name and starts anew.
func (g *attributeGatherer) finish() []graph.Attribute {
	g.close()
	out := g.attributes
	g.field, g.attributes = 0, nil
	slices.SortFunc(out, func(a, b graph.Attribute) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func (c *conn) columnObservation(st *sqlite.Stmt, source, at, verified int) (graph.Observation, error) {
	name, err := c.names.source(c, st.ColumnInt64(source))
	return graph.Observation{Source: name, ObservedAt: instant(st.ColumnInt64(at)), Verified: st.ColumnBool(verified)}, err
}

// readConsents gives for each purpose the statement that counts.
func (c *conn) readConsents(key int64) ([]graph.Consent, error) {
	var all []graph.Consent
	err := c.rows("SELECT purpose, granted, source, at FROM consents WHERE customer = ?", func(st *sqlite.Stmt) error {
		consent, err := c.columnConsent(st, 0)
		all = append(all, consent)
		return err
	}, key)
	return settleConsents(all), err
}

func (c *conn) columnConsent(st *sqlite.Stmt, at int) (graph.Consent, error) {
	source, err := c.names.source(c, st.ColumnInt64(at+2))
	return graph.Consent{Purpose: st.ColumnText(at), Granted: st.ColumnBool(at + 1), Source: source, At: instant(st.ColumnInt64(at + 3))}, err
}

// settleConsents keeps one statement a purpose, as if all had come in the order of their times.
func settleConsents(all []graph.Consent) []graph.Consent {
	slices.SortFunc(all, func(a, b graph.Consent) int {
		if c := strings.Compare(a.Purpose, b.Purpose); c != 0 {
			return c
		}
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		if a.Granted != b.Granted {
			if a.Granted {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Source, b.Source)
	})
	var out []graph.Consent
	for _, consent := range all {
		if n := len(out); n == 0 || out[n-1].Purpose != consent.Purpose {
			out = append(out, consent)
		} else if consent.Replaces(out[n-1]) {
			out[n-1] = consent
		}
	}
	return out
}

// readSeen finds the first and the last interaction, each by one step into the index.
func (c *conn) readSeen(key int64, customer *graph.Customer) error {
	_, err := c.row("SELECT at FROM interactions WHERE customer = +? ORDER BY at LIMIT 1",
		func(st *sqlite.Stmt) { customer.FirstSeenAt = columnTime(st, 0) }, key)
	if err != nil || customer.FirstSeenAt.IsZero() {
		return err
	}
	_, err = c.row("SELECT at FROM interactions WHERE customer = +? AND known & +? = 0 ORDER BY at DESC LIMIT 1",
		func(st *sqlite.Stmt) { customer.LastSeenAt = columnTime(st, 0) }, key, int64(graph.IsAhead))
	return err
}

// Related lists the members of households or those whom customers referred.
func (s *Store) Related(ctx context.Context, relation graph.Relation, keys []string) (map[string][]string, error) {
	if err := graph.CheckCount("keys", len(keys), graph.MaxKeys); err != nil {
		return nil, err
	}
	related := make(map[string][]string, len(keys))
	err := s.read(ctx, "read related customers", func(c *conn) error {
		for _, key := range keys {
			if related[key] != nil {
				continue
			}
			list, err := c.related(relation, key)
			if err != nil {
				return err
			}
			if len(list) > 0 {
				related[key] = list
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return related, nil
}

func (c *conn) related(relation graph.Relation, key string) (ids []string, err error) {
	add := func(st *sqlite.Stmt) error {
		ids = append(ids, st.ColumnText(0))
		return nil
	}
	switch relation {
	case graph.HouseholdMembers:
		err = c.rows("SELECT id FROM customers WHERE household = +? AND live = 1 ORDER BY id LIMIT ?", add, key, graph.MaxRelated)
		return ids, err
	case graph.ReferredCustomers:
		return c.referred(key)
	}
	return nil, fmt.Errorf("there is no relation %d: %w", relation, graph.ErrInvalid)
}

// referred lists whom a customer referred, under any of the ids that lead to it.
func (c *conn) referred(id string) (ids []string, err error) {
	var origins []int64
	err = c.rows(`SELECT key FROM customers WHERE id = ?1 AND live = 1
		UNION ALL SELECT key FROM customers WHERE merged <> 0 AND owner = (SELECT key FROM customers WHERE id = ?1 AND live = 1)`,
		func(st *sqlite.Stmt) error {
			origins = append(origins, st.ColumnInt64(0))
			return nil
		}, id)
	if err != nil {
		return nil, err
	}
	for _, origin := range origins {
		if err := c.rows("SELECT id FROM customers WHERE referrer = +? AND live = 1 ORDER BY id LIMIT ?", func(st *sqlite.Stmt) error {
			ids = append(ids, st.ColumnText(0))
			return nil
		}, origin, graph.MaxRelated); err != nil {
			return nil, err
		}
	}
	slices.Sort(ids)
	return ids[:min(len(ids), graph.MaxRelated)], nil
}

// fieldTime is how a time is written as the value of an observation: later ones are greater texts.
const fieldTime = "2006-01-02T15:04:05.000000Z"

func fieldText(t time.Time) graph.Value { return graph.TextValue(t.UTC().Format(fieldTime)) }

func parseFieldTime(s string) (int64, error) {
	t, err := time.Parse(fieldTime, s)
	return t.UnixMicro(), err
}
