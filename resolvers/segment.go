package resolvers

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/graph/model"
	"lacuna/insight"
	"lacuna/loader"
)

type segment struct{ *root }

var _ generated.SegmentResolver = segment{}

// compiled gives a segment's rule on the view of the response.
func compiled(ctx context.Context, s *model.Segment, asOf *time.Time) (*insight.Rule, time.Time, error) {
	v, at, err := viewAt(ctx, asOf)
	if err != nil {
		return nil, at, err
	}
	rule, err := v.RuleOf(s.Segment)
	return rule, at, err
}

func (segment) Size(ctx context.Context, s *model.Segment, asOf *time.Time) (*int32, error) {
	rule, at, err := compiled(ctx, s, asOf)
	if misfit(err) {
		return nil, nil //nolint:nilnil // status says why
	}
	if err != nil {
		return nil, err
	}
	members, err := rule.Members(ctx, at)
	size := model.Count(members.Len())
	return &size, err
}

// misfit tells of an error that it is the segment's rule, which does not fit the data.
func misfit(err error) bool {
	_, ok := errors.AsType[*graph.RuleError](err)
	return ok
}

func (segment) Growth(ctx context.Context, s *model.Segment, grain *model.Grain, between *model.DateTimeRange, asOf *time.Time) ([]model.SegmentPoint, error) {
	rule, at, err := compiled(ctx, s, asOf)
	if err != nil {
		return nil, err
	}
	return growth(ctx, rule, grain, between, at)
}

var grains = map[model.Grain]insight.Grain{
	model.GrainDay: insight.Day, model.GrainWeek: insight.Week, model.GrainMonth: insight.Month, model.GrainQuarter: insight.Quarter, model.GrainYear: insight.Year,
}

func grainOf(grain *model.Grain) insight.Grain {
	if grain == nil {
		return insight.Month
	}
	return grains[*grain]
}

func timeRange(between *model.DateTimeRange) (r graph.TimeRange, err error) {
	if between == nil {
		return r, nil
	}
	r = graph.TimeRange{From: between.From, To: between.To}
	if !r.From.Before(r.To) {
		return r, invalidArgument("between: from must be before to")
	}
	return r, nil
}

func growth(ctx context.Context, rule *insight.Rule, grain *model.Grain, between *model.DateTimeRange, at time.Time) ([]model.SegmentPoint, error) {
	span, err := timeRange(between)
	if err != nil {
		return nil, err
	}
	points, err := rule.Growth(ctx, grainOf(grain), span, at)
	if err != nil {
		return nil, err
	}
	list := make([]model.SegmentPoint, len(points))
	for i, p := range points {
		list[i] = model.SegmentPoint{
			PeriodStart: p.PeriodStart, TotalMembers: model.Count(p.TotalMembers), MembersAdded: model.Count(p.MembersAdded),
			MembersRemoved: model.Count(p.MembersRemoved), NetMembersChanged: int32(p.NetMembersChanged),
		}
	}
	return list, nil
}

func (segment) Trend(ctx context.Context, s *model.Segment, asOf *time.Time) (*model.Growth, error) {
	rule, at, err := compiled(ctx, s, asOf)
	if misfit(err) {
		return &model.Growth{Reason: model.NonEmpty("INVALID_RULE")}, nil
	}
	if err != nil {
		return nil, err
	}
	return trend(ctx, rule, at)
}

func trend(ctx context.Context, rule *insight.Rule, at time.Time) (*model.Growth, error) {
	g, err := rule.Trend(ctx, at)
	if err != nil {
		return nil, err
	}
	return growthOf(&g), nil
}

// finite gives nil for what JSON cannot say.
func finite(f *float64) *float64 {
	if f == nil || math.IsInf(*f, 0) || math.IsNaN(*f) {
		return nil
	}
	return f
}

func (segment) Members(ctx context.Context, s *model.Segment, first int32, after *string, asOf *time.Time) (*model.CustomerConnection, error) {
	rule, at, err := compiled(ctx, s, asOf)
	if err != nil {
		return nil, err
	}
	return membersPage(ctx, rule, at, first, after)
}

// membersPage gives a page of those in whom a rule holds, in order of id.
func membersPage(ctx context.Context, rule *insight.Rule, at time.Time, first int32, after *string) (*model.CustomerConnection, error) {
	members, err := rule.Members(ctx, at)
	if err != nil {
		return nil, err
	}
	return pageOfMembers(ctx, members, first, after)
}

// pageOfMembers gives a page of customers, in order of id.
func pageOfMembers(ctx context.Context, members insight.Members, first int32, after *string) (*model.CustomerConnection, error) {
	n, err := pageSize(first)
	if err != nil {
		return nil, err
	}
	key, err := customerKey(graph.ByCustomerID, after)
	if err != nil {
		return nil, err
	}
	begin := ""
	if key != nil {
		begin = key.ID
	}
	ids, more := members.Page(n, begin)
	list, err := customersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	page := graph.CustomerPage{More: more}
	for _, c := range list {
		page.Customers = append(page.Customers, c.Customer)
	}
	connection := model.NewCustomerConnection(page, graph.CustomerQuery{}, func(c model.Customer) string { return customerCursor(graph.ByCustomerID, c.Key()) })
	connection.Total = func(context.Context) (int64, error) { return int64(members.Len()), nil }
	return connection, nil
}

const mostDifferentiators = 100

func (segment) Differentiators(ctx context.Context, s *model.Segment, first int32, asOf *time.Time) ([]model.Differentiator, error) {
	rule, at, err := compiled(ctx, s, asOf)
	if err != nil {
		return nil, err
	}
	return differentiators(ctx, rule, at, first)
}

func differentiators(ctx context.Context, rule *insight.Rule, at time.Time, first int32) ([]model.Differentiator, error) {
	if first < 0 || first > mostDifferentiators {
		return nil, invalidArgument("first is %d: use 0 to %d", first, mostDifferentiators)
	}
	found, err := rule.Differentiators(ctx, at, int(first))
	if err != nil {
		return nil, err
	}
	tree, err := loader.For(ctx).Tree(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]model.Differentiator, len(found))
	for i, d := range found {
		list[i] = model.Differentiator{
			Attribute: model.NonEmpty(d.Attribute), Value: model.NonEmpty(d.Value), Share: d.Share, Others: d.Others, Lift: finite(&d.Lift), Low: d.Low, High: d.High, QValue: d.Q,
		}
		if d.Category != "" {
			list[i].Category = model.CategoryIn(tree, d.Category)
		}
	}
	return list, nil
}

func (segment) Status(ctx context.Context, s *model.Segment) (*model.SegmentStatus, error) {
	v, err := viewOf(ctx)
	if err != nil {
		return nil, err
	}
	published := v.PublishedAt()
	status := &model.SegmentStatus{State: model.SegmentStateReady, LastComputedAt: &published}
	if _, err := v.Compile(s.Segment.Rule, "rule"); err != nil {
		message := err.Error()
		status.State, status.Error = model.SegmentStateError, &message
	}
	return status, nil
}

func (segment) UsedBy(ctx context.Context, s *model.Segment) ([]string, error) {
	v, err := viewOf(ctx)
	if err != nil {
		return nil, err
	}
	return append([]string{}, v.UsedBy(s.ID)...), nil
}

func (query) Segment(ctx context.Context, id string) (*model.Segment, error) {
	v, err := viewOf(ctx)
	if err != nil {
		return nil, err
	}
	if s := v.Segment(id); s != nil {
		return &model.Segment{Segment: s}, nil
	}
	return nil, nil //nolint:nilnil // null is the answer
}

func (query) Segments(ctx context.Context, where *model.SegmentWhere, orderBy *model.SegmentOrder, first int32, after *string) (*model.SegmentConnection, error) {
	n, err := pageSize(first)
	if err != nil {
		return nil, err
	}
	v, err := viewOf(ctx)
	if err != nil {
		return nil, err
	}
	list, err := segmentsWhere(v, where)
	if err != nil {
		return nil, err
	}
	kind, keys, err := segmentKeys(ctx, list, orderBy)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b model.Segment) int {
		return cmp.Or(cmp.Compare(keys[a.ID], keys[b.ID]), cmp.Compare(a.ID, b.ID))
	})
	total := len(list)
	if after != nil {
		parts, err := decodeCursor(*after, kind, 2)
		if err != nil {
			return nil, err
		}
		list = slices.DeleteFunc(list, func(s model.Segment) bool {
			return cmp.Or(cmp.Compare(keys[s.ID], parts[0]), cmp.Compare(s.ID, parts[1])) <= 0
		})
	}
	more := len(list) > n
	return model.NewSegmentConnection(list[:min(n, len(list))], more, total, func(s model.Segment) string { return encodeCursor(kind, keys[s.ID], s.ID) }), nil
}

func segmentsWhere(v *insight.View, where *model.SegmentWhere) (list []model.Segment, err error) {
	if where == nil {
		where = &model.SegmentWhere{}
	}
	if where.Ids != nil && len(where.Ids) == 0 {
		return nil, invalidArgument("where.ids is empty: name ids or leave it out")
	}
	if err := refuseEmpty(map[string]*string{"where.search": where.Search}); err != nil {
		return nil, err
	}
	search, segments := graph.Fold(text(where.Search)), v.Segments()
	for i := range segments {
		s := &segments[i]
		if where.Ids != nil && !slices.Contains(where.Ids, s.ID) || !strings.Contains(graph.Fold(s.ID), search) && !strings.Contains(graph.Fold(s.Name), search) {
			continue
		}
		list = append(list, model.Segment{Segment: s})
	}
	return list, nil
}

// segmentKeys gives by what segments are put in order, as texts that compare so.
func segmentKeys(ctx context.Context, list []model.Segment, orderBy *model.SegmentOrder) (kind cursorKind, keys map[string]string, err error) {
	keys = make(map[string]string, len(list))
	switch {
	case orderBy == nil || *orderBy == model.SegmentOrderID:
		return segmentCursor, keys, nil
	case *orderBy == model.SegmentOrderName:
		for _, s := range list {
			keys[s.ID] = graph.Fold(s.Name)
		}
		return segmentNameCursor, keys, nil
	}
	v, at, err := viewAt(ctx, nil)
	if err != nil {
		return 0, nil, err
	}
	for _, s := range list {
		size := 0 // of one whose rule does not fit the data
		if rule, err := v.RuleOf(s.Segment); err == nil {
			members, err := rule.Members(ctx, at)
			if err != nil {
				return 0, nil, err
			}
			size = members.Len()
		}
		keys[s.ID] = sizeKey(size)
	}
	return segmentSizeCursor, keys, nil
}

// sizeKey gives a text that compares the other way round.
func sizeKey(n int) string {
	key := make([]byte, 8)
	for i := range key {
		key[i] = ^byte(uint64(n) >> (56 - 8*i))
	}
	return string(key)
}

func (query) SegmentOverlap(ctx context.Context, ids []string, asOf *time.Time) ([]model.SegmentOverlap, error) {
	if len(ids) < 2 || len(ids) > 50 {
		return nil, invalidArgument("segments: name 2 to 50")
	}
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			return nil, invalidArgument("segments[%d]: %q is named before", i, graph.Clip(id))
		}
	}
	v, at, err := viewAt(ctx, asOf)
	if err != nil {
		return nil, err
	}
	found, err := v.Overlaps(ctx, ids, at)
	if err != nil {
		return nil, err
	}
	list := make([]model.SegmentOverlap, len(found))
	for i, o := range found {
		list[i] = model.SegmentOverlap{
			A: &model.Segment{Segment: v.Segment(o.A)}, B: &model.Segment{Segment: v.Segment(o.B)}, Common: model.Count(o.Common),
			SizeA: model.Count(o.SizeA), SizeB: model.Count(o.SizeB), Jaccard: o.Jaccard,
		}
	}
	return list, nil
}

// ruleError tells what is wrong with a rule that was to be saved.
func ruleError(wrong *graph.RuleError) model.UserError {
	path := strings.FieldsFunc(wrong.Path, func(r rune) bool { return strings.ContainsRune(".[]", r) })
	return model.UserError{Path: path, Code: strings.ToUpper(string(graph.RejectInvalidRule)), Message: wrong.Message}
}

func (r mutation) SaveSegment(ctx context.Context, input model.SegmentInput) (*model.SaveSegmentPayload, error) {
	rule, err := decodeRule(input.Rule, "input.rule")
	if wrong, ok := errors.AsType[*graph.RuleError](err); ok {
		return &model.SaveSegmentPayload{UserErrors: []model.UserError{ruleError(wrong)}}, nil
	}
	if err != nil {
		return nil, err
	}
	s := graph.Segment{ID: input.ID, Name: text(input.Name), Description: text(input.Description), Rule: rule}
	if v, err := viewOf(ctx); err == nil { // what does not fit the data is told at once, where the data is there
		_, err := v.Compile(rule, "input.rule")
		if wrong, ok := errors.AsType[*graph.RuleError](err); ok && !strings.Contains(wrong.Path, ".segment.") {
			return &model.SaveSegmentPayload{UserErrors: []model.UserError{ruleError(wrong)}}, nil
		}
	}
	o, err := r.write(ctx, &graph.Batch{Segments: []graph.Segment{s}})
	if err != nil {
		return nil, err
	}
	if rejection := o.Segments[0].Rejection; rejection != nil {
		return &model.SaveSegmentPayload{UserErrors: []model.UserError{userError(rejection, "input")}}, nil
	}
	if s.Name == "" {
		s.Name = s.ID
	}
	return &model.SaveSegmentPayload{Segment: &model.Segment{Segment: &s}, UserErrors: []model.UserError{}}, nil
}

func (r mutation) DeleteSegment(ctx context.Context, id string) (*model.DeleteSegmentPayload, error) {
	o, err := r.write(ctx, &graph.Batch{DeleteSegments: []string{id}})
	if err != nil {
		return nil, err
	}
	if rejection := o.DeleteSegments[0].Rejection; rejection != nil {
		return &model.DeleteSegmentPayload{UserErrors: []model.UserError{userError(rejection)}}, nil
	}
	return &model.DeleteSegmentPayload{Deleted: &id, UserErrors: []model.UserError{}}, nil
}
