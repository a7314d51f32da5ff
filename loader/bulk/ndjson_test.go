package bulk

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

func TestNDJSONRows(t *testing.T) {
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	for _, c := range []struct {
		name, content string
		kept          []string
		rejects       string
	}{
		{"plain", `{"id":"a","name":"A"}` + "\n" + `{"id":"b"}` + "\n", []string{"a A", "b "}, ""},
		{"blank lines, spaces, no last line break", "\n \r\n  {\"id\" : \"a\" } \n\n{\"id\":\"b\"}", []string{"a ", "b "}, ""},
		{"byte order mark", "\ufeff{\"id\":\"a\"}\n", []string{"a "}, ""},
		{"null says nothing", `{"id":"a","name":null,"identities":[],"attr":{"x":null}}`, []string{"a "}, ""},
		{"escapes", `{"id":"a","n\u0061me":"\u9673 \"x\""}`, []string{`a 陳 "x"`}, ""},
		{"numbers as ids", `{"id":17,"name":1.50}`, []string{"17 1.50"}, ""},
		{"broken line", "{\"id\":\"a\"}\n{\"id\":\n{\"id\":\"b\"}\n", []string{"a ", "b "}, "2 bad_json"},
		{"cut off", "{\"id\":\"a\"}\n{\"id\":\"b\",\"na", []string{"a "}, "2 bad_json"},
		{"two objects a line", `{"id":"a"}{"id":"b"}` + "\n" + `{"id":"c"}`, []string{"c "}, "1 bad_json"},
		{"a comma after", "{\"id\":\"a\"},\n{\"id\":\"b\"}", []string{"b "}, "1 bad_json"},
		{"no objects", "{}\n1\n[{\"id\":\"a\"}]\n\"id\"\nnull\n{\"id\":\"b\"}", []string{"b "}, "1 missing, 2 bad_json, 3 bad_json, 4 bad_json, 5 bad_json"},
		{"key twice", "{\"id\":\"a\",\"id\":\"b\"}\n{\"id\":\"c\"}", []string{"c "}, "1 bad_json"},
		{"key twice by nesting", "{\"id\":\"a\",\"attr.x\":1,\"attr\":{\"x\":2}}\n{\"id\":\"c\"}", []string{"c "}, "1 bad_json"},
		{"absurd nesting", "{\"id\":\"a\",\"x\":" + deep + "}\n{\"id\":\"c\"}", []string{"c "}, "1 bad_json"},
		{"latin-1", "{\"id\":\"a\",\"name\":\"Caf\xe9\"}\n{\"id\":\"c\"}", []string{"c "}, "1 bad_text"},
		{"lone surrogate", "{\"id\":\"a\",\"name\":\"\\ud800\"}\n{\"id\":\"c\"}", []string{"c "}, "1 bad_json"},
		{"NUL", "{\"id\":\"a\",\"name\":\"\\u0000\"}\n{\"id\":\"c\"}", []string{"c "}, "1 bad_text"},
		{"line too long", `{"id":"` + strings.Repeat("x", maxRowBytes) + "\"}\n{\"id\":\"c\"}", []string{"c "}, "1 too_long"},
		{"object for a text", "{\"id\":\"a\",\"name\":{\"en\":\"A\"}}\n{\"id\":\"c\"}", []string{"c "}, "1 bad_value"},
		{"list for a text", "{\"id\":\"a\",\"name\":[\"A\"]}\n{\"id\":\"c\"}", []string{"c "}, "1 bad_value"},
		{"mixed list", "{\"id\":\"a\",\"identities\":[\"EMAIL:a@b\",{}]}\n{\"id\":\"c\"}", []string{"c "}, "1 bad_value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newMemory()
			l := load(t, store, Options{}, put(t, "customers.ndjson", c.content))
			if l.err != nil {
				t.Fatal(l.err)
			}
			var kept []string
			for _, row := range store.customers {
				kept = append(kept, row.ID+" "+row.Name)
			}
			if diff := cmp.Diff(c.kept, kept); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
			if got := l.reasons(); got != c.rejects {
				t.Errorf("rejects = %q, want %q", got, c.rejects)
			}
		})
	}
}

func TestSegments(t *testing.T) {
	store := newMemory()
	l := load(t, store, Options{}, put(t, "segments.ndjson", `
{"id":"both","name":"Both","rule":{"segment":{"in":["families","young"]}}}
{"id":"families","name":"Families","description":"With children","rule":{"attribute":{"name":"party","eq":"family"}},"colour":"red"}
{"id":"young","rule":{"all":[{"attribute":{"name":"age","lt":30}}]}}
{"id":"empty","rule":{"all":[]}}
{"id":"unruly"}
{"id":"text","rule":"everybody"}
{"id":"unknown","rule":{"astrology":"leo"}}
`))
	if l.err != nil {
		t.Fatal(l.err)
	}
	if want := "5 invalid_rule, 6 missing, 7 invalid_rule, 8 invalid_rule"; l.reasons() != want {
		t.Errorf("rejects = %q, want %q: %v", l.reasons(), want, l.rejects)
	}
	var ids []string
	for _, s := range store.segments {
		ids = append(ids, s.ID)
	}
	if diff := cmp.Diff([]string{"both", "families", "young"}, ids); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
	if got := store.segments[1].Rule.String(); got != `{"attribute":{"name":"party","eq":"family"}}` {
		t.Errorf("rule = %s", got)
	}
	if len(l.summary.Files[0].Warnings) != 1 {
		t.Errorf("warnings = %q", l.summary.Files[0].Warnings)
	}
}

// FuzzNDJSON checks that each line that is not blank is one record or one reject.
func FuzzNDJSON(f *testing.F) {
	for _, s := range []string{"{}", `{"id":"a","attr":{"x":[1,"2"]}}`, "{\"a\":1}\n\n[\n", `{"id":"\ud83d\ude00","n":1e400}`, `{"attr":{"attr":{}}}`, "{\"a\":\"\\u0000\"}\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := newNDJSONReader(strings.NewReader(body), nil, nil)
		var rec record
		var got int
		for {
			err := r.next(&rec)
			if isEnd(err) {
				break
			}
			got++
			for i := range rec.cells {
				if err == nil && rec.cells[i].kind == listCell {
					_ = rec.list(&rec.cells[i])
				}
			}
		}
		want := 0
		for i, line := range strings.Split(body, "\n") {
			if i == 0 {
				line = strings.TrimPrefix(line, byteOrderMark)
			}
			if strings.TrimLeft(line, " \t\r") != "" {
				want++
			}
		}
		if got != want {
			t.Fatalf("%d records and rejects of %d lines", got, want)
		}
	})
}

// FuzzCells decodes arbitrary cells in every column of every kind: no panic, and a row or a rejection for each record.
func FuzzCells(f *testing.F) {
	for _, s := range []string{"", "1.5", "-9e99", "true", "2026-01-31", "2026-01-31T00:00:00+08:00", "EMAIL:a@b;verified|X:1", "MARKETING:GRANTED|:", "NaN", "007"} {
		f.Add(s, int64(0), uint8(textCell), uint8(0))
		f.Add(s, int64(-1), uint8(numberCell), uint8(2))
	}
	f.Fuzz(func(t *testing.T, text string, num int64, kind, scale uint8) {
		for k := range specs {
			l := &loader{options: Options{}.withDefaults(), interner: newInterner(), surveys: make(chan struct{}, 1)}
			l.types.settled = map[graph.AttributeKey]graph.ValueKind{}
			d := l.decoder(inputFile{path: "x", kind: k, format: NDJSON}).(*decoder)
			for _, c := range append(d.spec.columns, column{"attr.x", attributeField}) {
				one := &parquetReader{names: []string{c.name}}
				d.bindings, d.order = nil, nil
				d.bind(one)
				v := cell{text: text, num: num, kind: cellKind(kind) % (badCell + 1), scale: scale % 19}
				rec := record{cells: []cell{v}, items: []string{text}}
				if v.kind == listCell {
					rec.cells[0].setList(0, 1)
				}
				b := newBatch()
				rejection := d.decode(&rec, b)
				if (rejection == nil) != (b.rows.Len() == 1) {
					t.Fatalf("%s %s: %d rows and rejection %v", k, c.name, b.rows.Len(), rejection)
				}
			}
		}
	})
}
