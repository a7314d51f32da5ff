package neo4jstore

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"lacuna/graph"
)

// record is what came under one customer id. A merge is nothing but a record that leads to another one, so undoing it gives back what
// came under the retired id, whenever that was.
type record struct {
	id    string
	leads string // the record that it was merged into; "" for a customer of today
	root  string // the customer of today
	stub  string // key of the identity that the customer was made from, while nothing else is known
	facts facts
	whole bool // the facts were read, or there are none
	fresh bool // it is not stored yet
	dirty bool // it is to be written
}

// referrers lists the ids that sources said have referred the customer.
func (r *record) referrers() []string {
	list := []string{}
	for _, o := range r.facts.Fields["referred_by"] {
		list = append(list, o.Text)
	}
	return list
}

// facts is what sources said under one id.
type facts struct {
	Fields   map[string]map[string]observation `json:"f,omitempty"` // by field ("name", "attr.x", …), then source
	Consents map[string]consent                `json:"c,omitempty"` // by purpose
}

type observation struct {
	Kind     graph.ValueKind `json:"k"`
	Text     string          `json:"v"`
	At       int64           `json:"t"`
	Verified bool            `json:"y,omitempty"`
}

type consent struct {
	Granted bool   `json:"g,omitempty"`
	Source  string `json:"s"`
	At      int64  `json:"t"`
}

func parseFacts(text string) (f facts, err error) {
	if text == "" {
		return f, nil
	}
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return f, damaged("read what is known of a customer")
	}
	return f, nil
}

func (f *facts) text() string {
	if len(f.Fields) == 0 && len(f.Consents) == 0 {
		return ""
	}
	return toJSON(f)
}

// observe notes what a source says of a field, and tells whether that changed anything.
func (f *facts) observe(field string, next graph.Observation) (bool, error) {
	if next.Value.IsZero() || next.Value == graph.TextValue("") {
		return false, nil
	}
	is := true
	if old, have := f.Fields[field][next.Source]; have {
		stored, err := old.observation(next.Source)
		if err != nil {
			return false, err
		}
		next, is = stored.Supersedes(next)
	}
	if !is {
		return false, nil
	}
	if f.Fields == nil {
		f.Fields = map[string]map[string]observation{}
	}
	if f.Fields[field] == nil {
		f.Fields[field] = map[string]observation{}
	}
	f.Fields[field][next.Source] = observation{next.Value.Kind(), next.Value.String(), next.ObservedAt.UnixMicro(), next.Verified}
	return true, nil
}

// consent notes an answer, and tells whether it counts.
func (f *facts) consent(c graph.Consent) bool {
	if old, have := f.Consents[c.Purpose]; have && !c.Replaces(graph.Consent{Purpose: c.Purpose, Granted: old.Granted, Source: old.Source, At: instant(old.At)}) {
		return false
	}
	if f.Consents == nil {
		f.Consents = map[string]consent{}
	}
	f.Consents[c.Purpose] = consent{c.Granted, c.Source, c.At.UnixMicro()}
	return true
}

func (o observation) observation(source string) (graph.Observation, error) {
	v, err := graph.StoredValue(o.Text, o.Kind)
	return graph.Observation{Value: v, Source: source, ObservedAt: instant(o.At), Verified: o.Verified}, err
}

// identity is an identity, and under which id it came.
type identity struct {
	graph.CustomerIdentity
	origin string
	dirty  bool
}

// shown gives the observations of a field over records, the winner first.
func shown(records []*record, field string, drop func(graph.Observation) bool) (first graph.Observation, others []graph.Observation, err error) {
	var all []graph.Observation
	for _, r := range records {
		for source, o := range r.facts.Fields[field] {
			seen, err := o.observation(source)
			if err != nil {
				return first, nil, err
			}
			if drop == nil || !drop(seen) {
				all = append(all, seen)
			}
		}
	}
	first, others = graph.Winner(all)
	return first, others, nil
}

// profile puts a customer together. rootOf gives the customer of today whom an id leads to.
func profile(id string, records []*record, identities []*identity, rootOf func(id string) string) (*graph.Customer, error) {
	c := &graph.Customer{ID: id}
	show := func(field string) (string, error) {
		o, _, err := shown(records, field, nil)
		return o.Value.String(), err
	}
	var err error
	if c.Name, err = show("name"); err != nil {
		return nil, err
	}
	if c.Household, err = show("household"); err != nil {
		return nil, err
	}
	created, err := show("created_at")
	if err != nil {
		return nil, err
	}
	if us, err := strconv.ParseInt(created, 10, 64); err == nil {
		c.CreatedAt = instant(us)
	}
	// Nobody has referred themselves, though a merge may say so.
	referrer, _, err := shown(records, "referred_by", func(o graph.Observation) bool { return rootOf(o.Value.String()) == id })
	if err != nil {
		return nil, err
	}
	if !referrer.Value.IsZero() {
		c.ReferredBy = rootOf(referrer.Value.String())
	}
	names, consents := map[string]bool{}, map[string]graph.Consent{}
	for _, r := range records {
		if r.id != id {
			c.MergedIDs = append(c.MergedIDs, r.id)
		}
		for field := range r.facts.Fields {
			if len(field) > 5 && field[:5] == "attr." {
				names[field] = true
			}
		}
		for purpose, answer := range r.facts.Consents {
			next := graph.Consent{Purpose: purpose, Granted: answer.Granted, Source: answer.Source, At: instant(answer.At)}
			if have, ok := consents[purpose]; !ok || next.Replaces(have) {
				consents[purpose] = next
			}
		}
	}
	slices.Sort(c.MergedIDs)
	for _, i := range identities {
		c.Identities = append(c.Identities, i.CustomerIdentity)
	}
	slices.SortFunc(c.Identities, func(a, b graph.CustomerIdentity) int { return graph.CompareIdentities(a.Identity, b.Identity) })
	for _, field := range slices.Sorted(maps.Keys(names)) {
		first, others, err := shown(records, field, nil)
		if err != nil {
			return nil, err
		}
		c.Attributes = append(c.Attributes, graph.Attribute{Name: field[5:], Observation: first, Alternatives: others})
	}
	for _, purpose := range slices.Sorted(maps.Keys(consents)) {
		c.Consents = append(c.Consents, consents[purpose])
	}
	return c, nil
}

// storedProfile is a profile as it stands on the customer's node, beside what its properties tell.
type storedProfile struct {
	Name       string            `json:"name,omitempty"`
	Created    int64             `json:"created,omitempty"`
	Dated      bool              `json:"dated,omitempty"` // Created is known
	Household  string            `json:"household,omitempty"`
	Referrer   string            `json:"referrer,omitempty"`
	Merged     []string          `json:"merged,omitempty"`
	Identities []storedIdentity  `json:"identities,omitempty"`
	Attributes []storedAttribute `json:"attributes,omitempty"`
	Consents   []storedConsent   `json:"consents,omitempty"`
}

type storedIdentity struct {
	Kind     graph.IdentityKind `json:"k"`
	Value    string             `json:"v"`
	Verified bool               `json:"y,omitempty"`
	Source   string             `json:"s"`
	At       int64              `json:"t"`
}

type storedAttribute struct {
	Name string              `json:"n"`
	Said []storedObservation `json:"o"` // what is shown, then the alternatives
}

type storedObservation struct {
	observation
	Source string `json:"s"`
}

type storedConsent struct {
	consent
	Purpose string `json:"p"`
}

func encodeProfile(c *graph.Customer) string {
	p := storedProfile{Name: c.Name, Household: c.Household, Referrer: c.ReferredBy, Merged: c.MergedIDs}
	if !c.CreatedAt.IsZero() {
		p.Created, p.Dated = c.CreatedAt.UnixMicro(), true
	}
	for _, i := range c.Identities {
		p.Identities = append(p.Identities, storedIdentity{i.Kind, i.Value, i.Verified, i.Source, i.ObservedAt.UnixMicro()})
	}
	for _, a := range c.Attributes {
		stored := storedAttribute{Name: a.Name}
		for _, o := range append([]graph.Observation{a.Observation}, a.Alternatives...) {
			stored.Said = append(stored.Said, storedObservation{observation{o.Value.Kind(), o.Value.String(), o.ObservedAt.UnixMicro(), o.Verified}, o.Source})
		}
		p.Attributes = append(p.Attributes, stored)
	}
	for _, x := range c.Consents {
		p.Consents = append(p.Consents, storedConsent{consent{x.Granted, x.Source, x.At.UnixMicro()}, x.Purpose})
	}
	return toJSON(p)
}

func decodeProfile(id, text string) (*graph.Customer, error) {
	var p storedProfile
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return nil, damaged("read a profile")
	}
	c := &graph.Customer{ID: id, Name: p.Name, Household: p.Household, ReferredBy: p.Referrer, MergedIDs: p.Merged}
	if p.Dated {
		c.CreatedAt = instant(p.Created)
	}
	for _, i := range p.Identities {
		c.Identities = append(c.Identities, graph.CustomerIdentity{Identity: graph.Identity{Kind: i.Kind, Value: i.Value}, Verified: i.Verified, Source: i.Source, ObservedAt: instant(i.At)})
	}
	for _, a := range p.Attributes {
		attribute := graph.Attribute{Name: a.Name}
		for n, said := range a.Said {
			o, err := said.observation.observation(said.Source)
			if err != nil {
				return nil, err
			}
			if n == 0 {
				attribute.Observation = o
			} else {
				attribute.Alternatives = append(attribute.Alternatives, o)
			}
		}
		c.Attributes = append(c.Attributes, attribute)
	}
	for _, x := range p.Consents {
		c.Consents = append(c.Consents, graph.Consent{Purpose: x.Purpose, Granted: x.Granted, Source: x.Source, At: instant(x.At)})
	}
	return c, nil
}

// createdText writes when a customer was created as the value of a field.
func createdText(t time.Time) graph.Value {
	return graph.TextValue(strconv.FormatInt(t.UnixMicro(), 10))
}
