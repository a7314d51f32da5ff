package insight

import (
	"context"
	"time"

	"lacuna/insight/stat"
)

// GrowthTrend is what all weeks of the history, two years or more, say of a cell's growth, beside the two windows that [Growth] compares: by how much the
// customers with intent grew a year, the season and what all customers do divided out. What cannot be computed is nil, and Reason says why.
type GrowthTrend struct {
	Rate, Low, High *float64 // Low and High bound the rate with 90 % confidence
	P               *float64 // of the hypothesis that it is no more than [Thresholds.LeastGrowth]
	Confirmed       bool     // the median change between the same weeks of two years is more than that, too
	Weeks           int
	// ShiftAt is when the level became another one, by ShiftBy, where a step explains the weeks much better than a steady growth does.
	ShiftAt *time.Time
	ShiftBy *float64
	Reason  string // UNDER_TWO_YEARS, BEHAVIOUR, KNOWLEDGE, NO_INTERACTIONS
}

// Reasons why a trend is missing.
const (
	reasonUnderTwoYears = "UNDER_TWO_YEARS"
	reasonBehaviour     = "BEHAVIOUR" // who belongs to the segment follows from what they did
	reasonKnowledge     = "KNOWLEDGE" // more became known of who belongs to the segment
)

// Trends gives the trends of cells.
func (g *Gaps) Trends(ctx context.Context, refs []GapRef) ([]GrowthTrend, error) {
	out := make([]GrowthTrend, len(refs))
	var places []cellPlace
	var of []int
	for i, ref := range refs {
		switch s := &g.segments[ref.segment]; {
		case g.at == latest:
			out[i].Reason = reasonNoInteraction
		case s.behavioural:
			out[i].Reason = reasonBehaviour
		case s.known != 1:
			out[i].Reason = reasonKnowledge
		default:
			places, of = append(places, cellPlace{ref.segment, ref.category}), append(of, i)
		}
	}
	list, err := g.historiesOf(ctx, places)
	if err != nil {
		return nil, err
	}
	return out, inParallel(ctx, len(list), func(n int) { out[of[n]] = g.trendOf(list[n]) })
}

// trendOf fits a history.
func (g *Gaps) trendOf(h *cellHistory) GrowthTrend {
	out := GrowthTrend{Weeks: len(h.weeks)}
	counts, offsets := make([]float64, len(h.weeks)), make([]float64, len(h.weeks))
	for i := range h.weeks {
		counts[i], offsets[i] = float64(h.weeks[i].customers), float64(h.pairs[i])
	}
	t, ok := stat.TrendOfWeeks(counts, offsets, g.view.options.Thresholds.LeastGrowth)
	if !ok {
		out.Reason = reasonUnderTwoYears
		if len(h.weeks) >= stat.LeastWeeks {
			out.Reason = reasonNoInteraction
		}
		return out
	}
	out.Rate, out.Low, out.High, out.P, out.Confirmed = &t.Rate, &t.Low, &t.High, &t.P, t.Confirmed
	if t.Shift >= 0 {
		at := (g.now[1] - moment(len(h.weeks)-t.Shift)*7*microsPerDay).time()
		out.ShiftAt, out.ShiftBy = &at, &t.Step
	}
	return out
}
