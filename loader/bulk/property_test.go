package bulk

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"
)

// genInteraction draws an interaction, mostly without an id, from so few values that contents repeat.
func genInteraction(rt *rapid.T) parquetInteraction {
	text := func(label string, values ...string) *string {
		if v := rapid.SampledFrom(append(values, "")).Draw(rt, label); v != "" {
			return &v
		}
		return nil
	}
	r := parquetInteraction{
		Type: rapid.SampledFrom([]string{"VIEW", "SEARCH"}).Draw(rt, "type"), At: rapid.Int64Range(-2, 2).Draw(rt, "at") * 1_000_000,
		Customer: rapid.SampledFrom([]string{"c1", "EMAIL:A@b", "陳"}).Draw(rt, "customer"), Channel: text("channel", "WEB", "APP"),
		Query: text("query", "a, \"b\"\nc", "漢字", "a\tb", `back\slash`, " "), Product: text("product", "p1"), Party: text("party", "family", "007"),
	}
	if rapid.IntRange(0, 3).Draw(rt, "with id") == 0 {
		r.ID = new(fmt.Sprint("i", rapid.IntRange(0, 50).Draw(rt, "id")))
	}
	if rapid.Bool().Draw(rt, "counted") {
		r.Results = new(rapid.Int64Range(0, 2).Draw(rt, "results"))
		r.Quantity = new(float64(rapid.IntRange(0, 4).Draw(rt, "quarters")) / 4)
	}
	return r
}

// writeEachFormat writes the same interactions as CSV, NDJSON and Parquet.
func writeEachFormat(rt *rapid.T, rows []parquetInteraction) map[string]string {
	var table, lines, binary bytes.Buffer
	w := csv.NewWriter(&table)
	enc := json.NewEncoder(&lines)
	header := []string{"id", "type", "at", "customer", "channel", "query", "product", "attr.party", "results", "quantity"}
	fail := func(err error) {
		if err != nil {
			rt.Fatal(err)
		}
	}
	fail(w.Write(header))
	for _, r := range rows {
		at := time.Unix(0, r.At).UTC().Format(time.RFC3339Nano)
		quantity := ""
		if r.Quantity != nil {
			quantity = fmt.Sprint(*r.Quantity)
		}
		fail(w.Write([]string{text(r.ID), r.Type, at, r.Customer, text(r.Channel), text(r.Query), text(r.Product), text(r.Party), number(r.Results), quantity}))
		object := map[string]any{"id": r.ID, "type": r.Type, "at": at, "customer": r.Customer, "channel": r.Channel, "query": r.Query,
			"product": r.Product, "results": r.Results, "quantity": r.Quantity}
		if r.Party != nil {
			object["attr"] = map[string]any{"party": r.Party}
		}
		fail(enc.Encode(object))
	}
	w.Flush()
	fail(parquet.Write(&binary, rows, parquet.MaxRowsPerRowGroup(7)))
	return map[string]string{"csv": table.String(), "ndjson": lines.String(), "parquet": binary.String()}
}

// TestRandomRowsInEveryFormat wants the same rows, with the same ids, whatever the format and however it is packed.
func TestRandomRowsInEveryFormat(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		// One value settles the attribute as text also where CSV alone would read 007 and nothing else.
		rows := append([]parquetInteraction{{ID: new("first"), Type: "VIEW", Customer: "c1", Party: new("x")}},
			rapid.SliceOfN(rapid.Custom(genInteraction), 0, 30).Draw(rt, "rows")...)
		var want *memory
		var counts [3]int64
		for format, content := range writeEachFormat(rt, rows) {
			for _, packed := range []struct{ ext, content string }{{"", content}, {".gz", gz(t, content)}, {".zst", zst(t, content)}} {
				path := filepath.Join(dir, "interactions."+format+packed.ext)
				if err := os.WriteFile(path, []byte(packed.content), 0o600); err != nil {
					rt.Fatal(err)
				}
				store := newMemory()
				s, err := Load(t.Context(), store, []string{path}, Options{Source: "test"})
				if err != nil || s.Rows() != int64(len(rows)) {
					rt.Fatalf("%s: %d of %d rows: %v", path, s.Rows(), len(rows), err)
				}
				got := [3]int64{s.Accepted, s.Duplicates, s.Rejected}
				if want == nil {
					want, counts = store, got
					continue
				}
				if diff := cmp.Diff(want.rows, store.rows, domain); diff != "" || got != counts {
					rt.Fatalf("%s: %v, others %v (-others +this):\n%s", path, got, counts, diff)
				}
			}
		}
	})
}
