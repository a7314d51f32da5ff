package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/internal/synth"
)

// deciding is a server of a marketplace, and somebody with a key who decides about its gaps.
type deciding struct {
	t        *testing.T
	folder   string
	key      string // of the admin lin
	url      string
	r        *running
	launched string // since when what closes the planted gap is on sale
	before   string // the evening before
	product  string // what that is
}

const decided = "families/transport-campervan"

func newDeciding(t *testing.T) *deciding {
	t.Helper()
	byProgram(t)
	d := &deciding{t: t, folder: t.TempDir()}
	if _, err := synth.Write(filepath.Join(d.folder, "market"), synth.Options{}); err != nil {
		t.Fatal(err)
	}
	planted, err := synth.Decisions(synth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	last := planted[len(planted)-1]
	d.launched, d.before, d.product = last.At.Format(time.RFC3339), last.At.Add(-time.Hour).Format(time.RFC3339), last.Product
	if _, stderr, code := run(t, d.folder, "load", "market", "--store", "sqlite:market.db", "--zone", synth.Zone); code != 0 {
		t.Fatal(stderr)
	}
	d.key = d.newKey("lin", "admin")
	d.serve("sqlite:market.db")
	return d
}

func (d *deciding) newKey(name, role string) string {
	d.t.Helper()
	out, stderr, code := run(d.t, d.folder, "token", "add", name, "--role", role, "--keys", "keys.json")
	if code != 0 {
		d.t.Fatal(stderr)
	}
	return strings.TrimSpace(out)
}

func (d *deciding) serve(store string) {
	d.t.Helper()
	d.r = start(d.t, d.folder, nil, "serve", "--store", store, "--zone", synth.Zone, "--keys", "keys.json", "--addr", "127.0.0.1:0")
	d.url = d.r.url
}

func (d *deciding) stop() {
	d.t.Helper()
	if code, said := d.r.stop(d.t); code != 0 {
		d.t.Fatalf("it ended with %d: %s", code, said)
	}
}

// send asks with a key.
func (d *deciding) send(key, query string, variables object) *answer {
	d.t.Helper()
	text, err := json.Marshal(object{"query": query, "variables": variables})
	if err != nil {
		d.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.url+"/graphql", strings.NewReader(string(text)))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+key)
	return exchange(d.t, r)
}

// ask asks as lin, who must be answered without errors.
func (d *deciding) ask(query string, variables object) object {
	d.t.Helper()
	a := d.send(d.key, query, variables)
	if len(a.Errors) > 0 {
		d.t.Fatalf("%s: %s", query, a.Text)
	}
	return a.Data
}

const decide = `mutation($gap: ID!, $status: GapStatus!, $product: ID, $note: String, $at: DateTime) { setGapStatus(gap: $gap, status: $status, product: $product, note: $note, at: $at) {
	gap { id status outcome { verdict } } event { id at status productId note by } userErrors { path code message } } }`

const history = `{ gap(segment: "families", category: "transport-campervan") { status history { id at status productId note by } outcome { launchedAt productId verdict weeksBefore weeksAfter rateBefore rateAfter } } }`

// TestActOnAGap takes a gap from the first look to the outcome of what was launched for it, and past the end of the server that heard of it.
func TestActOnAGap(t *testing.T) {
	if testing.Short() {
		t.Skip("loads half a million interactions")
	}
	d := newDeciding(t)
	t.Run("before anybody has decided", func(*testing.T) {
		gap := at(d.ask(history, nil), "gap")
		if at(gap, "status") != "NEW" || len(at(gap, "history").([]any)) != 0 || at(gap, "outcome") != nil {
			t.Errorf("it is %v", gap)
		}
		then := d.ask(`query($at: DateTime) { gap(segment: "families", category: "transport-campervan", asOf: $at) { verdict cause value { low } } }`, object{"at": d.before})
		if gap := at(then, "gap"); at(gap, "verdict") != "DEVELOP" || at(gap, "cause") != "ABSENCE" || at(gap, "value", "low") == nil {
			t.Errorf("before the launch it is %v", gap)
		}
	})
	t.Run("decisions", func(t *testing.T) { d.t = t; d.decide() })
	t.Run("refusals", func(t *testing.T) { d.t = t; d.refusals() })
	t.Run("evidence", func(t *testing.T) { d.t = t; d.evidence() })
	t.Run("ideas", func(t *testing.T) { d.t = t; d.ideas() })
	t.Run("value of customers", func(t *testing.T) { d.t = t; d.customerValues() })
	t.Run("brief", func(t *testing.T) { d.t = t; d.brief() })
	d.t = t
	before := d.ask(history, nil)
	if o := at(before, "gap", "outcome"); at(o, "verdict") != "CLOSING" || at(o, "productId") != d.product || at(o, "weeksAfter") != 13.0 || at(o, "rateAfter").(float64) < 3*at(o, "rateBefore").(float64) {
		t.Errorf("the outcome is %v", o)
	}
	d.stop()
	d.serve("sqlite:market.db")
	if diff := cmp.Diff(before, d.ask(history, nil)); diff != "" {
		t.Errorf("after a restart: %s", diff)
	}
	d.stop()
	if _, stderr, code := run(t, d.folder, "copy", "--from", "sqlite:market.db", "--to", "sqlite:copied.db"); code != 0 {
		t.Fatal(stderr)
	}
	d.serve("sqlite:copied.db")
	if diff := cmp.Diff(before, d.ask(history, nil)); diff != "" {
		t.Errorf("in a copy: %s", diff)
	}
	d.stop()
}

// decide takes the gap to its launch.
func (d *deciding) decide() {
	d.t.Helper()
	for i, step := range []object{
		{"status": "REVIEWING", "note": "Who could offer them? 誰能提供?", "at": "2026-04-26T00:00:00+08:00"},
		{"status": "IN_DEVELOPMENT", "product": d.product, "at": "2026-05-24T00:00:00+08:00"},
		{"status": "LAUNCHED", "product": d.product, "note": "On sale.", "at": d.launched},
	} {
		step["gap"] = decided
		p := at(d.ask(decide, step), "setGapStatus")
		moment, err := time.Parse(time.RFC3339, step["at"].(string))
		if err != nil {
			d.t.Fatal(err)
		}
		want := object{"id": at(p, "event", "id"), "at": moment.UTC().Format(time.RFC3339), "status": step["status"], "productId": step["product"], "note": step["note"], "by": "lin"}
		if diff := cmp.Diff(want, at(p, "event")); diff != "" || len(at(p, "userErrors").([]any)) > 0 {
			d.t.Errorf("%v is recorded as %s", step, diff)
		}
		if at(p, "gap", "id") != decided || at(p, "gap", "status") != step["status"] {
			d.t.Errorf("%v makes of the gap %v", step, at(p, "gap"))
		}
		list, _ := at(d.ask(history, nil), "gap", "history").([]any)
		if len(list) != i+1 || cmp.Diff(want, list[i]) != "" {
			d.t.Errorf("after %v the history is %v", step, list)
		}
	}
	if status := at(d.ask(`{ gap(segment: "everyone", category: "transport-campervan") { status } }`, nil), "gap", "status"); status != "NEW" {
		d.t.Errorf("the gap of everyone is %v", status)
	}
}

// refusals holds what cannot be decided, and by whom.
func (d *deciding) refusals() {
	d.t.Helper()
	before := d.ask(history, nil)
	for _, c := range []struct {
		given object
		path  string
		code  string
	}{
		{object{"gap": "nonsense"}, "gap", "BAD_ID"},
		{object{"gap": "nobody/transport-campervan"}, "gap", "UNKNOWN_SEGMENT"},
		{object{"gap": "families/nothing"}, "gap", "UNKNOWN_CATEGORY"},
		{object{"product": "p-none"}, "product", "UNKNOWN_PRODUCT"},
		{object{"note": strings.Repeat("字", 2_001)}, "note", "TOO_LONG"},
	} {
		given := object{"gap": decided, "status": "DISMISSED"}
		maps.Copy(given, c.given)
		p := at(d.ask(decide, given), "setGapStatus")
		if at(p, "gap") != nil || at(p, "event") != nil || at(p, "userErrors", 0, "code") != c.code || cmp.Diff([]any{c.path}, at(p, "userErrors", 0, "path")) != "" || at(p, "userErrors", 1) != nil {
			d.t.Errorf("%.80v is answered by %v", c.given, p)
		}
	}
	ingest := d.newKey("shop", "ingest")
	eventually(d.t, 10*time.Second, "the new key", func() bool { return d.send(ingest, `{ __typename }`, nil).Status == http.StatusOK })
	for _, query := range []string{decide, `query($p: ProductIdea!) { simulateProduct(product: $p) { notes } }`} {
		a := d.send(ingest, query, object{"gap": decided, "status": "DISMISSED", "p": object{"categories": []any{"transport"}}})
		if a.code() != "FORBIDDEN" || a.Data["setGapStatus"] != nil {
			d.t.Errorf("an ingest key is answered: %s", a.Text)
		}
	}
	if a := d.send("", decide, object{"gap": decided, "status": "DISMISSED"}); a.Status != http.StatusUnauthorized {
		d.t.Errorf("without a key: %d %s", a.Status, a.Text)
	}
	if diff := cmp.Diff(before, d.ask(history, nil)); diff != "" {
		d.t.Errorf("what was refused has changed the history: %s", diff)
	}
}

// evidence pages through the evidence of a gap, and through the customers behind a piece of it.
func (d *deciding) evidence() {
	d.t.Helper()
	const query = `query($first: Int!, $after: String, $n: Int!, $on: String) { gap(segment: "families", category: "stays-family-okinawa") { demand { customers } evidence(first: $first, after: $after) {
		totalCount pageInfo { hasNextPage endCursor } nodes { id kind what customerCount share customers(first: $n, after: $on) { totalCount pageInfo { hasNextPage endCursor } nodes { id } } } } } }`
	whole := at(d.ask(query, object{"first": 60, "n": 500}), "gap", "evidence")
	var parts []any
	for after := any(nil); ; {
		page := at(d.ask(query, object{"first": 4, "after": after, "n": 500}), "gap", "evidence")
		parts = append(parts, at(page, "nodes").([]any)...)
		if at(page, "pageInfo", "hasNextPage") != true {
			break
		}
		after = at(page, "pageInfo", "endCursor")
	}
	if diff := cmp.Diff(at(whole, "nodes"), any(parts)); diff != "" || float64(len(parts)) != at(whole, "totalCount") || len(parts) < 9 {
		d.t.Errorf("in pages there are %d of %v: %s", len(parts), at(whole, "totalCount"), diff)
	}
	for _, piece := range parts {
		if kind := at(piece, "kind"); at(piece, "customerCount").(float64) < 5 && (kind == "FOUND_NOTHING" || kind == "SEARCHED_FOR") {
			d.t.Errorf("what few have typed is told: %v", at(piece, "what"))
		}
		if at(piece, "customers", "totalCount") != at(piece, "customerCount") || float64(len(at(piece, "customers", "nodes").([]any))) != at(piece, "customerCount") {
			d.t.Errorf("%v has %v customers, and leads to %v", at(piece, "id"), at(piece, "customerCount"), at(piece, "customers", "totalCount"))
		}
	}
	var ids []any
	for after := any(nil); ; {
		page := at(d.ask(query, object{"first": 1, "n": 7, "on": after}), "gap", "evidence", "nodes", 0, "customers")
		ids = append(ids, at(page, "nodes").([]any)...)
		if at(page, "pageInfo", "hasNextPage") != true {
			break
		}
		after = at(page, "pageInfo", "endCursor")
	}
	if diff := cmp.Diff(at(whole, "nodes", 0, "customers", "nodes"), any(ids)); diff != "" || len(ids) < 20 {
		d.t.Errorf("the customers of the first piece in pages: %s", diff)
	}
	if a := d.send(d.key, query, object{"first": 4, "after": "x", "n": 1}); a.code() != "INVALID_CURSOR" {
		d.t.Errorf("a cursor that is none: %s", a.Text)
	}
}

// ideas simulates products.
func (d *deciding) ideas() {
	d.t.Helper()
	const query = `query($p: ProductIdea!) { simulateProduct(product: $p) { customers { low mid high } value { low mid high } currency takes { productId buyers of } takenValue notes
		gaps { gap { id } closes why reach customers { mid } value { mid } } } }`
	closing := func(idea object) (s object, ids []string) {
		s, _ = at(d.ask(query, object{"p": idea}), "simulateProduct").(object)
		for _, c := range at(s, "gaps").([]any) {
			if at(c, "closes") == true {
				ids = append(ids, at(c, "gap", "id").(string))
			}
		}
		return s, ids
	}
	one, ids := closing(object{"categories": []any{"stays-family-okinawa"}, "price": "6200", "tags": []any{"family"}})
	if !strings.Contains(fmt.Sprint(ids), "families/stays-family-okinawa") || at(one, "customers", "mid").(float64) <= 0 || at(one, "value", "low") == nil || at(one, "currency") != "TWD" {
		d.t.Errorf("a family hotel on Okinawa closes %v: %v", ids, one)
	}
	many, _ := closing(object{"categories": []any{"stays-family-okinawa"}, "price": "6200", "tags": []any{"family"}, "variants": 12})
	if at(many, "customers", "mid").(float64) <= at(one, "customers", "mid").(float64) {
		d.t.Errorf("twelve hotels serve %v, one %v", at(many, "customers"), at(one, "customers"))
	}
	if s, ids := closing(object{"categories": []any{"tickets-sports"}, "price": "600"}); len(ids) > 0 || at(s, "customers", "mid") != 0.0 || len(at(s, "takes").([]any)) == 0 {
		d.t.Errorf("one more match closes what is sold out, %v: %v", ids, s)
	}
	for path, idea := range map[string]object{
		"product.categories":    {"categories": []any{}},
		"product.categories[1]": {"categories": []any{"stays", "nothing"}},
		"product.price":         {"categories": []any{"stays"}, "price": "0"},
		"product.currency":      {"categories": []any{"stays"}, "price": "10", "currency": "USD"},
		"product.variants":      {"categories": []any{"stays"}, "variants": 101},
	} {
		if a := d.send(d.key, query, object{"p": idea}); a.code() != "INVALID_ARGUMENT" || !strings.HasPrefix(a.Errors[0].Message, path+":") {
			d.t.Errorf("%v: %s", idea, a.Text)
		}
	}
}

// customerValues asks what customers are worth.
func (d *deciding) customerValues() {
	d.t.Helper()
	list := at(d.ask(`{ findCustomers(first: 300) { nodes { id lifecycle rfm { monetary } clv { historic currency expectedPurchases probabilityAlive expectedValue horizonDays model reason } } } }`, nil), "findCustomers", "nodes").([]any)
	buyers := 0
	for _, c := range list {
		clv := at(c, "clv")
		if at(clv, "horizonDays") != 365.0 {
			d.t.Fatalf("%v is valued as %v", c, clv)
		}
		if at(c, "lifecycle") == "PROSPECT" {
			if at(clv, "reason") != "NO_ORDERS" || at(clv, "historic") != nil || at(clv, "expectedValue") != nil || at(clv, "model") != nil {
				d.t.Errorf("%v without an order is valued as %v", at(c, "id"), clv)
			}
			continue
		}
		buyers++
		alive, _ := at(clv, "probabilityAlive").(float64)
		if orders, ok := at(clv, "expectedPurchases").(float64); !ok || orders < 0 || alive <= 0 || alive > 1 || at(clv, "expectedValue") == nil || at(clv, "historic") != at(c, "rfm", "monetary") || at(clv, "reason") != nil {
			d.t.Errorf("%v is valued as %v", at(c, "id"), clv)
		}
	}
	if buyers < 30 {
		d.t.Errorf("of %d customers %d have bought", len(list), buyers)
	}
}

// brief holds that the program prints what the API gives, and what it says of a gap that is none.
func (d *deciding) brief() {
	d.t.Helper()
	want := at(d.ask(`{ gap(segment: "families", category: "stays-family-okinawa") { id asOf brief { title summary markdown sections { heading lines } } } }`, nil), "gap")
	arguments := []string{"gaps", "--store", "sqlite:market.db", "--zone", synth.Zone, "--brief"}
	stdout, stderr, code := run(d.t, d.folder, append(arguments, "families/stays-family-okinawa")...)
	if diff := cmp.Diff(at(want, "brief", "markdown"), any(stdout)); code != 0 || diff != "" {
		d.t.Errorf("%d %s: %s", code, stderr, diff)
	}
	stdout, stderr, code = run(d.t, d.folder, append(arguments, "families/stays-family-okinawa", "--json")...)
	var got object
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != 0 || cmp.Diff(want, any(got)) != "" {
		d.t.Errorf("%d %s, %v: %s", code, stderr, err, cmp.Diff(want, any(got)))
	}
	for _, c := range []struct {
		arguments []string
		code      int
		says      string
	}{
		{[]string{"families"}, 2, "SEGMENT/CATEGORY"},
		{[]string{"families/%zz"}, 2, "SEGMENT/CATEGORY"},
		{[]string{"nobody/stays"}, 1, `there is no segment "nobody"`},
		{[]string{"everyone/nothing"}, 1, `there is no category "nothing"`},
		{[]string{"families/stays", "--csv"}, 2, "excludes --csv"},
		{[]string{"families/stays", "--segment", "families"}, 2, "excludes --segment"},
	} {
		if stdout, stderr, code := run(d.t, d.folder, append(arguments, c.arguments...)...); code != c.code || stdout != "" || !strings.Contains(stderr, c.says) {
			d.t.Errorf("%v: %d: %s%s", c.arguments, code, stdout, stderr)
		}
	}
}
