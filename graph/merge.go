package graph

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Merge is one logged union of two customers. Both profiles as they were stand in it until it is undone or one of them
// is erased.
type Merge struct {
	ID       string
	Keep     string      // id that goes on
	Retired  string      // id that leads to Keep from now on
	At       time.Time   // when
	Reason   string      // why: "requested", "identity"
	UndoneAt time.Time   // zero while it stands
	Before   [2]Customer // Keep and Retired before the merge
}

// MergeReport tells what a merge moves, or would move.
type MergeReport struct {
	MergeID      string // "" on a dry run
	Keep         string // current ids, as resolved
	Retired      string
	Identities   []Identity // that move to Keep
	Attributes   []string   // names that Keep gains
	Consents     []string   // purposes that Keep gains
	Interactions int64      // that move to Keep
	// Conflicts are in the order in which [MergeConflict] lists the fields, attributes and purposes by name.
	Conflicts []MergeConflict
}

// MergeConflict is a field in which both customers said something else, and what is shown after the merge. Field is
// "name", "created_at", "household", "referred_by", "attr.<name>" or "consent.<purpose>".
type MergeConflict struct {
	Field   string
	Keep    string // what Keep showed
	Retired string // what Retired showed
	Result  string // what is shown afterwards
}

// EraseReport tells what an erasure removed.
type EraseReport struct {
	Customer     string // the current id, as resolved
	Identities   int64
	Interactions int64 // removed, or kept without any link to the person where KeepStatistics was asked
	Merges       int64 // logged merges whose snapshots were removed
}

// mergeFields are the fields of conflicts that are not about one attribute or purpose, in order.
var mergeFields = []string{"name", "created_at", "household", "referred_by"}

// CompareMergeFields orders the fields of conflicts.
func CompareMergeFields(a, b string) int {
	rank := func(field string) int {
		if i := slices.Index(mergeFields, field); i >= 0 {
			return i
		}
		if strings.HasPrefix(field, "attr.") {
			return len(mergeFields)
		}
		return len(mergeFields) + 1
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b))
}
