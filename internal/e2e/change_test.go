package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const recorded = `accepted duplicates userErrors { path code }`

// TestRecord holds that rows are taken one by one, once, and that each refusal says where and why.
func TestRecord(t *testing.T) {
	url := serveSample(t)
	rows := []any{
		object{"id": "n1", "type": "PURCHASE", "at": "2026-11-01T10:00:00+08:00", "customer": object{"id": "c001"}, "product": "p03", "amount": "2150.5", "currency": "TWD", "quantity": 1},
		object{"id": "n2", "type": "SEARCH", "at": "2026-11-01T10:00:00Z", "customer": object{"identity": object{"kind": "EMAIL", "value": "new@example.com"}},
			"query": "ski", "results": 0, "attributes": []any{object{"name": "party", "value": "family"}}},
		object{"id": "n3", "type": "VIEW", "at": "2026-11-01T10:00:00Z", "customer": object{"id": "c001"}, "product": "nope"},
		object{"id": "n4", "type": "VIEW", "at": "2026-11-01T10:00:00Z", "customer": object{"id": "c001"}, "amount": "-1", "currency": "TWD"},
		object{"id": "n5", "type": "VIEW", "at": "2026-11-01T10:00:00Z", "customer": object{"id": "c001"}, "amount": "1"},
		object{"id": "", "type": "VIEW", "at": "2026-11-01T10:00:00Z", "customer": object{"id": "c001"}},
	}
	const mutation = `mutation($in: [InteractionInput!]!) { recordInteractions(input: $in) { ` + recorded + ` } }`
	refused := []any{
		object{"path": []any{"input", "2", "product"}, "code": "UNKNOWN_PRODUCT"}, object{"path": []any{"input", "3", "amount"}, "code": "OUT_OF_RANGE"},
		object{"path": []any{"input", "4", "amount"}, "code": "MISSING_CURRENCY"}, object{"path": []any{"input", "5", "id"}, "code": "MISSING"},
	}
	for round, want := range []object{
		{"accepted": 2.0, "duplicates": 0.0, "userErrors": refused},
		{"accepted": 0.0, "duplicates": 2.0, "userErrors": refused},
	} {
		if diff := cmp.Diff(any(want), at(ask(t, url, mutation, object{"in": rows}), "recordInteractions")); diff != "" {
			t.Errorf("round %d: %s", round, diff)
		}
	}
	changed := object{"in": []any{object{"id": "n2", "type": "SEARCH", "at": "2026-11-01T10:00:00Z", "customer": object{"id": "c001"}}}}
	if code := at(ask(t, url, mutation, changed), "recordInteractions", "userErrors", 0, "code"); code != "CONFLICT" {
		t.Errorf("other content under a known id is %v", code)
	}
	data := ask(t, url, `{ a: customer(by: {id: "c001"}) { interactions(first: 1) { nodes { id type at amount currency quantity product { id } category { id } customer { id } } } }
		b: customer(by: {identity: {kind: EMAIL, value: "NEW@example.com"}}) { interactions { nodes { query results amount channel product { id } category { id } attributes { name value } } } } }`, nil)
	want := object{"id": "n1", "type": "PURCHASE", "at": "2026-11-01T02:00:00Z", "amount": "2150.5", "currency": "TWD", "quantity": 1.0,
		"product": object{"id": "p03"}, "category": object{"id": "parks"}, "customer": object{"id": "c001"}}
	if diff := cmp.Diff(any(want), at(data, "a", "interactions", "nodes", 0)); diff != "" {
		t.Error(diff)
	}
	want = object{"query": "ski", "results": 0.0, "amount": nil, "channel": nil, "product": nil, "category": nil,
		"attributes": []any{object{"name": "party", "value": "family"}}}
	if diff := cmp.Diff(any(want), at(data, "b", "interactions", "nodes", 0)); diff != "" {
		t.Error(diff)
	}
	for _, accepted := range []float64{1, 0} {
		taken := ask(t, url, `mutation { retractInteractions(input: [{id: "n1", reason: "entered twice"}]) { `+recorded+` } }`, nil)
		if at(taken, "retractInteractions", "accepted") != accepted {
			t.Errorf("retracted: %v", taken)
		}
	}
	data = ask(t, url, `{ customer(by: {id: "c001"}) { interactions(first: 1) { nodes { id } } } }`, nil)
	if at(data, "customer", "interactions", "nodes", 0, "id") == "n1" {
		t.Error("what was retracted is still there")
	}
}

// TestUpserts holds that sources stand beside each other, that what is left out changes nothing, and that one answer
// sees the writes before it.
func TestUpserts(t *testing.T) {
	url := serveSample(t)
	const customers = `mutation($in: [CustomerInput!]!) { upsertCustomers(input: $in) { ` + recorded + ` } }`
	said := func(source string, verified bool) object {
		return object{"in": []any{object{"id": "n1", "name": "Wu from " + source, "source": source, "verified": verified, "observedAt": "2026-05-01T00:00:00Z",
			"attributes": []any{object{"name": "seat", "value": source}}, "identities": []any{object{"kind": "EMAIL", "value": "Wu@Example.com", "verified": true}}}}}
	}
	for _, c := range []struct {
		in       object
		accepted float64
	}{{said("crm", true), 1}, {said("app", false), 1}, {said("app", false), 0}} {
		if got := ask(t, url, customers, c.in); at(got, "upsertCustomers", "accepted") != c.accepted {
			t.Errorf("%v: %v", c.in, got)
		}
	}
	data := ask(t, url, `{ customer(by: {identity: {kind: EMAIL, value: "wu@example.com"}}) { name
		attributes { name value source isWinner alternatives { value source isWinner } } identities { value verified } } }`, nil)
	want := object{"name": "Wu from crm", "identities": []any{object{"value": "wu@example.com", "verified": true}}, "attributes": []any{
		object{"name": "seat", "value": "crm", "source": "crm", "isWinner": true, "alternatives": []any{object{"value": "app", "source": "app", "isWinner": false}}}}}
	if diff := cmp.Diff(any(want), at(data, "customer")); diff != "" {
		t.Error(diff)
	}
	taken := ask(t, url, customers, object{"in": []any{object{"id": "n2", "identities": []any{object{"kind": "EMAIL", "value": "wu@example.com"}}}}})
	if at(taken, "upsertCustomers", "userErrors", 0, "code") != "IDENTITY_TAKEN" {
		t.Errorf("an identity of somebody else: %v", taken)
	}
	data = ask(t, url, `mutation { c: upsertCategories(input: [{id: "b", parent: "a", names: [{lang: "zh", name: "乙"}]}, {id: "a", name: "A"}]) { `+recorded+` }
		p: upsertProducts(input: [{id: "q1", name: "Q", categories: ["b"], price: 12.50, currency: "TWD", inStock: true}, {id: "q2", categories: ["later"]}]) { `+recorded+` }
		m: upsertProducts(input: [{id: "q2", categories: ["later"]}], createMissing: true) { `+recorded+` }
		s: setConsent(input: {customer: "n1", purpose: "MARKETING", granted: true}) { customer { consents { purpose granted } } userErrors { code } }
		n: setConsent(input: {customer: "nobody", purpose: "MARKETING", granted: true}) { customer { id } userErrors { path code } } }`, nil)
	expect := object{
		"c": object{"accepted": 2.0, "duplicates": 0.0, "userErrors": []any{}},
		"p": object{"accepted": 1.0, "duplicates": 0.0, "userErrors": []any{object{"path": []any{"input", "1", "categories"}, "code": "UNKNOWN_CATEGORY"}}},
		"m": object{"accepted": 1.0, "duplicates": 0.0, "userErrors": []any{}},
		"s": object{"customer": object{"consents": []any{object{"purpose": "MARKETING", "granted": true}}}, "userErrors": []any{}},
		"n": object{"customer": nil, "userErrors": []any{object{"path": []any{"input", "customer"}, "code": "NOT_FOUND"}}},
	}
	if diff := cmp.Diff(expect, data); diff != "" {
		t.Error(diff)
	}
}

// TestMergeUnmergeErase walks two customers through being one, two again, and forgotten.
func TestMergeUnmergeErase(t *testing.T) {
	url := serveSample(t)
	const profile = `{ a: customer(by: {id: "c001"}) { id mergedIds identities { value } interactions { totalCount } } b: customer(by: {id: "c002"}) { id mergedIds identities { value } interactions { totalCount } } }`
	const merge = `mutation($dry: Boolean!) { mergeCustomers(keep: "c001", merge: "c002", dryRun: $dry) { mergeId customer { mergedIds } report { keep retired interactions identities { kind value } } userErrors { path code } } }`
	before := ask(t, url, profile, nil)
	dry := at(ask(t, url, merge, object{"dry": true}), "mergeCustomers")
	if at(dry, "mergeId") != nil || at(dry, "report", "interactions") != at(before, "b", "interactions", "totalCount") {
		t.Errorf("dry run: %v", dry)
	}
	if diff := cmp.Diff(before, ask(t, url, profile, nil)); diff != "" {
		t.Errorf("a dry run changed something: %s", diff)
	}
	done := at(ask(t, url, merge, object{"dry": false}), "mergeCustomers")
	if diff := cmp.Diff(at(dry, "report"), at(done, "report")); diff != "" {
		t.Errorf("the dry run told otherwise: %s", diff)
	}
	merged := ask(t, url, profile, nil)
	both := at(before, "a", "interactions", "totalCount").(float64) + at(before, "b", "interactions", "totalCount").(float64)
	if at(merged, "b", "id") != "c001" || at(merged, "a", "interactions", "totalCount") != both || at(done, "customer", "mergedIds", 0) != "c002" {
		t.Errorf("merged: %v", merged)
	}
	undo := ask(t, url, `mutation($id: ID!) { unmergeCustomers(mergeId: $id) { kept { id } restored { id } userErrors { code } } }`, object{"id": at(done, "mergeId")})
	if diff := cmp.Diff(object{"kept": object{"id": "c001"}, "restored": object{"id": "c002"}, "userErrors": []any{}}, at(undo, "unmergeCustomers")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, ask(t, url, profile, nil)); diff != "" {
		t.Errorf("after the undo: %s", diff)
	}

	const erase = `mutation { eraseCustomer(id: "c001") { erased identities interactions userErrors { path code } } }`
	erased := at(ask(t, url, erase, nil), "eraseCustomer")
	if at(erased, "erased") != "c001" || at(erased, "identities") != 5.0 || at(erased, "interactions") != at(before, "a", "interactions", "totalCount") {
		t.Errorf("erased: %v", erased)
	}
	if diff := cmp.Diff([]any{object{"path": []any{"id"}, "code": "NOT_FOUND"}}, at(ask(t, url, erase, nil), "eraseCustomer", "userErrors")); diff != "" {
		t.Error(diff)
	}
	gone := ask(t, url, `{ a: customer(by: {id: "c001"}) { id } e: `+meiByEmail+` { id } findCustomers(search: "mei") { totalCount } }`, nil)
	if at(gone, "a") != nil || at(gone, "e") != nil {
		t.Errorf("the erased customer is found: %v", gone)
	}
	back := ask(t, url, `mutation { upsertCustomers(input: [{id: "c001", name: "Mei"}, {id: "x", identities: [{kind: EMAIL, value: "mei.chen@example.com"}]}]) { `+recorded+` } }`, nil)
	if diff := cmp.Diff([]any{"ERASED", "ERASED"}, each(at(back, "upsertCustomers", "userErrors"), "code")); diff != "" {
		t.Error(diff)
	}
	for _, mutation := range []string{`mergeCustomers(keep: "nope", merge: "c002")`, `mergeCustomers(keep: "c002", merge: "nope")`, `unmergeCustomers(mergeId: "nope")`} {
		data := ask(t, url, `mutation { m: `+mutation+` { userErrors { code } } }`, nil)
		if at(data, "m", "userErrors", 0, "code") != "NOT_FOUND" {
			t.Errorf("%s: %v", mutation, data)
		}
	}
}

// TestMergesChain holds that retired ids go on leading to the person, that merges are undone newest first, and that what
// came under a retired id goes back with it.
func TestMergesChain(t *testing.T) {
	url := serveSample(t)
	merge := func(keep, retire string) any {
		t.Helper()
		return at(ask(t, url, `mutation($k: ID!, $m: ID!) { mergeCustomers(keep: $k, merge: $m) { mergeId report { keep retired } userErrors { path code } } }`, object{"k": keep, "m": retire}), "mergeCustomers")
	}
	unmerge := func(id any) any {
		t.Helper()
		return at(ask(t, url, `mutation($id: ID!) { unmergeCustomers(mergeId: $id) { restored { id } userErrors { path code message } } }`, object{"id": id}), "unmergeCustomers")
	}
	const who = `{ customers(by: [{id: "c001"}, {id: "c002"}, {id: "c003"}, {identity: {kind: EMAIL, value: "shufen@example.com"}}]) { id } }`
	leads := func(want ...any) {
		t.Helper()
		if diff := cmp.Diff(want, each(at(ask(t, url, who, nil), "customers"), "id")); diff != "" {
			t.Error(diff)
		}
	}
	leads("c001", "c002", "c003", "c003")
	first := merge("c002", "c003")
	leads("c001", "c002", "c002", "c002")
	second := merge("c001", "c003") // c002, by its retired id
	if at(second, "report", "retired") != "c002" {
		t.Errorf("merged by a retired id: %v", second)
	}
	leads("c001", "c001", "c001", "c001")
	if again := merge("c001", "c002"); at(again, "mergeId") != at(second, "mergeId") {
		t.Errorf("the same merge again: %v", again)
	}
	if self := merge("c001", "c003"); at(self, "userErrors", 0, "code") != "CONFLICT" && at(self, "mergeId") != at(second, "mergeId") {
		t.Errorf("who are one already: %v", self)
	}
	if self := merge("c001", "c001"); at(self, "mergeId") != nil || at(self, "userErrors", 0, "code") == nil {
		t.Errorf("with oneself: %v", self)
	}
	ask(t, url, `mutation { recordInteractions(input: [{id: "n1", type: VIEW, at: "2026-11-01T00:00:00Z", customer: {id: "c003"}}]) { accepted }
		setConsent(input: {customer: "c002", purpose: "PARTNERS", granted: false}) { customer { id } } }`, nil)
	newest := func(id string) any {
		t.Helper()
		return at(ask(t, url, `query($id: ID!) { customer(by: {id: $id}) { interactions(first: 1) { nodes { id } } } }`, object{"id": id}), "customer", "interactions", "nodes", 0, "id")
	}
	if newest("c001") != "n1" {
		t.Error("what comes under a retired id is not the person's")
	}
	inTheWay := unmerge(at(first, "mergeId"))
	if at(inTheWay, "userErrors", 0, "code") != "CONFLICT" || at(inTheWay, "restored") != nil || !cmp.Equal(at(inTheWay, "userErrors", 0, "path"), any([]any{"mergeId"})) {
		t.Errorf("the older merge first: %v", inTheWay)
	}
	if got := unmerge(at(second, "mergeId")); at(got, "restored", "id") != "c002" {
		t.Errorf("the newer merge: %v", got)
	}
	leads("c001", "c002", "c002", "c002")
	if newest("c001") == "n1" || newest("c002") != "n1" {
		t.Error("what came under a retired id did not go back")
	}
	if got := unmerge(at(first, "mergeId")); at(got, "restored", "id") != "c003" {
		t.Errorf("the older merge: %v", got)
	}
	leads("c001", "c002", "c003", "c003")
	if newest("c003") != "n1" {
		t.Error("what came under a retired id did not go back to its own")
	}
	for mutation, path := range map[string]any{
		`mergeCustomers(keep: "nope", merge: "c002")`: "keep", `mergeCustomers(keep: "c002", merge: "nope")`: "merge",
		`unmergeCustomers(mergeId: "nope")`: "mergeId", `eraseCustomer(id: "nope")`: "id",
	} {
		got := at(ask(t, url, `mutation { m: `+mutation+` { userErrors { path code message } } }`, nil), "m", "userErrors")
		if diff := cmp.Diff([]any{path}, at(got, 0, "path")); diff != "" {
			t.Errorf("%s: %v %s", mutation, got, diff)
		}
	}
}
