package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"lacuna/graph"
	"lacuna/internal/access"
	"lacuna/server/guard"
)

// TestMedia holds which media type an answer has for what a client accepts.
func TestMedia(t *testing.T) {
	for accept, want := range map[string]string{
		"":    mediaJSON,
		"*/*": mediaJSON, "application/*": mediaJSON, "application/json": mediaJSON, "text/html, */*;q=0.1": mediaJSON,
		mediaGraphQL: mediaGraphQL, mediaGraphQL + "; charset=utf-8, application/json;q=0.9": mediaGraphQL, "application/json, " + mediaGraphQL: mediaGraphQL,
		mediaGraphQL + ";q=0.5, application/json": mediaJSON, "application/json;q=0, */*": mediaGraphQL, "APPLICATION/JSON": mediaJSON,
		"text/html": "", "image/*": "", "application/json;q=0": "", "application/json;q=x": "", "nonsense": "", "*/*;q=0": "",
	} {
		var headers []string
		if accept != "" {
			headers = []string{accept}
		}
		media, ok := answerMedia(headers)
		if !ok {
			media = ""
		}
		if media != want {
			t.Errorf("%q is answered with %q, want %q", accept, media, want)
		}
	}
}

// TestNotAcceptable holds that a client who takes neither media type is told so.
func TestNotAcceptable(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 0))
	r := post(t.Context(), `{"query": "{ status { store } }"}`)
	r.Header.Set("Accept", "text/html")
	if a := do(t, s, r); a.Status != http.StatusNotAcceptable || a.code() != "INVALID_ARGUMENT" || a.Data != nil {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	r = post(t.Context(), `{"query": "{ status { store } }"}`)
	r.Header.Set("Content-Type", "application/json; charset=iso-8859-1")
	if a := do(t, s, r); a.Status != http.StatusUnsupportedMediaType {
		t.Errorf("%d %s", a.Status, a.Text)
	}
}

// TestNoDataOnRefusals holds that only what was executed has data, by whatever media type.
func TestNoDataOnRefusals(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 0))
	for accept, status := range map[string]int{mediaJSON: http.StatusOK, mediaGraphQL: http.StatusBadRequest} {
		r := post(t.Context(), `{"query": "{ nope }"}`)
		r.Header.Set("Accept", accept)
		if a := do(t, s, r); a.Status != status || strings.Contains(a.Text, `"data"`) || strings.Contains(a.Text, `"cost"`) {
			t.Errorf("%s: %d %s", accept, a.Status, a.Text)
		}
	}
}

// TestCost holds what every executed answer says of its cost.
func TestCost(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 3, 2))
	for _, c := range []struct {
		query string
		want  cost
	}{
		{`{ status { store } }`, cost{2, 2, 200_000}},
		{`{ findCustomers(first: 2) { nodes { id name } } }`, cost{7, 6, 200_000}},
		{`{ findCustomers(first: 100) { nodes { id name } } }`, cost{301, 8, 200_000}},
		{`{ __schema { types { name fields { name } } } }`, cost{0, 0, 200_000}},
		{`{ customer(by: {id: "nobody"}) { id name } }`, cost{3, 1, 200_000}},
	} {
		a := ask(t, s, c.query, nil)
		if a.Extensions.Cost == nil {
			t.Errorf("%s: %s", c.query, a.Text)
			continue
		}
		if c.want.Requested == 0 { // introspection is free, and long
			c.want.Actual = a.Extensions.Cost.Actual
		}
		if *a.Extensions.Cost != c.want {
			t.Errorf("%s costs %+v, want %+v", c.query, *a.Extensions.Cost, c.want)
		}
	}
}

func TestMembers(t *testing.T) {
	for json, want := range map[string]int{
		``: 0, `null`: 0, `{}`: 0, `{"a":1}`: 1, `{"a":{"b":[{"c":null},{"c":2}]}}`: 4, `{"a":"\":\":"}`: 1, `{"a":"x\\","b":":"}`: 2, `{"a":"{\"b\":1}"}`: 1,
	} {
		if got := members([]byte(json)); got != want {
			t.Errorf("%s has %d members, want %d", json, got, want)
		}
	}
}

// TestGuarded holds that the guard stands before the parser, is counted, and can be widened.
func TestGuarded(t *testing.T) {
	deep := strings.Repeat("{ category(id: \"k0\") { parent ", 1) + strings.Repeat("{ parent ", 12) + "{ id" + strings.Repeat("}", 15)
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 0))
	a := ask(t, s, deep, nil)
	if a.code() != "TOO_COMPLEX" || !strings.Contains(a.Text, "limit depth: at most 12, and it has 15") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if text := get(t, s, "/metrics").Text; !strings.Contains(text, `lacuna_guard_refusals_total{limit="depth"} 1`) {
		t.Error("the refusal is not counted")
	}
	for range 2 { // the second time from the cache
		if a := ask(t, s, `{ status { store } }`, nil); a.code() != "" {
			t.Error(a.Text)
		}
	}
	wide := guard.Default()
	if err := wide.Set("depth", 20); err != nil {
		t.Fatal(err)
	}
	s, _ = newServer(Options{Limits: wide})
	s.Attach(openStore(t, 1, 0))
	if a := ask(t, s, deep, nil); a.code() != "" {
		t.Errorf("with a wider limit: %s", a.Text)
	}
}

// TestNoIntrospection holds that a server can keep its schema to itself.
func TestNoIntrospection(t *testing.T) {
	s, _ := newServer(Options{NoIntrospection: true})
	s.Attach(openStore(t, 1, 0))
	for _, query := range []string{`{ __schema { types { name } } }`, `{ __type(name: "Customer") { name } }`} {
		if a := ask(t, s, query, nil); a.code() == "" || strings.Contains(a.Text, "Customer") {
			t.Errorf("%s: %s", query, a.Text)
		}
	}
	if a := ask(t, s, `{ __typename status { store } }`, nil); a.code() != "" {
		t.Error(a.Text)
	}
}

// slowStore answers when it is told to.
type slowStore struct {
	graph.Store
	entered chan struct{}
	release chan struct{}
}

func (s slowStore) Stats(ctx context.Context) (graph.Stats, error) {
	s.entered <- struct{}{}
	<-s.release
	return s.Store.Stats(ctx)
}

// TestShed holds that one request more than there is room for is refused at once, and that room comes back.
func TestShed(t *testing.T) {
	s, _ := newServer(Options{InFlight: 2})
	slow := slowStore{openStore(t, 1, 0), make(chan struct{}), make(chan struct{})}
	s.Attach(slow)
	answers := make(chan *answer)
	for range 2 {
		go func() { answers <- ask(t, s, `{ status { store customers } }`, nil) }()
		<-slow.entered
	}
	begun := time.Now()
	a := ask(t, s, `{ __typename }`, nil)
	if a.Status != http.StatusServiceUnavailable || a.code() != "UNAVAILABLE" || a.Header.Get("Retry-After") != "1" || time.Since(begun) > 5*time.Second {
		t.Errorf("%d %v %s", a.Status, a.Header, a.Text)
	}
	close(slow.release)
	for range 2 {
		if a := <-answers; a.Status != http.StatusOK || a.code() != "" {
			t.Errorf("%d %s", a.Status, a.Text)
		}
	}
	if a := ask(t, s, `{ __typename }`, nil); a.Status != http.StatusOK {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if text := get(t, s, "/metrics").Text; !strings.Contains(text, "\nlacuna_graphql_shed_total 1\n") {
		t.Error("what was shed is not counted")
	}
}

// keyed gives a server that asks for keys, and one of each role.
func keyed(t *testing.T) (s *Server, log *logged, admin, ingest string) {
	t.Helper()
	keys, err := access.Load(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	text := map[access.Role]string{}
	for _, role := range access.Roles() {
		if text[role], err = keys.Add("the-"+string(role), role, rand.Reader, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	s, log = newServer(Options{Keys: func() *access.Keyring { return keys }})
	s.Attach(openStore(t, 1, 0))
	return s, log, text[access.Admin], text[access.Ingest]
}

// TestKeys holds that with keys nobody is answered without one, from wherever they ask, by whatever form of sending it.
func TestKeys(t *testing.T) {
	s, log, admin, _ := keyed(t)
	for header, status := range map[string]int{
		"": 401, "Bearer": 401, "Bearer nonsense": 401, "Bearer " + admin + "x": 401, "Basic " + admin: 401, admin: 401, "Bearer " + admin: 200, "bearer  " + admin: 200,
	} {
		r := post(t.Context(), `{"query": "{ customer(by: {id: \"c000\"}) { id } }"}`)
		r.Host = "lacuna.example.com"
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		a := do(t, s, r)
		if a.Status != status || (status == 401) != (a.code() == "UNAUTHENTICATED") || status == 401 && a.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("a header of %d characters: %d %s", len(header), a.Status, a.Text)
		}
	}
	for _, pair := range [][2]string{{admin, ""}, {"anything", admin}, {"", admin}} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://lacuna.example.com/graphql?query={__typename}", http.NoBody)
		r.SetBasicAuth(pair[0], pair[1])
		if a := do(t, s, r); a.Status != http.StatusOK {
			t.Errorf("basic authentication: %d %s", a.Status, a.Text)
		}
	}
	foreign := post(t.Context(), `{"query": "{ __typename }"}`)
	foreign.Header.Set("Authorization", "Bearer "+admin)
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	if a := do(t, s, foreign); a.Status != http.StatusForbidden {
		t.Errorf("a foreign page: %d", a.Status)
	}
	if _, secret, _ := strings.Cut(strings.TrimPrefix(admin, access.KeyPrefix), "_"); strings.Contains(log.String(), secret) {
		t.Error("the log tells a key")
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if a := get(t, s, path); a.Status != http.StatusOK {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

// TestIngestRole holds that an ingest key writes, and reads nothing by any door.
func TestIngestRole(t *testing.T) {
	s, _, _, ingest := keyed(t)
	const counts = `{ accepted duplicates userErrors { code } }`
	for query, code := range map[string]string{
		`mutation { upsertCustomers(input: [{id: "n1", name: "New"}]) ` + counts + ` }`:                                                                                               "",
		`mutation { __typename ...F } fragment F on Mutation { recordInteractions(input: [{id: "i", type: VIEW, at: "2026-01-01T00:00:00Z", customer: {id: "n1"}}]) ` + counts + ` }`: "",
		`{ status { customers } }`:                      "FORBIDDEN",
		`{ __schema { types { name } } }`:               "FORBIDDEN",
		`{ customer(by: {id: "c000"}) { name } }`:       "FORBIDDEN",
		`{ findCustomers { edges { node { name } } } }`: "FORBIDDEN",
		`mutation { setConsent(input: {customer: "c000", purpose: "P", granted: true}) { customer { name } } }`:                              "FORBIDDEN",
		`mutation { mergeCustomers(keep: "c000", merge: "n1", dryRun: true) { report { keep } } }`:                                           "FORBIDDEN",
		`mutation { eraseCustomer(id: "c000") { erased } }`:                                                                                  "FORBIDDEN",
		`mutation { upsertCustomers(input: []) ` + counts + ` ... on Mutation { eraseCustomer(id: "c000") { erased } } }`:                    "FORBIDDEN",
		`mutation { upsertCustomers(input: []) ` + counts + ` ...F } fragment F on Mutation { alias: eraseCustomer(id: "c000") { erased } }`: "FORBIDDEN",
		`mutation { upsertCustomers: eraseCustomer(id: "c000") { erased } }`:                                                                 "FORBIDDEN",
	} {
		r := post(t.Context(), fmt.Sprintf(`{"query": %q}`, query))
		r.Header.Set("Authorization", "Bearer "+ingest)
		if a := do(t, s, r); a.code() != code || code != "" && strings.Contains(a.Text, "Somebody") {
			t.Errorf("%s: %s", query, a.Text)
		}
	}
	got := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/graphql?query={status{customers}}", http.NoBody)
	got.Header.Set("Authorization", "Bearer "+ingest)
	if a := do(t, s, got); a.code() != "FORBIDDEN" {
		t.Errorf("by GET: %s", a.Text)
	}
}

// TestListenWithKeys holds that an address beyond loopback is for those who ask for keys.
func TestListenWithKeys(t *testing.T) {
	listener, err := Listen(t.Context(), "0.0.0.0:0", true)
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
}

// TestShare holds that a key that asks for more than its share waits, and others do not wait for it.
func TestShare(t *testing.T) {
	keys, err := access.Load(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	var text [2]string
	for i := range text {
		if text[i], err = keys.Add(fmt.Sprintf("key%d", i), access.Admin, rand.Reader, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	s, _ := newServer(Options{Keys: func() *access.Keyring { return keys }, CostRate: 1, ComplexityLimit: 1_000})
	s.Attach(openStore(t, 1, 0))
	send := func(key, media string) *answer {
		r := post(t.Context(), `{"query": "{ findCustomers(first: 300) { nodes { id name } } }"}`) // 901
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Accept", media)
		return do(t, s, r)
	}
	if a := send(text[0], mediaJSON); a.Status != http.StatusOK || a.code() != "" {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	for _, media := range []string{mediaJSON, mediaGraphQL} {
		a := send(text[0], media)
		wait, err := strconv.Atoi(a.Header.Get("Retry-After"))
		if a.Status != http.StatusTooManyRequests || a.code() != "TOO_MANY_REQUESTS" || err != nil || wait < 600 || wait > 900 {
			t.Errorf("%d %v %s", a.Status, a.Header, a.Text)
		}
	}
	if a := send(text[1], mediaJSON); a.Status != http.StatusOK || a.code() != "" {
		t.Errorf("another key waits too: %d %s", a.Status, a.Text)
	}
}
