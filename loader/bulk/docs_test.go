package bulk_test

import (
	"bufio"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/loader/bulk"
)

const importingPage = "../../docs/importing.md"

var updatePage = flag.Bool("update-page", false, "write what the examples of the importing page print anew")

// fence is a fenced block of the page.
type fence struct {
	section string // the heading above
	info    string // what stands behind the opening fence
	text    string
	from    int // of the text among the page's lines
}

func readFences(t *testing.T, page string) []fence {
	t.Helper()
	var fences []fence
	var open *fence
	section, n := "", 0
	for s := bufio.NewScanner(strings.NewReader(page)); s.Scan(); n++ {
		line := s.Text()
		switch info, fenced := strings.CutPrefix(line, "```"); {
		case open != nil && fenced:
			fences, open = append(fences, *open), nil
		case open != nil:
			open.text += line + "\n"
		case fenced:
			open = &fence{section: section, info: info, from: n + 1}
		case strings.HasPrefix(line, "#"):
			section = line
		}
	}
	return fences
}

var rate = regexp.MustCompile(`(?m) +\d+$`)

// TestImportingPage runs every example of the page and wants what it shows. With -update the page is given what they print.
func TestImportingPage(t *testing.T) {
	text, err := os.ReadFile(importingPage)
	if err != nil {
		t.Fatal(err)
	}
	page, ran := string(text), 0
	dirs := map[string]string{}
	for _, f := range readFences(t, page) {
		if dirs[f.section] == "" {
			dirs[f.section] = t.TempDir()
		}
		dir := dirs[f.section]
		if _, name, ok := strings.Cut(f.info, " file="); ok {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(f.text), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if f.info != "console" {
			continue
		}
		ran++
		t.Run(strings.TrimLeft(f.section, "# "), func(t *testing.T) {
			command, want, _ := strings.Cut(f.text, "\n")
			got := runExample(t, dir, command)
			if rate.ReplaceAllString(got, "") == rate.ReplaceAllString(want, "") {
				return
			}
			if *updatePage {
				page = strings.Replace(page, "```console\n"+f.text, "```console\n"+command+"\n"+got, 1)
				return
			}
			t.Errorf("%s (-page +prints):\n%s", command, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
		})
	}
	if ran < 5 {
		t.Errorf("the page has %d examples", ran)
	}
	if *updatePage {
		if err := os.WriteFile(importingPage, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// runExample does what the page's command does, in a store of its own, and gives the summary.
func runExample(t *testing.T, dir, command string) string {
	t.Helper()
	words := strings.Fields(command)
	if len(words) < 4 || words[0] != "$" || words[1] != "lacuna" || words[2] != "load" {
		t.Fatalf("%s: is no load", command)
	}
	var o bulk.Options
	var paths []string
	for i := 3; i < len(words); i++ {
		switch words[i] {
		case "--create-missing":
			o.CreateMissing = true
		case "--map":
			i++
			text, err := os.ReadFile(filepath.Join(dir, words[i]))
			if err != nil {
				t.Fatal(err)
			}
			if o.Map, err = bulk.ParseMap(words[i], text); err != nil {
				t.Fatal(err)
			}
		default:
			paths = append(paths, filepath.Join(dir, words[i]))
		}
	}
	now := time.Now()
	o.Now = func() time.Time { now = now.Add(time.Millisecond); return now }
	store := openSQLite(t)
	s, err := bulk.Load(t.Context(), store, paths, o)
	if err != nil {
		t.Fatal(err)
	}
	again, err := bulk.Load(t.Context(), store, paths, o)
	if err != nil || again.Accepted > 0 || again.Rejected != s.Rejected {
		t.Errorf("second load: %+v, %v", again.Counts, err)
	}
	return s.Text()
}
