package graph

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Position is what a cursor holds in a store that numbers its changes: a number, and the random tag of the commit that the number belongs to.
type Position struct{ Seq, Tag int64 }

// Cursor writes a position as "seq.tag" in base 36.
func (p Position) Cursor() Cursor {
	return Cursor(strconv.FormatInt(p.Seq, 36) + "." + strconv.FormatInt(p.Tag, 36))
}

// ParsePosition reads what [Position.Cursor] wrote, and nothing else.
func ParsePosition(cursor Cursor) (Position, bool) {
	seq, tag, ok := strings.Cut(string(cursor), ".")
	if !ok {
		return Position{}, false
	}
	s, errSeq := strconv.ParseInt(seq, 36, 64)
	t, errTag := strconv.ParseInt(tag, 36, 64)
	p := Position{s, t}
	if errSeq != nil || errTag != nil || s < 0 || t < 0 || p.Cursor() != cursor {
		return Position{}, false
	}
	return p, true
}

// ExpiredCursor is the [ErrCursorExpired] of a cursor that is not honoured.
func ExpiredCursor() error {
	return fmt.Errorf("%w: it was pruned or is another store's: start again from Head", ErrCursorExpired)
}

// NumberedChange is a change with its number.
type NumberedChange struct {
	Seq int64
	Change
}

// JoinChanges puts two runs of changes, each in order, into one of at most limit changes. It tells the number of the last one that was taken,
// from where there is none, and whether some were left.
func JoinChanges(a, b []NumberedChange, from int64, limit int) (joined []Change, last int64, more bool) {
	last = from
	for len(a)+len(b) > 0 {
		if len(joined) == limit {
			return joined, last, true
		}
		next := &a
		if len(a) == 0 || len(b) > 0 && b[0].Seq < a[0].Seq {
			next = &b
		}
		joined = append(joined, (*next)[0].Change)
		last, *next = (*next)[0].Seq, (*next)[1:]
	}
	return joined, last, false
}

// CeilMicros gives the first microsecond since 1970 that is not before t.
func CeilMicros(t time.Time) int64 {
	us := t.UnixMicro()
	if us < math.MaxInt64 && time.UnixMicro(us).Before(t) {
		us++
	}
	return us
}
