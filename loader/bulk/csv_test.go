package bulk

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCSVRows states for each kind of good and bad row what is kept and what is rejected, on which line and why.
func TestCSVRows(t *testing.T) {
	long := strings.Repeat("x", maxRowBytes)
	for _, c := range []struct {
		name, content string
		kept          []string // ids of customers, with names
		rejects       string
	}{
		{"plain", "id,name\na,A\nb,B\n", []string{"a A", "b B"}, ""},
		{"no last line break", "id,name\na,A", []string{"a A"}, ""},
		{"header only", "id,name\n", nil, ""},
		{"header only, no line break", "id,name", nil, ""},
		{"byte order mark", "\ufeffid,name\na,A\n", []string{"a A"}, ""},
		{"windows line breaks", "id,name\r\na,A\r\nb,\r\n", []string{"a A", "b "}, ""},
		{"blank lines", "\n\nid,name\n\na,A\n\n\nb,B\n", []string{"a A", "b B"}, ""},
		{"semicolons", "id;name\na;A,B\n", []string{"a A,B"}, ""},
		{"tabs", "id\tname\na\tA;B\n", []string{"a A;B"}, ""},
		{"quotes", "id,name\n\"a\",\"A, \"\"the\"\" first\"\nb,B\n", []string{`a A, "the" first`, "b B"}, ""},
		{"quoted line breaks", "id,name\na,\"one\ntwo\r\nthree\"\nb,B\n", []string{"a one\ntwo\nthree", "b B"}, ""},
		{"quoted header", "\"id\",\"name\"\na,A\n", []string{"a A"}, ""},
		{"unknown column", "id,name,colour\na,A,red\n", []string{"a A"}, ""},
		{"too few fields", "id,name\na\nb,B\n", []string{"b B"}, "2 field_count"},
		{"too many fields", "id,name\na,A,x\nb,B\n", []string{"b B"}, "2 field_count"},
		{"too many fields, quoted", "id,name\n\"a\",A,x\nb,B\n", []string{"b B"}, "2 field_count"},
		{"bare quote", "id,name\na,5\" disk\nb,B\n", []string{"b B"}, "2 broken_quotes"},
		{"two bare quotes", "id,name\na,5\" and 3\" disks\nb,B\n", []string{"b B"}, "2 broken_quotes"},
		{"unclosed quote", "id,name\na,\"A\nb,B\nc,C\n", []string{"b B", "c C"}, "2 broken_quotes"},
		{"unclosed quotes twice", "id,name\na,\"A\nb,\"B\nc,C\n", []string{"c C"}, "2 broken_quotes, 3 broken_quotes"},
		{"unclosed quote before a quoted row", "id,name\na,\"A\nb,\"B\"\nc,C\n", []string{"b B", "c C"}, "2 broken_quotes"},
		{"unclosed quote at the end", "id,name\na,A\nb,\"B", []string{"a A"}, "3 broken_quotes"},
		{"text after a closing quote", "id,name\na,\"A\"x\nb,B\n", []string{"b B"}, "2 broken_quotes"},
		{"line too long", "id,name\na," + long + "x\nb,B\n", []string{"b B"}, "2 too_long"},
		{"line too long at the end", "id,name\nb,B\na," + long + long + long, []string{"b B"}, "3 too_long"},
		{"quoted row too long", "id,name\na,\"" + strings.Repeat(long[:1000]+"\n", 1100) + "b,B\n", []string{"b B"}, ""},
		{"latin-1", "id,name\na,Caf\xe9\nb,B\n", []string{"b B"}, "2 bad_text"},
		{"NUL", "id,name\na,A\x00\nb,B\n", []string{"b B"}, "2 bad_text"},
		{"no id", "id,name\n,A\nb,B\n", []string{"b B"}, "2 missing"},
		{"padded id", "id,name\n a,A\nb,B\n", []string{"b B"}, "2 bad_id"},
		{"long id", "id,name\n" + long[:300] + ",A\nb,B\n", []string{"b B"}, "2 too_long"},
		{"chinese and emoji", "id,name\na,陳美玲 🙂\n", []string{"a 陳美玲 🙂"}, ""},
		{"second byte order mark is text", "id,name\n\ufeffa,A\n", []string{"\ufeffa A"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newMemory()
			l := load(t, store, Options{}, put(t, "customers.csv", c.content))
			if l.err != nil {
				t.Fatal(l.err)
			}
			var kept []string
			for _, row := range store.customers {
				kept = append(kept, row.ID+" "+row.Name)
			}
			if diff := cmp.Diff(c.kept, kept); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
			if c.name == "quoted row too long" {
				for _, r := range l.rejects {
					if !strings.HasPrefix(r.Reason, "broken_quotes") && !strings.HasPrefix(r.Reason, "field_count") {
						t.Errorf("line %d: %s", r.Line, r.Reason)
					}
				}
				return
			}
			if got := l.reasons(); got != c.rejects {
				t.Errorf("rejects = %q, want %q", got, c.rejects)
			}
		})
	}
}

func TestCSVFilesRefused(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"customers.csv", "", "0 bytes"},
		{"customers.csv", "\n\n", "no header"},
		{"customers.csv", "\ufeff", "no header"},
		{"customers.csv", "id,name,id\n", `column "id" stands twice`},
		{"customers.csv", "c1,Chen\nc2,Lin\n", "column id is missing: the first line must name the columns; none of its 2 columns is known"},
		{"interactions.csv", "id,at,customer\n", "column type is missing"},
		{"interactions.csv", "id,kind,time\n", "found: id kind time; known in interactions: id type at customer"},
		{"customers.csv", "id,\"name\n", "broken quotes"},
		{"customers.csv", "id,n\xe4me\n", "save the file as UTF-8"},
		{"customers.csv", "\xff\xfei\x00d\x00\n\x00", "UTF-16 text: save it as UTF-8"},
		{"customers.csv", "id,name\ra,A\r", "carriage returns"},
		{"customers.csv", strings.Repeat("x", maxRowBytes+10), "first line is longer"},
	} {
		t.Run(c.want, func(t *testing.T) {
			path := put(t, c.name, c.content)
			l := load(t, newMemory(), Options{}, path)
			if l.err == nil || !strings.Contains(l.err.Error(), c.want) || !strings.Contains(l.err.Error(), path) {
				t.Errorf("err = %v, want %q and the file's name", l.err, c.want)
			}
		})
	}
}

func TestCSVUnknownColumnsAreToldOnce(t *testing.T) {
	l := load(t, newMemory(), Options{}, put(t, "customers.csv", "id,naem,favourite\na,A,x\nb,B,y\n"))
	want := []string{
		`column "naem" is not known and not read; did you mean "name"?`,
		`column "favourite" is not known and not read; to keep it as an attribute, name it "attr.favourite"`,
	}
	if diff := cmp.Diff(want, l.summary.Files[0].Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if len(l.log) != 2 || !strings.HasSuffix(l.log[0], want[0]) {
		t.Errorf("log = %q", l.log)
	}
}

// TestCSVRejectsKeepTheRow checks the other columns of the rejects file.
func TestCSVRejectsKeepTheRow(t *testing.T) {
	path := put(t, "interactions.csv", "type,at,customer\nVIEW,2026-01-01,c1\nLOOK,2026-01-01,\"c,1\"\nVIEW,yesterday,c1\n")
	l := load(t, newMemory(), Options{}, path)
	want := []Rejected{
		{path, 3, "unknown_type: type: is none of " + interactionTypeNames, `LOOK,2026-01-01,"c,1"`},
		{path, 4, "bad_time: at: is not a time: write 2026-01-31T18:30:00+08:00 with its offset, or a date alone", "VIEW,yesterday,c1"},
	}
	if diff := cmp.Diff(want, l.rejects); diff != "" {
		t.Errorf("rejects (-want +got):\n%s", diff)
	}
	if l.summary.Accepted != 1 || l.summary.Reasons["bad_time"] != 1 {
		t.Errorf("summary = %+v", l.summary)
	}
}

// FuzzCSV checks that no row is lost or made up: every line belongs to a row, a reject or a blank line, in order.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n", "\"a\nb\",c\n", "\"a\n\"b\"\n\"\"\"\n", "a\"b,c\r\n\r\n,\n", "\"", "x,\"y\" \nz,w", "a,b,c\nd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r, err := newCSVReader(strings.NewReader("id,name\n"+body), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		var seen []string
		var rec record
		last := int64(1)
		for {
			err := r.next(&rec)
			if isEnd(err) {
				break
			}
			if rec.line <= last {
				t.Fatalf("line %d after line %d", rec.line, last)
			}
			last = rec.line
			seen = append(seen, rec.raw.text)
			if err == nil && len(rec.cells) != 2 {
				t.Fatalf("%d cells", len(rec.cells))
			}
		}
		want, got := []string{}, []string{}
		for line := range strings.SplitSeq(body, "\n") {
			want = append(want, strings.TrimSuffix(line, "\r"))
		}
		for _, row := range seen {
			physical := strings.Split(row, "\n")
			for i, line := range physical {
				if i < len(physical)-1 {
					line = strings.TrimSuffix(line, "\r")
				}
				got = append(got, line)
			}
		}
		blank := func(s string) bool { return s == "" }
		if diff := cmp.Diff(slices.DeleteFunc(want, blank), slices.DeleteFunc(got, blank)); diff != "" {
			t.Fatalf("lines (-in +out):\n%s", diff)
		}
	})
}
