package rows

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
)

// segmentsAsked asks a question about the segments that are wanted, and gives the nodes. An id that no segment has is a [*ParameterError]: the API leaves it out,
// but nobody would see a line that is missing in a table.
func segmentsAsked(ctx context.Context, ask Ask, query string, o Options) iter.Seq2[any, error] {
	variables := map[string]any{"asOf": asOf(o), "first": segmentsPerPage}
	if len(o.Segments) > 0 {
		variables["where"] = map[string]any{"ids": o.Segments}
	}
	return func(yield func(any, error) bool) {
		if err := known(ctx, ask, o.Segments); err != nil {
			yield(nil, err)
			return
		}
		pages(ctx, ask, query, variables, "segments")(yield)
	}
}

const (
	countQuery = `query($ids: [ID!]) { segments(first: 0, where: { ids: $ids }) { totalCount } }`
	knownQuery = `query($id: ID!) { segment(id: $id) { id } }`
)

// known refuses ids that no segment has. Each is there once.
func known(ctx context.Context, ask Ask, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	data, err := ask(ctx, countQuery, map[string]any{"ids": ids})
	if err != nil || dig(data, "segments", "totalCount") == float64(len(ids)) {
		return err
	}
	for _, id := range ids { // which it is
		data, err := ask(ctx, knownQuery, map[string]any{"id": id})
		if err != nil {
			return err
		}
		if dig(data, "segment") == nil {
			return &ParameterError{"segments", fmt.Sprintf("there is no segment %.40q", id)}
		}
	}
	return nil // it has come meanwhile
}

const segmentsQuery = `query($first: Int!, $after: String, $where: SegmentWhere, $asOf: DateTime) { segments(first: $first, after: $after, where: $where) { pageInfo { hasNextPage endCursor }
	nodes { id name description rule size(asOf: $asOf) trend(asOf: $asOf) { rate low high qValue significant reason } status { state error } usedBy } } }`

var segmentsView = View{
	Name: "segments", Help: "a row a segment, with its size and whether it grows",
	columns: fixed(
		Column{"id", Text, "the segment"}, Column{"name", Text, "its name"}, Column{"description", Text, "what it is about"}, Column{"size", Number, "members"},
		Column{"growth", Number, "of active members beside all customers, year on year; .25 is a quarter more"}, Column{"growth_low", Number, "lower end of its 90 % interval"},
		Column{"growth_high", Number, "upper end"}, Column{"q_value", Number, "chance if it grew by no more than a tenth"}, Column{"growing", Boolean, "q_value is at most .1"},
		Column{"reason", Text, "why there is no growth"}, Column{"state", Text, "READY, or ERROR"}, Column{"error", Text, "what is wrong with the rule"}, Column{"rule", Text, "as JSON"},
	),
	rows: func(ctx context.Context, ask Ask, o Options) iter.Seq2[[]any, error] {
		return each(segmentsAsked(ctx, ask, segmentsQuery, o), func(s any) ([][]any, error) {
			rule, err := json.Marshal(dig(s, "rule"))
			if err != nil {
				return nil, fmt.Errorf("write the rule of a segment: %w", err)
			}
			return [][]any{{
				dig(s, "id"), dig(s, "name"), dig(s, "description"), dig(s, "size"), dig(s, "trend", "rate"), dig(s, "trend", "low"), dig(s, "trend", "high"),
				dig(s, "trend", "qValue"), dig(s, "trend", "significant"), dig(s, "trend", "reason"), dig(s, "status", "state"), dig(s, "status", "error"), string(rule),
			}}, nil
		})
	},
}

// The first question also tells of those that there is no growth of: to ask for it is an error, which would leave the other segments without an answer too. The size
// is asked for so that the answer is as of the moment that was asked about, whatever becomes of the growth.
const (
	followedQuery = `query($first: Int!, $after: String, $where: SegmentWhere, $asOf: DateTime) { segments(first: $first, after: $after, where: $where) {
	pageInfo { hasNextPage endCursor } nodes { id name size(asOf: $asOf) status { state error } } } }`
	segmentGrowthQuery = `query($id: ID!, $asOf: DateTime, $grain: Grain) { segment(id: $id) {
	growth(asOf: $asOf, grain: $grain) { periodStart totalMembers membersAdded membersRemoved netMembersChanged } } }`
)

var segmentGrowthView = View{
	Name: "segment-growth", Help: "a row a segment and period; one without period where a segment's rule does not fit the data", several: true,
	columns: fixed(
		Column{"segment", Text, "the segment"}, Column{"name", Text, "its name"}, Column{"period_start", Text, "first moment of the period, RFC 3339"},
		Column{"total_members", Number, "members at its end"}, Column{"members_added", Number, "who were none at the end of the period before"},
		Column{"members_removed", Number, "who are none any more"}, Column{"net_members_changed", Number, "added less removed"},
		Column{"reason", Text, "why there are no figures: INVALID_RULE"}, Column{"error", Text, "what is wrong with the rule"},
	),
	rows: func(ctx context.Context, ask Ask, o Options) iter.Seq2[[]any, error] {
		return each(segmentsAsked(ctx, ask, followedQuery, o), func(s any) ([][]any, error) { return growthRows(ctx, ask, s, o) })
	},
}

// growthRows gives the periods of a segment, or why there are none.
func growthRows(ctx context.Context, ask Ask, s any, o Options) (rows [][]any, err error) {
	if dig(s, "status", "state") == "ERROR" {
		return [][]any{{dig(s, "id"), dig(s, "name"), nil, nil, nil, nil, nil, "INVALID_RULE", dig(s, "status", "error")}}, nil
	}
	variables := map[string]any{"id": dig(s, "id"), "asOf": asOf(o)}
	if o.Grain != "" {
		variables["grain"] = o.Grain
	}
	data, err := ask(ctx, segmentGrowthQuery, variables)
	if err != nil {
		return nil, err
	}
	for _, p := range list(data, "segment", "growth") {
		rows = append(rows, []any{
			dig(s, "id"), dig(s, "name"), dig(p, "periodStart"), dig(p, "totalMembers"), dig(p, "membersAdded"), dig(p, "membersRemoved"), dig(p, "netMembersChanged"), nil, nil,
		})
	}
	return rows, nil
}
