package synth

import (
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// small is a marketplace that is made in a moment.
var small = Options{Seed: 7, Customers: 400}

// files are those that are written.
var files = []string{"categories.csv", "products.csv", "customers.csv", "segments.ndjson", "interactions.csv"}

func hash(t *testing.T, o Options) (sum string, c Counts) {
	t.Helper()
	dir := t.TempDir()
	c, err := Write(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for _, name := range files {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		h.Write(content)
	}
	return fmt.Sprintf("%x", h.Sum(nil)), c
}

// TestSameOptionsSameFiles holds that a seed gives the same bytes, on one processor and on many, and another seed others.
func TestSameOptionsSameFiles(t *testing.T) {
	first, counts := hash(t, small)
	before := runtime.GOMAXPROCS(1)
	again, _ := hash(t, small)
	runtime.GOMAXPROCS(before)
	if first != again {
		t.Error("the same options give other files")
	}
	other := small
	other.Seed++
	if sum, _ := hash(t, other); sum == first {
		t.Error("another seed gives the same files")
	}
	if counts.Customers != small.Customers || counts.Products < 1_400 || counts.Products > 1_800 || counts.Categories < 60 || counts.Categories > 110 {
		t.Errorf("made %+v", counts)
	}
	if _, err := Write(t.TempDir(), Options{Customers: 3}); err == nil {
		t.Error("three customers are enough")
	}
}

// market is what was written, read again.
type market struct {
	rows map[string][]map[string]string
}

func (m *market) file(t *testing.T, dir, name string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, name+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range rows[1:] {
		row := map[string]string{}
		for i, column := range rows[0] {
			row[column] = cells[i]
		}
		m.rows[name] = append(m.rows[name], row)
	}
}

func read(t *testing.T, o Options) *market {
	t.Helper()
	dir := t.TempDir()
	if _, err := Write(dir, o); err != nil {
		t.Fatal(err)
	}
	m := &market{rows: map[string][]map[string]string{}}
	for _, name := range []string{"categories", "products", "customers", "interactions"} {
		m.file(t, dir, name)
	}
	return m
}

func day(t *testing.T, text string) time.Time {
	t.Helper()
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, time.FixedZone("", 8*3600)); err == nil {
			return at
		}
	}
	if text != "" {
		t.Fatalf("%q is no time", text)
	}
	return time.Time{}
}

func whole(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPlausible holds what must be true of every row.
func TestPlausible(t *testing.T) {
	m := read(t, small)
	t.Run("catalog", func(t *testing.T) { plausibleCatalog(t, m) })
	t.Run("people", func(t *testing.T) { plausiblePeople(t, m) })
	t.Run("interactions", func(t *testing.T) { plausibleInteractions(t, m) })
}

func plausibleCatalog(t *testing.T, m *market) {
	known, depth := map[string]int{"": 0}, 0
	for _, c := range m.rows["categories"] {
		above, ok := known[c["parent"]]
		if !ok || c["name"] == "" || strings.IndexFunc(c["name_zh"], func(r rune) bool { return r >= 0x3000 }) < 0 {
			t.Errorf("category %v", c)
		}
		known[c["id"]] = above + 1
		depth = max(depth, above+1)
	}
	if depth != 3 {
		t.Errorf("the tree has %d levels", depth)
	}
	names, retired := map[string]bool{}, 0
	for _, p := range m.rows["products"] {
		filed := strings.Split(p["categories"], "|")
		if len(filed) != 2 || known[filed[0]] == 0 || known[filed[1]] == 0 || whole(t, p["price"]) < 10 || p["currency"] != Currency || p["tags"] == "" {
			t.Errorf("product %v", p)
		}
		if names[p["name"]] || strings.ContainsAny(p["name"], "{}") {
			t.Errorf("product %s stands twice, or was not filled in", p["name"])
		}
		names[p["name"]] = true
		if p["retired_at"] != "" {
			retired++
			if !day(t, p["retired_at"]).After(day(t, p["launched_at"])) || p["in_stock"] == "true" {
				t.Errorf("product %v", p)
			}
		}
	}
	if retired == 0 || retired > len(m.rows["products"])/5 {
		t.Errorf("%d products are retired", retired)
	}
}

func plausiblePeople(t *testing.T, m *market) {
	households, rows := map[string]map[string]bool{}, map[string]int{}
	kinds, consents, told := map[string]int{}, map[string]int{}, map[string]int{}
	children, created := map[string]string{}, map[string]time.Time{}
	for _, c := range m.rows["customers"] {
		if c["created_at"] != "" {
			created[c["id"]] = day(t, c["created_at"])
		}
	}
	end := time.Date(2026, 11, 1, 0, 0, 0, 0, time.FixedZone("", 8*3600))
	for _, c := range m.rows["customers"] {
		rows[c["id"]]++
		if by := c["referred_by"]; by != "" && !created[by].Before(created[c["id"]]) {
			t.Errorf("%s was referred by %s, who came later", c["id"], by)
		}
		if !day(t, c["updated_at"]).Before(end) || c["attr.birth_year"] != "" && whole(t, c["attr.birth_year"]) > 2008 {
			t.Errorf("%s was observed at %s, born %s", c["id"], c["updated_at"], c["attr.birth_year"])
		}
		for identity := range strings.SplitSeq(c["identities"], "|") {
			kind, value, _ := strings.Cut(strings.TrimSuffix(identity, ";verified"), ":")
			kinds[kind]++
			if kind == "EMAIL" && !strings.HasSuffix(value, "@example.com") || kind == "PHONE" && !strings.HasPrefix(value, "+886910") {
				t.Errorf("identity %s could be somebody's", identity)
			}
		}
		for consent := range strings.SplitSeq(c["consents"], "|") {
			consents[consent]++
		}
		for _, a := range []string{"attr.city", "attr.birth_year", "attr.children", "attr.member_tier"} {
			if c[a] != "" {
				told[a]++
			}
		}
		if h := c["household"]; h != "" {
			if households[h] == nil {
				households[h] = map[string]bool{}
			}
			households[h][c["id"]] = true
			if n := c["attr.children"]; n != "" && children[h] != "" && children[h] != n {
				t.Errorf("household %s has %s and %s children", h, n, children[h])
			} else if n != "" {
				children[h] = n
			}
		}
	}
	shared := 0
	for _, members := range households {
		if len(members) > 1 {
			shared++
		}
	}
	if shared < 10 || rows["c001"] != 2 || len(rows) != small.Customers {
		t.Errorf("%d shared households, %d rows of the guide, %d customers", shared, rows["c001"], len(rows))
	}
	for _, kind := range []string{"EMAIL", "PHONE", "LINE", "LOYALTY_CARD", "DEVICE", "COOKIE"} {
		if kinds[kind] == 0 || kinds[kind] > small.Customers {
			t.Errorf("%d of kind %s", kinds[kind], kind)
		}
	}
	for _, consent := range []string{"MARKETING:GRANTED", "MARKETING:DENIED", "ANALYTICS:GRANTED", "ANALYTICS:DENIED"} {
		if consents[consent] == 0 {
			t.Errorf("nobody says %s", consent)
		}
	}
	for a, n := range told {
		if n == len(m.rows["customers"]) {
			t.Errorf("%s is known of everybody", a)
		}
	}
}

func plausibleInteractions(t *testing.T, m *market) {
	products, customers, categories := map[string]map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, p := range m.rows["products"] {
		products[p["id"]] = p
	}
	for _, c := range m.rows["categories"] {
		categories[c["id"]] = true
	}
	for _, c := range m.rows["customers"] {
		customers[c["id"]] = true
		for identity := range strings.SplitSeq(c["identities"], "|") {
			customers[strings.TrimSuffix(identity, ";verified")] = true
		}
	}
	types, channels, seen := map[string]int{}, map[string]int{}, map[string]bool{}
	zero, unavailable, byIdentity := 0, 0, 0
	begin, end := time.Date(2024, 11, 3, 0, 0, 0, 0, time.FixedZone("", 8*3600)), time.Date(2026, 11, 1, 0, 0, 0, 0, time.FixedZone("", 8*3600))
	last := begin
	for _, i := range m.rows["interactions"] {
		at := day(t, i["at"])
		types[i["type"]]++
		channels[i["channel"]]++
		if at.Before(last) || !at.Before(end) || seen[i["id"]] {
			t.Fatalf("interaction %v is out of order, beyond the end, or there twice", i)
		}
		last, seen[i["id"]] = at, true
		if !customers[i["customer"]] && !strings.HasPrefix(i["customer"], "COOKIE:ck.visitor.") || i["category"] != "" && !categories[i["category"]] {
			t.Fatalf("interaction %v refers to nobody, or to no category", i)
		}
		if strings.Contains(i["customer"], ":") {
			byIdentity++
		}
		if i["type"] == "SEARCH" {
			if i["query"] == "" || i["attr.party"] == "" || i["attr.destination"] == "" || !day(t, i["attr.depart"]).AddDate(0, 0, 1).After(at) {
				t.Errorf("search %v", i)
			}
			if i["results"] == "0" {
				zero++
			}
		}
		if i["available"] == "false" {
			unavailable++
		}
		p := products[i["product"]]
		if i["product"] == "" {
			continue
		}
		if p == nil {
			t.Fatalf("interaction %v is about no product", i)
		}
		plausibleProduct(t, i, p, at)
	}
	n := len(m.rows["interactions"])
	if zero < types["SEARCH"]/50 || zero > types["SEARCH"]/4 || unavailable == 0 || byIdentity < n/50 || n < 30*small.Customers || n > 80*small.Customers {
		t.Errorf("of %d interactions and %d searches, %d found nothing, %d were not available, %d by identity", n, types["SEARCH"], zero, unavailable, byIdentity)
	}
	if len(types) != 15 || len(channels) != 9 {
		t.Errorf("types %v, channels %v", types, channels)
	}
}

// plausibleProduct holds that what was done with a product was possible then.
func plausibleProduct(t *testing.T, i, p map[string]string, at time.Time) {
	t.Helper()
	if at.Before(day(t, p["launched_at"])) || p["retired_at"] != "" && !at.Before(day(t, p["retired_at"])) {
		t.Errorf("%v is about a product sold from %s to %s", i, p["launched_at"], p["retired_at"])
	}
	switch i["type"] {
	case "PURCHASE", "RETURN":
		full := float64(whole(t, p["price"]) * whole(t, i["quantity"]))
		if amount := float64(whole(t, i["amount"])); amount > full || amount < .895*full || i["currency"] != Currency {
			t.Errorf("%v for a price of %s", i, p["price"])
		}
	case "REVIEW":
		if r := whole(t, i["rating"]); r < 1 || r > 5 {
			t.Errorf("%v", i)
		}
	}
}

// TestGuide holds what texts say of Mei Chen.
func TestGuide(t *testing.T) {
	m := read(t, Options{Seed: DefaultSeed, Customers: 30})
	hers := map[string]int{}
	in := 0
	for _, i := range m.rows["interactions"] {
		switch i["customer"] {
		case guideID, guideEmail, guidePhone, guideCard, guideAd:
			hers[i["type"]]++
			if i["type"] == "SEARCH" && i["category"] == "stays-family-okinawa" && i["attr.destination"] == "japan-okinawa" && i["at"][:7] == "2026-10" {
				if in++; i["results"] != "0" {
					t.Errorf("she finds something: %v", i)
				}
			}
		}
	}
	for _, kind := range []string{"SEARCH", "PURCHASE", "RETURN", "REVIEW", "SUPPORT", "SHARE", "CAMPAIGN_OPENED", "WISHLIST", "CHECKOUT"} {
		if hers[kind] == 0 {
			t.Errorf("she has no %s", kind)
		}
	}
	if in != 3 || hers["PURCHASE"] != 5 {
		t.Errorf("%d searches in October, %v", in, hers)
	}
	if c := m.rows["customers"]; c[0]["attr.city"] != "Tainan" || c[1]["id"] != guideID || c[1]["attr.city"] != "Taipei" || c[0]["attr.member_tier"] == "" {
		t.Errorf("she is %v and %v", c[0], c[1])
	}
}

// TestGamma compares the draws with the distribution's mean and variance.
func TestGamma(t *testing.T) {
	for _, shape := range []float64{.7, 1, 4} {
		s := newStream(1, "test", int(10*shape))
		const n = 200_000
		sum, squares := 0.0, 0.0
		for range n {
			x := s.gamma(shape)
			sum += x
			squares += x * x
		}
		mean := sum / n
		if variance := squares/n - mean*mean; mean < .98 || mean > 1.02 || variance < .95/shape || variance > 1.05/shape {
			t.Errorf("shape %v: mean %v, variance %v", shape, mean, variance)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	made := 0
	for b.Loop() {
		c, err := Write(b.TempDir(), Options{Seed: DefaultSeed})
		if err != nil {
			b.Fatal(err)
		}
		made += c.Interactions
	}
	b.ReportMetric(float64(made)/b.Elapsed().Seconds(), "interactions/s")
}
