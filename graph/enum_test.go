package graph

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestCodes holds the codes that are stored: a change here makes every store wrong. Names may be added at the end.
func TestCodes(t *testing.T) {
	for what, test := range map[string]struct {
		names enum
		want  string
	}{
		"InteractionType": {interactionTypes, "VIEW SEARCH CLICK WISHLIST ADD_TO_CART CHECKOUT PURCHASE RETURN REVIEW SHARE REFERRAL SUPPORT " +
			"CAMPAIGN_SENT CAMPAIGN_OPENED CAMPAIGN_CLICKED"},
		"Channel":      {channels, "WEB APP STORE EMAIL PUSH SMS CALL_CENTER SOCIAL PARTNER"},
		"IdentityKind": {identityKinds, "EMAIL PHONE LOYALTY_CARD DEVICE LINE COOKIE CUSTOM"},
		"Phase":        {phases, "BEFORE DURING AFTER"},
		"ValueKind":    {valueKinds, "number boolean date text"},
		"Scope":        {scopes, "customer product interaction"},
		"Operator":     {operators, "eq ne gt gte lt lte in notIn between contains exists"},
		"SumField":     {sumFields, "AMOUNT QUANTITY"},
		"Lifecycle":    {lifecycles, "NEW CORE DOZING HALF_ASLEEP ASLEEP PROSPECT"},
		"ValueTier":    {valueTiers, "DIAMOND GOLD REGULAR"},
		"RFMGroup": {rfmGroups, "CHAMPIONS LOYAL ACTIVE NEW PROMISING NEEDS_ATTENTION ALMOST_LOST PREVIOUSLY_LOYAL AT_RISK DORMANT " +
			"PROSPECTS"},
		"GapStatus": {gapStatuses, "NEW REVIEWING IN_DEVELOPMENT LAUNCHED DISMISSED"},
	} {
		if got := strings.Join(test.names[1:], " "); got != test.want || test.names[0] != "" {
			t.Errorf("%s: %q, want %q", what, got, test.want)
		}
	}
}

// TestEnums holds for each enumeration that its last constant has the last code, and that names are read as written.
func TestEnums(t *testing.T) {
	testEnum(t, interactionTypes, ParseInteractionType, InteractionType.Valid, CampaignClicked, "CAMPAIGN_CLICKED")
	testEnum(t, channels, ParseChannel, func(c Channel) bool { return c != 0 && c.Valid() }, Partner, "PARTNER")
	testEnum(t, identityKinds, ParseIdentityKind, IdentityKind.Valid, Custom, "CUSTOM")
	testEnum(t, sumFields, ParseSumField, SumField.Valid, SumQuantity, "QUANTITY")
	testEnum(t, lifecycles, ParseLifecycle, Lifecycle.Valid, LifecycleProspect, "PROSPECT")
	testEnum(t, valueTiers, ParseValueTier, ValueTier.Valid, TierRegular, "REGULAR")
	testEnum(t, gapStatuses, ParseGapStatus, GapStatus.Valid, GapDismissed, "DISMISSED")
	testEnum(t, rfmGroups, ParseRFMGroup, RFMGroup.Valid, RFMProspects, "PROSPECTS")
	if !Channel(0).Valid() {
		t.Error("an unknown channel must be valid")
	}
	if OpExists.String() != "exists" || !OpExists.Valid() || Operator(0).Valid() || (OpExists + 1).Valid() {
		t.Error("the operators do not end with exists")
	}
	if AfterPurchase.String() != "AFTER" || InteractionScope.String() != "interaction" || TextKind.String() != "text" {
		t.Error("the last names are not those of the last constants")
	}
}

func testEnum[T interface {
	~uint8
	fmt.Stringer
}](t *testing.T, names enum, parse func(string) (T, error), valid func(T) bool, last T, lastName string) {
	t.Helper()
	if int(last) != len(names)-1 || last.String() != lastName {
		t.Errorf("the last of %v is %d, %v", names, last, last)
	}
	for code := 1; code < len(names); code++ {
		for _, name := range []string{names[code], strings.ToLower(names[code])} {
			if got, err := parse(name); err != nil || got != T(code) || got.String() != names[code] || !valid(got) {
				t.Errorf("%q is read as %v, %v", name, got, err)
			}
		}
	}
	for _, name := range []string{"", " ", names[1] + " ", "UNKNOWN(1)", strings.Repeat("漢", 100)} {
		got, err := parse(name)
		if got != 0 || !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), names[1]) || len(err.Error()) > 400 {
			t.Errorf("%q is read as %v, %v", name, got, err)
		}
	}
	if T(0).String() != "" || valid(0) || valid(last+1) || (last+1).String() != fmt.Sprintf("UNKNOWN(%d)", last+1) {
		t.Errorf("codes outside %v: %v, %v", names, T(0), last+1)
	}
}

func TestPhaseOf(t *testing.T) {
	for phase, types := range map[Phase][]InteractionType{
		BeforePurchase: {View, Search, Click, Wishlist, AddToCart, CampaignSent, CampaignOpened, CampaignClicked},
		DuringPurchase: {Checkout, Purchase},
		AfterPurchase:  {Return, Review, Share, Referral, Support},
	} {
		for _, typ := range types {
			if got := PhaseOf(typ); got != phase {
				t.Errorf("PhaseOf(%v) = %v, want %v", typ, got, phase)
			}
		}
	}
}
