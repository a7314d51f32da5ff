package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"lacuna/resolvers"
)

// Pages run only what this server gave them, and ask nobody else. The editor of the playground writes style elements.
const pagePolicy = "default-src 'self'; img-src 'self' data:; style-src 'self'%s; object-src 'none'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'"

// smallestPacked is the size from which compressing is worth the reader's work, in bytes.
const smallestPacked = 1_000

// page is one file as it is served.
type page struct {
	content []byte
	media   string
	tag     string // strong, a hash of the content; without quotes
	cache   string
	policy  string // of what a document may load; "" for what is no document
	packed  func() []byte
}

// Pages are what is served beside the API: a built site and the schema. They need no store.
type Pages struct {
	byPath map[string]*page
}

// NewPages takes the files of a built site: index.html is served at /, playground.html at /playground, all others under
// their names. Files under assets/ must have a hash of their content in their name. A site that lacks either document
// or cannot be read is an error.
func NewPages(site fs.FS) (*Pages, error) {
	all := noPages()
	err := fs.WalkDir(site, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(site, name)
		if err == nil {
			all.byPath["/"+name] = newPage(name, content)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the built pages: %w", err)
	}
	for _, document := range []struct{ file, address, styles string }{
		{"index.html", "/", ""},
		{"playground.html", "/playground", " 'unsafe-inline'"},
	} {
		p := all.byPath["/"+document.file]
		if p == nil {
			return nil, fmt.Errorf("the built pages lack %s: run 'make web'", document.file)
		}
		p.policy = fmt.Sprintf(pagePolicy, document.styles)
		delete(all.byPath, "/"+document.file)
		all.byPath[document.address] = p
	}
	return all, nil
}

// noPages has the schema, and at / a line that says what there is.
func noPages() *Pages {
	return &Pages{byPath: map[string]*page{
		"/":                newPage("", []byte("Lacuna answers at /graphql (GraphQL over POST and GET), /schema.graphqls, /healthz, /readyz and /metrics.\n")),
		"/schema.graphqls": newPage("schema.graphqls", []byte(resolvers.Schema())),
	}}
}

// media are the types of a site's files. All others are shown as text.
var media = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

func newPage(name string, content []byte) *page {
	sum := sha256.Sum256(content)
	p := &page{content: content, media: media[path.Ext(name)], tag: hex.EncodeToString(sum[:12]), cache: "no-cache"}
	if p.media == "" {
		p.media = "text/plain; charset=utf-8"
	}
	if strings.HasPrefix(name, "assets/") {
		p.cache = "public, max-age=31536000, immutable"
	}
	p.packed = sync.OnceValue(func() []byte { return pack(content) })
	return p
}

// pack compresses, as far as it makes smaller. It is done once a file, when somebody first asks for it.
func pack(content []byte) []byte {
	if len(content) < smallestPacked {
		return nil
	}
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		panic(err) // only for a level that does not exist
	}
	if _, err := w.Write(content); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	if buf.Len() >= len(content) {
		return nil
	}
	return buf.Bytes()
}

// ServeHTTP answers GET and HEAD for the pages, and 404 for every other path.
func (all *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := all.byPath[r.URL.Path]
	if p == nil {
		writeText(w, http.StatusNotFound, "There is nothing here. Lacuna answers at /, /playground, /graphql, /schema.graphqls, /healthz, /readyz and /metrics.")
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		writeText(w, http.StatusMethodNotAllowed, "Pages are read with GET; send GraphQL to /graphql.")
		return
	}
	p.serve(w, r)
}

func (p *page) serve(w http.ResponseWriter, r *http.Request) {
	body, tag := p.content, `"`+p.tag+`"`
	header := w.Header()
	if weight(r.Header.Values("Accept-Encoding"), "gzip").q > 0 {
		if packed := p.packed(); packed != nil {
			body, tag = packed, `"`+p.tag+`-gzip"`
			header.Set("Content-Encoding", "gzip")
		}
	}
	header.Set("Content-Type", p.media)
	header.Set("Cache-Control", p.cache)
	header.Set("ETag", tag)
	header.Set("Vary", "Accept-Encoding")
	header.Set("Referrer-Policy", "no-referrer")
	if p.policy != "" {
		header.Set("Content-Security-Policy", p.policy)
	}
	if known(r.Header.Get("If-None-Match"), tag) {
		header.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a client that is gone needs no page
	}
}

// known tells whether an If-None-Match header names a tag.
func known(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if name := strings.TrimPrefix(strings.TrimSpace(part), "W/"); name == tag || name == "*" {
			return true
		}
	}
	return false
}
