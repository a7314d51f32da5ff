package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestRefusals holds how documents are refused that never reach a resolver: with code and request id on every error, no
// suggestion of names, nothing of what was given as a value, the status of a request that could not be run.
func TestRefusals(t *testing.T) {
	s, log := newServer(Options{})
	s.Attach(openStore(t, 1, 0))
	const byVariable = `query($b: CustomerBy!) { customer(by: $b) { id } }`
	for _, c := range []struct {
		name, query string
		variables   map[string]any
		message     string
	}{
		{"field", `{ custmer { id } }`, nil, `Cannot query field "custmer" on type "Query".`},
		{"argument", `{ findCustomers(firs: 1) { nodes { id } } }`, nil, `Unknown argument "firs" on field "Query.findCustomers".`},
		{"argument of a directive", `{ status { store @skip(iff: true) } }`, nil, `Unknown argument "iff" on directive "@skip".`},
		{"type of a fragment", `{ status { ...F } } fragment F on Statuss { store }`, nil, `Unknown type "Statuss".`},
		{"type of an inline fragment", `{ status { ... on Statu { store } } }`, nil, `Unknown type "Statu".`},
		{"type of a variable", `query($x: IdentityKnd) { status { store } }`, nil, `Unknown type "IdentityKnd".`},
		{"directive", `{ status @skp(if: true) { store } }`, nil, `Unknown directive "@skp".`},
		{"fragment", `{ status { ...Nope } }`, nil, `Unknown fragment "Nope".`},
		{"field of an input", `{ customer(by: {identty: {kind: EMAIL, value: "secret"}}) { id } }`, nil, `Field "identty" is not defined by type "CustomerBy".`},
		{"value of an enum", `{ findCustomers(orderBy: secret) { nodes { id } } }`, nil, `Value does not exist in "CustomerOrder" enum.`},
		{"nearly a value of an enum", `{ findCustomers(orderBy: NAM) { nodes { id } } }`, nil, `Value does not exist in "CustomerOrder" enum.`},
		{"text for an enum", `{ findCustomers(orderBy: "secret") { nodes { id } } }`, nil, ""},
		{"text for a number", `{ findCustomers(first: "secret") { nodes { id } } }`, nil, "Int cannot represent non-integer value"},
		{"variable: text for a number", `query($n: Int!) { findCustomers(first: $n) { nodes { id } } }`, map[string]any{"n": "secret"}, ""},
		{"variable: value of an enum", `query($o: CustomerOrder) { findCustomers(orderBy: $o) { nodes { id } } }`, map[string]any{"o": "secret"}, "is not a valid CustomerOrder"},
		{"variable: field of an input", byVariable, map[string]any{"b": map[string]any{"identty": "secret"}}, "unknown field"},
		{"variable: a list", byVariable, map[string]any{"b": []any{"secret"}}, ""},
		{"variable: missing", byVariable, nil, ""},
		{"variable: missing inside", byVariable, map[string]any{"b": map[string]any{"identity": map[string]any{"value": "secret"}}}, ""},
		{"a cycle of fragments", `{ status { ...F } } fragment F on Status { ...F }`, nil, ""},
		{"text that does not end", `{ customer(by: {id: "secret`, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := ask(t, s, c.query, c.variables)
			if a.Status != http.StatusOK || len(a.Errors) == 0 {
				t.Fatalf("%d %s", a.Status, a.Text)
			}
			for _, e := range a.Errors {
				if e.Extensions.Code != "INVALID_ARGUMENT" || e.Extensions.RequestID != a.Header.Get("X-Request-Id") || e.Message == "" {
					t.Errorf("error is %+v", e)
				}
			}
			if c.message != "" && a.Errors[0].Message != c.message {
				t.Errorf("message is %q, want %q", a.Errors[0].Message, c.message)
			}
			if strings.Contains(a.Text, "Did you mean") || strings.Contains(a.Text, "secret") {
				t.Errorf("%s says too much", a.Text)
			}
		})
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("the log is %s", log)
	}
}

// TestTooLargeANumber holds that a number beyond 32 bits is refused where it is used, never cut to size.
func TestTooLargeANumber(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 0))
	a := ask(t, s, `query($n: Int!) { findCustomers(first: $n) { nodes { id } } }`, map[string]any{"n": 99999999999})
	if a.code() != "INVALID_ARGUMENT" || a.Errors[0].Message != "a number is too large" || strings.Contains(a.Text, `"nodes"`) {
		t.Errorf("%d %s", a.Status, a.Text)
	}
}

// TestManyMistakes holds that a document full of them has a short answer.
func TestManyMistakes(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 0))
	if a := ask(t, s, `{ one two three }`, nil); len(a.Errors) != 3 {
		t.Errorf("of three mistakes, %d are told", len(a.Errors))
	}
	a := ask(t, s, `{ `+strings.Repeat("nope ", 20)+`}`, nil)
	if a.Status != http.StatusOK || len(a.Errors) != mostRefusals || len(a.Text) > 2000 {
		t.Errorf("%d with %d errors in %d bytes", a.Status, len(a.Errors), len(a.Text))
	}
}

// TestNesting holds that the server outlives what is nested without end, in documents and in variables.
func TestNesting(t *testing.T) {
	s, _ := newServer(Options{MaxBodyBytes: 4 << 20})
	s.Attach(openStore(t, 1, 0))
	value := func(depth int) string {
		return `{"query": "query($b: CustomerBy!) { customer(by: $b) { id } }", "variables": {"b": ` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `}}`
	}
	document := func(text string) string {
		body, err := json.Marshal(map[string]string{"query": text})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for _, c := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"lists", document(`{ customer(by: ` + strings.Repeat("[", 1<<20)), http.StatusOK, "TOO_COMPLEX"},
		{"types", document(`query($x: ` + strings.Repeat("[", 1<<20)), http.StatusOK, "TOO_COMPLEX"},
		{"objects", document(`{ customer(by: ` + strings.Repeat("{a:", 1<<19)), http.StatusOK, "TOO_COMPLEX"},
		{"selections", document(strings.Repeat("{a", 1<<20)), http.StatusOK, "TOO_COMPLEX"},
		{"just below the limit of tokens", document(`{ customer(by: ` + strings.Repeat("[", 990) + strings.Repeat("]", 990) + `) { id } }`), http.StatusOK, "TOO_COMPLEX"},
		{"variables", value(4_000), http.StatusOK, "TOO_COMPLEX"},
		{"variables without end", value(1 << 20), http.StatusBadRequest, "INVALID_ARGUMENT"},
		{"bodies", strings.Repeat("[", 1<<20), http.StatusBadRequest, "INVALID_ARGUMENT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if a := do(t, s, post(t.Context(), c.body)); a.Status != c.status || a.code() != c.code || len(a.Text) > 1000 {
				t.Errorf("%d %.300s", a.Status, a.Text)
			}
		})
	}
	if a := ask(t, s, `{ customer(by: {id: "c000"}) { id } }`, nil); a.code() != "" {
		t.Errorf("afterwards: %s", a.Text)
	}
}

// TestBodySize holds the limit as it is by default: one mebibyte is read, one byte more is not.
func TestBodySize(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 0))
	const query = `{"query": "{ status { store } }"}`
	full := query + strings.Repeat(" ", 1<<20-len(query))
	if a := do(t, s, post(t.Context(), full)); a.Status != http.StatusOK || a.code() != "" {
		t.Errorf("1 MiB: %d %s", a.Status, a.Text)
	}
	if a := do(t, s, post(t.Context(), full+" ")); a.Status != http.StatusRequestEntityTooLarge || a.code() != "INVALID_ARGUMENT" {
		t.Errorf("1 MiB and a byte: %d %s", a.Status, a.Text)
	}
}

// TestHonestPages holds that the default limit of complexity admits the largest page that an application shows, and
// not ten times as much.
func TestHonestPages(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 3, 2))
	const selection = `id name interactions(first: 20) { nodes { id type at product { id name categories { id name } } category { id name } } } `
	by := make([]any, 200)
	for i := range by {
		by[i] = map[string]any{"id": fmt.Sprintf("c%03d", i%3)}
	}
	for _, c := range []struct {
		name, query string
		variables   map[string]any
		code        string
	}{
		{"200 customers", `query($by: [CustomerBy!]!) { customers(by: $by) { ` + selection + `} }`, map[string]any{"by": by}, ""},
		{"200 found", `{ findCustomers(first: 200) { totalCount pageInfo { hasNextPage endCursor } nodes { ` + selection + `} } }`, nil, ""},
		{"200 by edges", `{ findCustomers(first: 200) { edges { cursor node { ` + selection + `} } } }`, nil, ""},
		{"500 with 100 each", `{ findCustomers(first: 500) { nodes { ` + strings.Replace(selection, "20", "100", 1) + `} } }`, nil, "TOO_COMPLEX"},
		{"ten times 200", `query($by: [CustomerBy!]!) { ` + aliases(10, `customers(by: $by) { `+selection+`}`) + ` }`, map[string]any{"by": by}, "TOO_COMPLEX"},
	} {
		if a := ask(t, s, c.query, c.variables); a.code() != c.code {
			t.Errorf("%s: %d %.300s, want %q", c.name, a.Status, a.Text, c.code)
		}
	}
}

func aliases(n int, field string) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "f%d: %s ", i, field)
	}
	return text.String()
}

// TestEnormousPages holds that a first beyond all measure is refused at any depth, and never comes out small.
func TestEnormousPages(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 0))
	for _, first := range []string{"2147483647", "7905747460161236407", "9223372036854775807", "-2147483648", "501"} {
		for _, query := range []string{
			`{ findCustomers(first: ` + first + `) { nodes { id } } }`,
			`{ products(first: ` + first + `) { nodes { id } } }`,
			`{ findCustomers(first: ` + first + `) { nodes { interactions(first: ` + first + `) { nodes { customer { interactions(first: ` + first + `) { nodes { id } } } } } } } }`,
		} {
			if a := ask(t, s, query, nil); a.code() != "TOO_COMPLEX" && a.code() != "INVALID_ARGUMENT" {
				t.Errorf("%s: %d %.200s", query, a.Status, a.Text)
			}
		}
	}
}

// TestIntrospection holds that tools can read the schema with the query that they all send.
func TestIntrospection(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 0, 0))
	a := ask(t, s, `query IntrospectionQuery {
		__schema { queryType { name } mutationType { name } subscriptionType { name } types { ...FullType } directives { name description locations args { ...InputValue } } } }
		fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
			inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
		fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
		fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }`, nil)
	if a.Status != http.StatusOK || a.code() != "" {
		t.Fatalf("%d %.300s", a.Status, a.Text)
	}
	for _, part := range []string{`"queryType":{"name":"Query"}`, `"mutationType":{"name":"Mutation"}`, `"name":"CustomerBy"`, `"name":"oneOf"`, `"name":"personal"`, `"name":"CAMPAIGN_CLICKED"`} {
		if !strings.Contains(a.Text, part) {
			t.Errorf("the schema lacks %s", part)
		}
	}
}
