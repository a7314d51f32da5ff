package sqlitestore

import (
	"time"

	"lacuna/graph"
)

// The log of merges holds profiles as JSON, readable by people. Values are written as files write them, beside their type.

type savedCustomer struct {
	ID          string
	MergedIDs   []string                 `json:",omitempty"`
	Name        string                   `json:",omitempty"`
	CreatedAt   time.Time                `json:",omitzero"`
	FirstSeenAt time.Time                `json:",omitzero"`
	LastSeenAt  time.Time                `json:",omitzero"`
	Household   string                   `json:",omitempty"`
	ReferredBy  string                   `json:",omitempty"`
	Identities  []graph.CustomerIdentity `json:",omitempty"`
	Attributes  []savedAttribute         `json:",omitempty"`
	Consents    []graph.Consent          `json:",omitempty"`
}

type savedAttribute struct {
	Name         string
	Observations []savedObservation // the one that is shown first
}

type savedObservation struct {
	Kind       graph.ValueKind
	Value      string
	Source     string
	ObservedAt time.Time
	Verified   bool `json:",omitempty"`
}

func saveObservation(o graph.Observation) savedObservation {
	return savedObservation{o.Value.Kind(), o.Value.String(), o.Source, o.ObservedAt, o.Verified}
}

func (o *savedObservation) load() (graph.Observation, error) {
	value, err := graph.StoredValue(o.Value, o.Kind)
	return graph.Observation{Value: value, Source: o.Source, ObservedAt: o.ObservedAt, Verified: o.Verified}, err
}

// saveCustomer writes a profile.
func saveCustomer(c *graph.Customer) (string, error) {
	saved := savedCustomer{
		ID: c.ID, MergedIDs: c.MergedIDs, Name: c.Name, CreatedAt: c.CreatedAt, FirstSeenAt: c.FirstSeenAt, LastSeenAt: c.LastSeenAt,
		Household: c.Household, ReferredBy: c.ReferredBy, Identities: c.Identities, Consents: c.Consents,
	}
	for _, a := range c.Attributes {
		list := []savedObservation{saveObservation(a.Observation)}
		for _, o := range a.Alternatives {
			list = append(list, saveObservation(o))
		}
		saved.Attributes = append(saved.Attributes, savedAttribute{a.Name, list})
	}
	return toJSON(saved)
}

// loadCustomer reads what saveCustomer wrote; "" is the zero profile.
func loadCustomer(text string) (graph.Customer, error) {
	var saved savedCustomer
	if err := fromJSON("read the snapshot of a merge", text, &saved); err != nil {
		return graph.Customer{}, err
	}
	c := graph.Customer{
		ID: saved.ID, MergedIDs: saved.MergedIDs, Name: saved.Name, CreatedAt: saved.CreatedAt, FirstSeenAt: saved.FirstSeenAt,
		LastSeenAt: saved.LastSeenAt, Household: saved.Household, ReferredBy: saved.ReferredBy, Identities: saved.Identities, Consents: saved.Consents,
	}
	for _, a := range saved.Attributes {
		loaded := graph.Attribute{Name: a.Name}
		for i := range a.Observations {
			o, err := a.Observations[i].load()
			if err != nil {
				return c, err
			}
			if i == 0 {
				loaded.Observation = o
			} else {
				loaded.Alternatives = append(loaded.Alternatives, o)
			}
		}
		c.Attributes = append(c.Attributes, loaded)
	}
	return c, nil
}
