package server

import (
	"encoding/csv"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lacuna/internal/rows"
)

// mostRows is how many rows a page may have, and has unless its client wants less: most views fit into one, and a page is held in memory.
const mostRows = 10_000

// pageParameters are those that every view takes, beside its own.
var pageParameters = []string{"first", "after", "bom"}

// rowsRequest is what is asked for.
type rowsRequest struct {
	view    rows.View
	options rows.Options
	schema  bool   // the view is to be described
	format  string // unless schema
	first   int
	bom     bool
	from    rowsCursor // the zero one is the beginning

	path   string
	values url.Values // as they were given
}

// readRowsRequest reads a request. Nothing in it is ignored.
func readRowsRequest(r *http.Request) (*rowsRequest, error) {
	if !isRowsMethod(r.Method) {
		return nil, &requestError{http.StatusMethodNotAllowed, "rows are asked for with GET", strings.Join(rowsMethods, ", ")}
	}
	q := &rowsRequest{first: mostRows, path: r.URL.Path}
	if err := q.readPath(strings.TrimPrefix(r.URL.Path, rowsPath)); err != nil {
		return nil, err
	}
	var err error
	if q.values, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return nil, &requestError{status: http.StatusBadRequest, message: "the URL's query is not properly encoded"}
	}
	given := rows.Given{}
	for name, texts := range q.values {
		if len(texts) > 1 {
			return nil, &rows.ParameterError{Name: fmt.Sprintf("%.40q", name), Problem: "is given twice: give it once, with commas between its values where it is a list"}
		}
		if !slices.Contains(pageParameters, name) || q.schema {
			if given[name], err = q.split(name, texts[0]); err != nil {
				return nil, err
			}
		}
	}
	if q.schema {
		q.options, err = q.view.Options(given)
		return q, err
	}
	if q.options, err = q.view.Options(given, pageParameters...); err != nil {
		return nil, err
	}
	return q, q.readPage()
}

// readPath tells the view and the format.
func (q *rowsRequest) readPath(rest string) (err error) {
	name, ok := strings.CutSuffix(rest, "/schema")
	if q.schema = ok; !ok {
		name, q.format, _ = strings.Cut(rest, ".")
	}
	if q.view, err = rows.Find(name); err != nil || !q.schema && !slices.Contains(rows.Formats(), q.format) {
		return errNoRows
	}
	return nil
}

// split gives the values of a parameter: lists have commas between them, and quotes around what holds one, as on the command line.
func (q *rowsRequest) split(name, text string) ([]string, error) {
	at := slices.IndexFunc(q.view.Parameters(), func(p rows.Parameter) bool { return p.Name == name && p.List })
	if at < 0 || text == "" {
		return []string{text}, nil
	}
	in := csv.NewReader(strings.NewReader(text))
	values, err := in.Read()
	if err != nil || in.InputOffset() != int64(len(text)) {
		return nil, &rows.ParameterError{Name: name, Problem: `must be values with commas between them; put "…" around one that holds a comma`}
	}
	return values, nil
}

// readPage reads which page is asked for.
func (q *rowsRequest) readPage() (err error) {
	if q.values.Has("first") {
		if q.first, err = strconv.Atoi(q.values.Get("first")); err != nil || q.first < 1 || q.first > mostRows {
			return &rows.ParameterError{Name: "first", Problem: fmt.Sprintf("must be a whole number from 1 to %d", mostRows)}
		}
	}
	if q.values.Has("bom") {
		if q.bom, err = strconv.ParseBool(q.values.Get("bom")); err != nil || q.format != "csv" {
			return &rows.ParameterError{Name: "bom", Problem: "must be true or false, and is for csv alone"}
		}
	}
	if !q.values.Has("after") {
		return nil
	}
	if q.from, err = readRowsCursor(q.values.Get("after"), q.question()); err != nil {
		return err
	}
	if q.from.AsOf != "" {
		q.options.AsOf = q.from.AsOf
	}
	return nil
}

// question names what is asked for, whatever the page and the form.
func (q *rowsRequest) question() string {
	values := url.Values{}
	for name, texts := range q.values {
		if !slices.Contains(pageParameters, name) {
			values[name] = texts
		}
	}
	return q.view.Name + "?" + values.Encode()
}

// address gives the address of the page that begins at a cursor, with all else as it was asked for.
func (q *rowsRequest) address(cursor string) string {
	values := maps.Clone(q.values)
	values.Set("after", cursor)
	return q.path + "?" + values.Encode()
}

// following gives the cursor of the page after one that was read.
func (q *rowsRequest) following(next rows.Position, reading *rows.Reading) string {
	c := rowsCursor{Question: digest(q.question()), Position: next, AsOf: q.from.AsOf}
	if c.AsOf == "" && q.options.AsOf == "" && q.view.Takes("asOf") && reading.First != nil && reading.First.AsOf != nil {
		c.AsOf = *reading.First.AsOf
	}
	if next.Skip > 0 && reading.Last != nil {
		c.Version = reading.Last.Version
	}
	return c.text()
}
