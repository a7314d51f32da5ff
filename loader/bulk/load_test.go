package bulk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lacuna/graph"
)

func TestAttributeTypesAreSettledOverTheFile(t *testing.T) {
	store := newMemory()
	store.types[graph.AttributeKey{Scope: graph.CustomerScope, Name: "known"}] = graph.NumberKind
	l := load(t, store, Options{}, put(t, "customers.csv",
		"id,attr.number,attr.zip,attr.flag,attr.day,attr.mixed,attr.known,attr.empty\n"+
			"a,1,00123,true,2026-01-31,1,1,\nb,-2.5e3,12345,FALSE,,x,two,\nc,,,,,,3,\n"))
	if l.err != nil {
		t.Fatal(l.err)
	}
	if want := "3 attribute_type"; l.reasons() != want {
		t.Errorf("rejects = %v", l.rejects)
	}
	want := []AttributeType{{"customer", "day", "date"}, {"customer", "flag", "boolean"}, {"customer", "mixed", "text"},
		{"customer", "number", "number"}, {"customer", "zip", "text"}}
	if diff := cmp.Diff(want, l.summary.Types); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	if l := load(t, store, Options{}, put(t, "customers.csv", "id,attr.mixed,attr.flag\nd,7,1\n")); l.reasons() != "2 attribute_type" || len(l.summary.Types) != 0 {
		t.Errorf("later misfit: %v, types %v", l.rejects, l.summary.Types)
	}
	if strings.Contains(l.rejects[0].Reason, "two") {
		t.Errorf("reason repeats the value: %s", l.rejects[0].Reason)
	}
}

func TestAttributeTypesOfNDJSON(t *testing.T) {
	store := newMemory()
	l := load(t, store, Options{}, put(t, "customers.ndjson", `{"id":"a","attr":{"n":1,"s":"1","d":"2026-01-31","mixed":1,"b":true}}
{"id":"b","attr":{"mixed":"one","d":"2026-02-28","late":12}}
{"id":"c","attr":{"b":"true","list":[1]}}
{"id":"d","attr":{"mixed":2}}`))
	want := []AttributeType{{"customer", "b", "text"}, {"customer", "d", "date"}, {"customer", "late", "number"},
		{"customer", "mixed", "text"}, {"customer", "n", "number"}, {"customer", "s", "text"}}
	if diff := cmp.Diff(want, l.summary.Types); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	if l.reasons() != "3 bad_value" {
		t.Errorf("rejects = %v", l.rejects)
	}
}

func TestRowsWithoutID(t *testing.T) {
	const body = "VIEW,2026-01-01,c1\nVIEW,2026-01-02,c1\nVIEW,2026-01-01,c1\nVIEW,bad,c1\nVIEW,2026-01-01T00:00:00Z,c1\n"
	path := put(t, "interactions.csv", "type,at,customer\n"+body)
	store := newMemory()
	l := load(t, store, Options{}, path)
	if l.summary.Accepted != 4 || l.reasons() != "5 bad_time" {
		t.Fatal(l.summary.Counts, l.rejects)
	}
	if l = load(t, store, Options{}, path); l.summary.Accepted != 0 || l.summary.Duplicates != 4 {
		t.Errorf("second load: %+v", l.summary.Counts)
	}
	// A part of the file has the same rows; the same rows in another order and under another name too.
	other := put(t, "interactions.csv", "customer,type,at\nc1,VIEW,2026-01-02\nc1,VIEW,2026-01-01\n")
	if l = load(t, store, Options{Source: "other"}, other); l.summary.Duplicates != 2 {
		t.Errorf("part of the file: %+v", l.summary.Counts)
	}
	for id := range store.rows {
		if !strings.HasPrefix(id, "row-") || len(id) != 30 {
			t.Errorf("id %q", id)
		}
	}
}

func TestCategoriesInAnyOrder(t *testing.T) {
	store := newMemory()
	l := load(t, store, Options{}, put(t, "categories.csv",
		"id,name,parent\nc,C,b\na,A,\nx,X,y\ny,Y,z\nz,Z,x\nb,B,a\nd,D,y\nself,S,self\nb,B2,\n"))
	if want := "4 cycle, 5 cycle, 6 cycle, 9 cycle"; l.reasons() != want {
		t.Errorf("rejects = %q, want %q", l.reasons(), want)
	}
	if want := "cycle: parent: a category would contain itself: x → y → z → x"; l.rejects[0].Reason != want {
		t.Errorf("reason = %q, want %q", l.rejects[0].Reason, want)
	}
	var order []string
	for _, c := range store.categories {
		order = append(order, c.Name)
	}
	if diff := cmp.Diff([]string{"A", "B", "B2", "C", "D"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestSourceOfARow(t *testing.T) {
	const content = "id,source\na,crm\nb,\n"
	for _, c := range []struct{ option, want string }{{"", "customers.csv"}, {"option", "option"}} {
		store := newMemory()
		load(t, store, Options{Source: c.option}, put(t, "customers.csv", content))
		if a, b := store.customers[0].Source, store.customers[1].Source; a != "crm" || b != c.want {
			t.Errorf("sources %q and %q with %q", a, b, c.option)
		}
	}
}

func TestObservedAt(t *testing.T) {
	modified := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) // by put
	path := put(t, "customers.csv", "id,updated_at\na,2025-01-01\nb,\n")
	for _, c := range []struct{ now, want time.Time }{{modified.AddDate(0, 1, 0), modified}, {modified.AddDate(0, -1, 0), modified.AddDate(0, -1, 0)}} {
		store := newMemory()
		load(t, store, Options{Now: func() time.Time { return c.now }}, path)
		if a, b := store.customers[0].ObservedAt, store.customers[1].ObservedAt; a.Year() != 2025 || !b.Equal(c.want) {
			t.Errorf("observed at %v and %v, want %v", a, b, c.want)
		}
	}
}

func TestCurrency(t *testing.T) {
	path := put(t, "interactions.csv", "id,type,at,customer,amount,currency\ni1,PURCHASE,2026-01-01,c,5,\ni2,PURCHASE,2026-01-01,c,0,EUR\ni3,RETURN,2026-01-01,c,-5,EUR\ni4,PURCHASE,2026-01-01,c,\"1,000\",EUR\n")
	store := newMemory()
	if l := load(t, store, Options{}, path); l.reasons() != "2 missing_currency, 4 out_of_range, 5 bad_number" {
		t.Errorf("rejects = %v", l.rejects)
	}
	store = newMemory()
	if l := load(t, store, Options{Currency: "TWD"}, path); l.reasons() != "4 out_of_range, 5 bad_number" || store.rows["i1"].Currency != "TWD" || store.rows["i2"].Currency != "EUR" {
		t.Errorf("rejects = %v", l.rejects)
	}
}

func TestDryRun(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"categories.csv": "id,parent\nb,a\na,\nd,nowhere\n", "products.csv": "id,categories,price\np1,a,\np2,nowhere,\np3,a,5\n",
		"customers.csv": "id,identities,attr.n\nc1,EMAIL:a@b,1\nEMAIL:x,,\nc3,FAX:1,\nc4,CUSTOM:,\n",
		"segments.ndjson": `{"id":"s1","rule":{"segment":{"in":["s2"]}}}` + "\n" + `{"id":"s2","rule":{"attribute":{"name":"n","eq":1}}}` + "\n" +
			`{"id":"s3","rule":{"segment":{"in":["nobody"]}}}`,
		"interactions.csv": "id,type,at,customer,product,category\ni1,VIEW,2026-01-01,c1,p1,\ni1,VIEW,2026-01-01,c1,p1,\ni1,VIEW,2026-01-02,c1,p1,\n" +
			"i2,VIEW,2026-01-01,c1,p2,\ni3,VIEW,2026-01-01,c1,,b\ni4,VIEW,2026-01-01,c1,,x\ni5,VIEW,2026-01-01,c1,stored,\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store := newMemory()
	store.products = []graph.Product{{ID: "stored"}}
	l := load(t, store, Options{DryRun: true}, dir)
	if l.err != nil {
		t.Fatal(l.err)
	}
	want := "4 unknown_category, 3 unknown_category, 4 missing_currency, 3 bad_id, 4 unknown_kind, 5 missing, 3 unknown_segment, " +
		"4 conflict, 5 unknown_product, 7 unknown_category"
	if l.reasons() != want {
		t.Errorf("rejects = %q, want %q", l.reasons(), want)
	}
	if len(store.categories)+len(store.customers)+len(store.rows)+len(store.segments) > 0 || len(store.products) != 1 {
		t.Error("a dry run wrote")
	}
	if l.summary.Duplicates != 1 || !l.summary.DryRun {
		t.Errorf("summary = %+v", l.summary)
	}
	if l = load(t, store, Options{DryRun: true, CreateMissing: true}, dir); strings.Contains(l.reasons(), "unknown_p") || strings.Contains(l.reasons(), "unknown_c") {
		t.Errorf("with CreateMissing: %s", l.reasons())
	}
}

func manyInteractions(n int) string {
	var b strings.Builder
	b.WriteString("id,type,at,customer\n")
	for i := range n {
		fmt.Fprintf(&b, "i%d,VIEW,2026-01-01,c%d\n", i, i%10)
	}
	return b.String()
}

func TestInterruptKeepsWhatWasRead(t *testing.T) {
	path := put(t, "interactions.csv", manyInteractions(200_000))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	store := newMemory()
	store.before = func(*graph.Batch) error { cancel(); return nil }
	s, err := Load(ctx, store, []string{path}, Options{})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), path) {
		t.Fatalf("err = %v", err)
	}
	if s.Accepted == 0 || s.Accepted == 200_000 || s.Accepted != int64(len(store.rows)) {
		t.Errorf("summary %+v, stored %d", s.Counts, len(store.rows))
	}
	store.before = nil
	if l := load(t, store, Options{}, path); l.err != nil || l.summary.Duplicates != s.Accepted || l.summary.Rows() != 200_000 {
		t.Errorf("again: %v %+v", l.err, l.summary.Counts)
	}
}

func TestStoreFails(t *testing.T) {
	path := put(t, "interactions.csv", manyInteractions(100_000))
	store := newMemory()
	calls := 0
	store.before = func(*graph.Batch) error {
		if calls++; calls == 2 {
			return graph.ErrUnavailable
		}
		return nil
	}
	l := load(t, store, Options{}, path)
	if !errors.Is(l.err, graph.ErrUnavailable) || !strings.Contains(l.err.Error(), "load the same files again") {
		t.Errorf("err = %v", l.err)
	}
	store = newMemory()
	store.bulkErr = graph.ErrReadOnly
	if l := load(t, store, Options{}, path); !errors.Is(l.err, graph.ErrReadOnly) {
		t.Errorf("err = %v", l.err)
	}
}

func TestProgress(t *testing.T) {
	path := put(t, "interactions.csv", manyInteractions(50_000))
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var seen []Progress
	s, err := Load(t.Context(), newMemory(), []string{path}, Options{
		Now:      func() time.Time { now = now.Add(time.Second); return now },
		Progress: func(p Progress) { seen = append(seen, p) },
	})
	if err != nil {
		t.Fatal(err)
	}
	last := seen[len(seen)-1]
	if len(seen) < 4 || last.Step != Finishing || last.Rows != 50_000 || last.Bytes != last.TotalBytes || last.RowsPerSecond == 0 {
		t.Errorf("progress = %+v", last)
	}
	for i := 1; i < len(seen); i++ {
		if seen[i].Rows < seen[i-1].Rows || seen[i].Bytes < seen[i-1].Bytes || seen[i].Bytes > seen[i].TotalBytes {
			t.Errorf("progress goes from %+v to %+v", seen[i-1], seen[i])
		}
	}
	if s.Seconds == 0 || s.RowsPerSecond == 0 || s.Kinds[Interactions].RowsPerSecond == 0 {
		t.Errorf("summary = %+v", s)
	}
}

func TestRejectsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rejects.ndjson")
	f := NewRejectsFile(path)
	if _, err := Load(t.Context(), newMemory(), []string{put(t, "customers.csv", "id\na\n")}, Options{Rejects: f}); err != nil || f.Created() {
		t.Fatal(err, f.Created())
	}
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	row := "\"" + strings.Repeat("字", 10_000) + "\",x"
	if _, err := Load(t.Context(), newMemory(), []string{put(t, "customers.csv", "id\n"+row+"\n")}, Options{Rejects: f}); err != nil || !f.Created() {
		t.Fatal(err, f.Created())
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(f.Path())
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() > maxRejectedRow+500 || info.Size() < maxRejectedRow {
		t.Errorf("rejects file: %v %v", info, err)
	}
	if _, err := NewRejectsFile(filepath.Join(path, "x")).Write([]byte("x")); err == nil {
		t.Error("a rejects file inside a file is no error")
	}
}

// TestEveryRowIsAccountedFor loads random mixtures of good and bad lines: each is accepted, a duplicate or a reject.
func TestEveryRowIsAccountedFor(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		line := rapid.SampledFrom([]string{
			"i1,VIEW,2026-01-01,c1", "i2,VIEW,2026-01-01,c1", ",VIEW,2026-01-01,c1", ",VIEW,2026-01-02,c1", "i1,VIEW,2026-01-02,c1",
			"x", "i3,LOOK,2026-01-01,c1", "\"i4\",VIEW,2026-01-01,\"c1\"", "i5,VIEW,2026-01-01,\"c,1\"", "i6,VI\"EW,2026-01-01,c1", "i7,VIEW,soon,c1", ",,,",
		})
		lines := rapid.SliceOf(line).Draw(rt, "lines")
		path := filepath.Join(dir, "interactions.csv")
		if err := os.WriteFile(path, []byte("id,type,at,customer\n"+strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			rt.Fatal(err)
		}
		store := newMemory()
		first, err := Load(t.Context(), store, []string{path}, Options{})
		if err != nil || first.Rows() != int64(len(lines)) {
			rt.Fatalf("%d rows of %d lines: %v", first.Rows(), len(lines), err)
		}
		second, err := Load(t.Context(), store, []string{path}, Options{})
		if err != nil || second.Accepted != 0 || second.Rejected != first.Rejected || second.Rows() != first.Rows() {
			rt.Fatalf("first %+v, second %+v: %v", first.Counts, second.Counts, err)
		}
	})
}

// TestNoPersonalDataInErrorsAndLogs plants a value everywhere and looks for it wherever people other than the owner of
// the rejects file may look.
func TestNoPersonalDataInErrorsAndLogs(t *testing.T) {
	const canary = "canary@example.com"
	for name, content := range map[string]string{
		"customers.csv": "id,name,identities,consents,attr.age,created_at\nc1," + canary + "," + canary + ",,1,\nc2,,X:" + canary + ",,2,\nc3,,," + canary + ",3,\n" +
			"c4,,,,,\"" + canary + "\nc5,,,," + canary + "," + canary + "\nc6,,,," + canary + "\n",
		"customers.ndjson": `{"id":"a","attr":{"x":1}}` + "\n{\"id\":\"" + canary + "\n" + `{"id":"b","identities":["` + canary + `",1,{}],"name":["` + canary + `"]}` + "\n",
		"products.csv":     canary + ",x\n",
		"segments.ndjson":  `{"id":"s","rule":"` + canary + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			l := load(t, newMemory(), Options{}, put(t, name, content))
			told := fmt.Sprint(l.err, l.log, l.summary)
			for _, r := range l.rejects {
				told += r.Reason
			}
			if strings.Contains(told, "canary") {
				t.Errorf("personal data in %s", told)
			}
		})
	}
}
