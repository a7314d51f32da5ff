package bulk

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/parquet-go/parquet-go"
)

func TestFilesRefused(t *testing.T) {
	const csv, json = "id,name\na,A\n", `{"id":"a"}` + "\n"
	for _, c := range []struct{ name, content, want string }{
		{"customers.csv", json, "is named .csv but holds NDJSON: name it .ndjson"},
		{"customers.ndjson", csv, "is named .ndjson but holds CSV: name it .csv"},
		{"customers.csv", gz(t, csv), "is named .csv but holds gzip: add .gz"},
		{"customers.csv", zst(t, csv), "is named .csv but holds Zstandard: add .zst"},
		{"customers.csv", "\x50\x2a\x4d\x18\x00\x00\x00\x00" + zst(t, csv), "holds Zstandard"},
		{"customers.csv.gz", csv, "is named .csv.gz but holds CSV"},
		{"customers.csv.gz", zst(t, csv), "is named .csv.gz but holds Zstandard"},
		{"customers.csv.zst", gz(t, csv), "is named .csv.zst but holds gzip"},
		{"customers.csv.gz", gz(t, json), "is named .csv but holds NDJSON"},
		{"customers.csv.gz", gz(t, ""), "holds nothing"},
		{"customers.csv.gz", "\x1f\x8b\x08\x00\x00", "cut off"},
		{"customers.csv.gz", "\x1f\x8b fake all of it and more", "damaged"},
		{"customers.csv.zst", "\x28\xb5\x2f\xfd fake", "unpack"},
		{"customers.ndjson", `[{"id":"a"}]`, "holds a JSON array: write one object a line"},
		{"customers.csv", "PK\x03\x04....", "zip archive"},
		{"customers.csv", "BZh91AY", "bzip2"},
		{"customers.csv", "\xfe\xff\x00i", "UTF-16"},
		{"customers.csv", strings.Repeat("\x00\x01", 50), "binary data"},
		{"customers.csv", "PAR1....PAR1", "holds Parquet: name it .parquet"},
		{"customers.parquet", csv, "is named .parquet but holds CSV"},
		{"customers.parquet", "PAR1", "cut off"},
		{"customers.parquet", "PAR1....\xff\xff\xff\x7fPAR1", "cut off or damaged"},
		{"customers.parquet", "PAR1............PARE", "encrypted"},
		{"customers.parquet", sameAsParquet(t)["customers"][:900], "cut off"},
		{"customers.parquet.gz", csv, "is named .parquet.gz but holds CSV"},
		{"customers.parquet.gz", gz(t, csv), "is named .parquet but holds CSV"},
		{"customers.parquet.zst", zst(t, sameAsParquet(t)["customers"][:900]), "cut off"},
		{"customers.parquet.gz", gz(t, sameAsParquet(t)["customers"])[:900], "cut off"},
		{"customers.parquet", parquetText(t, []struct{ ID string }{{"a"}}, parquet.Compression(&parquet.Lz4Raw)), "is packed with LZ4, which is not read: write it with Snappy"},
		{"customers.xlsx", csv, "save the sheet as CSV"},
		{"customers.zip", csv, "unpack it first"},
		{"customers.jsonl", csv, "rename it to .ndjson"},
		{"customers", csv, "extension is none of"},
		{"people.csv", csv, "does not tell what it holds"},
		{"segments.csv", csv, "segments are read from .ndjson only"},
		{"campaigns.ndjson", json, "campaigns cannot be loaded yet"},
		{"customers.ndjson", "", "0 bytes"},
	} {
		t.Run(c.name+" "+c.want, func(t *testing.T) {
			path := put(t, c.name, c.content)
			store := newMemory()
			l := load(t, store, Options{}, path)
			if l.err == nil || !strings.Contains(l.err.Error(), c.want) || !strings.Contains(l.err.Error(), path) {
				t.Errorf("err = %v, want %q and the file's name", l.err, c.want)
			}
			if len(store.customers) > 0 || l.summary.Rows() > 0 {
				t.Errorf("%d rows were stored", len(store.customers))
			}
		})
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"interactions.csv": "type,at,customer,product\nVIEW,2026-01-01,c1,p1\n", "products.ndjson": `{"id":"p1"}`, "customers.csv": "id\nc1\n",
		"customers.ndjson": `{"id":"c2"}`, "campaigns.ndjson": "{}", "notes.txt": "x", "truth.json": "{}",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := load(t, newMemory(), Options{}, dir)
	if l.err != nil {
		t.Fatal(l.err)
	}
	var files []string
	for _, f := range l.summary.Files {
		files = append(files, filepath.Base(f.File))
	}
	if diff := cmp.Diff([]string{"products.ndjson", "customers.csv", "customers.ndjson", "interactions.csv"}, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if len(l.summary.NotRead) != 3 || len(l.log) != 3 {
		t.Errorf("not read = %q, log = %q", l.summary.NotRead, l.log)
	}
	for _, c := range []struct{ path, want string }{
		{t.TempDir(), "no file to load in this folder"}, {filepath.Join(dir, "missing.csv"), "no such file"}, {os.DevNull, "no regular file"},
	} {
		if l := load(t, newMemory(), Options{}, c.path); l.err == nil || !strings.Contains(l.err.Error(), c.want) {
			t.Errorf("load %s: %v, want %q", c.path, l.err, c.want)
		}
	}
	if l := load(t, newMemory(), Options{}); l.err == nil {
		t.Error("loading nothing is no error")
	}
}

// TestAllFilesAreCheckedFirst wants every file's problem at once, and nothing stored.
func TestAllFilesAreCheckedFirst(t *testing.T) {
	store := newMemory()
	l := load(t, store, Options{}, put(t, "customers.csv", "id\nc1\n"), put(t, "products.csv", "name\nx\n"), put(t, "interactions.csv", "type,at\n"))
	if l.err == nil || !strings.Contains(l.err.Error(), "products.csv: column id") || !strings.Contains(l.err.Error(), "interactions.csv: column customer") {
		t.Errorf("err = %v", l.err)
	}
	if len(store.customers) != 0 {
		t.Error("something was stored")
	}
}

// TestCutOff wants every good row before the cut, and an error that names file and line.
func TestCutOff(t *testing.T) {
	var csv, json strings.Builder
	csv.WriteString("id,name\n")
	for i := range 60_000 {
		fmt.Fprintf(&csv, "c%d,%x\n", i, uint32(i)*2654435761)
		fmt.Fprintf(&json, "{\"id\":\"c%d\",\"name\":\"%x\"}\n", i, uint32(i)*2654435761)
	}
	for name, content := range map[string]string{
		"customers.csv.gz": gz(t, csv.String()), "customers.csv.zst": zst(t, csv.String()),
		"customers.ndjson.gz": gz(t, json.String()), "customers.ndjson.zst": zst(t, json.String()),
	} {
		t.Run(name, func(t *testing.T) {
			path := put(t, name, content[:len(content)*2/3])
			store := newMemory()
			l := load(t, store, Options{}, path)
			if l.err == nil || !strings.Contains(l.err.Error(), "cut off") || !strings.Contains(l.err.Error(), path+": line ") {
				t.Fatalf("err = %v", l.err)
			}
			n := len(store.customers)
			if n < 20_000 || n > 59_000 || int64(n) != l.summary.Accepted || len(l.rejects) != 0 {
				t.Errorf("%d customers, summary %+v", n, l.summary.Counts)
			}
			header := strings.Count(name, "csv")
			if !strings.Contains(l.err.Error(), fmt.Sprintf("line %d:", n+1+header)) {
				t.Errorf("err = %v after %d rows", l.err, n)
			}
			if again := load(t, store, Options{}, path); again.err == nil {
				t.Error("second load finds no cut")
			}
		})
	}
}

func TestGzipMembers(t *testing.T) {
	store := newMemory()
	if l := load(t, store, Options{}, put(t, "customers.csv.gz", gz(t, "id\nc1\n")+gz(t, "c2\n"))); l.err != nil || len(store.customers) != 2 {
		t.Errorf("two members: %v, %d customers", l.err, len(store.customers))
	}
	store = newMemory()
	l := load(t, store, Options{}, put(t, "customers.csv.gz", gz(t, "id\nc1\n")+"garbage after the end"))
	if l.err == nil || len(store.customers) != 1 {
		t.Errorf("garbage after a member: %v, %d customers", l.err, len(store.customers))
	}
}

// TestBomb loads a gigabyte of zeros from a megabyte: one reject, and little memory. (Nothing but zeros is refused as binary.)
func TestBomb(t *testing.T) {
	path := filepath.Join(t.TempDir(), "customers.csv.gz")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := gzip.NewWriter(file)
	closeAfterBomb(t, w, file)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	l := load(t, newMemory(), Options{}, path)
	runtime.ReadMemStats(&after)
	if l.err != nil || l.reasons() != "1002 too_long" {
		t.Errorf("err = %v, rejects %v", l.err, l.reasons())
	}
	if grown := int64(after.Sys) - int64(before.Sys); grown > 100<<20 {
		t.Errorf("memory grew by %d MB", grown>>20)
	}
}

func closeAfterBomb(t *testing.T, w *gzip.Writer, file *os.File) {
	t.Helper()
	if _, err := io.WriteString(w, "id\n"+strings.Repeat("customer\n", 1000)); err != nil {
		t.Fatal(err)
	}
	megabytes := 128
	if os.Getenv("LACUNA_SOAK") != "" {
		megabytes = 1024
	}
	zeros := make([]byte, 1<<20)
	for range megabytes {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}
