package graph

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Identity is one way by which a customer is known. An identity belongs to one customer at a time.
type Identity struct {
	Kind  IdentityKind
	Value string
}

// String gives "KIND:value", as files write it. It is personal data: never log it.
func (i Identity) String() string { return i.Kind.String() + ":" + i.Value }

// Normalize gives the identity as it is stored and compared: spaces around it removed, e-mail addresses in lower case,
// phone numbers without spaces, dots, dashes and parentheses. Nothing else is guessed: "0912…" and "+886912…" differ.
func (i Identity) Normalize() Identity {
	i.Value = strings.TrimSpace(i.Value)
	switch i.Kind {
	case EmailAddress:
		if utf8.ValidString(i.Value) { // else it would become valid, and Check could not refuse it
			i.Value = strings.ToLower(i.Value)
		}
	case Phone:
		i.Value = phoneNoise.Replace(i.Value)
	}
	return i
}

var phoneNoise = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "", "\u00a0", "")

// ParseIdentity reads "KIND:value" and normalizes it. An unknown kind or an empty value is [ErrInvalid]; the message
// names the kind, never the value.
func ParseIdentity(s string) (Identity, error) {
	kind, value, ok := strings.Cut(s, ":")
	if !ok {
		return Identity{}, fmt.Errorf("identity has no kind: write KIND:value, for example EMAIL:a@example.com: %w", ErrInvalid)
	}
	k, err := ParseIdentityKind(strings.TrimSpace(kind))
	if err != nil {
		return Identity{}, err
	}
	i := Identity{Kind: k, Value: value}.Normalize()
	if i.Value == "" {
		return Identity{}, fmt.Errorf("identity of kind %s has no value: %w", k, ErrInvalid)
	}
	return i, nil
}

// DerivedCustomerID is the id of a customer that was made from nothing but an identity. It is the same in every store
// and on every load: the first 130 bits of a SHA-256 of the identity.
func DerivedCustomerID(i Identity) string {
	sum := sha256.Sum256([]byte("lacuna customer\x00" + i.String()))
	return "id-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:26])
}

// CustomerRef names a customer by id (Kind is 0) or by an identity. It is comparable, so it serves as a map's key.
type CustomerRef struct {
	Kind  IdentityKind
	Value string
}

// ByID refers to a customer by id, current or retired.
func ByID(id string) CustomerRef { return CustomerRef{Value: id} }

// ByIdentity refers to the customer who has an identity.
func ByIdentity(i Identity) CustomerRef { return CustomerRef(i) }

// ParseCustomerRef reads an id or "KIND:value" with a known kind. What begins with anything else is an id.
func ParseCustomerRef(s string) CustomerRef {
	if kind, value, ok := strings.Cut(s, ":"); ok {
		if k, err := ParseIdentityKind(kind); err == nil {
			return CustomerRef(Identity{Kind: k, Value: value}.Normalize())
		}
	}
	return ByID(s)
}

// Identity gives the identity referred to, and false when the reference is by id.
func (r CustomerRef) Identity() (Identity, bool) { return Identity(r), r.Kind != 0 }

// IsZero tells whether r names nobody.
func (r CustomerRef) IsZero() bool { return r == CustomerRef{} }

// String gives the reference as files write it. It may be personal data: never log it.
func (r CustomerRef) String() string {
	if r.Kind == 0 {
		return r.Value
	}
	return Identity(r).String()
}

func (r CustomerRef) check(field string) *Rejection {
	if r.Kind == 0 {
		return checkCustomerID(field, r.Value)
	}
	return checkIdentity(field, Identity(r))
}

func checkCustomerID(field, id string) *Rejection {
	if r := checkID(field, id); r != nil {
		return r
	}
	if ParseCustomerRef(id).Kind != 0 {
		return Reject(RejectBadID, field, "reads as an identity: an id must not begin with an identity's kind and a colon")
	}
	return nil
}

func checkIdentity(field string, i Identity) *Rejection {
	if !i.Kind.Valid() {
		return Reject(RejectUnknownKind, field, "unknown identity kind: use one of %s", strings.Join(identityKinds[1:], ", "))
	}
	if i.Value == "" {
		return Reject(RejectMissing, field, "identity of kind %s has no value", i.Kind)
	}
	return checkText(field, i.Value, MaxIDBytes)
}

// CustomerIdentity is an identity as stored with its lineage.
type CustomerIdentity struct {
	Identity
	Verified   bool
	Source     string
	ObservedAt time.Time
}

// Observation is what one source said of one field at one time.
type Observation struct {
	Value      Value
	Source     string
	ObservedAt time.Time
	Verified   bool
}

// CompareObservations orders observations of one field, the one to be shown first: verified before unverified, then
// later observed, then by source name, then the greater value. It is a total order on what is compared, so that both
// stores, and any order of loading, show the same.
func CompareObservations(a, b Observation) int {
	if a.Verified != b.Verified {
		if a.Verified {
			return -1
		}
		return 1
	}
	if c := b.ObservedAt.Compare(a.ObservedAt); c != 0 {
		return c
	}
	if c := strings.Compare(a.Source, b.Source); c != 0 {
		return c
	}
	return strings.Compare(b.Value.String(), a.Value.String())
}

// Supersedes tells whether a new observation of the same field by the same source replaces the stored one: an unchanged
// value keeps its ObservedAt, an older one is ignored, and of two at the same time the one that [CompareObservations]
// puts first stays. Verification is never lost for an unchanged value. Since the first time is kept, a value that was
// repeated does not stand against another one observed between the two times and written later.
func (stored Observation) Supersedes(next Observation) (merged Observation, changed bool) {
	if stored.Value == next.Value {
		if next.Verified && !stored.Verified {
			stored.Verified = true
			return stored, true
		}
		return stored, false
	}
	if next.ObservedAt.Before(stored.ObservedAt) {
		return stored, false
	}
	if next.ObservedAt.Equal(stored.ObservedAt) && CompareObservations(stored, next) <= 0 {
		return stored, false
	}
	return next, true
}

// Attribute is one attribute of a customer: the observation that is shown, and what other sources say.
type Attribute struct {
	Name string
	Observation
	Alternatives []Observation
}

// Winner sorts the observations of one field in place and gives the first, see [CompareObservations].
func Winner(observations []Observation) (first Observation, others []Observation) {
	if len(observations) == 0 {
		return Observation{}, nil
	}
	slices.SortFunc(observations, CompareObservations)
	return observations[0], observations[1:]
}

// Consent is what a customer allowed or denied for one purpose. A purpose never asked about is absent, not denied.
type Consent struct {
	Purpose string
	Granted bool
	Source  string
	At      time.Time // when it was given or taken; the later statement counts, and at the same time the denial
}

// Replaces tells whether c counts rather than the stored statement on the same purpose: the later one, and of two at the
// same time the denial. A statement repeated later moves At, so that the order of writing does not matter.
func (c Consent) Replaces(stored Consent) bool {
	if !c.At.Equal(stored.At) {
		return c.At.After(stored.At)
	}
	return stored.Granted && !c.Granted
}

// Customer is one person's profile as stored. Lists are in the order of the API: identities by kind's name then value,
// attributes by name, consents by purpose, merged ids by id.
type Customer struct {
	ID          string
	MergedIDs   []string  // retired ids that now lead here
	Name        string    // "" when no source gave one
	CreatedAt   time.Time // zero when no source gave one
	FirstSeenAt time.Time // of the earliest interaction; zero when there is none
	LastSeenAt  time.Time // of the latest interaction that was not in the future when it was recorded; zero when there is none
	Household   string    // household id, "" for none
	ReferredBy  string    // current id of the customer who referred this one, "" for nobody
	Identities  []CustomerIdentity
	Attributes  []Attribute
	Consents    []Consent
}

// CustomerUpsert is what one source says of one customer. Empty fields say nothing: they change nothing.
type CustomerUpsert struct {
	ID         string // required; a retired id leads to the customer it was merged into
	Name       string
	CreatedAt  time.Time
	Household  string
	ReferredBy CustomerRef // who referred this customer; created when unknown
	Identities []IdentityClaim
	Attributes []NamedValue
	Consents   []Consent // Source and At may be empty: the upsert's are taken
	Source     string    // required
	ObservedAt time.Time // zero: the store's clock
	Verified   bool      // the source vouches for name, household and attributes
}

// IdentityClaim is an identity that a source gives for a customer.
type IdentityClaim struct {
	Identity
	Verified bool
}

// Normalize puts the upsert into the form in which it is stored and compared: identities normalized and in order, without
// repeats, attributes in order of name, times in UTC microseconds.
func (u *CustomerUpsert) Normalize() {
	u.CreatedAt, u.ObservedAt = Instant(u.CreatedAt), Instant(u.ObservedAt)
	for i := range u.Identities {
		u.Identities[i].Identity = u.Identities[i].Normalize()
	}
	slices.SortFunc(u.Identities, func(a, b IdentityClaim) int {
		if c := CompareIdentities(a.Identity, b.Identity); c != 0 {
			return c
		}
		if a.Verified == b.Verified {
			return 0
		}
		if a.Verified {
			return -1
		}
		return 1
	})
	u.Identities = slices.CompactFunc(u.Identities, func(a, b IdentityClaim) bool { return a.Identity == b.Identity })
	for i := range u.Consents {
		u.Consents[i].At = Instant(u.Consents[i].At)
	}
	if u.ReferredBy.Kind != 0 {
		u.ReferredBy = CustomerRef(Identity(u.ReferredBy).Normalize())
	}
	sortNamedValues(u.Attributes)
}

// Check refuses what no store may hold. It looks at the row alone; what depends on what is stored is the store's to
// check. Call it after [CustomerUpsert.Normalize].
func (u *CustomerUpsert) Check() *Rejection {
	if r := checkCustomerID("id", u.ID); r != nil {
		return r
	}
	if r := checkText("name", u.Name, MaxTextBytes); r != nil {
		return r
	}
	if r := firstRejection(checkOptionalID("household", u.Household), checkSource(u.Source),
		checkTime("created_at", u.CreatedAt), checkTime("updated_at", u.ObservedAt)); r != nil {
		return r
	}
	if !u.ReferredBy.IsZero() {
		if r := u.ReferredBy.check("referred_by"); r != nil {
			return r
		}
		if u.ReferredBy == ByID(u.ID) {
			return RefuseSelf()
		}
	}
	if len(u.Identities) > MaxIdentities {
		return Reject(RejectTooMany, "identities", "has %d entries, at most %d are kept", len(u.Identities), MaxIdentities)
	}
	for _, i := range u.Identities {
		if r := checkIdentity("identities", i.Identity); r != nil {
			return r
		}
	}
	if len(u.Consents) > MaxListEntries {
		return Reject(RejectTooMany, "consents", "has %d entries, at most %d are kept", len(u.Consents), MaxListEntries)
	}
	for _, c := range u.Consents {
		if r := firstRejection(checkID("consents", c.Purpose), checkTime("consents", c.At)); r != nil {
			return r
		}
	}
	return checkNamedValues("attr", u.Attributes)
}

// CompareIdentities orders identities by the name of their kind, then by value.
func CompareIdentities(a, b Identity) int {
	if c := strings.Compare(a.Kind.String(), b.Kind.String()); c != 0 {
		return c
	}
	return strings.Compare(a.Value, b.Value)
}
