package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// gzipped compresses text.
func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// zstandard compresses text.
func zstandard(t *testing.T, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return string(w.EncodeAll([]byte(text), nil))
}

// TestLoadFails holds that what cannot be loaded ends with the code that scripts look at, and with words that name the
// place and help.
func TestLoadFails(t *testing.T) {
	folder := t.TempDir()
	badStores(t, folder)
	write(t, folder, "customers.csv", "")
	write(t, folder, "products.csv", "name\nx\n")
	write(t, folder, "categories.csv", "id,name\na,A\n")
	write(t, folder, "customers.csv.gz", "id,name\nc1,Mei\n")
	write(t, folder, "customers.ndjson.zst", "{}\n")
	write(t, folder, "people.csv", "id,name\nc1,Mei\n")
	write(t, folder, "lacuna.yaml", "# nothing is set\n")
	others := t.TempDir()
	write(t, others, "notes.txt", "none of Lacuna's\n")
	for _, c := range []struct {
		variable  string
		arguments []string
		code      int
		says      []string
	}{
		{"", nil, 2, []string{"lacuna load shop/"}},
		{"", []string{"none.csv"}, 1, []string{"none.csv", "nothing was loaded"}},
		{"", []string{"customers.csv"}, 1, []string{"customers.csv", "0 bytes"}},
		{"", []string{"products.csv"}, 1, []string{"products.csv", "id"}},
		{"", []string{"people.csv"}, 1, []string{"people.csv", "customers"}},
		{"", []string{"customers.csv.gz"}, 1, []string{"customers.csv.gz", "holds CSV"}},
		{"", []string{"customers.ndjson.zst"}, 1, []string{"customers.ndjson.zst", "zst"}},
		{"", []string{"categories.csv", "none.csv"}, 1, []string{"none.csv", "nothing was loaded"}},
		{"", []string{others}, 1, []string{others, "customers"}},
		{"", []string{t.TempDir()}, 1, []string{"customers"}},
		{"", []string{"categories.csv", "--store", "sqlite:newer.db"}, 1, []string{"newer.db", "version 9999", "newer release"}},
		{"", []string{"categories.csv", "--store", "sqlite:text.db"}, 1, []string{"text.db", "not a store"}},
		{"", []string{"categories.csv", "--store", "sqlite:other.db"}, 1, []string{"other.db", "another program"}},
		{"", []string{"categories.csv", "--store", "sqlite:none/there.db"}, 1, []string{"none/there.db", "folder"}},
		{"", []string{"categories.csv", "--store", "sqlite:/proc/there.db"}, 1, []string{"/proc/there.db", "write"}},
		{"", []string{"categories.csv", "--store", "sqlite:none/there.db", "--dry-run"}, 1, []string{"none/there.db", "folder"}},
		{"", []string{"categories.csv", "--store", "sqlite:newer.db", "--dry-run"}, 1, []string{"newer.db", "newer release"}},
		{"", []string{"categories.csv", "--format", "xyz"}, 2, []string{"--format", "generic"}},
		{"", []string{"categories.csv", "--zone", "Mars"}, 2, []string{"--zone", "Mars", "Asia/Taipei"}},
		{"", []string{"categories.csv", "--currency", "shells"}, 2, []string{"--currency", "shells"}},
		{"", []string{"categories.csv", "--store", "bolt://h"}, 2, []string{"LACUNA_NEO4J_PASSWORD"}},
		{"", []string{"categories.csv", "--store", "neo4j://user:secret@127.0.0.1:1/neo4j"}, 1, []string{"neo4j://user@127.0.0.1:1/neo4j", "cannot be reached"}},
		{"", []string{"categories.csv", "--store", "neo4j://user:secret@/x/y"}, 2, []string{"neo4j://USER@HOST:7687/DATABASE"}},
		{"", []string{"categories.csv", "--store", "lacuna.db"}, 2, []string{"--store", "sqlite:PATH"}},
		{"", []string{"categories.csv", "--create-missing=perhaps"}, 2, []string{"--create-missing"}},
		{"", []string{"categories.csv", "--nope"}, 2, []string{"--nope"}},
		{"LACUNA_ZONE=Mars", []string{"categories.csv"}, 2, []string{"LACUNA_ZONE", "Mars"}},
		{"LACUNA_CURRENCY=shells", []string{"categories.csv"}, 2, []string{"LACUNA_CURRENCY"}},
		{"LACUNA_CREATE_MISSING=perhaps", []string{"categories.csv"}, 2, []string{"LACUNA_CREATE_MISSING", "perhaps"}},
		{"LACUNA_CONFIG=none.yaml", []string{"categories.csv"}, 2, []string{"LACUNA_CONFIG", "none.yaml"}},
	} {
		stdout, stderr, code := runWith(t, folder, []string{c.variable}, append([]string{"load"}, c.arguments...)...)
		if code != c.code || (code == 2 && stdout != "") {
			t.Errorf("%s load %v ended with %d, want %d: %s%s", c.variable, c.arguments, code, c.code, stdout, stderr)
		}
		for _, says := range c.says {
			if !strings.Contains(stderr, says) {
				t.Errorf("%s load %v does not say %q: %s", c.variable, c.arguments, says, stderr)
			}
		}
		if strings.Contains(stderr, "secret") || strings.Contains(stderr, "goroutine") || strings.Contains(stderr, "Mei") {
			t.Errorf("%s load %v says %s", c.variable, c.arguments, stderr)
		}
	}
}

// TestTruncated holds that a file that was cut off fails the load, keeps what stood before the cut, and can be loaded
// whole later.
func TestTruncated(t *testing.T) {
	folder := t.TempDir()
	var text strings.Builder
	text.WriteString("id,type,at,customer\n")
	const rows = 20_000
	for i := range rows {
		fmt.Fprintf(&text, "i%05d,VIEW,2026-01-01T00:%02d:%02dZ,c%d\n", i, i/60%60, i%60, i*7919%1000)
	}
	whole := gzipped(t, text.String())
	write(t, folder, "interactions.csv.gz", whole[:len(whole)/2])
	cut := load(t, folder, 1, "interactions.csv.gz")
	if cut.Accepted == 0 || cut.Accepted >= rows || cut.Rejected > 0 {
		t.Errorf("of the half %+v", cut.counts)
	}
	_, stderr, _ := run(t, folder, "load", "interactions.csv.gz")
	if !strings.Contains(stderr, "interactions.csv.gz") || !strings.Contains(stderr, "line") {
		t.Errorf("it does not say where: %s", stderr)
	}
	write(t, folder, "interactions.csv.gz", whole)
	all := load(t, folder, 0, "interactions.csv.gz")
	if all.Duplicates != cut.Accepted || all.Accepted+all.Duplicates != rows {
		t.Errorf("of the half %+v, of the whole %+v", cut.counts, all.counts)
	}
}

// TestFormats holds that the same rows in every text format and compression are the same rows.
func TestFormats(t *testing.T) {
	const asCSV = "id,type,at,customer,query,results,attr.party\ni1,SEARCH,2026-01-02T10:00:00+08:00,EMAIL:mei@example.com,ski,0,family\ni2,VIEW,2026-01-03,c2,,,\n"
	const asNDJSON = `{"id":"i1","type":"SEARCH","at":"2026-01-02T10:00:00+08:00","customer":"EMAIL:mei@example.com","query":"ski","results":0,"attr.party":"family"}
{"id":"i2","type":"VIEW","at":"2026-01-03","customer":"c2"}
`
	files := []struct{ name, content string }{
		{"interactions.csv", asCSV}, {"interactions.ndjson", asNDJSON},
		{"interactions.csv.gz", gzipped(t, asCSV)}, {"interactions.ndjson.gz", gzipped(t, asNDJSON)},
		{"interactions.csv.zst", zstandard(t, asCSV)}, {"interactions.ndjson.zst", zstandard(t, asNDJSON)},
	}
	for i := range files {
		folder := t.TempDir()
		for j := range files { // each is the first once
			f := files[(i+j)%len(files)]
			write(t, folder, f.name, f.content)
			s := load(t, folder, 0, f.name, "--zone", "Asia/Taipei")
			want := counts{Duplicates: 2}
			if j == 0 {
				want = counts{Accepted: 2}
			}
			if s.counts != want {
				t.Errorf("%s after %s: %+v", f.name, files[i].name, s.counts)
			}
		}
	}
}

// TestExamples holds that every line to copy from the help of load works as it stands.
func TestExamples(t *testing.T) {
	help, _, _ := run(t, t.TempDir(), "load", "--help")
	examples, _, ok := strings.Cut(strings.TrimPrefix(help, "Examples:\n"), "\n\n")
	if !ok {
		t.Fatalf("help has no examples: %s", help)
	}
	folder := t.TempDir()
	shop := filepath.Join(folder, "shop")
	if err := os.Mkdir(shop, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{folder, shop} {
		write(t, f, "customers.csv", "id,name\nc1,Mei\n")
		write(t, f, "interactions.csv.gz", gzipped(t, "id,type,at,customer\ni1,VIEW,2026-01-01,c1\n"))
	}
	if err := os.Mkdir(filepath.Join(folder, "segment-logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, folder, "segment-logs/monday.ndjson", `{"type":"track","event":"Products Searched","messageId":"m","userId":"c1","timestamp":"2026-01-01T00:00:00Z"}`+"\n")
	write(t, folder, "events.json.gz", gzipped(t, `{"event_name":"search","event_timestamp":"1767225600000000","user_pseudo_id":"1.2"}`+"\n"))
	write(t, folder, "sales.csv", "line,day,who\n1,2026-01-01,c1\n")
	write(t, folder, "sales.yaml", "sales.csv:\n  interactions: {id: line, type: {value: PURCHASE}, at: day, customer: who}\n")
	for line := range strings.Lines(examples) {
		words := strings.Fields(line)
		if _, stderr, code := run(t, folder, words[1:]...); words[0] != "lacuna" || code != 0 {
			t.Errorf("%s ended with %d: %s", line, code, stderr)
		}
	}
}
