package server

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"lacuna/internal/access"
)

// TestRowsRefused holds what is refused, how, and that what is named wrongly is told what there is.
func TestRowsRefused(t *testing.T) {
	s, _, log := figured(t, Options{}, 3, 2)
	cursor := func(path string) string {
		_, after, _ := strings.Cut(*jsonPage(t, s, path).Next, "after=")
		after, _, _ = strings.Cut(after, "&")
		return after
	}
	ofSegments, ofDemand := cursor(rowsPath+"segments.json?first=1"), cursor(rowsPath+"demand.json?first=1")
	for _, c := range []struct {
		path   string
		status int
		code   string
		says   string
	}{
		{"nope.csv", 404, "NOT_FOUND", "customers, demand, gaps, population, segment-growth, segments"}, {"gaps.xlsx", 404, "NOT_FOUND", "csv, json, ndjson, parquet"},
		{"gaps", 404, "NOT_FOUND", "VIEW.FORMAT"}, {"", 404, "NOT_FOUND", "VIEW"}, {"gaps.csv/schema", 404, "NOT_FOUND", "VIEW"}, {"gaps.csv.gz", 404, "NOT_FOUND", "VIEW"},
		{"nope/schema", 404, "NOT_FOUND", "VIEW"}, {"schema", 404, "NOT_FOUND", "VIEW"},
		{"gaps.csv?foo=secret", 400, "INVALID_ARGUMENT", `"foo": the view gaps has no such parameter: use segments, categories, verdicts, level, growing, minCustomers, asOf, first, after, bom`},
		{"customers.csv?asOf=2026-01-01T00:00:00Z", 400, "INVALID_ARGUMENT", "use first, after, bom"},
		{"gaps.csv?level=LEAF&level=secret", 400, "INVALID_ARGUMENT", `"level": is given twice`},
		{"gaps.csv?Level=LEAF", 400, "INVALID_ARGUMENT", `"Level"`}, {"gaps.csv?level=", 400, "INVALID_ARGUMENT", "level: is empty"},
		{"gaps.csv?segments=%22a", 400, "INVALID_ARGUMENT", "segments: must be values with commas"}, {"gaps.csv?segments=a%0Ab", 400, "INVALID_ARGUMENT", "segments: must be values with commas"},
		{"gaps.csv?segments=nobody", 400, "INVALID_ARGUMENT", "no segment"}, {"demand.csv?measures=secret", 400, "INVALID_ARGUMENT", "measures: use CUSTOMERS"},
		{"gaps.csv?asOf=2026-01-31T00:00:00+08:00", 400, "INVALID_ARGUMENT", "%2B"}, {"gaps.csv?%zz", 400, "INVALID_ARGUMENT", "encoded"}, {"gaps.csv?a;b", 400, "INVALID_ARGUMENT", "encoded"},
		{"gaps.csv?first=0", 400, "INVALID_ARGUMENT", "1 to 10000"}, {"gaps.csv?first=10001", 400, "INVALID_ARGUMENT", "1 to 10000"}, {"gaps.csv?first=x", 400, "INVALID_ARGUMENT", "1 to 10000"},
		{"gaps.csv?first=", 400, "INVALID_ARGUMENT", "1 to 10000"}, {"gaps.json?bom=true", 400, "INVALID_ARGUMENT", "csv alone"}, {"gaps.csv?bom=yes", 400, "INVALID_ARGUMENT", "bom"},
		{"gaps/schema?first=1", 400, "INVALID_ARGUMENT", `"first"`}, {"demand/schema?by=secret", 400, "INVALID_ARGUMENT", "by: use SEGMENT"},
		{"gaps.csv?after=", 400, "INVALID_CURSOR", "after"}, {"gaps.csv?after=secret", 400, "INVALID_CURSOR", "after"}, {"gaps.csv?after=e30", 400, "INVALID_CURSOR", "after"},
		{"customers.csv?after=" + ofSegments, 400, "INVALID_CURSOR", "after"}, {"segments.csv?segments=s001&after=" + ofSegments, 400, "INVALID_CURSOR", "after"},
		{"demand.csv?by=CATEGORY&after=" + ofDemand, 400, "INVALID_CURSOR", "after"}, {"segments.csv?after=" + ofSegments + "&after=x", 400, "INVALID_ARGUMENT", "twice"},
	} {
		r := rowsOf(t, s, rowsPath+c.path)
		code, message := refusal(t, r)
		if r.StatusCode != c.status || code != c.code || !strings.Contains(message, c.says) || strings.Contains(message, "secret") || r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("ETag") != "" {
			t.Errorf("%s: %d %s %s %v, want %d %s", c.path, r.StatusCode, code, message, r.Header, c.status, c.code)
		}
	}
	for _, path := range []string{"segments.csv?first=2&after=" + ofSegments, "demand.ndjson?after=" + ofDemand} { // another page size, or form
		if r := rowsOf(t, s, rowsPath+path); r.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	if strings.Contains(log.String(), "secret") || strings.Contains(log.String(), "ERROR") {
		t.Errorf("the log has what clients sent: %s", log)
	}
}

// TestRowsMethods holds that rows are asked for with GET and HEAD alone.
func TestRowsMethods(t *testing.T) {
	s, _, _ := figured(t, Options{}, 1, 1)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, "BREW"} {
		r := rowsOf(t, s, rowsPath+"gaps.csv", func(r *http.Request) { r.Method = method })
		if code, _ := refusal(t, r); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" || code != "INVALID_ARGUMENT" {
			t.Errorf("%s: %d %v", method, r.StatusCode, r.Header)
		}
	}
}

// TestRowsUnready holds what is answered without a store, and without figures.
func TestRowsUnready(t *testing.T) {
	s, _ := newServer(Options{})
	for range 2 {
		r := rowsOf(t, s, rowsPath+"population.csv")
		if code, _ := refusal(t, r); r.StatusCode != http.StatusServiceUnavailable || code != "UNAVAILABLE" || r.Header.Get("Retry-After") == "" {
			t.Errorf("%d %s %v", r.StatusCode, code, r.Header)
		}
		s.Attach(openStore(t, 1, 0)) // without an engine there are no figures
	}
}

// TestRowsRoles holds who is given rows, schemas and "not modified": who may ask in GraphQL, by whatever form of sending the key, and nobody else.
func TestRowsRoles(t *testing.T) {
	plain, _, admin, ingest := keyed(t)
	s, _, log := figured(t, Options{Keys: plain.options.Keys}, 3, 1)
	set := func(name, value string) func(r *http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	basic := func(user, password string) func(r *http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(user, password) }
	}
	for _, c := range []struct {
		name   string
		set    []func(r *http.Request)
		status int
		code   string
	}{
		{"none", nil, 401, "UNAUTHENTICATED"},
		{"a wrong one", []func(r *http.Request){set("Authorization", "Bearer "+admin+"x")}, 401, "UNAUTHENTICATED"},
		{"a wrong password", []func(r *http.Request){basic("me", admin+"x")}, 401, "UNAUTHENTICATED"},
		{"none, for a socket", []func(r *http.Request){set("Upgrade", "websocket"), set("Connection", "Upgrade")}, 401, "UNAUTHENTICATED"},
		{"none, for events", []func(r *http.Request){set("Accept", "text/event-stream")}, 401, "UNAUTHENTICATED"},
		{"none, known", []func(r *http.Request){set("If-None-Match", "*")}, 401, "UNAUTHENTICATED"},
		{"ingest", []func(r *http.Request){set("Authorization", "Bearer "+ingest)}, 403, "FORBIDDEN"},
		{"ingest as user", []func(r *http.Request){basic(ingest, "x")}, 403, "FORBIDDEN"},
		{"ingest, known", []func(r *http.Request){basic(ingest, ""), set("If-None-Match", "*")}, 403, "FORBIDDEN"},
		{"ingest, for a socket", []func(r *http.Request){basic(ingest, ""), set("Upgrade", "websocket"), set("Connection", "Upgrade")}, 403, "FORBIDDEN"},
		{"admin", []func(r *http.Request){set("Authorization", "Bearer "+admin)}, 200, ""},
		{"admin as password", []func(r *http.Request){basic("me", admin)}, 200, ""},
		{"admin as user", []func(r *http.Request){basic(admin, "")}, 200, ""},
		{"admin, for events", []func(r *http.Request){basic(admin, ""), set("Accept", "text/event-stream")}, 200, ""},
		{"admin, known", []func(r *http.Request){basic(admin, ""), set("If-None-Match", "*")}, 304, ""},
	} {
		for _, path := range []string{"customers.csv", "customers/schema", "gaps.json", "segments.parquet"} {
			r := rowsOf(t, s, rowsPath+path, c.set...)
			if r.StatusCode != c.status || c.status == 401 && len(r.Header.Values("WWW-Authenticate")) != 2 {
				t.Errorf("%s, %s: %d %v", c.name, path, r.StatusCode, r.Header)
			}
			if c.code != "" {
				if code, _ := refusal(t, r); code != c.code {
					t.Errorf("%s, %s: %s", c.name, path, code)
				}
			}
		}
	}
	for _, key := range []string{admin, ingest} {
		if _, secret, _ := strings.Cut(strings.TrimPrefix(key, access.KeyPrefix), "_"); strings.Contains(log.String(), secret) {
			t.Error("the log tells a key")
		}
	}
}

// TestRowsOrigins holds that a page reads rows where its origin is listed, the headers that lead on too, and else not.
func TestRowsOrigins(t *testing.T) {
	origins, err := ParseOrigins([]string{"https://bi.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	s, _, _ := figured(t, Options{Origins: origins}, 1, 1)
	for origin, listed := range map[string]bool{"https://bi.example.com": true, "https://other.example.com": false} {
		for _, method := range rowsMethods {
			r := rowsOf(t, s, rowsPath+"segments.csv", func(r *http.Request) { r.Method = method; r.Header.Set("Origin", origin) })
			if may := r.Header.Get("Access-Control-Allow-Origin") == origin; may != listed || listed && !strings.Contains(r.Header.Get("Access-Control-Expose-Headers"), "Link") {
				t.Errorf("%s %s: %v", method, origin, r.Header)
			}
		}
	}
	r := rowsOf(t, s, rowsPath+"segments.csv", func(r *http.Request) { r.Host = "shop.example.com" })
	if code, _ := refusal(t, r); r.StatusCode != http.StatusForbidden || code != "FORBIDDEN" {
		t.Errorf("by a name that was made to lead here: %d", r.StatusCode)
	}
}

// TestRowsLimits holds that a view that costs more than one operation may is refused, and that a smaller page may not.
func TestRowsLimits(t *testing.T) {
	s, _, _ := figured(t, Options{ComplexityLimit: 10_000}, 3, 20)
	r := rowsOf(t, s, rowsPath+"segments.csv")
	if code, message := refusal(t, r); r.StatusCode != http.StatusBadRequest || code != "TOO_COMPLEX" || !strings.Contains(message, "first") {
		t.Errorf("%d %s %s", r.StatusCode, code, message)
	}
	if r := rowsOf(t, s, rowsPath+"segments.csv?first=3"); r.StatusCode != http.StatusOK {
		t.Errorf("three: %d %s", r.StatusCode, textOf(t, r))
	}
}

// TestRowsShed holds that rows take a place among the operations that are executed, give it back, and are refused where there is none.
func TestRowsShed(t *testing.T) {
	s, _, _ := figured(t, Options{InFlight: 1}, 3, 1)
	paths := []string{rowsPath + "segments.csv", rowsPath + "segments/schema", rowsPath + "segments.csv?segments=nobody", rowsPath + "gaps.csv?segments=nobody"}
	for range 2 {
		for _, path := range paths {
			if r := rowsOf(t, s, path); r.StatusCode >= http.StatusInternalServerError {
				t.Errorf("%s: %d", path, r.StatusCode)
			}
		}
	}
	if !s.running.enter() {
		t.Fatal("a place was not given back")
	}
	for _, path := range paths {
		r := rowsOf(t, s, path)
		if code, _ := refusal(t, r); r.StatusCode != http.StatusServiceUnavailable || code != "UNAVAILABLE" || r.Header.Get("Retry-After") != "1" {
			t.Errorf("%s: %d %s", path, r.StatusCode, code)
		}
	}
	s.running.leave()
}

// TestRowsShare holds that rows are taken from the share of who asks: a page that asks many questions waits for it, and who has none is refused.
func TestRowsShare(t *testing.T) {
	keys, err := access.Load(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := keys.Add("bi", access.Admin, rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	with := func(r *http.Request) { r.SetBasicAuth(key, "") }
	// A question for 50 segments costs 136,001; the bucket holds ten seconds' worth.
	s, _, _ := figured(t, Options{Keys: func() *access.Keyring { return keys }, CostRate: 135_000}, 1, 550)
	r := rowsOf(t, s, rowsPath+"segments.ndjson", with)
	if text := textOf(t, r); r.StatusCode != http.StatusOK || strings.Count(text, "\n") != 550 {
		t.Errorf("eleven questions: %d, %d rows %.300s", r.StatusCode, strings.Count(text, "\n"), text)
	}
	r = rowsOf(t, s, rowsPath+"segments.ndjson", with)
	wait, err := strconv.Atoi(r.Header.Get("Retry-After"))
	if code, _ := refusal(t, r); r.StatusCode != http.StatusTooManyRequests || code != "TOO_MANY_REQUESTS" || err != nil || wait < 1 {
		t.Errorf("at once again: %d %s %v", r.StatusCode, code, r.Header)
	}
}

// TestRowsTimeout holds that a request that took too long says so by its status.
func TestRowsTimeout(t *testing.T) {
	s, _, _ := figured(t, Options{RequestTimeout: time.Nanosecond}, 3, 2)
	for _, view := range everyView {
		r := rowsOf(t, s, addressOf(view, ".csv", ""))
		if code, _ := refusal(t, r); r.StatusCode != http.StatusGatewayTimeout || code != "TIMEOUT" {
			t.Errorf("%s: %d %s", view, r.StatusCode, code)
		}
	}
}

// FuzzRowsCursor holds that any text is either refused or the one cursor of what it is read as.
func FuzzRowsCursor(f *testing.F) {
	for _, c := range []rowsCursor{{}, {AsOf: "2026-01-01T00:00:00Z"}} {
		c.Question, c.After = digest("segments?"), "x"
		f.Add(c.text())
	}
	for _, text := range []string{"", "e30", "eyJxIjoiIn0", "!", "AAAA"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := readRowsCursor(text, "segments?")
		if (err == nil) != (c != rowsCursor{}) || err == nil && c.text() != text {
			t.Errorf("%q is %+v, %v", text, c, err)
		}
	})
}

// FuzzRows holds that no address makes the server fail.
func FuzzRows(f *testing.F) {
	for _, path := range []string{"gaps.csv", "demand/schema?by=SEGMENT", "customers.json?first=1&after=x", "segments.csv?segments=%22a%22,b", "x", "..", "gaps.csv?a=%00"} {
		f.Add(path)
	}
	s, _ := newServer(Options{})
	s.Attach(openStore(f, 1, 0))
	f.Fuzz(func(t *testing.T, path string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+rowsPath+path, http.NoBody)
		if err != nil {
			t.Skip("no address")
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code == http.StatusInternalServerError {
			t.Errorf("%s: %s", fmt.Sprintf("%q", path), w.Body)
		}
	})
}
