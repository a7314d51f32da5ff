package bulk

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
)

// benchRows is how many interactions a benchmark reads each time.
const benchRows = 200_000

// benchRow is an interaction as the benchmarks write it.
type benchRow struct {
	ID       string    `parquet:"id"`
	Type     string    `parquet:"type,dict"`
	At       time.Time `parquet:"at,timestamp(microsecond)"`
	Customer string    `parquet:"customer,dict"`
	Channel  string    `parquet:"channel,dict"`
	Product  *string   `parquet:"product,optional,dict"`
	Category *string   `parquet:"category,optional,dict"`
	Query    *string   `parquet:"query,optional,dict"`
	Results  *int32    `parquet:"results,optional"`
	Quantity *int32    `parquet:"quantity,optional"`
	Amount   *int64    `parquet:"amount,optional,decimal(2:18)"`
	Currency *string   `parquet:"currency,optional,dict"`
}

func benchRowAt(i int) benchRow {
	types := []string{"VIEW", "VIEW", "SEARCH", "CLICK", "PURCHASE"}
	r := benchRow{
		ID: fmt.Sprintf("i%09d", i), Type: types[i%len(types)], At: time.Unix(1_700_000_000+int64(i)*7, 0).UTC(),
		Customer: fmt.Sprintf("c%07d", i*7919%20_000), Channel: []string{"WEB", "APP", "STORE"}[i%3],
	}
	switch r.Type {
	case "SEARCH":
		category, query, results := fmt.Sprintf("k%04d", i%500), fmt.Sprintf("query %d", i%2000), int32(i%60)
		r.Category, r.Query, r.Results = &category, &query, &results
	case "PURCHASE":
		quantity, amount, currency := int32(1+i%3), int64(i%100_000)+99, "TWD"
		r.Quantity, r.Amount, r.Currency = &quantity, &amount, &currency
		fallthrough
	default:
		product := fmt.Sprintf("p%05d", i*31%5000)
		r.Product = &product
	}
	return r
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func number[T int32 | int64](n *T) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(int64(*n), 10)
}

func (r *benchRow) amount() string {
	if r.Amount == nil {
		return ""
	}
	return decimalText(*r.Amount, 2)
}

func (r *benchRow) csv() string {
	return fmt.Sprintf("%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", r.ID, r.Type, r.At.Format(time.RFC3339), r.Customer, r.Channel,
		text(r.Product), text(r.Category), text(r.Query), number(r.Results), number(r.Quantity), r.amount(), text(r.Currency))
}

func (r *benchRow) json() string {
	s := fmt.Sprintf(`{"id":%q,"type":%q,"at":%q,"customer":%q,"channel":%q`, r.ID, r.Type, r.At.Format(time.RFC3339), r.Customer, r.Channel)
	for name, value := range map[string]*string{"product": r.Product, "category": r.Category, "query": r.Query, "currency": r.Currency} {
		if value != nil {
			s += fmt.Sprintf(`,%q:%q`, name, *value)
		}
	}
	for name, value := range map[string]string{"results": number(r.Results), "quantity": number(r.Quantity), "amount": r.amount()} {
		if value != "" {
			s += fmt.Sprintf(`,%q:%s`, name, value)
		}
	}
	return s + "}\n"
}

func benchFile(b *testing.B, name string) string {
	b.Helper()
	rows := make([]benchRow, benchRows)
	csv, ndjson := bytes.NewBufferString("id,type,at,customer,channel,product,category,query,results,quantity,amount,currency\n"), &bytes.Buffer{}
	for i := range rows {
		rows[i] = benchRowAt(i)
		csv.WriteString(rows[i].csv())
		ndjson.WriteString(rows[i].json())
	}
	path := filepath.Join(b.TempDir(), name)
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := file.Close(); err != nil {
			b.Fatal(err)
		}
	}()
	var w io.WriteCloser = file
	switch filepath.Ext(name) {
	case ".gz":
		w = gzip.NewWriter(file)
	case ".zst":
		w, err = zstd.NewWriter(file)
	}
	if err != nil {
		b.Fatal(err)
	}
	switch {
	case filepath.Ext(name) == ".parquet":
		err = parquet.Write(file, rows, parquet.MaxRowsPerRowGroup(100_000), parquet.Compression(&parquet.Snappy))
	case bytes.Contains([]byte(name), []byte("csv")):
		_, err = w.Write(csv.Bytes())
	default:
		_, err = w.Write(ndjson.Bytes())
	}
	if err != nil {
		b.Fatal(err)
	}
	if w != io.WriteCloser(file) {
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
	return path
}

// BenchmarkDecode reads a file and decodes it into rows of the graph, without a store, on one goroutine.
func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"interactions.csv", "interactions.csv.gz", "interactions.csv.zst", "interactions.ndjson", "interactions.parquet"} {
		b.Run(fmt.Sprintf("%s/rows=%d", name, benchRows), func(b *testing.B) {
			path := benchFile(b, name)
			p, err := makePlan([]string{path}, "", nil)
			if err != nil {
				b.Fatal(err)
			}
			l := &loader{options: Options{}.withDefaults(), interner: newInterner(), surveys: make(chan struct{}, 1)}
			batch := newBatch()
			b.ReportAllocs()
			var rec record
			rows := 0
			for b.Loop() {
				d := l.decoder(p.files[0])
				r, err := d.open()
				if err != nil {
					b.Fatal(err)
				}
				s := &source{reader: r, decoder: d}
				for err == nil {
					err = s.fill(b.Context(), batch, &rec)
					rows += batch.rows.Len()
					if len(batch.rejects) > 0 {
						b.Fatal(batch.rejects[0].reason)
					}
					batch.reset()
				}
				if !isEnd(err) {
					b.Fatal(err)
				}
				if err := r.Close(); err != nil {
					b.Fatal(err)
				}
			}
			if rows != b.N*benchRows {
				b.Fatalf("read %d rows, want %d", rows, b.N*benchRows)
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
