package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// demoGap is what of a gap the demo is held to.
type demoGap struct {
	Segment, Category struct{ ID string }
	Verdict, Cause    string
	CauseDetail       *struct {
		PriceBand *struct{ Low, High float64 }
	}
	Demand struct{ Customers int }
	Growth struct {
		Rate        *float64
		Significant bool
	}
}

// missesTheMiddle tells whether it says that there is nothing between cheap rides and dear ones.
func (g *demoGap) missesTheMiddle() bool {
	d := g.CauseDetail
	return d != nil && d.PriceBand != nil && d.PriceBand.Low > 1_100 && d.PriceBand.High < 2_900
}

// demoGaps loads the demo as anybody would, and gives all cells by segment and category, the folder of its files, and its store.
func demoGaps(t *testing.T) (cells map[[2]string]*demoGap, files, store string) {
	t.Helper()
	dir := t.TempDir()
	files, store = filepath.Join(dir, "market"), "sqlite:"+filepath.Join(dir, "market.db")
	var out, errs bytes.Buffer
	for _, line := range [][]string{
		{"demo", "--files", files}, {"load", files, "--store", store, "--zone", "Asia/Taipei"},
		{"gaps", "--store", store, "--zone", "Asia/Taipei", "--json", "--first", "0", "--level", "ALL", "--verdict", "DEVELOP", "--verdict", "RESTOCK",
			"--verdict", "FIX_FINDABILITY", "--verdict", "SERVED", "--verdict", "WATCH"},
	} {
		out.Reset()
		if code := run(t.Context(), line, &out, &errs); code != exitOK {
			t.Fatalf("%v exits with %d: %s%s", line, code, &out, &errs)
		}
	}
	var list []*demoGap
	if err := json.Unmarshal(out.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	cells = map[[2]string]*demoGap{}
	for _, gap := range list {
		cells[[2]string{gap.Segment.ID, gap.Category.ID}] = gap
	}
	return cells, files, store
}

// What was put into the demo's marketplace to be found is found, with the verdict and cause that it has; what only looks like something is not reported.
func TestDemoShowsItsGaps(t *testing.T) {
	if testing.Short() {
		t.Skip("loads half a million interactions")
	}
	cells, files, store := demoGaps(t)
	for _, planted := range []struct{ segment, category, verdict, cause string }{
		{"families", "stays-family-okinawa", "DEVELOP", "ABSENCE"},
		{"japan-families", "stays-family-okinawa", "DEVELOP", "ABSENCE"},
		{"japan-travellers", "japan-shikoku", "DEVELOP", "ABSENCE"},
		{"everyone", "tours-cycling", "DEVELOP", "PRICE_BAND"},
		{"everyone", "tickets-sports", "RESTOCK", "STOCK_OUT"},
		{"everyone", "activities-forest", "FIX_FINDABILITY", "FINDABILITY"},
		{"families", "transport-campervan", "SERVED", ""}, // what it lacked was launched
		{"everyone", "stays-camping", "SERVED", ""},       // one customer's fad
		{"everyone", "taiwan-yilan", "SERVED", ""},        // where it is
		{"everyone", "activities-foliage", "SERVED", ""},  // a wave of each autumn
	} {
		gap := cells[[2]string{planted.segment, planted.category}]
		if gap == nil {
			t.Fatalf("there is no cell of %s and %s", planted.segment, planted.category)
		}
		if gap.Verdict != planted.verdict || gap.Cause != planted.cause || gap.Demand.Customers < 60 {
			t.Errorf("%+v with %d customers is %s by %s", planted, gap.Demand.Customers, gap.Verdict, gap.Cause)
		}
		if planted.cause == "PRICE_BAND" && !gap.missesTheMiddle() {
			t.Errorf("the band that is missing is not named: %+v", gap.CauseDetail)
		}
	}
	for cell, gap := range cells {
		if gap.Growth.Significant {
			t.Errorf("%v is said to grow by %v", cell, *gap.Growth.Rate)
		}
	}
	demoDecoys(t, files)
	demoInReadme(t, store)
}

// demoInReadme holds that what the README shows of the marketplace is what the program prints, but for what is left out.
func demoInReadme(t *testing.T, store string) {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const shown = "$ bin/lacuna gaps --store sqlite:market.db --zone Asia/Taipei"
	parts := strings.Split(string(text), shown)[1:]
	if len(parts) != 2 {
		t.Fatalf("the README shows gaps %d times", len(parts))
	}
	for _, part := range parts {
		arguments, said, _ := strings.Cut(part, "\n")
		said, _, _ = strings.Cut(said, "```")
		var out, errs bytes.Buffer
		line := append([]string{"gaps", "--store", store, "--zone", "Asia/Taipei"}, strings.Fields(arguments)...)
		if code := run(t.Context(), line, &out, &errs); code != exitOK {
			t.Fatalf("%v exits with %d: %s", line, code, &errs)
		}
		printed := strings.Split(out.String(), "\n")
		for want := range strings.SplitSeq(said, "\n") {
			at := slices.Index(printed, want)
			switch {
			case want == "" || want == "…":
			case at < 0:
				t.Errorf("the README shows %q, which is not printed, or in another order", want)
			default:
				printed = printed[at+1:]
			}
		}
	}
}

// demoDecoys holds that the fad and the wave are there to mislead: by raw numbers one grows since last year, the other since last quarter.
func demoDecoys(t *testing.T, files string) {
	t.Helper()
	product, rows := map[string]string{}, rowsOf(t, filepath.Join(files, "products.csv"))
	for _, row := range rows[1:] {
		product[row[0]] = row[2]
	}
	rows = rowsOf(t, filepath.Join(files, "interactions.csv"))
	at, things := slices.Index(rows[0], "at"), []int{slices.Index(rows[0], "product"), slices.Index(rows[0], "category")}
	count := func(category, from, to string) (n int) {
		for _, row := range rows[1:] {
			if row[at] >= from && row[at] < to && (row[things[1]] == category || slices.Contains(strings.Split(product[row[things[0]]], "|"), category)) {
				n++
			}
		}
		return n
	}
	if now, before := count("stays-camping", "2026-08-02", "2026-11-01"), count("stays-camping", "2025-08-03", "2025-11-02"); now < 2*before {
		t.Errorf("the fad makes %d interactions of %d", now, before)
	}
	if now, before := count("activities-foliage", "2026-08-02", "2026-11-01"), count("activities-foliage", "2026-05-03", "2026-08-02"); now < 4*before {
		t.Errorf("the wave makes %d interactions of %d", now, before)
	}
}

func rowsOf(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
