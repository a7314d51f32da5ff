package resolvers

import (
	"context"
	"time"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/model"
)

type segmentPreview struct{}

var _ generated.SegmentPreviewResolver = segmentPreview{}

func (query) PreviewSegment(ctx context.Context, input map[string]any, asOf *time.Time) (*model.SegmentPreview, error) {
	rule, err := decodeRule(input, "rule")
	if err != nil {
		return nil, err
	}
	v, at, err := viewAt(ctx, asOf)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	compiled, err := v.Compile(rule, "rule")
	if err != nil {
		return nil, err
	}
	members, err := compiled.Members(ctx, at)
	if err != nil {
		return nil, err
	}
	return &model.SegmentPreview{Source: rule, Compiled: compiled, Members: members, AsOf: at, TookMs: float64(time.Since(begun).Microseconds()) / 1e3}, nil
}

const mostSample = 50

func (segmentPreview) Sample(ctx context.Context, p *model.SegmentPreview, first int32) ([]model.Customer, error) {
	if first < 0 || first > mostSample {
		return nil, invalidArgument("first is %d: use 0 to %d", first, mostSample)
	}
	ids, _ := p.Members.Page(int(first), "")
	return customersByID(ctx, ids)
}

func (segmentPreview) Growth(ctx context.Context, p *model.SegmentPreview, grain *model.Grain, between *model.DateTimeRange) ([]model.SegmentPoint, error) {
	return growth(ctx, p.Compiled, grain, between, p.AsOf)
}

func (segmentPreview) Trend(ctx context.Context, p *model.SegmentPreview) (*model.Growth, error) {
	return trend(ctx, p.Compiled, p.AsOf)
}

func (segmentPreview) PerRule(ctx context.Context, p *model.SegmentPreview) ([]model.RuleCount, error) {
	counts, err := p.Compiled.CountParts(ctx, p.Source, p.Members, p.AsOf)
	if err != nil {
		return nil, err
	}
	list := make([]model.RuleCount, len(counts))
	for i, c := range counts {
		list[i] = model.RuleCount{Path: c.Path, Rule: model.Rule{Rule: c.Rule}, Size: model.Count(c.Members)}
	}
	return list, nil
}

func (query) ExplainMembership(ctx context.Context, customer string, segment *string, input map[string]any, asOf *time.Time) (*model.RuleTrace, error) {
	if (segment == nil) == (input == nil) {
		return nil, invalidArgument("give exactly one of segment and rule")
	}
	v, at, err := viewAt(ctx, asOf)
	if err != nil {
		return nil, err
	}
	var rule graph.Rule
	switch {
	case segment == nil:
		if rule, err = decodeRule(input, "rule"); err != nil {
			return nil, err
		}
	case v.Segment(*segment) == nil:
		return nil, notFound("segment: there is none of that id")
	default:
		rule = v.Segment(*segment).Rule
	}
	compiled, err := v.Compile(rule, "rule")
	if err != nil {
		return nil, err
	}
	who, err := customerByRef(ctx, graph.ByID(customer)) // retired ids lead to who they were merged into
	if err != nil {
		return nil, err
	}
	if who == nil {
		return nil, notFound("customer: there is none of that id")
	}
	trace, err := compiled.Explain(rule, who.ID, at)
	if err != nil {
		return nil, err
	}
	return &model.RuleTrace{Trace: trace}, nil
}
