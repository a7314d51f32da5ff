package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// fuzzed gives a server to send anything to, and what looks at its answer.
func fuzzed(f *testing.F) (s *Server, look func(t *testing.T, r *http.Request)) {
	f.Helper()
	s, _ = newServer(Options{})
	s.Attach(openStore(f, 20, 3))
	return s, func(t *testing.T, r *http.Request) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		var a answer
		if w.Code >= http.StatusInternalServerError || json.Unmarshal(w.Body.Bytes(), &a) != nil {
			t.Fatalf("%d %.1000s", w.Code, w.Body)
		}
		for _, e := range a.Errors {
			if code := e.Extensions.Code; code == "" || code == codeInternal || code == codeUnavailable {
				t.Fatalf("%+v", e)
			}
		}
		if w.Code == http.StatusOK && a.Errors == nil && !bytes.Contains(w.Body.Bytes(), []byte(`"data":`)) {
			t.Fatalf("neither data nor errors: %.1000s", w.Body)
		}
	}
}

var fuzzSeeds = [][2]string{
	{`{ status { store customers } }`, `{}`},
	{`query P($by: CustomerBy!) { customer(by: $by) { id name interactions(first: 3, where: {types: [VIEW]}) { totalCount edges { cursor node { product { id } } } } } }`, `{"by": {"identity": {"kind": "EMAIL", "value": "c001@example.com"}}}`},
	{`query($a: String, $n: Int = 2) { findCustomers(first: $n, after: $a, search: "c00") { nodes { ...F } pageInfo { endCursor hasNextPage } } } fragment F on Customer { household { members { id } } referrals { referred { id } } }`, `{"a": null}`},
	{`mutation($v: [InteractionInput!]!) { recordInteractions(input: $v) { accepted duplicates userErrors { path code message } } }`, `{"v": [{"id": "x", "type": "PURCHASE", "at": "2026-01-01T00:00:00Z", "customer": {"id": "c001"}, "product": "p1", "amount": "12.50", "currency": "TWD", "attributes": [{"name": "a", "value": 1}]}]}`},
	{`mutation($v: [CustomerInput!]!) { upsertCustomers(input: $v) { accepted userErrors { path code } } }`, `{"v": [{"id": "n", "name": "N", "identities": [{"kind": "PHONE", "value": "+886912345678", "verified": true}], "consents": [{"purpose": "M", "granted": true}]}]}`},
	{`mutation { mergeCustomers(keep: "c001", merge: "c002", dryRun: true) { report { keep } } setConsent(input: {customer: "c001", purpose: "M", granted: false}) { userErrors { code } } }`, `{}`},
	{`{ products(where: {search: "p"}, first: 2) { nodes { id price categories { id path { id } } } } categories(root: "k1") { id children { id } } category(id: "k0") { parent { id } } }`, `{}`},
	{`{ __schema { types { name fields { name } } } __type(name: "Customer") { kind } }`, `{}`},
	{`{ a: customer(by: {id: "c001"}) @include(if: true) { attributes { name value } ... on Customer @skip(if: false) { consents { purpose } } } }`, `null`},
	{`subscription { interactionRecorded { id } }`, `{}`},
}

// FuzzDocument sends documents with variables: no panic, no status of a failure, no code that blames the server.
func FuzzDocument(f *testing.F) {
	_, look := fuzzed(f)
	for _, seed := range fuzzSeeds {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, query, variables string) {
		if !json.Valid([]byte(variables)) {
			variables = "{}"
		}
		body, err := json.Marshal(map[string]any{"query": query, "variables": json.RawMessage(variables)})
		if err != nil {
			t.Skip()
		}
		look(t, post(t.Context(), string(body)))
	})
}

// FuzzBody sends bodies of any content.
func FuzzBody(f *testing.F) {
	_, look := fuzzed(f)
	for _, seed := range fuzzSeeds {
		body, err := json.Marshal(map[string]any{"query": seed[0], "variables": json.RawMessage(seed[1]), "operationName": "P", "extensions": map[string]any{}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add("application/json", body)
	}
	f.Add("application/json; charset=utf-8", []byte(`[{"query": "{ __typename }"}]`))
	f.Add("text/plain", []byte("\xff\xfe"))
	f.Fuzz(func(t *testing.T, media string, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/graphql", bytes.NewReader(body))
		r.Header.Set("Content-Type", media)
		look(t, r)
	})
}

// FuzzURL sends queries of URLs, with any header of accepted media types that does not ask for a stream.
func FuzzURL(f *testing.F) {
	_, look := fuzzed(f)
	for _, seed := range fuzzSeeds {
		f.Add("query="+url.QueryEscape(seed[0])+"&variables="+url.QueryEscape(seed[1]), "application/graphql-response+json")
	}
	f.Add("query=%", "*/*;q=x")
	f.Fuzz(func(t *testing.T, query, accept string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/graphql", http.NoBody)
		r.URL.RawQuery = query
		r.Header.Set("Accept", accept)
		if streaming(r) {
			t.Skip()
		}
		look(t, r)
	})
}
