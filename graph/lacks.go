package graph

import (
	"cmp"
	"context"
	"math"
	"strings"
	"time"
)

// Lacks keeps in the graph which segments lack which categories, as whoever computes gaps has found, for people who look at the graph with
// the store's own tools. As [Memberships] it is derived, and written by who holds the lease of [Memberships.LeaseMemberships]: it enters
// neither the feed nor scans nor an [Archive] nor the version of [Stats]. A segment that is deleted lacks nothing any more, and saving it again
// does not change that.
type Lacks interface {
	// WriteLacks writes what segments lack, in the place of what was written of the same pair before, and removes what they lack no longer: at
	// most [MaxBatch] in all, each pair named once. Segments and categories that do not exist are passed over, so [EveryoneID] is, which is no
	// segment. What [Lack.Check] refuses is [ErrInvalid], and nothing is written. It is [ErrConflict] for whoever does not hold the lease.
	WriteLacks(ctx context.Context, holder string, put []Lack, remove []GapKey) error

	// Lacks gives all that was written, in order of segment, then category.
	Lacks(ctx context.Context) ([]Lack, error)
}

// Lack is that a segment lacks a category.
type Lack struct {
	Segment, Category string
	Verdict           string            // what to do about it, as the API names it: "DEVELOP"
	Cause             string            // why it is lacking, as the API names it: "PRICE_BAND"; "" where that is not known
	Customers         int64             // of the segment who want it
	Unmet             Optional[float64] // of them, how many would buy
	Value             Optional[float64] // what they would spend, in units of Currency
	Currency          string            // ISO 4217; "" where there is none
	Since             time.Time         // to the microsecond; zero where it is not known
	AsOf              time.Time         // the moment that the figures are of, to the microsecond; zero where it is not known
}

// Gap gives the gap's name.
func (l *Lack) Gap() GapKey { return GapKey{Segment: l.Segment, Category: l.Category} }

// Normalize puts the lack into the form in which it is stored.
func (l *Lack) Normalize() { l.Since, l.AsOf = Instant(l.Since), Instant(l.AsOf) }

// Check refuses what no store may hold. Call it after [Lack.Normalize].
func (l *Lack) Check() *Rejection {
	if r := firstRejection(checkID("segment", l.Segment), checkID("category", l.Category), checkID("verdict", l.Verdict),
		checkText("cause", l.Cause, MaxIDBytes), checkTime("since", l.Since), checkTime("as_of", l.AsOf)); r != nil {
		return r
	}
	switch {
	case l.Customers < 0:
		return Reject(RejectOutOfRange, "customers", "is negative")
	case l.Unmet.Known && !isFinite(l.Unmet.Value):
		return Reject(RejectBadNumber, "unmet", "is no number that can be kept")
	case l.Value.Known && !isFinite(l.Value.Value):
		return Reject(RejectBadNumber, "value", "is no number that can be kept")
	case l.Currency != "" && !ValidCurrency(l.Currency):
		return Reject(RejectUnknownCurrency, "currency", "%q is not an ISO 4217 currency code", Clip(l.Currency))
	}
	return nil
}

func isFinite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// Compare orders lacks by segment, then category.
func (l *Lack) Compare(o *Lack) int {
	return cmp.Or(strings.Compare(l.Segment, o.Segment), strings.Compare(l.Category, o.Category))
}

// PrepareLacks normalizes lacks to be written in a copy, and checks them and how many there are, for a store's WriteLacks.
func PrepareLacks(put []Lack, remove []GapKey) ([]Lack, error) {
	if err := CheckCount("lacks", len(put)+len(remove), MaxBatch); err != nil {
		return nil, err
	}
	list := make([]Lack, len(put))
	for i := range put {
		list[i] = put[i]
		list[i].Normalize()
		if r := list[i].Check(); r != nil {
			return nil, r
		}
	}
	return list, nil
}
