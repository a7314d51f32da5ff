package e2e

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// TestExport holds that each view can be written in each format, and that a format says the same as another.
func TestExport(t *testing.T) {
	folder := t.TempDir()
	if _, stderr, code := run(t, folder, "load", sampleFolder(t), "--store", "sqlite:shop.db"); code != 0 && code != 3 {
		t.Fatal(stderr)
	}
	before := listing(t, folder)
	for _, view := range []string{"customers", "demand", "population", "segment-growth", "segments"} {
		table, stderr, code := run(t, folder, "export", view, "--store", "sqlite:shop.db")
		if code != 0 {
			t.Fatalf("%s: %s", view, stderr)
		}
		cells, err := csv.NewReader(strings.NewReader(table)).ReadAll()
		if err != nil || len(cells) < 2 {
			t.Fatalf("%s: %d rows, %v", view, len(cells), err)
		}
		object, stderr, code := run(t, folder, "export", view, "--store", "sqlite:shop.db", "--format", "json")
		var whole struct {
			Rows    []map[string]any
			Columns []string
			AsOf    *string
		}
		if err := json.Unmarshal([]byte(object), &whole); code != 0 || err != nil || len(whole.Rows) != len(cells)-1 || !slices.Equal(whole.Columns, cells[0]) || whole.AsOf == nil {
			t.Errorf("%s: %d rows of %v as of %v, %v %s", view, len(whole.Rows), whole.Columns, whole.AsOf, err, stderr)
		}
		lines, stderr, code := run(t, folder, "export", view, "--store", "sqlite:shop.db", "--format", "ndjson")
		if code != 0 {
			t.Fatalf("%s: %s", view, stderr)
		}
		objects := strings.Split(strings.TrimSpace(lines), "\n")
		var first map[string]any
		if err := json.Unmarshal([]byte(objects[0]), &first); err != nil || len(objects) != len(cells)-1 || len(first) != len(cells[0]) {
			t.Errorf("%s: %d lines of %d keys, %d rows of %d columns, %v", view, len(objects), len(first), len(cells)-1, len(cells[0]), err)
		}
		if _, stderr, code := run(t, folder, "export", view, "--store", "sqlite:shop.db", "--format", "parquet", "--out", view+".parquet"); code != 0 {
			t.Fatalf("%s: %s", view, stderr)
		}
		checkParquet(t, filepath.Join(folder, view+".parquet"), cells)
		if err := os.Remove(filepath.Join(folder, view+".parquet")); err != nil {
			t.Fatal(err)
		}
	}
	if after := listing(t, folder); !slices.Equal(before, after) {
		t.Errorf("before %v, afterwards %v", before, after)
	}
}

// checkParquet compares the names of a file's columns, and how many rows it has, with a table.
func checkParquet(t *testing.T, path string, cells [][]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, field := range file.Schema().Fields() {
		names = append(names, field.Name())
	}
	if want := slices.Sorted(slices.Values(cells[0])); !slices.Equal(slices.Sorted(slices.Values(names)), want) || file.NumRows() != int64(len(cells)-1) {
		t.Errorf("%s: %d rows of %v, want %d of %v", path, file.NumRows(), names, len(cells)-1, want)
	}
}

// TestExportGuards holds that a text which a spreadsheet program would take for a formula is none, and what is refused.
func TestExportGuards(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "segments.ndjson", `{"id":"s","name":"=HYPERLINK(\"x\")","description":"@x","rule":{"attribute":{"name":"a","exists":true}}}`+"\n")
	if _, stderr, code := run(t, folder, "load", "segments.ndjson", "--store", "sqlite:shop.db"); code != 0 {
		t.Fatal(stderr)
	}
	stdout, stderr, code := run(t, folder, "export", "segments", "--store", "sqlite:shop.db", "--bom")
	if code != 0 || !strings.HasPrefix(stdout, "\ufeffid,name") || !strings.Contains(stdout, `"'=HYPERLINK(""x"")",'@x,0,`) {
		t.Errorf("%d: %s%s", code, stdout, stderr)
	}
	if stdout, stderr, code := run(t, folder, "segments", "--store", "sqlite:shop.db"); code != 0 || !strings.Contains(stdout, "MEMBERS") || !strings.Contains(stdout, "NO_INTERACTIONS") {
		t.Errorf("%d: %s%s", code, stdout, stderr)
	}
	if stdout, stderr, code := run(t, folder, "export", "demand", "--by", "attribute", "--attribute", "none", "--store", "sqlite:shop.db"); code != 1 || stdout != "" || !strings.Contains(stderr, "attribute") {
		t.Errorf("%d: %s%s", code, stdout, stderr)
	}
	// Where stages end can be set, in the file of settings too.
	write(t, folder, "lacuna.yaml", "lifecycle: [1000, 2000, 3000]\n")
	if stdout, stderr, code := run(t, folder, "export", "population", "--store", "sqlite:shop.db"); code != 0 || !strings.Contains(stdout, "lifecycle,PROSPECT") {
		t.Errorf("%d: %s%s", code, stdout, stderr)
	}
	if err := os.Remove(filepath.Join(folder, "lacuna.yaml")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		arguments []string
		code      int
		says      string
	}{
		{[]string{"export"}, 2, "segment-growth"},
		{[]string{"export", "nope"}, 2, "segment-growth"},
		{[]string{"export", "demand", "--format", "xlsx"}, 2, "parquet"},
		{[]string{"export", "demand", "--by", "NOPE", "--store", "sqlite:shop.db"}, 2, "--by: use SEGMENT, CATEGORY"},
		{[]string{"export", "demand", "--by", "attribute", "--store", "sqlite:shop.db"}, 2, "--attribute: is required"},
		{[]string{"export", "demand", "--level", "ALL", "--store", "sqlite:shop.db"}, 2, "--level: the view demand has no such parameter"},
		{[]string{"export", "customers", "--as-of", "2026-01-31T00:00:00Z", "--store", "sqlite:shop.db"}, 2, "--as-of: the view customers has no parameters"},
		{[]string{"export", "population", "--segments", "a", "--store", "sqlite:shop.db"}, 2, "--segments: the view population has no such parameter"},
		{[]string{"export", "gaps", "--min-customers", "-3", "--store", "sqlite:shop.db"}, 2, "--min-customers: must be a whole number"},
		{[]string{"export", "gaps", "--growing=false", "--store", "sqlite:shop.db"}, 2, "--growing: use true"},
		{[]string{"export", "gaps", "--format", "json", "--bom", "--store", "sqlite:shop.db"}, 2, "--bom: is for CSV"},
		{[]string{"export", "demand", "--store", "sqlite:none.db"}, 1, "lacuna load"},
		{[]string{"segments", "--as-of", "yesterday"}, 2, "RFC 3339"},
		{[]string{"segments", "extra"}, 2, "extra"},
		{[]string{"segments", "--lifecycle", "3,2,1"}, 2, "--lifecycle"},
		{[]string{"segments", "--tiers", "0.9"}, 2, "--tiers"},
		{[]string{"serve", "--growth-weeks", "0", "--addr", "127.0.0.1:0", "--store", "sqlite:shop.db"}, 2, "--growth-weeks"},
	} {
		stdout, stderr, code := run(t, folder, c.arguments...)
		if code != c.code || !strings.Contains(stderr, c.says) || stdout != "" {
			t.Errorf("%v ended with %d: %s%s", c.arguments, code, stdout, stderr)
		}
	}
}
