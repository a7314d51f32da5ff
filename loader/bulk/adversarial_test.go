package bulk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder writes files into a new folder and gives its path.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// order is an Order Completed of the Segment spec.
func order(id, properties string) string {
	return fmt.Sprintf(`{"type":"track","event":"Order Completed","messageId":%q,"userId":"u1","timestamp":"2026-03-01T10:00:00Z","properties":{%s}}`+"\n", id, properties)
}

// TestOrders states what becomes of orders of every form.
func TestOrders(t *testing.T) {
	const head = "interactions: 1 accepted, 0 duplicates, 0 rejected\n2026-03-01T10:00:00Z "
	for _, c := range []struct{ name, properties, want string }{
		{"nothing", ``, head + "m PURCHASE u1\n"},
		{"no products", `"products":[]`, head + "m PURCHASE u1\n"},
		{"products that are none", `"products":[1,"x",null]`, head + "m PURCHASE u1\n"},
		{"total only", `"products":[],"total":12.5,"currency":"usd"`, head + "m PURCHASE u1 currency=\"USD\" amount=12.5\n"},
		{"total as text", `"revenue":"12.5","currency":"USD"`, head + "m PURCHASE u1 currency=\"USD\" amount=12.5\n"},
		{"negative total", `"total":-1,"currency":"USD"`, "interactions: 0 accepted, 0 duplicates, 1 rejected\nline 1 rejected: out_of_range: amount: is negative: amounts are positive, on RETURN too\n"},
		{"negative price", `"currency":"USD","products":[{"product_id":"a","price":-1}]`,
			"interactions: 0 accepted, 0 duplicates, 1 rejected\nline 1 rejected: out_of_range: amount: is negative: amounts are positive, on RETURN too\n"},
		{"huge price", `"currency":"USD","products":[{"product_id":"a","price":1e30}]`,
			"interactions: 0 accepted, 0 duplicates, 1 rejected\nline 1 rejected: bad_number: price: is not a number that can be kept: write 1234.5, without thousands separators or a currency sign\n"},
		{"huge product", `"currency":"USD","products":[{"product_id":"a","price":90000000000000,"quantity":90000000000000}]`,
			"interactions: 0 accepted, 0 duplicates, 1 rejected\nline 1 rejected: bad_number: amount: price × quantity is too large to be kept\n"},
		{"some prices", `"currency":"USD","total":99,"products":[{"product_id":"a","price":5,"quantity":2},{"product_id":"b"}]`,
			"products: 2 accepted, 0 duplicates, 0 rejected\ninteractions: 2 accepted, 0 duplicates, 0 rejected\nproduct a name \"\" in [] at 5 USD\nproduct b name \"\" in []\n" +
				"2026-03-01T10:00:00Z m#1 PURCHASE u1 product=\"a\" currency=\"USD\" quantity=2 amount=10\n2026-03-01T10:00:00Z m#2 PURCHASE u1 product=\"b\"\n"},
		{"quantity of nothing", `"currency":"USD","total":3,"products":[{"product_id":"a","quantity":0},{"product_id":"b","quantity":0}]`,
			"products: 2 accepted, 0 duplicates, 0 rejected\ninteractions: 2 accepted, 0 duplicates, 0 rejected\nproduct a name \"\" in []\nproduct b name \"\" in []\n" +
				"2026-03-01T10:00:00Z m#1 PURCHASE u1 product=\"a\" currency=\"USD\" quantity=0 amount=1.5\n2026-03-01T10:00:00Z m#2 PURCHASE u1 product=\"b\" currency=\"USD\" quantity=0 amount=1.5\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newMemory()
			got := account(load(t, store, Options{}, put(t, "e.ndjson", order("m", c.properties))), store)
			if diff := cmp.Diff(strings.Split(c.want, "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestLargeOrders wants every product of the largest orders kept, with many categories of their own, and larger ones refused.
func TestLargeOrders(t *testing.T) {
	products := func(order, n int) string {
		list := make([]string, n)
		for i := range list {
			id := fmt.Sprintf("%d-%d", order, i)
			list[i] = fmt.Sprintf(`{"product_id":%q,"price":1,"category":"%s > 2 > 3 > 4 > 5 > 6 > 7 > 8 > 9 > 10 > 11 > 12 > 13 > 14 > 15 > 16"}`, id, id)
		}
		return `"currency":"USD","products":[` + strings.Join(list, ",") + "]"
	}
	var text strings.Builder
	for i := range 5 {
		text.WriteString(order(fmt.Sprint("m", i), products(i, maxItems)))
	}
	text.WriteString(order("too many", products(9, maxItems+1)))
	store := newMemory()
	l := load(t, store, Options{}, put(t, "e.ndjson", text.String()))
	if l.err != nil || len(store.rows) != 5*maxItems || l.summary.Kinds[Categories].Accepted != 5*16*maxItems || l.reasons() != "6 too_many" {
		t.Errorf("%v, %d rows, %+v, rejects %s", l.err, len(store.rows), l.summary.Kinds[Categories], l.reasons())
	}
}

// TestPartsKeepEverything wants a batch beyond what the store takes at once split without loss.
func TestPartsKeepEverything(t *testing.T) {
	b := newBatch()
	for i := range 100_001 {
		b.rows.Categories = append(b.rows.Categories, categoryRow(i))
		b.from(Categories, &record{line: int64(i)})
	}
	for i := range 3 {
		row := benchInteraction(i)
		b.rows.Interactions = append(b.rows.Interactions, row)
		b.from(Interactions, &record{line: int64(i)})
	}
	var categories, interactions int
	for part := range parts(b) {
		if part.rows.Len() > 100_000 {
			t.Errorf("a part has %d rows", part.rows.Len())
		}
		if len(part.origins[Categories]) != len(part.rows.Categories) || len(part.origins[Interactions]) != len(part.rows.Interactions) {
			t.Error("a part's rows have lost their places")
		}
		if interactions > 0 {
			t.Error("something follows the interactions")
		}
		categories, interactions = categories+len(part.rows.Categories), interactions+len(part.rows.Interactions)
	}
	if categories != 100_001 || interactions != 3 {
		t.Errorf("%d categories, %d interactions", categories, interactions)
	}
}

// TestDeliveredTwice wants an event that comes again, in one file or another, with an id or without, to count once.
func TestDeliveredTwice(t *testing.T) {
	for name, line := range map[string]string{
		"segment":            `{"type":"track","event":"Product Viewed","messageId":"m1","userId":"u1","timestamp":"2026-03-01T10:00:00Z","properties":{"product_id":"p"}}`,
		"segment without id": `{"type":"track","event":"Product Viewed","userId":"u1","timestamp":"2026-03-01T10:00:00Z","properties":{"product_id":"p"}}`,
		"ga4":                `{"event_name":"view_item","event_timestamp":"1772359200000000","user_id":"u1","items":[{"item_id":"p"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			store := newMemory()
			l := load(t, store, Options{}, folder(t, map[string]string{"a.ndjson": line + "\n" + line + "\n", "b.jsonl": line}))
			if l.err != nil || l.summary.Accepted != 1 || l.summary.Duplicates != 2 || len(store.rows) != 1 {
				t.Errorf("%+v %v", l.summary.Counts, l.err)
			}
		})
	}
}

// ga4Search is a search of GA4 at so many milliseconds.
func ga4Search(event string, millis int, params string) string {
	return fmt.Sprintf(`{"event_name":%q,"event_timestamp":"%d","user_pseudo_id":"v","event_params":[{"key":"search_term","value":{"string_value":"(kayak)"}}%s]}`+"\n",
		event, 1_772_359_200_000_000+int64(millis)*1000, params)
}

// TestSearchToldTwice wants a search that two events tell to be one, also across files and whichever comes first, and its
// count of results kept.
func TestSearchToldTwice(t *testing.T) {
	const count = `,{"key":"results_count","value":{"int_value":"0"}}`
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"in one file", map[string]string{"a.json": ga4Search("search", 0, "") + ga4Search("view_search_results", 2000, count)}, "2026-03-01T10:00:00Z results=0"},
		{"in reverse order", map[string]string{"a.json": ga4Search("view_search_results", 1500, count) + ga4Search("search", 0, "")}, "2026-03-01T10:00:01.5Z results=0"},
		{"across files", map[string]string{"a.json": ga4Search("search", 0, count), "b.json": ga4Search("view_search_results", 1, "")}, "2026-03-01T10:00:00Z results=0"},
		{"too late", map[string]string{"a.json": ga4Search("search", 0, ""), "b.json": ga4Search("view_search_results", 2001, count)},
			"2026-03-01T10:00:00Z results=- 2026-03-01T10:00:02.001Z results=0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store, dir := newMemory(), folder(t, c.files)
			for range 2 {
				if l := load(t, store, Options{}, dir); l.err != nil || l.summary.Rejected > 0 {
					t.Fatal(l.err, l.reasons())
				}
			}
			if got := searchesOf(store); got != c.want {
				t.Errorf("searches = %s, want %s", got, c.want)
			}
		})
	}
}

// searchesOf lists a store's searches by time with their results.
func searchesOf(store *memory) string {
	var list []string
	for line := range strings.Lines(account(&loaded{}, store)) {
		at, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		_, results, known := strings.Cut(rest, "results=")
		if !known {
			results = "-"
		}
		if !strings.Contains(rest, `query="(kayak)"`) {
			return "another query: " + rest
		}
		list = append(list, at+" results="+results)
	}
	return strings.Join(list, " ")
}

// TestGA4Nothing wants what GA4 writes for nothing to be nothing.
func TestGA4Nothing(t *testing.T) {
	text := `{"event_name":"view_item","event_timestamp":1772359200000000,"user_id":"(not set)","user_pseudo_id":"v","items":[{"item_id":"p","item_name":"(none)","item_category":"(not set)","item_category2":"x","price":"(not set)"}],"event_params":[{"key":"currency","value":{"string_value":"(not set)"}},{"key":"campaign","value":{"string_value":"(organic)"}}]}
{"event_name":"view_item_list","event_timestamp":"1772359201000000","user_id":"u","items":[]}
{"event_name":"purchase","event_timestamp":"1772359202000000","user_id":"u","items":null,"ecommerce":{"purchase_revenue":"12.5"},"event_params":[{"key":"currency","value":{"string_value":"USD"}}]}
{"event_name":"view_item","event_timestamp":"0","user_id":"u","items":[{"item_id":"p"}]}
{"event_name":"view_item","event_timestamp":"1772359202000000","user_id":"","user_pseudo_id":null,"items":[{"item_id":"p"}]}
{"event_name":"login","event_timestamp":"1772359202000000","user_id":"u"}
`
	store := newMemory()
	got := account(load(t, store, Options{}, put(t, "e.json", text)), store)
	got = strings.NewReplacer(idsOf(store)...).Replace(got)
	want := `products: 1 accepted, 0 duplicates, 0 rejected
interactions: 3 accepted, 0 duplicates, 2 rejected
ignored 1 login without user_id or user_pseudo_id
line 4 rejected: missing: at: is required
line 5 rejected: missing: customer: is required: the event has neither user_id nor user_pseudo_id
product p name "" in []
2026-03-01T10:00:00Z ID VIEW COOKIE:v product="p" WEB
2026-03-01T10:00:01Z ID VIEW u WEB
2026-03-01T10:00:02Z ID PURCHASE u currency="USD" WEB amount=12.5
`
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// idsOf gives pairs that replace the ids of interactions.
func idsOf(store *memory) []string {
	var pairs []string
	for id := range store.rows {
		pairs = append(pairs, id, "ID")
	}
	return pairs
}
