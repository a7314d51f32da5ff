package graph

import "context"

// Quality tells what came and could not be stored as it came, for whoever mends the sources. It is not part of the graph:
// it enters neither the feed nor the version of [Stats].
type Quality interface {
	// Contested lists identities that rows of customers other than their owner claimed and were rejected for, those with
	// most claimants first, ties by kind and value. A claimant counts once, and no longer once it was erased or
	// merged with the owner, which an unmerge does not bring back; nor once the owner was erased. At most [MaxPage].
	Contested(ctx context.Context, first int) ([]ContestedIdentity, error)

	// Unread lists the names of records that files held and that are not read, those with most records first, ties by
	// name. At most [MaxPage].
	Unread(ctx context.Context, first int) ([]UnreadName, error)
}

// ContestedIdentity is an identity that several customers claim: one that a family shares, or a junk value that a form or
// a till fills in for everybody.
type ContestedIdentity struct {
	Identity
	Owner     string // the current id of the customer who has it
	Claimants int64  // other customers' ids that came with it
}

// UnreadRecords is how many records of a name a file held that are not read, such as events of a type that says nothing of
// customers and products. Writing the same source, file and name again replaces the number.
type UnreadRecords struct {
	Source  string
	File    string // its name without folders
	Name    string
	Records int64
}

// UnreadName sums the records of a name over all files.
type UnreadName struct {
	Name    string
	Records int64
	Files   int64 // pairs of source and file that held such records
}

// Check refuses what no store may hold, see [CustomerUpsert.Check].
func (u *UnreadRecords) Check() *Rejection {
	if u.Records < 0 {
		return Reject(RejectOutOfRange, "records", "is negative")
	}
	for _, f := range [...]struct{ field, text string }{{"file", u.File}, {"name", u.Name}} {
		if f.text == "" {
			return Reject(RejectMissing, f.field, "is required")
		}
		if r := checkText(f.field, f.text, MaxIDBytes); r != nil {
			return r
		}
	}
	return checkSource(u.Source)
}
