package evaluate

import (
	"context"
	"math"
	"slices"

	"lacuna/insight"
	"lacuna/internal/synth/planted"
)

// value judges what a planted gap is said to be worth.
func (s *scorer) value(ctx context.Context, p *planted.Plant, ref insight.GapRef, c *planted.Cell) error {
	values, reasons, err := s.gaps.Values(ctx, []insight.GapRef{ref})
	if err != nil {
		return err //nolint:wrapcheck // says what it is
	}
	v := values[0]
	if v == nil {
		s.note("no value of %s %s × %s: %s", p.Kind, p.Segment, p.Category, reasons[0])
		return nil
	}
	covered := v.Low <= c.Value && c.Value <= v.High
	s.ValueErrors = append(s.ValueErrors, math.Abs(v.Mid-c.Value)/c.Value)
	s.ValueCovered.add(covered)
	s.note("value %s covered %v: true %.0f, of each unmet customer %.2f; found %.0f–%.0f–%.0f, %.2f orders of %.2f", p.Kind, covered, c.Value, c.Value/c.Unmet, v.Low, v.Mid, v.High, v.OrdersPerBuyer, v.SpendPerOrder)
	return nil
}

const ranked = 10

// ranking judges the order of what is listed: the sum of true values, each over the log of its rank + 1, among the first ten, over that of the best order of
// the same list (Järvelin and Kekäläinen 2002).
func (s *scorer) ranking(ctx context.Context) error {
	list, err := s.gaps.List(ctx, insight.GapQuery{Order: insight.ByValue})
	if err != nil {
		return err //nolint:wrapcheck // says what it is
	}
	var gains []float64
	for _, ref := range list {
		segment, category := s.gaps.Names(ref)
		if c := s.cells[cellKey{segment, category}]; c != nil {
			gains = append(gains, max(0, c.Value))
		}
	}
	discounted := func(gains []float64) (sum float64) {
		for i, g := range gains[:min(ranked, len(gains))] {
			sum += g / math.Log2(float64(i)+2)
		}
		return sum
	}
	own := discounted(gains)
	slices.SortFunc(gains, func(a, b float64) int { return int(math.Copysign(1, b-a)) })
	if best := discounted(gains); best > 0 {
		share := own / best
		s.Ranking = &share
	}
	return nil
}
