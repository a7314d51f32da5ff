package e2e

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"lacuna/internal/synth"
)

// rowViews are the views, with what they are asked with over HTTP and on the command line.
var rowViews = []struct {
	name, query string
	flags       []string
}{
	{"customers", "", nil},
	{"demand", "by=SEGMENT,ATTRIBUTE&attribute=city&measures=CUSTOMERS,REVENUE,SERVED_RATE", []string{"--by", "SEGMENT,ATTRIBUTE", "--attribute", "city", "--measures", "CUSTOMERS,REVENUE,SERVED_RATE"}},
	{"gaps", "level=ALL&verdicts=WATCH,SERVED,DEVELOP,RESTOCK,FIX_FINDABILITY&minCustomers=40", []string{"--level", "ALL", "--verdicts", "WATCH,SERVED,DEVELOP,RESTOCK,FIX_FINDABILITY", "--min-customers", "40"}},
	{"population", "asOf=2026-06-30T00:00:00%2B08:00", []string{"--as-of", "2026-06-30T00:00:00+08:00"}},
	{"segment-growth", "grain=QUARTER", []string{"--grain", "quarter"}},
	{"segments", "segments=families,gold-members", []string{"--segments", "families,gold-members"}},
}

// table is rows as texts, by the names of columns: what every format can be compared by.
type table []map[string]string

func textOf(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// readTable reads rows of a format.
func readTable(t *testing.T, format, text string) (list table) {
	t.Helper()
	switch format {
	case "csv":
		records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range records[1:] {
			row := map[string]string{}
			for i, name := range records[0] {
				row[name] = record[i]
			}
			list = append(list, row)
		}
	case "parquet":
		return readParquet(t, text)
	default:
		var objects []object
		if format == "json" {
			var whole struct{ Rows []object }
			if err := json.Unmarshal([]byte(text), &whole); err != nil {
				t.Fatal(err)
			}
			objects = whole.Rows
		} else {
			for line := range strings.Lines(text) {
				var o object
				if err := json.Unmarshal([]byte(line), &o); err != nil {
					t.Fatal(err)
				}
				objects = append(objects, o)
			}
		}
		for _, o := range objects {
			row := map[string]string{}
			for name, value := range o {
				row[name] = textOf(value)
			}
			list = append(list, row)
		}
	}
	return list
}

func readParquet(t *testing.T, text string) (list table) {
	t.Helper()
	file, err := parquet.OpenFile(bytes.NewReader([]byte(text)), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	fields := file.Schema().Fields()
	for _, group := range file.RowGroups() {
		reader := group.Rows()
		buffer := make([]parquet.Row, 100)
		for end := false; !end; {
			n, err := reader.ReadRows(buffer)
			if end = errors.Is(err, io.EOF); err != nil && !end {
				t.Fatal(err)
			}
			for _, cells := range buffer[:n] {
				row := map[string]string{}
				for _, cell := range cells {
					var value any
					switch {
					case cell.IsNull():
					case cell.Kind() == parquet.Double:
						value = cell.Double()
					case cell.Kind() == parquet.Boolean:
						value = cell.Boolean()
					default:
						value = string(cell.ByteArray())
					}
					row[fields[cell.Column()].Name()] = textOf(value)
				}
				list = append(list, row)
			}
		}
		if err := reader.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// rowsAt fetches rows.
func rowsAt(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v %s", url, response.StatusCode, err, text)
	}
	return response, string(text)
}

// TestRowsOverHTTP holds that each view says the same in each format, on the command line, in pages, and in GraphQL.
func TestRowsOverHTTP(t *testing.T) {
	byProgram(t)
	folder := t.TempDir()
	if _, err := synth.Write(folder+"/market", synth.Options{Seed: 3, Customers: 300}); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := run(t, folder, "load", "market", "--store", "sqlite:market.db", "--zone", synth.Zone); code != 0 {
		t.Fatal(stderr)
	}
	r := start(t, folder, nil, "serve", "--store", "sqlite:market.db", "--zone", synth.Zone, "--addr", "127.0.0.1:0")
	defer r.stop(t)
	for _, v := range rowViews {
		url := r.url + "/v1/rows/" + v.name + "."
		_, text := rowsAt(t, url+"csv?"+v.query)
		whole := readTable(t, "csv", text)
		if len(whole) == 0 {
			t.Errorf("%s has no rows", v.name)
			continue
		}
		for _, format := range []string{"json", "ndjson", "parquet"} {
			_, text := rowsAt(t, url+format+"?"+v.query)
			if diff := cmp.Diff(whole, readTable(t, format, text)); diff != "" {
				t.Errorf("%s as csv and %s: %s", v.name, format, diff)
			}
		}
		stdout, stderr, code := run(t, folder, append([]string{"export", v.name, "--store", "sqlite:market.db", "--zone", synth.Zone}, v.flags...)...)
		if code != 0 {
			t.Fatal(stderr)
		}
		if diff := cmp.Diff(whole, readTable(t, "csv", stdout)); diff != "" {
			t.Errorf("%s over HTTP and exported: %s", v.name, diff)
		}
		var parts table
		for _, format := range []string{"ndjson", "parquet"} {
			parts = nil
			for next := fmt.Sprintf("/v1/rows/%s.%s?%s&first=%d", v.name, format, v.query, 1+len(whole)/3); next != ""; {
				response, text := rowsAt(t, r.url+strings.ReplaceAll(next, "?&", "?"))
				parts = append(parts, readTable(t, format, text)...)
				link, _, _ := strings.Cut(response.Header.Get("Link"), ">")
				next = strings.TrimPrefix(link, "<")
			}
			if diff := cmp.Diff(whole, parts); diff != "" {
				t.Errorf("%s in pages of %s: %s", v.name, format, diff)
			}
		}
		if diff := cmp.Diff(inGraphQL(t, r.url, v.name), narrowed(whole, graphQLColumns[v.name])); diff != "" {
			t.Errorf("%s in GraphQL and as rows: %s", v.name, diff)
		}
	}
}

// graphQLColumns are those that inGraphQL gives.
var graphQLColumns = map[string][]string{
	"customers": {"id", "lifecycle", "orders", "monetary", "verified"}, "demand": {"segment", "attribute", "customers", "revenue", "served_rate"},
	"gaps":       {"segment", "category", "verdict", "customers", "unmet", "served_rate", "growth", "growing"},
	"population": {"class", "customers", "revenue"}, "segment-growth": {"segment", "period_start", "total_members", "net_members_changed"}, "segments": {"id", "size", "growth", "q_value", "state"},
}

func narrowed(list table, columns []string) (texts [][]string) {
	for _, row := range list {
		var cells []string
		for _, name := range columns {
			cells = append(cells, row[name])
		}
		texts = append(texts, cells)
	}
	return texts
}

// inGraphQL asks for a view of rowViews in another way than rows are asked for.
func inGraphQL(t *testing.T, url, view string) (texts [][]string) {
	t.Helper()
	add := func(cells ...any) {
		var row []string
		for _, cell := range cells {
			row = append(row, textOf(cell))
		}
		texts = append(texts, row)
	}
	switch view {
	case "customers":
		for after := any(nil); ; {
			page := at(ask(t, url, `query($after: String) { findCustomers(first: 100, after: $after) { pageInfo { hasNextPage endCursor } edges { node { id lifecycle rfm { frequency monetary } dataQuality { verified } } } } }`,
				object{"after": after}), "findCustomers")
			for _, e := range at(page, "edges").([]any) {
				add(at(e, "node", "id"), at(e, "node", "lifecycle"), at(e, "node", "rfm", "frequency"), at(e, "node", "rfm", "monetary"), at(e, "node", "dataQuality", "verified"))
			}
			if at(page, "pageInfo", "hasNextPage") != true {
				return texts
			}
			after = at(page, "pageInfo", "endCursor")
		}
	case "demand":
		d := at(ask(t, url, `{ demand(by: [SEGMENT, ATTRIBUTE], attribute: "city", measures: [CUSTOMERS, REVENUE, SERVED_RATE]) { rowCount columns { strings numbers } } }`, nil), "demand")
		for i := range int(at(d, "rowCount").(float64)) {
			add(at(d, "columns", 0, "strings", i), at(d, "columns", 1, "strings", i), at(d, "columns", 2, "numbers", i), at(d, "columns", 3, "numbers", i), at(d, "columns", 4, "numbers", i))
		}
	case "gaps":
		for _, g := range at(ask(t, url, `{ gaps(first: 500, where: {level: ALL, verdicts: [WATCH, SERVED, DEVELOP, RESTOCK, FIX_FINDABILITY], minCustomers: 40}) { nodes { segment { id } category { id } verdict
			demand { customers } unmetCustomers { mid } served { rate } growth { rate significant } } } }`, nil), "gaps", "nodes").([]any) {
			add(at(g, "segment", "id"), at(g, "category", "id"), at(g, "verdict"), at(g, "demand", "customers"), at(g, "unmetCustomers", "mid"), at(g, "served", "rate"), at(g, "growth", "rate"), at(g, "growth", "significant"))
		}
	case "population":
		p := at(ask(t, url, `{ population(asOf: "2026-06-29T16:00:00Z") { lifecycle { lifecycle customers revenue } tiers { tier customers revenue } groups { group customers revenue } } }`, nil), "population")
		for _, c := range [][2]string{{"lifecycle", "lifecycle"}, {"tiers", "tier"}, {"groups", "group"}} {
			for _, class := range at(p, c[0]).([]any) {
				add(at(class, c[1]), at(class, "customers"), at(class, "revenue"))
			}
		}
	case "segment-growth":
		for _, s := range at(ask(t, url, `{ segments(first: 10) { nodes { id growth(grain: QUARTER) { periodStart totalMembers netMembersChanged } } } }`, nil), "segments", "nodes").([]any) {
			for _, p := range at(s, "growth").([]any) {
				add(at(s, "id"), at(p, "periodStart"), at(p, "totalMembers"), at(p, "netMembersChanged"))
			}
		}
	case "segments":
		for _, id := range []string{"families", "gold-members"} {
			s := at(ask(t, url, `query($id: ID!) { segment(id: $id) { id size trend { rate qValue } status { state } } }`, object{"id": id}), "segment")
			add(at(s, "id"), at(s, "size"), at(s, "trend", "rate"), at(s, "trend", "qValue"), at(s, "status", "state"))
		}
	}
	return texts
}
