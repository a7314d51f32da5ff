package e2e

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lacuna/graph/sqlitestore"
)

// servingSample loads the sample and serves it.
func servingSample(t *testing.T) *running {
	t.Helper()
	return servingSampleIn(t, t.TempDir())
}

func servingSampleIn(t *testing.T, folder string) *running {
	t.Helper()
	if _, stderr, code := run(t, folder, "load", sampleFolder(t), "--store", "sqlite:shop.db"); code != 0 && code != 3 {
		t.Fatal(stderr)
	}
	return start(t, folder, nil, "serve", "--addr", "127.0.0.1:0", "--store", "sqlite:shop.db", "--zone", "Asia/Taipei")
}

// TestSegmentsOverHTTP takes a segment from the first look at a rule to its removal.
func TestSegmentsOverHTTP(t *testing.T) {
	r := servingSample(t)
	rule := object{"all": []any{object{"attribute": object{"name": "children", "gte": 1}}, object{"not": object{"event": object{"types": []any{"RETURN"}, "count": object{"gte": 5}}}}}}
	preview := ask(t, r.url, `query($r: RuleInput!) { previewSegment(rule: $r) { size tookMs sample(first: 3) { id } growth { periodStart totalMembers netMembersChanged } perRule { path size rule } } }`, object{"r": rule})
	size := at(preview, "previewSegment", "size").(float64)
	if size == 0 || len(at(preview, "previewSegment", "perRule").([]any)) != 4 || at(preview, "previewSegment", "perRule", 1, "path") != "rule.all[0]" {
		t.Fatalf("the preview is %v", preview)
	}
	growth := at(preview, "previewSegment", "growth").([]any)
	if len(growth) != 24 || at(growth[23], "totalMembers") != size {
		t.Errorf("growth ends with %v", growth[len(growth)-1])
	}
	saved := ask(t, r.url, `mutation($r: RuleInput!) { saveSegment(input: {id: "e2e", name: "Families", rule: $r}) { segment { rule } userErrors { code } } }`, object{"r": rule})
	if text := at(saved, "saveSegment", "segment", "rule"); at(text, "all", 0, "attribute", "gte") != 1.0 {
		t.Fatalf("saved as %v", saved)
	}
	const whole = `{ segment(id: "e2e") { name size status { state } usedBy origin members(first: 500) { totalCount nodes { id segments { segment { id } since } } } differentiators(first: 3) { attribute share qValue } trend { reason rate } } }`
	eventually(t, 5*time.Second, "the segment", func() bool { return at(ask(t, r.url, whole, nil), "segment") != nil })
	found := at(ask(t, r.url, whole, nil), "segment")
	if at(found, "size") != size || at(found, "members", "totalCount") != size || at(found, "status", "state") != "READY" || at(found, "origin") != "DEFINED" {
		t.Errorf("the segment is %v", found)
	}
	for _, member := range at(found, "members", "nodes").([]any) {
		in := false
		for _, s := range at(member, "segments").([]any) {
			in = in || at(s, "segment", "id") == "e2e"
		}
		if !in {
			t.Errorf("%v does not know that it is a member", at(member, "id"))
		}
		trace := ask(t, r.url, `query($c: ID!) { explainMembership(customer: $c, segment: "e2e") { matches children { matches observed } } }`, object{"c": at(member, "id")})
		if at(trace, "explainMembership", "matches") != true || !strings.HasPrefix(at(trace, "explainMembership", "children", 0, "observed").(string), "children is ") {
			t.Errorf("it is explained by %v", trace)
		}
	}
	ask(t, r.url, `mutation { saveSegment(input: {id: "user", rule: {segment: {in: ["e2e"]}}}) { userErrors { code } } }`, nil)
	refused := ask(t, r.url, `mutation { deleteSegment(id: "e2e") { deleted userErrors { code message } } }`, nil)
	if at(refused, "deleteSegment", "deleted") != nil || at(refused, "deleteSegment", "userErrors", 0, "code") != "IN_USE" {
		t.Errorf("a segment that is used is removed: %v", refused)
	}
	eventually(t, 5*time.Second, "who uses it", func() bool { return len(at(ask(t, r.url, whole, nil), "segment", "usedBy").([]any)) == 1 })
	ask(t, r.url, `mutation { a: deleteSegment(id: "user") { deleted } b: deleteSegment(id: "e2e") { deleted } }`, nil)
	eventually(t, 5*time.Second, "that it is gone", func() bool { return at(ask(t, r.url, whole, nil), "segment") == nil })
	if code, said := r.stop(t); code != 0 {
		t.Errorf("it ended with %d: %s", code, said)
	}
}

// TestRulesAreRefused holds the code and the path of rules that cannot be meant so, through documents and variables.
func TestRulesAreRefused(t *testing.T) {
	r := servingSample(t)
	for literal, c := range map[string]struct {
		rule object
		says string
	}{
		`{attribute: {name: "children", gt: "x"}}`: {object{"attribute": object{"name": "children", "gt": "x"}}, "rule.attribute.gt"},
		`{all: []}`:                             {object{"all": []any{}}, "rule.all"},
		`{any: [{segment: {in: ["nowhere"]}}]}`: {object{"any": []any{object{"segment": object{"in": []any{"nowhere"}}}}}, "rule.any[0].segment.in"},
		`{event: {within: "3 days"}}`:           {object{"event": object{"within": "3 days"}}, "rule.event.within"},
		`{event: {within: "P3D", between: {from: "2026-01-01T00:00:00Z"}}}`: {object{"event": object{"within": "P3D", "between": object{"from": "2026-01-01T00:00:00Z"}}}, "rule.event"},
		`{attribute: {name: "children"}}`:                                   {object{"attribute": object{"name": "children"}}, "rule.attribute"},
	} {
		for _, a := range []*answer{
			send(t, http.MethodPost, r.url+"/graphql", body(t, object{"query": `{ previewSegment(rule: ` + literal + `) { size } }`})),
			send(t, http.MethodPost, r.url+"/graphql", body(t, object{"query": `query($r: RuleInput!) { previewSegment(rule: $r) { size } }`, "variables": object{"r": c.rule}})),
		} {
			if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "INVALID_RULE" || !strings.HasPrefix(a.Errors[0].Message, c.says) {
				t.Errorf("%s: %s", literal, a.Text)
			}
		}
	}
	if code, said := r.stop(t); code != 0 {
		t.Errorf("it ended with %d: %s", code, said)
	}
}

// TestDemandOverHTTP holds the shape of a table, what it was computed from, and that what is recorded is in it soon.
func TestDemandOverHTTP(t *testing.T) {
	r := servingSample(t)
	const query = `{ demand(by: [CHANNEL, PERIOD], grain: YEAR, measures: [CUSTOMERS, INTERACTIONS, REVENUE]) { rowCount asOf dataVersion columns { name kind unit strings numbers } } status { interactions asOf ageSeconds dataVersion } }`
	total := func() (sum float64, rows float64) {
		t.Helper()
		data := ask(t, r.url, query, nil)
		for _, n := range at(data, "demand", "columns", 3, "numbers").([]any) {
			sum += n.(float64)
		}
		if at(data, "demand", "columns", 0, "name") != "CHANNEL" || at(data, "demand", "columns", 4, "unit") != "TWD" || at(data, "demand", "columns", 2, "strings") != nil {
			t.Fatalf("the table is %v", data)
		}
		return sum, at(data, "demand", "rowCount").(float64)
	}
	before, rows := total()
	data := ask(t, r.url, query, nil)
	if before != at(data, "status", "interactions") || rows < 2 || at(data, "demand", "asOf") != at(data, "status", "asOf") {
		t.Errorf("%v interactions in %v rows, of %v", before, rows, at(data, "status"))
	}
	a := send(t, http.MethodPost, r.url+"/graphql", body(t, object{"query": `{ population { customers } }`}))
	if !strings.Contains(a.Text, `"data":{"version":`) || !strings.Contains(a.Text, `"asOf":"20`) {
		t.Errorf("the answer does not say what it was computed from: %s", a.Text)
	}
	ask(t, r.url, `mutation { recordInteractions(input: [{id: "e2e-1", type: VIEW, at: "2026-01-01T00:00:00Z", customer: {id: "c001"}, channel: WEB}]) { accepted } }`, nil)
	eventually(t, 5*time.Second, "what was recorded", func() bool { now, _ := total(); return now == before+1 })
	if ready := send(t, http.MethodGet, r.url+"/readyz", "").Text; !strings.Contains(ready, "figures are") {
		t.Errorf("/readyz says %s", ready)
	}
	if metrics := send(t, http.MethodGet, r.url+"/metrics", "").Text; !strings.Contains(metrics, "\nlacuna_figures_age_seconds ") {
		t.Error("/metrics does not tell the age of figures")
	}
	if code, said := r.stop(t); code != 0 {
		t.Errorf("it ended with %d: %s", code, said)
	}
}

// TestFiguresAreKept holds that a second start begins from the first one's figures, that a damaged file of them is read past, and
// that what was loaded meanwhile is in the answers.
func TestFiguresAreKept(t *testing.T) {
	folder := t.TempDir()
	if _, stderr, code := run(t, folder, "load", sampleFolder(t), "--store", "sqlite:shop.db"); code != 0 && code != 3 {
		t.Fatal(stderr)
	}
	serve := func(says string, more ...string) (customers float64) {
		t.Helper()
		r := start(t, folder, nil, append([]string{"serve", "--addr", "127.0.0.1:0", "--store", "sqlite:shop.db"}, more...)...)
		if !strings.Contains(strings.Join(r.before, "\n"), says) {
			t.Errorf("it does not say %q: %v", says, r.before)
		}
		customers = at(ask(t, r.url, `{ population { customers } }`, nil), "population", "customers").(float64)
		if code, said := r.stop(t); code != 0 {
			t.Errorf("it ended with %d: %s", code, said)
		}
		return customers
	}
	first := serve("the data was read")
	write(t, folder, "customers.csv", "id,name\nlate,Late\n")
	if _, stderr, code := run(t, folder, "load", "customers.csv", "--store", "sqlite:shop.db"); code != 0 {
		t.Fatal(stderr)
	}
	if again := serve("figures begin from a snapshot"); again != first+1 {
		t.Errorf("%v customers, then %v", first, again)
	}
	write(t, folder, "shop.db.figures", "nonsense")
	if again := serve("the snapshot of figures is of no use"); again != first+1 {
		t.Errorf("%v customers, then %v", first, again)
	}
	if again := serve("the data was read", "--keep-figures=false"); again != first+1 {
		t.Errorf("%v customers, then %v", first, again)
	}
}

// body writes a request.
func body(t *testing.T, request object) string {
	t.Helper()
	text, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestMembersAreWritten holds that who is in which segment is in the store's own file, where that is asked for.
func TestMembersAreWritten(t *testing.T) {
	folder := t.TempDir()
	r := servingSampleIn(t, folder)
	ask(t, r.url, `mutation { saveSegment(input: {id: "parents", rule: {attribute: {name: "children", gte: 1}}}) { userErrors { code } } }`, nil)
	var want []any
	eventually(t, 5*time.Second, "the segment", func() bool {
		want, _ = at(ask(t, r.url, `{ segment(id: "parents") { members(first: 500) { nodes { id } } } }`, nil), "segment", "members", "nodes").([]any)
		return len(want) > 0
	})
	if code, said := r.stop(t); code != 0 {
		t.Fatal(said)
	}
	r = start(t, folder, nil, "serve", "--addr", "127.0.0.1:0", "--store", "sqlite:shop.db", "--zone", "Asia/Taipei", "--write-members")
	store, err := sqlitestore.Open(t.Context(), filepath.Join(folder, "shop.db"), sqlitestore.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "the members", func() bool {
		counts, err := store.CountSegmentMembers(t.Context())
		return err == nil && counts["parents"] == int64(len(want))
	})
	var got []any
	for m, err := range store.SegmentMembers(t.Context(), "parents") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, object{"id": m.Customer})
	}
	byID := cmpopts.SortSlices(func(a, b any) bool { return at(a, "id").(string) < at(b, "id").(string) })
	if diff := cmp.Diff(want, got, byID); diff != "" {
		t.Error(diff)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	if code, said := r.stop(t); code != 0 {
		t.Error(said)
	}
}
