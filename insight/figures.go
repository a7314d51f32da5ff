package insight

import (
	"time"

	"lacuna/graph"
	"lacuna/insight/stat"
)

// Figures are how one customer stands as of a moment. What needs an order is nil or 0 without one.
type Figures struct {
	Orders      int      // purchases of one moment are one order
	RecencyDays *float64 // since the last order
	Monetary    *graph.Decimal
	Currency    string // of Monetary
	Recency     uint8  // score, 1 to 5
	Frequency   uint8
	MonetaryBy  uint8 // score of Monetary
	Group       graph.RFMGroup
	Lifecycle   graph.Lifecycle // 0 where nobody has ordered twice yet: how long a cycle is cannot be known
	Tier        graph.ValueTier // 0 where money cannot be added up
	Reason      string          // why money is missing: MIXED_CURRENCY
}

// Figures gives how a customer, by current id, stands as of a moment; not ok for who does not exist then.
func (v *View) Figures(customer string, asOf time.Time) (f Figures, ok bool) {
	c, ok := v.find(customer)
	at := v.moment(asOf)
	p, slot := v.at(c)
	if !ok || p.born[slot] > at {
		return f, false
	}
	s := v.standing(at)
	f = Figures{Orders: int(s.orders[c]), Group: s.group[c], Lifecycle: s.stage[c], Tier: s.tier[c]}
	if v.mixedCurrencies() {
		f.Reason = reasonMixed
	} else if len(v.currencies) == 2 {
		f.Currency = v.currencies[1]
	}
	if f.Orders == 0 {
		return f, true
	}
	days := float64(at-s.last[c]) / microsPerDay
	f.RecencyDays = &days
	f.Recency, f.Frequency, f.MonetaryBy = s.scores[0][c], s.scores[1][c], s.scores[2][c]
	if f.Reason == "" {
		revenue := s.revenue[c]
		f.Monetary = &revenue
	}
	return f, true
}

// reasonMixed is why a sum of money is missing: there are amounts in several currencies, and no rates.
const reasonMixed = "MIXED_CURRENCY"

// Share is customers and what they have bought.
type Share struct {
	Customers int
	Revenue   graph.Decimal // sum of the amounts of purchases; 0 where money cannot be added up
}

// RFMCell is one of the 25 cells of recency by frequency scores.
type RFMCell struct {
	Recency, Frequency uint8 // scores, 1 to 5
	Share
}

// Population is how all customers stand as of a moment.
type Population struct {
	AsOf       time.Time
	Customers  int
	Buyers     int // with a purchase
	Lifecycles map[graph.Lifecycle]Share
	Tiers      map[graph.ValueTier]Share
	Groups     map[graph.RFMGroup]Share
	RFM        []RFMCell // 25, recency slowest
	Revenue    graph.Decimal
	Returns    graph.Decimal // sum of the amounts of returns
	Currency   string
	Reason     string // why money is missing
	// Pareto is the measured curve of buyers in descending order of revenue.
	Pareto   []stat.ParetoPoint
	TopFifth *float64 // the share of revenue of the top fifth of buyers; nil without revenue
	// Members have a loyalty card. MembersShare is their share of revenue; nil without revenue.
	Members      int
	MembersShare *float64
	// Contacts are support contacts; HalfOfContacts is how few customers account for half of them.
	Contacts, ContactCustomers, HalfOfContacts int
	// Known is for each attribute the share of customers of whom it is known, by name; Verified the share with a verified identity.
	Known    map[string]float64
	Verified float64
	Cycle    float64 // median days between two orders
	Sources  []SourceQuality
}

// SourceQuality is what one source said of the customers.
type SourceQuality struct {
	Source     string
	Customers  int       // of whom it said anything
	Attributes int       // values of attributes that it told
	Shown      int       // of these, those that are shown, and not another source's
	Contested  int       // of these, those that differ from what is shown
	Identities int       // identities that it told
	Verified   int       // of these, those that are verified
	LatestAt   time.Time // when it last told an attribute or an identity; zero where it never said when
}

// Differentiator is what sets members apart from all other customers: they have a value of an attribute more or less often, or do something
// in a category more or less often.
type Differentiator struct {
	Attribute string // or
	Category  string // with its descendants: any interaction
	Value     string // of the attribute
	stat.Difference
	Q float64 // P corrected for all that were compared (Benjamini-Hochberg)
}
