package model

import "lacuna/graph"

// MergeReport is the schema's view of what a merge moves.
type MergeReport struct{ graph.MergeReport }

// Interactions is their number.
func (r MergeReport) Interactions() int32 { return Count(r.MergeReport.Interactions) }

// Conflicts are the fields of which both say something else.
func (r MergeReport) Conflicts() []MergeConflict {
	list := make([]MergeConflict, len(r.MergeReport.Conflicts))
	for i, c := range r.MergeReport.Conflicts {
		list[i] = MergeConflict{Field: c.Field, Keep: c.Keep, Merge: c.Retired, Result: c.Result}
	}
	return list
}

// MergeConflict is a field of which both customers say something else.
type MergeConflict struct {
	Field, Keep, Merge, Result string
}
