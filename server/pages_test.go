package server

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

var (
	longScript = strings.Repeat("export const word = 'word';\n", 100)
	smallSite  = fstest.MapFS{
		"index.html":             {Data: []byte("<!doctype html><title>start</title>")},
		"playground.html":        {Data: []byte("<!doctype html><title>play</title>")},
		"favicon.svg":            {Data: []byte("<svg/>")},
		"assets/index-abc123.js": {Data: []byte(longScript)},
	}
)

// visit sends a request to pages, with header lines as name, value.
func visit(t *testing.T, pages http.Handler, method, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	pages.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	content, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func newSmallPages(t *testing.T) *Pages {
	t.Helper()
	pages, err := NewPages(smallSite)
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

func TestPages(t *testing.T) {
	pages := newSmallPages(t)
	for _, c := range []struct {
		method, path     string
		status           int
		text, media, say string
	}{
		{"GET", "/", 200, "start", "text/html", "no-cache"},
		{"GET", "/playground", 200, "play", "text/html", "no-cache"},
		{"GET", "/favicon.svg", 200, "<svg/>", "image/svg+xml", "no-cache"},
		{"GET", "/assets/index-abc123.js", 200, "export", "text/javascript", "public, max-age=31536000, immutable"},
		{"GET", "/schema.graphqls", 200, "type Query", "text/plain", "no-cache"},
		{"HEAD", "/playground", 200, "", "text/html", "no-cache"},
		{"POST", "/playground", 405, "GET", "text/plain", "no-store"},
		{"DELETE", "/", 405, "GET", "text/plain", "no-store"},
		{"GET", "/index.html", 404, "nothing here", "text/plain", "no-store"},
		{"GET", "/playground/", 404, "nothing here", "text/plain", "no-store"},
		{"GET", "/assets/", 404, "nothing here", "text/plain", "no-store"},
		{"GET", "/assets/index-000000.js", 404, "nothing here", "text/plain", "no-store"},
		{"GET", "/../pages.go", 404, "nothing here", "text/plain", "no-store"},
		{"POST", "/nope", 404, "nothing here", "text/plain", "no-store"},
	} {
		r := visit(t, pages, c.method, c.path)
		text := body(t, r)
		if r.StatusCode != c.status || !strings.Contains(text, c.text) || (c.text == "") != (text == "") {
			t.Errorf("%s %s is %d %.60q", c.method, c.path, r.StatusCode, text)
		}
		if media := r.Header.Get("Content-Type"); !strings.HasPrefix(media, c.media) || r.Header.Get("Cache-Control") != c.say {
			t.Errorf("%s %s is %s, kept as %q", c.method, c.path, media, r.Header.Get("Cache-Control"))
		}
		if allow := r.Header.Get("Allow"); (r.StatusCode == http.StatusMethodNotAllowed) != (allow == "GET, HEAD") {
			t.Errorf("%s %s allows %q", c.method, c.path, allow)
		}
	}
}

// TestPagePolicy holds that a document may load nothing from elsewhere, nor be framed.
func TestPagePolicy(t *testing.T) {
	pages := newSmallPages(t)
	for path, inline := range map[string]bool{"/": false, "/playground": true} {
		policy := visit(t, pages, http.MethodGet, path).Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'self';") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("the policy of %s is %q", path, policy)
		}
		if strings.Contains(policy, "style-src 'self' 'unsafe-inline'") != inline || strings.Contains(policy, "script-src") || strings.Contains(policy, "http") {
			t.Errorf("the policy of %s is %q", path, policy)
		}
	}
	served, _ := newServer(Options{Pages: pages})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/", http.NoBody)
	w := httptest.NewRecorder()
	served.ServeHTTP(w, r)
	if w.Code != http.StatusOK || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("before there is a store, / is %d %v", w.Code, w.Header())
	}
}

// TestPagesPacked holds that who takes gzip gets the same bytes, packed, under a tag of their own.
func TestPagesPacked(t *testing.T) {
	pages := newSmallPages(t)
	const path = "/assets/index-abc123.js"
	plain := visit(t, pages, http.MethodGet, path)
	for coding, packed := range map[string]bool{
		"gzip": true, "br, GZIP;q=0.5": true, "gzip;q=1.0, *": true, "": false, "identity": false, "gzip;q=0": false, "gzip; q=0.000": false, "xgzip": false, "gzip;q=x": false,
	} {
		r := visit(t, pages, http.MethodGet, path, "Accept-Encoding", coding)
		if (r.Header.Get("Content-Encoding") == "gzip") != packed || r.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q gets %v", coding, r.Header)
		}
		text := body(t, r)
		if packed {
			if same := r.Header.Get("ETag") == plain.Header.Get("ETag"); same {
				t.Errorf("%q has the tag of the plain one", coding)
			}
			reader, err := gzip.NewReader(bytes.NewReader([]byte(text)))
			if err != nil {
				t.Fatal(err)
			}
			unpacked, err := io.ReadAll(reader)
			if err != nil {
				t.Fatal(err)
			}
			text = string(unpacked)
		}
		if text != longScript {
			t.Errorf("%q gets other content", coding)
		}
	}
	if small := visit(t, pages, http.MethodGet, "/favicon.svg", "Accept-Encoding", "gzip"); small.Header.Get("Content-Encoding") != "" {
		t.Error("a few bytes are packed")
	}
}

func TestPagesKnown(t *testing.T) {
	pages := newSmallPages(t)
	tag := visit(t, pages, http.MethodGet, "/").Header.Get("ETag")
	if other := visit(t, pages, http.MethodGet, "/playground").Header.Get("ETag"); tag == "" || tag == other {
		t.Errorf("tags are %s and %s", tag, other)
	}
	for known, status := range map[string]int{tag: 304, `"other", W/` + tag: 304, "*": 304, `"other"`: 200, "": 200} {
		r := visit(t, pages, http.MethodGet, "/", "If-None-Match", known)
		if text := body(t, r); r.StatusCode != status || (text == "") != (status == http.StatusNotModified) {
			t.Errorf("If-None-Match %s is %d %q", known, r.StatusCode, text)
		}
		if r.Header.Get("ETag") != tag {
			t.Errorf("If-None-Match %s tells the tag %s", known, r.Header.Get("ETag"))
		}
	}
}

func TestNewPagesRefuses(t *testing.T) {
	if _, err := NewPages(fstest.MapFS{"index.html": {}}); err == nil || !strings.Contains(err.Error(), "playground.html") || !strings.Contains(err.Error(), "make web") {
		t.Errorf("a site without a playground: %v", err)
	}
	if pages := noPages(); visit(t, pages, http.MethodGet, "/playground").StatusCode != http.StatusNotFound || visit(t, pages, http.MethodGet, "/").StatusCode != http.StatusOK {
		t.Error("without a site there is no playground, and a line at /")
	}
}
