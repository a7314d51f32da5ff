package rows

import (
	"context"
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
func each(nodes iter.Seq2[any, error], layOut func(node any) ([][]any, error)) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for node, err := range nodes {
			var rows [][]any
			if err == nil {
				rows, err = layOut(node)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, row := range rows {
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
		return each(pages(ctx, ask, customersQuery, map[string]any{}, "findCustomers"), func(c any) ([][]any, error) {
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
			}}, nil
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
