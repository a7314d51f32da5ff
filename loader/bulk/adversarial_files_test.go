package bulk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

func categoryRow(i int) graph.Category { return graph.Category{ID: fmt.Sprint("k", i), Name: "k"} }

func benchInteraction(i int) graph.Interaction {
	return graph.Interaction{ID: fmt.Sprint("i", i), Type: graph.View, Customer: graph.ByID("c")}
}

// TestAdversarialTables states what becomes of tables as other programs write them.
func TestAdversarialTables(t *testing.T) {
	const head = "  interactions:\n    id: n\n    type: {value: VIEW}\n    at: {value: 2026-01-01}\n    customer: who\n"
	accepted := func(n int) string { return fmt.Sprintf("interactions: %d accepted, 0 duplicates, 0 rejected\n", n) }
	for _, c := range []struct{ name, file, content, fields, want string }{
		{"BOM, CRLF, semicolons, quoted line breaks", "t.csv", "\ufeffn;who;q\r\n1;c1;\"a\r\nb;c\"\r\n\r\n2;c2;\"say \"\"x\"\"\"\r\n", head + "    query: q\n",
			accepted(2) + "log: its columns are separated by \";\"\n2026-01-01T00:00:00Z 1 VIEW c1 query=\"a\\nb;c\"\n2026-01-01T00:00:00Z 2 VIEW c2 query=\"say \\\"x\\\"\"\n"},
		{"bars", "t.txt", "n|who\n1|c1\n", head, accepted(1) + "log: its columns are separated by \"|\"\n2026-01-01T00:00:00Z 1 VIEW c1\n"},
		{"names of any letters", "t.csv", "n,客戶 編號,a.b c,\"x,y\"\n1,c1,q,s\n", "  interactions:\n    id: n\n    type: {value: VIEW}\n    at: {value: 2026-01-01}\n    customer: 客戶 編號\n    query: a.b c\n    session: 'x,y'\n",
			accepted(1) + "2026-01-01T00:00:00Z 1 VIEW c1 query=\"q\" session=\"s\"\n"},
		{"numbers of JSON as ids", "t.ndjson", `{"n":1,"who":12345.0}` + "\n" + `{"n":2,"who":12345}`, strings.Replace(head, "customer: who", `customer: {column: who, match: '^\d+'}`, 1),
			accepted(2) + "2026-01-01T00:00:00Z 1 VIEW 12345\n2026-01-01T00:00:00Z 2 VIEW 12345\n"},
		{"numbers of JSON as they stand", "t.ndjson", `{"n":1,"who":12345.0}`, head, accepted(1) + "2026-01-01T00:00:00Z 1 VIEW 12345.0\n"},
		{"no match", "t.csv", "n,who\n1,x\n2,7\n", strings.Replace(head, "customer: who", `customer: {column: who, match: '^\d+'}`, 1),
			"interactions: 1 accepted, 0 duplicates, 1 rejected\nline 2 rejected: missing: customer: is required\n2026-01-01T00:00:00Z 2 VIEW 7\n"},
		{"a group that is not in the match", "t.csv", "n,who,q\n1,c,ab\n", head + "    query: {column: q, match: 'a(x)?b'}\n", accepted(1) + "2026-01-01T00:00:00Z 1 VIEW c\n"},
		{"an hour that is not, and one that is twice", "t.csv", "n,who,w\n1,c,2026-03-29 01:30\n2,c,2026-10-25 01:30\n",
			"  interactions: {id: n, type: {value: VIEW}, customer: who, at: {column: w, layout: '%Y-%m-%d %H:%M', zone: Europe/London}}\n",
			accepted(2) + "2026-03-29T01:30:00Z 1 VIEW c\n2026-10-25T01:30:00Z 2 VIEW c\n"},
		{"the most usual layout, written carelessly", "t.csv", "n,who,w\n1,c,2026-3-9 1:30:00\n2,c,2026-02-30 01:30:00\n3,c,2026-02-28 24:00:00\n4,c,2026-02-28T01:00:00\n",
			"  interactions: {id: n, type: {value: VIEW}, customer: who, at: {column: w, layout: '%Y-%m-%d %H:%M:%S'}}\n",
			"interactions: 1 accepted, 0 duplicates, 3 rejected\n" + strings.Join([]string{"line 3 rejected", "line 4 rejected", "line 5 rejected"}, ": bad_time: at: is not a time of the layout %Y-%m-%d %H:%M:%S\n") +
				": bad_time: at: is not a time of the layout %Y-%m-%d %H:%M:%S\n2026-03-09T01:30:00Z 1 VIEW c\n"},
		{"returns by quantity", "t.csv", "n,who,q,p\n1,c,-2,3\n2,c,-0,3\n3,c,,3\n",
			"  interactions: {id: n, type: {value: PURCHASE, returns: {column: q, negative: true}}, at: {value: 2026-01-01}, customer: who, quantity: q, amount: {multiply: [q, p]}, currency: {value: USD}}\n",
			accepted(3) + "2026-01-01T00:00:00Z 1 RETURN c currency=\"USD\" quantity=2 amount=6\n2026-01-01T00:00:00Z 2 RETURN c currency=\"USD\" quantity=0 amount=0\n2026-01-01T00:00:00Z 3 PURCHASE c currency=\"USD\"\n"},
		{"turned texts that come again", "t.csv", "n,who,q\n1,c,a-1\n2,c,\n3,c,a-1\n4,c,b\n", head + "    query: {column: q, match: '[0-9]', values: {'1': one}, prefix: x}\n",
			accepted(4) + "2026-01-01T00:00:00Z 1 VIEW c query=\"xone\"\n2026-01-01T00:00:00Z 2 VIEW c\n2026-01-01T00:00:00Z 3 VIEW c query=\"xone\"\n2026-01-01T00:00:00Z 4 VIEW c\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(strings.Split(c.want, "\n"), strings.Split(mapped(t, c.file, c.content, c.fields), "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestFilesOfAnotherForm wants files that are not what they are said to be refused at once, with the remedy, rather than
// read as rejects alone.
func TestFilesOfAnotherForm(t *testing.T) {
	const segment = `{"type":"track","event":"Product Viewed","messageId":"m1","userId":"u1","timestamp":"2026-03-01T10:00:00Z","properties":{"product_id":"p"}}` + "\n"
	const ga4 = `{"event_name":"view_item","event_timestamp":"1772359200000000","user_id":"u1","items":[{"item_id":"p"}]}` + "\n"
	const generic = `{"id":"i","type":"VIEW","at":"2026-01-01","customer":"c"}` + "\n"
	m := parseMap(t, "'*.ndjson':\n  interactions: {type: {value: VIEW}, at: When, customer: Who}\n'*.csv':\n  customers: {id: Who}\n")
	for _, c := range []struct {
		name, file, content string
		o                   Options
		want                string // of the error; "" for none
	}{
		{"GA4 as Segment", "e.ndjson", ga4, Options{Layout: SegmentSpec}, `no events of the layout "segment" but look like "ga4"`},
		{"Segment as GA4", "e.ndjson", "\n" + segment, Options{Layout: GA4}, `no events of the layout "ga4" but look like "segment"`},
		{"rows as Segment", "e.ndjson", strings.Repeat(generic, 100), Options{Layout: SegmentSpec}, `none of its first 100 lines is an event of the layout "segment"`},
		{"some broken lines are rejects", "e.ndjson", "{}\n" + generic + "{", Options{Layout: GA4}, ""},
		{"an event after others", "e.ndjson", strings.Repeat(generic, 99) + ga4, Options{Layout: GA4}, ""},
		{"CSV as events", "e.csv", "a,b\n1,2\n", Options{Layout: GA4}, "holds CSV, and events are one JSON object a line: leave --format out, or say with --map"},
		{"an array of events", "e.json", "[" + segment + "]", Options{Layout: SegmentSpec}, "holds a JSON array, and events are one JSON object a line: write its elements one a line"},
		{"events as generic", "e.ndjson", segment, Options{Layout: Generic}, "its name does not tell what it holds"},
		{"a map of other columns", "e.ndjson", generic, Options{Map: m}, `map.yaml:2: column "When" is not in `},
		{"a column twice", "e.csv", "Who,Who\n1,2\n", Options{Map: m}, `column "Who" stands twice in the header: remove or rename one`},
		{"a delimiter of one's own", "e.csv", "Who^Age\n1^2\n", Options{Map: m}, `column "Who" is not in`},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := put(t, c.file, c.content)
			l := load(t, newMemory(), c.o, path)
			switch {
			case c.want == "" && l.err != nil:
				t.Error(l.err)
			case c.want != "" && (l.err == nil || !strings.Contains(l.err.Error(), c.want) || !strings.Contains(l.err.Error(), path) || l.summary.Rows() > 0):
				t.Errorf("err = %v, %d rows, want %q", l.err, l.summary.Rows(), c.want)
			}
		})
	}
}

// TestFoldersOfSeveralFormats states which files of a folder are read, and that the others are told.
func TestFoldersOfSeveralFormats(t *testing.T) {
	const segment = `{"type":"track","event":"Product Viewed","messageId":"m1","userId":"u1","timestamp":"2026-03-01T10:00:00Z"}`
	const ga4 = `{"event_name":"view_item","event_timestamp":"1772359200000000","user_id":"u1"}`
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string // format of each file read, and how many are told not to be
	}{
		{"events of both", map[string]string{"a.json": segment, "b.jsonl": ga4, "c.ndjson": `{"x":1}`, "d.csv": "x\n"}, "segment ga4, 2 not read"},
		{"events without an extension but gz", map[string]string{"part-0.gz": gz(t, segment), "part-1.gz": gz(t, "\n\n"+segment)}, "segment segment, 0 not read"},
		{"generic beside events", map[string]string{"customers.csv": "id\nc\n", "events.json": segment}, "csv, 1 not read"},
		{"an event in a generic name", map[string]string{"interactions.ndjson": `{"type":"VIEW","at":"2026-01-01","customer":"c"}`}, "ndjson, 0 not read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := load(t, newMemory(), Options{}, folder(t, c.files))
			var formats []string
			for _, f := range l.summary.Files {
				formats = append(formats, f.Format)
			}
			got := fmt.Sprintf("%s, %d not read", strings.Join(formats, " "), len(l.summary.NotRead))
			if l.err != nil || got != c.want || l.summary.Rejected > 0 {
				t.Errorf("%s, %v, %s; want %s", got, l.err, l.reasons(), c.want)
			}
		})
	}
}
