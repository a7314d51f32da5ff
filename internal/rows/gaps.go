package rows

import (
	"context"
	"iter"
)

const gapsQuery = `query($first: Int!, $after: String, $where: GapWhere, $asOf: DateTime) { gaps(first: $first, after: $after, where: $where, asOf: $asOf) { pageInfo { hasNextPage endCursor }
	nodes { id segment { id name } category { id name } need verdict cause causeDetail { priceBand { low high currency } attribute value note } ranked
		demand { customers searches zeroResultSearches views wishlists carts purchases index { low mid high } indexReason share }
		supply { activeProducts fittingProducts availableShare index indexReason topFiveClickShare }
		served { rate reference basis below reason } unmetCustomers { low mid high } unmetReason
		value { low mid high currency horizonDays margin cannibalisation ordersPerBuyer spendPerOrder fairShare } valueReason score breakdown { name points max why } status
		growth { rate low high qValue significant seasonSeparable fromMembers fromShare reason } window { from to } asOf } } }`

// gapsWhere narrows a question about gaps.
func (o Options) gapsWhere() map[string]any {
	where := map[string]any{}
	for name, names := range map[string][]string{"segments": o.Segments, "categories": o.Categories, "verdicts": o.Verdicts} {
		if len(names) > 0 {
			where[name] = names
		}
	}
	if o.Level != "" {
		where["level"] = o.Level
	}
	if o.Growing {
		where["growing"] = true
	}
	if o.MinCustomers > 0 {
		where["minCustomers"] = o.MinCustomers
	}
	return where
}

// Gaps asks for gaps as the API gives them, in its order.
func Gaps(ctx context.Context, ask Ask, o Options) iter.Seq2[any, error] {
	return pages(ctx, ask, gapsQuery, map[string]any{"asOf": asOf(o), "where": o.gapsWhere()}, "gaps")
}

var gapsView = View{
	Name: "gaps", Help: "a row a segment and category that the catalog does not serve",
	columns: fixed(
		Column{"segment", Text, "the segment, or everyone"}, Column{"category", Text, "the category, with its descendants"}, Column{"category_name", Text, "its name"},
		Column{"need", Text, "what is wanted, in words"}, Column{"verdict", Text, "what is to be done"}, Column{"cause", Text, "why it is not served"},
		Column{"cause_attribute", Text, "the attribute that is missing"}, Column{"cause_value", Text, "its value"}, Column{"price_low", Number, "of the price band that is missing, in currency"},
		Column{"price_high", Number, "its upper end"}, Column{"currency", Text, "of the price band"}, Column{"customers", Number, "distinct customers with intent in the window"},
		Column{"demand_index_low", Number, "100 × times more than expected, 5 % quantile"}, Column{"demand_index", Number, "100 × times more than expected, shrunk"},
		Column{"demand_index_high", Number, "95 % quantile"}, Column{"served_rate", Number, "share of buyers, shrunk"}, Column{"reference_rate", Number, "what it would be if served as others are"},
		Column{"below", Number, "chance that the rate is below four fifths of the reference"}, Column{"unmet_low", Number, "customers, 10 % of the draws"},
		Column{"unmet", Number, "customers who would have bought beyond those who did"}, Column{"unmet_high", Number, "90 % of the draws"},
		Column{"unmet_reason", Text, "why unmet is missing"}, Column{"value_low", Number, "what closing the gap is worth in the horizon, in value_currency: 10 % of the draws"},
		Column{"value", Number, "the middle of the draws"}, Column{"value_high", Number, "90 % of the draws"}, Column{"value_currency", Text, "of the value"},
		Column{"value_reason", Text, "why value is missing"}, Column{"score", Number, "how much speaks for the gap, 0 to 100"},
		Column{"status", Text, "how far it has been taken care of"}, Column{"active_products", Number, "launched and not retired"},
		Column{"fitting_products", Number, "of these, those that nothing rules out"}, Column{"available_share", Number, "how often they could be had"}, Column{"supply_index", Number, "100 × share of supply over share of demand"},
		Column{"growth", Number, "customers with intent beside all, year on year; .25 is a quarter more"}, Column{"growth_low", Number, "lower end of its 90 % interval"},
		Column{"growth_high", Number, "upper end"}, Column{"q_value", Number, "chance if it grew by no more than a tenth, corrected for all tested"}, Column{"growing", Boolean, "it surely grows"},
		Column{"window_from", Text, "first moment of the window"}, Column{"window_to", Text, "first moment after it"},
	),
	rows: func(ctx context.Context, ask Ask, o Options) iter.Seq2[[]any, error] {
		return each(Gaps(ctx, ask, o), func(g any) ([][]any, error) {
			return [][]any{{
				dig(g, "segment", "id"), dig(g, "category", "id"), dig(g, "category", "name"), dig(g, "need"), dig(g, "verdict"), dig(g, "cause"),
				dig(g, "causeDetail", "attribute"), dig(g, "causeDetail", "value"), dig(g, "causeDetail", "priceBand", "low"), dig(g, "causeDetail", "priceBand", "high"),
				dig(g, "causeDetail", "priceBand", "currency"), dig(g, "demand", "customers"), dig(g, "demand", "index", "low"), dig(g, "demand", "index", "mid"),
				dig(g, "demand", "index", "high"), dig(g, "served", "rate"), dig(g, "served", "reference"), dig(g, "served", "below"), dig(g, "unmetCustomers", "low"),
				dig(g, "unmetCustomers", "mid"), dig(g, "unmetCustomers", "high"), dig(g, "unmetReason"), number(dig(g, "value", "low")), number(dig(g, "value", "mid")),
				number(dig(g, "value", "high")), dig(g, "value", "currency"), dig(g, "valueReason"), dig(g, "score"), dig(g, "status"), dig(g, "supply", "activeProducts"), dig(g, "supply", "fittingProducts"),
				dig(g, "supply", "availableShare"), dig(g, "supply", "index"), dig(g, "growth", "rate"), dig(g, "growth", "low"), dig(g, "growth", "high"),
				dig(g, "growth", "qValue"), dig(g, "growth", "significant"), dig(g, "window", "from"), dig(g, "window", "to"),
			}}, nil
		})
	},
}
