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
