package graph

import (
	"context"
	"iter"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxNoteChars is how many characters the note of a [GapEvent] may have.
const MaxNoteChars = 2_000

// GapLog keeps what people have decided about gaps. It is the store's own and cannot be computed again: an [Archive] moves it, and it stays
// when a segment is deleted; a segment that is saved again under the same id has it again. It names no customer, so that no erasure concerns
// it.
//
// An event enters neither the feed nor scans, but it moves the version of [Stats] and the head of the feed, since answers that tell of
// decisions are others from then on: a reader of the feed gets a page without changes, whose Next stands after the event.
type GapLog interface {
	// RecordGapEvent adds an event to the history of its gap. The same id with the same content changes nothing, also when the segment is gone
	// by now; with other content, or of another gap, it is [ErrConflict]. Of a new one the segment, unless it is [EveryoneID], the category
	// and the product, where one is named, must be stored: otherwise it is [ErrInvalid], as is what [GapEvent.Check] refuses. Errors wrap a
	// [Rejection] that names the field. An event may be older than those that are there.
	RecordGapEvent(ctx context.Context, e GapEvent) error

	// GapEvents gives the history of each gap that has one, oldest first, events of one moment by id, all from one consistent state. At most
	// [MaxKeys] gaps.
	GapEvents(ctx context.Context, gaps []GapKey) (map[GapKey][]GapEvent, error)

	// AllGapEvents gives the events of all gaps, oldest first, those of one moment by id, each once. What is recorded meanwhile may be among
	// them, or not. A failed one yields one error and ends.
	AllGapEvents(ctx context.Context) iter.Seq2[GapEvent, error]
}

// GapKey names a gap: what a segment wants of a category.
type GapKey struct {
	Segment  string // or [EveryoneID]
	Category string
}

// GapEvent is what somebody decided about a gap.
type GapEvent struct {
	Gap     GapKey
	ID      string    // unique among the events of all gaps
	At      time.Time // to the microsecond
	Status  GapStatus // what it became
	Product string    // the id of the product that is developed, or was launched; "" for none
	Note    string    // at most [MaxNoteChars] characters
	By      string    // the name of the principal who decided; "" where nobody is asked who they are
}

// GapStatus is how far a gap has been taken care of. The zero value is no status: a gap of which nothing was decided is new. The codes are
// stored: append, never reorder.
type GapStatus uint8

// The statuses.
const (
	GapNew           GapStatus = iota + 1 // nobody has looked at it, or it is open again
	GapReviewing                          // somebody looks whether it is worth it
	GapInDevelopment                      // a product is made for it
	GapLaunched                           // the product is on sale: from here on figures tell before from after
	GapDismissed                          // it is not worth it
)

var gapStatuses = enum{"", "NEW", "REVIEWING", "IN_DEVELOPMENT", "LAUNCHED", "DISMISSED"}

// String gives the name as the API writes it, for example "IN_DEVELOPMENT".
func (s GapStatus) String() string { return gapStatuses.name(uint8(s)) }

// Valid tells whether s is one of the statuses above.
func (s GapStatus) Valid() bool { return s >= GapNew && s <= GapDismissed }

// ParseGapStatus reads a name in any letter case; an unknown one is [ErrInvalid].
func ParseGapStatus(s string) (GapStatus, error) {
	code, err := gapStatuses.parse("gap status", s)
	return GapStatus(code), err
}

// Normalize puts the event into the form in which it is stored and compared.
func (e *GapEvent) Normalize() { e.At = Instant(e.At) }

// Check refuses what no store may hold. Call it after [GapEvent.Normalize].
func (e *GapEvent) Check() *Rejection {
	if r := firstRejection(checkID("id", e.ID), checkID("segment", e.Gap.Segment), checkID("category", e.Gap.Category),
		checkOptionalID("product", e.Product), checkTime("at", e.At), checkText("by", e.By, MaxIDBytes),
		checkText("note", e.Note, MaxNoteChars*utf8.UTFMax)); r != nil {
		return r
	}
	switch n := utf8.RuneCountInString(e.Note); {
	case e.At.IsZero():
		return Reject(RejectMissing, "at", "is required")
	case e.Status == 0:
		return Reject(RejectMissing, "status", "is required")
	case !e.Status.Valid():
		return Reject(RejectOutOfRange, "status", "is none of those that there are")
	case n > MaxNoteChars:
		return Reject(RejectTooLong, "note", "has %d characters, at most %d are kept", n, MaxNoteChars)
	}
	return nil
}

// SameContent tells whether two events say the same. Both have been normalized.
func (e *GapEvent) SameContent(o *GapEvent) bool {
	return e.Gap == o.Gap && e.ID == o.ID && e.At.Equal(o.At) && e.Status == o.Status && e.Product == o.Product && e.Note == o.Note && e.By == o.By
}

// Compare orders events by their moment, then by id.
func (e *GapEvent) Compare(o *GapEvent) int {
	if c := e.At.Compare(o.At); c != 0 {
		return c
	}
	return strings.Compare(e.ID, o.ID)
}

// RefuseGapEvent refuses an event whose id is stored with other content.
func RefuseGapEvent() *Rejection {
	return Reject(RejectConflict, "id", "is stored with other content: give this event an id of its own")
}

// RefuseGapSegment refuses an event of a segment that is not stored.
func RefuseGapSegment(id string) *Rejection {
	return Reject(RejectUnknownSegment, "segment", "names segment %q, which is not stored", Clip(id))
}
