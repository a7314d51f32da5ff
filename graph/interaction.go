package graph

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"time"
)

// Interaction is one immutable fact: a customer did something at a moment.
type Interaction struct {
	ID         string
	Type       InteractionType
	At         time.Time
	Customer   CustomerRef // as it came; content is compared by this, never by Owner
	Channel    Channel     // 0 when unknown
	Product    string
	Category   string
	Query      string            // what was searched for
	Results    Optional[int64]   // how many results a search had; 0 is "nothing found"
	Quantity   Optional[Decimal] // units
	Amount     Optional[Decimal] // the line's total after discounts, positive also on RETURN
	Currency   string            // of Amount, ISO 4217
	Campaign   string
	Rating     Optional[Decimal] // 1 to 5
	Session    string
	Available  Optional[bool] // whether what was seen could be had
	Attributes []NamedValue   // in order of name: what a search was for (dates, party, destination …)
	Source     string         // where the row came from; lineage, not content

	// Owner is the current id of the customer. Stores set it on reading and ignore it on writing.
	Owner string
	// Ahead is true when At was later than the store's clock at the time of recording. Stores set it.
	Ahead bool
}

// Normalize puts the interaction into the form in which it is stored and compared.
func (i *Interaction) Normalize() {
	i.At = Instant(i.At)
	if i.Customer.Kind != 0 {
		i.Customer = CustomerRef(Identity(i.Customer).Normalize())
	}
	sortNamedValues(i.Attributes)
}

// Check refuses what no store may hold, see [CustomerUpsert.Check].
func (i *Interaction) Check() *Rejection {
	if r := checkID("id", i.ID); r != nil {
		return r
	}
	if !i.Type.Valid() {
		return Reject(RejectUnknownType, "type", "is required: use one of VIEW, SEARCH, PURCHASE …")
	}
	if !i.Channel.Valid() {
		return Reject(RejectUnknownChannel, "channel", "no such channel")
	}
	if i.At.IsZero() {
		return Reject(RejectMissing, "at", "is required")
	}
	if r := firstRejection(checkTime("at", i.At), i.Customer.check("customer"), checkSource(i.Source)); r != nil {
		return r
	}
	if r := i.checkOptionalTexts(); r != nil {
		return r
	}
	if r := i.checkNumbers(); r != nil {
		return r
	}
	return checkNamedValues("attr", i.Attributes)
}

func (i *Interaction) checkOptionalTexts() *Rejection {
	for _, f := range [...]struct{ name, value string }{
		{"product", i.Product}, {"category", i.Category}, {"campaign", i.Campaign}, {"session", i.Session},
	} {
		if f.value != "" {
			if r := checkID(f.name, f.value); r != nil {
				return r
			}
		}
	}
	return checkText("query", i.Query, MaxTextBytes)
}

func (i *Interaction) checkNumbers() *Rejection {
	if i.Results.Known && (i.Results.Value < 0 || i.Results.Value > math.MaxInt32) {
		return Reject(RejectOutOfRange, "results", "must be between 0 and %d", math.MaxInt32)
	}
	if i.Quantity.Known && i.Quantity.Value < 0 {
		return Reject(RejectOutOfRange, "quantity", "is negative: quantities are positive, on RETURN too")
	}
	if i.Rating.Known && (i.Rating.Value < DecimalScale || i.Rating.Value > 5*DecimalScale) {
		return Reject(RejectOutOfRange, "rating", "must be between 1 and 5")
	}
	return checkMoney("amount", i.Amount, i.Currency)
}

// ContentHash is a fingerprint of everything that a source stated but the id and Source: two interactions of one id
// with the same hash are the same row sent twice. It is also what rows without an id get theirs from.
func (i *Interaction) ContentHash() [32]byte {
	buf := make([]byte, 0, 256)
	text := func(s string) { buf = append(binary.AppendUvarint(buf, uint64(len(s))), s...) }
	number := func(n int64, known bool) {
		if !known {
			buf = append(buf, 0)
			return
		}
		buf = binary.AppendVarint(append(buf, 1), n)
	}
	buf = append(buf, byte(i.Type), byte(i.Channel), byte(i.Customer.Kind))
	buf = binary.AppendVarint(buf, i.At.UnixMicro())
	for _, s := range [...]string{i.Customer.Value, i.Product, i.Category, i.Query, i.Currency, i.Campaign, i.Session} {
		text(s)
	}
	number(i.Results.Value, i.Results.Known)
	number(int64(i.Quantity.Value), i.Quantity.Known)
	number(int64(i.Amount.Value), i.Amount.Known)
	number(int64(i.Rating.Value), i.Rating.Known)
	available := int64(0)
	if i.Available.Value {
		available = 1
	}
	number(available, i.Available.Known)
	for _, a := range i.Attributes {
		text(a.Name)
		buf = append(buf, byte(a.Value.kind))
		text(a.Value.String())
	}
	return sha256.Sum256(buf)
}

// SameContent tells whether two normalized interactions state the same, Source, Owner and Ahead apart.
func (i *Interaction) SameContent(o *Interaction) bool {
	return i.ID == o.ID && i.Type == o.Type && i.At.Equal(o.At) && i.Customer == o.Customer && i.Channel == o.Channel &&
		i.Product == o.Product && i.Category == o.Category && i.Query == o.Query && i.Results == o.Results &&
		i.Quantity == o.Quantity && i.Amount == o.Amount && i.Currency == o.Currency && i.Campaign == o.Campaign &&
		i.Rating == o.Rating && i.Session == o.Session && i.Available == o.Available && slices.Equal(i.Attributes, o.Attributes)
}

// InteractionKey is the place of an interaction in the order of pages: newest first, then by id.
type InteractionKey struct {
	At time.Time
	ID string
}

// Key gives the interaction's place in the order of pages.
func (i *Interaction) Key() InteractionKey { return InteractionKey{At: i.At, ID: i.ID} }

// InteractionFilter narrows interactions; every field that is set must match.
type InteractionFilter struct {
	Types    []InteractionType
	Channels []Channel
	Category string // with its descendants; matches the stated category, else any category of the product
	Product  string
	From, To time.Time // From ≤ at < To; zero is open
	Query    string    // contained in the query, compared after [Fold]
}

// IsZero tells whether the filter leaves nothing out.
func (f *InteractionFilter) IsZero() bool {
	return len(f.Types) == 0 && len(f.Channels) == 0 && f.Category == "" && f.Product == "" && f.From.IsZero() && f.To.IsZero() && f.Query == ""
}

// InteractionQuery asks for one page of one customer's interactions, newest first, then by id ascending.
type InteractionQuery struct {
	Customer string // current id
	Filter   InteractionFilter
	First    int             // 0 to [MaxPage]
	After    *InteractionKey // nil for the first page
}

// InteractionPage is a page; More tells whether there are further ones.
type InteractionPage struct {
	Interactions []Interaction
	More         bool
}

// Cut gives the page that the same query with a lower First has.
func (p InteractionPage) Cut(first int) InteractionPage {
	if len(p.Interactions) <= first {
		return p
	}
	return InteractionPage{Interactions: p.Interactions[:first:first], More: true}
}

// Touchpoint counts a customer's interactions by channel and phase of purchase.
type Touchpoint struct {
	Channel      Channel // 0 when the channel was not stated
	Phase        Phase
	Interactions int64
	FirstAt      time.Time
	LastAt       time.Time
}

// Retraction takes back an interaction that was wrong. The right one gets a new id.
type Retraction struct {
	ID     string
	Reason string
	Source string
}

// Check refuses what no store may hold, see [CustomerUpsert.Check].
func (r *Retraction) Check() *Rejection {
	if x := firstRejection(checkID("id", r.ID), checkSource(r.Source)); x != nil {
		return x
	}
	if r.Reason == "" {
		return Reject(RejectMissing, "reason", "is required: say why the interaction is wrong")
	}
	return checkText("reason", r.Reason, MaxTextBytes)
}
