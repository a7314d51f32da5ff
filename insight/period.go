package insight

import (
	"fmt"
	"time"

	"lacuna/graph"
)

// Grain is how long a period is. Days, weeks (from Monday), months, quarters and years are the calendar's in the configured zone.
type Grain uint8

// The grains.
const (
	Day Grain = iota + 1
	Week
	Month
	Quarter
	Year
)

// mostPeriods keeps what is asked for within bounds.
const mostPeriods = 1_000

// begin gives the first moment of the period in which t lies.
func (g Grain) begin(t time.Time) time.Time {
	year, month, day := t.Date()
	switch g {
	case Week:
		day -= (int(t.Weekday()) + 6) % 7
	case Month:
		day = 1
	case Quarter:
		month, day = (month-1)/3*3+1, 1
	case Year:
		month, day = 1, 1
	}
	return time.Date(year, month, day, 0, 0, 0, 0, t.Location())
}

// next gives the first moment of the period after the one that begins at t.
func (g Grain) next(t time.Time) time.Time {
	switch g {
	case Day:
		return t.AddDate(0, 0, 1)
	case Week:
		return t.AddDate(0, 0, 7)
	case Quarter:
		return t.AddDate(0, 3, 0)
	case Year:
		return t.AddDate(1, 0, 0)
	default:
		return t.AddDate(0, 1, 0)
	}
}

// periods are those that touch from ≤ t < to, by their first moments; the last entry is where the last one ends. It is an error
// when there are too many.
func (v *View) periods(g Grain, from, to moment) ([]time.Time, error) {
	if from >= to {
		return nil, nil
	}
	begin := g.begin(from.time().In(v.options.Zone))
	bounds := []time.Time{begin}
	for momentOf(begin) < to {
		begin = g.next(begin)
		bounds = append(bounds, begin)
		if len(bounds) > mostPeriods+1 {
			return nil, fmt.Errorf("there are more than %d periods: ask for a shorter time or longer periods: %w", mostPeriods, graph.ErrInvalid)
		}
	}
	return bounds, nil
}
