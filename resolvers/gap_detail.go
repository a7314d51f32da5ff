package resolvers

import (
	"context"
	"math"
	"time"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/model"
	"lacuna/insight"
	"lacuna/loader"
)

type evidence struct{ *root }

var _ generated.EvidenceResolver = evidence{}

func (gap) Trend(ctx context.Context, g *model.Gap) (*model.GrowthTrend, error) {
	list, err := g.Gaps.Trends(ctx, []insight.GapRef{g.Ref})
	if err != nil {
		return nil, err
	}
	t := &list[0]
	return &model.GrowthTrend{
		Rate: finite(t.Rate), Low: finite(t.Low), High: finite(t.High), PValue: t.P, Confirmed: t.Confirmed, Weeks: model.Count(t.Weeks), LevelShiftAt: t.ShiftAt, LevelShift: finite(t.ShiftBy),
		Reason: model.NonEmpty(t.Reason),
	}, nil
}

func (gap) Value(ctx context.Context, g *model.Gap) (*model.GapValue, error) {
	list, _, err := g.Gaps.Values(ctx, []insight.GapRef{g.Ref})
	if err != nil || list[0] == nil {
		return nil, err
	}
	v := list[0]
	out := &model.GapValue{
		Low: money(v.Low), Mid: money(v.Mid), High: money(v.High), Currency: model.NonEmpty(v.Currency), HorizonDays: model.Count(v.HorizonDays), Margin: v.Margin,
		Cannibalisation: v.Cannibalisation, OrdersPerBuyer: v.OrdersPerBuyer, SpendPerOrder: money(v.SpendPerOrder), FairShare: moneyOrNil(v.FairShare),
	}
	return out, nil
}

// money rounds a figure to what is paid; what is beyond all amounts is the largest one.
func money(f float64) graph.Decimal {
	d, err := graph.DecimalFromFloat(math.Round(100*f) / 100)
	if err != nil {
		return graph.Decimal(math.Copysign(math.MaxInt64, f))
	}
	return d
}

// moneyOrNil gives nil for nil.
func moneyOrNil(f *float64) *graph.Decimal {
	if f == nil {
		return nil
	}
	d := money(*f)
	return &d
}

func (gap) ValueReason(ctx context.Context, g *model.Gap) (*string, error) {
	_, reasons, err := g.Gaps.Values(ctx, []insight.GapRef{g.Ref})
	if err != nil {
		return nil, err
	}
	return model.NonEmpty(reasons[0]), nil
}

func (gap) Score(ctx context.Context, g *model.Gap) (sum float64, err error) {
	parts, err := g.Gaps.Score(ctx, g.Ref)
	for i := range parts {
		sum += parts[i].Points
	}
	return sum, err
}

func (gap) Breakdown(ctx context.Context, g *model.Gap) ([]model.ScorePart, error) {
	parts, err := g.Gaps.Score(ctx, g.Ref)
	out := make([]model.ScorePart, len(parts))
	for i, p := range parts {
		out[i] = model.ScorePart{Name: p.Name, Points: p.Points, Max: p.Max, Why: p.Why}
	}
	return out, err
}

func (gap) Series(ctx context.Context, g *model.Gap) ([]model.GapPoint, error) {
	points, err := g.Gaps.Series(ctx, g.Ref)
	out := make([]model.GapPoint, len(points))
	for i, p := range points {
		out[i] = model.GapPoint{
			PeriodStart: p.PeriodStart, Complete: p.Complete, Customers: model.Count(p.Customers), Buyers: model.Count(p.Buyers), Searches: model.Count(p.Searches),
			ZeroResultSearches: model.Count(p.ZeroResultSearches), ActiveProducts: model.Count(p.ActiveProducts), AvailableShare: p.AvailableShare,
		}
	}
	return out, err
}

func (gap) Forecast(ctx context.Context, g *model.Gap) ([]model.ForecastPoint, error) {
	f, err := g.Gaps.Forecast(ctx, g.Ref)
	out := make([]model.ForecastPoint, len(f.Points))
	for i, p := range f.Points {
		out[i] = model.ForecastPoint{PeriodStart: p.PeriodStart, Low: p.Low, Mid: p.Mid, High: p.High, Naive: p.Naive}
	}
	return out, err
}

func (gap) ForecastMethod(ctx context.Context, g *model.Gap) (*string, error) {
	f, err := g.Gaps.Forecast(ctx, g.Ref)
	return model.NonEmpty(f.Method), err
}

func (gap) ForecastReason(ctx context.Context, g *model.Gap) (*string, error) {
	f, err := g.Gaps.Forecast(ctx, g.Ref)
	return model.NonEmpty(f.Reason), err
}

func (gap) Evidence(ctx context.Context, g *model.Gap, first int32, after *string) (*model.EvidenceConnection, error) {
	n, err := pageSize(first)
	if err != nil {
		return nil, err
	}
	found, err := g.Gaps.Evidence(ctx, g.Ref)
	if err != nil {
		return nil, err
	}
	begin := 0
	if after != nil {
		parts, err := decodeCursor(*after, evidenceCursor, 1)
		if err != nil {
			return nil, err
		}
		for begin < len(found) && found[begin].ID != parts[0] {
			begin++
		}
		if begin == len(found) {
			return nil, errCursor
		}
		begin++
	}
	rest := found[begin:]
	list := make([]model.Evidence, min(n, len(rest)))
	for i := range list {
		list[i] = model.Evidence{Evidence: rest[i]}
	}
	return model.NewEvidenceConnection(list, len(rest) > n, len(found), func(e model.Evidence) string { return encodeCursor(evidenceCursor, e.ID) }), nil
}

func (evidence) Customers(ctx context.Context, e *model.Evidence, first int32, after *string) (*model.CustomerConnection, error) {
	return pageOfMembers(ctx, e.Members(), first, after)
}

func (gap) Brief(ctx context.Context, g *model.Gap) (*model.ProductBrief, error) {
	b, err := g.Gaps.Brief(ctx, g.Ref)
	if err != nil {
		return nil, err
	}
	out := &model.ProductBrief{Title: b.Title, Summary: b.Summary, Markdown: b.Markdown()}
	for _, s := range b.Sections {
		out.Sections = append(out.Sections, model.BriefSection{Heading: s.Heading, Lines: s.Lines})
	}
	return out, nil
}

// eventsOf gives what was decided about a gap, the oldest first.
func eventsOf(ctx context.Context, g *model.Gap) ([]graph.GapEvent, error) {
	return loader.For(ctx).GapEvents(ctx, graph.GapKey{Segment: g.Segment.ID, Category: g.Category.ID})
}

func (gap) Status(ctx context.Context, g *model.Gap) (graph.GapStatus, error) {
	events, err := eventsOf(ctx, g)
	if err != nil || len(events) == 0 {
		return graph.GapNew, err
	}
	return events[len(events)-1].Status, nil
}

func (gap) History(ctx context.Context, g *model.Gap) ([]model.GapEvent, error) {
	events, err := eventsOf(ctx, g)
	out := make([]model.GapEvent, len(events))
	for i := range events {
		out[i] = gapEvent(&events[i])
	}
	return out, err
}

func gapEvent(e *graph.GapEvent) model.GapEvent {
	return model.GapEvent{ID: e.ID, At: e.At, Status: e.Status, ProductID: model.NonEmpty(e.Product), Note: model.NonEmpty(e.Note), By: model.NonEmpty(e.By)}
}

func (gap) Outcome(ctx context.Context, g *model.Gap) (*model.GapOutcome, error) {
	events, err := eventsOf(ctx, g)
	if err != nil {
		return nil, err
	}
	var launch *graph.GapEvent
	for i := range events {
		if events[i].Status == graph.GapLaunched && !events[i].At.After(g.Gaps.AsOf()) {
			launch = &events[i]
		}
	}
	if launch == nil {
		return nil, nil //nolint:nilnil // null is the answer
	}
	o, err := g.Gaps.Outcome(ctx, launch.Gap.Segment, launch.Gap.Category, launch.At)
	if err != nil {
		return nil, err
	}
	return &model.GapOutcome{
		Verdict: model.GapOutcomeVerdict(o.Verdict.String()), Reason: model.NonEmpty(o.Reason), LaunchedAt: launch.At, ProductID: model.NonEmpty(launch.Product), WeeksBefore: model.Count(o.WeeksBefore),
		WeeksAfter: model.Count(o.WeeksAfter), RateBefore: o.RateBefore, RateAfter: o.RateAfter, Expected: o.Expected, Reference: o.Reference, Closed: estimate(o.Closed), Gained: estimate(o.Gained),
		Controls: model.Count(o.Controls),
	}, nil
}

func (customer) Clv(ctx context.Context, c *model.Customer, asOf *time.Time) (*model.Clv, error) {
	v, at, err := viewAt(ctx, asOf)
	if err != nil {
		return nil, err
	}
	clv, ok := v.CLV(c.ID, at)
	if !ok {
		return nil, nil //nolint:nilnil // null is the answer
	}
	return &model.Clv{
		Historic: clv.Historic, Currency: model.NonEmpty(clv.Currency), ExpectedPurchases: clv.ExpectedPurchases, ProbabilityAlive: clv.ProbabilityAlive, ExpectedValue: moneyOrNil(clv.ExpectedValue),
		HorizonDays: model.Count(clv.HorizonDays), Model: model.NonEmpty(clv.Model), Reason: model.NonEmpty(clv.Reason),
	}, nil
}
