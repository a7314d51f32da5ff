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
