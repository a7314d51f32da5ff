package neo4jstore

import (
	"maps"
	"slices"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"lacuna/graph"
)

// people is what a transaction knows of customers: what it asked for, and what it has changed of that.
type people struct {
	records    map[string]*record            // by id; nil for one that was asked for and is not there
	identities map[graph.Identity]*identity  // the same
	members    map[string]map[string]*record // records that were read, by the customer of today and id
	owned      map[string]map[*identity]bool // identities that were read, by the id under which they came
	complete   map[string]bool               // customers of today of whom all was read
	erased     map[graph.CustomerRef]bool    // what was asked for
	changed    map[string]bool               // customers of today whose profile is to be written
	gone       map[string]bool               // customers of today who are none any more
}

func newPeople() *people {
	return &people{
		records: map[string]*record{}, identities: map[graph.Identity]*identity{}, members: map[string]map[string]*record{}, owned: map[string]map[*identity]bool{},
		complete: map[string]bool{}, erased: map[graph.CustomerRef]bool{}, changed: map[string]bool{}, gone: map[string]bool{},
	}
}

// takeRecord takes a record that was read: id, leads, root, stub, and the facts where they were asked for. What is known already stays.
func (p *people) takeRecord(read *neo4j.Record) error {
	v := read.Values
	r := &record{id: text(v[0]), leads: text(v[1]), root: text(v[2]), stub: text(v[3]), whole: len(v) > 4}
	if r.whole {
		var err error
		if r.facts, err = parseFacts(text(v[4])); err != nil {
			return err
		}
	}
	have := p.records[r.id]
	switch {
	case have == nil:
		p.records[r.id] = r
		p.place(r)
	case r.whole && !have.whole:
		have.facts, have.whole = r.facts, true
	}
	return nil
}

func (p *people) place(r *record) {
	if p.members[r.root] == nil {
		p.members[r.root] = map[string]*record{}
	}
	p.members[r.root][r.id] = r
}

// takeIdentity takes an identity that was read: kind, value, verified, source, observedAt, origin. What is known already stays.
func (p *people) takeIdentity(read *neo4j.Record) *identity {
	v := read.Values
	kind, _ := v[0].(int64)
	verified, _ := v[2].(bool)
	i := graph.Identity{Kind: graph.IdentityKind(kind), Value: text(v[1])}
	if p.identities[i] == nil {
		p.identities[i] = &identity{
			CustomerIdentity: graph.CustomerIdentity{Identity: i, Verified: verified, Source: text(v[3]), ObservedAt: moment(v[4])}, origin: text(v[5]),
		}
		p.own(p.identities[i])
	}
	return p.identities[i]
}

func (p *people) own(i *identity) {
	if p.owned[i.origin] == nil {
		p.owned[i.origin] = map[*identity]bool{}
	}
	p.owned[i.origin][i] = true
}

// root gives the customer of today whom an id leads to, the id itself where it leads nowhere.
func (p *people) root(id string) string {
	if r := p.records[id]; r != nil {
		return r.root
	}
	return id
}

// find gives the customer of today whom a reference leads to, "" for nobody. It must have been asked for.
func (p *people) find(ref graph.CustomerRef) string {
	id := ref.Value
	if i, ok := ref.Identity(); ok {
		known := p.identities[i]
		if known == nil {
			return ""
		}
		id = known.origin
	}
	r := p.records[id]
	if r == nil {
		return ""
	}
	return r.root
}

// isErased tells whether a reference leads to nobody because who it led to was erased, or who would be made from it. It must have been
// asked for.
func (p *people) isErased(ref graph.CustomerRef) bool {
	i, byIdentity := ref.Identity()
	return p.find(ref) == "" && (p.erased[ref] || byIdentity && p.erased[graph.ByID(graph.DerivedCustomerID(i))])
}

// of gives the records of a customer of today in order of id.
func (p *people) of(root string) (list []*record) {
	for _, id := range slices.Sorted(maps.Keys(p.members[root])) {
		list = append(list, p.members[root][id])
	}
	return list
}

// identitiesOf gives the identities that came under the ids of a customer of today.
func (p *people) identitiesOf(root string) (list []*identity) {
	for id := range p.members[root] {
		for i := range p.owned[id] {
			list = append(list, i)
		}
	}
	return list
}

// ask reads whom references lead to. What is known already is not read again.
func (w *writer) ask(refs []graph.CustomerRef) error {
	p := w.people
	ids, keys := map[string]bool{}, []any{}
	for _, ref := range refs {
		if i, ok := ref.Identity(); ok {
			if _, asked := p.identities[i]; !asked {
				p.identities[i] = nil
				keys = append(keys, i.String())
			}
			ids[graph.DerivedCustomerID(i)] = true
		} else if ref.Value != "" {
			ids[ref.Value] = true
		}
	}
	if err := w.eachKeys("identities_by_key", keys, func(r *neo4j.Record) error {
		ids[p.takeIdentity(r).origin] = true
		return nil
	}); err != nil {
		return err
	}
	missing := make([]any, 0, len(ids))
	for id := range ids {
		if _, asked := p.records[id]; !asked {
			missing = append(missing, id)
			p.records[id] = nil
		}
	}
	if err := w.eachKeys("records_by_id", missing, p.takeRecord); err != nil {
		return err
	}
	return w.askErased(refs)
}

// askErased looks whether references are of somebody who was erased.
func (w *writer) askErased(refs []graph.CustomerRef) error {
	if w.state.Erased == 0 {
		return nil
	}
	byHash := map[string]graph.CustomerRef{}
	keys := make([]any, 0, len(refs))
	for _, ref := range refs { // and the ids that identities would be given again
		if i, ok := ref.Identity(); ok {
			refs = append(refs, graph.ByID(graph.DerivedCustomerID(i)))
		}
	}
	for _, ref := range refs {
		if _, asked := w.people.erased[ref]; asked || ref.IsZero() {
			continue
		}
		w.people.erased[ref] = false
		hash := w.s.erasedHash(ref)
		byHash[hash] = ref
		keys = append(keys, hash)
	}
	return w.eachKeys("erased_by_hash", keys, func(r *neo4j.Record) error {
		w.people.erased[byHash[text(r.Values[0])]] = true
		return nil
	})
}

// complete reads all that there is of customers of today.
func (w *writer) complete(roots []string) error {
	p := w.people
	keys := make([]any, 0, len(roots))
	for _, root := range roots {
		if root != "" && !p.complete[root] {
			p.complete[root] = true
			keys = append(keys, root)
		}
	}
	if err := w.eachKeys("records_by_root", keys, p.takeRecord); err != nil {
		return err
	}
	return w.eachKeys("identities_by_customer", keys, func(r *neo4j.Record) error {
		p.takeIdentity(r)
		return nil
	})
}

// eachKeys runs a query over keys, so many at a time.
func (w *writer) eachKeys(name string, keys []any, each func(*neo4j.Record) error) error {
	run := w.runChunks
	if w.lanes != nil && !w.written && len(keys) >= laneRows {
		run = w.readInLanes
	}
	records, err := run(name, keys)
	if err != nil {
		return err
	}
	for _, r := range records {
		if err := each(r); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) runChunks(name string, keys []any) (all []*neo4j.Record, err error) {
	for chunk := range slices.Chunk(keys, rowsOfStatement) {
		records, err := w.run(name, params{"keys": chunk})
		if err != nil {
			return nil, err
		}
		all = append(all, records...)
	}
	return all, nil
}

// profileOf puts a customer of today together, of whom all must have been read.
func (w *writer) profileOf(root string) (*graph.Customer, error) {
	records := w.people.of(root)
	var refs []graph.CustomerRef
	for _, r := range records {
		for _, o := range r.facts.Fields["referred_by"] {
			refs = append(refs, graph.ByID(o.Text))
		}
	}
	if len(refs) > 0 {
		if err := w.ask(refs); err != nil {
			return nil, err
		}
	}
	return profile(root, records, w.people.identitiesOf(root), w.people.root)
}

// flushPeople writes what has changed of customers: records, identities, and the customers of today with all that is derived.
func (w *writer) flushPeople() error {
	p := w.people
	if err := w.complete(keysOf(p.changed)); err != nil { // what is derived is derived from all there is
		return err
	}
	var records, referrers, identities []params
	for _, id := range slices.Sorted(maps.Keys(p.records)) {
		if r := p.records[id]; r != nil && r.dirty {
			records = append(records, params{"id": r.id, "leads": orNull(r.leads), "root": r.root, "stub": orNull(r.stub), "facts": orNull(r.facts.text())})
			if !r.fresh || len(r.facts.Fields["referred_by"]) > 0 {
				referrers = append(referrers, params{"id": r.id, "referrers": r.referrers()})
			}
			r.dirty, r.fresh = false, false
		}
	}
	if err := w.each("record_put", records); err != nil {
		return err
	}
	if err := w.each("record_referrers", referrers); err != nil {
		return err
	}
	if gone := slices.Sorted(maps.Keys(p.gone)); len(gone) > 0 {
		if _, err := w.run("customers_delete", params{"ids": gone}); err != nil {
			return err
		}
		clear(p.gone)
	}
	if err := w.flushCustomers(); err != nil {
		return err
	}
	for _, i := range p.identities {
		if i == nil || !i.dirty {
			continue
		}
		i.dirty = false
		identities = append(identities, identityRow(&i.CustomerIdentity, i.origin, p.root(i.origin)))
	}
	return w.each("identity_put", identities)
}

func (w *writer) flushCustomers() error {
	var customers, terms []params
	for _, root := range slices.Sorted(maps.Keys(w.people.changed)) {
		c, err := w.profileOf(root)
		if err != nil {
			return err
		}
		customers, terms = append(customers, customerRow(c)), append(terms, termRows(c)...)
	}
	clear(w.people.changed)
	if err := w.steps([]step{{"customer_put", customers}, {"customer_household", customers}, {"customer_referral", customers}, {"terms_delete", customers}, {"terms_create", terms}}); err != nil {
		return err
	}
	return nil
}

func customerRow(c *graph.Customer) params {
	attributes := params{}
	for _, a := range c.Attributes {
		attributes["attr_"+a.Name] = plain(a.Value)
	}
	row := params{
		"id": c.ID, "name": orNull(c.Name), "createdAt": micros(c.CreatedAt), "household": orNull(c.Household), "referrer": orNull(c.ReferredBy),
		"profile": encodeProfile(c), "attributes": attributes, "nameKey": nil, "nameRest": nil,
	}
	if c.Name != "" {
		row["nameKey"], row["nameRest"] = nameKey(graph.Fold(c.Name))
	}
	return row
}

// plain gives a value as Neo4j's tools show it.
func plain(v graph.Value) any {
	if n, ok := v.Number(); ok {
		return n
	}
	if b, ok := v.Boolean(); ok {
		return b
	}
	return v.String()
}

// keyBytes is how much of a text stands in an index, whose entries have a limit.
const keyBytes = 1_000

// nameKey cuts a folded name in two: what is in the index, and the rest.
func nameKey(folded string) (key, rest string) {
	if len(folded) <= keyBytes {
		return folded, ""
	}
	cut := keyBytes
	for cut > 0 && folded[cut]&0xC0 == 0x80 {
		cut--
	}
	return folded[:cut], folded[cut:]
}

// termKey gives what of a term is in the index.
func termKey(term string) string {
	key, _ := nameKey(term)
	return key
}

// searchTerms are what a customer is found by.
func searchTerms(c *graph.Customer) []string {
	terms := graph.SearchTerms(c.Name)
	for _, i := range c.Identities {
		terms = append(terms, graph.Fold(i.Value))
	}
	slices.Sort(terms)
	return slices.Compact(terms)
}
