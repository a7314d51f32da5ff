package bulk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// loaded is what a load in a test did.
type loaded struct {
	summary Summary
	rejects []Rejected
	log     []string
	err     error
}

// reasons lists the rejects as "line code".
func (l *loaded) reasons() string {
	var list []string
	for _, r := range l.rejects {
		code, _, _ := strings.Cut(r.Reason, ":")
		list = append(list, fmt.Sprintf("%d %s", r.Line, code))
	}
	return strings.Join(list, ", ")
}

// load loads paths into a store and checks that what is reported adds up.
func load(t testing.TB, store *memory, o Options, paths ...string) *loaded {
	t.Helper()
	var rejects bytes.Buffer
	l := &loaded{}
	o.Rejects = &rejects
	o.Log = func(format string, args ...any) { l.log = append(l.log, fmt.Sprintf(format, args...)) }
	l.summary, l.err = Load(t.Context(), store, paths, o)
	dec := json.NewDecoder(&rejects)
	for {
		var r Rejected
		if err := dec.Decode(&r); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("rejects are no NDJSON: %v", err)
		}
		l.rejects = append(l.rejects, r)
	}
	checkSums(t, l)
	return l
}

func checkSums(t testing.TB, l *loaded) {
	t.Helper()
	s := l.summary
	if int64(len(l.rejects)) != s.Rejected {
		t.Errorf("%d rejects are written, the summary has %d", len(l.rejects), s.Rejected)
	}
	var kinds, files, reasons int64
	for _, k := range s.Kinds {
		kinds += k.Rows()
	}
	for _, f := range s.Files {
		files += f.Rows()
	}
	for _, n := range s.Reasons {
		reasons += n
	}
	came := kinds - s.Rows() // along with other rows, where the totals do not count them
	if files != s.Rows() || reasons != s.Rejected || came < 0 || came > 0 && s.Files[0].Format == "generic" {
		t.Errorf("summary does not add up: %d rows, %d by kind, %d by file, %d rejected, %d reasons", s.Rows(), kinds, files, s.Rejected, reasons)
	}
}

// put writes a file into a new folder and gives its path.
func put(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	when := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, when, when); err != nil {
		t.Fatal(err)
	}
	return path
}

func gz(t testing.TB, content string) string {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	closeAfter(t, w, content)
	return buf.String()
}

func zst(t testing.TB, content string) string {
	t.Helper()
	var buf bytes.Buffer
	w, err := zstd.NewWriter(&buf)
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, w, content)
	return buf.String()
}

func closeAfter(t testing.TB, w io.WriteCloser, content string) {
	t.Helper()
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
