package bulk_test

import (
	"os"
	"path/filepath"
	"testing"

	"lacuna/graph"
	"lacuna/loader/bulk"
)

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestEventsUniteVisitors loads events of a visitor who later says who they are, and finds all of them with one customer.
func TestEventsUniteVisitors(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"segment", `{"type":"track","event":"Product Viewed","messageId":"m1","anonymousId":"a1","timestamp":"2026-03-01T10:00:00Z","properties":{"product_id":"p1","category":"Tours","price":5,"currency":"USD"}}
{"type":"identify","messageId":"m2","userId":"u1","anonymousId":"a1","timestamp":"2026-03-01T10:01:00Z","traits":{"email":"mei@example.com"}}
{"type":"track","event":"Product Clicked","messageId":"m3","anonymousId":"a2","timestamp":"2026-03-01T10:02:00Z","properties":{"product_id":"p1","category":"Cruises","name":"Taroko"}}
{"type":"alias","messageId":"m4","userId":"u1","previousId":"a2","timestamp":"2026-03-01T10:03:00Z"}
{"type":"track","event":"Order Completed","messageId":"m5","userId":"u1","timestamp":"2026-03-01T10:04:00Z","properties":{"currency":"USD","products":[{"product_id":"p1","price":5}]}}
`},
		{"ga4", `{"event_name":"view_item","event_timestamp":"1772359200000000","user_pseudo_id":"a1","platform":"WEB","items":[{"item_id":"p1","item_category":"Tours","price":5}],"event_params":[{"key":"currency","value":{"string_value":"USD"}}]}
{"event_name":"select_item","event_timestamp":"1772359201000000","user_pseudo_id":"a2","platform":"WEB","items":[{"item_id":"p1","item_name":"Taroko","item_category":"Cruises"}]}
{"event_name":"login","event_timestamp":"1772359202000000","user_id":"u1","user_pseudo_id":"a1","platform":"WEB"}
{"event_name":"sign_up","event_timestamp":"1772359203000000","user_id":"u1","user_pseudo_id":"a2","platform":"WEB"}
{"event_name":"purchase","event_timestamp":"1772359204000000","user_id":"u1","user_pseudo_id":"a1","platform":"WEB","items":[{"item_id":"p1","price":5}],"event_params":[{"key":"currency","value":{"string_value":"USD"}}]}
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := openSQLite(t)
			path := writeFile(t, "events.ndjson", c.text)
			for i := range 2 {
				s, err := bulk.Load(t.Context(), store, []string{path}, bulk.Options{Layout: bulk.Layout(c.name)})
				if err != nil || s.Rejected != 0 || s.Rows() != 5 || (s.Accepted == 0) != (i == 1) {
					t.Fatalf("load %d: %+v %+v %v", i+1, s.Counts, s.Reasons, err)
				}
			}
			ref := graph.ByIdentity(graph.Identity{Kind: graph.Cookie, Value: "a2"})
			found, err := store.Customers(t.Context(), []graph.CustomerRef{ref})
			if err != nil || found[ref] == nil || found[ref].ID != "u1" {
				t.Fatalf("customer = %+v, %v", found[ref], err)
			}
			pages, err := store.Interactions(t.Context(), []graph.InteractionQuery{{Customer: "u1", First: 10}})
			if err != nil || len(pages[0].Interactions) != 3 {
				t.Errorf("%d interactions, %v", len(pages[0].Interactions), err)
			}
			products, err := store.Products(t.Context(), []string{"p1"})
			if p := products["p1"]; err != nil || p.Name != "Taroko" || len(p.Categories) != 1 || p.Categories[0] != "Tours" || p.Price.Value != 5*graph.DecimalScale {
				t.Errorf("product = %+v, %v", p, err)
			}
		})
	}
}

// TestEventsKeepACatalog wants a catalog of one's own to stand, whatever events say of its products, and to gain no
// categories that only they name.
func TestEventsKeepACatalog(t *testing.T) {
	store := openSQLite(t)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"categories.csv": "id,name\nc1,Boats\n", "products.csv": "id,name,categories,price,currency\np1,Kayak,c1,9,TWD\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := bulk.Load(t.Context(), store, []string{dir}, bulk.Options{}); err != nil {
		t.Fatal(err)
	}
	path := writeFile(t, "events.jsonl", `{"type":"track","event":"Product Viewed","messageId":"m1","userId":"u1","timestamp":"2026-03-01T10:00:00Z","properties":{"product_id":"p1","name":"Other","category":"Tours > Water","price":5,"currency":"USD"}}`)
	s, err := bulk.Load(t.Context(), store, []string{path}, bulk.Options{})
	if err != nil || s.Accepted != 1 || s.Kinds[bulk.Products].Duplicates != 1 {
		t.Fatalf("%+v %v", s, err)
	}
	products, err := store.Products(t.Context(), []string{"p1"})
	if p := products["p1"]; err != nil || p.Name != "Kayak" || p.Categories[0] != "c1" || p.Currency != "TWD" {
		t.Errorf("product = %+v, %v", p, err)
	}
	tree, err := store.Categories(t.Context())
	if err != nil || tree.Len() != 1 {
		t.Errorf("%d categories, %v", tree.Len(), err)
	}
}
