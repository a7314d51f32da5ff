package graphtest

import (
	"context"
	"encoding/hex"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lacuna/graph"
)

// model is a handle on a store in memory, written as plainly as possible: everything is kept as it came, under the id
// under which it came (its origin), and every answer is computed from all of that. A merge is nothing but a
// retired id that leads to another one.
type model struct {
	o      Options
	d      *modelData
	closed bool
}

var _ graph.Store = (*model)(nil)

type modelData struct {
	mu           sync.Mutex
	tag          string
	facts        map[string]*facts // by origin
	leads        map[string]string // retired ids
	origin       map[graph.Identity]string
	erased       map[graph.CustomerRef]bool
	merges       []*graph.Merge // oldest first
	categories   map[string]graph.Category
	products     map[string]graph.Product
	segments     map[string]graph.Segment
	types        map[graph.AttributeKey]graph.ValueKind
	interactions map[string]*stored
	retracted    map[string]retracted
	contested    map[graph.Identity]map[string]bool // ids of those who claim what is another's
	unread       map[unreadKey]int64
	members      map[string]map[string]time.Time // since when, by segment and customer
	lease        lease
	lacks        map[graph.GapKey]graph.Lack
	gapEvents    map[string]graph.GapEvent
	log          []entry // the feed; position n is before log[n]
	pruned       int     // entries forgotten at the front
}

// facts is what came under one customer id.
type facts struct {
	stub       graph.Identity // the only thing that the customer was made from, if any
	identities map[graph.Identity]graph.CustomerIdentity
	fields     map[string]map[string]graph.Observation // by field ("name", "attr.x" …), then source
	consents   map[string]graph.Consent
}

type stored struct {
	graph.Interaction
	origin   string
	position int
}

// retracted is what is kept of a retracted interaction.
type retracted struct {
	content [32]byte
	origin  string
}

type entry struct {
	graph.Change
	at   time.Time
	gone bool // forgotten with an erased customer
}

// models keeps what was stored by location, so that models can be opened again.
type models struct {
	mu   sync.Mutex
	next int
	data map[string]*modelData
}

// factory gives the factory of a set of models.
func (m *models) factory(wrap func(graph.Store) graph.Store) Factory {
	return Factory{
		NewLocation: func(testing.TB) string {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.next++
			return "model " + string(rune('0'+m.next%10)) + strings.Repeat("'", m.next/10)
		},
		Open: func(_ context.Context, location string, o Options) (graph.Store, error) {
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.data == nil {
				m.data = map[string]*modelData{}
			}
			if m.data[location] == nil {
				m.data[location] = newModelData(randomID(o.Rand))
			}
			return wrap(&model{o: o, d: m.data[location]}), nil
		},
	}
}

func newModelData(tag string) *modelData {
	return &modelData{
		tag: tag, facts: map[string]*facts{}, leads: map[string]string{}, origin: map[graph.Identity]string{},
		erased: map[graph.CustomerRef]bool{}, categories: map[string]graph.Category{}, products: map[string]graph.Product{},
		segments: map[string]graph.Segment{}, types: map[graph.AttributeKey]graph.ValueKind{}, interactions: map[string]*stored{},
		retracted: map[string]retracted{}, contested: map[graph.Identity]map[string]bool{}, unread: map[unreadKey]int64{},
		members: map[string]map[string]time.Time{}, gapEvents: map[string]graph.GapEvent{}, lacks: map[graph.GapKey]graph.Lack{},
	}
}

func randomID(r io.Reader) string {
	buf := make([]byte, 10)
	if _, err := io.ReadFull(r, buf); err != nil {
		panic(err) // the suite's own randomness never ends
	}
	return hex.EncodeToString(buf)
}

// enter begins a call: it locks the data, and tells why the call cannot be answered.
func (m *model) enter(ctx context.Context) (leave func(), err error) {
	m.d.mu.Lock()
	switch {
	case m.closed:
		err = graph.ErrClosed
	default:
		err = ctx.Err()
	}
	if err != nil {
		m.d.mu.Unlock()
		return nil, err
	}
	return m.d.mu.Unlock, nil
}

func (m *model) Close() error {
	m.d.mu.Lock()
	defer m.d.mu.Unlock()
	m.closed = true
	return nil
}

// root gives the current id that an origin leads to.
func (d *modelData) root(id string) string {
	for d.leads[id] != "" {
		id = d.leads[id]
	}
	return id
}

// find gives the current id of the customer that a reference leads to, "" for nobody.
func (d *modelData) find(ref graph.CustomerRef) string {
	id := ref.Value
	if i, ok := ref.Identity(); ok {
		id = d.origin[i]
	}
	if d.facts[id] == nil {
		return ""
	}
	return d.root(id)
}

// origins lists the ids that lead to a current id, itself among them.
func (d *modelData) origins(id string) []string {
	var list []string
	for _, o := range sortedKeys(d.facts) {
		if d.root(o) == id {
			list = append(list, o)
		}
	}
	return list
}

// current lists the current ids.
func (d *modelData) current() []string {
	return slices.DeleteFunc(sortedKeys(d.facts), func(id string) bool { return d.leads[id] != "" })
}

// shown gives the observations of one field of a customer, the winner first.
func (d *modelData) shown(id, field string) (graph.Observation, []graph.Observation) {
	var all []graph.Observation
	for _, o := range d.origins(id) {
		all = slices.AppendSeq(all, maps.Values(d.facts[o].fields[field]))
	}
	if field == "referred_by" { // nobody has referred themselves, though a merge may say so
		all = slices.DeleteFunc(all, func(o graph.Observation) bool { return d.root(o.Value.String()) == id })
	}
	return graph.Winner(all)
}

// profile puts a customer together.
func (d *modelData) profile(id string) *graph.Customer {
	c := &graph.Customer{ID: id}
	show := func(field string) string {
		o, _ := d.shown(id, field)
		return o.Value.String()
	}
	c.Name, c.Household = show("name"), show("household")
	if t, err := time.Parse(time.RFC3339Nano, show("created_at")); err == nil {
		c.CreatedAt = t
	}
	if referrer := show("referred_by"); referrer != "" {
		c.ReferredBy = d.root(referrer)
	}
	names, consents := map[string]bool{}, map[string]graph.Consent{}
	for _, o := range d.origins(id) {
		if o != id {
			c.MergedIDs = append(c.MergedIDs, o)
		}
		c.Identities = slices.AppendSeq(c.Identities, maps.Values(d.facts[o].identities))
		for field := range d.facts[o].fields {
			if name, ok := strings.CutPrefix(field, "attr."); ok {
				names[name] = true
			}
		}
		for purpose, next := range d.facts[o].consents {
			if have, ok := consents[purpose]; !ok || next.Replaces(have) {
				consents[purpose] = next
			}
		}
	}
	slices.SortFunc(c.Identities, func(a, b graph.CustomerIdentity) int {
		return graph.CompareIdentities(a.Identity, b.Identity)
	})
	for _, name := range sortedKeys(names) {
		first, others := d.shown(id, "attr."+name)
		c.Attributes = append(c.Attributes, graph.Attribute{Name: name, Observation: first, Alternatives: others})
	}
	for _, purpose := range sortedKeys(consents) {
		c.Consents = append(c.Consents, consents[purpose])
	}
	for _, i := range d.history(id) {
		if c.FirstSeenAt.IsZero() || i.At.Before(c.FirstSeenAt) {
			c.FirstSeenAt = i.At
		}
		if !i.Ahead && i.At.After(c.LastSeenAt) {
			c.LastSeenAt = i.At
		}
	}
	return c
}

// history lists a customer's interactions, newest first.
func (d *modelData) history(id string) []graph.Interaction {
	var list []graph.Interaction
	for _, i := range d.interactions {
		if d.root(i.origin) == id {
			list = append(list, d.copied(i))
		}
	}
	slices.SortFunc(list, compareInteractions)
	return list
}

// copied gives an interaction as it is returned to a caller.
func (d *modelData) copied(i *stored) graph.Interaction {
	c := i.Interaction
	c.Owner, c.Attributes = d.root(i.origin), slices.Clone(i.Attributes)
	return c
}

// compareInteractions orders newest first, then by id.
func compareInteractions(a, b graph.Interaction) int {
	if c := b.At.Compare(a.At); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}
