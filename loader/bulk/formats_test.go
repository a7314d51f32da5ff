package bulk

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parquet-go/parquet-go"

	"lacuna/graph"
)

type parquetCategory struct {
	ID     string `parquet:"id"`
	Name   string `parquet:"name"`
	Parent string `parquet:"parent,optional"`
	Zh     string `parquet:"name_zh,optional"`
}

type parquetProduct struct {
	ID         string    `parquet:"id"`
	Name       string    `parquet:"name"`
	Categories []string  `parquet:"categories,list"`
	Tags       []string  `parquet:"tags,list"`
	Price      int64     `parquet:"price,decimal(2:18)"`
	Currency   string    `parquet:"currency,dict"`
	Launched   time.Time `parquet:"launched_at,timestamp(millisecond)"`
	InStock    bool      `parquet:"in_stock"`
	Brand      string    `parquet:"attr.brand"`
	Size       float64   `parquet:"attr.size"`
}

type parquetCustomer struct {
	ID         string    `parquet:"id"`
	Name       string    `parquet:"name,optional"`
	Created    int32     `parquet:"created_at,date"`
	Household  string    `parquet:"household,optional"`
	Identities []string  `parquet:"identities,list"`
	Consents   []string  `parquet:"consents,list"`
	Referred   string    `parquet:"referred_by,optional"`
	Updated    time.Time `parquet:"updated_at,timestamp(microsecond)"`
	Vip        *bool     `parquet:"attr.vip,optional"`
	Birthday   *int32    `parquet:"attr.birthday,optional,date"`
}

type parquetInteraction struct {
	ID        *string  `parquet:"id,optional"`
	Type      string   `parquet:"type,dict"`
	At        int64    `parquet:"at,timestamp(nanosecond)"`
	Customer  string   `parquet:"customer"`
	Channel   *string  `parquet:"channel,optional,dict"`
	Product   *string  `parquet:"product,optional,dict"`
	Query     *string  `parquet:"query,optional"`
	Results   *int64   `parquet:"results,optional"`
	Quantity  *float64 `parquet:"quantity,optional"`
	Amount    *float64 `parquet:"amount,optional"`
	Currency  *string  `parquet:"currency,optional,dict"`
	Rating    *float32 `parquet:"rating,optional"`
	Available *bool    `parquet:"available,optional"`
	Party     *string  `parquet:"attr.party,optional,dict"`
}

var sameInEveryFormat = map[string][2]string{ // CSV, NDJSON
	"categories": {
		"id,name,parent,name_zh\ntours,Tours,travel,行程\ntravel,Travel,,旅遊\n",
		`{"id":"tours","name":"Tours","parent":"travel","name_zh":"行程"}` + "\n" + `{"id":"travel","name":"Travel","parent":null,"name_zh":"旅遊"}`,
	},
	"products": {
		"id,name,categories,tags,price,currency,launched_at,in_stock,attr.size,attr.brand\n" +
			"p1,\"Tour, one\",tours|travel,a|b,1200.50,TWD,2026-01-02T03:04:05Z,true,1.5,007\np2,Tour 2,tours,,0,TWD,2026-01-02T03:04:05+00:00,FALSE,2,x\n",
		`{"id":"p1","name":"Tour, one","categories":["tours","travel"],"tags":["a","b"],"price":1200.50,"currency":"TWD","launched_at":"2026-01-02T11:04:05+08:00","in_stock":true,"attr.size":1.5,"attr.brand":"007"}` + "\n" +
			`{"id":"p2","name":"Tour 2","categories":"tours","tags":[],"price":0,"currency":"TWD","launched_at":"2026-01-02T03:04:05Z","in_stock":false,"attr":{"size":2,"brand":"x"}}`,
	},
	"customers": {
		"id,name,created_at,household,identities,consents,referred_by,updated_at,attr.vip,attr.birthday\n" +
			"c1,陳美玲,2025-05-06,h1,EMAIL:A@x.tw;verified|PHONE:+886 912,MARKETING:GRANTED|ANALYTICS:denied,c2,2026-01-01T00:00:00.000001Z,true,2000-01-31\n" +
			"c2,,2025-05-06,,,,,2026-01-01T00:00:00.000001Z,,\n",
		`{"id":"c1","name":"陳美玲","created_at":"2025-05-06","household":"h1","identities":["EMAIL:A@x.tw;verified","PHONE:+886 912"],"consents":["MARKETING:GRANTED","ANALYTICS:denied"],"referred_by":"c2","updated_at":"2026-01-01T00:00:00.000001Z","attributes":{"vip":true,"birthday":"2000-01-31"}}` + "\n" +
			`{"id":"c2","created_at":"2025-05-06","updated_at":"2026-01-01T00:00:00.000001Z"}`,
	},
	"interactions": {
		"type,at,customer,id,channel,product,query,results,quantity,amount,currency,rating,available,attr.party\n" +
			"PURCHASE,2026-02-01T00:00:00.000001Z,c1,i1,WEB,p1,,,2,2401,TWD,,,\n" +
			"search,2026-02-01T00:00:00Z,EMAIL:A@x.tw,,app,,tours,0,,,,,,family\n" +
			"VIEW,2026-02-02T00:00:00Z,c2,,,p1,,,,,,,false,\n" +
			"VIEW,2026-02-02T00:00:00Z,c2,,,p1,,,,,,,false,\n" +
			"REVIEW,2026-02-03T00:00:00Z,c2,i5,,p1,,,,,,4.5,,\n",
		`{"id":"i1","type":"PURCHASE","at":"2026-02-01T08:00:00.000001+08:00","customer":"c1","channel":"WEB","product":"p1","quantity":2,"amount":2401.0,"currency":"TWD"}
{"type":"SEARCH","at":"2026-02-01T00:00:00Z","customer":"EMAIL:a@X.tw","channel":"APP","query":"tours","results":0,"attr":{"party":"family"}}
{"type":"VIEW","at":"2026-02-02T00:00:00Z","customer":"c2","product":"p1","available":false}
{"available":false,"type":"VIEW","at":"2026-02-02T00:00:00Z","customer":"c2","product":"p1"}
{"id":"i5","type":"REVIEW","at":"2026-02-03T00:00:00Z","customer":"c2","product":"p1","rating":"4.5"}`,
	},
}

func day(s string) int32 {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return int32(t.Unix() / 86400)
}

func parquetText[T any](t testing.TB, rows []T, options ...parquet.WriterOption) string {
	t.Helper()
	var buf bytes.Buffer
	if err := parquet.Write(&buf, rows, options...); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func sameAsParquet(t testing.TB) map[string]string {
	launched := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	updated := time.Date(2026, 1, 1, 0, 0, 0, 1000, time.UTC)
	at := func(d int) int64 { return time.Date(2026, 2, d, 0, 0, 0, 0, time.UTC).UnixNano() }
	return map[string]string{
		"categories": parquetText(t, []parquetCategory{{"tours", "Tours", "travel", "行程"}, {"travel", "Travel", "", "旅遊"}}),
		"products": parquetText(t, []parquetProduct{
			{"p1", "Tour, one", []string{"tours", "travel"}, []string{"a", "b"}, 120050, "TWD", launched, true, "007", 1.5},
			{"p2", "Tour 2", []string{"tours"}, nil, 0, "TWD", launched, false, "x", 2},
		}),
		"customers": parquetText(t, []parquetCustomer{
			{"c1", "陳美玲", day("2025-05-06"), "h1", []string{"EMAIL:A@x.tw;verified", "PHONE:+886 912"}, []string{"MARKETING:GRANTED", "ANALYTICS:denied"}, "c2", updated, new(true), new(day("2000-01-31"))},
			{ID: "c2", Created: day("2025-05-06"), Updated: updated},
		}),
		"interactions": parquetText(t, []parquetInteraction{
			{ID: new("i1"), Type: "PURCHASE", At: at(1) + 1999, Customer: "c1", Channel: new("WEB"), Product: new("p1"), Quantity: new(2.0), Amount: new(2401.0), Currency: new("TWD")},
			{Type: "SEARCH", At: at(1), Customer: "EMAIL:A@x.tw", Channel: new("APP"), Query: new("tours"), Results: new(int64(0)), Party: new("family")},
			{Type: "VIEW", At: at(2), Customer: "c2", Product: new("p1"), Available: new(false)},
			{Type: "VIEW", At: at(2), Customer: "c2", Product: new("p1"), Available: new(false)},
			{ID: new("i5"), Type: "REVIEW", At: at(3), Customer: "c2", Product: new("p1"), Rating: new(float32(4.5))},
		}, parquet.MaxRowsPerRowGroup(2)),
	}
}

var domain = cmp.Options{cmp.AllowUnexported(graph.Value{}, graph.Rule{}), cmpopts.EquateEmpty()}

// TestSameRowsInEveryFormat loads the same data from every format, packed and not, and wants the same store each time.
func TestSameRowsInEveryFormat(t *testing.T) {
	var want *memory
	binary := sameAsParquet(t)
	for _, ext := range []string{"csv", "csv.gz", "csv.zst", "ndjson", "ndjson.gz", "ndjson.zst", "parquet", "parquet.gz", "parquet.zst"} {
		t.Run(ext, func(t *testing.T) {
			dir := t.TempDir()
			for kind, text := range sameInEveryFormat {
				content := map[string]string{"csv": text[0], "ndjson": text[1], "parquet": binary[kind]}[strings.Split(ext, ".")[0]]
				switch filepath.Ext("." + ext) {
				case ".gz":
					content = gz(t, content)
				case ".zst":
					content = zst(t, content)
				}
				if err := os.WriteFile(filepath.Join(dir, kind+"."+ext), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			store := newMemory()
			l := load(t, store, Options{Source: "test"}, dir)
			if l.err != nil || len(l.rejects) > 0 || len(l.log) > 0 {
				t.Fatal(l.err, l.rejects, l.log)
			}
			if l.summary.Accepted != 11 || l.summary.Kinds[Interactions].Accepted != 5 {
				t.Errorf("summary = %+v", l.summary)
			}
			if again := load(t, store, Options{Source: "test"}, filepath.Join(dir, "interactions."+ext)); again.summary.Accepted != 0 || again.summary.Duplicates != 5 {
				t.Errorf("second load: %+v", again.summary.Counts)
			}
			if want == nil {
				want = store
				checkGolden(t, store)
				return
			}
			for _, pair := range [][2]any{{want.categories, store.categories}, {want.products, store.products},
				{want.customers, store.customers}, {want.rows, store.rows}, {want.types, store.types}} {
				if diff := cmp.Diff(pair[0], pair[1], domain); diff != "" {
					t.Errorf("other than from CSV (-csv +%s):\n%s", ext, diff)
				}
			}
		})
	}
}

// checkGolden states the rows that the files above mean.
func checkGolden(t *testing.T, store *memory) {
	t.Helper()
	updated := time.Date(2026, 1, 1, 0, 0, 0, 1000, time.UTC)
	created := time.Date(2025, 5, 6, 0, 0, 0, 0, time.UTC)
	customers := []graph.CustomerUpsert{{
		ID: "c1", Name: "陳美玲", CreatedAt: created, Household: "h1", ReferredBy: graph.ByID("c2"), Source: "test", ObservedAt: updated,
		Identities: []graph.IdentityClaim{
			{Identity: graph.Identity{Kind: graph.EmailAddress, Value: "a@x.tw"}, Verified: true},
			{Identity: graph.Identity{Kind: graph.Phone, Value: "+886912"}},
		},
		Consents: []graph.Consent{{Purpose: "MARKETING", Granted: true}, {Purpose: "ANALYTICS"}},
		Attributes: []graph.NamedValue{
			{Name: "birthday", Value: graph.DateValue(time.Date(2000, 1, 31, 0, 0, 0, 0, time.UTC))},
			{Name: "vip", Value: graph.BooleanValue(true)},
		},
	}, {ID: "c2", CreatedAt: created, Source: "test", ObservedAt: updated}}
	if diff := cmp.Diff(customers, store.customers, domain); diff != "" {
		t.Errorf("customers (-want +got):\n%s", diff)
	}
	categories := []graph.Category{
		{ID: "travel", Name: "Travel", Names: map[string]string{"zh": "旅遊"}},
		{ID: "tours", Name: "Tours", Names: map[string]string{"zh": "行程"}, Parent: "travel"},
	}
	if diff := cmp.Diff(categories, store.categories, domain); diff != "" {
		t.Errorf("categories (-want +got):\n%s", diff)
	}
	first := graph.Interaction{
		ID: "i1", Type: graph.Purchase, At: time.Date(2026, 2, 1, 0, 0, 0, 1000, time.UTC), Customer: graph.ByID("c1"), Channel: graph.Web,
		Product: "p1", Quantity: graph.Some(graph.Decimal(20000)), Amount: graph.Some(graph.Decimal(24010000)), Currency: "TWD", Source: "test",
	}
	if diff := cmp.Diff(first, store.rows["i1"], domain); diff != "" {
		t.Errorf("interaction (-want +got):\n%s", diff)
	}
	wantTypes := map[graph.AttributeKey]graph.ValueKind{
		{Scope: graph.ProductScope, Name: "brand"}: graph.TextKind, {Scope: graph.ProductScope, Name: "size"}: graph.NumberKind,
		{Scope: graph.CustomerScope, Name: "vip"}: graph.BooleanKind, {Scope: graph.CustomerScope, Name: "birthday"}: graph.DateKind,
		{Scope: graph.InteractionScope, Name: "party"}: graph.TextKind,
	}
	if diff := cmp.Diff(wantTypes, store.types); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	if len(store.rows) != 5 {
		t.Errorf("%d interactions, want 5: two equal lines both count", len(store.rows))
	}
}

func TestParquetManyRowsAndGroups(t *testing.T) {
	rows := make([]parquetInteraction, 5000)
	for i := range rows {
		rows[i] = parquetInteraction{ID: new(fmt.Sprintf("i%d", i)), Type: "VIEW", At: int64(i) * 1000, Customer: fmt.Sprint("c", i%50)}
		if i%3 == 0 {
			rows[i].Product = new(fmt.Sprint("p", i%7))
		}
		if i%1500 > 1200 { // Whole pages without any value.
			rows[i].Product = nil
		}
	}
	store := newMemory()
	l := load(t, store, Options{}, put(t, "interactions.parquet", parquetText(t, rows, parquet.MaxRowsPerRowGroup(1777), parquet.PageBufferSize(500))))
	if l.err != nil || l.summary.Accepted != 5000 {
		t.Fatal(l.err, l.summary.Counts)
	}
	for i := range rows {
		got := store.rows[fmt.Sprintf("i%d", i)]
		if want := rows[i].Product; (want == nil) != (got.Product == "") || want != nil && *want != got.Product || got.Customer != graph.ByID(rows[i].Customer) {
			t.Fatalf("row %d: %+v, want product %v", i, got, want)
		}
	}
}

func TestParquetTypes(t *testing.T) {
	type row struct {
		ID      int32     `parquet:"id"`
		Created int64     `parquet:"created_at,timestamp(millisecond:local)"`
		Name    [16]byte  `parquet:"name,uuid"`
		Big     uint64    `parquet:"attr.big"`
		Float   float32   `parquet:"attr.float"`
		Number  int64     `parquet:"attr.number"`
		Text    string    `parquet:"attr.text"`
		Money   [16]byte  `parquet:"attr.money,decimal(3:38)"`
		When    time.Time `parquet:"attr.when,timestamp(microsecond)"`
		Nested  struct {
			Deep string `parquet:"deep"`
		} `parquet:"attr"`
		Lists []struct {
			A string `parquet:"a"`
			B string `parquet:"b"`
		} `parquet:"lists,list"`
	}
	r := row{ID: 17, Created: 1_767_225_600_000, Big: 1<<63 + 1, Float: 0.1, Number: 7, Text: "2026-01-01", When: time.UnixMicro(1)}
	r.Money[0], r.Money[15] = 0xff, 0
	for i := range r.Money[1:] {
		r.Money[1+i] = 0xff
	}
	r.Nested.Deep = "x"
	store := newMemory()
	taipei := time.FixedZone("", 8*3600)
	l := load(t, store, Options{Zone: taipei}, put(t, "customers.parquet", parquetText(t, []row{r})))
	if l.err != nil || l.summary.Accepted != 1 {
		t.Fatal(l.err, l.rejects)
	}
	got := store.customers[0]
	want := []graph.NamedValue{
		{Name: "big", Value: graph.TextValue("9223372036854775809")}, {Name: "deep", Value: graph.TextValue("x")}, {Name: "float", Value: graph.NumberValue(0.1)},
		{Name: "money", Value: graph.NumberValue(-0.001)}, {Name: "number", Value: graph.NumberValue(7)},
		{Name: "text", Value: graph.TextValue("2026-01-01")}, {Name: "when", Value: graph.TextValue("1970-01-01T00:00:00.000001Z")},
	}
	if diff := cmp.Diff(want, got.Attributes, domain); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if got.ID != "17" || !got.CreatedAt.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, taipei)) || got.Name != "00000000-0000-0000-0000-000000000000" {
		t.Errorf("customer = %+v", got)
	}
	if len(l.summary.Files[0].Warnings) != 2 {
		t.Errorf("warnings = %q", l.summary.Files[0].Warnings)
	}
}

// FuzzParquet opens damaged files: an error, or rows with all their cells, and no panic.
func FuzzParquet(f *testing.F) {
	whole := []byte(sameAsParquet(f)["interactions"])
	f.Add(whole, 0, byte(0))
	for at := 0; at < len(whole); at += len(whole) / 40 {
		f.Add(whole, at, byte(0xff))
	}
	f.Add([]byte("PAR1PAR1"), 3, byte(1))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte, at int, value byte) {
		if len(content) == 0 || len(content) > 1<<16 {
			return
		}
		content = bytes.Clone(content)
		content[uint(at)%uint(len(content))] ^= value
		path := filepath.Join(dir, "interactions.parquet")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := openParquet(inputFile{path: path, kind: Interactions, format: Parquet, size: int64(len(content))}, func(string) bool { return true })
		if err != nil {
			return
		}
		var rec record
		for range 100_000 {
			if err := r.next(&rec); err != nil {
				break
			}
			if len(rec.cells) != len(r.columns()) || rec.raw.String() == "" {
				t.Fatalf("row %d has %d cells", rec.line, len(rec.cells))
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
