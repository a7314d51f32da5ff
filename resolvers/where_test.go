package resolvers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCustomersWhere holds that a rule narrows every order and search, page by page, and that the total is that of all pages.
func TestCustomersWhere(t *testing.T) {
	w := newWorld(t, true, shop(t))
	const inTaipei = `where: {attribute: {name: "city", eq: "Taipei"}}`
	for arguments, want := range map[string]string{
		inTaipei:                                              "c1 c2 c3 c4",
		inTaipei + `, orderBy: ID`:                            "c1 c2 c3 c4",
		inTaipei + `, orderBy: NAME`:                          "c4 c3 c2 c1",
		inTaipei + `, orderBy: NEWEST`:                        "c4 c3 c2 c1",
		inTaipei + `, search: "e"`:                            "c2",
		inTaipei + `, search: "a", orderBy: ID`:               "",
		`where: {not: {segment: {in: ["c"]}}}, orderBy: NAME`: "c6 c5",
		`where: {event: {types: [PURCHASE]}}, orderBy: NAME`:  "",
		`where: {event: {}}, asOf: "2026-01-29T00:00:00Z"`:    "c4 c5 c6",
	} {
		for first := 1; first <= 7; first++ {
			var got []string
			after := ""
			for range 7 {
				found := at(w.ask(t, fmt.Sprintf(`{ findCustomers(%s, first: %d%s) { nodes { id } pageInfo { hasNextPage endCursor } totalCount } }`, arguments, first, after), nil), "findCustomers")
				if page := column(at(found, "nodes"), "id"); page != "" {
					got = append(got, page)
				}
				if n := len(strings.Fields(want)); at(found, "totalCount") != float64(n) {
					t.Errorf("%s: totalCount is %v, want %d", arguments, at(found, "totalCount"), n)
				}
				if at(found, "pageInfo", "hasNextPage") != true {
					break
				}
				after = fmt.Sprintf(`, after: %q`, at(found, "pageInfo", "endCursor"))
			}
			if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
				t.Errorf("%s by %d: %s", arguments, first, diff)
			}
		}
	}
}

// TestDemandTable holds the columns of a table, their kinds and units.
func TestDemandTable(t *testing.T) {
	w := newWorld(t, true, shop(t))
	table := at(w.ask(t, `{ demand(by: [ATTRIBUTE, CHANNEL], attribute: "city", measures: [CUSTOMERS, VIEWS, SERVED_RATE, REVENUE], where: {segments: ["b"], types: [VIEW]}) {
		rowCount columns { name kind unit reason strings numbers } } }`, nil), "demand")
	want := object{"rowCount": 2.0, "columns": []any{
		object{"name": "ATTRIBUTE", "kind": "DIMENSION", "unit": nil, "reason": nil, "strings": []any{"Tainan", "Taipei"}, "numbers": nil},
		object{"name": "CHANNEL", "kind": "DIMENSION", "unit": nil, "reason": nil, "strings": []any{"WEB", "WEB"}, "numbers": nil},
		object{"name": "CUSTOMERS", "kind": "MEASURE", "unit": "customers", "reason": nil, "strings": nil, "numbers": []any{2.0, 4.0}},
		object{"name": "VIEWS", "kind": "MEASURE", "unit": "interactions", "reason": nil, "strings": nil, "numbers": []any{2.0, 4.0}},
		object{"name": "SERVED_RATE", "kind": "MEASURE", "unit": "share", "reason": nil, "strings": nil, "numbers": []any{0.0, 0.0}},
		object{"name": "REVENUE", "kind": "MEASURE", "unit": nil, "reason": nil, "strings": nil, "numbers": []any{0.0, 0.0}},
	}}
	if diff := cmp.Diff(any(want), table); diff != "" {
		t.Error(diff)
	}
}
