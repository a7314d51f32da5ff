package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lacuna/loader/bulk"
)

func sampleFolder(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "sample")
	if err := os.CopyFS(folder, shop); err != nil {
		t.Fatal(err)
	}
	return folder
}

// sampleRows counts the rows of one of the sample's files, and the ids in it.
func sampleRows(t *testing.T, name string) (rows, ids int64) {
	t.Helper()
	text, err := fs.ReadFile(shop, name)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		id, _, _ := strings.Cut(line, ",")
		seen[id] = true
		rows++
	}
	return rows - 1, int64(len(seen)) - 1
}

type counts struct {
	Accepted, Duplicates, Rejected int64
}

type summary struct {
	counts
	Seconds, RowsPerSecond *float64
	Kinds                  map[string]counts
}

func load(t *testing.T, folder string, code int, arguments ...string) summary {
	t.Helper()
	stdout, stderr, got := run(t, folder, append([]string{"load", "--json"}, arguments...)...)
	if got != code {
		t.Fatalf("load %v ended with %d, want %d: %s%s", arguments, got, code, stdout, stderr)
	}
	var s summary
	if err := json.Unmarshal([]byte(stdout), &s); err != nil {
		t.Fatalf("stdout is not one JSON object: %v: %s", err, stdout)
	}
	if s.Seconds == nil || s.RowsPerSecond == nil {
		t.Errorf("the summary lacks seconds or rowsPerSecond: %s", stdout)
	}
	return s
}

// TestLoadTwice holds that a second load of the same files changes nothing, and that no rejects file is made for none.
func TestLoadTwice(t *testing.T) {
	folder, files := t.TempDir(), sampleFolder(t)
	first := load(t, folder, 0, files, "--currency", shopCurrency, "--zone", shopZone)
	second := load(t, folder, 0, files, "--currency", shopCurrency, "--zone", shopZone)
	if first.Accepted == 0 || first.Duplicates != 0 || second.Accepted != 0 || second.Duplicates != first.Accepted {
		t.Errorf("first %+v, second %+v", first.counts, second.counts)
	}
	all := counts{}
	rows, _ := sampleRows(t, "customers.csv")
	for _, k := range first.Kinds {
		all.Accepted += k.Accepted
	}
	if len(first.Kinds) != 5 || all.Accepted != first.Accepted || first.Kinds["customers"].Accepted != rows { // 32 people, one of them as two sources know her
		t.Errorf("kinds are %+v", first.Kinds)
	}
	if _, err := os.Stat(filepath.Join(folder, "lacuna-rejects.ndjson")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a rejects file without rejects: %v", err)
	}
}

// TestLoadRejects holds that what is wrong is told by file, line and reason, and that the rest is stored.
func TestLoadRejects(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "interactions.csv", "id,type,at,customer\ni1,VIEW,2026-01-01T00:00:00Z,c1\ni2,NOPE,2026-01-01T00:00:00Z,c1\ni3,VIEW,soon,c1\n")
	s := load(t, folder, 3, "interactions.csv", "--rejects", "bad.ndjson")
	if diff := cmp.Diff(counts{Accepted: 1, Rejected: 2}, s.counts); diff != "" {
		t.Error(diff)
	}
	path := filepath.Join(folder, "bad.ndjson")
	var lines []int64
	for _, r := range readRejects(t, path) {
		if r.File != "interactions.csv" || r.Reason == "" || !strings.HasPrefix(r.Row, "i") {
			t.Errorf("reject %+v", r)
		}
		lines = append(lines, r.Line)
	}
	if diff := cmp.Diff([]int64{3, 4}, lines); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the rejects file, which holds personal data, is %v, %v", info.Mode(), err)
	}
	_, stderr, code := run(t, folder, "load", "interactions.csv")
	if code != 3 || !strings.Contains(stderr, "lacuna-rejects.ndjson") {
		t.Errorf("load ended with %d: %s", code, stderr)
	}
	_, stderr, code = run(t, folder, "load", "interactions.csv", "--rejects", "none/bad.ndjson")
	if code != 1 || !strings.Contains(stderr, "name another with --rejects") || strings.Contains(stderr, "see none/bad.ndjson") {
		t.Errorf("rejects that cannot be written ended with %d: %s", code, stderr)
	}
}

// TestSummaryThatCannotBeWritten holds that a script never takes a cut off summary for a whole one.
func TestSummaryThatCannotBeWritten(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full: ", err)
	}
	defer full.Close()
	folder := t.TempDir()
	write(t, folder, "categories.csv", "id,name\na,A\n")
	for _, arguments := range [][]string{{"load", "categories.csv"}, {"load", "categories.csv", "--json"}} {
		cmd := command(t, folder, arguments...)
		cmd.Stdout = full
		if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%v ended with %d", arguments, cmd.ProcessState.ExitCode())
		}
	}
}

// readRejects reads a rejects file: one object a line with just these keys.
func readRejects(t *testing.T, path string) []bulk.Rejected {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var list []bulk.Rejected
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var r bulk.Rejected
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&r); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		list = append(list, r)
	}
	return list
}

// TestDryRun holds that a dry run tells the same and writes nothing, neither a new store nor into one.
func TestDryRun(t *testing.T) {
	folder, files, temporary := t.TempDir(), sampleFolder(t), t.TempDir()
	t.Setenv("TMPDIR", temporary)
	dry := load(t, folder, 0, files, "--dry-run", "--currency", "TWD")
	if left := append(listing(t, folder), listing(t, temporary)...); len(left) > 0 {
		t.Errorf("a dry run leaves %v", left)
	}
	done := load(t, folder, 0, files, "--currency", "TWD")
	if diff := cmp.Diff(done.counts, dry.counts); diff != "" {
		t.Errorf("the dry run told otherwise: %s", diff)
	}
	before := listing(t, folder)
	store, err := os.ReadFile(filepath.Join(folder, "lacuna.db"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, folder, "categories.csv", "id,name\nnew,New\n")
	load(t, folder, 0, "categories.csv", "--dry-run")
	if err := os.Remove(filepath.Join(folder, "categories.csv")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, listing(t, folder)); diff != "" {
		t.Errorf("a dry run leaves: %s", diff)
	}
	if after, err := os.ReadFile(filepath.Join(folder, "lacuna.db")); err != nil || !bytes.Equal(after, store) {
		t.Errorf("a dry run changes the store: %v", err)
	}
}

// TestTheFileAloneIsTheStore holds that a load ends with a checkpoint.
func TestTheFileAloneIsTheStore(t *testing.T) {
	folder, elsewhere := t.TempDir(), t.TempDir()
	done := load(t, folder, 0, sampleFolder(t), "--currency", "TWD")
	store, err := os.ReadFile(filepath.Join(folder, "lacuna.db"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, elsewhere, "copy.db", string(store))
	r := start(t, elsewhere, nil, "serve", "--addr", "127.0.0.1:0", "--store", "sqlite:copy.db")
	if n := at(ask(t, r.url, `{ status { interactions } }`, nil), "status", "interactions"); n != float64(done.Kinds["interactions"].Accepted) {
		t.Errorf("the copy has %v interactions, %d were accepted", n, done.Kinds["interactions"].Accepted)
	}
	if code, said := r.stop(t); code != 0 {
		t.Errorf("it ended with %d: %s", code, said)
	}
}
