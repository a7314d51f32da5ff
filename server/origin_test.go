package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestLoopbackHost(t *testing.T) {
	for in, want := range map[string]bool{
		"127.0.0.1": true, "127.0.0.1:8080": true, "127.1.2.3": true, "[::1]:8080": true, "[::1]": true, "localhost": true, "LocalHost:80": true,
		"lacuna.localhost:8080": true, "": false, "example.com": false, "localhost.example.com": false, "127.0.0.1.example.com": false,
		"10.0.0.1:8080": false, "notlocalhost": false, "0.0.0.0": false,
	} {
		if got := loopbackHost(in); got != want {
			t.Errorf("loopbackHost(%q) = %v, want %v", in, got, want)
		}
	}
}

// TestForeignPages holds that a page cannot use the trust that loopback callers have.
func TestForeignPages(t *testing.T) {
	s, _ := newServer(Options{})
	s.Attach(openStore(t, 1, 1))
	for _, c := range []struct {
		name, host string
		headers    map[string]string
		want       int
	}{
		{"a program", "127.0.0.1:8080", nil, http.StatusOK},
		{"a page of this server", "localhost:8080", map[string]string{"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"}, http.StatusOK},
		{"a name that was made to lead here", "shop.example.com", nil, http.StatusForbidden},
		{"a page of another origin", "127.0.0.1:8080", map[string]string{"Origin": "https://shop.example.com", "Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		{"the same in an old browser", "127.0.0.1:8080", map[string]string{"Origin": "https://shop.example.com"}, http.StatusForbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(`{"query":"{ status { customers } }"}`))
			r.Host = c.host
			r.Header.Set("Content-Type", "application/json")
			for name, value := range c.headers {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != c.want || strings.Contains(w.Body.String(), `"customers"`) != (c.want == http.StatusOK) {
				t.Errorf("%d %s, want %d", w.Code, w.Body, c.want)
			}
		})
	}
}

// TestParseOrigins holds what is an origin.
func TestParseOrigins(t *testing.T) {
	for text, ok := range map[string]bool{
		"https://bi.example.com": true, "http://localhost:3000": true, "HTTPS://BI.Example.com": true,
		"": false, "*": false, "null": false, "bi.example.com": false, "https://*.example.com": false, "https://bi.example.com/": false,
		"https://bi.example.com/x": false, "https://user@bi.example.com": false, "ftp://bi.example.com": false, "https://": false, "https://bi.example.com?x": false,
	} {
		if _, err := ParseOrigins([]string{text}); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestOrigins holds that pages of a listed origin may ask and read, by every transport, and of others not.
func TestOrigins(t *testing.T) {
	origins, err := ParseOrigins([]string{"https://bi.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	url, _, s := site(t, Options{Origins: origins})
	for origin, listed := range map[string]bool{"https://bi.example.com": true, "https://other.example.com": false, "http://bi.example.com": false, "https://bi.example.com:444": false} {
		from := func(method, path, body string) *http.Request {
			r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost"+path, strings.NewReader(body))
			r.Header.Set("Origin", origin)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Content-Type", "application/json")
			return r
		}
		preflight := from(http.MethodOptions, "/graphql", "")
		preflight.Header.Set("Access-Control-Request-Method", "POST")
		preflight.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
		may := func(a *answer) bool { return a.Header.Get("Access-Control-Allow-Origin") == origin }
		if a := do(t, s, preflight); may(a) != listed || (a.Header.Get("Access-Control-Allow-Headers") != "") != listed {
			t.Errorf("%s: preflight %d %v", origin, a.Status, a.Header)
		}
		if a := do(t, s, from(http.MethodPost, "/graphql", `{"query": "{ __typename }"}`)); may(a) != listed || (a.Status == http.StatusOK) != listed || !strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "Origin") {
			t.Errorf("%s: POST %d %v", origin, a.Status, a.Header)
		}
		if a := do(t, s, from(http.MethodGet, "/graphql?query={__typename}", "")); may(a) != listed {
			t.Errorf("%s: GET %d %v", origin, a.Status, a.Header)
		}
		conn, err := dial(t, url, http.Header{"Origin": {origin}})
		if (err == nil) != listed {
			t.Errorf("%s: socket %v", origin, err)
		}
		if conn != nil {
			_ = conn.CloseNow()
		}
	}
}
