package graph

// Operator is how an attribute is compared. The zero value is no operator.
type Operator uint8

// The operators; see [AttributeRule] for what each takes.
const (
	OpEq Operator = iota + 1
	OpNe
	OpGt
	OpGte
	OpLt
	OpLte
	OpIn
	OpNotIn
	OpBetween
	OpContains // a substring, compared after [Fold]
	OpExists
)

var operators = enum{"", "eq", "ne", "gt", "gte", "lt", "lte", "in", "notIn", "between", "contains", "exists"}

// String gives the name as the API writes it, for example "notIn".
func (o Operator) String() string { return operators.name(uint8(o)) }

// Valid tells whether o is one of the operators above.
func (o Operator) Valid() bool { return o >= OpEq && o <= OpExists }

// SumField is what an [EventRule] adds up. The zero value is none.
type SumField uint8

// The fields that can be added up.
const (
	SumAmount SumField = iota + 1
	SumQuantity
)

var sumFields = enum{"", "AMOUNT", "QUANTITY"}

// String gives the name as the API writes it.
func (f SumField) String() string { return sumFields.name(uint8(f)) }

// Valid tells whether f is one of the fields above.
func (f SumField) Valid() bool { return f >= SumAmount && f <= SumQuantity }

// ParseSumField reads a name in any letter case; an unknown one is [ErrInvalid].
func ParseSumField(s string) (SumField, error) {
	code, err := sumFields.parse("sum field", s)
	return SumField(code), err
}

// Lifecycle is where a customer stands in the cycle of purchases. The zero value is an unknown stage. The codes are
// stored: append, never reorder.
type Lifecycle uint8

// The stages, counted in the customer's own purchase cycles since the last purchase. The multiples can be configured.
const (
	LifecycleNew        Lifecycle = iota + 1 // one purchase only, and within its cycle
	LifecycleCore                            // at most one cycle
	LifecycleDozing                          // at most two
	LifecycleHalfAsleep                      // at most three
	LifecycleAsleep                          // more
	LifecycleProspect                        // no purchase yet
)

var lifecycles = enum{"", "NEW", "CORE", "DOZING", "HALF_ASLEEP", "ASLEEP", "PROSPECT"}

// String gives the name as the API writes it, for example "HALF_ASLEEP".
func (l Lifecycle) String() string { return lifecycles.name(uint8(l)) }

// Valid tells whether l is one of the stages above.
func (l Lifecycle) Valid() bool { return l >= LifecycleNew && l <= LifecycleProspect }

// ParseLifecycle reads a name in any letter case; an unknown one is [ErrInvalid].
func ParseLifecycle(s string) (Lifecycle, error) {
	code, err := lifecycles.parse("lifecycle", s)
	return Lifecycle(code), err
}

// ValueTier is a class of customers by what they have bought. The zero value is an unknown tier. The codes are stored:
// append, never reorder.
type ValueTier uint8

// The tiers, by a customer's place in the cumulative value; where they are cut can be configured.
const (
	TierDiamond ValueTier = iota + 1
	TierGold
	TierRegular
)

var valueTiers = enum{"", "DIAMOND", "GOLD", "REGULAR"}

// String gives the name as the API writes it.
func (t ValueTier) String() string { return valueTiers.name(uint8(t)) }

// Valid tells whether t is one of the tiers above.
func (t ValueTier) Valid() bool { return t >= TierDiamond && t <= TierRegular }

// ParseValueTier reads a name in any letter case; an unknown one is [ErrInvalid].
func ParseValueTier(s string) (ValueTier, error) {
	code, err := valueTiers.parse("value tier", s)
	return ValueTier(code), err
}

// RFMGroup is a group of customers by recency, frequency and monetary value of their purchases, named as Shopify's
// CustomerRfmGroup. The zero value is an unknown group. The codes are stored: append, never reorder.
type RFMGroup uint8

// The groups.
const (
	RFMChampions       RFMGroup = iota + 1 // very recent, many orders, the most spend
	RFMLoyal                               // recent, many orders, the most spend
	RFMActive                              // recent, some orders, moderate spend
	RFMNew                                 // very recent, few orders, low spend
	RFMPromising                           // recent, few orders, low spend
	RFMNeedsAttention                      // somewhat recent, some orders, moderate spend
	RFMAlmostLost                          // not recent, fewer orders, lower spend
	RFMPreviouslyLoyal                     // not recent, a very strong history of orders and spend
	RFMAtRisk                              // not recent, a strong history of orders and spend
	RFMDormant                             // long ago, few orders, low spend
	RFMProspects                           // no orders yet
)

var rfmGroups = enum{"", "CHAMPIONS", "LOYAL", "ACTIVE", "NEW", "PROMISING", "NEEDS_ATTENTION", "ALMOST_LOST",
	"PREVIOUSLY_LOYAL", "AT_RISK", "DORMANT", "PROSPECTS"}

// String gives the name as the API writes it, for example "AT_RISK".
func (g RFMGroup) String() string { return rfmGroups.name(uint8(g)) }

// Valid tells whether g is one of the groups above.
func (g RFMGroup) Valid() bool { return g >= RFMChampions && g <= RFMProspects }

// ParseRFMGroup reads a name in any letter case; an unknown one is [ErrInvalid].
func ParseRFMGroup(s string) (RFMGroup, error) {
	code, err := rfmGroups.parse("RFM group", s)
	return RFMGroup(code), err
}
