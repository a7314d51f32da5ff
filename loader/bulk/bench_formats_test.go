package bulk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lacuna/graph/sqlitestore"
)

// benchMap reads the mapped table of the benchmarks with every key that costs anything.
const benchMap = `mapped.csv:
  interactions:
    id: id
    type: {column: type, values: {buy: PURCHASE, look: VIEW}}
    at: {column: when, layout: '%Y-%m-%d %H:%M:%S', zone: UTC}
    customer: {column: customer, match: '^[^.]+'}
    channel: channel
    product: product
    category: {path: [department, group]}
    query: query
    results: results
    quantity: quantity
    amount: {multiply: [quantity, price]}
    currency: currency
`

// formatsRow is one interaction that every layout can state.
type formatsRow struct {
	id, kind, channel, query, product, department, group string
	customer, results, quantity, cents                   int
	at                                                   time.Time
}

func formatsRowAt(i int) formatsRow {
	r := formatsRow{
		id: fmt.Sprintf("i%09d", i), kind: []string{"VIEW", "VIEW", "SEARCH", "CLICK", "PURCHASE"}[i%5], customer: i * 7919 % 20_000,
		channel: []string{"WEB", "APP"}[i%2], at: time.Unix(1_700_000_000+int64(i)*7, 0).UTC(), results: -1,
	}
	switch r.kind {
	case "SEARCH":
		r.query, r.results = fmt.Sprintf("query %d", i%2000), i%60
		r.department, r.group = fmt.Sprintf("d%02d", i%25), fmt.Sprintf("g%03d", i%500)
	case "PURCHASE":
		r.quantity, r.cents = 1+i%3, i%100_000+99
		fallthrough
	default:
		r.product = fmt.Sprintf("p%05d", i*31%5000)
	}
	return r
}

func (r *formatsRow) category() string {
	if r.department == "" {
		return ""
	}
	return r.department + pathSeparator + r.group
}

// optionalInt writes a number, and nothing where it says nothing.
func optionalInt(n, nothing int) string {
	if n == nothing {
		return ""
	}
	return fmt.Sprint(n)
}

func (r *formatsRow) money() (price, amount, currency string) {
	if r.quantity == 0 {
		return "", "", ""
	}
	return decimalText(int64(r.cents), 2), decimalText(int64(r.cents*r.quantity), 2), "USD"
}

func (r *formatsRow) genericCSV() string {
	_, amount, currency := r.money()
	return fmt.Sprintf("%s,%s,%s,c%07d,%s,%s,%s,%s,%s,%s,%s,%s\n", r.id, r.kind, r.at.Format(time.RFC3339), r.customer, r.channel, r.product,
		r.category(), r.query, optionalInt(r.results, -1), optionalInt(r.quantity, 0), amount, currency)
}

func (r *formatsRow) mappedCSV() string {
	price, _, currency := r.money()
	kind := r.kind
	switch kind {
	case "VIEW":
		kind = "look"
	case "PURCHASE":
		kind = "buy"
	}
	return fmt.Sprintf("%s,%s,%s,c%07d.0,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", r.id, kind, r.at.Format(time.DateTime), r.customer, r.channel, r.product,
		r.department, r.group, r.query, optionalInt(r.results, -1), optionalInt(r.quantity, 0), price, currency)
}

func (r *formatsRow) genericNDJSON() string {
	s := fmt.Sprintf(`{"id":%q,"type":%q,"at":%q,"customer":"c%07d","channel":%q`, r.id, r.kind, r.at.Format(time.RFC3339), r.customer, r.channel)
	if r.product != "" {
		s += fmt.Sprintf(`,"product":%q`, r.product)
	}
	if r.query != "" {
		s += fmt.Sprintf(`,"category":%q,"query":%q,"results":%d`, r.category(), r.query, r.results)
	}
	if r.quantity > 0 {
		_, amount, currency := r.money()
		s += fmt.Sprintf(`,"quantity":%d,"amount":%s,"currency":%q`, r.quantity, amount, currency)
	}
	return s + "}\n"
}

func (r *formatsRow) segment() string {
	event := map[string]string{"VIEW": "Product Viewed", "CLICK": "Product Clicked", "SEARCH": "Products Searched", "PURCHASE": "Order Completed"}[r.kind]
	channel := map[string]string{"WEB": "web", "APP": "mobile"}[r.channel]
	s := fmt.Sprintf(`{"type":"track","event":%q,"messageId":%q,"userId":"c%07d","timestamp":%q,"channel":%q,"properties":{`, event, r.id, r.customer,
		r.at.Format(time.RFC3339), channel)
	switch r.kind {
	case "SEARCH":
		s += fmt.Sprintf(`"query":%q,"results_count":%d,"category":%q`, r.query, r.results, r.category())
	case "PURCHASE":
		price, _, currency := r.money()
		s += fmt.Sprintf(`"product_id":%q,"quantity":%d,"price":%s,"currency":%q`, r.product, r.quantity, price, currency)
	default:
		s += fmt.Sprintf(`"product_id":%q`, r.product)
	}
	return s + "}}\n"
}

func (r *formatsRow) ga4() string {
	event := map[string]string{"VIEW": "view_item", "CLICK": "select_item", "SEARCH": "view_search_results", "PURCHASE": "purchase"}[r.kind]
	platform := map[string]string{"WEB": "WEB", "APP": "IOS"}[r.channel]
	s := fmt.Sprintf(`{"event_timestamp":"%d","event_name":%q,"user_id":"c%07d","platform":%q,"event_params":[{"key":"ga_session_id","value":{"int_value":"%d"}}`,
		r.at.UnixMicro(), event, r.customer, platform, r.at.Unix()/1800)
	item := fmt.Sprintf(`{"item_id":%q}`, r.product)
	switch r.kind {
	case "SEARCH":
		s += fmt.Sprintf(`,{"key":"search_term","value":{"string_value":%q}},{"key":"results_count","value":{"int_value":"%d"}}`, r.query, r.results)
		item = fmt.Sprintf(`{"item_category":%q,"item_category2":%q}`, r.department, r.group)
	case "PURCHASE":
		price, _, currency := r.money()
		s += fmt.Sprintf(`,{"key":"currency","value":{"string_value":%q}},{"key":"transaction_id","value":{"string_value":%q}}`, currency, r.id)
		item = fmt.Sprintf(`{"item_id":%q,"quantity":"%d","price":%s}`, r.product, r.quantity, price)
	}
	return s + `],"items":[` + item + "]}\n"
}

// formatFiles are the same rows in each layout. The first two are what the others are compared with.
var formatFiles = []struct {
	name, file, header, than string
	line                     func(*formatsRow) string
}{
	{"csv", "interactions.csv", "id,type,at,customer,channel,product,category,query,results,quantity,amount,currency\n", "", (*formatsRow).genericCSV},
	{"ndjson", "interactions.ndjson", "", "", (*formatsRow).genericNDJSON},
	{"mapped", "mapped.csv", "id,type,when,customer,channel,product,department,group,query,results,quantity,price,currency\n", "csv", (*formatsRow).mappedCSV},
	{"segment", "segment.ndjson", "", "ndjson", (*formatsRow).segment},
	{"ga4", "ga4.ndjson", "", "ndjson", (*formatsRow).ga4},
}

func writeFormats(b *testing.B, rows int) string {
	b.Helper()
	dir := b.TempDir()
	for _, f := range formatFiles {
		var text strings.Builder
		text.WriteString(f.header)
		for i := range rows {
			r := formatsRowAt(i)
			text.WriteString(f.line(&r))
		}
		if err := os.WriteFile(filepath.Join(dir, f.file), []byte(text.String()), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

func formatOptions(b *testing.B, name string) Options {
	o := Options{CreateMissing: true}
	if name == "mapped" {
		o.Map = parseMap(b, benchMap)
	}
	return o
}

// reportRates reports each layout's rows a second and how it compares.
func reportRates(b *testing.B, rows int, took map[string]time.Duration) {
	rate := func(name string) float64 { return float64(rows*b.N) / took[name].Seconds() }
	for _, f := range formatFiles {
		b.ReportMetric(rate(f.name), f.name+"-rows/s")
		if f.than != "" {
			b.ReportMetric(rate(f.name)/rate(f.than), f.name+"÷"+f.than)
		}
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkFormatsDecode decodes the same rows from every layout in turn, on one goroutine and without a store.
func BenchmarkFormatsDecode(b *testing.B) {
	dir := writeFormats(b, benchRows)
	took := map[string]time.Duration{}
	for b.Loop() {
		for _, f := range formatFiles {
			o := formatOptions(b, f.name).withDefaults()
			p, err := makePlan([]string{filepath.Join(dir, f.file)}, o.Layout, o.Map)
			if err != nil {
				b.Fatal(err)
			}
			l := &loader{options: o, interner: newInterner(), surveys: make(chan struct{}, 1), firsts: newFirsts(), searches: newSearches()}
			began := time.Now()
			d := l.decoder(p.files[0])
			r, err := d.open()
			if err != nil {
				b.Fatal(err)
			}
			s, batch, rows := &source{reader: r, decoder: d}, newBatch(), 0
			var rec record
			for err == nil {
				err = s.fill(b.Context(), batch, &rec)
				rows += len(batch.rows.Interactions)
				if len(batch.rejects) > 0 {
					b.Fatal(f.name, batch.rejects[0].reason)
				}
				batch.reset()
			}
			took[f.name] += time.Since(began)
			if rows != benchRows || !isEnd(err) {
				b.Fatalf("%s: %d rows, %v", f.name, rows, err)
			}
			if err := r.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
	reportRates(b, benchRows, took)
}

// BenchmarkFormatsLoad loads the same rows from every layout in turn, each into an empty SQLite store.
func BenchmarkFormatsLoad(b *testing.B) {
	dir := writeFormats(b, benchRows)
	took := map[string]time.Duration{}
	for b.Loop() {
		for _, f := range formatFiles {
			db := filepath.Join(dir, f.name+".db")
			began := time.Now()
			store, err := sqlitestore.Open(b.Context(), db, sqlitestore.Options{CreateIfMissing: true})
			if err != nil {
				b.Fatal(err)
			}
			s, err := Load(b.Context(), store, []string{filepath.Join(dir, f.file)}, formatOptions(b, f.name))
			if err != nil || s.Kinds[Interactions].Accepted != benchRows {
				b.Fatalf("%s: %+v %v", f.name, s, err)
			}
			if err := store.Close(); err != nil {
				b.Fatal(err)
			}
			took[f.name] += time.Since(began)
			for _, suffix := range []string{"", "-wal", "-shm"} {
				if err := os.Remove(db + suffix); err != nil && !os.IsNotExist(err) {
					b.Fatal(err)
				}
			}
		}
	}
	reportRates(b, benchRows, took)
}
