package graph

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// Archive moves a whole store into another one, of any kind, with what no read shows: what each source said under which id, so that merges can
// be undone there too, and what must be remembered of the erased and the retracted. The feed does not move: cursors of the one mean nothing to
// the other. Nor do memberships and lacks, which whoever holds the lease writes anew.
type Archive interface {
	// Export gives everything as of one state, in portions, always the same ones for the same state. Where somebody has written meanwhile, it
	// may end with [ErrConflict]: what was given is of no use then. A failed export yields one error and ends.
	Export(ctx context.Context) iter.Seq2[*Portion, error]

	// Restoring tells how far a store has been restored; the zero value for one that is whole, or empty.
	Restoring(ctx context.Context) (Restoration, error)

	// Restore stores the next portion of an export in one commit. The first one needs a store in which nothing is, later ones the restoration
	// that the earlier ones have left: else it is [ErrConflict], and nothing has changed. Until the last portion is in, the store is of no use.
	Restore(ctx context.Context, at Restoration, p *Portion) error
}

// Restoration is how far a store has been restored.
type Restoration struct {
	Version  Cursor // of the store that was exported
	Portions int64  // that are in
}

// PortionRows is how many rows a portion holds at most.
const PortionRows = 5_000

// Portion is a part of a store. The first one has a header; all ids come before what is known under them, people before interactions.
type Portion struct {
	Header       *ArchiveHeader
	Categories   []Category
	Products     []Product
	Segments     []Segment
	Records      []ArchivedRecord // those first whom others lead to
	People       []ArchivedPerson
	Interactions []ArchivedInteraction // in the order in which they were recorded
	Merges       []ArchivedMerge       // in the order in which they were made
	Retracted    []ArchivedRetraction
	Erased       [][]byte // see [ErasedHash]
	Contested    []ArchivedClaim
	Unread       []UnreadRecords
	GapEvents    []GapEvent // in the order of [GapEvent.Compare]; their segments may be gone
	Last         bool
}

// ArchiveHeader tells of the store that was exported.
type ArchiveHeader struct {
	Version  Cursor
	EraseKey []byte
	Types    map[AttributeKey]ValueKind
	Rows     int64 // customers and interactions to come, for who waits
}

// ArchivedRecord is a customer id, of today or retired.
type ArchivedRecord struct {
	ID    string
	Leads string   // the id that it was merged into; "" for a customer of today
	Root  string   // the customer of today
	Stub  Identity // the identity that the customer was made from, while nothing else is known
	Kept  bool     // it owns what was kept of an erased customer, and leads to nobody
}

// ArchivedPerson is a customer of today.
type ArchivedPerson struct {
	Profile    Customer
	Facts      []ArchivedFacts // by the ids under which they came
	Identities []ArchivedIdentity
}

// ArchivedFacts is what sources said under one id.
type ArchivedFacts struct {
	ID           string
	Observations []ArchivedObservation
	Consents     []Consent
}

// ArchivedObservation is what a source said of a field: "name", "household", "created_at" (microseconds since 1970 as text), "referred_by" (an
// id) or "attr.<name>".
type ArchivedObservation struct {
	Field string
	Observation
}

// ArchivedIdentity is an identity with the id under which it came.
type ArchivedIdentity struct {
	CustomerIdentity
	Origin string
}

// ArchivedInteraction is an interaction with the id under which it came.
type ArchivedInteraction struct {
	Interaction
	Origin string
}

// ArchivedMerge is a merge, undone or not, with what it answered.
type ArchivedMerge struct {
	Merge
	Report MergeReport
}

// ArchivedRetraction is a retraction with a hash of what was retracted, and the id under which that had come.
type ArchivedRetraction struct {
	Retraction
	Content [32]byte
	Origin  string
	At      time.Time // zero where the store does not keep it
}

// ArchivedClaim is somebody's claim to an identity of somebody else; see [ErasedHash].
type ArchivedClaim struct {
	Identity Identity
	Claimant []byte
}

// Check tells why a portion cannot be restored to a store that has been restored as far as found; empty tells that nothing is in it.
func (r Restoration) Check(found Restoration, p *Portion, empty bool) error {
	begins := r.Portions == 0 && p.Header != nil
	switch {
	case begins && found == (Restoration{}) && !empty:
		return fmt.Errorf("there is something in the store already, name one in which nothing is: %w", ErrConflict)
	case begins && found == (Restoration{}), r == found && r.Portions > 0:
		return nil
	default:
		return fmt.Errorf("portion %d cannot follow the %d that were restored, or is another export's: %w", r.Portions, found.Portions, ErrConflict)
	}
}

// Refused gives the first rejection, nil where everything was taken.
func (o *Outcomes) Refused() error {
	for _, list := range [][]Outcome{o.Categories, o.Products, o.Customers, o.Segments, o.Interactions, o.Retractions, o.DeleteSegments, o.Unread} {
		for _, outcome := range list {
			if outcome.Rejection != nil {
				return outcome.Rejection
			}
		}
	}
	return nil
}
