package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"lacuna/graph"
)

// TestErrors holds the code of every mistake that a client can make, and that each answer names its request.
func TestErrors(t *testing.T) {
	s, log := newServer(Options{})
	s.Attach(openStore(t, 2, 3))
	const byVariable = `query($by: CustomerBy!) { customer(by: $by) { id } }`
	const firstByVariable = `query($n: Int!) { findCustomers(first: $n) { nodes { id } } }`
	between := func(from string) string {
		return fmt.Sprintf(`{ customer(by: {id: "c000"}) { interactions(where: {between: {from: %q, to: "2026-01-01T00:00:00Z"}}) { nodes { id } } } }`, from)
	}
	for _, c := range []struct {
		query     string
		variables map[string]any
		code      string
		status    int
	}{
		{`{ customer(by: {}) { id } }`, nil, "INVALID_ARGUMENT", 200},
		{`{ customer(by: {id: "c", identity: {kind: EMAIL, value: "a"}}) { id } }`, nil, "INVALID_ARGUMENT", 200},
		{byVariable, map[string]any{"by": map[string]any{}}, "INVALID_ARGUMENT", 200},
		{byVariable, map[string]any{"by": map[string]any{"id": nil}}, "INVALID_ARGUMENT", 200},
		{byVariable, map[string]any{"by": map[string]any{"id": ""}}, "INVALID_ARGUMENT", 200},
		{byVariable, map[string]any{"by": map[string]any{"id": "c", "identity": map[string]any{"kind": "EMAIL", "value": "a"}}}, "INVALID_ARGUMENT", 200},
		{byVariable, map[string]any{"by": map[string]any{"identity": map[string]any{"kind": "email", "value": "a"}}}, "INVALID_ARGUMENT", 0},
		{byVariable, map[string]any{"by": map[string]any{"nope": 1}}, "INVALID_ARGUMENT", 200},
		{byVariable, nil, "INVALID_ARGUMENT", 200},
		{`{ findCustomers(first: -1) { nodes { id } } }`, nil, "INVALID_ARGUMENT", 200},
		{`{ findCustomers(first: 501) { nodes { id } } }`, nil, "INVALID_ARGUMENT", 200},
		{firstByVariable, map[string]any{"n": 99999999999}, "INVALID_ARGUMENT", 0},
		{firstByVariable, map[string]any{"n": 1.5}, "INVALID_ARGUMENT", 0},
		{`{ findCustomers(search: "") { nodes { id } } }`, nil, "INVALID_ARGUMENT", 200},
		{`{ findCustomers(after: "zzz") { nodes { id } } }`, nil, "INVALID_CURSOR", 200},
		{`{ findCustomers(after: "") { nodes { id } } }`, nil, "INVALID_CURSOR", 200},
		{`{ products(after: "AWMDYzAx") { nodes { id } } }`, nil, "INVALID_CURSOR", 200},
		{`{ products(first: 501) { nodes { id } } }`, nil, "INVALID_ARGUMENT", 200},
		{`{ customer(by: {id: "c000"}) { interactions(first: 501) { nodes { id } } } }`, nil, "INVALID_ARGUMENT", 200},
		{`{ customer(by: {id: "c000"}) { interactions(after: "x") { nodes { id } } } }`, nil, "INVALID_CURSOR", 200},
		{between("2025"), nil, "INVALID_ARGUMENT", 200},
		{between("2027-01-01T00:00:00Z"), nil, "INVALID_ARGUMENT", 200},
		{`{ nope }`, nil, "INVALID_ARGUMENT", 200},
		{`{ status { `, nil, "INVALID_ARGUMENT", 200},
		{``, nil, "INVALID_ARGUMENT", 400},
		{`query A { status { store } } query B { status { store } }`, nil, "INVALID_ARGUMENT", 200},
		{`query { findCustomers { nodes { ... @defer { interactions { totalCount } } } } }`, nil, "INVALID_ARGUMENT", 400},
		{`{ ` + strings.Repeat("status { store } ", 1000) + `}`, nil, "TOO_COMPLEX", 200},
		{`{ findCustomers(first: 500) { nodes { interactions(first: 500) { nodes { product { id } } } } } }`, nil, "TOO_COMPLEX", 200},
		{`{ findCustomers(first: 2147483647) { nodes { interactions(first: 2147483647) { nodes { id } } } } }`, nil, "TOO_COMPLEX", 200},
		{`{ findCustomers(first: 500) { nodes { household { members { household { members { id } } } } } } }`, nil, "TOO_COMPLEX", 200},
		{`mutation { recordInteractions(input: [{id: "x", type: VIEW, at: "2026-01-01T00:00:00Z", customer: {id: "c000"}, amount: "1e99"}]) { accepted } }`, nil, "INVALID_ARGUMENT", 200},
	} {
		a := ask(t, s, c.query, c.variables)
		if a.code() != c.code || (c.status != 0 && a.Status != c.status) {
			t.Errorf("%.120s %v: %d %s, want %d %s", c.query, c.variables, a.Status, a.Text, c.status, c.code)
			continue
		}
		if id := a.Header.Get("X-Request-Id"); id == "" || a.Errors[0].Extensions.RequestID != id {
			t.Errorf("%s does not name its request %s", a.Text, id)
		}
		if strings.HasSuffix(a.Errors[0].Message, "invalid") || strings.Contains(a.Errors[0].Message, "input:") || strings.Contains(a.Text, "internal") {
			t.Errorf("the message is not for clients: %s", a.Text)
		}
	}
	if strings.Contains(log.String(), "ERROR") {
		t.Errorf("mistakes of clients are no errors of the server: %s", log)
	}
}

// TestTooLongLists holds the limits on lists.
func TestTooLongLists(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 0))
	by := make([]any, 201)
	for i := range by {
		by[i] = map[string]any{"id": "c000"}
	}
	const query = `query($by: [CustomerBy!]!) { customers(by: $by) { id } }`
	if a := ask(t, s, query, map[string]any{"by": by}); a.code() != "INVALID_ARGUMENT" {
		t.Errorf("201 customers: %.200s", a.Text)
	}
	if a := ask(t, s, query, map[string]any{"by": by[:200]}); a.code() != "" || len(a.Data["customers"].([]any)) != 200 {
		t.Errorf("200 customers: %.200s", a.Text)
	}
	rows := make([]any, 1001)
	for i := range rows {
		rows[i] = map[string]any{"id": fmt.Sprintf("k%d", i)}
	}
	const mutation = `mutation($in: [CategoryInput!]!) { upsertCategories(input: $in) { accepted duplicates userErrors { code } } }`
	if a := ask(t, s, mutation, map[string]any{"in": rows}); a.code() != "INVALID_ARGUMENT" {
		t.Errorf("1,001 rows: %.200s", a.Text)
	}
	if a := ask(t, s, mutation, map[string]any{"in": rows[:1000]}); a.code() != "" {
		t.Errorf("1,000 rows: %.200s", a.Text)
	}
}

func TestUnreadableRequests(t *testing.T) {
	s, log := newServer(Options{MaxBodyBytes: 1000})
	s.Attach(openStore(t, 1, 0))
	get := func(values url.Values) *http.Request {
		return httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/graphql?"+values.Encode(), http.NoBody)
	}
	form := post(t.Context(), `query=secret`)
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	none := post(t.Context(), `{"query": "{ status { store } }"}`)
	none.Header.Del("Content-Type")
	put := post(t.Context(), `{}`)
	put.Method = http.MethodPut
	badURL := get(nil)
	badURL.URL.RawQuery = "query=%zz"
	for _, c := range []struct {
		name    string
		request *http.Request
		status  int
		allow   string
	}{
		{"no JSON", post(t.Context(), `secret`), 400, ""},
		{"a list", post(t.Context(), `[{"query": "secret"}]`), 400, ""},
		{"a number for a query", post(t.Context(), `{"query": 5}`), 400, ""},
		{"two values", post(t.Context(), `{"query": "{ status { store } }"} {}`), 400, ""},
		{"too large", post(t.Context(), `{"query": "`+strings.Repeat("s", 1000)+`"}`), 413, ""},
		{"a form", form, 415, ""},
		{"a subscription", post(t.Context(), `{"query": "subscription { interactionRecorded { id } }"}`), 400, ""},
		{"no media type", none, 415, ""},
		{"PUT", put, 405, "GET, POST"},
		{"a mutation by GET", get(url.Values{"query": {`mutation { eraseCustomer(id: "c000") { erased } }`}}), 405, "POST"},
		{"variables no JSON", get(url.Values{"query": {"{ status { store } }"}, "variables": {"secret"}}), 400, ""},
		{"extensions no JSON", get(url.Values{"query": {"{ status { store } }"}, "extensions": {"["}}), 400, ""},
		{"a bad URL", badURL, 400, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := do(t, s, c.request)
			if a.Status != c.status || a.code() != "INVALID_ARGUMENT" || a.Errors[0].Extensions.RequestID == "" || a.Header.Get("Allow") != c.allow {
				t.Errorf("%d %v %s", a.Status, a.Header, a.Text)
			}
			if strings.Contains(a.Text, "secret") {
				t.Errorf("the request is quoted: %s", a.Text)
			}
		})
	}
	if strings.Contains(log.String(), "secret") || strings.Contains(log.String(), "ERROR") {
		t.Errorf("the log quotes requests, or blames the server: %s", log)
	}
	if a := ask(t, s, `{ customer(by: {id: "c000"}) { id } }`, nil); a.Data["customer"] == nil {
		t.Error("a mutation ran over GET")
	}
}

func TestQueriesByGet(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 0))
	values := url.Values{"query": {`query Q($id: ID!) { customer(by: {id: $id}) { id } } query R { status { store } }`}, "variables": {`{"id": "c000"}`}, "operationName": {"Q"}}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/graphql?"+values.Encode(), http.NoBody)
	r.Header.Set("Accept", "text/html, application/graphql-response+json;q=0.9")
	a := do(t, s, r)
	if a.Status != http.StatusOK || a.Text != `{"data":{"customer":{"id":"c000"}}}`+"\n" {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if media := a.Header.Get("Content-Type"); media != "application/graphql-response+json; charset=utf-8" {
		t.Error(media)
	}
	bad := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/graphql?query={nope}", http.NoBody)
	bad.Header.Set("Accept", mediaGraphQL)
	if a := do(t, s, bad); a.Status != http.StatusBadRequest || a.code() != "INVALID_ARGUMENT" {
		t.Errorf("%d %s", a.Status, a.Text)
	}
}

// brokenStore fails in one way.
type brokenStore struct {
	graph.Store
	fail func(context.Context) error
}

func (s brokenStore) Stats(ctx context.Context) (graph.Stats, error) {
	return graph.Stats{}, s.fail(ctx)
}

func (s brokenStore) Profiles(ctx context.Context, queries []graph.ProfileQuery) (graph.Profiles, error) {
	return graph.Profiles{List: make([]graph.Profile, len(queries))}, s.fail(ctx)
}

func TestBrokenStores(t *testing.T) {
	until := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	always := func(err error) func(context.Context) error { return func(context.Context) error { return err } }
	for _, c := range []struct {
		name string
		fail func(context.Context) error
		code string
	}{
		{"slow", until, "TIMEOUT"},
		{"away", always(fmt.Errorf("dial db.example.com: %w", graph.ErrUnavailable)), "UNAVAILABLE"},
		{"closed", always(graph.ErrClosed), "UNAVAILABLE"},
		{"read-only", always(graph.ErrReadOnly), "UNAVAILABLE"},
		{"damaged", always(fmt.Errorf("page 7 of secret.db: %w", graph.ErrDamaged)), "INTERNAL"},
		{"unknown", always(errors.New("secret")), "INTERNAL"},
		{"panics", func(context.Context) error { panic("secret") }, "INTERNAL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, log := newServer(Options{RequestTimeout: 50 * time.Millisecond})
			s.Attach(brokenStore{fail: c.fail})
			for _, query := range []string{`{ status { store } }`, `{ customer(by: {id: "c"}) { id } }`} {
				a := ask(t, s, query, nil)
				if a.code() != c.code {
					t.Errorf("%s: %d %s, want %s", query, a.Status, a.Text, c.code)
				}
				for _, inner := range []string{"secret", "example.com", "goroutine"} {
					if strings.Contains(a.Text, inner) {
						t.Errorf("internal text leaks: %s", a.Text)
					}
				}
				if c.code == "INTERNAL" && !strings.Contains(log.String(), a.Errors[0].Extensions.RequestID) {
					t.Errorf("the log does not have request %s", a.Errors[0].Extensions.RequestID)
				}
			}
		})
	}
}
