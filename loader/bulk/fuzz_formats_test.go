package bulk

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// maxFuzzed bounds a fuzzed file.
const maxFuzzed = 1 << 16

// addLines seeds a fuzz target with each line of a file, and with all of them.
func addLines(f *testing.F, name string) {
	f.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	for line := range bytes.Lines(text) {
		f.Add(line)
	}
}

// fuzzEvents wants that no line makes a panic, that each becomes a reject, an ignored one or rows, never two of these, and
// that a second load accepts nothing.
func fuzzEvents(f *testing.F, layout Layout) {
	path := filepath.Join(f.TempDir(), "events.ndjson")
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) == 0 || len(text) > maxFuzzed || sniff(text) != isNDJSON {
			return
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := describeEvents(path, info, layout)
		if err != nil {
			t.Fatal(err)
		}
		accountOfLines(t, file)
		store := newMemory()
		first := load(t, store, Options{Layout: layout, Currency: "USD"}, path)
		rows := len(store.rows)
		second := load(t, store, Options{Layout: layout, Currency: "USD"}, path)
		if (first.err == nil) != (second.err == nil) || len(store.rows) != rows {
			t.Fatalf("%v and %v, %d rows and %d", first.err, second.err, rows, len(store.rows))
		}
		if counts := second.summary.Kinds[Interactions]; counts != nil && counts.Accepted != 0 || second.summary.Rejected != first.summary.Rejected {
			t.Fatalf("first load %+v, second %+v", first.summary.Counts, second.summary.Counts)
		}
		if diff := cmp.Diff(first.summary.Ignored, second.summary.Ignored); diff != "" {
			t.Fatalf("ignored (-first +second):\n%s", diff)
		}
	})
}

// accountOfLines decodes a file line by line.
func accountOfLines(t *testing.T, file inputFile) {
	t.Helper()
	l := &loader{options: Options{Currency: "USD"}.withDefaults(), interner: newInterner(), surveys: make(chan struct{}, 1), firsts: newFirsts(), searches: newSearches()}
	l.types.settled = newMemory().types
	d := l.decoder(file)
	r, err := d.open()
	if err != nil {
		t.Fatal(err)
	}
	b := newBatch()
	var rec record
	for err = r.next(&rec); !isEnd(err); err = r.next(&rec) {
		if err != nil {
			continue
		}
		rows, left := len(b.rows.Interactions)+len(b.rows.Customers), b.left
		products := len(b.rows.Products)
		rejected := d.decode(&rec, b) != nil
		rows, left, products = len(b.rows.Interactions)+len(b.rows.Customers)-rows, b.left-left, len(b.rows.Products)-products
		became := 0
		for _, yes := range [...]bool{rejected, left == 1, rows > 0} {
			if yes {
				became++
			}
		}
		if became != 1 || rows == 0 && products > 0 || rows > maxItems || products > maxItems {
			t.Fatalf("line %d: rejected %v, %d ignored, %d rows, %d products", rec.line, rejected, left, rows, products)
		}
		for kind, n := range map[Kind]int{Products: len(b.rows.Products), Customers: len(b.rows.Customers), Interactions: len(b.rows.Interactions)} {
			if len(b.origins[kind]) != n {
				t.Fatalf("line %d: %d %s from %d places", rec.line, n, kind, len(b.origins[kind]))
			}
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

func FuzzSegment(f *testing.F) {
	addLines(f, "segment.ndjson")
	f.Add([]byte(`{"type":"track","event":"Order Completed","userId":"u","timestamp":"2026-01-01T00:00:00Z","properties":{"currency":"USD","total":-1,"products":[{"sku":"a","quantity":0},{"sku":"a","price":1e300}]}}`))
	fuzzEvents(f, SegmentSpec)
}

func FuzzGA4(f *testing.F) {
	addLines(f, "ga4.ndjson")
	f.Add([]byte(`{"event_name":"purchase","event_timestamp":"1772359200000000","user_id":"u","items":[{"item_id":"(not set)","price":"1","quantity":"-1"}]}`))
	fuzzEvents(f, GA4)
}

// FuzzMap reads maps: an error, or a map whose decoders can be made, and no panic.
func FuzzMap(f *testing.F) {
	for _, name := range []string{"online_retail.yaml", "complete_journey.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("a.csv:\n  interactions:\n    type: {column: t, values: {a: VIEW}, returns: {column: q, negative: true}}\n    at: {column: w, layout: '%d.%m.%Y', zone: UTC}\n    customer: {column: c, prefix: 'EMAIL:'}\n    attributes: {x: y}\n"))
	f.Add([]byte("? &a a.csv\n: products: {id: *a, tags: [a, {value: b}]}\n---\nb: {customers: {id: !!str x}}\n"))
	f.Add([]byte("a: &a {customers: *a}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<12 {
			return
		}
		m, err := ParseMap("map.yaml", text)
		if (m == nil) != (err != nil) {
			t.Fatalf("ParseMap = %v, %v", m, err)
		}
		if err != nil {
			return
		}
		l := &loader{options: Options{Map: m}.withDefaults(), interner: newInterner(), firsts: newFirsts()}
		for _, table := range m.tables {
			l.decoder(inputFile{path: "a.csv", layout: Mapped, table: table, format: CSV})
		}
	})
}

// fuzzedMap uses every key of a map, over rows that bring products and customers and have no id.
const fuzzedMap = `t.csv:
  interactions:
    type: {column: a, match: '[a-z]+', values: {b: PURCHASE, v: VIEW}, returns: {column: c, negative: true}}
    at: {column: b, layout: '%Y-%m-%d %H:%M:%S', zone: Europe/London}
    customer: {column: d, prefix: 'EMAIL:'}
    product: e
    quantity: c
    amount: {multiply: [c, f]}
    currency: {value: GBP}
    category: {path: [g, a]}
    attributes: {x: f, y: {column: d, match: '@(.*)'}}
  products: {id: e, name: d, categories: {path: [g, a]}, tags: [a, g], price: f, currency: {value: GBP}}
  customers: {id: {column: d, match: '^[^@]*'}, attributes: [g], updated_at: {column: b, layout: unix}}
`

// FuzzMappedTable wants that no table makes a panic, that each record is accounted for, and that a second load accepts no
// interaction.
func FuzzMappedTable(f *testing.F) {
	const header = "a,b,c,d,e,f,g\n"
	f.Add([]byte(header + "v,2026-01-02 03:04:05,1,a@x.tw,p1,2.5,Food\nv,2026-01-02 03:04:05,1,a@x.tw,p1,2.5,Food\n"))
	f.Add([]byte("\xef\xbb\xbfa;b;c;d;e;f;g\r\nb;2026-03-29 01:30:00;-2;\"a\nb@x\";p;9999999999999;\r\n;;;;;;\r\n"))
	f.Add([]byte(header + "\"b\",2026-10-25 01:30:00,-0.00001,@,,1e9,\" > \"\nb,x,,,,,\n\"broken,,,\nv,1769884200,NaN,c,p,,G\n"))
	m := parseMap(f, fuzzedMap)
	path := filepath.Join(f.TempDir(), "t.csv")
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) == 0 || len(text) > maxFuzzed {
			return
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		store := newMemory()
		first := load(t, store, Options{Map: m}, path)
		if first.err != nil {
			if !strings.Contains(first.err.Error(), path) {
				t.Fatalf("the error does not name the file: %v", first.err)
			}
			return
		}
		if s, n := first.summary, recordsOf(t, text); s.Rows() != n {
			t.Fatalf("%d records, accounted for %+v", n, s.Counts)
		}
		rows := len(store.rows)
		second := load(t, store, Options{Map: m}, path)
		if second.err != nil || len(store.rows) != rows || second.summary.Accepted != 0 || second.summary.Rejected != first.summary.Rejected {
			t.Fatalf("first load %+v, second %+v %v", first.summary.Counts, second.summary.Counts, second.err)
		}
	})
}

// recordsOf counts the records of a table, those that cannot be read among them.
func recordsOf(t *testing.T, text []byte) (n int64) {
	t.Helper()
	r, err := newCSVReader(bufio.NewReader(bytes.NewReader(text)), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var rec record
	for err = r.next(&rec); !isEnd(err); err = r.next(&rec) {
		n++
	}
	return n
}
