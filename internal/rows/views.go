package rows

import (
	"context"
	"encoding/json"
	"iter"
	"strings"
)

// How many records are asked for at a time. Each segment is computed over all customers, so that fewer cost as much.
const (
	perPage         = 500
	segmentsPerPage = 50
)

// pages asks a question with $first and $after until its connection ends, and gives the nodes.
func pages(ctx context.Context, ask Ask, query string, variables map[string]any, field string) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		if variables["first"] == nil {
			variables["first"] = perPage
		}
		for {
			data, err := ask(ctx, query, variables)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, node := range list(data, field, "nodes") {
				if !yield(node, nil) {
					return
				}
			}
			if dig(data, field, "pageInfo", "hasNextPage") != true {
				return
			}
			variables["after"] = dig(data, field, "pageInfo", "endCursor")
		}
	}
}

// each lays out nodes as rows.
func each(nodes iter.Seq2[any, error], layOut func(node any) [][]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for node, err := range nodes {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, row := range layOut(node) {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

const customersQuery = `query($first: Int!, $after: String) { findCustomers(first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes {
	id createdAt lastSeenAt household { id } lifecycle valueTier rfm { recencyDays frequency monetary currency recencyScore frequencyScore monetaryScore group }
	dataQuality { completeness verified } segments { segment { id } } } } }`

var customersView = View{
	Name: "customers", Help: "a row a customer, without names and identities",
	columns: fixed(
		Column{"id", Text, "the customer"}, Column{"created_at", Text, "when first registered, RFC 3339"}, Column{"last_seen_at", Text, "the latest interaction, RFC 3339"},
		Column{"household", Text, "the household"}, Column{"lifecycle", Text, "stage in the cycle of purchases"}, Column{"value_tier", Text, "class by value"},
		Column{"rfm_group", Text, "group by the three scores"}, Column{"recency_days", Number, "days since the last order"}, Column{"orders", Number, "number of orders"},
		Column{"monetary", Number, "sum of purchases, in currency"}, Column{"currency", Text, "of monetary"}, Column{"recency_score", Number, "1 to 5"},
		Column{"frequency_score", Number, "1 to 5"}, Column{"monetary_score", Number, "1 to 5"}, Column{"completeness", Number, "share known of what is usually known"},
		Column{"verified", Boolean, "an identity was verified"}, Column{"segments", Text, "ids, with | between them"},
	),
	rows: func(ctx context.Context, ask Ask, _ Options) iter.Seq2[[]any, error] {
		return each(pages(ctx, ask, customersQuery, map[string]any{}, "findCustomers"), func(c any) [][]any {
			var segments []string
			for _, s := range list(c, "segments") {
				id, _ := dig(s, "segment", "id").(string)
				segments = append(segments, id)
			}
			return [][]any{{
				dig(c, "id"), dig(c, "createdAt"), dig(c, "lastSeenAt"), dig(c, "household", "id"), dig(c, "lifecycle"), dig(c, "valueTier"), dig(c, "rfm", "group"),
				dig(c, "rfm", "recencyDays"), dig(c, "rfm", "frequency"), number(dig(c, "rfm", "monetary")), dig(c, "rfm", "currency"), dig(c, "rfm", "recencyScore"),
				dig(c, "rfm", "frequencyScore"), dig(c, "rfm", "monetaryScore"), dig(c, "dataQuality", "completeness"), dig(c, "dataQuality", "verified"),
				strings.Join(segments, "|"),
			}}
		})
	},
}

const segmentsQuery = `query($first: Int!, $after: String, $where: SegmentWhere, $asOf: DateTime) { segments(first: $first, after: $after, where: $where) { pageInfo { hasNextPage endCursor }
	nodes { id name description rule size(asOf: $asOf) trend(asOf: $asOf) { rate low high qValue significant reason } status { state error } usedBy } } }`

// segmentVariables narrows a question about segments.
func segmentVariables(o Options) map[string]any {
	variables := map[string]any{"asOf": asOf(o), "first": segmentsPerPage}
	if len(o.Segments) > 0 {
		variables["where"] = map[string]any{"ids": o.Segments}
	}
	return variables
}

var segmentsView = View{
	Name: "segments", Help: "a row a segment, with its size and whether it grows",
	columns: fixed(
		Column{"id", Text, "the segment"}, Column{"name", Text, "its name"}, Column{"description", Text, "what it is about"}, Column{"size", Number, "members"},
		Column{"growth", Number, "of active members beside all customers, year on year; .25 is a quarter more"}, Column{"growth_low", Number, "lower end of its 90 % interval"},
		Column{"growth_high", Number, "upper end"}, Column{"q_value", Number, "chance if it grew by no more than a tenth"}, Column{"growing", Boolean, "q_value is at most .1"},
		Column{"reason", Text, "why there is no growth"}, Column{"state", Text, "READY, or ERROR"}, Column{"error", Text, "what is wrong with the rule"}, Column{"rule", Text, "as JSON"},
	),
	rows: func(ctx context.Context, ask Ask, o Options) iter.Seq2[[]any, error] {
		return each(pages(ctx, ask, segmentsQuery, segmentVariables(o), "segments"), func(s any) [][]any {
			rule, err := json.Marshal(dig(s, "rule"))
			if err != nil {
				rule = nil // it was decoded from JSON
			}
			return [][]any{{
				dig(s, "id"), dig(s, "name"), dig(s, "description"), dig(s, "size"), dig(s, "trend", "rate"), dig(s, "trend", "low"), dig(s, "trend", "high"),
				dig(s, "trend", "qValue"), dig(s, "trend", "significant"), dig(s, "trend", "reason"), dig(s, "status", "state"), dig(s, "status", "error"), string(rule),
			}}
		})
	},
}

const segmentGrowthQuery = `query($first: Int!, $after: String, $where: SegmentWhere, $asOf: DateTime, $grain: Grain) { segments(first: $first, after: $after, where: $where) {
	pageInfo { hasNextPage endCursor } nodes { id name growth(asOf: $asOf, grain: $grain) { periodStart totalMembers membersAdded membersRemoved netMembersChanged } } } }`

var segmentGrowthView = View{
	Name: "segment-growth", Help: "a row a segment and period", several: true,
	columns: fixed(
		Column{"segment", Text, "the segment"}, Column{"name", Text, "its name"}, Column{"period_start", Text, "first moment of the period, RFC 3339"},
		Column{"total_members", Number, "members at its end"}, Column{"members_added", Number, "who were none at the end of the period before"},
		Column{"members_removed", Number, "who are none any more"}, Column{"net_members_changed", Number, "added less removed"},
	),
	rows: func(ctx context.Context, ask Ask, o Options) iter.Seq2[[]any, error] {
		variables := segmentVariables(o)
		if o.Grain != "" {
			variables["grain"] = o.Grain
		}
		return each(pages(ctx, ask, segmentGrowthQuery, variables, "segments"), func(s any) (rows [][]any) {
			for _, p := range list(s, "growth") {
				rows = append(rows, []any{
					dig(s, "id"), dig(s, "name"), dig(p, "periodStart"), dig(p, "totalMembers"), dig(p, "membersAdded"), dig(p, "membersRemoved"), dig(p, "netMembersChanged"),
				})
			}
			return rows
		})
	},
}

const populationQuery = `query($asOf: DateTime) { population(asOf: $asOf) { currency lifecycle { lifecycle customers revenue } tiers { tier customers revenue } groups { group customers revenue } } }`

var populationView = View{
	Name: "population", Help: "a row a class of customers: by lifecycle, tier and RFM group", several: true,
	columns: fixed(
		Column{"classification", Text, "lifecycle, tier or rfm_group"}, Column{"class", Text, "the class"}, Column{"customers", Number, "customers in it"},
		Column{"revenue", Number, "sum of their purchases, in currency"}, Column{"currency", Text, "of revenue"},
	),
	rows: func(ctx context.Context, ask Ask, o Options) iter.Seq2[[]any, error] {
		return func(yield func([]any, error) bool) {
			data, err := ask(ctx, populationQuery, map[string]any{"asOf": asOf(o)})
			if err != nil {
				yield(nil, err)
				return
			}
			for _, c := range [][3]string{{"lifecycle", "lifecycle", "lifecycle"}, {"tiers", "tier", "tier"}, {"groups", "group", "rfm_group"}} {
				for _, class := range list(data, "population", c[0]) {
					row := []any{c[2], dig(class, c[1]), dig(class, "customers"), number(dig(class, "revenue")), dig(data, "population", "currency")}
					if !yield(row, nil) {
						return
					}
				}
			}
		}
	},
}
