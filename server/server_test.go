package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"lacuna/graph"
)

func get(t *testing.T, h http.Handler, path string) *answer {
	t.Helper()
	return do(t, h, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+path, http.NoBody))
}

// TestReadiness holds what is answered before there is a store, with one, with one that fails, and after.
func TestReadiness(t *testing.T) {
	s, _ := newServer(Options{})
	const query = `{ customer(by: {id: "c000"}) { id } }`
	expect := func(when string, ready int, code string) {
		t.Helper()
		if a := get(t, s, "/healthz"); a.Status != http.StatusOK {
			t.Errorf("%s /healthz is %d", when, a.Status)
		}
		a := get(t, s, "/readyz")
		if a.Status != ready || (ready != http.StatusOK && (a.code() != "UNAVAILABLE" || a.Header.Get("Retry-After") == "")) {
			t.Errorf("%s /readyz is %d %s", when, a.Status, a.Text)
		}
		if a := ask(t, s, query, nil); a.code() != code {
			t.Errorf("%s a query is %d %s", when, a.Status, a.Text)
		}
	}
	expect("without a store", http.StatusServiceUnavailable, "UNAVAILABLE")
	s.Attach(openStore(t, 1, 0))
	expect("with a store", http.StatusOK, "")
	s.Attach(brokenStore{fail: func(context.Context) error { return graph.ErrUnavailable }})
	expect("with a store that fails", http.StatusServiceUnavailable, "UNAVAILABLE")
	s.Detach()
	expect("after the store", http.StatusServiceUnavailable, "UNAVAILABLE")
	if a := ask(t, s, query, nil); a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("a query without a store is %d", a.Status)
	}
}

func TestOtherPaths(t *testing.T) {
	s, _ := newServer(Options{})
	for path, status := range map[string]int{"/": 200, "/nope": 404, "/graphql/": 404} {
		if a := get(t, s, path); a.Status != status || !strings.Contains(a.Text, "/graphql") || a.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s is %d %s", path, a.Status, a.Text)
		}
	}
}

// TestMetrics holds the names that dashboards use, that they count, and that no label comes from a client.
func TestMetrics(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 1))
	ask(t, s, `{ customer(by: {id: "c000"}) { id } }`, nil)
	ask(t, s, `mutation { setConsent(input: {customer: "c000", purpose: "MARKETING", granted: true}) { userErrors { code } } }`, nil)
	ask(t, s, `{ findCustomers(first: -1) { nodes { id } } }`, nil)
	get(t, s, "/secret")
	text := get(t, s, "/metrics").Text
	for _, line := range []string{
		`lacuna_graphql_operations_total{code="OK",name="unnamed",type="query"} 1`,
		`lacuna_graphql_operations_total{code="INVALID_ARGUMENT",name="unnamed",type="query"} 1`,
		`lacuna_graphql_operations_total{code="OK",name="unnamed",type="mutation"} 1`,
		`lacuna_graphql_operation_duration_seconds_count{name="unnamed"} 3`,
		`lacuna_loader_batch_keys_count{method="Customers"} `,
		`lacuna_graphql_errors_total{code="INVALID_ARGUMENT"} 1`,
		`lacuna_http_requests_total{path="/graphql",status="200"} 3`,
		`lacuna_http_requests_total{path="other",status="404"} 1`,
		`lacuna_http_requests_in_flight 1`,
		`lacuna_store_call_duration_seconds_count{method="Write"} 1`,
		`lacuna_panics_total 0`,
		`go_goroutines `, `process_open_fds `,
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("/metrics lacks %s", line)
		}
	}
	if strings.Contains(text, "secret") {
		t.Error("a label comes from a client")
	}
	families, err := s.options.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestMetricLabels holds the labels of each of the server's metrics, and that no other metrics are there.
func TestMetricLabels(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(brokenStore{fail: func(context.Context) error { return graph.ErrUnavailable }})
	ask(t, s, `{ status { store } }`, nil)
	families, err := s.options.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, family := range families {
		if !strings.HasPrefix(family.GetName(), "lacuna_") {
			continue
		}
		var names []string
		for _, l := range family.GetMetric()[0].GetLabel() {
			names = append(names, l.GetName())
		}
		got[family.GetName()] = strings.Join(names, " ")
	}
	if diff := cmp.Diff(map[string]string{
		"lacuna_http_requests_total": "path status", "lacuna_http_request_duration_seconds": "path", "lacuna_http_requests_in_flight": "",
		"lacuna_panics_total": "", "lacuna_graphql_shed_total": "", "lacuna_graphql_cost": "", "lacuna_graphql_operations_total": "code name type",
		"lacuna_graphql_operation_duration_seconds": "name", "lacuna_graphql_errors_total": "code",
		"lacuna_store_call_duration_seconds": "method", "lacuna_store_call_errors_total": "method",
	}, got); diff != "" {
		t.Error(diff)
	}
	text := get(t, s, "/metrics").Text
	for _, line := range []string{
		`lacuna_graphql_errors_total{code="UNAVAILABLE"} 1`, `lacuna_store_call_errors_total{method="Stats"} 1`,
		`lacuna_graphql_operations_total{code="UNAVAILABLE",name="unnamed",type="query"} 1`, `lacuna_http_requests_total{path="/graphql",status="200"} 1`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("/metrics lacks %s", line)
		}
	}
}

// TestRequestIDs holds that no two requests share an id, and that what a client calls itself is not taken for one.
func TestRequestIDs(t *testing.T) {
	s, _ := newServer(Options{})
	seen := map[string]bool{}
	for range 100 {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/healthz", http.NoBody)
		r.Header.Set("X-Request-Id", "mine")
		id := do(t, s, r).Header.Get("X-Request-Id")
		if len(id) != 16 || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
}

// TestLogs holds that nothing of a query or its variables stands in the log, at any level.
func TestLogs(t *testing.T) {
	s, log := newServer(Options{})
	s.Attach(openStore(t, 1, 0))
	ask(t, s, `query Secret($v: String!) { findCustomers(search: $v) { nodes { name } } }`, map[string]any{"v": "secret"})
	ask(t, s, `{ findCustomers(search: "secret", after: "secret") { nodes { name } } }`, nil)
	if text := log.String(); strings.Contains(strings.ToLower(text), "secret") || !strings.Contains(text, `"path":"/graphql"`) {
		t.Errorf("the log is %s", text)
	}
}

func TestComplexity(t *testing.T) {
	for _, c := range []struct{ n, child, want int }{
		{20, 5, 101}, {0, 5, 6}, {1, 0, 2}, {-5, -5, 2}, {500, 500, 250_001}, {math.MaxInt32, math.MaxInt32, math.MaxInt32},
		{math.MaxInt32, 1, math.MaxInt32}, {2, math.MaxInt32 / 2, math.MaxInt32}, {2, math.MaxInt, math.MaxInt32}, {math.MaxInt, 2, math.MaxInt32},
	} {
		if got := times(c.n, c.child); got != c.want {
			t.Errorf("times(%d, %d) = %d, want %d", c.n, c.child, got, c.want)
		}
	}
}

func TestListen(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "localhost:0", "127.8.8.8:0"} {
		listener, err := Listen(t.Context(), address, false)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		listener.Close()
	}
	for address, c := range map[string]struct {
		remedy string
		usage  bool // whether it is wrong on any machine
	}{
		"0.0.0.0:0": {"127.0.0.1", true}, ":0": {"127.0.0.1", true}, "[::]:0": {"127.0.0.1", true}, "192.0.2.1:0": {"127.0.0.1", true},
		"[::ffff:192.0.2.1]:0": {"127.0.0.1", true}, "[]:0": {"127.0.0.1", true}, "8080": {"HOST:PORT", true}, "": {"HOST:PORT", true},
		"::1:0": {"HOST:PORT", true}, "127.0.0.1": {"HOST:PORT", true}, "127.0.0.1:99999": {"0 to 65535", true}, "127.0.0.1:http-nope": {"0 to 65535", true},
		"no-such-host.invalid:0": {"cannot be resolved", false},
	} {
		listener, err := Listen(t.Context(), address, false)
		if err == nil {
			listener.Close()
			t.Errorf("%s is taken", address)
			continue
		}
		if _, usage := errors.AsType[*AddressError](err); usage != c.usage || !strings.Contains(err.Error(), c.remedy) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestListenOnIPv6 holds that the other loopback is taken where a machine has it, and never refused as reachable.
func TestListenOnIPv6(t *testing.T) {
	listener, err := Listen(t.Context(), "[::1]:0", false)
	if err == nil {
		listener.Close()
	} else if strings.Contains(err.Error(), "reachable") {
		t.Error(err)
	}
}

// TestListenTwice holds that a port in use is refused with what to do.
func TestListenTwice(t *testing.T) {
	listener, err := Listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if _, err := Listen(t.Context(), listener.Addr().String(), false); err == nil || !strings.Contains(err.Error(), "--addr") {
		t.Error(err)
	}
}

// serving runs a server until stop is called, which gives what Serve returned.
func serving(t *testing.T, s *Server, open func(context.Context) (graph.Store, error)) (address string, ready chan string, stop func() error) {
	t.Helper()
	listener, err := Listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- s.Serve(ctx, listener, open, func(address string) { ready <- address }) }()
	return "http://" + listener.Addr().String(), ready, func() error { cancel(); return <-ended }
}

func fetch(t *testing.T, request *http.Request) (int, string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, string(body)
}

func request(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	return r
}

// closing tells when a store is closed.
type closing struct {
	graph.Store
	closed chan struct{}
}

func (c closing) Close() error { close(c.closed); return c.Store.Close() }

// TestServe holds that the port answers 503 while the store is being opened, then answers, that a request under way
// ends before the store is closed, and that a stopped server is an orderly end.
func TestServe(t *testing.T) {
	s, _ := newServer(Options{})
	opened, inside, goOn := make(chan struct{}), make(chan struct{}), make(chan struct{})
	store := closing{Store: openStore(t, 1, 0), closed: make(chan struct{})}
	blocking := brokenStore{Store: store, fail: func(context.Context) error { close(inside); <-goOn; return nil }}
	address, ready, stop := serving(t, s, func(context.Context) (graph.Store, error) { <-opened; return blocking, nil })

	const query = `{"query": "{ customer(by: {id: \"c000\"}) { id } }"}`
	if status, body := fetch(t, request(t, http.MethodPost, address+"/graphql", query)); status != http.StatusServiceUnavailable || !strings.Contains(body, "UNAVAILABLE") {
		t.Errorf("before the store is open: %d %s", status, body)
	}
	close(opened)
	if said := <-ready; said != address {
		t.Errorf("ready at %s, not %s", said, address)
	}
	answered := make(chan string)
	go func() {
		_, body := fetch(t, request(t, http.MethodPost, address+"/graphql", query))
		answered <- body
	}()
	<-inside
	stopped := make(chan error)
	go func() { stopped <- stop() }()
	for { // until the port is closed
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(address, "http://"))
		if err != nil {
			break
		}
		conn.Close()
	}
	select {
	case <-store.closed:
		t.Error("the store was closed under a request")
	default:
	}
	close(goOn)
	var got struct{ Errors []any }
	if body := <-answered; json.Unmarshal([]byte(body), &got) != nil || len(got.Errors) > 0 {
		t.Errorf("the request under way got %s", body)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	<-store.closed
}

// TestServeCutsOff holds that a request that does not end does not keep the server.
func TestServeCutsOff(t *testing.T) {
	s, _ := newServer(Options{StopTimeout: 20 * time.Millisecond})
	inside := make(chan struct{})
	store := brokenStore{Store: openStore(t, 1, 0), fail: func(ctx context.Context) error { close(inside); <-ctx.Done(); return ctx.Err() }}
	address, ready, stop := serving(t, s, func(context.Context) (graph.Store, error) { return store, nil })
	<-ready
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		if response, err := client.Do(request(t, http.MethodPost, address+"/graphql", `{"query": "{ customer(by: {id: \"c\"}) { id } }"}`)); err == nil {
			response.Body.Close()
		}
	}()
	<-inside
	if err := stop(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("stopped with %v", err)
	}
	<-ended
}

func TestServeWithoutAStore(t *testing.T) {
	s, _ := newServer(Options{})
	_, _, stop := serving(t, s, func(context.Context) (graph.Store, error) { return nil, graph.ErrNewerSchema })
	if err := stop(); !errors.Is(err, graph.ErrNewerSchema) || !strings.Contains(err.Error(), "sqlite:test") {
		t.Error(err)
	}
}
