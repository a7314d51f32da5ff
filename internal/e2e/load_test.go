package e2e

import (
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lacuna/internal/sample"
)

var update = flag.Bool("update", false, "write the golden files anew")

func sampleFolder(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "sample")
	if err := os.CopyFS(folder, sample.Files()); err != nil {
		t.Fatal(err)
	}
	return folder
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
	first := load(t, folder, 0, files, "--currency", sample.Currency, "--zone", sample.Zone)
	second := load(t, folder, 0, files, "--currency", sample.Currency, "--zone", sample.Zone)
	if first.Accepted == 0 || first.Duplicates != 0 || second.Accepted != 0 || second.Duplicates != first.Accepted {
		t.Errorf("first %+v, second %+v", first.counts, second.counts)
	}
	var all counts
	for _, k := range first.Kinds {
		all.Accepted += k.Accepted
	}
	if len(first.Kinds) != 5 || all.Accepted != first.Accepted || first.Kinds["customers"].Accepted != 32 {
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
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines []float64
	for line := range strings.Lines(string(text)) {
		var reject struct {
			File, Reason, Row string
			Line              float64
		}
		if err := json.Unmarshal([]byte(line), &reject); err != nil {
			t.Fatal(err)
		}
		if filepath.Base(reject.File) != "interactions.csv" || reject.Reason == "" || !strings.HasPrefix(reject.Row, "i") {
			t.Errorf("reject %+v", reject)
		}
		lines = append(lines, reject.Line)
	}
	if diff := cmp.Diff([]float64{3, 4}, lines); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the rejects file, which holds personal data, is %v, %v", info.Mode(), err)
	}
	_, stderr, code := run(t, folder, "load", "interactions.csv")
	if code != 3 || !strings.Contains(stderr, "lacuna-rejects.ndjson") {
		t.Errorf("load ended with %d: %s", code, stderr)
	}
}

// TestDryRun holds that a dry run tells the same and writes nothing.
func TestDryRun(t *testing.T) {
	folder, files := t.TempDir(), sampleFolder(t)
	dry := load(t, folder, 0, files, "--dry-run", "--currency", "TWD")
	done := load(t, folder, 0, files, "--currency", "TWD")
	if diff := cmp.Diff(done.counts, dry.counts); diff != "" {
		t.Errorf("the dry run told otherwise: %s", diff)
	}
}

func TestLoadFails(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "customers.csv", "")
	write(t, folder, "products.csv", "name\nx\n")
	write(t, folder, "categories.csv", "id,name\na,A\n")
	for _, c := range []struct {
		arguments []string
		code      int
		says      string
	}{
		{nil, 2, "lacuna load shop/"},
		{[]string{"none.csv"}, 1, "none.csv"},
		{[]string{"customers.csv"}, 1, "customers.csv"},
		{[]string{"products.csv"}, 1, "id"},
		{[]string{"categories.csv", "--format", "xyz"}, 2, "generic"},
		{[]string{"categories.csv", "--zone", "Mars"}, 2, "Mars"},
		{[]string{"categories.csv", "--store", "bolt://h"}, 2, "no Neo4j store"},
		{[]string{"categories.csv", "--store", "sqlite:none/there.db"}, 1, "none/there.db"},
		{[]string{"categories.csv", "--create-missing=perhaps"}, 2, "--create-missing"},
	} {
		_, stderr, code := run(t, folder, append([]string{"load"}, c.arguments...)...)
		if code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("load %v ended with %d, want %d: %s", c.arguments, code, c.code, stderr)
		}
	}
}

// TestSettings holds flag over variable over file, for one flag as for all.
func TestSettings(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "categories.csv", "id,name\na,A\n")
	write(t, folder, "lacuna.yaml", "store: sqlite:file.db\n")
	made := func() []string {
		found, err := filepath.Glob(filepath.Join(folder, "*.db"))
		if err != nil {
			t.Fatal(err)
		}
		for i, path := range found {
			found[i] = filepath.Base(path)
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
		return found
	}
	for _, c := range []struct {
		variable  string
		arguments []string
		want      string
	}{
		{"", nil, "file.db"}, {"LACUNA_STORE=sqlite:variable.db", nil, "variable.db"},
		{"LACUNA_STORE=sqlite:variable.db", []string{"--store", "sqlite:flag.db"}, "flag.db"}, {"LACUNA_CONFIG=", []string{"--config="}, "lacuna.db"},
	} {
		cmd := command(t, folder, append([]string{"load", "categories.csv"}, c.arguments...)...)
		cmd.Env = append(cmd.Env, c.variable)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if diff := cmp.Diff([]string{c.want}, made()); diff != "" {
			t.Error(diff)
		}
	}
}

// TestSchema holds the schema to what was last looked at; run with -update after a change that is meant.
func TestSchema(t *testing.T) {
	stdout, stderr, code := run(t, t.TempDir(), "schema")
	if code != 0 || stderr != "" {
		t.Fatalf("schema ended with %d: %s", code, stderr)
	}
	golden := filepath.Join("testdata", "schema.graphqls")
	if *update {
		if err := os.WriteFile(golden, []byte(stdout), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), stdout); diff != "" {
		t.Error(diff)
	}
}

func TestOtherCommands(t *testing.T) {
	for _, c := range []struct {
		arguments []string
		code      int
		begins    string
	}{
		{[]string{"--help"}, 0, "Examples:\n  lacuna demo"}, {nil, 0, "Examples:\n  lacuna demo"}, {[]string{"load", "--help"}, 0, "Examples:\n  lacuna load"},
		{[]string{"serve", "--help"}, 0, "Examples:\n  lacuna serve"}, {[]string{"version"}, 0, "lacuna "}, {[]string{"completion", "bash"}, 0, "# bash completion"},
		{[]string{"nope"}, 2, ""}, {[]string{"--nope"}, 2, ""}, {[]string{"version", "extra"}, 2, ""}, {[]string{"schema", "extra"}, 2, ""},
	} {
		stdout, stderr, code := run(t, t.TempDir(), c.arguments...)
		if code != c.code || !strings.HasPrefix(stdout, c.begins) || (code == 0) != (stderr == "") {
			t.Errorf("%v ended with %d: %.200s%s", c.arguments, code, stdout, stderr)
		}
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
