package server

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"lacuna/internal/access"
	"lacuna/internal/rows"
)

// rowsPath is what the addresses of flat rows begin with: /v1/rows/{view}.{format} and /v1/rows/{view}/schema.
const rowsPath = "/v1/rows/"

// rowsTransport answers GET with a view of the API as flat rows, for spreadsheets and dashboards. It is one more transport of GraphQL: its questions are
// run by the same executor, for the same principal, so that roles, limits and costs hold for rows as for any document. A page is made in memory before
// anything of it is sent, so that whatever goes wrong is told by the status.
type rowsTransport struct {
	bounds  bounds
	present graphql.ErrorPresenterFunc
	run     string                           // names this run of the program: another one may lay rows out differently, and compute by other settings
	state   func(ctx context.Context) string // names the state of the data, "" where that is not known
}

var _ graphql.Transport = rowsTransport{}

// mediaTypes are those of the formats.
var mediaTypes = map[string]string{
	"csv": "text/csv; charset=utf-8; header=present", "json": "application/json; charset=utf-8", "ndjson": "application/x-ndjson; charset=utf-8",
	"parquet": "application/vnd.apache.parquet",
}

// Supports takes requests for rows.
func (rowsTransport) Supports(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, rowsPath) }

// Do answers one request.
func (t rowsTransport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	q, err := readRowsRequest(r)
	if err != nil {
		t.refuse(w, r, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), t.bounds.timeout)
	defer cancel()
	a := &asking{exec: exec, headers: r.Header, running: t.bounds.running}
	if !a.enter() {
		t.refuse(w, r, busy{})
		return
	}
	defer a.leave()
	known := r.Header.Values("If-None-Match")
	if q.schema || len(known) > 0 { // what is answered without asking for figures is told to those alone who might ask
		if _, _, err := a.source(ctx, "{ __typename }", nil); err != nil {
			t.refuse(w, r, err)
			return
		}
	}
	before := t.state(ctx)
	tag := t.tag(r, q, before)
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Add("Vary", "Authorization")
	if tag != "" && matches(known, tag) {
		a.leave()
		w.Header().Set("ETag", tag)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	page, err := q.read(ctx, a)
	if err != nil {
		t.refuse(w, r, err)
		return
	}
	a.leave() // a client that takes its time to read holds no place
	if tag != "" && t.state(ctx) == before {
		w.Header().Set("ETag", tag)
	}
	page.send(w, r, q)
}

// rowsPage is an answer that is ready to be sent.
type rowsPage struct {
	body []byte
	next string // the address of the next page, "" at the end
}

// read makes a page.
func (q *rowsRequest) read(ctx context.Context, a *asking) (*rowsPage, error) {
	if q.schema {
		text, err := q.view.Schema(q.options)
		return &rowsPage{body: text}, err
	}
	reading := rows.NewReading(a.source)
	list, next, err := q.view.Page(ctx, reading.Ask, q.options, q.from.Position, q.first)
	if err != nil {
		return nil, err
	}
	if q.from.Skip > 0 && (reading.First == nil || reading.First.Version != q.from.Version) {
		return nil, errRowsMoved
	}
	page, tail := new(rowsPage), rows.Tail{Of: reading.Last}
	if next != nil {
		after := q.following(*next, reading)
		page.next = q.address(after)
		tail.After, tail.Next = &after, &page.next
	}
	var body bytes.Buffer
	form := rows.Form{Format: q.format, BOM: q.bom, CRLF: true, Tail: func() rows.Tail { return tail }}
	if err := form.Write(&body, q.view.Columns(q.options), each(list)); err != nil {
		return nil, fmt.Errorf("write rows: %w", err)
	}
	page.body = body.Bytes()
	return page, nil
}

// each gives the rows of a page.
func each(list [][]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, row := range list {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (p *rowsPage) send(w http.ResponseWriter, r *http.Request, q *rowsRequest) {
	h := w.Header()
	if q.schema {
		h.Set("Content-Type", mediaTypes["json"])
	} else {
		h.Set("Content-Type", mediaTypes[q.format])
		show := "attachment"
		if strings.HasSuffix(q.format, "json") { // a browser shows it
			show = "inline"
		}
		h.Set("Content-Disposition", fmt.Sprintf(`%s; filename="%s.%s"`, show, q.view.Name, q.format))
	}
	if p.next != "" {
		h.Set("Link", "<"+p.next+`>; rel="next"`)
	}
	h.Set("Content-Length", strconv.Itoa(len(p.body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(p.body) // a client that is gone needs no answer
	}
}

// serveRows answers a request for flat rows.
func (s *Server) serveRows(w http.ResponseWriter, r *http.Request) {
	current := s.ready.Load()
	if current == nil {
		writeError(w, r, http.StatusServiceUnavailable, codeUnavailable, notReady)
		return
	}
	current.graphql.ServeHTTP(w, r)
}

// rowsMethods are what rows are asked for with.
var rowsMethods = []string{http.MethodGet, http.MethodHead}

func isRowsMethod(method string) bool { return slices.Contains(rowsMethods, method) }

// roleOf names who asks, as far as an answer depends on it.
func roleOf(ctx context.Context) string { return string(access.From(ctx).Role) }
