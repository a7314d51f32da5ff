package model

import (
	"time"

	"lacuna/insight"
)

// Gap is a cell with what is shown of every one; the rest is computed where it is asked for.
type Gap struct {
	ID             string
	Segment        *Segment
	Category       *Category
	Need           string
	Window         *GapWindow
	AsOf           *time.Time
	Verdict        GapVerdict
	Cause          *GapCause
	CauseDetail    *GapCauseDetail
	Ranked         bool
	Demand         *GapDemand
	Supply         *GapSupply
	Growth         *Growth
	Served         *GapServed
	UnmetCustomers *Estimate
	UnmetReason    *string

	Gaps *insight.Gaps
	Ref  insight.GapRef
}

// GapConnection is a page of gaps.
type GapConnection struct {
	page[Gap]
	TotalCount int32
}

// NewGapConnection makes a page of a list of so many.
func NewGapConnection(list []Gap, more bool, total int, cursor func(Gap) string) *GapConnection {
	return &GapConnection{page: page[Gap]{list, more, cursor}, TotalCount: Count(total)}
}

// GapEdge is a gap with a cursor.
type GapEdge = Edge[Gap]

// EmergingSegment is a group that was found in the data.
type EmergingSegment struct {
	ID          string
	Rule        Rule
	Description string
	Size        int32
	Growth      *Growth
	Category    *Category
	Compiled    *insight.Rule
	AsOf        time.Time
}

// Evidence is one thing that customers did.
type Evidence struct{ insight.Evidence }

// Kind gives the kind by its name.
func (e Evidence) Kind() EvidenceKind { return EvidenceKind(e.Evidence.Kind.String()) }

// ProductID is nil where it is about none.
func (e Evidence) ProductID() *string { return NonEmpty(e.Product) }

// CustomerCount is the number of distinct customers.
func (e Evidence) CustomerCount() int32 { return Count(e.Customers) }

// Interactions is their number.
func (e Evidence) Interactions() int32 { return Count(e.Evidence.Interactions) }

// EvidenceConnection is a page of evidence.
type EvidenceConnection struct {
	page[Evidence]
	TotalCount int32
}

// NewEvidenceConnection makes a page of a list of so many.
func NewEvidenceConnection(list []Evidence, more bool, total int, cursor func(Evidence) string) *EvidenceConnection {
	return &EvidenceConnection{page: page[Evidence]{list, more, cursor}, TotalCount: Count(total)}
}

// EvidenceEdge is evidence with a cursor.
type EvidenceEdge = Edge[Evidence]
