package graph

import (
	"fmt"
	"strings"
)

// enum is a closed set of named codes, stored as a small integer and written as its name. Code 0 is "none".
type enum []string

func (e enum) name(code uint8) string {
	if int(code) < len(e) {
		return e[code]
	}
	return fmt.Sprintf("UNKNOWN(%d)", code)
}

func (e enum) parse(what, s string) (uint8, error) {
	for code := 1; code < len(e); code++ {
		if strings.EqualFold(e[code], s) {
			return uint8(code), nil
		}
	}
	return 0, fmt.Errorf("unknown %s %q: use one of %s: %w", what, Clip(s), strings.Join(e[1:], ", "), ErrInvalid)
}

// InteractionType is what a customer did. The zero value is no type. The codes are stored: append, never reorder.
type InteractionType uint8

// The types of interaction.
const (
	View InteractionType = iota + 1
	Search
	Click
	Wishlist
	AddToCart
	Checkout
	Purchase
	Return
	Review
	Share
	Referral
	Support
	CampaignSent
	CampaignOpened
	CampaignClicked
)

var interactionTypes = enum{"", "VIEW", "SEARCH", "CLICK", "WISHLIST", "ADD_TO_CART", "CHECKOUT", "PURCHASE", "RETURN", "REVIEW",
	"SHARE", "REFERRAL", "SUPPORT", "CAMPAIGN_SENT", "CAMPAIGN_OPENED", "CAMPAIGN_CLICKED"}

// String gives the name as files and the API write it, for example "ADD_TO_CART".
func (t InteractionType) String() string { return interactionTypes.name(uint8(t)) }

// Valid tells whether t is one of the types above.
func (t InteractionType) Valid() bool { return t >= View && t <= CampaignClicked }

// ParseInteractionType reads a name in any letter case; an unknown one is [ErrInvalid].
func ParseInteractionType(s string) (InteractionType, error) {
	code, err := interactionTypes.parse("interaction type", s)
	return InteractionType(code), err
}

// Channel is where an interaction took place. The zero value is an unknown channel. The codes are stored: append,
// never reorder.
type Channel uint8

// The channels.
const (
	Web Channel = iota + 1
	App
	StoreChannel
	Email
	Push
	SMS
	CallCenter
	Social
	Partner
)

var channels = enum{"", "WEB", "APP", "STORE", "EMAIL", "PUSH", "SMS", "CALL_CENTER", "SOCIAL", "PARTNER"}

// String gives the name as files and the API write it, and "" for an unknown channel.
func (c Channel) String() string { return channels.name(uint8(c)) }

// Valid tells whether c is one of the channels above or unknown.
func (c Channel) Valid() bool { return c <= Partner }

// ParseChannel reads a name in any letter case; an unknown one is [ErrInvalid].
func ParseChannel(s string) (Channel, error) {
	code, err := channels.parse("channel", s)
	return Channel(code), err
}

// Phase is the part of a purchase's journey that an interaction belongs to.
type Phase uint8

// The phases of a purchase.
const (
	BeforePurchase Phase = iota + 1 // looking, comparing, being addressed
	DuringPurchase                  // checking out and paying
	AfterPurchase                   // returning, reviewing, recommending, asking for help
)

var phases = enum{"", "BEFORE", "DURING", "AFTER"}

// String gives the name as the API writes it.
func (p Phase) String() string { return phases.name(uint8(p)) }

// PhaseOf tells which phase a type of interaction belongs to.
func PhaseOf(t InteractionType) Phase {
	switch t {
	case Checkout, Purchase:
		return DuringPurchase
	case Return, Review, Share, Referral, Support:
		return AfterPurchase
	default:
		return BeforePurchase
	}
}

// IdentityKind is what sort of identity a value is. The codes are stored: append, never reorder.
type IdentityKind uint8

// The kinds of identity. A kind not listed is [Custom], its own name being part of the value ("crm:123").
const (
	EmailAddress IdentityKind = iota + 1
	Phone
	LoyaltyCard
	Device
	Line
	Cookie
	Custom
)

var identityKinds = enum{"", "EMAIL", "PHONE", "LOYALTY_CARD", "DEVICE", "LINE", "COOKIE", "CUSTOM"}

// String gives the name as files and the API write it, for example "LOYALTY_CARD".
func (k IdentityKind) String() string { return identityKinds.name(uint8(k)) }

// Valid tells whether k is one of the kinds above.
func (k IdentityKind) Valid() bool { return k >= EmailAddress && k <= Custom }

// ParseIdentityKind reads a name in any letter case; an unknown one is [ErrInvalid].
func ParseIdentityKind(s string) (IdentityKind, error) {
	code, err := identityKinds.parse("identity kind", s)
	return IdentityKind(code), err
}
