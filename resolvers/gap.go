package resolvers

import (
	"context"
	"net/url"
	"slices"
	"time"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/model"
	"lacuna/insight"
	"lacuna/loader"
)

type (
	gap             struct{ *root }
	emergingSegment struct{ *root }
)

var (
	_ generated.GapResolver             = gap{}
	_ generated.EmergingSegmentResolver = emergingSegment{}
)

var (
	verdicts = map[model.GapVerdict]insight.Verdict{
		model.GapVerdictDevelop: insight.Develop, model.GapVerdictRestock: insight.Restock, model.GapVerdictFixFindability: insight.FixFindability,
		model.GapVerdictServed: insight.Served, model.GapVerdictWatch: insight.Watch,
	}
	gapLevels = map[model.GapLevel]insight.GapLevel{
		model.GapLevelRanked: insight.Ranked, model.GapLevelLeaf: insight.LeafLevel, model.GapLevelAll: insight.EveryLevel,
	}
	gapOrders = map[model.GapOrder]insight.GapOrder{
		model.GapOrderValue: insight.ByValue, model.GapOrderUnmetCustomers: insight.ByUnmet, model.GapOrderCustomers: insight.ByCustomers, model.GapOrderGrowth: insight.ByGrowth, model.GapOrderDemandIndex: insight.ByIndex,
	}
	gapMeasures = map[model.GapMeasure]insight.GapMeasure{
		model.GapMeasureUnmetCustomers: insight.UnmetCustomers, model.GapMeasureDemandIndex: insight.DemandIndex, model.GapMeasureSupplyIndex: insight.SupplyIndex,
		model.GapMeasureServedRate: insight.CellServedRate, model.GapMeasureGrowth: insight.CellGrowth, model.GapMeasureCustomers: insight.CellCustomers,
		model.GapMeasureValue: insight.CellValue,
	}
)

// verdictNames are by verdict.
var verdictNames = func() (names []*string) {
	names = append(names, nil)
	for verdict := insight.Served; verdict <= insight.FixFindability; verdict++ {
		name := verdict.String()
		names = append(names, &name)
	}
	return names
}()

// everyone stands for all customers where a gap is theirs. An attribute is known or not of everybody.
var everyone = &graph.Segment{ID: graph.EveryoneID, Name: "Everyone", Description: "All customers", Rule: graph.Rule{Any: []graph.Rule{
	{Attribute: &graph.AttributeRule{Name: graph.EveryoneID, Op: graph.OpExists, Values: []graph.Value{graph.BooleanValue(true)}}},
	{Attribute: &graph.AttributeRule{Name: graph.EveryoneID, Op: graph.OpExists, Values: []graph.Value{graph.BooleanValue(false)}}},
}}}

func gapsAt(ctx context.Context, asOf *time.Time) (*insight.View, *insight.Gaps, error) {
	v, at, err := viewAt(ctx, asOf)
	if err != nil {
		return nil, nil, err
	}
	gaps, err := v.Gaps(ctx, at)
	return v, gaps, err
}

func (query) Gaps(ctx context.Context, where *model.GapWhere, orderBy model.GapOrder, first int32, after *string, asOf *time.Time) (*model.GapConnection, error) {
	n, err := pageSize(first)
	if err != nil {
		return nil, err
	}
	q, err := gapQuery(where)
	if err != nil {
		return nil, err
	}
	q.Order = gapOrders[orderBy]
	v, gaps, err := gapsAt(ctx, asOf)
	if err != nil {
		return nil, err
	}
	refs, err := gaps.List(ctx, q)
	if err != nil {
		return nil, err
	}
	total := len(refs)
	if after != nil {
		parts, err := decodeCursor(*after, gapCursor, 2)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(refs, func(r insight.GapRef) bool { return parts[0] == string(orderBy) && gapID(gaps.Names(r)) == parts[1] })
		if at < 0 {
			return nil, errCursor
		}
		refs = refs[at+1:]
	}
	more := len(refs) > n
	list, err := gapList(ctx, v, gaps, refs[:min(n, len(refs))])
	if err != nil {
		return nil, err
	}
	return model.NewGapConnection(list, more, total, func(g model.Gap) string { return encodeCursor(gapCursor, string(orderBy), g.ID) }), nil
}

func gapQuery(where *model.GapWhere) (q insight.GapQuery, err error) {
	if where == nil {
		return q, nil
	}
	for _, list := range []struct {
		name  string
		empty bool
	}{
		{"segments", where.Segments != nil && len(where.Segments) == 0}, {"categories", where.Categories != nil && len(where.Categories) == 0},
		{"verdicts", where.Verdicts != nil && len(where.Verdicts) == 0},
	} {
		if list.empty {
			return q, invalidArgument("where.%s is empty: name some or leave it out", list.name)
		}
	}
	q.Segments, q.Categories, q.Growing = where.Segments, where.Categories, where.Growing
	for _, verdict := range where.Verdicts {
		q.Verdicts = append(q.Verdicts, verdicts[verdict])
	}
	if where.Level != nil {
		q.Level = gapLevels[*where.Level]
	}
	if where.MinCustomers != nil {
		if q.MinCustomers = int(*where.MinCustomers); q.MinCustomers < 0 {
			return q, invalidArgument("where.minCustomers is %d: use 0 or more", q.MinCustomers)
		}
	}
	return q, nil
}

// gapID names a segment and a category. Their ids may hold anything.
func gapID(segment, category string) string {
	return url.QueryEscape(segment) + "/" + url.QueryEscape(category)
}

func gapList(ctx context.Context, v *insight.View, gaps *insight.Gaps, refs []insight.GapRef) ([]model.Gap, error) {
	tree, err := loader.For(ctx).Tree(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]model.Gap, len(refs))
	for i, ref := range refs {
		list[i] = gapOf(v, tree, gaps, ref)
	}
	return list, nil
}

func (query) Gap(ctx context.Context, segment, category string, asOf *time.Time) (*model.Gap, error) {
	v, gaps, err := gapsAt(ctx, asOf)
	if err != nil {
		return nil, err
	}
	if segment != insight.Everyone && v.Segment(segment) == nil || !v.HasCategory(category) {
		return nil, nil //nolint:nilnil // null is the answer
	}
	ref, err := gaps.Find(segment, category)
	if err != nil {
		return nil, err
	}
	list, err := gapList(ctx, v, gaps, []insight.GapRef{ref})
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

func (segment) Gaps(ctx context.Context, s *model.Segment, first int32, asOf *time.Time) ([]model.Gap, error) {
	n, err := pageSize(first)
	if err != nil {
		return nil, err
	}
	v, gaps, err := gapsAt(ctx, asOf)
	if err != nil {
		return nil, err
	}
	refs, err := gaps.List(ctx, insight.GapQuery{Segments: []string{s.ID}})
	if err != nil {
		return nil, err
	}
	return gapList(ctx, v, gaps, refs[:min(n, len(refs))])
}

// gapOf lays out a cell.
func gapOf(v *insight.View, tree *graph.CategoryTree, gaps *insight.Gaps, ref insight.GapRef) model.Gap {
	g := gaps.Gap(ref)
	s := v.Segment(g.Segment)
	if s == nil {
		s = everyone
	}
	category := model.CategoryIn(tree, g.Category)
	if category == nil { // taken out of the store since the view was made
		category = model.CategoryIn(graph.NewCategoryTree([]graph.Category{{ID: g.Category, Name: g.Category}}), g.Category)
	}
	out := model.Gap{
		ID: gapID(g.Segment, g.Category), Segment: &model.Segment{Segment: s}, Category: category, Need: g.Detail.Need(category.Category.Name), AsOf: model.Moment(gaps.AsOf()),
		Verdict: model.GapVerdict(g.Verdict.String()), Ranked: g.Ranked, CauseDetail: causeDetail(&g.Detail), UnmetCustomers: estimate(g.Unmet), UnmetReason: model.NonEmpty(g.UnmetReason),
		Demand: gapDemand(&g.Demand), Supply: gapSupply(&g.Supply), Growth: growthOf(&g.Growth), Served: gapServed(&g.Served), Gaps: gaps, Ref: ref,
	}
	if g.Cause != 0 {
		cause := model.GapCause(g.Cause.String())
		out.Cause = &cause
	}
	if !g.From.IsZero() {
		out.Window = &model.GapWindow{From: g.From, To: g.To}
	}
	return out
}

func causeDetail(d *insight.CauseDetail) *model.GapCauseDetail {
	if d.Note == "" {
		return nil
	}
	out := &model.GapCauseDetail{Attribute: model.NonEmpty(d.Attribute), Value: model.NonEmpty(d.Value), Note: d.Note}
	if d.Attribute == "" {
		out.PriceBand = &model.PriceBand{Low: d.PriceLow, High: d.PriceHigh, Currency: model.NonEmpty(d.Currency)}
	}
	return out
}

func estimate(e *insight.Estimate) *model.Estimate {
	if e == nil {
		return nil
	}
	return &model.Estimate{Low: e.Low, Mid: e.Mid, High: e.High}
}

func gapDemand(d *insight.Demand) *model.GapDemand {
	return &model.GapDemand{
		Customers: model.Count(d.Customers), Searches: model.Count(d.Searches), ZeroResultSearches: model.Count(d.ZeroResultSearches), Views: model.Count(d.Views),
		Wishlists: model.Count(d.Wishlists), Carts: model.Count(d.Carts), Purchases: model.Count(d.Purchases), Index: estimate(d.Index), IndexReason: model.NonEmpty(d.IndexReason), Share: d.Share,
	}
}

func gapSupply(s *insight.Supply) *model.GapSupply {
	return &model.GapSupply{
		ActiveProducts: model.Count(s.ActiveProducts), FittingProducts: model.Count(s.FittingProducts), AvailableShare: s.AvailableShare, Index: s.Index,
		IndexReason: model.NonEmpty(s.IndexReason), TopFiveClickShare: s.TopFiveClickShare,
	}
}

func gapServed(s *insight.Service) *model.GapServed {
	return &model.GapServed{
		Rate: s.Rate, Buyers: model.Count(s.Buyers), Customers: model.Count(s.Customers), Reference: s.Reference, Basis: model.NonEmpty(s.Basis), Below: s.Below, Reason: model.NonEmpty(s.Reason),
	}
}

func growthOf(g *insight.Growth) *model.Growth {
	return &model.Growth{
		Rate: finite(g.Rate), Low: finite(g.Low), High: finite(g.High), QValue: g.QValue, Significant: g.Significant, SeasonSeparable: g.SeasonSeparable,
		FromMembers: finite(g.FromMembers), FromShare: finite(g.FromShare), Reason: model.NonEmpty(g.Reason),
	}
}

func (query) GapMatrix(ctx context.Context, segments, categories []string, measure model.GapMeasure, asOf *time.Time) (*model.GapMatrix, error) {
	_, gaps, err := gapsAt(ctx, asOf)
	if err != nil {
		return nil, err
	}
	m, err := gaps.Matrix(ctx, segments, categories, gapMeasures[measure])
	if err != nil {
		return nil, err
	}
	out := &model.GapMatrix{Segments: m.Segments, Categories: m.Categories, Values: make([]model.FloatColumn, len(m.Values)), Verdicts: make([]model.StringColumn, len(m.Values))}
	for i := range m.Values {
		out.Values[i] = model.FloatColumn{Values: m.Values[i]}
		codes := make([]uint32, len(m.Verdicts[i]))
		for j, verdict := range m.Verdicts[i] {
			codes[j] = uint32(verdict)
		}
		out.Verdicts[i] = model.StringColumn{Names: verdictNames, Codes: codes}
	}
	return out, nil
}

const mostEmergingSegments = 50

func (query) EmergingSegments(ctx context.Context, first int32, asOf *time.Time) ([]model.EmergingSegment, error) {
	if first < 0 || first > mostEmergingSegments {
		return nil, invalidArgument("first is %d: use 0 to %d", first, mostEmergingSegments)
	}
	v, gaps, err := gapsAt(ctx, asOf)
	if err != nil {
		return nil, err
	}
	found, err := gaps.Emerging(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := loader.For(ctx).Tree(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]model.EmergingSegment, min(int(first), len(found)))
	for i := range list {
		e := &found[i]
		rule, err := v.Compile(e.Rule, "rule")
		if err != nil {
			return nil, err
		}
		list[i] = model.EmergingSegment{ID: e.ID, Rule: model.Rule{Rule: e.Rule}, Description: e.Description, Size: model.Count(e.Size), Growth: growthOf(&e.Growth), Compiled: rule, AsOf: gaps.AsOf()}
		if e.Category != "" {
			list[i].Category = model.CategoryIn(tree, e.Category)
		}
	}
	return list, nil
}

func (emergingSegment) Differentiators(ctx context.Context, e *model.EmergingSegment, first int32) ([]model.Differentiator, error) {
	return differentiators(ctx, e.Compiled, e.AsOf, first)
}
