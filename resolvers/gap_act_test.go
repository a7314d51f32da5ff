package resolvers

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

// TestGapKey holds that the id of a gap names its segment and category whatever stands in these, and that nothing else does.
func TestGapKey(t *testing.T) {
	for _, want := range []graph.GapKey{{Segment: "families", Category: "stays"}, {Segment: "a/b c", Category: "100%+é"}, {Segment: graph.EveryoneID, Category: "親子"}} {
		id := gapID(want.Segment, want.Category)
		if got, ok := gapKey(id); !ok || got != want || strings.Count(id, "/") != 1 {
			t.Errorf("%q is read as %+v, %v", id, got, ok)
		}
	}
	for _, id := range []string{"", "families", "families/a/b", "families/%zz", "a b/c", "families/%73tays"} {
		if got, ok := gapKey(id); ok {
			t.Errorf("%q is read as %+v", id, got)
		}
	}
}

// TestGapDecisions holds what is recorded of a decision, that the path of a refusal is the argument, and that a refusal records nothing.
func TestGapDecisions(t *testing.T) {
	w := newWorld(t, true, shop(t))
	cell := at(w.ask(t, `{ gaps(where: {`+everyVerdict+`}, first: 1) { nodes { id segment { id } category { id } status history { id } outcome { verdict } } } }`, nil), "gaps", "nodes", 0)
	id := at(cell, "id").(string)
	if at(cell, "status") != "NEW" || len(at(cell, "history").([]any)) != 0 || at(cell, "outcome") != nil {
		t.Fatalf("before anybody has decided: %v", cell)
	}
	const decide = `mutation($gap: ID!, $status: GapStatus!, $product: ID, $note: String, $at: DateTime) { setGapStatus(gap: $gap, status: $status, product: $product, note: $note, at: $at) {
		gap { status history { status note at } } event { status note at } userErrors { path code } } }`
	if p := at(w.ask(t, decide, object{"gap": id, "status": "REVIEWING", "note": "why not"}), "setGapStatus"); at(p, "gap", "status") != "REVIEWING" || at(p, "event", "note") != "why not" {
		t.Errorf("recorded as %v", p)
	}
	for _, c := range []struct {
		given      object
		path, code string
	}{
		{object{"gap": "nothing"}, "gap", "BAD_ID"},
		{object{"gap": "nobody/nothing"}, "gap", "UNKNOWN_SEGMENT"},
		{object{"gap": "everyone/nothing"}, "gap", "UNKNOWN_CATEGORY"},
		{object{"product": "nothing"}, "product", "UNKNOWN_PRODUCT"},
		{object{"note": strings.Repeat("x", graph.MaxNoteChars+1)}, "note", "TOO_LONG"},
	} {
		given := object{"gap": id, "status": "DISMISSED"}
		maps.Copy(given, c.given)
		p := at(w.ask(t, decide, given), "setGapStatus")
		want := []any{object{"path": []any{c.path}, "code": c.code}}
		if diff := cmp.Diff(want, at(p, "userErrors")); diff != "" || at(p, "gap") != nil || at(p, "event") != nil {
			t.Errorf("%.60v: %s", c.given, diff)
		}
	}
	// A later moment decides what a gap is, not a later word.
	w.ask(t, decide, object{"gap": id, "status": "DISMISSED", "at": "2001-01-01T00:00:00Z"})
	found := at(w.ask(t, `query($s: ID!, $c: ID!) { gap(segment: $s, category: $c) { status history { status } } }`, object{"s": at(cell, "segment", "id"), "c": at(cell, "category", "id")}), "gap")
	if at(found, "status") != "REVIEWING" || column(at(found, "history"), "status") != "DISMISSED REVIEWING" {
		t.Errorf("the gap is %v", found)
	}
}
