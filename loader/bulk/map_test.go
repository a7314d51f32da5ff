package bulk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

func parseMap(t testing.TB, text string) *Map {
	t.Helper()
	m, err := ParseMap("map.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestBadMaps wants every mistake with its line and what to do.
func TestBadMaps(t *testing.T) {
	const good = "  interactions:\n    type: {value: VIEW}\n    at: when\n    customer: who\n"
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "map.yaml: names no file: write the name of a file"},
		{"only a comment", "# nothing\n", "names no file"},
		{"no mapping", "a.csv\n", "map.yaml:1: expected names of files"},
		{"broken", "a.csv: [", "map.yaml:1: "},
		{"broken later", "a.csv:\n  interactions:\n\tx: 1\n", "map.yaml:"},
		{"folder", "data/a.csv:\n" + good, "map.yaml:1: \"data/a.csv\" cannot be the name of a file: write it without a folder"},
		{"bad pattern", "'[a.csv':\n" + good, "map.yaml:1: \"[a.csv\" cannot be the name of a file"},
		{"unknown kind", "a.csv:\n  orders: {id: x}\n", "map.yaml:2: \"orders\" is no kind that a table may hold: use interactions, products, customers, categories"},
		{"field for a kind", "a.csv:\n  customer: x\n", "map.yaml:2: \"customer\" is no kind that a table may hold: use interactions, products, customers, categories; customer is a field of interactions: put it below"},
		{"kind without fields", "a.csv:\n  products: x\n", "map.yaml:2: expected fields of products: id name"},
		{"unknown field", "a.csv:\n" + good + "    amounts: x\n", "map.yaml:6: \"amounts\" is no field of interactions; did you mean \"amount\"?; fields: id type at customer"},
		{"required field", "a.csv:\n  interactions: {type: a, at: b}\n", "map.yaml:2: interactions need customer: say which column it is"},
		{"field twice", "a.csv:\n" + good + "    at: other\n", "map.yaml:"},
		{"attribute twice", "a.csv:\n" + good + "    attributes: [x, x]\n", "map.yaml:2: interactions: attr.x stands here twice: keep one"},
		{"attributes no list", "a.csv:\n" + good + "    attributes: x\n", "map.yaml:6: attributes: expected a list, as in [first, second]"},
		{"unknown key", "a.csv:\n" + good + "    amount: {colum: x}\n", "map.yaml:6: unknown key \"colum\": use column, value, match, values, prefix, multiply, path, layout, zone, returns"},
		{"no source", "a.csv:\n" + good + "    amount: {match: x}\n", "map.yaml:6: needs one of column, value, multiply and path, and has 0 of them"},
		{"two sources", "a.csv:\n" + good + "    amount: {column: a, value: 3}\n", "map.yaml:6: needs one of column, value, multiply and path, and has 2 of them"},
		{"match of a constant", "a.csv:\n" + good + "    query: {value: a, match: b}\n", "map.yaml:6: match goes with column, not with value"},
		{"bad regexp", "a.csv:\n" + good + "    query: {column: a, match: '('}\n", "map.yaml:6: match: is no regular expression that can be read: missing closing ): `(`"},
		{"multiply one", "a.csv:\n" + good + "    amount: {multiply: [a]}\n", "map.yaml:6: multiply takes two columns"},
		{"multiply text", "a.csv:\n" + good + "    query: {multiply: [a, b]}\n", "map.yaml:6: multiply is for a number only"},
		{"path of a name", "a.csv:\n" + good + "    query: {path: [a, b]}\n", "map.yaml:6: path is for categories and category only"},
		{"long path", "a.csv:\n" + good + "    category: {path: [" + strings.Repeat("a,", 40) + "b]}\n", "map.yaml:6: path has 41 levels, at most 32 are kept"},
		{"layout of a name", "a.csv:\n" + good + "    query: {column: a, layout: '%Y'}\n", "map.yaml:6: layout: \"%Y\" lacks the year, the month or the day"},
		{"layout elsewhere", "a.csv:\n" + good + "    query: {column: a, layout: unix}\n", "map.yaml:6: layout is for a time only"},
		{"bad layout", "a.csv:\n  interactions:\n    at: {column: a, layout: '%Y-%Q'}\n", "map.yaml:3: layout: %Q is not known in \"%Y-%Q\": use %Y %y"},
		{"foreign layout", "a.csv:\n  interactions:\n    at: {column: a, layout: yyyy-MM-dd}\n", "map.yaml:3: layout: \"yyyy-MM-dd\" has no directives: write it as %Y-%m-%d"},
		{"half a clock", "a.csv:\n  interactions:\n    at: {column: a, layout: '%Y-%m-%d %I:%M'}\n", "map.yaml:3: layout: \"%Y-%m-%d %I:%M\" needs both %I and %p"},
		{"layout and match", "a.csv:\n  interactions:\n    at: {column: a, layout: unix, match: x}\n", "map.yaml:3: layout goes with column and zone alone"},
		{"bad zone", "a.csv:\n  interactions:\n    at: {column: a, zone: Mars/Olympus}\n", "map.yaml:3: zone: \"Mars/Olympus\" is no time zone: write one as Asia/Taipei or UTC"},
		{"returns elsewhere", "a.csv:\n" + good + "    query: {value: x, returns: {column: a, match: b}}\n", "map.yaml:6: returns is for type only"},
		{"returns without rule", "a.csv:\n  interactions:\n    type: {value: PURCHASE, returns: {column: a}}\n", "map.yaml:3: returns needs a column, and either match or negative: true"},
		{"returns, unknown key", "a.csv:\n  interactions:\n    type: {value: PURCHASE, returns: {column: a, below: 0}}\n", "map.yaml:3: unknown key \"below\": use column with match, or with negative: true"},
		{"list of one", "a.csv:\n" + good + "    query: [a, b]\n", "map.yaml:6: query has one value: write one column"},
		{"empty column", "a.csv:\n" + good + "    query: ''\n", "map.yaml:6: expected the name of a column"},
		{"no column", "a.csv:\n" + good + "    query:\n", "map.yaml:6: expected the name of a column"},
		{"unknown alias", "a.csv:\n" + good + "    query: *q\n", "map.yaml:6: *q stands for nothing: write &q before what it is to stand for"},
		{"bad values", "a.csv:\n" + good + "    channel: {column: c, values: {a: [1]}}\n", "map.yaml:6: a: expected a plain value"},
		{"two mistakes", "a.csv:\n" + good + "    foo: x\nb.csv:\n  bar: y\n", "map.yaml:6: \"foo\" is no field of interactions; fields: "},
		{"second mistake", "a.csv:\n" + good + "    foo: x\nb.csv:\n  bar: y\n", "map.yaml:8: \"bar\" is no kind"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := ParseMap("map.yaml", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) || m != nil {
				t.Errorf("ParseMap = %v, want %q", err, c.want)
			}
		})
	}
}

// TestMapAndFiles wants mistakes between a map and the files told before anything is stored.
func TestMapAndFiles(t *testing.T) {
	m := parseMap(t, "sales.csv:\n  interactions: {type: {value: VIEW}, at: When, customer: Who}\nshops.csv:\n  customers: {id: Shop}\n")
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sales := write("sales.csv", "when,Who,What\n2026-01-01,c1,x\n")
	other := write("other.csv", "a\n1\n")
	for _, c := range []struct{ path, want string }{
		{sales, `map.yaml:2: column "When" is not in ` + sales + `; did you mean "when"?; its columns: when, Who, What`},
		{other, other + ": map.yaml does not name it: it names sales.csv, shops.csv"},
		{dir, "map.yaml:3: there is no file shops.csv in " + dir + ": bring it, or take it out of the map"},
	} {
		l := load(t, newMemory(), Options{Map: m}, c.path)
		if l.err == nil || !strings.Contains(l.err.Error(), c.want) || l.summary.Rows() > 0 {
			t.Errorf("load %s: %v, want %q", c.path, l.err, c.want)
		}
	}
	twice := parseMap(t, "sales.csv:\n  customers: {id: Who}\ns*.csv:\n  customers: {id: Who}\n")
	if l := load(t, newMemory(), Options{Map: twice}, sales); l.err == nil || !strings.Contains(l.err.Error(), "names it twice, on line 1 and line 3") {
		t.Errorf("err = %v", l.err)
	}
	if l := load(t, newMemory(), Options{Layout: Mapped}, sales); l.err == nil {
		t.Error("a mapped layout without a map is no error")
	}
	for _, name := range []string{"sales.csv.zip", "sales.csv.xyz"} {
		m := parseMap(t, "sales.*:\n  customers: {id: Who}\n")
		if l := load(t, newMemory(), Options{Map: m}, write(name, "Who\nc1\n")); l.err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}

// mapped loads one table with a map and gives the account.
func mapped(t *testing.T, name, content, fields string) string {
	t.Helper()
	store := newMemory()
	l := load(t, store, Options{Map: parseMap(t, name+":\n"+fields), Source: "test"}, put(t, name, content))
	if l.err != nil {
		t.Fatal(l.err)
	}
	return account(l, store)
}

// TestMappedTables states for each key of a map what becomes of rows.
func TestMappedTables(t *testing.T) {
	const head = "  interactions:\n    id: n\n    type: {value: PURCHASE}\n    at: {value: 2026-01-01}\n    customer: who\n"
	for _, c := range []struct{ name, file, content, fields, want string }{
		{"column, constant", "t.csv", "n,who,ch\n1,c1,web\n2,c2,\n", head + "    channel: ch\n    campaign: {value: spring}\n",
			"interactions: 2 accepted, 0 duplicates, 0 rejected\n2026-01-01T00:00:00Z 1 PURCHASE c1 campaign=\"spring\" WEB\n2026-01-01T00:00:00Z 2 PURCHASE c2 campaign=\"spring\"\n"},
		{"match, values, prefix", "t.csv", "n,who,what\n1,A@x.tw,buy-7\n2,,look\n3,b@x.tw,other\n",
			"  interactions:\n    id: n\n    type: {column: what, match: '^[a-z]+', values: {buy: PURCHASE, look: VIEW}}\n    at: {value: 2026-01-01}\n    customer: {column: who, prefix: 'EMAIL:'}\n    query: {column: what, match: '-(.*)'}\n    session: {column: what, values: {look: s1}}\n",
			"interactions: 1 accepted, 0 duplicates, 2 rejected\nline 3 rejected: missing: customer: is required\nline 4 rejected: unknown_type: type: is none of " + interactionTypeNames +
				"\n2026-01-01T00:00:00Z 1 PURCHASE EMAIL:a@x.tw query=\"7\" session=\"buy-7\"\n"},
		{"multiply, currency", "t.csv", "n,who,q,p\n1,c1,3,0.1\n2,c1,20000,0.00005\n3,c1,,2\n4,c1,x,2\n5,c1,99999999999,99999999999\n6,c1,1e2,1.5\n", head + "    amount: {multiply: [q, p]}\n    currency: {value: TWD}\n",
			"interactions: 4 accepted, 0 duplicates, 2 rejected\n" +
				"line 5 rejected: bad_value: amount: one of the two factors is not a number, or the product is too large: a number is wanted\n" +
				"line 6 rejected: bad_value: amount: one of the two factors is not a number, or the product is too large: a number is wanted\n" +
				"2026-01-01T00:00:00Z 1 PURCHASE c1 currency=\"TWD\" amount=0.3\n2026-01-01T00:00:00Z 2 PURCHASE c1 currency=\"TWD\" amount=1\n" +
				"2026-01-01T00:00:00Z 3 PURCHASE c1 currency=\"TWD\"\n2026-01-01T00:00:00Z 6 PURCHASE c1 currency=\"TWD\" amount=150\n"},
		{"returns by match", "t.csv", "n,who,q\nC1,c1,-3\n2,c1,4\n3,c1,-4\n", "  interactions:\n    id: n\n    type: {value: PURCHASE, returns: {column: n, match: ^C}}\n    at: {value: 2026-01-01}\n    customer: who\n    quantity: q\n",
			"interactions: 2 accepted, 0 duplicates, 1 rejected\nline 4 rejected: out_of_range: quantity: is negative: quantities are positive, on RETURN too\n" +
				"2026-01-01T00:00:00Z 2 PURCHASE c1 quantity=4\n2026-01-01T00:00:00Z C1 RETURN c1 quantity=3\n"},
		{"returns by sign", "t.ndjson", `{"n":1,"who":"c1","q":-3}` + "\n" + `{"q":2,"who":"c1","n":2}` + "\n" + `{"n":3,"who":"c1"}`,
			"  interactions:\n    id: n\n    type: {value: PURCHASE, returns: {column: q, negative: true}}\n    at: {value: 2026-01-01}\n    customer: who\n    quantity: q\n",
			"interactions: 3 accepted, 0 duplicates, 0 rejected\n2026-01-01T00:00:00Z 1 RETURN c1 quantity=3\n2026-01-01T00:00:00Z 2 PURCHASE c1 quantity=2\n2026-01-01T00:00:00Z 3 PURCHASE c1\n"},
		{"layout, zone", "t.csv", "n,who,when\n1,c1,31.12.2026 23:30\n2,c1,30.02.2026 00:00\n3,c1,2026-01-01\n",
			"  interactions: {id: n, type: {value: VIEW}, customer: who, at: {column: when, layout: '%d.%m.%Y %H:%M', zone: Asia/Taipei}}\n",
			"interactions: 1 accepted, 0 duplicates, 2 rejected\nline 3 rejected: bad_time: at: is not a time of the layout %d.%m.%Y %H:%M\nline 4 rejected: bad_time: at: is not a time of the layout %d.%m.%Y %H:%M\n" +
				"2026-12-31T15:30:00Z 1 VIEW c1\n"},
		{"zone alone", "t.csv", "n,who,when\n1,c1,2026-01-01\n2,c1,2026-01-01T00:00:00Z\n", "  interactions: {id: n, type: {value: VIEW}, customer: who, at: {column: when, zone: Asia/Taipei}}\n",
			"interactions: 2 accepted, 0 duplicates, 0 rejected\n2025-12-31T16:00:00Z 1 VIEW c1\n2026-01-01T00:00:00Z 2 VIEW c1\n"},
		{"path", "t.csv", "n,who,a,b,c\n1,c1,Food, Ice ,Cubed\n2,c1,Food,,Cubed\n3,c1,,Ice,\n", head + "    category: {path: [a, b, c]}\n",
			"categories: 3 accepted, 0 duplicates, 0 rejected\ninteractions: 3 accepted, 0 duplicates, 0 rejected\ncategory \"Food\" name \"Food\" parent \"\"\ncategory \"Food > Ice\" name \"Ice\" parent \"Food\"\ncategory \"Food > Ice > Cubed\" name \"Cubed\" parent \"Food > Ice\"\n" +
				"2026-01-01T00:00:00Z 1 PURCHASE c1 category=\"Food > Ice > Cubed\"\n2026-01-01T00:00:00Z 2 PURCHASE c1 category=\"Food\"\n2026-01-01T00:00:00Z 3 PURCHASE c1\n"},
		{"products of the same rows", "t.csv", "n,who,p,name,price\n1,c1,p1,,1\n2,c1,p1,First,2\n3,c1,p1,Second,3\n4,,p2,Lost,4\n", head + "    product: p\n  products: {id: p, name: name, price: price, currency: {value: USD}}\n",
			"products: 2 accepted, 0 duplicates, 0 rejected\ninteractions: 3 accepted, 0 duplicates, 1 rejected\nline 5 rejected: missing: customer: is required\n" +
				"product p1 name \"\" in [] at 1 USD\nproduct p1 name \"First\" in []\n" +
				"2026-01-01T00:00:00Z 1 PURCHASE c1 product=\"p1\"\n2026-01-01T00:00:00Z 2 PURCHASE c1 product=\"p1\"\n2026-01-01T00:00:00Z 3 PURCHASE c1 product=\"p1\"\n"},
		{"a bad product rejects its row", "t.csv", "n,who,p,price\n1,c1,p1,-1\n2,c1,p2,2\n", head + "    product: p\n  products: {id: p, price: price, currency: {value: USD}}\n",
			"products: 1 accepted, 0 duplicates, 0 rejected\ninteractions: 1 accepted, 0 duplicates, 1 rejected\nline 2 rejected: out_of_range: price: is negative: amounts are positive, on RETURN too\n" +
				"product p2 name \"\" in [] at 2 USD\n2026-01-01T00:00:00Z 2 PURCHASE c1 product=\"p2\"\n"},
		{"customers with identities", "t.csv", "c,mail,card,ok,city,since\nc1,a@x.tw,77,yes,Taipei,31/01/2020\nc2,,,no,,\n",
			"  customers:\n    id: c\n    identities: [{column: mail, prefix: 'EMAIL:'}, {column: card, prefix: 'LOYALTY_CARD:'}]\n    consents: {column: ok, values: {yes: GRANTED, no: DENIED}, prefix: 'MARKETING:'}\n    created_at: {column: since, layout: '%d/%m/%Y'}\n    attributes: {home: city, tier: {column: card, match: '^.'}}\n",
			"customers: 2 accepted, 0 duplicates, 0 rejected\ncustomer.home is text\ncustomer.tier is number\n" +
				"customer c1 name \"\" observed 2026-03-01T00:00:00Z [EMAIL:a@x.tw LOYALTY_CARD:77] created 2020-01-31T00:00:00Z home=Taipei tier=7\ncustomer c2 name \"\" observed 2026-03-01T00:00:00Z []\n"},
		{"customers of the same rows", "t.csv", "n,who,city\n1,c1,\n2,c1,Taipei\n3,c1,Tainan\n", head + "  customers: {id: who, attributes: [city]}\n",
			"customers: 2 accepted, 0 duplicates, 0 rejected\ninteractions: 3 accepted, 0 duplicates, 0 rejected\ncustomer.city is text\ncustomer c1 name \"\" observed 2026-03-01T00:00:00Z []\ncustomer c1 name \"\" observed 2026-03-01T00:00:00Z [] city=Taipei\n" +
				"2026-01-01T00:00:00Z 1 PURCHASE c1\n2026-01-01T00:00:00Z 2 PURCHASE c1\n2026-01-01T00:00:00Z 3 PURCHASE c1\n"},
		{"customers observed at times", "t.csv", "n,who,city,t\n1,c1,Taipei,2026-01-01\n2,c1,Tainan,2026-01-02\n3,c1,Tainan,2026-01-02\n", head + "  customers: {id: who, attributes: [city], updated_at: t}\n",
			"customers: 2 accepted, 0 duplicates, 0 rejected\ninteractions: 3 accepted, 0 duplicates, 0 rejected\ncustomer.city is text\ncustomer c1 name \"\" observed 2026-01-01T00:00:00Z [] city=Taipei\ncustomer c1 name \"\" observed 2026-01-02T00:00:00Z [] city=Tainan\n" +
				"2026-01-01T00:00:00Z 1 PURCHASE c1\n2026-01-01T00:00:00Z 2 PURCHASE c1\n2026-01-01T00:00:00Z 3 PURCHASE c1\n"},
		{"a catalog that repeats itself", "t.csv", "id,name\np1,First\np1,Second\n", "  products: {id: id, name: name}\n",
			"products: 2 accepted, 0 duplicates, 0 rejected\nproduct p1 name \"First\" in []\nproduct p1 name \"\" in []\n"},
		{"categories with names", "t.csv", "k,n,zh,up\ntours,Tours,行程,travel\ntravel,Travel,,\n", "  categories: {id: k, name: n, name_zh: zh, parent: up}\n",
			"categories: 2 accepted, 0 duplicates, 0 rejected\ncategory \"travel\" name \"Travel\" parent \"\"\ncategory \"tours\" name \"Tours\" parent \"travel\"\n"},
		{"lists of JSON", "t.jsonl", `{"id":"p1","tags":["a","b"],"more":"c"}` + "\n" + `{"id":"p2","tags":[{"x":1}]}`, "  products: {id: id, tags: [tags, more]}\n",
			"products: 1 accepted, 0 duplicates, 1 rejected\nline 2 rejected: bad_value: tags: is an object or a mixed list: a list of texts is wanted\nproduct p1 name \"\" in []\n"},
		{"a column that never comes", "t.ndjson", `{"id":"p1"}`, "  products: {id: id, name: title}\n",
			"products: 1 accepted, 0 duplicates, 0 rejected\nlog: column \"title\" of the map is in none of its rows\nproduct p1 name \"\" in []\n"},
		{"tabs, packed", "t.tsv.gz", gz(t, "id\tname\np1\tA\n"), "  products: {id: id, name: name}\n",
			"products: 1 accepted, 0 duplicates, 0 rejected\nlog: its columns are separated by \"\\t\"\nproduct p1 name \"A\" in []\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(strings.Split(c.want, "\n"), strings.Split(mapped(t, c.file, c.content, c.fields), "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestMappedParquet wants typed columns to keep their types: numbers as ids, times, doubles and lists.
func TestMappedParquet(t *testing.T) {
	type row struct {
		Who   int64     `parquet:"who"`
		When  time.Time `parquet:"when,timestamp(microsecond)"`
		Count int32     `parquet:"count"`
		Price float64   `parquet:"price"`
		Kids  *string   `parquet:"kids,optional"`
		Other string    `parquet:"other"`
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	file := parquetText(t, []row{{7, at, -2, 0.1, new("2"), "x"}, {8, at, 3, 19.99, nil, "x"}}, parquet.Compression(&parquet.Snappy))
	got := mapped(t, "t.parquet", file, "  interactions:\n    id: {column: who, prefix: r}\n    type: {value: PURCHASE, returns: {column: count, negative: true}}\n    at: when\n    customer: who\n    quantity: count\n    amount: {multiply: [count, price]}\n    currency: {value: USD}\n  customers: {id: who, attributes: [kids]}\n")
	want := "customers: 2 accepted, 0 duplicates, 0 rejected\ninteractions: 2 accepted, 0 duplicates, 0 rejected\ncustomer.kids is text\n" +
		"customer 7 name \"\" observed 2026-03-01T00:00:00Z [] kids=2\ncustomer 8 name \"\" observed 2026-03-01T00:00:00Z []\n" +
		"2026-01-02T03:04:05.000006Z r7 RETURN 7 currency=\"USD\" quantity=2 amount=0.2\n2026-01-02T03:04:05.000006Z r8 PURCHASE 8 currency=\"USD\" quantity=3 amount=59.97\n"
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLayouts(t *testing.T) {
	taipei := time.FixedZone("", 8*3600)
	for _, c := range []struct{ layout, in, want string }{
		{"%Y-%m-%d %H:%M:%S", "2026-01-31 18:30:00", "2026-01-31T10:30:00Z"},
		{"%d/%m/%y", "1/2/26", "2026-01-31T16:00:00Z"},
		{"%d/%m/%y", "1/2/70", "1970-01-31T16:00:00Z"},
		{"%m/%d/%Y %I:%M %p", "1/31/2026 12:05 AM", "2026-01-30T16:05:00Z"},
		{"%m/%d/%Y %I:%M %p", "1/31/2026 12:05 pm", "2026-01-31T04:05:00Z"},
		{"%d %b %Y", "31 JAN 2026", "2026-01-30T16:00:00Z"},
		{"%B %d, %Y", "february 28, 2026", "2026-02-27T16:00:00Z"},
		{"%Y%m%dT%H%M%S%z", "20260131T183000+0100", "2026-01-31T17:30:00Z"},
		{"%Y-%m-%dT%H:%M:%S.%f%z", "2026-01-31T18:30:00.5-02:30", "2026-01-31T21:00:00.5Z"},
		{"%Y-%m-%dT%H:%M:%S%z", "2026-01-31T18:30:00Z", "2026-01-31T18:30:00Z"},
		{"%Y-%m-%d 100%%", "2026-01-31 100%", "2026-01-30T16:00:00Z"},
		{"unix", "1769884200", "2026-01-31T18:30:00Z"},
		{"unix", "1769884200.25", "2026-01-31T18:30:00.25Z"},
		{"unix_ms", "1769884200250", "2026-01-31T18:30:00.25Z"},
		{"unix_us", "1769884200250001", "2026-01-31T18:30:00.250001Z"},
		{"unix", "9223372036854775807", ""}, {"unix", "NaN", ""}, {"unix", "soon", ""}, {"unix_ms", "", ""},
		{"%Y-%m-%d", "2026-02-29", ""}, {"%Y-%m-%d", "2026-13-01", ""}, {"%Y-%m-%d", "26-01-01", ""}, {"%Y-%m-%d", "2026-01-01x", ""},
		{"%Y-%m-%d", "", ""}, {"%Y-%m-%d %H", "2026-01-01 24", ""}, {"%d %b %Y", "31 Foo 2026", ""}, {"%m/%d/%Y %I %p", "1/1/2026 0 am", ""},
		{"%Y-%m-%d%z", "2026-01-01", ""}, {"%Y-%m-%d%z", "2026-01-01+8", ""}, {"%Y-%m-%d.%f", "2026-01-01.", ""},
	} {
		l, err := parseLayout(c.layout)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := l.parse(c.in, taipei)
		if ok != (c.want != "") || ok && got.UTC().Format(time.RFC3339Nano) != c.want {
			t.Errorf("%s: parse(%q) = %s %v, want %q", c.layout, c.in, got.UTC().Format(time.RFC3339Nano), ok, c.want)
		}
	}
}

// TestMapTotals wants the totals to count interactions where the map has any, and everything rejected.
func TestMapTotals(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.csv": "n,who\n1,c1\n2,\n", "b.csv": "c\nc1\n\"\"\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const people = "b.csv:\n  customers: {id: c}\n"
	for _, c := range []struct{ text, want string }{
		{people, "1 0 1"},
		{people + "a.csv:\n  interactions: {id: n, customer: who, type: {value: VIEW}, at: {value: 2026-01-01}}\n", "1 0 2"},
	} {
		s := load(t, newMemory(), Options{Map: parseMap(t, c.text)}, dir).summary
		if got := fmt.Sprint(s.Accepted, s.Duplicates, s.Rejected); got != c.want || s.Kinds[Customers].Accepted != 1 {
			t.Errorf("totals = %s, want %s", got, c.want)
		}
	}
}
