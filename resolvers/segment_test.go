package resolvers

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

// TestSegmentPages holds each order, with pages of every size, cursors of nodes, and what a cursor of another order gets.
func TestSegmentPages(t *testing.T) {
	w := newWorld(t, true, shop(t))
	ends := map[string]string{}
	for order, want := range map[string]string{"ID": "a b c d odd", "NAME": "b d c odd a", "SIZE": "b c d a odd"} {
		for first := 1; first <= 6; first++ {
			var got []string
			after := ""
			for range 6 {
				found := at(w.ask(t, fmt.Sprintf(`{ segments(orderBy: %s, first: %d%s) { nodes { id } edges { cursor node { id } } pageInfo { hasNextPage endCursor } totalCount } }`, order, first, after), nil), "segments")
				if at(found, "totalCount") != 5.0 {
					t.Errorf("%s: totalCount is %v", order, at(found, "totalCount"))
				}
				got = append(got, column(at(found, "nodes"), "id"))
				if edges := column(at(found, "edges"), "node", "id"); edges != got[len(got)-1] {
					t.Errorf("%s: edges are %s, nodes %s", order, edges, got[len(got)-1])
				}
				if at(found, "pageInfo", "hasNextPage") != true {
					break
				}
				ends[order] = at(found, "pageInfo", "endCursor").(string)
				after = fmt.Sprintf(`, after: %q`, ends[order])
			}
			if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
				t.Errorf("%s by %d: %s", order, first, diff)
			}
		}
	}
	for order := range ends {
		for other, cursor := range ends {
			if _, err := w.execute(t, fmt.Sprintf(`{ segments(orderBy: %s, after: %q) { totalCount } }`, order, cursor), nil); (other != order) != isCursorError(err) {
				t.Errorf("%s takes a cursor of %s: %v", order, other, err)
			}
		}
	}
}

func TestSegmentsWhere(t *testing.T) {
	w := newWorld(t, true, shop(t))
	for where, want := range map[string]string{
		`{}`: "a b c d odd", `{ids: ["d", "none", "a"]}`: "a d", `{search: "ＡLPHA"}`: "b d", `{search: "od"}`: "odd", `{search: "alpha", ids: ["a", "b"]}`: "b",
		`{search: "nobody"}`: "",
	} {
		found := w.ask(t, `{ segments(where: `+where+`) { nodes { id } totalCount } }`, nil)
		if diff := cmp.Diff(want, column(at(found, "segments", "nodes"), "id")); diff != "" || at(found, "segments", "totalCount") != float64(len(strings.Fields(want))) {
			t.Errorf("%s: %v %s", where, at(found, "segments", "totalCount"), diff)
		}
	}
	for where, says := range map[string]string{`{ids: []}`: "where.ids", `{search: ""}`: "where.search"} {
		_, err := w.execute(t, `{ segments(where: `+where+`) { totalCount } }`, nil)
		refusal(t, err, says)
	}
}

// TestSegmentThatDoesNotFit holds that it is told with what is wrong, and takes nothing else along.
func TestSegmentThatDoesNotFit(t *testing.T) {
	w := newWorld(t, true, shop(t))
	found := w.ask(t, `{ segment(id: "odd") { name description origin size trend { rate reason } usedBy status { state error staleSince lastComputedAt } } segments { nodes { id size } }
		customer(by: {id: "c1"}) { segments { segment { id description } } } }`, nil)
	odd := at(found, "segment")
	if at(odd, "size") != nil || at(odd, "trend", "reason") != "INVALID_RULE" || at(odd, "status", "state") != "ERROR" || at(odd, "status", "staleSince") != nil ||
		at(odd, "name") != "odd" || at(odd, "description") != nil || at(odd, "origin") != "DEFINED" {
		t.Errorf("it is %v", odd)
	}
	if said, _ := at(odd, "status", "error").(string); !strings.HasPrefix(said, "rule.attribute.gt: ") {
		t.Errorf("it says %q", said)
	}
	if at(found, "segments", "nodes", 1, "size") != 6.0 || at(found, "segments", "nodes", 3, "size") != 4.0 {
		t.Errorf("the others are %v", at(found, "segments"))
	}
	if got := column(at(found, "customer", "segments"), "segment", "id"); got != "b c d" {
		t.Errorf("the customer is in %s", got)
	}
	for _, field := range []string{"growth { totalMembers }", "members { totalCount }", "differentiators { share }"} {
		if _, err := w.execute(t, `{ segment(id: "odd") { `+field+` } }`, nil); !misfit(err) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestSegmentArguments(t *testing.T) {
	w := newWorld(t, true, shop(t))
	for query, says := range map[string]string{
		`{ segment(id: "a") { differentiators(first: 101) { share } } }`:                                                          "first is 101",
		`{ segment(id: "a") { differentiators(first: -1) { share } } }`:                                                           "first is -1",
		`{ segment(id: "a") { members(first: 501) { totalCount } } }`:                                                             "first is 501",
		`{ segments(first: 501) { totalCount } }`:                                                                                 "first is 501",
		`{ previewSegment(rule: {event: {}}) { sample(first: 51) { id } } }`:                                                      "first is 51",
		`{ segment(id: "a") { growth(between: {from: "2026-01-02T00:00:00Z", to: "2026-01-02T00:00:00Z"}) { totalMembers } } }`:   "between",
		`{ segmentOverlap(segments: ["a"]) { common } }`:                                                                          "2 to 50",
		`{ segmentOverlap(segments: ["a", "b", "a"]) { common } }`:                                                                "segments[2]",
		`{ explainMembership(customer: "c1") { matches } }`:                                                                       "exactly one",
		`{ explainMembership(customer: "c1", segment: "a", rule: {event: {}}) { matches } }`:                                      "exactly one",
		`{ findCustomers(asOf: "2026-01-01T00:00:00Z") { totalCount } }`:                                                          "where",
		`{ demand(by: [SEGMENT, CATEGORY, CHANNEL, PERIOD, PRODUCT], measures: [VIEWS]) { rowCount } }`:                           "at most 4",
		`{ demand(by: [], measures: [VIEWS], between: {from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z"}) { rowCount } }`: "between",
		`{ demand(by: [], measures: [VIEWS], where: {segments: [], categories: [], types: [], channels: []}) { rowCount } }`:      "where.segments",
		`{ demand(by: [], measures: [VIEWS], where: {channels: []}) { rowCount } }`:                                               "where.channels",
		`{ demand(by: [], measures: [VIEWS], where: {types: []}) { rowCount } }`:                                                  "where.types",
		`{ demand(by: [], measures: [VIEWS], where: {segments: []}) { rowCount } }`:                                               "where.segments",
	} {
		for range 5 { // the same is told every time
			_, err := w.execute(t, query, nil)
			refusal(t, err, says)
		}
	}
	for query, says := range map[string]string{
		`{ explainMembership(customer: "none", segment: "a") { matches } }`: "customer", `{ explainMembership(customer: "c1", segment: "none") { matches } }`: "segment",
	} {
		_, err := w.execute(t, query, nil)
		if coded, ok := errors.AsType[*Error](err); !ok || coded.Code != CodeNotFound || !strings.HasPrefix(coded.Message, says) {
			t.Errorf("%s: %v", query, err)
		}
	}
	if _, err := w.execute(t, `{ demand(by: [], measures: [VIEWS], where: {rule: {all: []}}) { rowCount } }`, nil); !misfit(err) || !strings.Contains(err.Error(), "where.rule.all") {
		t.Errorf("a rule of demand: %v", err)
	}
	if found := w.ask(t, `{ segment(id: "none") { id } }`, nil); at(found, "segment") != nil {
		t.Errorf("nobody's segment is %v", found)
	}
}

func TestPreviewAndExplanation(t *testing.T) {
	w := newWorld(t, true, shop(t))
	const rule = `{all: [{attribute: {name: "city", eq: "Taipei"}}, {not: {segment: {in: ["a"]}}}]}`
	preview := at(w.ask(t, `{ previewSegment(rule: `+rule+`) { size sample(first: 2) { id } perRule { path size } trend { rate reason } growth(grain: YEAR) { totalMembers } tookMs } }`, nil), "previewSegment")
	if at(preview, "size") != 4.0 || column(at(preview, "sample"), "id") != "c1 c2" || column(at(preview, "perRule"), "path") != "rule rule.all[0] rule.all[1] rule.all[1].not" ||
		at(preview, "perRule", 3, "size") != 2.0 {
		t.Errorf("the preview is %v", preview)
	}
	trace := at(w.ask(t, `{ explainMembership(customer: "c5", rule: `+rule+`) { matches rule children { matches observed children { matches } } } }`, nil), "explainMembership")
	if at(trace, "matches") != false || at(trace, "children", 0, "observed") != "city is Tainan" || at(trace, "children", 1, "matches") != false || at(trace, "children", 1, "children", 0, "matches") != true {
		t.Errorf("the trace is %v", trace)
	}
	told, err := graph.DecodeRule(at(trace, "rule"), "rule")
	if err != nil || len(told.All) != 2 {
		t.Errorf("the rule is told as %v, %v", told, err)
	}
}

// TestSavingAndDeleting holds what is told of segments that cannot be saved or deleted.
func TestSavingAndDeleting(t *testing.T) {
	w := newWorld(t, true, shop(t))
	const save = `mutation($id: ID!, $rule: RuleInput!) { saveSegment(input: {id: $id, rule: $rule}) { segment { id name description } userErrors { path code } } }`
	refers := func(to string) object { return object{"segment": object{"in": []any{to}}} }
	for _, c := range []struct {
		id   string
		rule object
		want string
	}{
		{"a", refers("d"), "CYCLE"}, {"new", refers("none"), "UNKNOWN_SEGMENT"}, {"everyone", refers("a"), "BAD_ID"}, {"new", refers("b"), ""}, {"newer", refers("new"), ""},
	} {
		saved := at(w.ask(t, save, object{"id": c.id, "rule": c.rule}), "saveSegment")
		if got := column(at(saved, "userErrors"), "code"); got != c.want || (c.want == "") != (at(saved, "segment", "name") == c.id) {
			t.Errorf("%s by %v: %v, want %q", c.id, c.rule, saved, c.want)
		}
		if c.want != "" && at(saved, "userErrors", 0, "path", 0) != "input" {
			t.Errorf("%s: %v has another path", c.id, saved)
		}
	}
	for _, rule := range []object{{"attribute": object{"name": "city", "gte": 3}}, {"attribute": object{"name": "city", "gte": true}}} { // misfit, and misread
		saved := at(w.ask(t, save, object{"id": "new", "rule": rule}), "saveSegment")
		if at(saved, "userErrors", 0, "code") != "INVALID_RULE" || fmt.Sprint(at(saved, "userErrors", 0, "path")) != "[input rule attribute gte]" || at(saved, "segment") != nil {
			t.Errorf("%v is told as %v", rule, saved)
		}
	}
	const remove = `mutation($id: ID!) { deleteSegment(id: $id) { deleted userErrors { path code message } } }`
	for _, c := range []struct{ id, want, says string }{{"none", "NOT_FOUND", ""}, {"a", "IN_USE", `"d"`}, {"d", "", ""}, {"a", "", ""}} {
		deleted := at(w.ask(t, remove, object{"id": c.id}), "deleteSegment")
		if got := column(at(deleted, "userErrors"), "code"); got != c.want || (c.want == "") != (at(deleted, "deleted") == c.id) {
			t.Errorf("deleting %s: %v, want %q", c.id, deleted, c.want)
		}
		if c.want != "" && (at(deleted, "userErrors", 0, "path", 0) != "id" || !strings.Contains(at(deleted, "userErrors", 0, "message").(string), c.says)) {
			t.Errorf("deleting %s: %v", c.id, deleted)
		}
	}
}
