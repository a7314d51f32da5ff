package rows

import (
	"context"
	"iter"
	"slices"
	"strings"
)

const demandQuery = `query($by: [Dimension!]!, $measures: [Measure!]!, $where: DemandWhere, $asOf: DateTime, $grain: Grain, $attribute: String) {
	demand(by: $by, measures: $measures, where: $where, asOf: $asOf, grain: $grain, attribute: $attribute) { rowCount columns { strings numbers unit } } }`

// dimensionHelp says what a cell of each dimension is.
var dimensionHelp = map[string]string{
	"SEGMENT": "the segment; a customer counts in each of theirs", "CATEGORY": "the category, where things are filed directly", "PRODUCT": "the product",
	"CHANNEL": "the channel", "PERIOD": "first day of the period, YYYY-MM-DD", "ATTRIBUTE": "the customers' value of the attribute",
}

// demandMeasures are what can be measured, with what it counts.
var demandMeasures = [][2]string{
	{"CUSTOMERS", "distinct customers"}, {"INTERACTIONS", "interactions"}, {"SEARCHES", "searches"}, {"ZERO_RESULT_SEARCHES", "searches that said they found nothing"},
	{"VIEWS", "views"}, {"WISHLISTS", "times put on a wish list"}, {"CARTS", "times put into a cart"}, {"PURCHASES", "purchases"}, {"BUYERS", "distinct customers with a purchase"},
	{"REVENUE", "sum of the amounts of purchases, in currency"}, {"SERVED_RATE", "buyers over customers, 0 to 1"},
}

func measureNames() (names []string) {
	for _, m := range demandMeasures {
		names = append(names, m[0])
	}
	return names
}

func (o Options) by() []string {
	if len(o.By) == 0 {
		return []string{"CATEGORY", "PERIOD"}
	}
	return o.By
}

func (o Options) measures() []string {
	if len(o.Measures) == 0 {
		return slices.DeleteFunc(measureNames(), func(name string) bool { return name == "SERVED_RATE" })
	}
	return o.Measures
}

var demandView = View{
	Name: "demand", Help: "a row for each combination of dimensions in which something happened", several: true,
	columns: demandColumns, rows: demandRows,
}

// demandColumns are the dimensions, the measures, and where revenue is one, its currency.
func demandColumns(o Options) (columns []Column) {
	for _, d := range o.by() {
		columns = append(columns, Column{strings.ToLower(d), Text, dimensionHelp[d]})
	}
	for _, m := range o.measures() {
		at := slices.IndexFunc(demandMeasures, func(known [2]string) bool { return known[0] == m })
		if at < 0 { // the API will refuse it
			continue
		}
		columns = append(columns, Column{strings.ToLower(m), Number, demandMeasures[at][1]})
	}
	if slices.Contains(o.measures(), "REVENUE") {
		columns = append(columns, Column{"currency", Text, "of revenue"})
	}
	return columns
}

func demandRows(ctx context.Context, ask Ask, o Options) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		variables := map[string]any{"by": o.by(), "measures": o.measures(), "asOf": asOf(o)}
		if o.Grain != "" {
			variables["grain"] = o.Grain
		}
		if o.Attribute != "" {
			variables["attribute"] = o.Attribute
		}
		if len(o.Segments) > 0 {
			variables["where"] = map[string]any{"segments": o.Segments}
		}
		data, err := ask(ctx, demandQuery, variables)
		if err != nil {
			yield(nil, err)
			return
		}
		columns := make([][]any, 0, len(o.by())+len(o.measures()))
		for _, c := range list(data, "demand", "columns") {
			cells := list(c, "strings")
			if cells == nil {
				cells = list(c, "numbers")
			}
			columns = append(columns, cells)
		}
		revenue := slices.Index(o.measures(), "REVENUE")
		count, _ := dig(data, "demand", "rowCount").(float64)
		for n := range int(count) {
			row := make([]any, 0, len(columns)+1)
			for _, cells := range columns {
				row = append(row, cells[n])
			}
			if revenue >= 0 {
				row = append(row, dig(list(data, "demand", "columns")[len(o.by())+revenue], "unit"))
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}
