package insight

import (
	"context"
	"time"

	"lacuna/insight/stat"
)

// GapPoint is what the customers of a cell did in one month of the calendar, and what there was for them. A customer counts once a month.
type GapPoint struct {
	PeriodStart                  time.Time
	Complete                     bool // the data covers the whole month
	Customers, Buyers            int
	Searches, ZeroResultSearches int
	ActiveProducts               int      // at the month's end
	AvailableShare               *float64 // of the interactions that tell whether a product could be had; nil without
	active                       int      // customers of the segment with any intent
}

// ForecastPoint is how many customers of a cell are expected to have intent in a month to come.
type ForecastPoint struct {
	PeriodStart    time.Time
	Low, Mid, High float64 // 80 % of what comes lies between
	Naive          float64 // as many as in the same month of the last year
}

// GapForecast is a forecast, or why there is none.
type GapForecast struct {
	Points []ForecastPoint
	Method string
	Reason string // TOO_FEW_MONTHS
}

const (
	forecastMonths  = 6
	forecastLevel   = .8
	monthsOfYear    = 12
	reasonFewMonths = "TOO_FEW_MONTHS"
)

// Series gives a cell's months, up to sixty, the last of which may not be over.
func (g *Gaps) Series(ctx context.Context, ref GapRef) ([]GapPoint, error) {
	if g.at == latest {
		return nil, nil
	}
	list, err := g.historiesOf(ctx, []cellPlace{{ref.segment, ref.category}})
	if err != nil {
		return nil, err
	}
	h, begins := list[0], g.histories.begins
	first, _ := g.view.spread()
	const day = microsPerDay
	points := make([]GapPoint, len(h.months))
	for i := range points {
		m := &h.months[i]
		points[i] = GapPoint{
			PeriodStart: begins[i], Complete: momentOf(begins[i])+day > first && momentOf(begins[i+1])-day <= g.at, // but for a few hours
			Customers: int(m.customers), Buyers: int(m.buyers), Searches: int(m.searches), ZeroResultSearches: int(m.zeroResults), active: int(h.active[i]),
		}
		if m.seen > 0 {
			share := float64(m.available) / float64(m.seen)
			points[i].AvailableShare = &share
		}
	}
	g.countProducts(ref.category, points, begins)
	return points, nil
}

// countProducts counts the products of a category, and what is below it, at the end of each month.
func (g *Gaps) countProducts(k uint32, points []GapPoint, begins []time.Time) {
	catalog := g.view.catalog
	in := catalog.within(k)
	for n := 1; n < len(catalog.products); n++ {
		p := &catalog.products[n]
		filed := false
		for _, category := range p.categories {
			filed = filed || in[category]
		}
		if !filed {
			continue
		}
		for i := range points {
			if end := begins[i+1]; p.LaunchedAt.Before(end) && (p.RetiredAt.IsZero() || !p.RetiredAt.Before(end)) {
				points[i].ActiveProducts++
			}
		}
	}
}

// Forecast tells how many customers of a cell are expected to have intent in each of the six months to come: the segment's active customers and the share of them who want it
// are forecast apart (see [stat.ForecastProduct]).
func (g *Gaps) Forecast(ctx context.Context, ref GapRef) (GapForecast, error) {
	points, err := g.Series(ctx, ref)
	if err != nil {
		return GapForecast{}, err
	}
	var base, share []float64
	var last time.Time
	for _, p := range points {
		if p.Complete {
			base, share, last = append(base, float64(p.active)), append(share, float64(p.Customers)/float64(max(1, p.active))), p.PeriodStart
		}
	}
	prediction, err := stat.ForecastProduct(base, share, monthsOfYear, forecastMonths, forecastLevel)
	if err != nil { // there is no other reason: what is counted is finite
		return GapForecast{Reason: reasonFewMonths}, nil
	}
	out := GapForecast{Method: prediction.Method}
	for i := range prediction.Mid {
		last = Month.next(last)
		out.Points = append(out.Points, ForecastPoint{last, prediction.Low[i], prediction.Mid[i], prediction.High[i], prediction.Naive[i]})
	}
	return out, nil
}
