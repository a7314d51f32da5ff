package graph

import (
	"context"
	"iter"
	"time"
)

// Memberships keeps in the graph who is in which segment, as whoever computes segments has found, for people who look at the graph with
// the store's own tools. It is derived: it enters neither the feed nor scans nor the version of [Stats], and no profile shows it. One
// writes it at a time, who holds the lease.
//
// A customer who is merged into another, or erased, is a member of nothing any more, and undoing the merge does not change that; nor does
// saving a segment again that was deleted.
type Memberships interface {
	// LeaseMemberships makes a holder the one who may write memberships, and [Lacks], for a time from now, or from now on for longer; 0 gives the lease
	// back. It is false where another's has not ended, and nothing has changed.
	LeaseMemberships(ctx context.Context, holder string, duration time.Duration) (bool, error)

	// WriteMemberships makes customers members of segments, or changes since when they are, and takes others out: at most [MaxBatch] in
	// all, each pair named once. Ids are current ones; customers and segments that do not exist are passed over. It is [ErrConflict]
	// for whoever does not hold the lease.
	WriteMemberships(ctx context.Context, holder string, put, remove []SegmentMember) error

	// SegmentMembers gives what was written of a segment, each once, in any order; nothing of one that does not exist. A failed
	// one yields one error and ends.
	SegmentMembers(ctx context.Context, segment string) iter.Seq2[SegmentMember, error]

	// CountSegmentMembers counts the members written of each segment that has any.
	CountSegmentMembers(ctx context.Context) (map[string]int64, error)
}

// SegmentMember is that a customer is in a segment.
type SegmentMember struct {
	Segment  string
	Customer string    // current id
	Since    time.Time // to the microsecond; zero where it is not known
}
