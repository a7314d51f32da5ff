package graph

import (
	"cmp"
	"time"
)

// The limits of a rule. They keep reading, checking and evaluating one within bounds.
const (
	MaxRuleDepth   = 20      // rules within rules
	MaxRuleNodes   = 500     // rules and steps of sequences, all together
	MaxRuleEntries = 1_000   // of one list
	MaxRuleBytes   = 1 << 20 // of its JSON
)

// Rule says which customers belong to a segment. It is a node of a syntax tree, of which exactly one field is set; its
// JSON is the API's RuleInput, see [ParseRule].
type Rule struct {
	All       []Rule // each of them holds; never empty
	Any       []Rule // at least one of them holds; never empty
	Not       *Rule
	Attribute *AttributeRule
	Event     *EventRule
	Sequence  *SequenceRule
	Segment   *SegmentRule
	RFM       *RFMRule
	Lifecycle *LifecycleRule
	Tier      *TierRule
	Consent   *ConsentRule
	Household *HouseholdRule
}

// Range is from Gte to Lte, both included; an unknown end is open.
type Range[T cmp.Ordered] struct {
	Gte, Lte Optional[T]
}

// Contains tells whether v lies in the range. A nil range contains everything.
func (r *Range[T]) Contains(v T) bool {
	return r == nil || (!r.Gte.Known || v >= r.Gte.Value) && (!r.Lte.Known || v <= r.Lte.Value)
}

// DecimalRange is a range of prices; in a rule its ends are not negative. In every range of a rule at least one end is
// known, and the lower one is not above the upper one.
type DecimalRange = Range[Decimal]

// ScoreRange is a range of RFM scores, 1 to 5.
type ScoreRange = Range[int64]

// SizeRange is a range of how many members a household has.
type SizeRange = Range[int64]

// AttributeRule compares an attribute with one or more values. What is compared with a value of another kind, text with
// a number, is refused where the attribute's type is known; a text that looks like a date is kept as text here, and
// compared as a date where the attribute is one. Who lacks the attribute matches only exists with false.
type AttributeRule struct {
	Name string // the file's column without "attr."
	Op   Operator
	// Values are the operands, all of one kind: text, number or boolean. [OpIn] and [OpNotIn] take any number of them
	// but none, [OpBetween] two, [OpContains] one text that is not empty, [OpExists] one boolean, all others one.
	// [OpBetween] means from ≤ attribute < to, as ranges of time do.
	Values []Value
}

// EventRule counts or sums the interactions that match every field that is set, and tells whether the result lies in
// the range asked for. Without Count and Sum at least one interaction must match.
type EventRule struct {
	Types     []InteractionType // any of them; all types when empty
	Category  string            // with its descendants
	Product   string
	Tag       string // of the product
	Channel   Channel
	Query     string         // contained in what was searched for, compared after [Fold]
	Price     *DecimalRange  // of the product
	Within    *Duration      // before the moment asked about; excludes Between
	Between   *TimeRange     // excludes Within
	Count     *CountRange    // excludes Sum
	Sum       *SumRange      // excludes Count
	Attribute *AttributeRule // of the interaction itself
}

// TimeRange is From ≤ t < To; a zero end is open. In a rule at least one end is set.
type TimeRange struct {
	From, To time.Time
}

// Contains tells whether t lies in the range. A nil range contains everything.
func (r *TimeRange) Contains(t time.Time) bool {
	return r == nil || (r.From.IsZero() || !t.Before(r.From)) && (r.To.IsZero() || t.Before(r.To))
}

// CountRange is how many interactions must match: Eq exactly, or from Gte to Lte, of which an unknown end is open.
type CountRange struct {
	Gte, Lte, Eq Optional[int64]
}

// Contains tells whether n is a number asked for. A nil range asks for at least one.
func (r *CountRange) Contains(n int64) bool {
	if r == nil {
		return n >= 1
	}
	return (!r.Eq.Known || n == r.Eq.Value) && (!r.Gte.Known || n >= r.Gte.Value) && (!r.Lte.Known || n <= r.Lte.Value)
}

// SumRange is what the amounts or quantities of the matching interactions must add up to, from Gte to Lte; an unknown
// end is open.
type SumRange struct {
	Of       SumField
	Gte, Lte Optional[Decimal]
}

// Contains tells whether the sum d is one asked for.
func (r *SumRange) Contains(d Decimal) bool {
	return (!r.Gte.Known || d >= r.Gte.Value) && (!r.Lte.Known || d <= r.Lte.Value)
}

// SequenceRule holds when interactions match the steps one after the other. Steps have neither Count nor Sum.
type SequenceRule struct {
	Steps  []EventRule // never empty
	Within *Duration   // from the first step to the last; nil for any time
}

// SegmentRule holds for members of any segment in In who are in no segment of NotIn. At least one list has entries.
type SegmentRule struct {
	In, NotIn []string
}

// RFMRule holds when each score that is asked for lies in its range, and the group is one of Groups, if there are any.
// At least one field is set.
type RFMRule struct {
	Recency, Frequency, Monetary *ScoreRange
	Groups                       []RFMGroup
}

// LifecycleRule holds in any of the stages, of which there is at least one.
type LifecycleRule struct {
	In []Lifecycle
}

// TierRule holds in any of the tiers, of which there is at least one.
type TierRule struct {
	In []ValueTier
}

// ConsentRule holds when the customer answered the purpose in this way. Who was never asked matches neither.
type ConsentRule struct {
	Purpose string
	Granted bool
}

// HouseholdRule holds when the customer is in a household or not, and when its members are as many as asked for. At
// least one field is set; Size does not stand beside Exists with false.
type HouseholdRule struct {
	Exists *bool
	Size   *SizeRange
}
