package resolvers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const everyVerdict = `verdicts: [DEVELOP, RESTOCK, FIX_FINDABILITY, SERVED, WATCH], level: ALL`

// TestGapPages holds each order, with pages of every size, and what a cursor of another order gets.
func TestGapPages(t *testing.T) {
	w := newWorld(t, true, shop(t))
	whole := at(w.ask(t, `{ gaps(where: {`+everyVerdict+`}, first: 500) { nodes { id } totalCount } }`, nil), "gaps")
	ids := strings.Fields(column(at(whole, "nodes"), "id"))
	if len(ids) == 0 || at(whole, "totalCount") != float64(len(ids)) {
		t.Fatalf("%d cells of %v", len(ids), at(whole, "totalCount"))
	}
	for _, order := range []string{"VALUE", "UNMET_CUSTOMERS", "CUSTOMERS", "GROWTH", "DEMAND_INDEX"} {
		all := column(at(w.ask(t, fmt.Sprintf(`{ gaps(where: {%s}, orderBy: %s, first: 500) { nodes { id } } }`, everyVerdict, order), nil), "gaps", "nodes"), "id")
		for first := 1; first <= len(ids); first += 3 {
			var got []string
			after := ""
			for range ids {
				found := at(w.ask(t, fmt.Sprintf(`{ gaps(where: {%s}, orderBy: %s, first: %d%s) { nodes { id } pageInfo { hasNextPage endCursor } } }`, everyVerdict, order, first, after), nil), "gaps")
				got = append(got, column(at(found, "nodes"), "id"))
				if at(found, "pageInfo", "hasNextPage") != true {
					break
				}
				end := at(found, "pageInfo", "endCursor").(string)
				after = fmt.Sprintf(`, after: %q`, end)
				for _, other := range []string{"CUSTOMERS", "GROWTH"} {
					if _, err := w.execute(t, fmt.Sprintf(`{ gaps(where: {%s}, orderBy: %s, after: %q) { totalCount } }`, everyVerdict, other, end), nil); (other != order) != isCursorError(err) {
						t.Errorf("%s takes a cursor of %s: %v", other, order, err)
					}
				}
			}
			if diff := cmp.Diff(all, strings.Join(got, " ")); diff != "" {
				t.Errorf("%s by %d: %s", order, first, diff)
			}
		}
	}
}

// TestGapOfACell holds that one cell is told as in the list, that everyone has a row, and that who is not there is null or refused, never ignored.
func TestGapOfACell(t *testing.T) {
	w := newWorld(t, true, shop(t))
	const fields = `{ id segment { id } category { id } need verdict cause demand { customers searches views index { low mid high } indexReason share } supply { activeProducts fittingProducts index indexReason }
		served { rate buyers customers reference reason } growth { rate reason significant } unmetCustomers { low mid high } unmetReason window { from to } asOf }`
	listed := at(w.ask(t, `{ gaps(where: {`+everyVerdict+`}, first: 500) { nodes `+fields+` } }`, nil), "gaps", "nodes").([]any)
	rows := map[string]bool{}
	for _, cell := range listed {
		segment, category := at(cell, "segment", "id").(string), at(cell, "category", "id").(string)
		rows[segment] = true
		one := at(w.ask(t, fmt.Sprintf(`{ gap(segment: %q, category: %q) %s }`, segment, category, fields), nil), "gap")
		if diff := cmp.Diff(cell, one); diff != "" {
			t.Errorf("%s × %s: the list (-) and the cell (+) differ: %s", segment, category, diff)
		}
		if (at(one, "demand", "index") == nil) != (at(one, "demand", "indexReason") != nil) || (at(one, "unmetCustomers") == nil) != (at(one, "unmetReason") != nil) {
			t.Errorf("%s × %s: a figure is missing without a reason, or has both: %v", segment, category, one)
		}
	}
	if !rows["everyone"] || len(rows) < 3 {
		t.Errorf("rows are of %v", rows)
	}
	for _, arguments := range []string{`segment: "nobody", category: "tops"`, `segment: "everyone", category: "nothing"`} {
		if got := at(w.ask(t, `{ gap(`+arguments+`) { id } }`, nil), "gap"); got != nil {
			t.Errorf("%s: %v", arguments, got)
		}
	}
	for question, want := range map[string]string{
		`{ gaps(where: {segments: ["nobody"]}) { totalCount } }`:                       "nobody",
		`{ gaps(where: {categories: ["nothing"]}) { totalCount } }`:                    "nothing",
		`{ gaps(where: {verdicts: []}) { totalCount } }`:                               "where.verdicts is empty",
		`{ gaps(where: {minCustomers: -1}) { totalCount } }`:                           "where.minCustomers",
		`{ gaps(first: 501) { totalCount } }`:                                          "501",
		`{ gapMatrix(segments: ["nobody"], measure: CUSTOMERS) { segments } }`:         "nobody",
		`{ gapMatrix(categories: ["nothing"], measure: DEMAND_INDEX) { categories } }`: "nothing",
		`{ emergingSegments(first: 51) { id } }`:                                       "51",
	} {
		if _, err := w.execute(t, question, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", question, err)
		}
	}
}

// TestGapMatrix holds that a matrix says of each cell what the cell says.
func TestGapMatrix(t *testing.T) {
	w := newWorld(t, true, shop(t))
	m := at(w.ask(t, `{ gapMatrix(measure: CUSTOMERS) { segments categories values verdicts } }`, nil), "gapMatrix")
	segments, categories := at(m, "segments").([]any), at(m, "categories").([]any)
	if len(segments) < 3 || len(categories) == 0 || segments[0] != "everyone" {
		t.Fatalf("%v × %v", segments, categories)
	}
	for i, segment := range segments {
		for j, category := range categories {
			cell := at(w.ask(t, fmt.Sprintf(`{ gap(segment: %q, category: %q) { verdict demand { customers } } }`, segment, category), nil), "gap")
			value, verdict := at(m, "values").([]any)[i].([]any)[j], at(m, "verdicts").([]any)[i].([]any)[j]
			if value != at(cell, "demand", "customers") || verdict != at(cell, "verdict") {
				t.Errorf("%s × %s: %v %v, the cell says %v", segment, category, value, verdict, cell)
			}
		}
	}
}
