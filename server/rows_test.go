package server

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
	"lacuna/graph/generated"
	"lacuna/insight"
	"lacuna/internal/rows"
)

// figured gives a server with an engine that has read its store: so many customers, with three interactions and in one segment each, and so many segments.
func figured(t *testing.T, o Options, customers, segments int) (*Server, graph.Store, *logged) {
	t.Helper()
	store := openStore(t, customers, 3)
	rule, err := graph.ParseRule([]byte(`{"event": {"types": ["VIEW"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	b := &graph.Batch{}
	for i := range segments {
		b.Segments = append(b.Segments, graph.Segment{ID: fmt.Sprintf("s%03d", i), Name: "=1+1", Rule: rule})
	}
	if _, err := store.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return figuredOver(t, o, store)
}

func figuredOver(t *testing.T, o Options, store graph.Store) (*Server, graph.Store, *logged) {
	t.Helper()
	o.Engine = insight.New(insight.Options{Logger: slog.New(slog.DiscardHandler), Poll: time.Millisecond})
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- o.Engine.Run(ctx, store) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	<-o.Engine.Tried()
	s, log := newServer(o)
	s.Attach(store)
	return s, store, log
}

// rowsOf asks for rows, by GET unless the request is changed.
func rowsOf(t *testing.T, h http.Handler, path string, change ...func(r *http.Request)) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+path, http.NoBody)
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func textOf(t *testing.T, r *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// refusal reads an error in GraphQL's form.
func refusal(t *testing.T, r *http.Response) (code, message string) {
	t.Helper()
	var a answer
	if err := json.Unmarshal([]byte(textOf(t, r)), &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Errors) != 1 || a.Errors[0].Extensions.RequestID != r.Header.Get("X-Request-Id") || a.Errors[0].Message == "" {
		t.Errorf("errors are %+v", a.Errors)
	}
	return a.code(), a.Errors[0].Message
}

// jsonRows is a page in JSON.
type jsonRows struct {
	Rows        []map[string]any
	Columns     []string
	HasNextPage bool
	After, Next *string
	AsOf        *string
	DataVersion *string
}

func jsonPage(t *testing.T, h http.Handler, path string) *jsonRows {
	t.Helper()
	r := rowsOf(t, h, path)
	text := textOf(t, r)
	page := new(jsonRows)
	if err := json.Unmarshal([]byte(text), page); err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", path, r.StatusCode, text)
	}
	if link := r.Header.Get("Link"); page.HasNextPage != (page.Next != nil) || page.HasNextPage != (page.After != nil) || (page.Next == nil) != (link == "") || page.Next != nil && !strings.Contains(*page.Next, "after="+*page.After) || page.Next != nil && link != "<"+*page.Next+`>; rel="next"` {
		t.Errorf("%s: next %v, link %q", path, page.Next, link)
	}
	return page
}

var everyView = []string{
	"customers", "demand", "demand?by=SEGMENT,PERIOD&measures=REVENUE,SERVED_RATE", "gaps?level=ALL&verdicts=WATCH,SERVED,DEVELOP", "population", "segment-growth", "segments", "segments?segments=s000,s001",
}

// addressOf gives the address of one of everyView, with parameters added.
func addressOf(view, format, more string) string {
	name, query, _ := strings.Cut(view, "?")
	return rowsPath + name + format + "?" + strings.Trim(query+"&"+more, "&")
}

// TestRowsHeaders holds what comes with rows, by GET and by HEAD.
func TestRowsHeaders(t *testing.T) {
	s, _, _ := figured(t, Options{}, 3, 2)
	for format, media := range mediaTypes {
		for _, view := range everyView {
			path := addressOf(view, "."+format, "")
			got := rowsOf(t, s, path)
			text := textOf(t, got)
			head := rowsOf(t, s, path, func(r *http.Request) { r.Method = http.MethodHead })
			name, _, _ := strings.Cut(view, "?")
			if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != media || got.Header.Get("Content-Length") != fmt.Sprint(len(text)) || got.Header.Get("ETag") == "" ||
				!strings.HasSuffix(got.Header.Get("Content-Disposition"), `; filename="`+name+"."+format+`"`) || got.Header.Get("X-Content-Type-Options") != "nosniff" ||
				got.Header.Get("Cache-Control") != "private, no-cache" || got.Header.Get("Link") != "" {
				t.Errorf("%s: %d %v", path, got.StatusCode, got.Header)
			}
			got.Header.Del("X-Request-Id")
			head.Header.Del("X-Request-Id")
			if diff := cmp.Diff(got.Header, head.Header); diff != "" || head.StatusCode != http.StatusOK || textOf(t, head) != "" {
				t.Errorf("HEAD %s: %d %s", path, head.StatusCode, diff)
			}
		}
	}
	if text := get(t, s, "/metrics").Text; !strings.Contains(text, `lacuna_http_requests_total{path="/v1/rows",status="200"}`) {
		t.Error("rows are not counted")
	}
}

// TestRowsPages holds that small pages put together are the whole, by JSON's next and by CSV's link, and that their end is clear.
func TestRowsPages(t *testing.T) {
	s, _, _ := figured(t, Options{}, 23, 7)
	for _, view := range everyView {
		whole := jsonPage(t, s, addressOf(view, ".json", ""))
		if whole.HasNextPage || len(whole.Rows) == 0 {
			t.Errorf("%s has %d rows and goes on: %v", view, len(whole.Rows), whole.HasNextPage)
		}
		for _, size := range []int{1, 3, 7, 100} {
			more := fmt.Sprintf("first=%d", size)
			var parts []map[string]any
			for next := new(addressOf(view, ".json", more)); next != nil; {
				page := jsonPage(t, s, *next)
				if len(page.Rows) > size || len(parts) > len(whole.Rows) || *page.AsOf != *whole.AsOf || *page.DataVersion != *whole.DataVersion {
					t.Fatalf("%s: %d rows of %v, %v", *next, len(page.Rows), *page.AsOf, *page.DataVersion)
				}
				parts, next = append(parts, page.Rows...), page.Next
			}
			if diff := cmp.Diff(whole.Rows, parts); diff != "" {
				t.Errorf("%s in pages of %d: %s", view, size, diff)
			}
		}
		records := 0
		for next := addressOf(view, ".csv", "first=5&bom=true"); next != ""; {
			r := rowsOf(t, s, next)
			text, marked := strings.CutPrefix(textOf(t, r), "\ufeff")
			list, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			if err != nil || !marked || !cmp.Equal(list[0], whole.Columns) {
				t.Fatalf("%s: %v", next, err)
			}
			records += len(list) - 1
			link, _, _ := strings.Cut(r.Header.Get("Link"), ">")
			next = strings.TrimPrefix(link, "<")
		}
		if records != len(whole.Rows) {
			t.Errorf("%s: %d records by links, %d rows", view, records, len(whole.Rows))
		}
	}
}

// TestRowsWhileDataComes holds that a walk stays with the moment that its first page settled, and that one which counts rows ends rather than miss some.
func TestRowsWhileDataComes(t *testing.T) {
	s, store, _ := figured(t, Options{}, 5, 3)
	growth, segments, demand := jsonPage(t, s, rowsPath+"segment-growth.json?first=1"), jsonPage(t, s, rowsPath+"segments.json?first=1"), jsonPage(t, s, rowsPath+"demand.json?first=1")
	tag := rowsOf(t, s, rowsPath+"segments.csv").Header.Get("ETag")
	late := graph.Interaction{ID: "late", Type: graph.View, Customer: graph.ByID("c000"), At: time.Date(2026, 1, 9, 0, 0, 0, 0, time.UTC), Product: "p0", Source: "test"}
	if _, err := store.Write(t.Context(), &graph.Batch{Interactions: []graph.Interaction{late}}); err != nil {
		t.Fatal(err)
	}
	for now := segments; *now.DataVersion == *segments.DataVersion; { // until the engine has read it
		now = jsonPage(t, s, rowsPath+"segments.json")
	}
	if page := jsonPage(t, s, *segments.Next); *page.AsOf != *segments.AsOf || *page.DataVersion == *segments.DataVersion {
		t.Errorf("the second page is of %s, the first of %s", *page.AsOf, *segments.AsOf)
	}
	if page := jsonPage(t, s, rowsPath+"segments.json"); *page.AsOf != "2026-01-09T00:00:00Z" {
		t.Errorf("a new walk is of %s", *page.AsOf)
	}
	for _, next := range []string{*growth.Next, *demand.Next} {
		r := rowsOf(t, s, next)
		if code, message := refusal(t, r); r.StatusCode != http.StatusBadRequest || code != "INVALID_CURSOR" || !strings.Contains(message, "changed") {
			t.Errorf("%s: %d %s %s", next, r.StatusCode, code, message)
		}
	}
	if r := rowsOf(t, s, rowsPath+"segments.csv", func(r *http.Request) { r.Header.Set("If-None-Match", tag) }); r.StatusCode != http.StatusOK || r.Header.Get("ETag") == tag {
		t.Errorf("the old tag is answered with %d %v", r.StatusCode, r.Header)
	}
}

// TestRowsTags holds which answers are known already.
func TestRowsTags(t *testing.T) {
	s, _, _ := figured(t, Options{}, 3, 2)
	const path = rowsPath + "demand.csv?by=CATEGORY"
	tag := rowsOf(t, s, path).Header.Get("ETag")
	for _, c := range []struct {
		path, known string
		status      int
	}{
		{path, tag, http.StatusNotModified}, {path, `"other", W/` + tag, http.StatusNotModified}, {path, "*", http.StatusNotModified}, {path, `"other"`, http.StatusOK},
		{path + "&bom=true", tag, http.StatusOK}, {path + "&first=1", tag, http.StatusOK}, {rowsPath + "demand.json?by=CATEGORY", tag, http.StatusOK},
		{rowsPath + "demand.csv?by=PERIOD", tag, http.StatusOK}, {path + "&after=x", tag, http.StatusBadRequest},
	} {
		r := rowsOf(t, s, c.path, func(r *http.Request) { r.Header.Set("If-None-Match", c.known) })
		if text := textOf(t, r); r.StatusCode != c.status || c.status == http.StatusNotModified && (text != "" || r.Header.Get("ETag") != tag || r.Header.Get("Cache-Control") == "") {
			t.Errorf("%s, known %s: %d %v %s", c.path, c.known, r.StatusCode, r.Header, text)
		}
	}
	again, _, _ := figured(t, Options{}, 3, 2)
	if rowsOf(t, again, path).Header.Get("ETag") == tag {
		t.Error("another run of the program, which may compute by other settings, has the same tag")
	}
}

// movingStore is written to all the time.
type movingStore struct {
	graph.Store
	heads int
}

func (m *movingStore) Head(context.Context) (graph.Cursor, error) {
	m.heads++
	return graph.Cursor(fmt.Sprint(m.heads)), nil
}

// TestRowsUntagged holds that an answer has no tag where the data changed while it was made: it may be of the state before or after.
func TestRowsUntagged(t *testing.T) {
	s, store, _ := figured(t, Options{}, 1, 1)
	s.Attach(&movingStore{Store: store})
	if r := rowsOf(t, s, rowsPath+"segments.csv"); r.StatusCode != http.StatusOK || r.Header.Get("ETag") != "" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
}

// TestRowsInjection holds that CSV has no formula of anybody's making, and that JSON tells what is stored.
func TestRowsInjection(t *testing.T) {
	s, _, _ := figured(t, Options{}, 1, 1)
	if text := textOf(t, rowsOf(t, s, rowsPath+"segments.csv")); !strings.Contains(text, "\r\ns000,'=1+1,") {
		t.Error(text)
	}
	if name := jsonPage(t, s, rowsPath+"segments.json").Rows[0]["name"]; name != "=1+1" {
		t.Errorf("the name is %v", name)
	}
}

// TestRowsOfRulesThatDoNotFit holds that a segment that cannot be followed says why, takes no other segment along, and is told of as well where it was named;
// and that an id that no segment has is refused.
func TestRowsOfRulesThatDoNotFit(t *testing.T) {
	store := openStore(t, 3, 3)
	b := &graph.Batch{Customers: []graph.CustomerUpsert{{ID: "c000", Source: "test", Attributes: []graph.NamedValue{{Name: "city", Value: graph.TextValue("Taipei")}}}}}
	for id, rule := range map[string]string{"a": `{"event": {"types": ["VIEW"]}}`, "b": `{"attribute": {"name": "city", "gt": 5}}`, "c": `{"segment": {"in": ["b"]}}`, "d": `{"attribute": {"name": "city", "exists": true}}`} {
		parsed, err := graph.ParseRule([]byte(rule))
		if err != nil {
			t.Fatal(err)
		}
		b.Segments = append(b.Segments, graph.Segment{ID: id, Name: id, Rule: parsed})
	}
	if _, err := store.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	s, _, _ := figuredOver(t, Options{}, store)
	for query, want := range map[string]string{
		"": "a✓ b! c! d✓", "segments=b": "b!", "segments=d,c": "c! d✓", "first=1": "a✓ b! c! d✓", "first=7&segments=d,c,a": "a✓ c! d✓", "first=25": "a✓ b! c! d✓", "asOf=2026-01-01T12:00:00Z&segments=b,c": "b! c!", "grain=DAY": "a✓ b! c! d✓",
	} {
		var seen []string
		periods, turns := map[string]int{}, 0
		for next := new(rowsPath + "segment-growth.json?" + query); next != nil; {
			if turns++; turns > 100 {
				t.Fatalf("%s: pages do not end", query)
			}
			page := jsonPage(t, s, *next)
			if strings.HasPrefix(query, "asOf") && *page.AsOf != "2026-01-01T12:00:00Z" {
				t.Errorf("%s: it is as of %s", query, *page.AsOf)
			}
			for _, row := range page.Rows {
				id := row["segment"].(string)
				figures := []any{row["period_start"], row["total_members"], row["members_added"], row["members_removed"], row["net_members_changed"]}
				said, _ := row["error"].(string)
				none, all := !slices.ContainsFunc(figures, func(f any) bool { return f != nil }), !slices.Contains(figures, nil)
				switch periods[id]++; {
				case none && row["reason"] == "INVALID_RULE" && strings.Contains(said, "rule") && row["name"] == id && periods[id] == 1:
					seen = append(seen, id+"!")
				case !all || row["reason"] != nil || said != "":
					t.Errorf("%s: %v", query, row)
				case periods[id] == 1:
					seen = append(seen, id+"✓")
				}
			}
			next = page.Next
		}
		if got := strings.Join(seen, " "); got != want || strings.Contains(want, "a✓") && periods["a"] != 24 {
			t.Errorf("%s: %s, want %s, with %v rows", query, got, want, periods)
		}
	}
	for _, path := range []string{"segment-growth.csv?segments=a,nobody", "segment-growth.csv?segments=nobody", "segments.csv?segments=nobody,a"} {
		r := rowsOf(t, s, rowsPath+path)
		if code, message := refusal(t, r); r.StatusCode != http.StatusBadRequest || code != "INVALID_ARGUMENT" || message != `segments: there is no segment "nobody"` {
			t.Errorf("%s: %d %s %s", path, r.StatusCode, code, message)
		}
	}
}

// TestRowsSchema holds that the schema of a view has the columns of its rows, by the parameters, and their types.
func TestRowsSchema(t *testing.T) {
	s, _, _ := figured(t, Options{}, 3, 2)
	for _, view := range everyView {
		var schema struct {
			Properties map[string]struct{ Type []string }
			Required   []string
			Columns    []struct {
				Name, Type, Description string
				Nullable                bool
			}
			Parameters []struct{ Name, Description string }
		}
		r := rowsOf(t, s, addressOf(view, "/schema", ""))
		if err := json.Unmarshal([]byte(textOf(t, r)), &schema); err != nil || r.StatusCode != http.StatusOK || r.Header.Get("ETag") == "" {
			t.Fatalf("%s: %d %v", view, r.StatusCode, err)
		}
		page := jsonPage(t, s, addressOf(view, ".json", ""))
		var names []string
		for _, c := range schema.Columns {
			names = append(names, c.Name)
			if c.Description == "" || !c.Nullable || !cmp.Equal(schema.Properties[c.Name].Type, []string{c.Type, "null"}) {
				t.Errorf("%s: column %+v, property %+v", view, c, schema.Properties[c.Name])
			}
			for _, row := range page.Rows {
				if kind := map[string]string{"string": "string", "float64": "number", "bool": "boolean", "<nil>": c.Type}[fmt.Sprintf("%T", row[c.Name])]; kind != c.Type {
					t.Errorf("%s: %s is %v, no %s", view, c.Name, row[c.Name], c.Type)
				}
			}
		}
		if !cmp.Equal(names, page.Columns) || !cmp.Equal(names, schema.Required) {
			t.Errorf("%s: schema %v, required %v, rows %v", view, names, schema.Required, page.Columns)
		}
	}
}

// TestRowsKnowTheSchema holds that the names of enumerations which rows take are those of the API.
func TestRowsKnowTheSchema(t *testing.T) {
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	enums := map[string]string{"by": "Dimension", "measures": "Measure", "grain": "Grain", "verdicts": "GapVerdict", "level": "GapLevel"}
	for _, p := range rows.Parameters() {
		if p.Values == nil || p.Name == "growing" {
			continue
		}
		var names []string
		for _, value := range schema.Types[enums[p.Name]].EnumValues {
			names = append(names, value.Name)
		}
		if diff := cmp.Diff(names, p.Values); diff != "" {
			t.Errorf("%s: %s", p.Name, diff)
		}
	}
}

// TestRowsOfNothing holds that an empty store gives no rows, in a form that programs can read.
func TestRowsOfNothing(t *testing.T) {
	s, _, _ := figuredOver(t, Options{}, openStore(t, 0, 0))
	for _, view := range []string{"customers", "segments", "segment-growth", "demand", "gaps"} {
		if page := jsonPage(t, s, rowsPath+view+".json"); page.Rows == nil || len(page.Rows) > 0 || page.HasNextPage || len(page.Columns) == 0 {
			t.Errorf("%s: %+v", view, page)
		}
		if text := textOf(t, rowsOf(t, s, rowsPath+view+".csv")); strings.Count(text, "\r\n") != 1 {
			t.Errorf("%s: %q", view, text)
		}
		if text := textOf(t, rowsOf(t, s, rowsPath+view+".parquet")); !bytes.HasPrefix([]byte(text), []byte("PAR1")) {
			t.Errorf("%s: %q", view, text)
		}
	}
}
