package server

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

// TestTheNextResponseSeesAWrite holds that nothing read for one answer is seen by the next, whoever wrote.
func TestTheNextResponseSeesAWrite(t *testing.T) {
	s, _ := newServer(Options{})
	store := openStore(t, 1, 1)
	s.Attach(store)
	const query = `{ customer(by: {id: "c000"}) { name interactions { totalCount nodes { product { name } category { name } } } } }`
	expect := func(want string) {
		t.Helper()
		if diff := cmp.Diff(want, ask(t, s, query, nil).Text); diff != "" {
			t.Error(diff)
		}
	}
	expect(`{"data":{"customer":{"name":"Somebody","interactions":{"totalCount":1,"nodes":[{"product":{"name":"Product"},"category":{"name":"Category"}}]}}}}` + "\n")
	_, err := store.Write(t.Context(), &graph.Batch{
		Categories: []graph.Category{{ID: "k0", Name: "Renamed"}},
		Products:   []graph.Product{{ID: "p0", Name: "Better"}},
		Customers:  []graph.CustomerUpsert{{ID: "c000", Name: "Another", Source: "test"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	expect(`{"data":{"customer":{"name":"Another","interactions":{"totalCount":1,"nodes":[{"product":{"name":"Better"},"category":{"name":"Renamed"}}]}}}}` + "\n")
	if a := ask(t, s, `mutation { retractInteractions(input: [{id: "i000-0", reason: "wrong"}]) { accepted } }`, nil); a.code() != "" {
		t.Fatal(a.Text)
	}
	expect(`{"data":{"customer":{"name":"Another","interactions":{"totalCount":0,"nodes":[]}}}}` + "\n")
}

// TestPayloadsSeeTheirOwnWrite holds that each of several mutations in one request answers with what stands after it:
// not before it, and not after the next one.
func TestPayloadsSeeTheirOwnWrite(t *testing.T) {
	const consents = `{ customer { consents { purpose granted } } userErrors { code } }`
	const products = `{ customer { lastSeenAt touchpoints { interactions } interactions { totalCount nodes { product { name categories { name } } } } } }`
	for _, c := range []struct{ name, query, want string }{
		{"consents", `mutation {
			a: setConsent(input: {customer: "c000", purpose: "MARKETING", granted: true, at: "2026-01-01T00:00:00Z"}) ` + consents + `
			b: setConsent(input: {customer: "c000", purpose: "ANALYTICS", granted: true, at: "2026-01-02T00:00:00Z"}) ` + consents + `
			c: setConsent(input: {customer: "c000", purpose: "MARKETING", granted: false, at: "2026-01-03T00:00:00Z"}) ` + consents + ` }`,
			`{"data":{"a":{"customer":{"consents":[{"purpose":"MARKETING","granted":true}]},"userErrors":[]},` +
				`"b":{"customer":{"consents":[{"purpose":"ANALYTICS","granted":true},{"purpose":"MARKETING","granted":true}]},"userErrors":[]},` +
				`"c":{"customer":{"consents":[{"purpose":"ANALYTICS","granted":true},{"purpose":"MARKETING","granted":false}]},"userErrors":[]}}}`},
		{"what interactions are about", `mutation {
			a: setConsent(input: {customer: "c000", purpose: "P", granted: true}) ` + products + `
			upsertCategories(input: [{id: "k0", name: "Renamed"}]) { accepted }
			upsertProducts(input: [{id: "p0", name: "Better"}]) { accepted }
			recordInteractions(input: [{id: "new", type: VIEW, at: "2026-01-01T09:00:00Z", customer: {id: "c000"}, product: "p0"}]) { accepted }
			b: setConsent(input: {customer: "c000", purpose: "P", granted: false}) ` + products + ` }`,
			`{"data":{"a":{"customer":{"lastSeenAt":"2026-01-01T00:00:00Z","touchpoints":[{"interactions":1}],"interactions":{"totalCount":1,` +
				`"nodes":[{"product":{"name":"Product","categories":[{"name":"Category"}]}}]}}},` +
				`"upsertCategories":{"accepted":1},"upsertProducts":{"accepted":1},"recordInteractions":{"accepted":1},` +
				`"b":{"customer":{"lastSeenAt":"2026-01-01T09:00:00Z","touchpoints":[{"interactions":2}],"interactions":{"totalCount":2,` +
				`"nodes":[{"product":{"name":"Better","categories":[{"name":"Renamed"}]}},{"product":{"name":"Better","categories":[{"name":"Renamed"}]}}]}}}}}`},
		{"households and referrals", `mutation {
			a: setConsent(input: {customer: "c000", purpose: "P", granted: true}) { customer { household { members { id } } referrals { referred { id } } } }
			upsertCustomers(input: [{id: "zz", household: "h0", referredBy: {id: "c000"}}]) { accepted }
			b: setConsent(input: {customer: "c000", purpose: "P", granted: false}) { customer { household { members { id } } referrals { referred { id } } } } }`,
			`{"data":{"a":{"customer":{"household":{"members":[{"id":"c000"},{"id":"c001"}]},"referrals":{"referred":[{"id":"c001"}]}}},` +
				`"upsertCustomers":{"accepted":1},` +
				`"b":{"customer":{"household":{"members":[{"id":"c000"},{"id":"c001"},{"id":"zz"}]},"referrals":{"referred":[{"id":"c001"},{"id":"zz"}]}}}}}`},
		{"who is who", `mutation {
			a: mergeCustomers(keep: "c000", merge: "c001", dryRun: true) { mergeId customer { id mergedIds } }
			b: mergeCustomers(keep: "c000", merge: "c001") { customer { id mergedIds interactions { totalCount } identities { value } } }
			c: setConsent(input: {customer: "c001", purpose: "P", granted: true}) { customer { id } }
			d: eraseCustomer(id: "c001") { erased }
			e: setConsent(input: {customer: "c000", purpose: "P", granted: true}) { customer { id } userErrors { code path } } }`,
			`{"data":{"a":{"mergeId":null,"customer":{"id":"c000","mergedIds":[]}},` +
				`"b":{"customer":{"id":"c000","mergedIds":["c001"],"interactions":{"totalCount":2},"identities":[{"value":"c000@example.com"},{"value":"c001@example.com"}]}},` +
				`"c":{"customer":{"id":"c000"}},"d":{"erased":"c000"},"e":{"customer":null,"userErrors":[{"code":"NOT_FOUND","path":["input","customer"]}]}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := newServer(Options{})
			s.Attach(openStore(t, 2, 1))
			if diff := cmp.Diff(c.want+"\n", ask(t, s, c.query, nil).Text); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAnEmptyCustomer holds that lists of nothing are empty lists, and single things that are not known are null.
func TestAnEmptyCustomer(t *testing.T) {
	s, _ := newServer(Options{})
	store := openStore(t, 0, 0)
	s.Attach(store)
	if _, err := store.Write(t.Context(), &graph.Batch{Customers: []graph.CustomerUpsert{{ID: "c", Source: "test"}}}); err != nil {
		t.Fatal(err)
	}
	got := ask(t, s, `{ customer(by: {id: "c"}) { mergedIds name createdAt lastSeenAt identities { value } attributes { name } consents { purpose } household { id }
		referrals { referredBy { id } referred { id } } interactions { nodes { id } edges { cursor } totalCount pageInfo { hasNextPage endCursor } } touchpoints { phase } }
		product(id: "none") { id } category(id: "none") { id } categories(parent: "none") { id } }`, nil).Text
	want := `{"data":{"customer":{"mergedIds":[],"name":null,"createdAt":null,"lastSeenAt":null,"identities":[],"attributes":[],"consents":[],"household":null,` +
		`"referrals":{"referredBy":null,"referred":[]},"interactions":{"nodes":[],"edges":[],"totalCount":0,"pageInfo":{"hasNextPage":false,"endCursor":null}},"touchpoints":[]},` +
		`"product":null,"category":null,"categories":[]}}` + "\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
