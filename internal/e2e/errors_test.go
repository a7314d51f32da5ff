package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lacuna/graph"
	"lacuna/server"
)

// mistake is a question with the variable v, and the code that it is answered with.
type mistake struct {
	query    string
	variable any
	code     string
}

// mistakes are those that a client can make, written into the document and given by variables, beside what is just allowed.
func mistakes() []mistake {
	const byVariable = `query($v: CustomerBy!) { customer(by: $v) { id } }`
	const listByVariable = `query($v: [CustomerBy!]!) { customers(by: $v) { id } }`
	const whereByVariable = `query($v: InteractionWhere!) { customer(by: {id: "c001"}) { interactions(where: $v) { totalCount } } }`
	const firstByVariable = `query($v: Int!) { findCustomers(first: $v) { totalCount } }`
	const record = `mutation($v: [InteractionInput!]!) { recordInteractions(input: $v) { accepted } }`
	const categories = `mutation($v: [CategoryInput!]!) { upsertCategories(input: $v) { accepted } }`
	identity := object{"kind": "EMAIL", "value": "a@example.com"}
	both := object{"id": "c001", "identity": identity}
	many := func(n int, of func(int) object) []any {
		list := make([]any, n)
		for i := range list {
			list[i] = of(i)
		}
		return list
	}
	someone := func(int) object { return object{"id": "c001"} }
	row := func(customer any) object {
		return object{"id": "x", "type": "VIEW", "at": "2026-01-01T00:00:00Z", "customer": customer}
	}
	span := func(from, to string) object { return object{"between": object{"from": from, "to": to}} }
	return []mistake{
		{`{ customer(by: {}) { id } }`, nil, "INVALID_ARGUMENT"},
		{`{ customer(by: {id: null}) { id } }`, nil, "INVALID_ARGUMENT"},
		{`{ customer(by: {id: "c001", identity: {kind: EMAIL, value: "a@example.com"}}) { id } }`, nil, "INVALID_ARGUMENT"},
		{byVariable, object{}, "INVALID_ARGUMENT"},
		{byVariable, both, "INVALID_ARGUMENT"},
		{byVariable, object{"id": nil}, "INVALID_ARGUMENT"},
		{byVariable, object{"identity": nil}, "INVALID_ARGUMENT"},
		{byVariable, nil, "INVALID_ARGUMENT"},
		{`query($v: ID) { customer(by: {id: $v}) { id } }`, nil, "INVALID_ARGUMENT"},
		{`query($v: ID!) { customer(by: {id: $v, identity: {kind: EMAIL, value: "a@example.com"}}) { id } }`, "c001", "INVALID_ARGUMENT"},
		{listByVariable, []any{object{"id": "c001"}, both}, "INVALID_ARGUMENT"},
		{listByVariable, []any{object{"id": "c001"}, object{}}, "INVALID_ARGUMENT"},
		{listByVariable, many(201, someone), "INVALID_ARGUMENT"},
		{listByVariable, many(200, someone), ""},
		{record, []any{row(both)}, "INVALID_ARGUMENT"},
		{record, []any{row(object{})}, "INVALID_ARGUMENT"},
		{record, many(1001, func(int) object { return row(object{"id": "c001"}) }), "INVALID_ARGUMENT"},
		{categories, many(1001, func(i int) object { return object{"id": fmt.Sprintf("n%d", i)} }), "INVALID_ARGUMENT"},
		{categories, many(1000, func(i int) object { return object{"id": fmt.Sprintf("n%d", i)} }), ""},
		{firstByVariable, -1, "INVALID_ARGUMENT"},
		{firstByVariable, 501, "INVALID_ARGUMENT"},
		{firstByVariable, 500, ""},
		{firstByVariable, 0, ""},
		{`{ products(first: 501) { totalCount } }`, nil, "INVALID_ARGUMENT"},
		{`{ products(first: -1) { totalCount } }`, nil, "INVALID_ARGUMENT"},
		{`{ customer(by: {id: "c001"}) { interactions(first: 501) { totalCount } } }`, nil, "INVALID_ARGUMENT"},
		{`{ findCustomers(search: "") { totalCount } }`, nil, "INVALID_ARGUMENT"},
		{whereByVariable, object{"types": []any{}}, "INVALID_ARGUMENT"},
		{whereByVariable, object{"channels": []any{}}, "INVALID_ARGUMENT"},
		{whereByVariable, object{"query": ""}, "INVALID_ARGUMENT"},
		{whereByVariable, object{"category": ""}, "INVALID_ARGUMENT"},
		{whereByVariable, span("2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z"), "INVALID_ARGUMENT"},
		{whereByVariable, span("2026-01-01", "2026-02-01T00:00:00Z"), "INVALID_ARGUMENT"},
		{whereByVariable, span("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"), ""},
		{`{ customer(by: {id: "c001"}) { interactions(where: {types: []}) { totalCount } } }`, nil, "INVALID_ARGUMENT"},
		{`{ products(where: {search: ""}) { totalCount } }`, nil, "INVALID_ARGUMENT"},
		{`{ findCustomers(first: 500) { nodes { interactions(first: 500) { nodes { id product { id } } } } } }`, nil, "TOO_COMPLEX"},
	}
}

// TestErrorCodes holds the code of every mistake, and that each answer names its request.
func TestErrorCodes(t *testing.T) {
	s := newSite(t, server.Options{})
	s.server.Attach(sampleStore(t))
	for _, c := range mistakes() {
		variables := object{"v": c.variable}
		if c.variable == nil {
			variables = nil
		}
		a := post(t, s.url, c.query, variables)
		if a.code() != c.code {
			t.Errorf("%s %.100v is %d %.300s, want %s", c.query, c.variable, a.Status, a.Text, c.code)
			continue
		}
		if id := a.Header.Get("X-Request-Id"); c.code != "" && (id == "" || a.Errors[0].Extensions.RequestID != id || a.Errors[0].Message == "") {
			t.Errorf("%s does not name its request %s", a.Text, id)
		}
	}
	if strings.Contains(s.log.String(), `"ERROR"`) {
		t.Errorf("mistakes of clients are no errors of the server: %s", s.log)
	}
	if n := at(ask(t, s.url, `{ customer(by: {id: "x"}) { id } }`, nil), "customer"); n != nil {
		t.Errorf("a refused batch has left %v", n)
	}
}

// TestGetChangesNothing holds that GET runs queries alone, whatever operation is named.
func TestGetChangesNothing(t *testing.T) {
	s := newSite(t, server.Options{})
	s.server.Attach(sampleStore(t))
	get := func(values url.Values) *answer {
		return send(t, http.MethodGet, s.url+"/graphql?"+values.Encode(), "")
	}
	if a := get(url.Values{"query": {`query($id: ID!) { customer(by: {id: $id}) { id } }`}, "variables": {`{"id": "c001"}`}}); at(a.Data, "customer", "id") != "c001" {
		t.Errorf("a query by GET: %s", a.Text)
	}
	const erase = `mutation Erase { eraseCustomer(id: "c001") { erased } }`
	for _, values := range []url.Values{
		{"query": {erase}}, {"query": {erase + ` query Look { status { store } }`}, "operationName": {"Erase"}},
	} {
		if a := get(values); a.Status != http.StatusMethodNotAllowed || a.code() != "INVALID_ARGUMENT" || a.Header.Get("Allow") != "POST" {
			t.Errorf("a mutation by GET: %d %s", a.Status, a.Text)
		}
	}
	if at(ask(t, s.url, `{ customer(by: {id: "c001"}) { id } }`, nil), "customer") == nil {
		t.Error("a mutation ran by GET")
	}
}

// TestForeignPages holds that a page of another origin gets nothing from a server that trusts its machine.
func TestForeignPages(t *testing.T) {
	s := newSite(t, server.Options{})
	s.server.Attach(sampleStore(t))
	for _, c := range []struct {
		host, field, value string
		status             int
	}{
		{"", "", "", 200}, {"localhost:8080", "", "", 200}, {"[::1]:8080", "", "", 200}, {"", "Sec-Fetch-Site", "same-origin", 200},
		{"example.com", "", "", 403}, {"127.0.0.1.example.com", "", "", 403}, {"", "Sec-Fetch-Site", "cross-site", 403}, {"", "Origin", "https://example.com", 403},
	} {
		body := strings.NewReader(`{"query": "{ customer(by: {id: \"c001\"}) { name } }"}`)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/graphql", body)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = c.host
		request.Header.Set("Content-Type", "application/json")
		if c.field != "" {
			request.Header.Set(c.field, c.value)
		}
		a := exchange(t, request)
		if a.Status != c.status || (c.status == http.StatusForbidden) != (a.code() == "FORBIDDEN") {
			t.Errorf("%+v: %d %s", c, a.Status, a.Text)
		}
	}
}

// failing is a store of which profiles, totals, pages and writes end in one way.
type failing struct {
	graph.Store
	fail func(context.Context) error
}

func (f failing) Stats(ctx context.Context) (graph.Stats, error) { return graph.Stats{}, f.fail(ctx) }

func (f failing) Customers(ctx context.Context, _ []graph.CustomerRef) (map[graph.CustomerRef]*graph.Customer, error) {
	return nil, f.fail(ctx)
}

func (f failing) Profiles(ctx context.Context, _ []graph.ProfileQuery) (graph.Profiles, error) {
	return graph.Profiles{}, f.fail(ctx)
}

func (f failing) FindCustomers(ctx context.Context, _ graph.CustomerQuery) (graph.CustomerPage, error) {
	return graph.CustomerPage{}, f.fail(ctx)
}

func (f failing) Write(ctx context.Context, _ *graph.Batch) (*graph.Outcomes, error) {
	return nil, f.fail(ctx)
}

func (f failing) Merge(ctx context.Context, _, _ string, _ bool) (graph.MergeReport, error) {
	return graph.MergeReport{}, f.fail(ctx)
}

// TestInternalTextStaysInside holds that whatever a store says or does, clients get a code and the id under which the log
// has the rest.
func TestInternalTextStaysInside(t *testing.T) {
	const inner = "UNIQUE constraint failed: secret_table.secret"
	says := func(err error) func(context.Context) error { return func(context.Context) error { return err } }
	for _, c := range []struct {
		name   string
		fail   func(context.Context) error
		code   string
		logged bool
	}{
		{"unknown", says(errors.New(inner)), "INTERNAL", true},
		{"not found, where nothing may be", says(fmt.Errorf(inner+": %w", graph.ErrNotFound)), "INTERNAL", true},
		{"damaged", says(fmt.Errorf(inner+": %w", graph.ErrDamaged)), "INTERNAL", true},
		{"panics with text", func(context.Context) error { panic(inner) }, "INTERNAL", true},
		{"panics with an error", func(context.Context) error { panic(errors.New(inner)) }, "INTERNAL", true},
		{"unavailable", says(fmt.Errorf(inner+": %w", graph.ErrUnavailable)), "UNAVAILABLE", true},
		{"read-only", says(fmt.Errorf(inner+": %w", graph.ErrReadOnly)), "UNAVAILABLE", true},
		{"slow", func(ctx context.Context) error { <-ctx.Done(); return fmt.Errorf(inner+": %w", ctx.Err()) }, "TIMEOUT", false},
		{"slow, and says something else", func(ctx context.Context) error { <-ctx.Done(); return errors.New(inner) }, "TIMEOUT", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			patience := time.Minute
			if c.code == "TIMEOUT" {
				patience = 20 * time.Millisecond
			}
			s := newSite(t, server.Options{RequestTimeout: patience})
			s.server.Attach(failing{Store: sampleStore(t), fail: c.fail})
			for _, query := range []string{
				`{ status { store } }`, `{ customer(by: {id: "c001"}) { id } }`, `{ customers(by: [{id: "c001"}, {id: "c002"}]) { id } }`, `{ findCustomers { nodes { id } } }`,
				`mutation { upsertCategories(input: [{id: "a"}]) { accepted } }`, `mutation { retractInteractions(input: [{id: "a", reason: "b"}]) { accepted } }`,
				`mutation { setConsent(input: {customer: "c001", purpose: "MARKETING", granted: true}) { userErrors { code } } }`,
			} {
				a := post(t, s.url, query, nil)
				id := a.Header.Get("X-Request-Id")
				if a.code() != c.code || id == "" || a.Errors[0].Extensions.RequestID != id {
					t.Errorf("%s: %d %s of request %q, want %s", query, a.Status, a.Text, id, c.code)
				}
				if strings.Contains(a.Text, "secret") || strings.Contains(a.Text, "goroutine") || strings.Contains(a.Text, "store is") && c.code == "INTERNAL" {
					t.Errorf("internal text leaks: %s", a.Text)
				}
				if c.logged && !strings.Contains(s.log.String(), id) {
					t.Errorf("the log does not have request %s", id)
				}
			}
		})
	}
}

// TestBeforeTheStore holds that a server without a store says so, and recovers by itself.
func TestBeforeTheStore(t *testing.T) {
	s := newSite(t, server.Options{})
	expect := func(status int, code string) {
		t.Helper()
		a := post(t, s.url, `{ status { customers } }`, nil)
		if a.Status != status || a.code() != code {
			t.Errorf("it answers %d %s, want %d %s", a.Status, a.Text, status, code)
		}
		if code != "" && (a.Header.Get("Retry-After") == "" || a.Errors[0].Extensions.RequestID != a.Header.Get("X-Request-Id")) {
			t.Errorf("it answers %v %s", a.Header, a.Text)
		}
		if a := send(t, http.MethodGet, s.url+"/readyz", ""); a.Status != status {
			t.Errorf("/readyz is %d, want %d", a.Status, status)
		}
		if a := send(t, http.MethodGet, s.url+"/healthz", ""); a.Status != http.StatusOK {
			t.Errorf("/healthz is %d", a.Status)
		}
	}
	expect(http.StatusServiceUnavailable, "UNAVAILABLE")
	s.server.Attach(newStore(t))
	expect(http.StatusOK, "")
	s.server.Detach()
	expect(http.StatusServiceUnavailable, "UNAVAILABLE")
}
