package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/internal/doctor"
)

// examine runs doctor and gives its report and exit code.
func examine(t *testing.T, folder string, arguments ...string) (doctor.Report, int) {
	t.Helper()
	out, errors, code := run(t, folder, append([]string{"doctor", "--json"}, arguments...)...)
	var report doctor.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v: %s %s", err, out, errors)
	}
	return report, code
}

// found gives the counts of what was found, by check and severity.
func found(r doctor.Report) map[string]int64 {
	counts := map[string]int64{}
	for _, f := range r.Findings {
		counts[fmt.Sprint(f.Check, " ", f.Severity)] = f.Count
	}
	return counts
}

// sickFiles writes files with some of everything that doctor looks for.
func sickFiles(t *testing.T, folder string) {
	t.Helper()
	write(t, folder, "categories.csv", "id,name\njapan,Japan\n")
	write(t, folder, "products.csv", "id,name,categories,launched_at,retired_at\np,Pass,japan,2026-03-01,2026-04-01\nq,Card,,,\n")
	people := "id,name,identities\nc1,A,EMAIL:noreply@shop.example\nc2,B,PHONE:0900000000|EMAIL:b@x.tw\nc3,C,EMAIL:c@x.tw\n"
	for i := range 5 {
		people += fmt.Sprintf("d%d,D,EMAIL:noreply@shop.example\n", i)
	}
	people += "c9,E," + "EMAIL:e1@x.tw"
	for i := range 21 {
		people += fmt.Sprintf("|EMAIL:staff%d@x.tw", i)
	}
	write(t, folder, "customers.csv", people+"\n")
	var rows strings.Builder
	rows.WriteString("id,type,at,customer,product,category,query,results,amount,currency,source\n")
	n := 0
	row := func(kind, at, product, category, query, results, amount, currency, source string) {
		n++
		fmt.Fprintf(&rows, "i%d,%s,%s,c%d,%s,%s,%s,%s,%s,%s,%s\n", n, kind, at, 1+n%3, product, category, query, results, amount, currency, source)
	}
	const noon = "2026-03-10T12:00:00+08:00"
	row("VIEW", noon, "", "", "", "", "", "", "web")
	row("SEARCH", noon, "", "japan", "okinawa", "", "", "", "web")
	row("SEARCH", noon, "", "", "", "0", "", "", "web")
	row("PURCHASE", noon, "p", "", "", "", "", "", "web")
	row("PURCHASE", noon, "p", "", "", "", "100", "TWD", "web")
	row("PURCHASE", noon, "p", "", "", "", "3", "USD", "web")
	row("PURCHASE", "2026-02-01T12:00:00+08:00", "p", "", "", "", "100", "TWD", "web")
	row("PURCHASE", "2026-04-03T12:00:00+08:00", "p", "", "", "", "100", "TWD", "web")
	row("VIEW", noon, "q", "", "", "", "", "", "web")
	row("VIEW", "2031-01-01T00:00:00Z", "p", "", "", "", "", "", "web")
	row("VIEW", "1970-01-01T00:00:00Z", "p", "", "", "", "", "", "web")
	for i := range 600 { // an office in Taipei whose times are written without the offset of eight hours
		at := time.Date(2026, 3, 1+i%28, 9+i%10, i%60, 1, 0, time.UTC)
		row("VIEW", at.Format(time.RFC3339), "p", "", "", "", "", "", "shifted")
		row("VIEW", at.Add(-8*time.Hour).Format(time.RFC3339), "p", "", "", "", "", "", "right")
		row("VIEW", at.Format(time.DateOnly), "p", "", "", "", "", "", "dates")
	}
	write(t, folder, "interactions.csv", rows.String())
	write(t, folder, "events.ndjson", `{"type":"track","event":"Page Scrolled","messageId":"m1","userId":"c1","timestamp":"2026-03-10T04:00:00Z"}
{"type":"track","event":"Page Scrolled","messageId":"m2","userId":"c1","timestamp":"2026-03-10T04:00:00Z"}
{"type":"track","event":"Trial Started","messageId":"m3","userId":"c1","timestamp":"2026-03-10T04:00:00Z"}
`)
}

// TestDoctor makes a store sick on purpose and holds that everything is found, with its remedy and without the identities.
func TestDoctor(t *testing.T) {
	t.Parallel()
	folder, files := t.TempDir(), t.TempDir()
	sickFiles(t, files)
	if out, errors, code := run(t, folder, "load", files, filepath.Join(files, "events.ndjson")); code != 3 {
		t.Fatalf("load: exit %d: %s%s", code, out, errors)
	}
	report, code := examine(t, folder, "--zone", "Asia/Taipei")
	if code != 3 || report.Worst != doctor.Warning || report.Stored == nil || report.Stored.Customers != 4 || report.Stored.Interactions != 1811 {
		t.Errorf("exit %d: %+v", code, report)
	}
	if diff := cmp.Diff(map[string]int64{
		"subject NOTE": 1, "filed NOTE": 1, "results WARNING": 1, "sought WARNING": 1, "future NOTE": 1, "past NOTE": 1, "clock WARNING": 600,
		"amounts WARNING": 1, "money WARNING": 1, "sale WARNING": 2, "shared WARNING": 1, "junk WARNING": 1, "unread NOTE": 3,
	}, found(report)); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	text, _, code := run(t, folder, "doctor", "--zone", "Asia/Taipei")
	for _, want := range []string{
		`source "dates" are at midnight in UTC`, `source "shifted" is quiet around`, "TWD: 3", "USD: 1", `EMAIL "noreply@shop.example" of customer c1: claimed by 5 others`,
		"2 × Page Scrolled", "1 × Trial Started", "customer c9: 22 of one kind", "Nothing found by: store, schema, write, disk, empty\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	if code != 3 || strings.Contains(text, `source "right"`) || strings.Contains(text, "staff1") || strings.Contains(text, "okinawa") {
		t.Errorf("exit %d: %s", code, text)
	}
	for _, f := range report.Findings {
		if f.Remedy == "" || f.Message == "" || len(f.Examples) > 10 {
			t.Errorf("finding %+v", f)
		}
	}
}

// TestDoctorOfHealth holds that nothing is found where nothing is wrong, and that nothing is changed.
func TestDoctorOfHealth(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, "customers.csv", "id,name,identities\nc1,Mei,EMAIL:mei@example.com\n")
	write(t, folder, "categories.csv", "id,name\njapan,Japan\n")
	write(t, folder, "interactions.csv", "id,type,at,customer,category,query,results\ni1,SEARCH,2026-03-10T12:00:00Z,c1,japan,rail,3\n")
	if out, errors, code := run(t, folder, "load", folder); code != 0 {
		t.Fatalf("load: exit %d: %s%s", code, out, errors)
	}
	before, err := os.ReadFile(filepath.Join(folder, "lacuna.db"))
	if err != nil {
		t.Fatal(err)
	}
	files := listing(t, folder)
	report, code := examine(t, folder)
	if code != 0 || report.Worst != "" || len(report.Findings) != 0 || len(report.Passed) != len(doctor.Checks()) {
		t.Errorf("exit %d: %+v", code, report)
	}
	after, err := os.ReadFile(filepath.Join(folder, "lacuna.db"))
	if err != nil || string(before) != string(after) {
		t.Errorf("the store has changed, %v", err)
	}
	if diff := cmp.Diff(files, listing(t, folder)); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

// TestDoctorOfStores holds what is found where a store cannot be read or written.
func TestDoctorOfStores(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, "customers.csv", "id\nc1\n")
	write(t, folder, "notes.db", "these are notes and no store at all\n")
	for store, customers := range map[string]string{"old.db": "customers.csv", "damaged.db": "customers.csv"} {
		if out, errors, code := run(t, folder, "load", customers, "--store", "sqlite:"+store); code != 0 {
			t.Fatalf("load: exit %d: %s%s", code, out, errors)
		}
	}
	patch(t, filepath.Join(folder, "old.db"), 60, 0, 0, 0, 1)
	patch(t, filepath.Join(folder, "damaged.db"), 4096, slices.Repeat([]byte{0xff}, 40_000)...)
	for store, c := range map[string]struct {
		check, message string
		code           int
	}{
		"missing.db": {"store PROBLEM", "there is no store", 1},
		"notes.db":   {"store PROBLEM", "is not a store but some other file", 1},
		".":          {"store PROBLEM", "is a folder", 1},
		"old.db":     {"schema WARNING", "the older version 1", 3},
		"damaged.db": {"store PROBLEM", "damaged", 1},
	} {
		report, code := examine(t, folder, "--store", "sqlite:"+store)
		checks := slices.Collect(maps.Keys(found(report)))
		if code != c.code || !slices.Equal(checks, []string{c.check}) || !strings.Contains(report.Findings[0].Message, c.message) || report.Findings[0].Remedy == "" {
			t.Errorf("%s: exit %d: %+v", store, code, report)
		}
		if len(report.Skipped) < len(doctor.DataChecks()) || report.Stored != nil {
			t.Errorf("%s: skipped %v", store, report.Skipped)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "missing.db")); err == nil {
		t.Error("a store was made")
	}
	if _, errors, code := run(t, folder, "doctor", "--store", "mysql:x"); code != 2 || !strings.Contains(errors, "sqlite:PATH") {
		t.Errorf("exit %d: %s", code, errors)
	}
}

// patch overwrites bytes of a file.
func patch(t *testing.T, path string, at int64, content ...byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(content, at); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
