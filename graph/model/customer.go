package model

import (
	"time"

	"lacuna/graph"
)

// Customer is the schema's view of a customer.
type Customer struct{ *graph.Customer }

// Name is nil when unknown.
func (c Customer) Name() *string { return textOrNil(c.Customer.Name) }

// CreatedAt is nil when unknown.
func (c Customer) CreatedAt() *time.Time { return timeOrNil(c.Customer.CreatedAt) }

// LastSeenAt is nil when there is no interaction.
func (c Customer) LastSeenAt() *time.Time { return timeOrNil(c.Customer.LastSeenAt) }

// Attributes gives the winners with their alternatives.
func (c Customer) Attributes() []Attribute {
	attributes := make([]Attribute, len(c.Customer.Attributes))
	for i, a := range c.Customer.Attributes {
		attributes[i] = Attribute{Name: a.Name, Observation: a.Observation, IsWinner: true, others: a.Alternatives}
	}
	return attributes
}

// Attribute is what one source says of one field.
type Attribute struct {
	Name string
	graph.Observation
	IsWinner bool
	others   []graph.Observation
}

// Alternatives is what other sources say.
func (a Attribute) Alternatives() []Attribute {
	others := make([]Attribute, len(a.others))
	for i, o := range a.others {
		others[i] = Attribute{Name: a.Name, Observation: o}
	}
	return others
}

// Household is customers who live together.
type Household struct{ ID string }

// Referrals is who brought whom.
type Referrals struct {
	Customer string // current id
	By       string // current id, "" for nobody
}

// Touchpoint is the schema's view of a touchpoint.
type Touchpoint struct{ graph.Touchpoint }

// Channel is nil when it was not stated.
func (t Touchpoint) Channel() *graph.Channel { return channelOrNil(t.Touchpoint.Channel) }

// Interactions is their number.
func (t Touchpoint) Interactions() int32 { return Count(t.Touchpoint.Interactions) }

func textOrNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func channelOrNil(c graph.Channel) *graph.Channel {
	if c == 0 {
		return nil
	}
	return &c
}
