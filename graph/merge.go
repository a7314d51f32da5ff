package graph

import "time"

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
	Conflicts    []MergeConflict
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
