package model

import (
	"time"

	"lacuna/graph"
	"lacuna/insight"
)

// Segment is a segment as stored.
type Segment struct{ *graph.Segment }

// Description gives nil where there is none.
func (s Segment) Description() *string { return NonEmpty(s.Segment.Description) }

// Rule gives the rule.
func (s Segment) Rule() Rule { return Rule{s.Segment.Rule} }

// Origin is DEFINED: segments that are found in the data are not stored.
func (Segment) Origin() SegmentOrigin { return SegmentOriginDefined }

// NonEmpty gives nil for the empty text.
func NonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// SegmentMembership is that a customer belongs to a segment.
type SegmentMembership struct {
	Segment Segment
	At      time.Time // zero when it cannot be told
}

// Since gives nil when it cannot be told.
func (m SegmentMembership) Since() *time.Time { return Moment(m.At) }

// Moment gives nil for the zero time.
func Moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// SegmentConnection is a page of segments.
type SegmentConnection struct {
	page[Segment]
	TotalCount int32
}

// NewSegmentConnection makes a page of a list of so many.
func NewSegmentConnection(list []Segment, more bool, total int, cursor func(Segment) string) *SegmentConnection {
	return &SegmentConnection{page: page[Segment]{list, more, cursor}, TotalCount: Count(total)}
}

// SegmentEdge is a segment with a cursor.
type SegmentEdge = Edge[Segment]

// SegmentPreview is a rule that was evaluated.
type SegmentPreview struct {
	Source   graph.Rule
	Compiled *insight.Rule
	Members  insight.Members
	AsOf     time.Time // as asked
	TookMs   float64
}

// Size is the number of customers.
func (p SegmentPreview) Size() int32 { return Count(p.Members.Len()) }

// RuleTrace is a part of a rule beside a customer.
type RuleTrace struct{ insight.Trace }

// Rule gives the part.
func (t RuleTrace) Rule() Rule { return Rule{t.Trace.Rule} }

// Observed gives what was seen.
func (t RuleTrace) Observed() *string { return NonEmpty(t.Trace.Observed) }

// Children gives its parts.
func (t RuleTrace) Children() []RuleTrace {
	list := make([]RuleTrace, len(t.Trace.Children))
	for i, c := range t.Trace.Children {
		list[i] = RuleTrace{c}
	}
	return list
}
