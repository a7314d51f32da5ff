package bulk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
	"lacuna/loader/bulk"
)

// call is a line of the Segment spec at a minute of an hour.
func call(minute int, members string) string {
	return fmt.Sprintf(`{"messageId":"m%d","timestamp":"2026-03-01T10:%02d:00Z",%s}`+"\n", minute, minute, members)
}

// TestWhoIsWho states who visitors and customers are in the end, whatever the order in which a log tells it.
func TestWhoIsWho(t *testing.T) {
	const view = `"type":"track","event":"Product Viewed","properties":{"product_id":"p"}`
	for _, c := range []struct {
		name  string
		lines []string
		want  map[string]int64 // interactions by the customer's id, or by "cookie:" and a visitor's
		left  string           // codes of rejects
	}{
		{"identified, then another device", []string{
			call(1, view+`,"anonymousId":"a1"`), call(2, `"type":"identify","userId":"u1","anonymousId":"a1"`), call(3, view+`,"anonymousId":"a1"`), call(4, view+`,"anonymousId":"a2"`),
		}, map[string]int64{"u1": 2, "cookie:a2": 1}, ""},
		{"told in reverse", []string{
			call(4, view+`,"anonymousId":"a2"`), call(3, view+`,"anonymousId":"a1"`), call(2, `"type":"identify","userId":"u1","anonymousId":"a1"`), call(1, view+`,"anonymousId":"a1"`),
		}, map[string]int64{"u1": 2, "cookie:a2": 1}, ""},
		{"both devices identify", []string{
			call(1, view+`,"anonymousId":"a1"`), call(2, view+`,"anonymousId":"a2"`), call(3, `"type":"identify","userId":"u1","anonymousId":"a1"`), call(4, `"type":"identify","userId":"u1","anonymousId":"a2"`),
		}, map[string]int64{"u1": 2}, ""},
		{"two aliases of one", []string{
			call(1, view+`,"anonymousId":"a1"`), call(2, `"type":"alias","userId":"u1","previousId":"a1"`), call(3, `"type":"alias","userId":"u1","previousId":"a2"`), call(4, view+`,"anonymousId":"a2"`),
		}, map[string]int64{"u1": 2}, ""},
		{"an alias of a customer is not followed", []string{
			call(1, view+`,"anonymousId":"a1"`), call(2, `"type":"alias","userId":"u1","previousId":"a1"`), call(3, `"type":"alias","userId":"u2","previousId":"u1"`), call(4, view+`,"userId":"u2"`),
		}, map[string]int64{"u1": 1, "u2": 1}, ""},
		{"an id that is the address", []string{
			call(1, `"type":"identify","userId":"mei@example.com","traits":{"email":"Mei@Example.com"}`), call(2, view+`,"userId":"mei@example.com"`),
		}, map[string]int64{"mei@example.com": 1}, ""},
		{"an address of two", []string{
			call(1, `"type":"identify","userId":"u1","traits":{"email":"mei@example.com"}`), call(2, `"type":"identify","userId":"u2","traits":{"email":"mei@example.com"}`), call(3, view+`,"userId":"u2"`),
		}, map[string]int64{"u1": 0, "u2": 1}, "identity_taken"},
		{"a visitor of two", []string{
			call(1, view+`,"anonymousId":"a1"`), call(2, `"type":"identify","userId":"u1","anonymousId":"a1"`), call(3, `"type":"identify","userId":"u2","anonymousId":"a1"`), call(4, view+`,"userId":"u2","anonymousId":"a1"`),
		}, map[string]int64{"u1": 1, "u2": 1}, "identity_taken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := openSQLite(t)
			path := writeFile(t, "events.ndjson", strings.Join(c.lines, ""))
			for i := range 2 {
				s, err := bulk.Load(t.Context(), store, []string{path}, bulk.Options{Layout: bulk.SegmentSpec})
				if err != nil || i == 1 && s.Accepted > 0 {
					t.Fatalf("load %d: %+v %v", i+1, s.Counts, err)
				}
				codes := make([]string, 0, 1)
				for code := range s.Reasons {
					codes = append(codes, string(code))
				}
				if got := strings.Join(codes, " "); got != c.left {
					t.Errorf("load %d: rejects %q, want %q", i+1, got, c.left)
				}
			}
			got := map[string]int64{}
			for who := range c.want {
				ref := graph.ByID(who)
				if visitor, ok := strings.CutPrefix(who, "cookie:"); ok {
					ref = graph.ByIdentity(graph.Identity{Kind: graph.Cookie, Value: visitor})
				}
				found, err := store.Customers(t.Context(), []graph.CustomerRef{ref})
				if err != nil || found[ref] == nil {
					t.Fatalf("%s: %v", who, err)
				}
				n, err := store.CountInteractions(t.Context(), []graph.InteractionQuery{{Customer: found[ref].ID}})
				if err != nil {
					t.Fatal(err)
				}
				got[who] = n[0]
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
